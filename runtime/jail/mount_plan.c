/* SPDX-License-Identifier: Apache-2.0 */
/* Planning the jail's root: the host's read-only view, /dev, /proc, /tmp. */
#include "runtime/jail/mount_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "rootfs/skel/skel.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/path.h"
#include "runtime/jail/mount.h"

/*
 * How this works. One tmpfs becomes the root, and everything of the jail's own
 * lies in it: mount points, made-up files, and the directories that the guest
 * may write to. A mount is the dearest thing in a jail's start (10 µs with its
 * end, a file system 30), so:
 *
 * 1. the tree is made: directories, links, files, the host's read-only parts;
 * 2. one READONLY step makes all that is mounted so far read-only, without
 *    set-user-id and devices, and cuts it off from the host's later mounts;
 * 3. devices are bound, and a second such step makes them read-only, so that
 *    root's jail cannot change the mode of the host's /dev/null;
 * 4. /proc and its masks; writable directories (MEMDIR: the tmpfs is the one
 *    that is the root, so they cost no file system and share its size);
 * 5. the policy's mounts, parents first; devpts.
 *
 * Before devpts covers it, /dev/pts is an empty directory that nobody can write
 * to or ever see again: it is what lies over hidden directories of /proc.
 */

#define EMPTY_DIR "/dev/pts"
#define EMPTY_FILE "/dev/null"

struct jail_op *add_op(struct build *b, enum jail_op_kind kind, const char *src,
		       const char *dst)
{
	struct jail_op *op = jail_plan_op(b->plan, kind, dst);

	if (op && src) {
		op->src = strdup(src);
		b->nomem |= !op->src;
	}
	if (!op) {
		b->nomem = true;
		op = &b->scratch;
	}
	op->own_dst = b->pol->rootfs.base != POL_BASE_DIR;
	return op;
}

static bool has_dir(const struct build *b, const char *path)
{
	const struct jail_op *op;

	for (size_t i = b->plan->n_ops; i; i--) {
		op = &b->plan->ops[i - 1];
		if (op->kind == JAIL_OP_DIR && strcmp(op->dst, path) == 0)
			return true;
	}
	return false;
}

void add_parents(struct build *b, const char *path)
{
	const char *slash = strrchr(path, '/');
	_autofree char *parent = NULL;

	if (slash == path)
		return;
	parent = strndup(path, (size_t)(slash - path));
	if (parent)
		add_dir(b, parent, 0755);
	else
		b->nomem = true;
}

void add_dir(struct build *b, const char *path, mode_t mode)
{
	if (!path[1] || has_dir(b, path))
		return;
	add_parents(b, path);
	add_op(b, JAIL_OP_DIR, NULL, path)->mode = mode;
}

static void add_text(struct build *b, enum jail_op_kind kind, const char *path,
		     const char *text, mode_t mode)
{
	struct jail_op *op = add_op(b, kind, NULL, path);
	char *copy = strdup(text);

	op->mode = mode;
	if (op == &b->scratch || !copy) {
		b->nomem = true;
		free(copy);
		return;
	}
	op->text = copy;
}

void add_file(struct build *b, const char *path, const char *text)
{
	add_text(b, JAIL_OP_FILE, path, text, 0444);
}

void add_link(struct build *b, const char *path, const char *target)
{
	add_text(b, JAIL_OP_LINK, path, target, 0777);
}

void add_note(struct build *b, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (strv_take(&b->plan->notes, text) < 0)
		b->nomem = true;
}

/* Add what buf holds as a file. */
static void add_buf(struct build *b, const char *path, struct buf *text)
{
	if (text->failed)
		b->nomem = true;
	else
		add_file(b, path, text->data ? text->data : "");
	buf_done(text);
}

static bool has_mount(const struct jail_op *op)
{
	return op->kind == JAIL_OP_BIND || op->kind == JAIL_OP_OVERLAY ||
	       op->kind == JAIL_OP_MEMDIR || op->kind == JAIL_OP_LINK ||
	       op->kind == JAIL_OP_FILE;
}

