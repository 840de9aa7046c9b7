UNIT_BASE = tests/unit/base.t
check_PROGRAMS += $(UNIT_BASE)
TESTS += $(UNIT_BASE)
tests_unit_base_t_SOURCES = %D%/base.c
tests_unit_base_t_LDADD = libtap.la libbase.la
