/* SPDX-License-Identifier: Apache-2.0 */
/* The system call filter: the default profile as rows, and its compiler. */
#ifndef SBX_JAIL_FILTER_H
#define SBX_JAIL_FILTER_H

#include <linux/filter.h>
#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"

/*
 * How this works. A row denies one system call, always or where its arguments
 * say so. A call that has no row is allowed, up to the newest number that was
 * looked at when the rows were written (FILTER_NEWEST); what is newer than that
 * does not exist in a jail (ENOSYS), so a kernel's next call is closed until
 * somebody has judged it. Calls by another architecture's entry end in death.
 *
 * The rows become one verdict per number (struct filter_set), the policy's
 * allow and deny change verdicts, and filter_compile() makes runs of equal
 * verdicts into the leaves of a binary tree of comparisons. The names and
 * numbers of calls come from libseccomp; its code generator is not used,
 * because it cannot say "none of these values" or "any newer number" under a
 * default of allow, and its allow-list form takes the kernel several times as
 * long to load. The unit test compiles the same profile with it, and compares
 * the verdicts of both.
 */

/* The newest call judged: rseq_slice_yield (Linux 7.0). */
#define FILTER_NEWEST 471

enum filter_test {
	FILTER_IN,	/* the value is one of those listed */
	FILTER_NOT_IN,	/* it is none of them */
	FILTER_ANY_BIT, /* it has a bit in common with v[0] */
};

/*
 * A test of the low 32 bits of an argument, which is all that the kernel looks
 * at in every call that has one here: so nothing hides in the upper half.
 */
struct filter_cond {
	uint8_t n; /* values; 0: no test */
	uint8_t arg;
	uint8_t test;  /* enum filter_test */
	uint32_t mask; /* applied first; 0: none */
	uint32_t v[8];
};

#define FILTER_CONDS 2

struct filter_row {
	int nr; /* negative: not on this architecture */
	const char *name;
	int error; /* what the caller gets */
	bool core; /* holds the jail itself: no policy can allow it */
	const char *why;
	/* all must hold; of a call's rows the first that holds decides */
	struct filter_cond cond[FILTER_CONDS];
};

/* The default profile. Rows of one call are together, in order. */
const struct filter_row *filter_rows(size_t *ret_n);

/* Names that this libseccomp may be too old to know; NULL past the end. */
struct filter_name {
	const char *name;
	int nr;
};
const struct filter_name *filter_new_names(void);

/* A call that PID 1 of a jail makes, or that starting any program takes. */
bool filter_needed(const char *name);

/* The verdict of each call: 0 allowed, FILTER_ARGS as the rows' tests say, or
 * the error it gets. */
#define FILTER_ARGS UINT16_MAX
struct filter_set {
	uint16_t v[FILTER_NEWEST + 1];
};

void filter_defaults(struct filter_set *ret);
/* The same with the policy's seccomp.allow and seccomp.deny applied. An
 * unknown name, or one that cannot be changed, is -EINVAL. */
int filter_choose(struct filter_set *ret, const struct policy *pol,
		  struct sbx_err *err);
/* The number of a call by name: -1 where this architecture has none of that
 * name, -2 where nobody knows the name. */
#define FILTER_NOT_HERE (-1)
#define FILTER_UNKNOWN (-2)
int filter_resolve(const char *name);

/* Compile; the program is the caller's to free(3). */
int filter_compile(const struct filter_set *set, struct sock_fprog *ret,
		   struct sbx_err *err);

#endif
