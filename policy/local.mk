noinst_LTLIBRARIES += libpolicy.la
libpolicy_la_CFLAGS = $(AM_CFLAGS) $(YAML_CFLAGS)
libpolicy_la_CPPFLAGS = $(AM_CPPFLAGS)
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

# The presets have one home each: their file. It is installed for people to
# read and copy, and is what the program carries. The default comes first.
presetsdir = $(pkgdatadir)/presets
dist_presets_DATA = \
	%D%/presets/default.yaml \
	%D%/presets/coding-agent.yaml \
	%D%/presets/build.yaml \
	%D%/presets/offline.yaml

EXTRA_DIST += %D%/presets.awk
preset_tables = %D%/presets.inc
%D%/presets.inc: $(dist_presets_DATA) %D%/presets.awk
	$(AM_V_GEN)$(MKDIR_P) %D% && \
	presets= && for p in $(dist_presets_DATA); do \
		presets="$$presets $(srcdir)/$$p"; done && \
	$(AWK) -f $(srcdir)/%D%/presets.awk $$presets >$@.tmp && mv $@.tmp $@

# Every start needs the default preset, so the build reads them once for all. A
# build for another machine cannot, and reads them at each start.
if !CROSS
noinst_PROGRAMS += preset_gen
preset_gen_SOURCES = %D%/preset_gen.c %D%/text.c %D%/yaml.c
preset_gen_CFLAGS = $(AM_CFLAGS) $(YAML_CFLAGS)
preset_gen_LDADD = libbase.la $(YAML_LIBS)
libpolicy_la_CPPFLAGS += -DSBX_PRESETS_PREBUILT
preset_tables += %D%/presets_tree.h
%D%/presets_tree.h: preset_gen$(EXEEXT) $(dist_presets_DATA)
	$(AM_V_GEN)$(MKDIR_P) %D% && \
	presets= && for p in $(dist_presets_DATA); do \
		presets="$$presets $(srcdir)/$$p"; done && \
	./preset_gen$(EXEEXT) $$presets >$@.tmp && mv $@.tmp $@
endif
BUILT_SOURCES += $(preset_tables)
CLEANFILES += $(preset_tables)
$(libpolicy_la_OBJECTS): | $(preset_tables)