const struct jail_op *find_cover(const struct jail_plan *plan,
				 const char *guest)
{
	const struct jail_op *best = NULL, *op;

	for (size_t i = 0; i < plan->n_ops; i++) {
		op = &plan->ops[i];
		if (has_mount(op) && op->dst[1] &&
		    path_within(guest, op->dst) &&
		    (!best || strlen(op->dst) >= strlen(best->dst)))
			best = op;
	}
	return best;
}

/* ---- the host's read-only view ----------------------------------------- */

/* A part of the host that only root can change: bound as it is found. */
static void add_host(struct build *b, const char *path, bool dir)
{
	struct jail_op *op;

	if (dir) {
		add_dir(b, path, 0755);
	} else {
		add_parents(b, path);
		add_file(b, path, "");
	}
	op = add_op(b, JAIL_OP_BIND, path, path);
	op->attr = ATTR_RO;
	op->attr_later = true;
	op->src_is_dir = dir;
}

/* Show a name of the host, a link as a link, if it is there. */
static void add_entry(struct build *b, const char *path)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (lstat(path, &st) < 0)
		return;
	if (S_ISLNK(st.st_mode)) {
		n = readlink(path, target, sizeof(target) - 1);
		if (n <= 0)
			return;
		target[n] = '\0';
		add_parents(b, path);
		add_link(b, path, target);
	} else if (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)) {
		add_host(b, path, S_ISDIR(st.st_mode));
	}
}

static void add_etc_rows(struct build *b)
{
	char path[64];

	for (size_t i = 0; i < skel_n_etc; i++) {
		if (skel_etc[i].net && b->pol->network.mode != POL_NET_HOST)
			continue;
		(void)snprintf(path, sizeof(path), "/etc/%s", skel_etc[i].name);
		add_entry(b, path);
	}
}

/* A small text file of the host's, through whatever links root has made. */
static void add_copy(struct build *b, const char *path)
{
	struct buf text = { 0 };
	_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && buf_read_fd(&text, fd, 64 * 1024) < 0)
		buf_done(&text);
	add_buf(b, path, &text);
}

static const char *home_of(const struct build *b)
{
	const struct policy *pol = b->pol;

	for (size_t i = 0; i < pol->env.n_set; i++)
		if (strcmp(pol->env.set[i].name, "HOME") == 0 &&
		    pol->env.set[i].value[0] == '/')
			return pol->env.set[i].value;
	return "/";
}

static void add_made_up(struct build *b)
{
	const char *home = home_of(b);
	struct buf text = { 0 };

	skel_passwd(&text, b->plan->uid, b->plan->gid,
		    strpbrk(home, ":\n") ? "/" : home);
	add_buf(b, "/etc/passwd", &text);
	skel_group(&text, b->plan->gid);
	add_buf(b, "/etc/group", &text);
	add_file(b, "/etc/nsswitch.conf", skel_nsswitch);
	if (b->pol->network.mode == POL_NET_HOST) {
		add_copy(b, "/etc/hosts");
		add_copy(b, "/etc/resolv.conf");
		return;
	}
	skel_hosts(&text, b->plan->hostname);
	add_buf(b, "/etc/hosts", &text);
	add_file(b, "/etc/resolv.conf", "");
}

static void add_host_view(struct build *b)
{
	char path[64];

	add_host(b, "/usr", true);
	for (size_t i = 0; i < skel_n_system; i++) {
		(void)snprintf(path, sizeof(path), "/%s", skel_system[i]);
		add_entry(b, path);
	}
	add_dir(b, "/etc", 0755);
	add_etc_rows(b);
	add_made_up(b);
	add_dir(b, "/var", 0755);
	add_link(b, "/var/tmp", "/tmp");
}

/* ---- a directory as the root -------------------------------------------- */

