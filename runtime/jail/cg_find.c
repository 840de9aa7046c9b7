/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a cgroup v2 directory that is ours to use. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/base/path.h"
#include "runtime/jail/cg.h"

/*
 * How this works. A directory is ours if we may write it and nobody else is in
 * charge of it. Where systemd runs, it is in charge of every directory of a
 * unit and above, though a user's own manager runs under the user's id and so
 * its directories are writable; it marks what it has given away (user.delegate,
 * since version 251), but a user's manager does not: that one must be asked
 * (cg_scope.c). So the walk goes from our own cgroup upwards and ends at
 * the first unit. Without systemd whatever a user may write was given to the
 * user; for root, who may write all, a walk out of its own cgroup would be one
 * out of the limits that somebody has set for it, and so it ends at once,
 * unless a cgroup namespace says that all that is seen is ours.
 *
 * A cgroup with processes in it cannot give controllers to its children. If
 * the process is we alone, we can step aside; nobody else is ever moved.
 */

static const struct controller {
	const char *name;
	enum cg_controller bit;
} controllers[] = {
	{ "cpu", CG_CPU },
	{ "memory", CG_MEMORY },
	{ "pids", CG_PIDS },
	{ "io", CG_IO },
};

void cg_why(struct cgroup *cg, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(cg->why_not, sizeof(cg->why_not), fmt, ap);
	va_end(ap);
}

void cg_remedy(struct cgroup *cg, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(cg->remedy, sizeof(cg->remedy), fmt, ap);
	va_end(ap);
}

void cg_remedy_dropin(struct cgroup *cg)
{
	cg_remedy(cg,
		  "as root: d=/etc/systemd/system/user@.service.d; mkdir "
		  "-p $d && printf '[Service]\\nDelegate=cpu io memory "
		  "pids\\n' >$d/delegate.conf && systemctl daemon-reload "
		  "&& systemctl restart user@%u.service",
		  (unsigned)geteuid());
}

int cg_parse_self(const char *text, char *ret, size_t size)
{
	const char *line = text, *end;
	size_t len;

	while (strncmp(line, "0::", 3) != 0) {
		line = strchr(line, '\n');
		if (!line)
			return -ENOENT;
		line++;
	}
	line += 3;
	end = strchr(line, '\n');
	len = end ? (size_t)(end - line) : strlen(line);
	if (len == 0 || line[0] != '/')
		return -EINVAL;
	/* outside of our cgroup namespace: not to be seen */
	if (strncmp(line, "/..", 3) == 0 && (len == 3 || line[3] == '/'))
		return -EXDEV;
	if (len >= size)
		return -ENAMETOOLONG;
	memcpy(ret, line, len);
	ret[len] = '\0';
	return 0;
}

static unsigned controller_of(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(controllers); i++)
		if (strlen(controllers[i].name) == len &&
		    memcmp(controllers[i].name, word, len) == 0)
			return controllers[i].bit;
	return 0;
}

unsigned cg_parse_controllers(const char *text)
{
	unsigned found = 0;
	size_t len;

	for (; *text; text += len + (text[len] != '\0')) {
		len = strcspn(text, " \n");
		found |= controller_of(text, len);
	}
	return found;
}

unsigned cg_read_controllers(int dirfd, const char *file)
{
	char text[1024];

	if (io_read_file(dirfd, file, text, sizeof(text)) < 0)
		return 0;
	return cg_parse_controllers(text);
}

const char *cg_controller_names(unsigned set, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(controllers) && len < size; i++)
		if (set & controllers[i].bit)
			len += (size_t)snprintf(buf + len, size - len, "%s%s",
						len ? ", " : "",
						controllers[i].name);
	return buf;
}

int cg_own(struct cg_here *here)
{
	char text[4096];
	ssize_t n =
		io_read_file(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text));

	if (n < 0)
		return (int)n;
	return cg_parse_self(text, here->own, sizeof(here->own));
}

