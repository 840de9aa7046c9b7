/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: files of the host, its home, links, aliases, devices, descriptors. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/jail/probe.h"

/* The ctx field that a row names by its text. */
static const char *field(const struct ctx *c, const char *name)
{
	if (!strcmp(name, "beside"))
		return c->beside;
	if (!strcmp(name, "home"))
		return c->home;
	if (!strcmp(name, "tmpfile"))
		return c->tmpfile;
	if (!strcmp(name, "shm"))
		return c->shm;
	return c->planted;
}

static const char *read_field(const struct ctx *c, const struct probe *p)
{
	return try_read(field(c, p->text));
}

static const char *write_field(const struct ctx *c, const struct probe *p)
{
	int fd = open(field(c, p->text), O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	(void)!write(fd, "MARK\n", 5);
	return say("opened %s for writing", field(c, p->text));
}

static const char *read_path(const struct ctx *c, const struct probe *p)
{
	int fd = open(p->text, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char byte;

	if (fd < 0 || read(fd, &byte, 1) != 1)
		return NULL;
	return say("read %s", p->text);
}

static const char *climb(const struct ctx *c, const struct probe *p)
{
	char path[PATH_MAX] = "";

	for (int i = 0; i < 40; i++)
		(void)strcat(path, "../");
	(void)strncat(path, c->beside, sizeof(path) - strlen(path) - 1);
	return try_read(path);
}

static const char *alias(const struct ctx *c, const struct probe *p)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s%s", p->text, c->beside);
	return try_read(path);
}

static const char *other_roots(const struct ctx *c, const struct probe *p)
{
	const char *found = NULL;
	DIR *d = opendir("/proc");
	struct dirent *e;
	char path[PATH_MAX];

	while (d && !found && (e = readdir(d)))
		if (atoi(e->d_name) > 0) {
			(void)snprintf(path, sizeof(path), "/proc/%s/%s%s",
				       e->d_name, p->text, c->beside);
			found = try_read(path);
		}
	return found;
}

/* chroot(2) below a kept descriptor of "/", then out of it by "..". */
static const char *chroot_out(const struct ctx *c, const struct probe *p)
{
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (chroot("/proc") < 0 || fchdir(root) < 0)
		return NULL;
	for (int i = 0; i < 40; i++)
		(void)!chdir("..");
	return try_read(c->beside + 1);
}

/* Homes but the jail's own. */
static const char *other_homes(const struct ctx *c, const struct probe *p)
{
	const char *home = getenv("HOME");
	const char *own = home ? strrchr(home, '/') : NULL;
	DIR *d = opendir("/home");
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && (!own || strcmp(e->d_name, own + 1)))
			return say("home of %s", e->d_name);
	return NULL;
}

static const char *has_entries(const struct ctx *c, const struct probe *p)
{
	DIR *d = opendir(p->text);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			return say("%s shows %s", p->text, e->d_name);
	return NULL;
}

static const char *exists(const struct ctx *c, const struct probe *p)
{
	if (access(p->text, F_OK) < 0)
		return NULL;
	return say("%s is there", p->text);
}

