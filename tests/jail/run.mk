# End-to-end tests of the jail. What runs inside one is linked statically and
# without sanitizers: it has to start where there is no library at all.
JAIL_GUESTS = %D%/probe %D%/plant %D%/hog %D%/storm %D%/race
JAIL_HELPERS = %D%/onpty %D%/tty
check_PROGRAMS += $(JAIL_GUESTS) $(JAIL_HELPERS)
JAIL_GUEST_CFLAGS = -std=gnu11 $(WARN_CFLAGS)

tests_jail_probe_SOURCES = %D%/probe.c %D%/probe.h %D%/probe_call.c \
	%D%/probe_file.c %D%/probe_ipc.c %D%/probe_mount.c %D%/probe_net.c \
	%D%/probe_proc.c
tests_jail_probe_CFLAGS = $(JAIL_GUEST_CFLAGS)
tests_jail_probe_LDFLAGS = -all-static
tests_jail_plant_SOURCES = %D%/plant.c
tests_jail_plant_CFLAGS = $(JAIL_GUEST_CFLAGS)
tests_jail_plant_LDFLAGS = -all-static
tests_jail_hog_SOURCES = %D%/hog.c
tests_jail_hog_CFLAGS = $(JAIL_GUEST_CFLAGS)
tests_jail_hog_LDFLAGS = -all-static
tests_jail_storm_SOURCES = %D%/storm.c
tests_jail_storm_CFLAGS = $(JAIL_GUEST_CFLAGS)
tests_jail_storm_LDFLAGS = -all-static
tests_jail_race_SOURCES = %D%/race.c
tests_jail_race_CFLAGS = $(JAIL_GUEST_CFLAGS)
tests_jail_race_LDFLAGS = -all-static

tests_jail_onpty_SOURCES = %D%/onpty.c %D%/pty.c %D%/pty.h
tests_jail_tty_SOURCES = %D%/tty.c %D%/pty.c %D%/pty.h
tests_jail_tty_LDADD = libtap.la

JAIL_TESTS = %D%/escape.sh %D%/planted.sh %D%/death.sh %D%/limits.sh \
	%D%/tty.sh %D%/kill.sh %D%/race.sh %D%/selfbuild.sh
TESTS += $(JAIL_TESTS)
EXTRA_DIST += $(JAIL_TESTS) %D%/lib.sh %D%/mutate.sh %D%/README

# Every protection taken out once (takes some minutes; tests/jail/README).
check-mutants: check-build
	$(AM_TESTS_ENVIRONMENT) $(SHELL) $(srcdir)/%D%/mutate.sh $(MUTANTS)
.PHONY: check-mutants
