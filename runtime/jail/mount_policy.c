/* SPDX-License-Identifier: Apache-2.0 */
/* Planning the policy's mounts: their sources and their places. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/path.h"
#include "runtime/base/sys.h"
#include "runtime/jail/mount_plan.h"

/*
 * How this works. A source is opened without following a link that others than
 * root could have planted, and its device and inode are kept in the plan. The
 * child opens it again, in its own mount namespace, and mounts nothing that is
 * not the same.
 *
 * Refused as sources, because the guest would get more than files:
 * - "/" and all of procfs: /proc/PID/root of the caller's own processes leads
 *   to everything;
 * - sysfs, cgroupfs and the like when writable: they are the kernel's controls;
 * - sbx's own directory and what lies in it; where a source merely contains
 *   it, it is covered.
 * What the host has mounted below a source comes along, with the same
 * attributes. A socket in a bound directory can be connected to, one in an
 * overlay cannot (see sbx-policy(5)).
 */

#ifndef DEBUGFS_MAGIC
#define DEBUGFS_MAGIC 0x64626720
#endif

static const struct {
	long magic;
	const char *name;
	bool readable; /* may be shown read-only */
} kernel_fs[] = {
	{ PROC_SUPER_MAGIC, "procfs", false },
	{ SYSFS_MAGIC, "sysfs", true },
	{ CGROUP_SUPER_MAGIC, "cgroupfs", true },
	{ CGROUP2_SUPER_MAGIC, "cgroupfs", true },
	{ DEBUGFS_MAGIC, "debugfs", true },
	{ TRACEFS_MAGIC, "tracefs", true },
	{ SECURITYFS_MAGIC, "securityfs", true },
	{ BPF_FS_MAGIC, "bpffs", true },
};

static int check_fs(const struct pol_mount *m, int fd, struct sbx_err *err)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return sbx_fail(err, errno, "%s: '%s'", m->origin, m->host);
	for (size_t i = 0; i < ARRAY_LEN(kernel_fs); i++) {
		if (fs.f_type != kernel_fs[i].magic ||
		    (kernel_fs[i].readable && m->access == POL_RO))
			continue;
		return sbx_failx(err, EPERM,
				 "%s: '%s' is %s, which would hand the guest "
				 "control of the host%s",
				 m->origin, m->host, kernel_fs[i].name,
				 kernel_fs[i].readable ? "; use access: ro"
						       : "");
	}
	return 0;
}

static int check_type(const struct pol_mount *m, mode_t mode,
		      struct sbx_err *err)
{
	if (m->access == POL_OVERLAY && !S_ISDIR(mode))
		return sbx_failx(err, ENOTDIR,
				 "%s: '%s' is not a directory, and only a "
				 "directory can be an overlay; use ro or rw",
				 m->origin, m->host);
	if (S_ISBLK(mode) || S_ISCHR(mode))
		return sbx_failx(err, EPERM,
				 "%s: '%s' is a device; devices are not passed "
				 "into a jail",
				 m->origin, m->host);
	return 0;
}

static int check_state(const struct build *b, const struct pol_mount *m,
		       const char *real, struct sbx_err *err)
{
	const char *state = b->state;

	if (!state)
		return 0;
	if (path_within(real, state))
		return sbx_failx(err, EPERM,
				 "%s: '%s' holds what sbx keeps of other runs",
				 m->origin, real);
	if (m->access == POL_OVERLAY && m->upper == POL_UPPER_DISK &&
	    path_within(state, real))
		return sbx_failx(err, ELOOP,
				 "%s: '%s' contains '%s', where the overlay's "
				 "changes would be kept; mount a directory "
				 "below it, use upper: memory, or set "
				 "XDG_STATE_HOME to a place outside of it",
				 m->origin, real, state);
	return 0;
}

/* Where the guest may see it. */
static int check_guest(const struct pol_mount *m, struct sbx_err *err)
{
	if (!m->guest[1])
		return sbx_failx(err, EINVAL,
				 "%s: guest '/' is made by rootfs.base, not by "
				 "a mount",
				 m->origin);
	if (path_within(m->guest, "/proc") || path_within(m->guest, "/dev"))
		return sbx_failx(err, EINVAL,
				 "%s: guest '%s' lies in a part that is the "
				 "jail's own",
				 m->origin, m->guest);
	return 0;
}