static bool is_cgroup2(int fd)
{
	struct statfs s;

	return fstatfs(fd, &s) == 0 && s.f_type == CGROUP2_SUPER_MAGIC;
}

static int open_dir(int dirfd, const char *path)
{
	return openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The inode number of the initial cgroup namespace is part of the kernel's
 * interface (PROC_CGROUP_INIT_INO). */
static bool in_initial_cgroup_ns(void)
{
	struct stat st;

	return stat("/proc/self/ns/cgroup", &st) < 0 ||
	       st.st_ino == 0xEFFFFFFBu;
}

int cg_here(struct cg_here *ret, struct cgroup *why)
{
	_autofd int fd = open_dir(AT_FDCWD, CG_MOUNT);

	*ret = (struct cg_here){ .mountfd = -1 };
	if (fd < 0) {
		cg_why(why, "%s: %s", CG_MOUNT, strerrordesc_np(errno));
		cg_remedy(why, "mount -t cgroup2 cgroup2 %s", CG_MOUNT);
		return 1;
	}
	if (!is_cgroup2(fd)) {
		cg_why(why, "this host keeps the cpu, memory and pids "
			    "controllers on cgroup v1");
		cg_remedy(why, "boot with "
			       "systemd.unified_cgroup_hierarchy=1");
		return 1;
	}
	if (cg_own(ret) < 0) {
		cg_why(why, "our own cgroup cannot be seen from here");
		cg_remedy(why, "name a writable cgroup in SBX_CGROUP");
		return 1;
	}
	ret->mountfd = take_fd(&fd);
	ret->systemd = access("/run/systemd/system", F_OK) == 0;
	ret->stay = geteuid() == 0 && !ret->systemd && in_initial_cgroup_ns();
	return 0;
}

static bool may_write(int dirfd, const char *file)
{
	return faccessat(dirfd, file, W_OK, AT_EACCESS) == 0;
}

static bool is_writable(int dirfd)
{
	return may_write(dirfd, "cgroup.procs") &&
	       may_write(dirfd, "cgroup.subtree_control") &&
	       may_write(dirfd, ".");
}

static bool is_unit(const char *path)
{
	static const char *const kinds[] = { ".scope", ".service", ".slice",
					     ".mount", ".socket",  ".swap" };
	const char *dot = strrchr(path, '.');

	if (strcmp(path, "/") == 0)
		return true;
	if (!dot || strchr(dot, '/'))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(dot, kinds[i]) == 0)
			return true;
	return false;
}

static bool is_delegated(int dirfd)
{
	char v[4];

	return fgetxattr(dirfd, "user.delegate", v, sizeof(v)) == 1 &&
	       v[0] == '1';
}

/* Who is in it: 0 nobody, 1 only we, 2 others. */
static int occupants(int dirfd)
{
	char text[64], self[16];
	ssize_t n = io_read_file(dirfd, "cgroup.procs", text, sizeof(text));

	if (n <= 0)
		return n == 0 ? 0 : 2;
	(void)snprintf(self, sizeof(self), "%d\n", (int)getpid());
	return strcmp(text, self) == 0 ? 1 : 2;
}

/* Whether controllers can be had below a directory that is ours. */
static bool is_usable(int dirfd, struct cg_place *ret)
{
	int who;

	ret->controllers = cg_read_controllers(dirfd, "cgroup.controllers");
	ret->inside = false;
	if (!ret->controllers)
		return false;
	/* only the real root has no cgroup.events, and it may hold both */
	if (cg_read_controllers(dirfd, "cgroup.subtree_control") ||
	    faccessat(dirfd, "cgroup.events", F_OK, 0) < 0)
		return true;
	who = occupants(dirfd);
	ret->inside = who == 1;
	return who < 2;
}

/* Where an earlier run of this process has stepped aside to. */
static bool is_leaf(const char *path)
{
	return strcmp(strrchr(path, '/') + 1, CG_LEAF) == 0;
}

