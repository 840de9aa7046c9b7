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
	uint64_t memory;	/* bytes: anonymous + shared, tmpfs, memfds */
	uint64_t cpu_us;	/* user + system of all that live or lived */
	uint64_t pids;		/* processes and threads */
};

struct watch {
	int procfd;		/* the jail's /proc */
	int tmpfs[8];		/* descriptors of its tmpfs mounts */
	size_t n_tmpfs;
	uint64_t cpu_limit;	/* thousandths of a core, POL_NONE: none */
	uint64_t dead_cpu_us;	/* of processes gone since */
	uint64_t period_ms;	/* between samples, adapts */
	bool stopped;		/* SIGSTOP sent, SIGCONT to come */
	uint64_t last_cpu_us, last_ns;
	/* per-process memory of the last sample, to keep CPU of the dead */
	struct { pid_t pid; uint64_t start, cpu_us; } seen[4096];
	size_t n_seen;
};

/* In PID 1, before lock_apply(): open what sampling needs. */
int watch_init(struct watch *w, const struct jail_plan *plan,
	       struct sbx_err *err);
/* Take a sample. 0 or -errno. Async-signal-safe. */
int watch_sample(struct watch *w, struct watch_sample *ret);
/* Hold cpu_limit by stopping and continuing all processes of the namespace
 * but ourselves. Returns milliseconds until it wants to be called again, or
 * UINT64_MAX. */
uint64_t watch_throttle(struct watch *w);

/*
 * In the supervisor, where Landlock does not stand between us and them: whether
 * the overlay uppers RUN/0/upper to RUN/N-1/upper take more than limit bytes of
 * disk. A hostile tree: walked by descriptor, stops as soon as it is over.
 */
bool watch_disk(int rundir, unsigned n_uppers, uint64_t limit);

/* In the supervisor: which limit a sample breaks, SBX_CAUSE_NONE for none. */
enum sbx_cause watch_judge(const struct pol_limits *lim,
			   const struct watch_sample *s);

#endif
