# The program in pieces, so that tests and the generator of the manual pages
# link what they need of it.
noinst_LTLIBRARIES += libcli.la
libcli_la_SOURCES = \
	%D%/sbx/bash.c \
	%D%/sbx/changes.c \
	%D%/sbx/complete.c %D%/sbx/complete.h \
	%D%/sbx/completion.c \
	%D%/sbx/discard.c \
	%D%/sbx/doctor.c \
	%D%/sbx/help.c %D%/sbx/help.h \
	%D%/sbx/helpverb.c \
	%D%/sbx/opt.c %D%/sbx/opt.h \
	%D%/sbx/out.c %D%/sbx/out.h \
	%D%/sbx/policy.c \
	%D%/sbx/report.c %D%/sbx/report.h \
	%D%/sbx/run.c \
	%D%/sbx/sig.c %D%/sbx/sig.h \
	%D%/sbx/source.c %D%/sbx/source.h \
	%D%/sbx/suggest.c \
	%D%/sbx/term.c %D%/sbx/term.h \
	%D%/sbx/utf8.h \
	%D%/sbx/verb.h \
	%D%/sbx/verbs.c \
	%D%/sbx/zsh.c
