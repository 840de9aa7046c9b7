UNIT_CLI = tests/unit/cli.t
check_PROGRAMS += $(UNIT_CLI)
TESTS += $(UNIT_CLI)
tests_unit_cli_t_SOURCES = tests/unit/cli.c
tests_unit_cli_t_LDADD = libtap.la libcli.la libbase.la

UNIT_DOCTOR = tests/unit/doctor.t
check_PROGRAMS += $(UNIT_DOCTOR)
TESTS += $(UNIT_DOCTOR)
tests_unit_doctor_t_SOURCES = tests/unit/doctor.c
tests_unit_doctor_t_LDADD = libtap.la libcore.la libbase.la

# The program as it is called. The terminal's test starts it from a shell of
# its own making.
TOOLS_SH = %D%/cli.sh %D%/complete.sh %D%/doctor.sh %D%/install.sh \
	%D%/readme.sh %D%/run.sh
EXTRA_DIST += $(TOOLS_SH)
TESTS += $(TOOLS_SH)
TOOLS_TTY = tests/tools/tty.t
check_PROGRAMS += $(TOOLS_TTY)
TESTS += $(TOOLS_TTY)
tests_tools_tty_t_SOURCES = %D%/tty.c
tests_tools_tty_t_LDADD = libtap.la
