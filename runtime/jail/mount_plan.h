/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files that plan a jail's mounts. */
#ifndef SBX_JAIL_MOUNT_PLAN_H
#define SBX_JAIL_MOUNT_PLAN_H

#include <sbx/err.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "runtime/jail/plan.h"

#define ATTR_NODEV (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define ATTR_RO (MOUNT_ATTR_RDONLY | ATTR_NODEV)

/*
 * The plan under construction. The adders return the new step or, where memory
 * ran out, a scratch one and set nomem: so a list of steps is written without
 * a check for each.
 */
struct build {
	struct jail_plan *plan;
	const struct policy *pol;
	const struct jail_host *host;
	const char *home; /* a MEMDIR of its own, or NULL */
	char *state;	  /* sbx's own directory, or NULL; owned */
	struct jail_op scratch;
	bool nomem;
};

struct jail_op *add_op(struct build *b, enum jail_op_kind kind, const char *src,
		       const char *dst);
/* A directory in the jail's own tree, and those above it. Once each. */
void add_dir(struct build *b, const char *path, mode_t mode);
/* Those above it. */
void add_parents(struct build *b, const char *path);
void add_file(struct build *b, const char *path, const char *text);
void add_link(struct build *b, const char *path, const char *target);
void add_note(struct build *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The last step whose mount, link or file covers a guest path, or NULL. */
const struct jail_op *find_cover(const struct jail_plan *plan,
				 const char *guest);

/* A mount of the policy whose source has been looked at. */
struct source {
	const struct pol_mount *pol;
	char *real; /* owned */
	struct stat st;
	bool skip; /* missing and optional */
};

/* Open every source of the policy, in the order of the guest paths. The caller
 * frees what *ret holds with sources_free(), also after an error. */
int sources_open(struct build *b, struct source **ret, struct sbx_err *err);
void sources_free(struct source *s, size_t n);

/* Make the mount points that lie in the jail's own tree, which is still
 * writable then. */
int plan_targets(struct build *b, struct source *s, size_t n,
		 struct sbx_err *err);
/* Mount them. */
int plan_mounts(struct build *b, struct source *s, size_t n,
		struct sbx_err *err);

#endif
