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
