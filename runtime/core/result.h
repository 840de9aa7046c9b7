/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a run that has ended: the inside of struct sbx_result. */
#ifndef SBX_CORE_RESULT_H
#define SBX_CORE_RESULT_H

#include <sbx/sbx.h>

#include "policy/policy.h"
#include "rootfs/overlay/changes.h"
#include "runtime/base/strv.h"
#include "runtime/jail/cgroup.h"
#include "runtime/jail/jail.h"

/* The changes of one overlay. */
struct result_overlay {
	char *guest, *host;
	bool in_memory;
	struct ovl_changes changes;
};

struct sbx_result {
	struct jail_outcome out;
	int status;
	struct sbx_err message; /* .msg "" where nothing went wrong */
	struct strv warnings;
	struct strv notes; /* of the plan */
	struct pol_limits lim;
	enum cg_how how;
	unsigned controllers;
	char why_not[160];
	char cgroup_path[512];
	struct cg_usage usage;
	int landlock_abi;
	char *policy; /* where it came from */
	struct result_overlay *overlays;
	size_t n_overlays;
	char *kept; /* directory, or NULL */
	char kept_id[16];
};

#endif
