UNIT_BASE = tests/unit/base.t
check_PROGRAMS += $(UNIT_BASE)
TESTS += $(UNIT_BASE)
tests_unit_base_t_SOURCES = %D%/base.c
tests_unit_base_t_LDADD = libtap.la libbase.la

UNIT_CG = tests/unit/cg.t
check_PROGRAMS += $(UNIT_CG)
TESTS += $(UNIT_CG)
tests_unit_cg_t_SOURCES = %D%/cg.c
tests_unit_cg_t_LDADD = libtap.la libjail.la libbase.la
