noinst_LTLIBRARIES += libjail.la
libjail_la_CFLAGS = $(AM_CFLAGS) $(CAP_CFLAGS) $(SECCOMP_CFLAGS) $(NL_CFLAGS)
libjail_la_SOURCES = \
	%D%/init.c %D%/init.h \
	%D%/net.c %D%/net.h \
	%D%/program.c \
	%D%/relay.c %D%/relay.h \
	%D%/spawn.c %D%/spawn.h \
	%D%/subids.c \
	%D%/super.c \
	%D%/wipe.c \
	%D%/wire.h \
	%D%/cgroup.h \
	%D%/jail.h \
	%D%/lock.h \
	%D%/mount.h \
	%D%/plan.h \
	%D%/watch.h