static const char *host_users(const struct ctx *c, const struct probe *p)
{
	FILE *f = fopen(p->text, "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "daemon:", 7) || !strncmp(line, "sys:", 4))
			return say("%s is the host's", p->text);
	return NULL;
}

static const char *writable(const struct ctx *c, const struct probe *p)
{
	int fd = open(p->text, O_WRONLY | O_CLOEXEC | O_NONBLOCK);

	/* a program that runs is busy even where its mount is read-only */
	if (fd < 0 && (errno != ETXTBSY || access(p->text, W_OK) < 0))
		return NULL;
	return say("%s opens for writing", p->text);
}

static const char *create(const struct ctx *c, const struct probe *p)
{
	char path[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/sbx-probe-file", p->text);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return NULL;
	(void)unlink(path);
	return say("created a file in %s", p->text);
}

static const char *change_mode(const struct ctx *c, const struct probe *p)
{
	struct stat st;

	if (stat(p->text, &st) < 0 || chmod(p->text, st.st_mode & 07777) < 0)
		return NULL;
	return say("chmod of %s", p->text);
}

static const char *change_time(const struct ctx *c, const struct probe *p)
{
	struct stat st;
	struct timespec ts[2];

	if (stat(p->text, &st) < 0)
		return NULL;
	ts[0] = st.st_atim;
	ts[1] = st.st_mtim;
	if (utimensat(AT_FDCWD, p->text, ts, 0) < 0)
		return NULL;
	return say("utimensat of %s", p->text);
}

static const char *set_xattr(const struct ctx *c, const struct probe *p)
{
	if (setxattr(p->text, "user.sbx-probe", "x", 1, 0) < 0)
		return NULL;
	(void)removexattr(p->text, "user.sbx-probe");
	return say("setxattr of %s", p->text);
}

/* Renaming what is mounted or read-only away, to put one's own there. */
static const char *move_away(const struct ctx *c, const struct probe *p)
{
	if (rename(p->text, "/sbx-probe-moved") < 0)
		return NULL;
	(void)rename("/sbx-probe-moved", p->text);
	return say("renamed %s", p->text);
}

static const char *make_node(const struct ctx *c, const struct probe *p)
{
	const char *where = "sbx-probe-node";
	mode_t type = p->arg[2] ? S_IFBLK : S_IFCHR;
	dev_t dev = makedev((unsigned)p->arg[0], (unsigned)p->arg[1]);

	if (mknod(where, type | 0600, dev) < 0)
		return NULL;
	(void)unlink(where);
	return "made a device node";
}

static bool node_allowed(const struct stat *st)
{
	unsigned maj = major(st->st_rdev), min = minor(st->st_rdev);

	if (!S_ISCHR(st->st_mode))
		return false;
	if (maj == 1)
		return min == 3 || min == 5 || min == 7 || min == 8 || min == 9;
	return (maj == 5 && (min == 0 || min == 2)) ||
	       (maj >= 136 && maj <= 143);
}

static const char *walk_nodes(const char *path, int depth)
{
	DIR *d = opendir(path);
	const char *found = NULL;
	struct dirent *e;
	char sub[PATH_MAX];
	struct stat st;

	while (d && !found && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		(void)snprintf(sub, sizeof(sub), "%s/%s", path, e->d_name);
		if (lstat(sub, &st) < 0 || S_ISLNK(st.st_mode))
			continue;
		if (S_ISDIR(st.st_mode) && depth < 4)
			found = walk_nodes(sub, depth + 1);
		else if ((S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) &&
			 !node_allowed(&st))
			found = say("device node %s", sub);
	}
	if (d)
		(void)closedir(d);
	return found;
}

static const char *nodes(const struct ctx *c, const struct probe *p)
{
	return walk_nodes("/dev", 0);
}

/* More terminals than the one that the program has itself. */
static const char *foreign_pts(const struct ctx *c, const struct probe *p)
{
	DIR *d = opendir("/dev/pts");
	struct dirent *e;
	struct stat st, own;
	char path[300];

	for (int fd = 0; fd < 3; fd++)
		if (isatty(fd))
			(void)fstat(fd, &own);
	while (d && (e = readdir(d))) {
		(void)snprintf(path, sizeof(path), "/dev/pts/%s", e->d_name);
		if (e->d_name[0] == '.' || !strcmp(e->d_name, "ptmx"))
			continue;
		if ((isatty(0) || isatty(1)) && !stat(path, &st) &&
		    st.st_rdev == own.st_rdev)
			continue;
		return say("terminal %s", path);
	}
	return NULL;
}

static const char *leaked_fd(const struct ctx *c, const struct probe *p)
{
	char link[64], to[PATH_MAX];
	ssize_t n;

	for (int fd = 3; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) < 0 || (fcntl(fd, F_GETFD) & FD_CLOEXEC))
			continue;
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, to, sizeof(to) - 1);
		to[n > 0 ? n : 0] = 0;
		return say("descriptor %d is open: %s", fd, to);
	}
	return NULL;
}

