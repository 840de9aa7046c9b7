/* SPDX-License-Identifier: Apache-2.0 */
/* The Test Anything Protocol for tests written in C. */
#include "tests/tap/tap.h"

#include <stdarg.h>
#include <stdio.h>

static int count, failures;

__attribute__((format(printf, 2, 0))) static void
line_of(bool passed, const char *fmt, va_list ap)
{
	printf("%sok %d - ", passed ? "" : "not ", ++count);
	vprintf(fmt, ap);
	putchar('\n');
	(void)fflush(stdout);
	failures += !passed;
}

#define LINE_OF(passed, fmt)                \
	do {                                \
		va_list ap;                 \
		va_start(ap, fmt);          \
		line_of((passed), fmt, ap); \
		va_end(ap);                 \
	} while (0)

bool tap_ok(const char *file, int line, bool cond, const char *fmt, ...)
{
	LINE_OF(cond, fmt);
	if (!cond)
		fprintf(stderr, "# %s:%d: it is false\n", file, line);
	return cond;
}

bool tap_is_int(const char *file, int line, long long got, long long want,
		const char *fmt, ...)
{
	LINE_OF(got == want, fmt);
	if (got != want)
		fprintf(stderr, "# %s:%d: got %lld, want %lld\n", file, line,
			got, want);
	return got == want;
}

bool tap_is_str(const char *file, int line, const char *got, const char *want,
		const char *fmt, ...)
{
	bool same = got && want ? strcmp(got, want) == 0 : got == want;

	LINE_OF(same, fmt);
	if (!same)
		fprintf(stderr, "# %s:%d: got '%s'\n#   want '%s'\n", file,
			line, got ? got : "(null)", want ? want : "(null)");
	return same;
}

bool tap_has_str(const char *file, int line, const char *got, const char *want,
		 const char *fmt, ...)
{
	bool has = got && strstr(got, want);

	LINE_OF(has, fmt);
	if (!has)
		fprintf(stderr, "# %s:%d: got '%s'\n#   without '%s'\n", file,
			line, got ? got : "(null)", want);
	return has;
}

void tap_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("# ", stdout);
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
	(void)fflush(stdout);
}

void tap_skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++count, name, why);
}

int tap_done(void)
{
	printf("1..%d\n", count);
	(void)fflush(stdout);
	return failures != 0;
}
