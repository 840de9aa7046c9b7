/* SPDX-License-Identifier: Apache-2.0 */
/* What only the merged policy can tell. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/load.h"
#include "policy/text.h"

static int by_guest(const void *a, const void *b)
{
	const struct pol_mount *x = a, *y = b;

	return strcmp(x->guest, y->guest);
}

/* A system call cannot be both; what an extended policy denies stays denied. */
static int check_seccomp(struct pol_ctx *c)
{
	const struct policy *p = c->p;

	for (size_t i = 0; i < p->seccomp.allow.n; i++)
		for (size_t k = 0; k < p->seccomp.deny.n; k++)
			if (strcmp(p->seccomp.allow.v[i],
				   p->seccomp.deny.v[k]) == 0)
				return sbx_failx(c->err, EINVAL,
						 "%s: '%s' is denied by %s",
						 p->seccomp.allow_origin.v[i],
						 p->seccomp.allow.v[i],
						 p->seccomp.deny_origin.v[k]);
	return 0;
}

/*
 * Whether a file is, or lies in, what a mount shows: by device and inode of
 * each directory above it, so that links and bind mounts do not hide it.
 */
static bool file_in_mount(const char *file, const struct stat *mount)
{
	char path[PATH_MAX];
	struct stat st;
	char *slash;

	(void)snprintf(path, sizeof(path), "%s", file);
	for (;;) {
		if (stat(path[0] ? path : "/", &st) == 0 &&
		    st.st_dev == mount->st_dev && st.st_ino == mount->st_ino)
			return true;
		slash = strrchr(path, '/');
		if (!slash)
			return false;
		*slash = '\0';
	}
}

/* A guest that can write a policy decides about the next run. */
static int check_writable(struct pol_ctx *c, const struct pol_mount *m)
{
	const struct policy *p = c->p;
	struct stat st;

	if (m->access != POL_RW || stat(m->host, &st) < 0)
		return 0;
	for (size_t i = 0; i < p->files.n; i++)
		if (file_in_mount(p->files.v[i], &st))
			return sbx_failx(c->err, EINVAL,
					 "%s: access: rw would let the program "
					 "change the policy '%s' itself; move "
					 "the policy, or use overlay",
					 m->origin, Q(p->files.v[i]));
	return 0;
}

int pol_check(struct pol_ctx *c)
{
	struct policy *p = c->p;
	int r = check_seccomp(c);

	for (size_t i = 0; i < p->n_mounts && r == 0; i++)
		r = check_writable(c, &p->mounts[i]);
	if (r == 0 && p->n_mounts > 1)
		qsort(p->mounts, p->n_mounts, sizeof(*p->mounts), by_guest);
	return r;
}
