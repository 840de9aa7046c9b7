/* SPDX-License-Identifier: Apache-2.0 */
/* Which limit a sample of the watchdog breaks. */
#include "runtime/jail/watch.h"

static bool is_over(uint64_t have, uint64_t limit)
{
	return limit != POL_NONE && have != SBX_UNKNOWN && have > limit;
}

/* Swap may hold what it is allowed to; the rest counts as memory, since who
 * was swapped out is the host's choice. */
static bool is_out_of_memory(const struct pol_limits *lim,
			     const struct watch_sample *s)
{
	uint64_t swapped = s->swap;

	if (s->memory == SBX_UNKNOWN)
		return false;
	if (lim->swap == POL_NONE)
		swapped = 0;
	else
		swapped -= swapped < lim->swap ? swapped : lim->swap;
	return is_over(s->memory + swapped, lim->memory);
}

enum sbx_cause watch_judge(const struct pol_limits *lim,
			   const struct watch_sample *s)
{
	if (is_out_of_memory(lim, s))
		return SBX_CAUSE_OOM;
	if (is_over(s->pids, lim->pids))
		return SBX_CAUSE_PIDS;
	if (s->defiant || is_over(s->cpu_us / 1000, lim->cpu_time))
		return SBX_CAUSE_CPU;
	if (is_over(s->unlinked, lim->disk))
		return SBX_CAUSE_DISK;
	return SBX_CAUSE_NONE;
}
