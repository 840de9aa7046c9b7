/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of policy/ share. */
#ifndef SBX_TESTS_POLICY_H
#define SBX_TESTS_POLICY_H

#include "policy/policy.h"

/* A caller that is the same wherever the tests run. */
extern const struct sbx_policy_source test_caller;

/* Load text named deploy.yaml; *ret NULL after an error. Returns r. */
int test_load(const char *text, struct policy **ret, struct sbx_err *err);
/* The same of a preset. */
int test_load_preset(const char *name, struct policy **ret,
		     struct sbx_err *err);

/* The whole of $srcdir/NAME, or the program ends with 99. Free it. */
char *test_read(const char *name);

#endif
