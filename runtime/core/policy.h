/* SPDX-License-Identifier: Apache-2.0 */
/* What is behind the public handle of a policy. */
#ifndef SBX_CORE_POLICY_H
#define SBX_CORE_POLICY_H

#include <sbx/sbx.h>

#include "policy/policy.h"

/*
 * The merged policy, and what later calls need of where it came from: source
 * has copies of the caller's cwd and environment, so that the handle does not
 * depend on what the caller does with them. source.path and text are NULL.
 */
struct sbx_policy {
	struct policy *pol; /* never NULL */
	struct sbx_policy_source source;
	char *cwd;
	struct strv environ;
};

#endif
