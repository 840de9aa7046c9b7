JAIL_MOUNT = tests/jail/mount.t
check_PROGRAMS += $(JAIL_MOUNT)
TESTS += $(JAIL_MOUNT)
tests_jail_mount_t_SOURCES = %D%/mount.c %D%/inside.c %D%/inside.h
tests_jail_mount_t_LDADD = libtap.la libjail.la libpolicy.la librootfs.la \
	libbase.la $(CAP_LIBS) $(SECCOMP_LIBS) $(NL_LIBS) $(JANSSON_LIBS) \
	$(YAML_LIBS)
