noinst_LTLIBRARIES += libjail.la
libjail_la_CFLAGS = $(AM_CFLAGS) $(CAP_CFLAGS) $(SECCOMP_CFLAGS)
libjail_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSBX_SCOPE=\"$(pkglibexecdir)/`echo sbx-scope | sed '$(transform)'`\"
libjail_la_SOURCES = \
	%D%/cg.h \
	%D%/cg_end.c \
	%D%/cg_find.c \
	%D%/cg_make.c \
	%D%/cg_open.c \
	%D%/cg_scope.c \
	%D%/cg_usage.c \
	%D%/filter.c %D%/filter.h \
	%D%/filter_bpf.c \
	%D%/filter_numbers.h \
	%D%/filter_rows.c \
	%D%/init.c %D%/init.h \
	%D%/landlock.c %D%/landlock.h %D%/landlock_abi.h \
	%D%/lock.c %D%/lock.h \
	%D%/mount.c \
	%D%/mount_plan.c %D%/mount_plan.h \
	%D%/mount_policy.c \
	%D%/net.c %D%/net.h \
	%D%/plan.c \
	%D%/plan_print.c \
	%D%/privs.c %D%/privs.h \
	%D%/program.c \
	%D%/relay.c %D%/relay.h \
	%D%/rlimit.c \
	%D%/spawn.c %D%/spawn.h \
	%D%/subids.c \
	%D%/super.c \
	%D%/watch_cpu.c \
	%D%/watch_disk.c \
	%D%/watch_init.c \
	%D%/watch_judge.c \
	%D%/watch_memory.c \
	%D%/watch_proc.c \
	%D%/watch_sample.c \
	%D%/watch_shm.c \
	%D%/watch_state.h \
	%D%/watch_throttle.c \
	%D%/wipe.c \
	%D%/wire.h \
	%D%/cgroup.h \
	%D%/jail.h \
	%D%/mount.h \
	%D%/plan.h \
	%D%/watch.h

# The default filter is compiled at build time, so that a start loads it as it
# is. A build for another machine cannot run the program that does this, and
# compiles it at each start.
if !CROSS
noinst_PROGRAMS += filter_gen
filter_gen_SOURCES = %D%/filter_gen.c %D%/filter_bpf.c %D%/filter_rows.c
filter_gen_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
filter_gen_LDADD = libbase.la $(SECCOMP_LIBS)
libjail_la_CPPFLAGS += -DSBX_FILTER_PREBUILT
BUILT_SOURCES += %D%/filter_default.h
CLEANFILES += %D%/filter_default.h
$(libjail_la_OBJECTS): | %D%/filter_default.h
%D%/filter_default.h: filter_gen$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) %D% && ./filter_gen$(EXEEXT) >$@.tmp && \
		mv $@.tmp $@
endif

# D-Bus is spoken by a program of its own: the one that starts jails is static.
pkglibexec_PROGRAMS += sbx-scope
sbx_scope_SOURCES = %D%/scope/main.c
sbx_scope_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
sbx_scope_LDADD = $(SYSTEMD_LIBS)
