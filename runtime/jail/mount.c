/* SPDX-License-Identifier: Apache-2.0 */
/* Building the jail's root in the child, step by step, and entering it. */
#include "runtime/jail/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/base/sys.h"

/*
 * How this works. The new root is mounted over "/" while this process's own
 * root stays the old one below it: so host paths are absolute, and names of
 * the new tree are relative to the working directory, which is the new root.
 * No mount point of the host is needed or covered, and at the end
 * pivot_root(".", ".") swaps the two.
 *
 * A name in the jail's own tree (own_dst) cannot be a planted link: nobody
 * else has ever seen that tree. Every other name is resolved by openat2(2)
 * below the root, through no link, and then used by its descriptor only. A
 * source is opened again here, because a descriptor from before the clone
 * belongs to the other mount namespace, and must be what the plan has seen.
 *
 * Async-signal-safe throughout: this runs between clone and exec.
 */

#define NO_LINKS (RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)
#define NODEV_FLAGS (MS_NOSUID | MS_NODEV)

struct enter {
	const struct jail_plan *plan;
	int root;   /* the new root, also the working directory */
	int mem;    /* the jail's tmpfs where the root is an overlay, or -1 */
	int run;    /* the run's directory in this mount namespace, or -1 */
	int uppers; /* tmpfs of the overlays in memory, or -1 */
	unsigned n_mem;	  /* directories made in mem and uppers */
	unsigned stacked; /* mounts between the old root and the new one */
	int rundir;
	struct sbx_err *err;
};

/* A guest path made safe to use: relative to the root, or through fd. */
struct place {
	int fd;
	const char *path;
	char text[40];
};

#define _autoplace __attribute__((cleanup(place_done)))

static void place_done(struct place *p)
{
	close_fd(&p->fd);
}

static int step_error(struct enter *e, const struct jail_op *op, int code,
		      const char *what)
{
	if (op->origin)
		return sbx_fail(e->err, code, "%s: %s '%s'", op->origin, what,
				op->dst);
	return sbx_fail(e->err, code, "%s '%s'", what, op->dst);
}

static void fd_path(char *text, size_t size, int fd)
{
	(void)snprintf(text, size, "/proc/self/fd/%d", fd);
}

/* The path below the root; "." for the root itself. */
static const char *below(const char *guest)
{
	return guest[1] ? guest + 1 : ".";
}

static int find_place(struct enter *e, const struct jail_op *op,
		      struct place *ret)
{
	ret->fd = -1;
	ret->path = below(op->dst);
	if (op->own_dst)
		return 0;
	ret->fd = sys_openat2(e->root, ret->path, O_PATH | O_CLOEXEC, 0,
			      RESOLVE_IN_ROOT | NO_LINKS);
	if (ret->fd < 0)
		return -errno;
	fd_path(ret->text, sizeof(ret->text), ret->fd);
	ret->path = ret->text;
	return 0;
}

/* Open the directory that a name is to be made in. *ret_name is the name. */
static int open_parent(struct enter *e, const struct jail_op *op,
		       const char **ret_name)
{
	const char *path = below(op->dst), *slash = strrchr(path, '/');
	char dir[PATH_MAX];

	*ret_name = slash ? slash + 1 : path;
	if (!slash)
		return fcntl(e->root, F_DUPFD_CLOEXEC, 0);
	if ((size_t)(slash - path) >= sizeof(dir)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	return sys_openat2(e->root, dir, O_PATH | O_DIRECTORY | O_CLOEXEC, 0,
			   RESOLVE_IN_ROOT | NO_LINKS);
}

/* ---- names in the tree --------------------------------------------------- */

static int create_file(struct enter *e, const struct jail_op *op, int dirfd,
		       const char *name)
{
	_autofd int fd = -1;
	int r;

	if (!op->text[0])
		return mknodat(dirfd, name, S_IFREG | op->mode, 0);
	fd = openat(dirfd, name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    op->mode);
	if (fd < 0)
		return -1;
	r = io_write_all(fd, op->text, strlen(op->text));
	if (r < 0) {
		errno = -r;
		return -1;
	}
	return 0;
}

static int create(struct enter *e, const struct jail_op *op, int dirfd,
		  const char *name)
{
	switch (op->kind) {
	case JAIL_OP_DIR:
		return mkdirat(dirfd, name, op->mode);
	case JAIL_OP_LINK:
		return symlinkat(op->text, dirfd, name);
	default:
		return create_file(e, op, dirfd, name);
	}
}

/* A name that is not in our own tree may be taken: a directory may stay, all
 * else is replaced (in the overlay's memory, not in the user's directory). */
static int create_over(struct enter *e, const struct jail_op *op, int dirfd,
		       const char *name)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (op->kind == JAIL_OP_DIR && S_ISDIR(st.st_mode))
			return 0;
		if (op->kind == JAIL_OP_DIR) {
			errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
			return -1;
		}
		if (unlinkat(dirfd, name, 0) < 0)
			return -1;
	}
	return create(e, op, dirfd, name);
}