/*
 * The directory is the lower layer of an overlay whose upper one is the jail's
 * tmpfs: so mount points can be made without a trace in the directory.
 */
static int add_dir_root(struct build *b, struct sbx_err *err)
{
	_autofree char *real = NULL;
	_autofd int fd = path_open_trusted(b->pol->rootfs.dir, &real, err);
	const char *origin = b->pol->rootfs.origin;
	struct jail_op *op;
	struct stat st;

	if (fd < 0)
		return sbx_wrap(err, fd, "%s", origin ? origin : "rootfs.base");
	if (fstat(fd, &st) < 0)
		return sbx_fail(err, errno, "'%s'", real);
	if (!S_ISDIR(st.st_mode))
		return sbx_failx(err, ENOTDIR, "%s: '%s' is not a directory",
				 origin ? origin : "rootfs.base", real);
	op = add_op(b, JAIL_OP_OVERLAY, real, "/");
	op->attr = ATTR_RO;
	op->attr_later = true;
	op->dev = st.st_dev;
	op->ino = st.st_ino;
	op->src_is_dir = true;
	op->in_memory = true;
	if (origin && op != &b->scratch)
		op->origin = strdup(origin);
	if (b->pol->network.mode == POL_NET_HOST) {
		add_dir(b, "/etc", 0755);
		add_copy(b, "/etc/resolv.conf");
	}
	return 0;
}

/* ---- what every jail has ------------------------------------------------ */

static void add_dev_tree(struct build *b)
{
	struct jail_op *op;
	char path[64];

	if (b->pol->rootfs.base == POL_BASE_DIR) {
		add_dir(b, "/dev", 0755);
		op = add_op(b, JAIL_OP_MEMDIR, NULL, "/dev");
		op->mode = 0755;
		op->attr_later = true;
	}
	add_dir(b, "/dev/pts", 0555);
	add_dir(b, "/dev/shm", 01777);
	for (size_t i = 0; i < skel_n_devices; i++) {
		(void)snprintf(path, sizeof(path), "/dev/%s",
			       skel_devices[i].name);
		add_file(b, path, "");
	}
	for (size_t i = 0; i < skel_n_links; i++)
		add_link(b, skel_links[i].path, skel_links[i].target);
}

static void add_devices(struct build *b)
{
	struct jail_op *op;
	char path[64];

	for (size_t i = 0; i < skel_n_devices; i++) {
		(void)snprintf(path, sizeof(path), "/dev/%s",
			       skel_devices[i].name);
		op = add_op(b, JAIL_OP_BIND, path, path);
		op->attr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
		op->attr_later = true;
		op->device = true;
		op->dev = makedev(skel_devices[i].major, skel_devices[i].minor);
	}
	op = add_op(b, JAIL_OP_READONLY, NULL, "/");
	op->attr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
}

static void add_mask(struct build *b, const struct skel_mask *m)
{
	static const char *const over[] = {
		[SKEL_FILE] = EMPTY_FILE,
		[SKEL_DIR] = EMPTY_DIR,
	};
	struct jail_op *op;

	if (m->root_only && b->host->uid != 0)
		return;
	op = add_op(b, JAIL_OP_REBIND,
		    m->cover == SKEL_READONLY ? m->path : over[m->cover],
		    m->path);
	/* the covers are read-only already */
	op->attr = m->cover == SKEL_READONLY ? MOUNT_ATTR_RDONLY : 0;
	op->optional = m->cover != SKEL_READONLY;
	op->own_dst = true;
}

/*
 * RLIMIT_NPROC does not bind root (copy_process() asks for INIT_USER), and the
 * watchdog looks only so often: a fork bomb of root's would be thousands by
 * then. Since Linux 6.14 each pid namespace has a pid_max of its own, which
 * binds everybody; before, it is the host's and must not be touched. A process
 * keeps up to three numbers, its own, its group's and its session's, and those
 * below RESERVED_PIDS are not given out twice.
 */
