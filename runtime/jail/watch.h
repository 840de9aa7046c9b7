/* SPDX-License-Identifier: Apache-2.0 */
/* The watchdog: limits held by sampling, where no cgroup holds them. */
#ifndef SBX_JAIL_WATCH_H
#define SBX_JAIL_WATCH_H

#include <sbx/err.h>
#include <sbx/sbx.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/jail/plan.h"

/*
 * How this works. PID 1 of the jail samples the processes of its own pid
 * namespace through the jail's /proc (so it sees exactly the jail), without
 * malloc, and sends the sums to the supervisor, which decides and kills. The
 * rate limit on CPU is held by PID 1 itself with SIGSTOP and SIGCONT.
 */
struct watch_sample {
	uint64_t memory;   /* bytes: anonymous, shared, tmpfs, kernel's;
			      SBX_UNKNOWN where a cgroup counts them */
	uint64_t swap;	   /* bytes of it that are in swap */
	uint64_t cpu_us;   /* user + system of all that live or lived */
	uint64_t pids;	   /* processes and threads, PID 1 not among them */
	uint64_t unlinked; /* bytes of overlay files open without a name */
	bool defiant;	   /* it runs on though it is stopped */
};

#define WATCH_TMPFS 16

/* Zeroed before watch_init(). Only the first two fields are for others. */
struct watch {
	uint64_t period_ms;	/* until the next sample, adapts */
	bool stopped;		/* SIGSTOP sent, SIGCONT to come */
	uint64_t cpu_limit;	/* thousandths of a core, POL_NONE: none */
	uint64_t memory_limit;	/* bytes, POL_NONE: none */
	uint64_t pids_limit;	/* POL_NONE: none, or a cgroup has it */
	bool memory_held;	/* by a cgroup: not to be measured */
	int procfd;		/* the jail's /proc */
	int tmpfs[WATCH_TMPFS]; /* its tmpfs mounts */
	size_t n_tmpfs;
	struct watch_state *state;
};

/* In PID 1, before lock_apply(): open what sampling needs. held: enum
 * cg_controller bits of what a cgroup holds, and is no work for us. */
int watch_init(struct watch *w, const struct jail_plan *plan, unsigned held,
	       struct sbx_err *err);
/* Take a sample. 0; -EAGAIN where a short look found no need for one, or
 * another -errno. Async-signal-safe. */
int watch_sample(struct watch *w, struct watch_sample *ret);
/* Hold cpu_limit by stopping and continuing all processes of the namespace
 * but ourselves. Returns milliseconds until it wants to be called again, or
 * UINT64_MAX. */
uint64_t watch_throttle(struct watch *w);

/* Nothing of the jail stays stopped after this. Async-signal-safe. */
void watch_release(struct watch *w);

/*
 * In the supervisor, where Landlock does not stand between us and them: what
 * the overlay uppers RUN/0/upper to RUN/N-1/upper take on disk. A hostile tree,
 * walked by descriptor, a slice at a time so that a large one holds nobody up.
 */
struct watch_disk;
/* rundir is borrowed. -errno where an upper cannot be opened. */
int watch_disk_new(struct watch_disk **ret, int rundir, unsigned n_uppers,
		   struct sbx_err *err);
void watch_disk_free(struct watch_disk *d);
/*
 * Walk on for about budget_us. Returns whether they take more than limit bytes
 * as far as is known: what the walk under way has met, and the last whole one.
 */
bool watch_disk_step(struct watch_disk *d, uint64_t budget_us, uint64_t limit);

/* In the supervisor: which limit a sample breaks, SBX_CAUSE_NONE for none. */
enum sbx_cause watch_judge(const struct pol_limits *lim,
			   const struct watch_sample *s);

#endif