static int do_create(struct enter *e, const struct jail_op *op)
{
	_autofd int dirfd = -1;
	const char *name;

	if (op->own_dst)
		return create(e, op, e->root, below(op->dst)) < 0
			       ? step_error(e, op, errno, "make")
			       : 0;
	dirfd = open_parent(e, op, &name);
	if (dirfd < 0 || create_over(e, op, dirfd, name) < 0)
		return step_error(e, op, errno, "make");
	return 0;
}

/* ---- mounts -------------------------------------------------------------- */

static int set_attr(int dirfd, const char *path, unsigned flags, uint64_t set,
		    uint64_t clear)
{
	struct mount_attr a = {
		.attr_set = set,
		.attr_clr = clear,
		.propagation = MS_PRIVATE,
	};

	return mount_setattr(dirfd, path, flags, &a, sizeof(a));
}

/* Step onto what is now on top of "/". */
static int step_in(struct enter *e)
{
	int fd;

	if (chdir("/..") < 0)
		return -errno;
	fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close_fd(&e->root);
	e->root = fd;
	return 0;
}

/* The root; an inode per 4 KiB, so that a limit on bytes is one on names. */
static int do_tmpfs(struct enter *e, const struct jail_op *op)
{
	char opts[96];
	uint64_t inodes = op->size / 4096;
	int r;

	if (inodes < 4096)
		inodes = 4096;
	if (op->size == POL_NONE)
		(void)snprintf(opts, sizeof(opts), "mode=%o", op->mode);
	else
		(void)snprintf(opts, sizeof(opts),
			       "mode=%o,size=%" PRIu64 ",nr_inodes=%" PRIu64,
			       op->mode, op->size, inodes);
	if (mount("tmpfs", "/", "tmpfs", NODEV_FLAGS, opts) < 0)
		return step_error(e, op, errno, "mount a tmpfs on");
	r = step_in(e);
	return r < 0 ? step_error(e, op, -r, "step onto") : 0;
}

/* Open a source again and make sure that it is what the plan has seen. */
static int open_source(struct enter *e, const struct jail_op *op)
{
	_autofd int fd =
		sys_openat2(AT_FDCWD, op->src, O_PATH | O_CLOEXEC, 0, NO_LINKS);
	const char *who = op->origin ? op->origin : "mount";
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return sbx_fail(e->err, errno, "%s: '%s'", who, op->src);
	if (st.st_dev != op->dev || st.st_ino != op->ino ||
	    S_ISDIR(st.st_mode) != op->src_is_dir)
		return sbx_failx(e->err, ESTALE,
				 "%s: '%s' was replaced by another while the "
				 "jail was being made",
				 who, op->src);
	return take_fd(&fd);
}

/* A part of the host's system, or a device: by its path, which is root's. */
static int bind_host(struct enter *e, const struct jail_op *op)
{
	struct place p _autoplace = { .fd = -1 };
	struct stat st;
	int r = find_place(e, op, &p);

	if (r < 0)
		return step_error(e, op, -r, "place");
	if (mount(op->src, p.path, NULL,
		  op->device ? MS_BIND : MS_BIND | MS_REC, NULL) < 0)
		return step_error(e, op, errno, "bind");
	if (!op->device)
		return 0;
	if (fstatat(e->root, below(op->dst), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return step_error(e, op, errno, "look at");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != op->dev)
		return sbx_failx(e->err, ENODEV,
				 "the host's '%s' is not the device of that "
				 "name",
				 op->src);
	return 0;
}

static int do_bind(struct enter *e, const struct jail_op *op)
{
	struct place p _autoplace = { .fd = -1 };
	_autofd int fd = -1, tree = -1;
	int r;

	if (!op->ino)
		return bind_host(e, op);
	fd = open_source(e, op);
	if (fd < 0)
		return fd;
	tree = open_tree(fd, "",
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
				 (op->src_is_dir ? AT_RECURSIVE : 0));
	if (tree < 0)
		return step_error(e, op, errno, "clone the source of");
	if (set_attr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, op->attr, 0) < 0)
		return step_error(e, op, errno, "set the attributes of");
	r = find_place(e, op, &p);
	if (r < 0)
		return step_error(e, op, -r, "place");
	if (p.fd >= 0)
		r = move_mount(tree, "", p.fd, "",
			       MOVE_MOUNT_F_EMPTY_PATH |
				       MOVE_MOUNT_T_EMPTY_PATH);
	else
		r = move_mount(tree, "", e->root, p.path,
			       MOVE_MOUNT_F_EMPTY_PATH);
	return r < 0 ? step_error(e, op, errno, "mount") : 0;
}

