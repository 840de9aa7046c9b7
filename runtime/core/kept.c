/* SPDX-License-Identifier: Apache-2.0 */
/* The changes that ended runs have left: listing, looking, dropping. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sbx/sbx.h>

#include "rootfs/overlay/changes.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/strv.h"
#include "runtime/core/rundir.h"
#include "runtime/core/spare.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define MAX_OVERLAYS 64
#define MAX_CHANGES 1000000

/* One overlay of a kept run, opened. Returns -ENOENT past the last. */
struct kept_overlay {
	char host[PATH_MAX], guest[PATH_MAX];
	struct ovl_changes changes;
};

static int read_link(int dirfd, const char *name, char *ret, size_t size)
{
	ssize_t n = readlinkat(dirfd, name, ret, size - 1);

	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return 0;
}

static int scan_overlay(int run, unsigned n, struct kept_overlay *ret,
			struct sbx_err *err)
{
	_autofd int dir = -1;
	_autofd int upper = -1;
	_autofd int lower = -1;
	char name[16];

	(void)snprintf(name, sizeof(name), "%u", n);
	dir = openat(run, name, DIR_FLAGS);
	if (dir < 0)
		return -ENOENT;
	ret->changes = (struct ovl_changes){ 0 };
	if (read_link(dir, "host", ret->host, sizeof(ret->host)) < 0 ||
	    read_link(dir, "guest", ret->guest, sizeof(ret->guest)) < 0)
		return sbx_failx(err, EINVAL, "overlay %u has no label", n);
	upper = openat(dir, "upper", DIR_FLAGS);
	if (upper < 0)
		return sbx_fail(err, errno, "upper layer %u", n);
	lower = open(ret->host, DIR_FLAGS);
	return ovl_changes_scan(upper, lower, MAX_CHANGES, &ret->changes, err);
}

static enum sbx_change_kind kind_of(enum ovl_change_kind kind)
{
	return kind == OVL_ADDED     ? SBX_ADDED
	       : kind == OVL_DELETED ? SBX_DELETED
				     : SBX_MODIFIED;
}

static int tell_changes(const struct kept_overlay *o,
			int (*fn)(const struct sbx_change *, void *), void *arg)
{
	struct sbx_change c = { .guest = o->guest, .host = o->host };
	int r = 0;

	for (size_t i = 0; r == 0 && i < o->changes.n; i++) {
		c.path = o->changes.v[i].path;
		c.kind = kind_of(o->changes.v[i].kind);
		c.size = o->changes.v[i].size;
		r = fn(&c, arg);
	}
	return r;
}

int sbx_changes(const char *id,
		int (*fn)(const struct sbx_change *change, void *arg),
		void *arg, struct sbx_err *err)
{
	_autofree struct kept_overlay *o = malloc(sizeof(*o));
	_autofd int kept = -1;
	_autofd int run = -1;
	int r = 0;

	if (!o)
		return sbx_fail(err, ENOMEM, "changes");
	run = rundir_open_kept(id, &kept, err);
	if (run < 0)
		return run;
	for (unsigned n = 0; r == 0 && n < MAX_OVERLAYS; n++) {
		r = scan_overlay(run, n, o, err);
		if (r == -ENOENT)
			return 0;
		if (r == 0)
			r = tell_changes(o, fn, arg);
		ovl_changes_done(&o->changes);
	}
	return r;
}

/* The ids in kept/, and descriptor of it. */
static int list_kept(struct strv *ids, char **ret_state, struct sbx_err *err)
{
	_autofd int state = rundir_open_state(ret_state, err);
	_autofd int kept = -1;
	struct dirent *e;
	DIR *dir;
	int r = 0;

	if (state < 0)
		return state;
	rundir_sweep(state);
	kept = openat(state, "kept", DIR_FLAGS);
	if (kept < 0 && errno == ENOENT)
		return -ENOENT;
	dir = kept < 0 ? NULL : fdopendir(dup(kept));
	if (!dir)
		return sbx_fail(err, errno, "kept runs");
	while (r == 0 && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			r = strv_add(ids, e->d_name);
	(void)closedir(dir);
	if (r < 0)
		return sbx_fail(err, -r, "kept runs");
	return take_fd(&kept);
}

static void count_changes(int run, struct sbx_kept *k)
{
	_autofree struct kept_overlay *o = malloc(sizeof(*o));

	for (unsigned n = 0; o && n < MAX_OVERLAYS; n++) {
		if (scan_overlay(run, n, o, NULL) < 0)
			break;
		k->changes += o->changes.n;
		k->bytes += o->changes.bytes;
		ovl_changes_done(&o->changes);
	}
}

struct dated {
	const char *id;
	int64_t ended;
};

static int by_date(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	return x->ended != y->ended ? (x->ended > y->ended ? 1 : -1)
				    : strcmp(x->id, y->id);
}

static int tell_kept(int kept, const char *state, const struct dated *d,
		     int (*fn)(const struct sbx_kept *, void *), void *arg)
{
	_autofd int run = openat(kept, d->id, DIR_FLAGS);
	_autofree char *path = NULL;
	struct sbx_kept k = { .id = d->id, .ended = d->ended };

	if (run < 0 || asprintf(&path, "%s/kept/%s", state, d->id) < 0)
		return 0;
	k.path = path;
	count_changes(run, &k);
	return fn(&k, arg);
}

int sbx_kept(int (*fn)(const struct sbx_kept *kept, void *arg), void *arg,
	     struct sbx_err *err)
{
	_autofree char *state = NULL;
	_autofree struct dated *dated = NULL;
	struct strv ids = { 0 };
	_autofd int kept = list_kept(&ids, &state, err);
	struct stat st;
	int r = 0;

	if (kept < 0)
		return kept == -ENOENT ? 0 : kept;
	dated = calloc(ids.n + 1, sizeof(*dated));
	if (!dated)
		r = sbx_fail(err, ENOMEM, "kept runs");
	for (size_t i = 0; r == 0 && i < ids.n; i++) {
		dated[i].id = ids.v[i];
		if (fstatat(kept, ids.v[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			dated[i].ended = st.st_ctime;
	}
	if (r == 0)
		qsort(dated, ids.n, sizeof(*dated), by_date);
	for (size_t i = 0; r == 0 && i < ids.n; i++)
		r = tell_kept(kept, state, &dated[i], fn, arg);
	strv_done(&ids);
	return r;
}

static int discard_all(size_t *ret_n, struct sbx_err *err)
{
	struct strv ids = { 0 };
	_autofd int kept = list_kept(&ids, NULL, err);
	_autofd int state = -1;
	int r = 0;

	*ret_n = 0;
	if (kept < 0 && kept != -ENOENT)
		return kept;
	state = rundir_open_state(NULL, err);
	r = state < 0 ? state : spare_drop(state, err);
	for (size_t i = 0; r == 0 && i < ids.n; i++) {
		r = ovl_remove_tree(kept, ids.v[i], err);
		*ret_n += r == 0;
	}
	strv_done(&ids);
	return r;
}

int sbx_discard(const char *id, size_t *ret_n, struct sbx_err *err)
{
	_autofd int kept = -1;
	_autofd int run = -1;
	int r;

	if (!id)
		return discard_all(ret_n, err);
	run = rundir_open_kept(id, &kept, err);
	if (run < 0)
		return run;
	r = ovl_remove_tree(kept, id, err);
	if (r == 0)
		*ret_n = 1;
	return r;
}
