/* SPDX-License-Identifier: Apache-2.0 */
/* What a jail will do, as plain data: computed without privilege, then applied.
 */
#ifndef SBX_JAIL_PLAN_H
#define SBX_JAIL_PLAN_H

#include <linux/filter.h>
#include <sbx/err.h>
#include <sbx/sbx.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "policy/policy.h"
#include "runtime/base/buf.h"
#include "runtime/base/strv.h"

/*
 * One step of building the root. Steps run in order inside the new mount
 * namespace, before pivot_root; dst is a guest path and is resolved below the
 * new root without following any link out of it.
 */
enum jail_op_kind {
	JAIL_OP_DIR,	 /* mkdir dst, mode */
	JAIL_OP_FILE,	 /* create dst with text, mode */
	JAIL_OP_LINK,	 /* symlink dst -> text */
	JAIL_OP_BIND,	 /* clone src (recursively) onto dst, attr */
	JAIL_OP_REBIND,	 /* bind guest path src onto guest path dst,
			    attr: masks, read-only parts of /proc */
	JAIL_OP_TMPFS,	 /* tmpfs of size bytes, mode, attr; "/" is the
			    first step of all and holds the jail's own
			    tree, writable directories included */
	JAIL_OP_MEMDIR,	 /* a writable directory of that tmpfs at dst,
			    mode, attr: /tmp, /dev/shm, HOME share its
			    size */
	JAIL_OP_OVERLAY, /* lower src, upper/work from the run's
			    directory (upper_index) or from memory */
	JAIL_OP_PROC,
	JAIL_OP_DEVPTS,
	JAIL_OP_SYSCTL,	  /* write text to dst, a file of /proc/sys that is the
			     jail's own namespace's */
	JAIL_OP_READONLY, /* set attr on all that is mounted so far */
};

struct jail_op {
	enum jail_op_kind kind;
	char *src; /* host path without links, or guest path */
	char *dst;
	char *text;
	uint64_t attr; /* MOUNT_ATTR_* of mount_setattr(2) */
	uint64_t size; /* bytes */
	mode_t mode;
	/* BIND, OVERLAY: what src was when the plan was made (fstat); ino 0:
	 * a path that only root can change, not looked at */
	dev_t dev;
	ino_t ino;
	bool src_is_dir;
	bool own_dst;	      /* dst lies in the jail's own tree, where no
				 name can be a planted link */
	bool attr_later;      /* attr comes by a READONLY step that follows */
	bool optional;	      /* skipped where src or dst is missing */
	bool device;	      /* BIND: a device, dev is its number */
	bool in_memory;	      /* OVERLAY: upper on the jail's own tmpfs */
	unsigned upper_index; /* OVERLAY: names RUN/N/{upper,work} */
	char *origin;	      /* policy place for messages, or NULL */
};

/* A path that Landlock allows, with LANDLOCK_ACCESS_FS_* bits (newest ABI). */
struct jail_rule {
	char *path; /* guest path */
	uint64_t access;
	bool optional;
};

struct jail_rlimit {
	int resource;
	uint64_t soft, hard;
};

/* Facts of the caller and the kernel that a plan depends on. */
struct jail_host {
	uid_t uid;
	gid_t gid;
	const char *cwd;       /* absolute */
	const char *state_dir; /* sbx's own, hidden from guests; NULL: none */
	char *const *environ;
	int landlock_abi; /* 0: none */
	bool own_pid_max; /* each pid namespace has one (Linux 6.14) */
};
void jail_host_probe(struct jail_host *ret);

struct jail_plan {
	const struct policy *pol; /* borrowed; outlives the plan */
	uint64_t clone_flags;
	uid_t uid, gid;		       /* ids inside */
	char uid_map[64], gid_map[64]; /* one line each, self-written */
	bool subids;		       /* by newuidmap/newgidmap instead */
	struct jail_op *ops;
	size_t n_ops, cap_ops;
	struct jail_rule *rules;
	size_t n_rules, cap_rules;
	int landlock_abi; /* to be used; 0: none */
	struct jail_rlimit rlimits[RLIM_NLIMITS];
	size_t n_rlimits;
	struct sock_fprog filter; /* owned unless filter_static */
	bool filter_static;
	struct strv env; /* NAME=value */
	char *workdir;
	char *hostname;
	mode_t umask;
	bool loopback; /* bring lo up */
	int *fds;      /* kept beside 0-2, ascending */
	size_t n_fds;
	unsigned n_uppers; /* overlay uppers on disk */
	struct strv notes; /* what was skipped or weakened */
};

/*
 * Compute the plan for a policy. Opens mount sources to look at them, changes
 * nothing. -errno with a message that names the policy's key.
 */
int jail_plan_new(struct jail_plan **ret, const struct policy *pol,
		  const struct jail_host *host, struct sbx_err *err);
void jail_plan_free(struct jail_plan *plan);

/* For the builders of the plan's parts. NULL: no memory. Zeroed entry. */
struct jail_op *jail_plan_op(struct jail_plan *plan, enum jail_op_kind kind,
			     const char *dst);
struct jail_rule *jail_plan_rule(struct jail_plan *plan, const char *path,
				 uint64_t access);

/* The plan for a person or, as JSON, for a program. */
int jail_plan_print(const struct jail_plan *plan, char *const *argv,
		    enum sbx_format format, struct buf *out,
		    struct sbx_err *err);

#endif