/* A working directory outside of the root (CVE-2024-21626). */
static const char *outside_cwd(const struct ctx *c, const struct probe *p)
{
	char path[PATH_MAX];

	if (syscall(SYS_getcwd, path, sizeof(path)) < 0)
		return "no working directory";
	return path[0] == '/' ? NULL : say("working directory %s", path);
}

/* The host's file behind a standard stream, opened anew. */
static const char *reopen(const struct ctx *c, const struct probe *p)
{
	char link[64];
	struct stat st;
	int fd;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%ld", p->arg[0]);
	fd = open(link, (int)p->arg[1] | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	if (p->arg[1] == O_RDWR)
		(void)!pwrite(fd, "MARK", 4, 0);
	return say("%s opened as a file", link);
}

/* The same through the descriptor itself: it must not be a file. */
static const char *is_file(const struct ctx *c, const struct probe *p)
{
	struct stat st;

	if (fstat((int)p->arg[0], &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	if (p->arg[0])
		(void)!pwrite((int)p->arg[0], "MARK", 4, 0);
	return say("descriptor %ld is a file of the host", p->arg[0]);
}

static const char *suid_mount(const struct ctx *c, const struct probe *p)
{
	struct statvfs st;

	if (statvfs(p->text, &st) < 0 || (st.f_flag & (unsigned long)p->arg[0]))
		return NULL;
	return say("%s lacks the mount flag", p->text);
}

static const char *read_only(const struct ctx *c, const struct probe *p)
{
	struct statvfs st;

	if (statvfs(p->text, &st) < 0 || (st.f_flag & ST_RDONLY))
		return NULL;
	return say("%s is not mounted read-only", p->text);
}

static const char *env_secret(const struct ctx *c, const struct probe *p)
{
	for (char **e = environ; *e; e++)
		if (strstr(*e, secret_mark()))
			return "the host's environment is here";
	return NULL;
}

static const char *same_hostname(const struct ctx *c, const struct probe *p)
{
	char name[256] = "";

	(void)gethostname(name, sizeof(name) - 1);
	return strcmp(name, c->hostname) ? NULL : "the host's name";
}

const struct probe probes_file[] = {
	{ "file", "beside-workspace", read_field, BARE_ANY, "beside" },
	{ "file", "caller-home", read_field, BARE_ANY, "home" },
	{ "file", "host-tmp", read_field, BARE_ANY, "tmpfile" },
	{ "file", "host-shm", read_field, BARE_ANY, "shm" },
	{ "file", "planted-link", read_field, BARE_ANY, "planted" },
	{ "file", "write-beside", write_field, BARE_ANY, "beside" },
	{ "file", "write-planted-link", write_field, BARE_ANY, "planted" },
	{ "file", "write-host-shm", write_field, BARE_ANY, "shm" },
	{ "file", "dot-dot", climb, BARE_ANY },
	{ "file", "alias-self-root", alias, BARE_ANY, "/proc/self/root" },
	{ "file", "alias-thread-root", alias, BARE_ANY,
	  "/proc/thread-self/root" },
	{ "file", "other-roots", other_roots, BARE_ANY, "root" },
	{ "file", "other-cwd", other_roots, BARE_ANY,
	  "cwd/../../../../../../../../../../../.." },
	{ "file", "chroot-out", chroot_out, BARE_ROOT },
	{ "file", "other-homes", other_homes, BARE_MAYBE },
	{ "file", "root-home-listed", has_entries, BARE_MAYBE, "/root" },
	{ "file", "run-listed", has_entries, BARE_ANY, "/run" },
	{ "file", "mnt-listed", has_entries, BARE_MAYBE, "/mnt" },
	{ "file", "var-lib", exists, BARE_ANY, "/var/lib/dpkg" },
	{ "file", "var-log", has_entries, BARE_MAYBE, "/var/log" },
	{ "file", "boot", has_entries, BARE_MAYBE, "/boot" },
	{ "file", "srv-opt-listed", has_entries, BARE_MAYBE, "/srv" },
	{ "file", "shadow", read_path, BARE_ROOT, "/etc/shadow" },
	{ "file", "machine-id", read_path, BARE_MAYBE, "/etc/machine-id" },
	{ "file", "fstab", read_path, BARE_MAYBE, "/etc/fstab" },
	{ "file", "passwd-of-host", host_users, BARE_ANY, "/etc/passwd" },
	{ "file", "group-of-host", host_users, BARE_ANY, "/etc/group" },
	{ "file", "hostname", same_hostname, BARE_ANY },
	{ "file", "environment", env_secret, BARE_ANY },

	{ "readonly", "open-usr", writable, BARE_ROOT, "/usr/bin/env" },
	{ "readonly", "open-passwd", writable, BARE_ROOT, "/etc/passwd" },
	{ "readonly", "open-ld", writable, BARE_ROOT, "/etc/ld.so.cache" },
	{ "readonly", "create-usr", create, BARE_ROOT, "/usr/bin" },
	{ "readonly", "create-etc", create, BARE_ROOT, "/etc" },
	{ "readonly", "create-root", create, BARE_ROOT, "/" },
	{ "readonly", "create-dev", create, BARE_ROOT, "/dev" },
	{ "readonly", "chmod-usr", change_mode, BARE_ROOT, "/usr/bin/env" },
	{ "readonly", "utimes-usr", change_time, BARE_ROOT, "/usr/bin/env" },
	{ "readonly", "xattr-usr", set_xattr, BARE_MAYBE, "/usr/bin/env" },
	{ "readonly", "rename-usr", move_away, BARE_MAYBE, "/usr/bin/env" },
	{ "readonly", "rename-dev-null", move_away, BARE_MAYBE, "/dev/null" },
	{ "readonly", "mounted-root", read_only, BARE_MAYBE, "/" },
	{ "readonly", "mounted-usr", read_only, BARE_MAYBE, "/usr" },
	{ "readonly", "mounted-etc", read_only, BARE_MAYBE, "/etc" },

	{ "device", "nodes", nodes, BARE_MAYBE },
	{ "device", "foreign-pts", foreign_pts, BARE_MAYBE },
	{ "device", "make-disk", make_node, BARE_ROOT, NULL, { 8, 0, 1 } },
	{ "device", "make-mem", make_node, BARE_ROOT, NULL, { 1, 1, 0 } },
	{ "device", "make-kmsg", make_node, BARE_ROOT, NULL, { 1, 11, 0 } },
	{ "device", "nodev-workspace", suid_mount, BARE_MAYBE, ".", { 4 } },
	{ "device", "nodev-tmp", suid_mount, BARE_MAYBE, "/tmp", { 4 } },
	{ "suid", "nosuid-usr", suid_mount, BARE_MAYBE, "/usr", { ST_NOSUID } },
	{ "suid",
	  "nosuid-workspace",
	  suid_mount,
	  BARE_MAYBE,
	  ".",
	  { ST_NOSUID } },
	{ "suid", "nosuid-tmp", suid_mount, BARE_MAYBE, "/tmp", { ST_NOSUID } },
	{ "suid",
	  "nosuid-shm",
	  suid_mount,
	  BARE_MAYBE,
	  "/dev/shm",
	  { ST_NOSUID } },

	{ "fd", "inherited", leaked_fd, BARE_ANY },
	{ "fd", "cwd", outside_cwd, BARE_MAYBE },
	{ "fd", "stdout-reopened-rw", reopen, BARE_ANY, NULL, { 1, O_RDWR } },
	{ "fd", "stdout-read-back", reopen, BARE_ANY, NULL, { 1, O_RDONLY } },
	{ "fd",
	  "stdout-truncated",
	  reopen,
	  BARE_ANY,
	  NULL,
	  { 1, O_WRONLY | O_TRUNC } },
	{ "fd", "stderr-reopened", reopen, BARE_ANY, NULL, { 2, O_RDWR } },
	{ "fd", "stdin-reopened", reopen, BARE_ANY, NULL, { 0, O_RDWR } },
	{ "fd", "stdout-is-file", is_file, BARE_ANY, NULL, { 1 } },
	{ "fd", "stderr-is-file", is_file, BARE_ANY, NULL, { 2 } },
	{ 0 },
};