static int do_rebind(struct enter *e, const struct jail_op *op)
{
	struct place p _autoplace = { .fd = -1 };
	int r = find_place(e, op, &p);

	if (r == 0 && mount(below(op->src), p.path, NULL, MS_BIND, NULL) < 0)
		r = -errno;
	if (r == -ENOENT && op->optional)
		return 0;
	if (r < 0)
		return step_error(e, op, -r, "cover");
	if (op->attr && set_attr(e->root, below(op->dst), 0, op->attr, 0) < 0)
		return step_error(e, op, errno, "set the attributes of");
	return 0;
}

/* Where the tmpfs is the root itself, the directory is there already. */
static int do_memdir(struct enter *e, const struct jail_op *op)
{
	struct place p _autoplace = { .fd = -1 };
	char src[64];
	int r = find_place(e, op, &p);

	if (r < 0)
		return step_error(e, op, -r, "place");
	if (op->own_dst) {
		if (mount(p.path, p.path, NULL, MS_BIND, NULL) < 0)
			return step_error(e, op, errno, "bind");
	} else {
		(void)snprintf(src, sizeof(src), "dir%u", e->n_mem++);
		if (mkdirat(e->mem, src, op->mode) < 0)
			return step_error(e, op, errno, "make");
		(void)snprintf(src, sizeof(src), "/proc/self/fd/%d/dir%u",
			       e->mem, e->n_mem - 1);
		if (mount(src, p.path, NULL, MS_BIND, NULL) < 0)
			return step_error(e, op, errno, "bind");
	}
	if (set_attr(e->root, below(op->dst), 0, 0, MOUNT_ATTR_RDONLY) < 0)
		return step_error(e, op, errno, "make writable");
	return 0;
}

static int do_proc(struct enter *e, const struct jail_op *op)
{
	struct place p _autoplace = { .fd = -1 };
	unsigned long flags = NODEV_FLAGS | MS_NOEXEC;
	int r = find_place(e, op, &p);

	if (r < 0)
		return step_error(e, op, -r, "place");
	if (mount("proc", p.path, "proc", flags, NULL) == 0)
		return 0;
	if (errno != EPERM)
		return step_error(e, op, errno, "mount");
	return sbx_failx(
		e->err, EPERM,
		"'/proc' cannot be mounted, because parts of the one outside "
		"are masked (a container?); start that container with an "
		"unmasked /proc (docker: --security-opt "
		"systempaths=unconfined, kubernetes: procMount: Unmasked)");
}

static int do_sysctl(struct enter *e, const struct jail_op *op)
{
	int r = io_write_file(e->root, below(op->dst), op->text);

	return r < 0 ? step_error(e, op, -r, "write") : 0;
}

static int do_devpts(struct enter *e, const struct jail_op *op)
{
	if (mount("devpts", below(op->dst), "devpts", MS_NOSUID | MS_NOEXEC,
		  "newinstance,ptmxmode=0666,mode=620") < 0)
		return step_error(e, op, errno, "mount");
	return 0;
}

static int do_readonly(struct enter *e, const struct jail_op *op)
{
	int r = set_attr(e->root, "", AT_EMPTY_PATH | AT_RECURSIVE, op->attr,
			 0);

	if (r < 0 && errno == ENOSYS)
		return sbx_failx(e->err, ENOSYS,
				 "this kernel cannot make mounts read-only as "
				 "a tree; sbx needs Linux 5.12 or newer");
	if (r < 0)
		return step_error(e, op, errno, "make read-only");
	return 0;
}

/* ---- overlays ------------------------------------------------------------ */

/* The run's directory as this mount namespace has it. */
static int open_run(struct enter *e)
{
	char link[40], path[PATH_MAX];
	struct stat a, b;
	ssize_t n;

	if (e->run >= 0)
		return 0;
	fd_path(link, sizeof(link), e->rundir);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0 || fstat(e->rundir, &a) < 0)
		return sbx_fail(e->err, errno, "the run's directory");
	path[n] = '\0';
	e->run = sys_openat2(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC,
			     0, NO_LINKS);
	if (e->run < 0 || fstat(e->run, &b) < 0)
		return sbx_fail(e->err, errno, "the run's directory '%s'",
				path);
	if (a.st_dev != b.st_dev || a.st_ino != b.st_ino)
		return sbx_failx(e->err, ESTALE,
				 "the run's directory '%s' was moved", path);
	return 0;
}

