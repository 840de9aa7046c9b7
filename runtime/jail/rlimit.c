/* SPDX-License-Identifier: Apache-2.0 */
/* Resource limits: what stands behind cgroup and watchdog, and what they lack.
 */
#include <errno.h>
#include <sys/resource.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/lock.h"

/*
 * These hold where nothing else does, and only there: where a cgroup or the
 * watchdog holds the same limit, that one must be met first, because it can
 * tell what it met and the kernel's rlimits cannot. Hence the room.
 */
#define PIDS_ROOM 16
#define CPU_ROOM 2 /* seconds to the signal, and as many to the kill */

#define MEMLOCK (8u << 20)
#define MSGQUEUE 819200
#define SIGPENDING 4096

static uint64_t pids(const struct pol_limits *lim)
{
	return lim->pids == POL_NONE ? POL_NONE : lim->pids + PIDS_ROOM;
}

static uint64_t cpu_seconds(const struct pol_limits *lim)
{
	if (lim->cpu_time == POL_NONE)
		return POL_NONE;
	return (lim->cpu_time + 999) / 1000 + CPU_ROOM;
}

/* No more than the caller has: an unprivileged process cannot raise it. */
static int add(struct jail_plan *plan, int resource, uint64_t soft,
	       uint64_t hard, struct sbx_err *err)
{
	struct jail_rlimit *l = &plan->rlimits[plan->n_rlimits];
	struct rlimit now;

	if (soft == POL_NONE)
		return 0;
	if (getrlimit((__rlimit_resource_t)resource, &now) < 0)
		return sbx_fail(err, errno, "getrlimit");
	l->resource = resource;
	l->hard = hard < now.rlim_max ? hard : now.rlim_max;
	l->soft = soft < l->hard ? soft : l->hard;
	plan->n_rlimits++;
	return 0;
}

int rlimit_plan(struct jail_plan *plan, struct sbx_err *err)
{
	const struct pol_limits *lim = &plan->pol->limits;
	uint64_t cpu = cpu_seconds(lim);
	const struct {
		int resource;
		uint64_t soft, hard;
	} want[] = {
		{ RLIMIT_CORE, 0, 0 },
		{ RLIMIT_NPROC, pids(lim), pids(lim) },
		{ RLIMIT_NOFILE, lim->open_files, lim->open_files },
		{ RLIMIT_FSIZE, lim->file_size, lim->file_size },
		{ RLIMIT_CPU, cpu, cpu == POL_NONE ? cpu : cpu + CPU_ROOM },
		{ RLIMIT_MEMLOCK, MEMLOCK, MEMLOCK },
		{ RLIMIT_MSGQUEUE, MSGQUEUE, MSGQUEUE },
		{ RLIMIT_SIGPENDING, SIGPENDING, SIGPENDING },
		{ RLIMIT_NICE, 0, 0 },
		{ RLIMIT_RTPRIO, 0, 0 },
	};
	int r = 0;

	plan->n_rlimits = 0;
	for (size_t i = 0; i < ARRAY_LEN(want) && r == 0; i++)
		r = add(plan, want[i].resource, want[i].soft, want[i].hard,
			err);
	return r;
}
