# make bench: never part of make check, and never a failure by timing.
BENCH_ROUNDS = 100
EXTRA_PROGRAMS += tests/bench/floor tests/bench/floor-steps tests/bench/bench
CLEANFILES += tests/bench/floor tests/bench/floor-steps tests/bench/bench
EXTRA_DIST += %D%/README.md

FLOOR_SOURCES = %D%/floor.c %D%/filter.c %D%/filter.h
tests_bench_floor_SOURCES = $(FLOOR_SOURCES)
tests_bench_floor_LDFLAGS = $(AM_LDFLAGS) -all-static
tests_bench_floor_steps_SOURCES = $(FLOOR_SOURCES)
tests_bench_floor_steps_CPPFLAGS = $(AM_CPPFLAGS) -DFLOOR_STEPS
tests_bench_floor_steps_LDFLAGS = $(AM_LDFLAGS) -all-static

tests_bench_bench_SOURCES = \
	%D%/bench.c %D%/bench.h \
	%D%/filter.c %D%/filter.h \
	%D%/rates.c \
	%D%/report.c \
	%D%/rows.c \
	%D%/sample.c \
	%D%/scenes.c \
	%D%/scratch.c
tests_bench_bench_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_bench_bench_LDADD = librootfs.la libbase.la $(JANSSON_LIBS)

.PHONY: bench
bench: all tests/bench/floor tests/bench/bench
	tests/bench/bench --sbx '$(abs_top_builddir)/sbx' \
		--floor '$(abs_top_builddir)/tests/bench/floor' \
		--rounds $(BENCH_ROUNDS) $(BENCH_FLAGS)
