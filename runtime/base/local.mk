noinst_LTLIBRARIES += libbase.la
libbase_la_SOURCES = \
	%D%/buf.c %D%/buf.h \
	%D%/cleanup.h \
	%D%/err.c \
	%D%/glob/gitignore.c %D%/glob/gitignore.h \
	%D%/glob/glob.c %D%/glob/glob.h \
	%D%/glob/glob_int.h \
	%D%/glob/glob_parse.c \
	%D%/io.c %D%/io.h \
	%D%/path.c %D%/path.h \
	%D%/rx/rx.c %D%/rx/rx.h \
	%D%/rx/rx_dfa.c \
	%D%/rx/rx_int.h \
	%D%/rx/rx_parse.c \
	%D%/rx/rx_prog.c \
	%D%/sha256.c %D%/sha256.h \
	%D%/strv.c %D%/strv.h \
	%D%/sys.h \
	%D%/text/edit.c %D%/text/edit.h \
	%D%/text/edit_int.h \
	%D%/text/edit_near.c \
	%D%/text/lines.c %D%/text/lines.h \
	%D%/text/same.c %D%/text/same.h \
	%D%/text/udiff.c %D%/text/udiff.h \
	%D%/text/udiff_compare.c \
	%D%/text/udiff_int.h \
	%D%/text/udiff_lines.c \
	%D%/utf8.c %D%/utf8.h