#define RESERVED_PIDS 301 /* and pid_max itself is not given out */
#define NUMBERS_EACH 3
#define PID_MAX_LIMIT 4194304

static void add_pid_max(struct build *b)
{
	uint64_t pids = b->pol->limits.pids;
	char text[24];

	if (b->host->uid != 0 || !b->host->own_pid_max ||
	    pids > (PID_MAX_LIMIT - RESERVED_PIDS) / NUMBERS_EACH)
		return;
	(void)snprintf(text, sizeof(text), "%llu",
		       (unsigned long long)pids * NUMBERS_EACH + RESERVED_PIDS);
	add_text(b, JAIL_OP_SYSCTL, "/proc/sys/kernel/pid_max", text, 0);
}

static void add_proc(struct build *b)
{
	add_op(b, JAIL_OP_PROC, NULL, "/proc");
	add_pid_max(b);
	/* the filter refuses new namespaces; were it not to see one way to
	 * make them, the kernel has none to give */
	add_text(b, JAIL_OP_SYSCTL, "/proc/sys/user/max_user_namespaces", "0",
		 0);
	for (size_t i = 0; i < skel_n_masks; i++)
		add_mask(b, &skel_masks[i]);
}

static void add_memdir(struct build *b, const char *path, mode_t mode)
{
	struct jail_op *op = add_op(b, JAIL_OP_MEMDIR, NULL, path);

	op->attr = ATTR_NODEV;
	op->mode = mode;
}

/* HOME, unless a mount of the policy or a part of the host lies there. */
static bool wants_home(const struct build *b, const char *home)
{
	for (size_t i = 0; i < b->pol->n_mounts; i++)
		if (path_within(home, b->pol->mounts[i].guest))
			return false;
	return b->pol->rootfs.base != POL_BASE_EMPTY && home[1] &&
	       !path_within(home, "/tmp") && !path_within(home, "/dev") &&
	       !path_within(home, "/proc") && !find_cover(b->plan, home);
}

static int add_all(struct build *b, struct source *s, struct sbx_err *err)
{
	_autofree char *home = path_clean(NULL, home_of(b));
	struct jail_op *op = add_op(b, JAIL_OP_TMPFS, NULL, "/");
	int r = 0;

	op->size = b->pol->limits.tmp;
	op->mode = 0755;
	op->attr = ATTR_NODEV;
	if (b->pol->rootfs.base == POL_BASE_HOST)
		add_host_view(b);
	else if (b->pol->rootfs.base == POL_BASE_DIR)
		r = add_dir_root(b, err);
	if (r < 0)
		return r;
	if (!home)
		return sbx_fail(err, ENOMEM, "plan");
	add_dir(b, "/proc", 0555);
	add_dir(b, "/tmp", 01777);
	add_dev_tree(b);
	b->home = wants_home(b, home) ? home : NULL;
	if (b->home)
		add_dir(b, home, 0755);
	r = plan_targets(b, s, b->pol->n_mounts, err);
	if (r < 0)
		return r;
	add_op(b, JAIL_OP_READONLY, NULL, "/")->attr = ATTR_RO;
	add_devices(b);
	add_proc(b);
	add_memdir(b, "/tmp", 01777);
	add_memdir(b, "/dev/shm", 01777);
	if (b->home)
		add_memdir(b, home, 0755);
	r = plan_mounts(b, s, b->pol->n_mounts, err);
	add_op(b, JAIL_OP_DEVPTS, NULL, "/dev/pts");
	return r;
}

int mount_plan(struct jail_plan *plan, const struct jail_host *host,
	       struct sbx_err *err)
{
	struct build b = { .plan = plan, .pol = plan->pol, .host = host };
	struct source *s = NULL;
	int r = sources_open(&b, &s, err);

	if (r == 0)
		r = add_all(&b, s, err);
	sources_free(s, plan->pol->n_mounts);
	free(b.state);
	if (r == 0 && b.nomem)
		r = sbx_fail(err, ENOMEM, "plan");
	return r;
}
