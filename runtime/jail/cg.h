/* SPDX-License-Identifier: Apache-2.0 */
/* What the cg_*.c files share; cgroup.h is for the others. */
#ifndef SBX_JAIL_CG_H
#define SBX_JAIL_CG_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "runtime/jail/cgroup.h"

#define CG_PATH sizeof(((struct cgroup *)NULL)->path)
#define CG_MOUNT "/sys/fs/cgroup"
/* Where a supervisor that stands in the way of its own jails goes. */
#define CG_LEAF "sbx-supervisor"

/* The hierarchy, and where in it we are. Zeroed and mountfd -1: none. */
struct cg_here {
	int mountfd;
	char own[CG_PATH]; /* our cgroup below the mount */
	bool systemd;	   /* a service manager owns what it did not
			      delegate */
	bool ours;	   /* our unit is delegated, marked or not */
	bool made;	   /* because it was made for us */
	bool stay;	   /* do not look above own */
};

/* A directory in which a jail's cgroup can be made. */
struct cg_place {
	int fd;		      /* -1: none */
	char path[CG_PATH];   /* below the mount */
	unsigned controllers; /* enabled for its children, or can be */
	bool inside;	      /* we are its only process: move out first */
};

/* cg_find.c: only looks. */

/* The path of the line "0::PATH" of /proc/PID/cgroup. 0 or -errno. */
int cg_parse_self(const char *text, char *ret, size_t size);
/* Controllers that we know among those of "cpuset cpu io memory". */
unsigned cg_parse_controllers(const char *text);
unsigned cg_read_controllers(int dirfd, const char *file);
/* "cpu, memory" for messages; each bit at most once. buf is returned. */
const char *cg_controller_names(unsigned controllers, char *buf, size_t size);
/* 0, or 1 where there is no cgroup v2: why_not and remedy are filled then.
 * ret->mountfd is the caller's. */
int cg_here(struct cg_here *ret, struct cgroup *why);
int cg_own(struct cg_here *here);
/* The nearest place at or above here->own that is delegated to us: 0, or 1
 * where there is none. */
int cg_find(const struct cg_here *here, struct cg_place *ret,
	    struct cgroup *why);
/* The directory that SBX_CGROUP names: 0 or -errno. */
int cg_find_named(const struct cg_here *here, const char *dir,
		  struct cg_place *ret, struct sbx_err *err);
void cg_why(struct cgroup *cg, const char *fmt, ...) SBX_PRINTF(2, 3);
void cg_remedy(struct cgroup *cg, const char *fmt, ...) SBX_PRINTF(2, 3);
/* The drop-in that has user managers delegate all that we use. */
void cg_remedy_dropin(struct cgroup *cg);

/* cg_make.c: limits as rows, and making a jail's cgroup. */

/* Controllers without which a limit of lim is not held by a cgroup. */
unsigned cg_needs(const struct pol_limits *lim);
/* The first key of lim that needs one of these controllers, or NULL. */
const char *cg_key_of(const struct pol_limits *lim, unsigned controllers);
/* Write lim into the cgroup. Drops bits of cg->controllers whose limits the
 * kernel did not take, and says so in why_not. */
int cg_write(struct cgroup *cg, const struct pol_limits *lim,
	     struct sbx_err *err);
/* Make the place ready and a cgroup in it: fills how, controllers, dirfd,
 * parentfd, name, path. The place's fd is taken. */
int cg_make(const struct cg_here *here, struct cg_place *place,
	    struct cgroup *ret, struct sbx_err *err);

/* cg_scope.c: asking the service manager. */

/* Whether there is one to be asked, how, and with which controllers: 0 or 1. */
struct cg_manager {
	char socket[108];     /* path of a D-Bus socket */
	bool bus;	      /* it is a bus; else the manager itself */
	unsigned controllers; /* 0: not known */
};
int cg_manager(const struct cg_here *here, struct cg_manager *ret,
	       struct cgroup *why);
/*
 * Have it put this process into a delegated scope of its own. With `asks`, only
 * where the unit we are in is not delegated already: *ret_made tells.
 */
int cg_scope(const struct cg_manager *m, bool asks, bool *ret_made,
	     struct sbx_err *err);

/* cg_end.c */

/* Remove what dead runs have left in this directory. */
void cg_sweep_in(int dirfd);

#endif
