/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: undoing mounts, new namespaces, and what both lead to. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/jail/probe.h"

/* <sys/mount.h> and <linux/mount.h> do not go together in this libc. */
int mount(const char *, const char *, const char *, unsigned long,
	  const void *);
int umount2(const char *, int);
#define MS_RDONLY_ 1UL
#define MS_REMOUNT_ 32UL
#define MS_BIND_ 4096UL
#define MS_REC_ 16384UL
#define MS_PRIVATE_ (1UL << 18)
#define MNT_DETACH_ 2

/*
 * A root that tries this outside a jail must not take the machine's mounts
 * away: a namespace of its own first, where it can have one.
 */
static void own_mounts(void)
{
	if (unshare(CLONE_NEWNS) == 0)
		(void)mount(NULL, "/", NULL, MS_REC_ | MS_PRIVATE_, NULL);
}

static const char *remount_rw(const struct ctx *c, const struct probe *p)
{
	own_mounts();
	if (mount(NULL, p->text, NULL, MS_REMOUNT_ | MS_BIND_, NULL) < 0 &&
	    refused(errno))
		return NULL;
	return say("remount of %s", p->text);
}

static const char *setattr_rw(const struct ctx *c, const struct probe *p)
{
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_RDONLY };

	own_mounts();
	if (syscall(SYS_mount_setattr, AT_FDCWD, p->text, 0, &attr,
		    sizeof(attr)) < 0 &&
	    refused(errno))
		return NULL;
	return say("mount_setattr of %s", p->text);
}

static const char *unmount(const struct ctx *c, const struct probe *p)
{
	own_mounts();
	if (umount2(p->text, MNT_DETACH_) < 0 && refused(errno))
		return NULL;
	return say("umount of %s", p->text);
}

static const char *bind_over(const struct ctx *c, const struct probe *p)
{
	own_mounts();
	if (mount("/tmp", p->text, NULL, MS_BIND_, NULL) < 0 && refused(errno))
		return NULL;
	return say("bind over %s", p->text);
}

static const char *mount_fs(const struct ctx *c, const struct probe *p)
{
	own_mounts();
	if (mount("none", "/tmp", p->text, 0, NULL) < 0 && refused(errno))
		return NULL;
	return say("mounted %s", p->text);
}

/* The new mount API, a detached tree first. */
static const char *clone_tree(const struct ctx *c, const struct probe *p)
{
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, p->text,
			      OPEN_TREE_CLOEXEC | p->arg[0]);

	if (fd < 0 && refused(errno))
		return NULL;
	return say("open_tree of %s", p->text);
}

static const char *new_fs(const struct ctx *c, const struct probe *p)
{
	if (syscall(SYS_fsopen, p->text, FSOPEN_CLOEXEC) < 0 && refused(errno))
		return NULL;
	return say("fsopen of %s", p->text);
}

static const char *unshares(const struct ctx *c, const struct probe *p)
{
	return unshare((int)p->arg[0]) < 0 ? NULL : "a new namespace";
}

/* clone(2) with namespace flags. arg[1]: by clone3, which no filter can see
 * into, so it has to be refused as a whole. */
static const char *clones(const struct ctx *c, const struct probe *p)
{
	struct clone_args args = {
		.flags = (uint64_t)p->arg[0],
		.exit_signal = SIGCHLD,
	};
	long pid;

	if (p->arg[1])
		pid = syscall(SYS_clone3, &args, sizeof(args));
	else
		pid = syscall(SYS_clone, p->arg[0] | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return NULL;
	(void)waitpid((pid_t)pid, NULL, 0);
	return "a child in a new namespace";
}

/* The whole way: a user namespace, its root, and a mount made writable. */
static const char *nested_remount(const struct ctx *c, const struct probe *p)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return NULL;
	if (mount("tmpfs", "/tmp", "tmpfs", 0, NULL) < 0)
		return "a nested user namespace";
	return "a nested user namespace with mounts of its own";
}

static const char *joins(const struct ctx *c, const struct probe *p)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", p->text);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (setns(fd, 0) < 0 && refused(errno)))
		return NULL;
	return say("setns to %s", p->text);
}

static const char *joins_host(const struct ctx *c, const struct probe *p)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", c->hostpid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? NULL : "a namespace of the host was opened";
}

static const char *pivots(const struct ctx *c, const struct probe *p)
{
	own_mounts();
	if (syscall(SYS_pivot_root, "/sbx-none", "/sbx-none") < 0 &&
	    refused(errno))
		return NULL;
	return "pivot_root";
}

/* Were the filter not to see one way to make them, the kernel refuses more. */
static const char *user_limit(const struct ctx *c, const struct probe *p)
{
	int fd = open("/proc/sys/user/max_user_namespaces",
		      O_RDONLY | O_CLOEXEC);
	char text[32] = "";

	if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && text[0] != '0')
		return say("max_user_namespaces is %s", text);
	return NULL;
}