/*
 * One tmpfs for the upper layers of all overlays in memory. It is mounted
 * where the first of them will be and covered by it: used by descriptor only.
 */
static int open_uppers(struct enter *e, const struct jail_op *op,
		       const struct place *p)
{
	char opts[64] = "mode=755";

	if (e->uppers >= 0)
		return 0;
	if (op->size != POL_NONE)
		(void)snprintf(opts, sizeof(opts), "mode=755,size=%llu",
			       (unsigned long long)op->size);
	if (mount("tmpfs", p->path, "tmpfs", NODEV_FLAGS, opts) < 0)
		return step_error(e, op, errno, "mount a tmpfs on");
	/* the path leads to what is on top; a descriptor leads below it */
	e->uppers = sys_openat2(e->root, below(op->dst),
				O_PATH | O_DIRECTORY | O_CLOEXEC, 0,
				RESOLVE_IN_ROOT | NO_LINKS);
	if (e->uppers < 0)
		return step_error(e, op, errno, "tmpfs on");
	return 0;
}

static int make_layer(int dirfd, const char *name)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "%s/upper", name);
	if (mkdirat(dirfd, name, 0755) < 0 || mkdirat(dirfd, path, 0755) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/work", name);
	return mkdirat(dirfd, path, 0755);
}

/* Before Linux 6.6 a tmpfs holds no user xattrs, by which an overlay in a user
 * namespace remembers what was deleted. */
static int check_xattr(struct enter *e, const struct jail_op *op, int dirfd,
		       const char *name)
{
	char path[80];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s/work", dirfd,
		       name);
	if (setxattr(path, "user.sbx", "", 0, 0) == 0 || errno != EOPNOTSUPP)
		return 0;
	return sbx_failx(e->err, ENOTSUP,
			 "%s: an overlay in memory needs Linux 6.6 or newer; "
			 "use upper: disk",
			 op->origin ? op->origin : op->dst);
}

static int overlay_error(struct enter *e, const struct jail_op *op, int code)
{
	const char *who = op->origin ? op->origin : "overlay";
	struct statfs fs;

	if (code == EINVAL && !op->in_memory && fstatfs(e->run, &fs) == 0 &&
	    fs.f_type == OVERLAYFS_SUPER_MAGIC)
		return sbx_failx(e->err, code,
				 "%s: sbx's own directory lies on an overlay "
				 "(a container?), which cannot hold another's "
				 "changes; use upper: memory, or set "
				 "XDG_STATE_HOME to a place on a volume",
				 who);
	if (code == EINVAL)
		return sbx_failx(e->err, code,
				 "%s: '%s' cannot be an overlay; where other "
				 "file systems are mounted below it, give "
				 "those directories mounts of their own, or "
				 "use ro or rw",
				 who, op->src);
	if (code == ELOOP)
		return sbx_failx(e->err, code,
				 "%s: '%s' contains the directory where its "
				 "changes would be kept",
				 who, op->src);
	return sbx_fail(e->err, code, "%s: overlay of '%s'", who, op->src);
}

/* Mount it: by descriptors, so that no name can have a comma or be swapped. */
static int mount_overlay(struct enter *e, const struct jail_op *op,
			 const char *target, int layers, const char *name)
{
	_autofd int lower = open_source(e, op);
	char opts[320];

	if (lower < 0)
		return lower;
	/*
	 * volatile: no fsync(2) of the upper layer, which would cost each
	 * first write to a file tenfold. The jail does not outlive a crash of
	 * the machine, and what it kept is then as safe as any file that was
	 * written and not synced.
	 */
	(void)snprintf(opts, sizeof(opts),
		       "lowerdir=/proc/self/fd/%d,"
		       "upperdir=/proc/self/fd/%d/%s/upper,"
		       "workdir=/proc/self/fd/%d/%s/work,"
		       "userxattr,index=off,xino=auto,volatile",
		       lower, layers, name, layers, name);
	if (mount("overlay", target, "overlay", NODEV_FLAGS, opts) < 0)
		return overlay_error(e, op, errno);
	return 0;
}

