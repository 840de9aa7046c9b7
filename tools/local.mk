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
SBX_LIBS = libcore.la libjail.la librootfs.la libpolicy.la libbase.la \
	$(SECCOMP_LIBS) $(CAP_LIBS) $(YAML_LIBS) $(JANSSON_LIBS)

bin_PROGRAMS += sbx
sbx_SOURCES = %D%/sbx/main.c
sbx_LDADD = libcli.la $(SBX_LIBS)
if STATIC_PROGRAM
# Fewer segments and nothing unused: fewer pages to map and to miss at a start.
sbx_LDFLAGS = $(AM_LDFLAGS) -all-static -Wl,-z,noseparate-code \
	-Wl,--gc-sections
endif

# Manual pages and completion come from the rows that the parser reads. They
# carry the name that the program is installed under.
noinst_PROGRAMS += tools/man/gen
tools_man_gen_SOURCES = %D%/man/gen.c
tools_man_gen_LDADD = libcli.la $(SBX_LIBS)

INSTALLED_NAME = `echo sbx | sed '$(program_transform_name)'`
GEN = tools/man/gen$(EXEEXT)
GEN_MAN = $(GEN) man "$(INSTALLED_NAME)"
GENERATED = tools/man/sbx.1 tools/man/sbx-policy.5 tools/sbx.bash \
	tools/sbx.zsh
CLEANFILES += $(GENERATED)
EXTRA_DIST += %D%/man/sbx.1.in %D%/man/sbx-policy.5.in
noinst_DATA = $(GENERATED)

tools/man/sbx.1: %D%/man/sbx.1.in
tools/man/sbx-policy.5: %D%/man/sbx-policy.5.in
tools/man/sbx.1 tools/man/sbx-policy.5: $(GEN)
	$(AM_V_GEN)$(GEN_MAN) <$(srcdir)/$@.in >$@.tmp && mv $@.tmp $@

tools/sbx.bash tools/sbx.zsh: $(GEN)
	$(AM_V_GEN)$(GEN) $(@:tools/sbx.%=%) "$(INSTALLED_NAME)" >$@.tmp && \
		mv $@.tmp $@

# NAME(1), NAME-policy(5) and the scripts that shells look up as NAME. They are
# written once more, for the name that counts is the one of `make install`.
NAMED_DIRS = "$(DESTDIR)$(mandir)/man1" "$(DESTDIR)$(mandir)/man5" \
	"$(DESTDIR)$(BASH_COMPLETION_DIR)" "$(DESTDIR)$(ZSH_COMPLETION_DIR)"
NAMED_FILES = name=$(INSTALLED_NAME) && set -- $(NAMED_DIRS) && \
	set -- "$$1/$$name.1" "$$2/$$name-policy.5" "$$3/$$name" "$$4/_$$name"
install-data-hook: install-named
uninstall-hook: uninstall-named
install-named: $(GENERATED)
	$(MKDIR_P) $(NAMED_DIRS)
	$(NAMED_FILES) && \
	$(GEN_MAN) <$(srcdir)/tools/man/sbx.1.in >"$$1" && \
	$(GEN_MAN) <$(srcdir)/tools/man/sbx-policy.5.in >"$$2" && \
	$(GEN) bash "$$name" >"$$3" && $(GEN) zsh "$$name" >"$$4" && \
	chmod 644 "$$@"
uninstall-named:
	$(NAMED_FILES) && rm -f "$$@"
.PHONY: install-named uninstall-named
