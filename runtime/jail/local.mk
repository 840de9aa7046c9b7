noinst_LTLIBRARIES += libjail.la
libjail_la_CFLAGS = $(AM_CFLAGS) $(CAP_CFLAGS) $(SECCOMP_CFLAGS) $(NL_CFLAGS)
libjail_la_SOURCES = \
	%D%/cgroup.h \
	%D%/jail.h \
	%D%/lock.h \
	%D%/mount.h \
	%D%/plan.h \
	%D%/watch.h
