/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup v2: finding a place that is ours, limits, usage, the end. */
#ifndef SBX_JAIL_CGROUP_H
#define SBX_JAIL_CGROUP_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "policy/policy.h"
#include "runtime/base/buf.h"

enum cg_how {
	CG_NONE,     /* no delegated subtree on this host */
	CG_WRITABLE, /* a directory already writable (or root's) */
	CG_SYSTEMD,  /* transient scope of the user's service manager */
};

/* Which controllers the jail's cgroup has, and so who enforces what. */
enum cg_controller {
	CG_CPU = 1 << 0,
	CG_MEMORY = 1 << 1,
	CG_PIDS = 1 << 2,
	CG_IO = 1 << 3,
};

struct cgroup {
	enum cg_how how;
	unsigned controllers; /* enum cg_controller bits */
	int dirfd;	      /* the jail's cgroup, for CLONE_INTO_CGROUP; -1 */
	int parentfd;	      /* the directory it lies in; -1 */
	char name[64];	      /* its name in parentfd */
	char path[512];	      /* below the cgroup mount, for the report */
	char why_not[160];    /* CG_NONE, or a controller missing: why */
	char remedy[320];     /* what gives us what lacks: a command, or "" */
};

struct cg_usage { /* SBX_UNKNOWN where the kernel does not tell */
	uint64_t cpu_us, memory_peak, memory_now, pids_peak, pids_now;
	uint64_t io_read, io_write; /* bytes */
	uint64_t oom_kills;	    /* memory.events: oom_kill */
	uint64_t pids_max_hits;	    /* pids.events: max */
	uint64_t throttled_us;
};

/*
 * Where a jail of ours could have limits, and make its cgroup there with the
 * limits of `lim` written. Nothing delegated: 0 with how == CG_NONE and the
 * reason in why_not, unless lim->enforce demands a cgroup: then -ENOTSUP and a
 * message naming limits.enforce and what to do. A limit whose controller is
 * not delegated is left to the watchdog (controllers says so) or, under
 * enforce: cgroup, is an error naming its key.
 */
int cg_open(struct cgroup *ret, const struct pol_limits *lim,
	    struct sbx_err *err);
int cg_usage(const struct cgroup *cg, struct cg_usage *ret);
/* Kill everything in it (cgroup.kill, or signals where the kernel is older). */
int cg_kill(const struct cgroup *cg);
/* Kill, wait until it is empty (at most 5 s), remove it, end the keeper. */
int cg_close(struct cgroup *cg, struct sbx_err *err);
/*
 * Remove the cgroups beside cg that runs killed by SIGKILL have left (those of
 * a service manager's scopes it removes itself). Best effort.
 */
void cg_sweep(const struct cgroup *cg);
/* A cheap look for sbx doctor and --dry-run: nothing is made. */
void cg_probe(struct cgroup *ret);
/* "cpu.max = 50000 100000" lines that cg_open would write, for --dry-run. */
int cg_describe(const struct pol_limits *lim, struct buf *out);

#endif