static int do_overlay(struct enter *e, const struct jail_op *op)
{
	struct place p _autoplace = { .fd = -1 };
	char name[16];
	int r = find_place(e, op, &p);

	if (r < 0)
		return step_error(e, op, -r, "place");
	if (op->in_memory) {
		(void)snprintf(name, sizeof(name), "m%u", e->n_mem++);
		r = open_uppers(e, op, &p);
		if (r == 0 && make_layer(e->uppers, name) < 0)
			return step_error(e, op, errno, "upper layer of");
		if (r == 0)
			r = check_xattr(e, op, e->uppers, name);
	} else {
		(void)snprintf(name, sizeof(name), "%u", op->upper_index);
		r = open_run(e);
	}
	if (r < 0)
		return r;
	return mount_overlay(e, op, p.path, op->in_memory ? e->uppers : e->run,
			     name);
}

/* A directory as the root: its changes (mount points) go to the tmpfs. */
static int do_root_overlay(struct enter *e, const struct jail_op *op)
{
	int r;

	e->mem = take_fd(&e->root);
	e->stacked++;
	if (make_layer(e->mem, "root") < 0)
		return step_error(e, op, errno, "upper layer of");
	r = mount_overlay(e, op, "/", e->mem, "root");
	if (r == 0) {
		r = step_in(e);
		if (r < 0)
			return step_error(e, op, -r, "step onto");
	}
	return r;
}

int overlay_prepare(const struct jail_plan *plan, int rundir,
		    struct sbx_err *err)
{
	char name[16];

	for (unsigned i = 0; i < plan->n_uppers; i++) {
		(void)snprintf(name, sizeof(name), "%u", i);
		if (make_layer(rundir, name) < 0)
			return sbx_fail(err, errno,
					"make '%s' in the run's directory",
					name);
	}
	return 0;
}

/* ---- all of it ----------------------------------------------------------- */

static int do_op(struct enter *e, const struct jail_op *op)
{
	static int (*const table[])(struct enter *, const struct jail_op *) = {
		[JAIL_OP_DIR] = do_create,    [JAIL_OP_FILE] = do_create,
		[JAIL_OP_LINK] = do_create,   [JAIL_OP_BIND] = do_bind,
		[JAIL_OP_REBIND] = do_rebind, [JAIL_OP_TMPFS] = do_tmpfs,
		[JAIL_OP_MEMDIR] = do_memdir, [JAIL_OP_OVERLAY] = do_overlay,
		[JAIL_OP_PROC] = do_proc,     [JAIL_OP_DEVPTS] = do_devpts,
		[JAIL_OP_SYSCTL] = do_sysctl, [JAIL_OP_READONLY] = do_readonly,
	};

	if (op->kind == JAIL_OP_OVERLAY && !op->dst[1])
		return do_root_overlay(e, op);
	return table[op->kind](e, op);
}

/* Whether anything is mounted over the root, where ".." would lead onto it. */
static bool root_is_bare(void)
{
	struct statx top, root;

	return statx(AT_FDCWD, "/..", 0, STATX_MNT_ID, &top) == 0 &&
	       statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &root) == 0 &&
	       (top.stx_mask & root.stx_mask & STATX_MNT_ID) &&
	       top.stx_mnt_id == root.stx_mnt_id;
}

/* The old root ends up mounted on the new one, with what was stacked on it, and
 * is thrown away from the top. */
static int swap_root(struct enter *e)
{
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return sbx_fail(e->err, errno, "pivot into the new root");
	for (unsigned i = 0; i <= e->stacked; i++)
		if (umount2(".", MNT_DETACH) < 0)
			return sbx_fail(e->err, errno, "detach the old root");
	if (chdir("/") < 0)
		return sbx_fail(e->err, errno, "enter the new root");
	if (!root_is_bare())
		return sbx_failx(e->err, EBUSY, "the old root is still there");
	return 0;
}

int mount_enter(const struct jail_plan *plan, int rundir, struct sbx_err *err)
{
	struct enter e = { .plan = plan,
			   .root = -1,
			   .mem = -1,
			   .run = -1,
			   .uppers = -1,
			   .rundir = rundir,
			   .err = err };
	int r = 0;

	(void)umask(0);
	for (size_t i = 0; i < plan->n_ops && r == 0; i++)
		r = do_op(&e, &plan->ops[i]);
	if (r == 0)
		r = swap_root(&e);
	close_fd(&e.root);
	close_fd(&e.mem);
	close_fd(&e.run);
	close_fd(&e.uppers);
	(void)umask(plan->umask);
	if (r < 0 && err)
		strcpy(err->step, "mounts");
	return r;
}
