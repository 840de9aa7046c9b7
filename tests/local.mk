# A test program's name is its source's; each links what it needs.
check_LTLIBRARIES += libtap.la
libtap_la_SOURCES = %D%/tap/tap.c %D%/tap/tap.h
EXTRA_DIST += %D%/tap/tap.sh \
	%D%/exec.sh %D%/flaky.bash %D%/pins.awk %D%/run-one.sh %D%/skips %D%/trs.awk

# Building against the installed library needs the compiler: not in the VM.
TESTS += %D%/library.sh
EXTRA_DIST += %D%/library.sh

include tests/lint/local.mk
include tests/vm/local.mk
include tests/unit/local.mk
include tests/jail/local.mk
include tests/jail/run.mk
include tests/fuzz/local.mk
include tests/policy/local.mk
include tests/tools/local.mk
include tests/bench/local.mk