static void parent_of(char *path)
{
	char *slash = strrchr(path, '/');

	slash[slash == path] = '\0';
}

static int open_below(int mountfd, const char *path)
{
	return open_dir(mountfd, path[1] ? path + 1 : ".");
}

/* Nothing found: say what stood in the way. */
static int none(const struct cg_here *here, bool crowded, struct cgroup *why)
{
	if (crowded)
		cg_why(why, "other processes live in cgroup %.90s", here->own);
	else
		cg_why(why, "cgroup %.90s is not delegated to us", here->own);
	cg_remedy(why, "move this process to a leaf of a cgroup of its own, or "
		       "name an empty writable cgroup in SBX_CGROUP");
	return 1;
}

int cg_find(const struct cg_here *here, struct cg_place *ret,
	    struct cgroup *why)
{
	bool crowded = false, unit;
	char path[CG_PATH];

	strcpy(path, here->own);
	for (;; parent_of(path)) {
		_autofd int fd = open_below(here->mountfd, path);

		if (fd < 0 || !is_writable(fd))
			break;
		unit = here->systemd && is_unit(path);
		if (unit && !here->ours && !is_delegated(fd))
			break;
		if (!is_leaf(path) && is_usable(fd, ret)) {
			strcpy(ret->path, path);
			ret->fd = take_fd(&fd);
			return 0;
		}
		crowded |= ret->controllers != 0;
		if (unit || here->stay || strcmp(path, "/") == 0)
			break;
	}
	return none(here, crowded, why);
}

/* clone3(2) and a write to cgroup.procs ask for the nearest directory above
 * both the old and the new place. */
static bool may_reach(const struct cg_here *here, const char *path)
{
	char common[CG_PATH];
	size_t n = 0, last = 0;

	while (here->own[n] && here->own[n] == path[n]) {
		if (path[n] == '/')
			last = n;
		n++;
	}
	if ((!here->own[n] || here->own[n] == '/') &&
	    (!path[n] || path[n] == '/'))
		last = n;
	if (last == 1) /* both are "/" */
		last = 0;
	memcpy(common, path, last);
	(void)snprintf(common + last, sizeof(common) - last, "/cgroup.procs");
	return may_write(here->mountfd, common + 1);
}

/* Its path below the usual mount; elsewhere as it is, and unchecked. */
static bool named_path(const struct cg_here *here, const char *dir,
		       struct cg_place *ret)
{
	if (here->mountfd < 0 || !path_within(dir, CG_MOUNT)) {
		strcpy(ret->path, dir);
		return true;
	}
	dir += strlen(CG_MOUNT);
	strcpy(ret->path, *dir ? dir : "/");
	return may_reach(here, ret->path);
}

int cg_find_named(const struct cg_here *here, const char *name,
		  struct cg_place *ret, struct sbx_err *err)
{
	_autofree char *dir = name[0] == '/' ? path_clean(NULL, name) : NULL;
	_autofd int fd = dir ? open_dir(AT_FDCWD, dir) : -1;

	if (!dir || strlen(dir) >= sizeof(ret->path))
		return sbx_failx(err, EINVAL,
				 "SBX_CGROUP: '%s' is no absolute path", name);
	if (fd < 0)
		return sbx_fail(err, errno, "SBX_CGROUP: '%s'", dir);
	if (!is_cgroup2(fd))
		return sbx_failx(err, EINVAL,
				 "SBX_CGROUP: '%s' is not in a cgroup v2 file "
				 "system",
				 dir);
	if (!is_writable(fd) || !named_path(here, dir, ret))
		return sbx_failx(err, EACCES,
				 "SBX_CGROUP: '%s': we may not move processes "
				 "there from our own cgroup %s",
				 dir, here->own);
	if (!is_usable(fd, ret))
		return sbx_failx(err, EBUSY, "SBX_CGROUP: '%s' has %s", dir,
				 ret->controllers ? "processes of others in it"
						  : "no controllers");
	ret->fd = take_fd(&fd);
	return 0;
}
