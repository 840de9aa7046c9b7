/* SPDX-License-Identifier: Apache-2.0 */
/* The Test Anything Protocol for tests written in C. */
#ifndef SBX_TESTS_TAP_H
#define SBX_TESTS_TAP_H

#include <stdbool.h>
#include <string.h>

/*
 * Each prints one TAP line and returns whether it passed. A failure says on
 * standard error where it is and what was seen.
 */
#define ok(cond, ...) tap_ok(__FILE__, __LINE__, (cond), __VA_ARGS__)
#define is_int(got, want, ...)                                              \
	tap_is_int(__FILE__, __LINE__, (long long)(got), (long long)(want), \
		   __VA_ARGS__)
#define is_str(got, want, ...) \
	tap_is_str(__FILE__, __LINE__, (got), (want), __VA_ARGS__)
/* got holds want somewhere */
#define has_str(got, want, ...) \
	tap_has_str(__FILE__, __LINE__, (got), (want), __VA_ARGS__)

bool tap_ok(const char *file, int line, bool cond, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
bool tap_is_int(const char *file, int line, long long got, long long want,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));
bool tap_is_str(const char *file, int line, const char *got, const char *want,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));
bool tap_has_str(const char *file, int line, const char *got, const char *want,
		 const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* A line for the reader of the log. */
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One test that cannot run here, and why. CI pins how many there are. */
void tap_skip(const char *name, const char *why);

/* Print the plan; returns main()'s status. */
int tap_done(void);

#endif
