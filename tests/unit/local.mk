UNIT_BASE = tests/unit/base.t
check_PROGRAMS += $(UNIT_BASE)
TESTS += $(UNIT_BASE)
tests_unit_base_t_SOURCES = %D%/base.c
tests_unit_base_t_LDADD = libtap.la libbase.la

UNIT_FILTER = tests/unit/filter.t
check_PROGRAMS += $(UNIT_FILTER)
TESTS += $(UNIT_FILTER)
EXTRA_DIST += %D%/filter.verdicts
tests_unit_filter_t_SOURCES = %D%/filter.c %D%/bpf.c %D%/bpf.h
tests_unit_filter_t_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
tests_unit_filter_t_LDADD = $(tests_jail_mount_t_LDADD)

UNIT_CG = tests/unit/cg.t
check_PROGRAMS += $(UNIT_CG)
TESTS += $(UNIT_CG)
tests_unit_cg_t_SOURCES = %D%/cg.c
tests_unit_cg_t_LDADD = libtap.la libjail.la libbase.la
# The helper is looked for beside the program, and here that is the test.
check_SCRIPTS += tests/unit/sbx-scope
CLEANFILES += tests/unit/sbx-scope
tests/unit/sbx-scope: sbx-scope$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) tests/unit && cp sbx-scope$(EXEEXT) $@

UNIT_JUDGES = %D%/scripts.sh
EXTRA_DIST += $(UNIT_JUDGES)
TESTS += $(UNIT_JUDGES)

UNIT_PLAN = tests/unit/plan.t
check_PROGRAMS += $(UNIT_PLAN)
TESTS += $(UNIT_PLAN)
tests_unit_plan_t_SOURCES = %D%/plan.c
tests_unit_plan_t_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_plan_t_LDADD = libtap.la libjail.la librootfs.la libpolicy.la \
	libbase.la $(CAP_LIBS) $(SECCOMP_LIBS) $(SYSTEMD_LIBS) \
	$(JANSSON_LIBS) $(YAML_LIBS)

UNIT_OVERLAY = tests/unit/overlay.t
check_PROGRAMS += $(UNIT_OVERLAY)
TESTS += $(UNIT_OVERLAY)
tests_unit_overlay_t_SOURCES = %D%/overlay.c
tests_unit_overlay_t_LDADD = libtap.la librootfs.la libbase.la

UNIT_SPARE = tests/unit/spare.t
check_PROGRAMS += $(UNIT_SPARE)
TESTS += $(UNIT_SPARE)
tests_unit_spare_t_SOURCES = %D%/spare.c
tests_unit_spare_t_LDADD = libtap.la libcore.la libjail.la librootfs.la \
	libpolicy.la libbase.la $(SECCOMP_LIBS) $(CAP_LIBS) $(YAML_LIBS) \
	$(JANSSON_LIBS)
UNIT_WATCH = tests/unit/watch.t
check_PROGRAMS += $(UNIT_WATCH)
TESTS += $(UNIT_WATCH)
tests_unit_watch_t_SOURCES = %D%/watch.c
tests_unit_watch_t_LDADD = libtap.la libjail.la libbase.la

UNIT_WATCHLIVE = tests/unit/watchlive.t
check_PROGRAMS += $(UNIT_WATCHLIVE)
TESTS += $(UNIT_WATCHLIVE)
tests_unit_watchlive_t_SOURCES = %D%/watchlive.c
tests_unit_watchlive_t_LDADD = libtap.la libjail.la libbase.la
UNIT_LOCKS = tests/unit/locks.t
check_PROGRAMS += $(UNIT_LOCKS)
TESTS += $(UNIT_LOCKS)
tests_unit_locks_t_SOURCES = %D%/locks.c
tests_unit_locks_t_LDADD = $(tests_jail_mount_t_LDADD)

check_PROGRAMS += tests/unit/rx.t
TESTS += tests/unit/rx.t
tests_unit_rx_t_SOURCES = %D%/rx.c
tests_unit_rx_t_LDADD = libtap.la libbase.la

UNIT_ENGINES = tests/unit/edit.t tests/unit/glob.t tests/unit/gitignore.t \
	tests/unit/lines.t tests/unit/sha256.t tests/unit/udiff.t
check_PROGRAMS += $(UNIT_ENGINES)
TESTS += $(UNIT_ENGINES)
tests_unit_edit_t_SOURCES = %D%/edit.c
tests_unit_edit_t_LDADD = libtap.la libbase.la
tests_unit_glob_t_SOURCES = %D%/glob.c
tests_unit_glob_t_LDADD = libtap.la libbase.la
tests_unit_gitignore_t_SOURCES = %D%/gitignore.c
tests_unit_gitignore_t_LDADD = libtap.la libbase.la
tests_unit_lines_t_SOURCES = %D%/lines.c
tests_unit_lines_t_LDADD = libtap.la libbase.la
tests_unit_sha256_t_SOURCES = %D%/sha256.c
tests_unit_sha256_t_LDADD = libtap.la libbase.la
tests_unit_udiff_t_SOURCES = %D%/udiff.c
tests_unit_udiff_t_LDADD = libtap.la libbase.la
