/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the run directories that are kept ready. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "rootfs/overlay/changes.h"
#include "runtime/base/cleanup.h"
#include "runtime/core/rundir.h"
#include "runtime/core/spare.h"
#include "tests/tap/tap.h"

static bool there(int dirfd, const char *path)
{
	return faccessat(dirfd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int open_at(int dirfd, const char *path)
{
	return openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A run as it is made, mounted and left: what the kernel makes is made here. */
static void run_once(struct rundir *d, const char *changed)
{
	struct sbx_err err = { 0 };

	ok(rundir_open(1, d, &err) == 0, "a run's directory: %s", err.msg);
	if (!d->layered) {
		(void)mkdirat(d->fd, "0", 0755);
		(void)mkdirat(d->fd, "0/upper", 0755);
		(void)mkdirat(d->fd, "0/work", 0755);
	}
	(void)rundir_label(d, 0, "/host/dir", "/workspace", &err);
	(void)mkdirat(d->fd, "0/work/work", 0);
	if (changed)
		(void)mkdirat(d->fd, changed, 0700);
}

static void end(struct rundir *d)
{
	struct sbx_err err = { 0 };

	ok(rundir_retire(d, &err) == 0, "it is retired: %s", err.msg);
	rundir_done(d);
}

static void test_round(int state)
{
	struct rundir d = RUNDIR_NONE;
	char first[16], path[64];

	run_once(&d, NULL);
	ok(!d.layered, "the first run finds none ready");
	strcpy(first, d.id);
	end(&d);
	(void)snprintf(path, sizeof(path), "live/%s", first);
	ok(!there(state, path), "nothing stays in live");
	(void)snprintf(path, sizeof(path), "spare/%s/0/work/work", first);
	ok(there(state, path), "it is a spare one that was used");

	run_once(&d, NULL);
	ok(!d.layered, "a used one is not taken");
	spare_tend(state);
	ok(!there(state, path), "the next run empties it");
	end(&d);

	run_once(&d, NULL);
	ok(d.layered, "an emptied one is taken");
	is_str(d.id, first, "which is the first");
	ok(there(d.fd, "0/upper") && there(d.fd, "0/work"),
	   "it has its layers");
	end(&d);
}

/* A run in a spare directory that does something to its empty upper layer. */
static ino_t after(int state, void (*deed)(int upper))
{
	struct rundir d = RUNDIR_NONE;
	struct stat st = { 0 };
	char path[64];
	int upper;

	run_once(&d, NULL);
	upper = open_at(d.fd, "0/upper");
	deed(upper);
	close_fd(&upper);
	(void)snprintf(path, sizeof(path), "spare/%s/0/upper", d.id);
	end(&d);
	spare_tend(state);
	ok(fstatat(state, path, &st, 0) == 0 && (st.st_mode & 0777) == 0755,
	   "there is an upper layer as it was made");
	return st.st_ino;
}

/* Length of the names on the upper layer of the one that is ready. */
static ssize_t attributes(int state)
{
	_autofd int home = -1, run = -1, upper = -1;
	char id[16];

	run = spare_take(state, &home, id);
	upper = open_at(run, "0/upper");
	return flistxattr(upper, NULL, 0);
}

static void nothing(int upper)
{
}

static void deny_all(int upper)
{
	is_int(fchmod(upper, 0), 0, "the guest: chmod 0");
}

/* A tmpfs takes such attributes since Linux 6.6: then there is nothing to be
 * taken off either. */
static void mark(int upper, const char *name, const char *who)
{
	ok(fsetxattr(upper, name, "", 0, 0) == 0 || errno == EOPNOTSUPP,
	   "%s: %s", who, name);
}

static void tag(int upper)
{
	mark(upper, "user.tag", "the guest");
}

static void number(int upper)
{
	mark(upper, "user.overlay.uuid", "the kernel");
}

/* What a guest did to the upper directory itself must not reach the next. */
static void test_upper(int state)
{
	ino_t first;

	(void)spare_drop(state, NULL);
	first = after(state, nothing);
	ok(after(state, nothing) == first, "an untouched layer stays");
	ok(after(state, number) == first, "also with the kernel's own mark");
	(void)after(state, deny_all);
	(void)after(state, tag);
	is_int(attributes(state), 0, "an attribute of the guest's does not");
}

static char *label(int dirfd, const char *path)
{
	static char text[64];
	ssize_t n = readlinkat(dirfd, path, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

/* Changes must never be taken for another directory's. */
static void test_label(int state)
{
	struct rundir d = RUNDIR_NONE;
	struct sbx_err err = { 0 };

	(void)after(state, nothing);
	ok(rundir_open(1, &d, &err) == 0 && d.layered, "one with a label");
	is_str(label(d.fd, "0/host"), "/host/dir", "it has the last run's");
	is_int(rundir_unlabel(&d, 0, "/host/dir", &err), 0, "for the same");
	is_str(label(d.fd, "0/host"), "/host/dir", "it stays");
	is_int(rundir_unlabel(&d, 0, "/other", &err), 0, "for another");
	is_str(label(d.fd, "0/host"), "", "it goes");
	is_int(rundir_label(&d, 0, "/other", "/w", &err), 0, "a new one");
	is_str(label(d.fd, "0/host"), "/other", "is put on");
	is_str(label(d.fd, "0/guest"), "/w", "both halves");
	end(&d);
}

/* Killed: nobody retires it, and what it changed is kept under its label. */
static void test_killed(int state)
{
	struct rundir d = RUNDIR_NONE;
	char path[64], id[16];

	(void)spare_drop(state, NULL);
	(void)after(state, nothing);
	run_once(&d, "0/upper/new");
	ok(d.layered, "a run in a spare directory");
	strcpy(id, d.id);
	rundir_done(&d);
	rundir_sweep(state);
	(void)snprintf(path, sizeof(path), "kept/%s/0/upper/new", id);
	ok(there(state, path), "its changes are kept");
	(void)snprintf(path, sizeof(path), "kept/%s/0/host", id);
	is_str(label(state, path), "/host/dir", "with the label");
	(void)snprintf(path, sizeof(path), "spare/%s", id);
	ok(!there(state, path), "and it is no spare one any more");
}

static void test_locked(int state)
{
	struct rundir d = RUNDIR_NONE, other = RUNDIR_NONE;
	char id[16], path[64];
	_autofd int live = open_at(state, "live");
	int fd, home = -1;

	(void)spare_drop(state, NULL);
	run_once(&d, NULL);
	strcpy(id, d.id);
	ok(spare_put(state, live, d.fd, d.id) == 0, "put, its owner alive");
	spare_tend(state);
	(void)snprintf(path, sizeof(path), "spare/%s/0/work/work", id);
	ok(there(state, path), "nobody touches it while its owner lives");
	rundir_done(&d);
	spare_tend(state);
	ok(!there(state, path), "and then somebody does");

	run_once(&d, NULL);
	ok(d.layered, "one is ready");
	run_once(&other, NULL);
	ok(strcmp(d.id, other.id) != 0, "two runs never share one");
	end(&d);
	end(&other);

	(void)spare_drop(state, NULL);
	fd = spare_take(state, &home, id);
	is_int(fd, -ENOENT, "none is left after they were dropped");
}

static void test_unfit(int state)
{
	struct rundir d = RUNDIR_NONE;
	_autofd int live = open_at(state, "live");
	struct sbx_err err = { 0 };

	ok(rundir_open(1, &d, &err) == 0, "a run that never mounts");
	is_int(spare_put(state, live, d.fd, d.id), -EINVAL,
	       "a directory that was not mounted is not kept");
	(void)rundir_remove(&d, NULL);
	rundir_done(&d);

	run_once(&d, "1");
	is_int(spare_put(state, live, d.fd, d.id), -EINVAL,
	       "nor one with two layers");
	(void)rundir_retire(&d, &err);
	ok(!there(live, d.id), "both are removed");
	rundir_done(&d);
}

static void test_few(int state)
{
	struct rundir d[8];
	_autofd int spare = -1;
	int n = 0;

	for (size_t i = 0; i < ARRAY_LEN(d); i++) {
		d[i] = RUNDIR_NONE;
		run_once(&d[i], NULL);
	}
	for (size_t i = 0; i < ARRAY_LEN(d); i++)
		end(&d[i]);
	spare_tend(state);
	for (size_t i = 0; i < ARRAY_LEN(d); i++) {
		d[i] = RUNDIR_NONE;
		ok(rundir_open(1, &d[i], NULL) == 0, "open %zu", i);
		n += d[i].layered;
	}
	is_int(n, 4, "of eight, four are kept");
	for (size_t i = 0; i < ARRAY_LEN(d); i++) {
		(void)rundir_remove(&d[i], NULL);
		rundir_done(&d[i]);
	}
}

int main(void)
{
	char top[] = "/tmp/sbx-spare.XXXXXX";
	int state;

	if (!mkdtemp(top) || setenv("XDG_STATE_HOME", top, 1) < 0)
		return 99;
	state = rundir_open_state(NULL, NULL);
	if (state < 0)
		return 99;
	test_round(state);
	test_upper(state);
	test_label(state);
	test_killed(state);
	test_locked(state);
	test_unfit(state);
	test_few(state);
	(void)ovl_remove_tree(AT_FDCWD, top, NULL);
	return tap_done();
}