static int open_one(struct build *b, struct source *s, struct sbx_err *err)
{
	const struct pol_mount *m = s->pol;
	struct sbx_err why = { 0 };
	_autofd int fd = -1;
	int r = check_guest(m, err);

	if (r < 0)
		return r;
	fd = path_open_trusted(m->host, &s->real, &why);
	if (fd == -ENOENT && m->optional) {
		s->skip = true;
		add_note(b, "%s: '%s' does not exist: skipped", m->origin,
			 m->host);
		return 0;
	}
	if (fd < 0)
		return sbx_failx(err, why.code, "%s: %s", m->origin, why.msg);
	if (!s->real[1])
		return sbx_failx(err, EPERM,
				 "%s: '/' would bring the host's /proc and "
				 "/dev along; mount what is needed of it",
				 m->origin);
	if (fstat(fd, &s->st) < 0)
		return sbx_fail(err, errno, "%s: '%s'", m->origin, s->real);
	r = check_type(m, s->st.st_mode, err);
	if (r == 0)
		r = check_fs(m, fd, err);
	if (r == 0)
		r = check_state(b, m, s->real, err);
	return r;
}

static int by_guest(const void *a, const void *b)
{
	const struct source *x = a, *y = b;

	return strcmp(x->pol->guest, y->pol->guest);
}

/*
 * sbx's own directory as sources are written, without a link on the way. One
 * that is not there yet, or lies behind a link that is not trusted, is taken
 * as it is written.
 */
static int find_state(struct build *b, struct sbx_err *err)
{
	const char *dir = b->host->state_dir;
	_autofd int fd = -1;

	if (!dir || !b->pol->n_mounts)
		return 0;
	fd = path_open_trusted(dir, &b->state, NULL);
	if (fd < 0)
		b->state = strdup(dir);
	return b->state ? 0 : sbx_fail(err, ENOMEM, "plan");
}

int sources_open(struct build *b, struct source **ret, struct sbx_err *err)
{
	size_t n = b->pol->n_mounts;
	struct source *s = calloc(n + 1, sizeof(*s));
	int r = find_state(b, err);

	if (r == 0 && !s)
		return sbx_fail(err, ENOMEM, "plan");
	*ret = s;
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		s[i].pol = &b->pol->mounts[i];
	qsort(s, n, sizeof(*s), by_guest);
	for (size_t i = 0; i < n && r == 0; i++) {
		if (i && strcmp(s[i].pol->guest, s[i - 1].pol->guest) == 0)
			return sbx_failx(err, EINVAL,
					 "%s: guest '%s' is taken by %s",
					 s[i].pol->origin, s[i].pol->guest,
					 s[i - 1].pol->origin);
		r = open_one(b, &s[i], err);
	}
	return r;
}

void sources_free(struct source *s, size_t n)
{
	for (size_t i = 0; s && i < n; i++)
		free(s[i].real);
	free(s);
}

/* ---- places -------------------------------------------------------------- */

/* The policy's mount that a place lies in (not the one that is there). */
static const struct source *parent_of(const struct source *s, size_t i)
{
	for (size_t j = i; j; j--)
		if (!s[j - 1].skip &&
		    path_within(s[i].pol->guest, s[j - 1].pol->guest))
			return &s[j - 1];
	return NULL;
}

static bool in_memdir(const struct build *b, const char *guest)
{
	return path_within(guest, "/tmp") ||
	       (b->home && path_within(guest, b->home));
}

/*
 * A place in somebody's files (the host's, or another mount) must be there:
 * nothing is ever made in them.
 */
