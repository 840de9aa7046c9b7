/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a jail and supervising it to its end. */
#ifndef SBX_JAIL_JAIL_H
#define SBX_JAIL_JAIL_H

#include <sbx/err.h>
#include <sbx/sbx.h>

#include "runtime/jail/cgroup.h"
#include "runtime/jail/plan.h"
#include "runtime/jail/watch.h"

/* What is known of a run when it has ended. */
struct jail_outcome {
	enum sbx_cause cause;
	int exit_code;	    /* EXIT: the program's; else -1 */
	int signal;	    /* SIGNAL and kills: which; else 0 */
	struct sbx_err err; /* SETUP: what went wrong, at which step */
	bool noexec;	    /* SETUP: all stood, but not the program */
	uint64_t wall_us, cpu_us;
	uint64_t memory_peak, pids_peak; /* SBX_UNKNOWN: not measured */
	uint64_t largest_rss;		 /* of any one process, bytes */
	uint64_t io_read, io_write;
	uint64_t output_bytes;
	bool output_cut;
};

/* When there is time for the caller's own work. */
enum jail_moment {
	JAIL_STARTED, /* PID 1 is made, and busy for as long as a start takes */
	JAIL_EMPTIED, /* the program has ended, its streams are drained, and
			 nothing of the jail is alive; its mounts are being
			 taken down. Not told where PID 1 was killed. */
};

/* Where a jail's processes and its changes go. */
struct jail_place {
	struct cgroup *cg; /* open, or CG_NONE */
	int rundir;	   /* for mount_enter(), or -1 */
	/* May be NULL. The run stands still while it is in here. */
	void (*moment)(enum jail_moment moment, void *arg);
	void *arg;
};

/*
 * Run argv in the jail that plan describes. 0: *ret is filled, whatever
 * happened to the program.
 */
int jail_run(const struct jail_plan *plan, const struct sbx_run_opts *opts,
	     const struct jail_place *place, struct jail_outcome *ret,
	     struct sbx_err *err);

#endif
