# What policy/ does, by its own functions: no jail is started here.
check_LTLIBRARIES += libtestpolicy.la
libtestpolicy_la_SOURCES = %D%/policy.c %D%/policy.h
TEST_POLICY_LIBS = libtestpolicy.la libtap.la libpolicy.la libbase.la

POLICY_TESTS = %D%/errors.t %D%/files.t %D%/merge.t %D%/schema.t %D%/show.t \
	%D%/values.t
if !SANITIZE
# It stands in for the allocator, as the sanitizers do.
POLICY_TESTS += %D%/memory.t
endif
check_PROGRAMS += $(POLICY_TESTS)
TESTS += $(POLICY_TESTS)
EXTRA_DIST += %D%/errors.spec \
	%D%/explain/build.txt %D%/explain/coding-agent.txt \
	%D%/explain/default.txt %D%/explain/everything.txt \
	%D%/explain/offline.txt \
	%D%/show/build.txt %D%/show/coding-agent.txt %D%/show/default.txt \
	%D%/show/offline.txt

tests_policy_errors_t_SOURCES = %D%/errors.c
tests_policy_errors_t_LDADD = $(TEST_POLICY_LIBS)
tests_policy_files_t_SOURCES = %D%/files.c
tests_policy_files_t_LDADD = $(TEST_POLICY_LIBS)
tests_policy_merge_t_SOURCES = %D%/merge.c
tests_policy_merge_t_LDADD = $(TEST_POLICY_LIBS)
tests_policy_values_t_SOURCES = %D%/values.c
tests_policy_values_t_LDADD = $(TEST_POLICY_LIBS)
tests_policy_schema_t_SOURCES = %D%/schema.c
tests_policy_schema_t_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_policy_schema_t_LDADD = $(TEST_POLICY_LIBS) $(JANSSON_LIBS)
tests_policy_show_t_SOURCES = %D%/show.c
tests_policy_show_t_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_policy_show_t_LDADD = $(TEST_POLICY_LIBS) $(JANSSON_LIBS)
tests_policy_memory_t_SOURCES = %D%/memory.c
tests_policy_memory_t_LDADD = $(TEST_POLICY_LIBS)