static int need_place(const struct source *s, const char *host,
		      const char *below, struct sbx_err *err)
{
	const char *rel = s->pol->guest + strlen(below);
	_autofree char *path = NULL;
	_autofd int fd = -1;
	struct stat st;

	if (asprintf(&path, "%s%s", host, rel) < 0)
		return sbx_fail(err, ENOMEM, "plan");
	fd = sys_openat2(AT_FDCWD, path, O_PATH | O_CLOEXEC, 0,
			 RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	if (fd < 0 && errno == ENOENT)
		return sbx_failx(err, ENOENT,
				 "%s: guest '%s' lies in '%s', where it does "
				 "not exist; nothing is made in your files, so "
				 "make '%s' first",
				 s->pol->origin, s->pol->guest, below, path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return sbx_fail(err, errno, "%s: guest '%s'", s->pol->origin,
				s->pol->guest);
	if (S_ISDIR(st.st_mode) != S_ISDIR(s->st.st_mode))
		return sbx_failx(err, S_ISDIR(st.st_mode) ? EISDIR : ENOTDIR,
				 "%s: guest '%s' is %s there and '%s' is not",
				 s->pol->origin, s->pol->guest,
				 S_ISDIR(st.st_mode) ? "a directory"
						     : "no directory",
				 s->real);
	return 0;
}

static void make_place(struct build *b, const struct source *s)
{
	if (S_ISDIR(s->st.st_mode)) {
		add_dir(b, s->pol->guest, 0755);
	} else {
		add_parents(b, s->pol->guest);
		add_file(b, s->pol->guest, "");
	}
}

/* A place at or below a name that the jail's own tree has already. */
static int use_place(struct build *b, const struct source *s,
		     const struct jail_op *cover, struct sbx_err *err)
{
	const char *guest = s->pol->guest;

	if (cover->kind == JAIL_OP_LINK)
		return sbx_failx(err, ELOOP,
				 "%s: guest '%s' leads through '%s', a link to "
				 "'%s' there; write the path it leads to",
				 s->pol->origin, guest, cover->dst,
				 cover->text);
	if (cover->kind == JAIL_OP_BIND)
		return need_place(s, cover->src, cover->dst, err);
	/* a made-up file may be replaced by a file */
	if (strcmp(guest, cover->dst) || S_ISDIR(s->st.st_mode))
		return sbx_failx(err, ENOTDIR,
				 "%s: guest '%s': '%s' is a file there",
				 s->pol->origin, guest, cover->dst);
	return 0;
}

int plan_targets(struct build *b, struct source *s, size_t n,
		 struct sbx_err *err)
{
	const struct jail_op *cover;
	const struct source *parent;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		if (s[i].skip)
			continue;
		parent = parent_of(s, i);
		cover = find_cover(b->plan, s[i].pol->guest);
		if (parent)
			r = need_place(&s[i], parent->real, parent->pol->guest,
				       err);
		else if (cover)
			r = use_place(b, &s[i], cover, err);
		else if (!in_memdir(b, s[i].pol->guest))
			make_place(b, &s[i]);
	}
	return r;
}

/* ---- the mounts -----------------------------------------------------------
 */

/* sbx's own directory below a source: an empty one lies over it. */
static void hide_state(struct build *b, const struct source *s)
{
	const char *state = b->state;
	_autofree char *path = NULL;
	struct jail_op *op;

	if (!state || !path_within(state, s->real))
		return;
	if (asprintf(&path, "%s%s", s->pol->guest, state + strlen(s->real)) <
	    0) {
		path = NULL;
		b->nomem = true;
		return;
	}
	op = add_op(b, JAIL_OP_REBIND, "/dev/pts", path);
	op->optional = true;
	op->own_dst = false;
}

static void mount_one(struct build *b, const struct source *s, bool nested)
{
	const struct pol_mount *m = s->pol;
	bool overlay = m->access == POL_OVERLAY;
	struct jail_op *op = add_op(b, overlay ? JAIL_OP_OVERLAY : JAIL_OP_BIND,
				    s->real, m->guest);

	op->attr = m->access == POL_RO ? ATTR_RO : ATTR_NODEV;
	op->dev = s->st.st_dev;
	op->ino = s->st.st_ino;
	op->src_is_dir = S_ISDIR(s->st.st_mode);
	op->own_dst &= !nested;
	if (overlay && m->upper == POL_UPPER_MEMORY)
		op->in_memory = true;
	else if (overlay)
		op->upper_index = b->plan->n_uppers++;
	op->size = b->pol->limits.disk;
	if (m->origin && op != &b->scratch) {
		op->origin = strdup(m->origin);
		b->nomem |= !op->origin;
	}
}

int plan_mounts(struct build *b, struct source *s, size_t n,
		struct sbx_err *err)
{
	const struct jail_op *cover;
	bool nested;

	for (size_t i = 0; i < n; i++) {
		if (s[i].skip)
			continue;
		cover = find_cover(b->plan, s[i].pol->guest);
		if (cover && cover->kind == JAIL_OP_MEMDIR) {
			if (strcmp(cover->dst, s[i].pol->guest))
				make_place(b, &s[i]);
			else if (!S_ISDIR(s[i].st.st_mode))
				return sbx_failx(err, ENOTDIR,
						 "%s: guest '%s' is a directory"
						 " and '%s' is not",
						 s[i].pol->origin,
						 s[i].pol->guest, s[i].real);
		}
		nested = cover && (cover->kind == JAIL_OP_BIND ||
				   cover->kind == JAIL_OP_OVERLAY);
		mount_one(b, &s[i], nested);
		hide_state(b, &s[i]);
	}
	return 0;
}
