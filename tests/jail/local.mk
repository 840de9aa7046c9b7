JAIL_MOUNT = tests/jail/mount.t
check_PROGRAMS += $(JAIL_MOUNT)
TESTS += $(JAIL_MOUNT)
tests_jail_mount_t_SOURCES = %D%/mount.c %D%/inside.c %D%/inside.h
tests_jail_mount_t_LDADD = libtap.la libjail.la libpolicy.la librootfs.la \
	libbase.la $(CAP_LIBS) $(SECCOMP_LIBS) $(JANSSON_LIBS) \
	$(YAML_LIBS)

JAIL_LOCK = tests/jail/lock.t
check_PROGRAMS += $(JAIL_LOCK)
TESTS += $(JAIL_LOCK)
tests_jail_lock_t_SOURCES = %D%/lock.c
tests_jail_lock_t_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
tests_jail_lock_t_LDADD = $(tests_jail_mount_t_LDADD)

JAIL_NET = tests/jail/net.t
check_PROGRAMS += $(JAIL_NET)
TESTS += $(JAIL_NET)
tests_jail_net_t_SOURCES = %D%/net.c
tests_jail_net_t_LDADD = $(tests_jail_mount_t_LDADD)

JAIL_SECCOMP = %D%/seccomp.sh
TESTS += $(JAIL_SECCOMP)
EXTRA_DIST += $(JAIL_SECCOMP)

JAIL_CGROUP = %D%/cgroup.sh
TESTS += $(JAIL_CGROUP)
EXTRA_DIST += $(JAIL_CGROUP)
