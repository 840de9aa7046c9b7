noinst_LTLIBRARIES += libpolicy.la
libpolicy_la_CFLAGS = $(AM_CFLAGS) $(YAML_CFLAGS)
libpolicy_la_LIBADD = $(YAML_LIBS)
libpolicy_la_SOURCES = \
	%D%/apply.c \
	%D%/check.c \
	%D%/emit.c %D%/emit.h \
	%D%/expand.c \
	%D%/explain.c \
	%D%/file.c \
	%D%/jsonschema.c \
	%D%/keys.inc \
	%D%/lists.c \
	%D%/load.c %D%/load.h \
	%D%/mounts.c \
	%D%/parse.c \
	%D%/place.c \
	%D%/policy.c %D%/policy.h \
	%D%/presets.c \
	%D%/schema.c %D%/schema.h \
	%D%/show.c \
	%D%/suggest.c %D%/suggest.h \
	%D%/text.c %D%/text.h \
	%D%/value.c %D%/value.h \
	%D%/yaml.c %D%/yaml.h
nodist_libpolicy_la_SOURCES = %D%/presets.inc

# The presets have one home each: their file. It is installed for people to
# read and copy, and is what the program carries. The default comes first.
presetsdir = $(pkgdatadir)/presets
dist_presets_DATA = \
	%D%/presets/default.yaml \
	%D%/presets/coding-agent.yaml \
	%D%/presets/build.yaml \
	%D%/presets/offline.yaml

EXTRA_DIST += %D%/presets.awk
BUILT_SOURCES += %D%/presets.inc
CLEANFILES += %D%/presets.inc
%D%/presets.inc: $(dist_presets_DATA) %D%/presets.awk
	$(AM_V_GEN)$(MKDIR_P) %D% && \
	presets= && for p in $(dist_presets_DATA); do \
		presets="$$presets $(srcdir)/$$p"; done && \
	$(AWK) -f $(srcdir)/%D%/presets.awk $$presets >$@.tmp && mv $@.tmp $@
$(libpolicy_la_OBJECTS): %D%/presets.inc