const struct probe probes_mount[] = {
	{ "mount", "remount-usr", remount_rw, BARE_ROOT, "/usr" },
	{ "mount", "remount-etc", remount_rw, BARE_ROOT, "/etc" },
	{ "mount", "remount-root", remount_rw, BARE_ROOT, "/" },
	{ "mount", "remount-proc-sys", remount_rw, BARE_ROOT, "/proc/sys" },
	{ "mount", "setattr-usr", setattr_rw, BARE_ROOT, "/usr" },
	{ "mount", "setattr-root", setattr_rw, BARE_ROOT, "/" },
	{ "mount", "setattr-proc-sys", setattr_rw, BARE_ROOT, "/proc/sys" },
	{ "mount", "unmask-kcore", unmount, BARE_ROOT, "/proc/kcore" },
	{ "mount", "unmask-proc-sys", unmount, BARE_ROOT, "/proc/sys" },
	{ "mount", "unmount-workspace", unmount, BARE_ROOT, "." },
	{ "mount", "unmount-proc", unmount, BARE_ROOT, "/proc" },
	{ "mount", "unmount-root", unmount, BARE_ROOT, "/" },
	{ "mount", "bind-over-etc", bind_over, BARE_ROOT, "/etc" },
	{ "mount", "bind-over-proc", bind_over, BARE_ROOT, "/proc" },
	{ "mount", "tmpfs", mount_fs, BARE_ROOT, "tmpfs" },
	{ "mount", "proc", mount_fs, BARE_ROOT, "proc" },
	{ "mount", "sysfs", mount_fs, BARE_ROOT, "sysfs" },
	{ "mount", "overlay", mount_fs, BARE_ROOT, "overlay" },
	{ "mount", "cgroup2", mount_fs, BARE_ROOT, "cgroup2" },
	{ "mount", "fuse", mount_fs, BARE_ROOT, "fuse" },
	{ "mount", "ext4", mount_fs, BARE_ROOT, "ext4" },
	{ "mount",
	  "open_tree-clone",
	  clone_tree,
	  BARE_ROOT,
	  "/",
	  { OPEN_TREE_CLONE } },
	{ "mount", "open_tree", clone_tree, BARE_ANY, "/", { 0 } },
	{ "mount", "fsopen-tmpfs", new_fs, BARE_ROOT, "tmpfs" },
	{ "mount", "fsopen-overlay", new_fs, BARE_ROOT, "overlay" },
	{ "mount", "fsopen-ext4", new_fs, BARE_ROOT, "ext4" },
	{ "mount", "pivot_root", pivots, BARE_ROOT },

	{ "namespace",
	  "unshare-user",
	  unshares,
	  BARE_ANY,
	  NULL,
	  { CLONE_NEWUSER } },
	{ "namespace",
	  "unshare-mount",
	  unshares,
	  BARE_ROOT,
	  NULL,
	  { CLONE_NEWNS } },
	{ "namespace",
	  "unshare-net",
	  unshares,
	  BARE_ROOT,
	  NULL,
	  { CLONE_NEWNET } },
	{ "namespace",
	  "unshare-pid",
	  unshares,
	  BARE_ROOT,
	  NULL,
	  { CLONE_NEWPID } },
	{ "namespace",
	  "unshare-ipc",
	  unshares,
	  BARE_ROOT,
	  NULL,
	  { CLONE_NEWIPC } },
	{ "namespace",
	  "unshare-uts",
	  unshares,
	  BARE_ROOT,
	  NULL,
	  { CLONE_NEWUTS } },
	{ "namespace",
	  "unshare-cgroup",
	  unshares,
	  BARE_ROOT,
	  NULL,
	  { CLONE_NEWCGROUP } },
	{ "namespace",
	  "clone-user",
	  clones,
	  BARE_ANY,
	  NULL,
	  { CLONE_NEWUSER } },
	{ "namespace",
	  "clone-user-mount",
	  clones,
	  BARE_ANY,
	  NULL,
	  { CLONE_NEWUSER | CLONE_NEWNS } },
	{ "namespace",
	  "clone-user-net",
	  clones,
	  BARE_ANY,
	  NULL,
	  { CLONE_NEWUSER | CLONE_NEWNET } },
	{ "namespace",
	  "clone3-user",
	  clones,
	  BARE_ANY,
	  NULL,
	  { CLONE_NEWUSER, 1 } },
	{ "namespace",
	  "clone3-uninspectable",
	  clones,
	  BARE_ANY,
	  NULL,
	  { 0, 1 } },
	{ "namespace", "nested-remount", nested_remount, BARE_ANY },
	{ "namespace", "setns-mount", joins, BARE_ROOT, "mnt" },
	{ "namespace", "setns-net", joins, BARE_ROOT, "net" },
	{ "namespace", "setns-user", joins, BARE_ANY, "user" },
	{ "namespace", "setns-host", joins_host, BARE_ANY },
	{ "namespace", "user-limit", user_limit, BARE_ANY },
	{ 0 },
};
