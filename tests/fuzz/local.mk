# A fuzz target is an ordinary test that replays its corpus; with
# --enable-fuzz (and clang) it is linked with libFuzzer instead and is run by
# hand: tests/fuzz/policy.t CORPUS-COPY. It writes what it finds to the
# directory it is started in.
FUZZ_TESTS = %D%/edit.t %D%/gitignore.t %D%/glob.t %D%/policy.t
check_PROGRAMS += $(FUZZ_TESTS)
EXTRA_DIST += %D%/corpus

FUZZ_SOURCES = %D%/fuzz.h
if FUZZ
FUZZ_LINK = -fsanitize=fuzzer
else
FUZZ_SOURCES += %D%/main.c
FUZZ_LINK =
TESTS += $(FUZZ_TESTS)
endif

tests_fuzz_policy_t_SOURCES = %D%/policy.c $(FUZZ_SOURCES)
tests_fuzz_policy_t_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_policy_t_LDADD = libtap.la libpolicy.la libbase.la

tests_fuzz_glob_t_SOURCES = %D%/glob.c $(FUZZ_SOURCES)
tests_fuzz_glob_t_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_glob_t_LDADD = libtap.la libbase.la

tests_fuzz_gitignore_t_SOURCES = %D%/gitignore.c $(FUZZ_SOURCES)
tests_fuzz_gitignore_t_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_gitignore_t_LDADD = libtap.la libbase.la

tests_fuzz_edit_t_SOURCES = %D%/edit.c $(FUZZ_SOURCES)
tests_fuzz_edit_t_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LINK)
tests_fuzz_edit_t_LDADD = libtap.la libbase.la
