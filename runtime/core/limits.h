/* SPDX-License-Identifier: Apache-2.0 */
/* Which limits are set, and who holds each of them on this host. */
#ifndef SBX_CORE_LIMITS_H
#define SBX_CORE_LIMITS_H

#include <sbx/err.h>
#include <stddef.h>

#include "policy/policy.h"
#include "runtime/base/strv.h"
#include "runtime/jail/cgroup.h"

struct limit_row {
	const char *key;       /* "limits.memory" */
	size_t offset;	       /* in struct pol_limits */
	unsigned controller;   /* enum cg_controller that can hold it, or 0 */
	const char *otherwise; /* who holds it without, NULL: nobody */
	const char *unit;      /* for the report: "bytes", "ms", ... */
	const char *what;      /* for a sentence: "memory" */
	enum sbx_cause cause;  /* of a run that reaches it */
};

const struct limit_row *limit_rows(size_t *ret_n);
uint64_t limit_value(const struct limit_row *row, const struct pol_limits *lim);
/* "cgroup", what the row says, or NULL where nobody can hold it here. */
const char *limit_holder(const struct limit_row *row, const struct cgroup *cg);
/* A value as a person writes it in a policy: "64M", "1m30s", "256". */
void limit_print(const struct limit_row *row, uint64_t value, char *ret,
		 size_t size);
/* The row that says what a cause means, or NULL. */
const struct limit_row *limit_of_cause(enum sbx_cause cause);

/*
 * An error naming the first limit that is set and that nobody can hold; with
 * best_effort a warning for each instead.
 */
int limits_check(const struct pol_limits *lim, const struct cgroup *cg,
		 bool best_effort, struct strv *warnings, struct sbx_err *err);

#endif
