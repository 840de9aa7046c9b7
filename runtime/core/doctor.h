/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor finds out, apart from what it makes of it. */
#ifndef SBX_CORE_DOCTOR_H
#define SBX_CORE_DOCTOR_H

#include <sbx/err.h>
#include <sbx/sbx.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/jail/cgroup.h"

/* What is really tried, in this order, in a child that is thrown away. */
enum doctor_try {
	TRY_CLONE3,
	TRY_SECCOMP,
	TRY_USERNS,
	TRY_IDMAP,
	TRY_MOUNT,   /* a mount namespace, and a tmpfs in it */
	TRY_SETATTR, /* mount_setattr(2) */
	TRY_DEVPTS,
	TRY_OVERLAY_MEMORY,
	TRY_OVERLAY_DISK,
	TRY_NET,
	TRY_IPC,
	TRY_UTS,
	TRY_CGROUP,
	TRY_PID,
	TRY_PROC,
	TRY_COUNT,
};

/* A try that was not made, since one before it failed. */
#define TRY_NOT (-1)
/* A kernel setting that this kernel does not have. */
#define NO_SETTING (-1)

struct doctor_facts {
	int tried[TRY_COUNT]; /* 0, an errno value, or TRY_NOT */
	uid_t uid;
	char user[64];	  /* login name, "" where passwd has none */
	char release[64]; /* "6.1.0-44-amd64" */
	char exe[256];	  /* the running program's path, or "" */
	/* settings below /proc/sys, or NO_SETTING */
	int64_t max_user_ns, max_net_ns, unprivileged_clone;
	int64_t apparmor_userns;
	bool container; /* signs of one: docker, podman, kubernetes */
	bool filtered;	/* somebody's seccomp filter is on us */
	bool chrooted;
	bool systemd;	   /* it runs the host */
	bool user_manager; /* and a service manager of this user runs */
	bool cgroup2;	   /* /sys/fs/cgroup is the unified hierarchy */
	bool subids;	   /* ranges and the tools that map them */
	int landlock_abi;
	struct cgroup cg;	     /* as cg_probe() leaves it */
	char state[256];	     /* where changes are kept */
	char state_why[SBX_ERR_MSG]; /* why that cannot be used, or "" */
	uint64_t state_free;	     /* bytes, SBX_UNKNOWN: not known */
};

/* Settings and files, read below root ("/"; a test has a tree of its own). */
void doctor_read(struct doctor_facts *f, const char *root);
/* Try what is to be tried. disk: a private directory to try an overlay in, or
 * NULL. Returns 0 or -errno. */
int doctor_try_all(int tried[TRY_COUNT], const char *disk);
/* Report what the facts mean. 0, or what fn returned. */
int doctor_judge(const struct doctor_facts *f,
		 int (*fn)(const struct sbx_check *check, void *arg),
		 void *arg);

#endif
