/* SPDX-License-Identifier: Apache-2.0 */
/* What files say of a host, for the doctor. */
#include "runtime/core/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"

#define TABLE_MAX (4 * 1024 * 1024)

static int64_t setting(int root, const char *path)
{
	char text[32], *end;
	long long v;

	if (io_read_file(root, path, text, sizeof(text)) <= 0)
		return NO_SETTING;
	v = strtoll(text, &end, 10);
	return end == text || v < 0 ? NO_SETTING : v;
}

static bool there(int root, const char *path)
{
	return faccessat(root, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The whole of a table, "" where it cannot be read. The caller frees it. */
static char *table(int root, const char *path)
{
	_autobuf struct buf b = { 0 };
	_autofd int fd = openat(root, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || buf_read_fd(&b, fd, TABLE_MAX) < 0)
		return strdup("");
	return buf_take(&b);
}

/* The n-th field of a line that ends at a newline, as a string of its own. */
static bool field(const char *line, unsigned n, char sep, char *ret,
		  size_t size)
{
	char ends[] = { sep, '\n', '\0' };
	size_t len;

	while (n--) {
		line += strcspn(line, ends);
		if (*line != sep)
			return false;
		line++;
	}
	len = strcspn(line, ends);
	if (len >= size)
		return false;
	memcpy(ret, line, len);
	ret[len] = '\0';
	return true;
}

#define each_line(line, text)                          \
	for (const char *line = (text); line && *line; \
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)

static void read_user(struct doctor_facts *f, int root)
{
	_autofree char *text = table(root, "etc/passwd");
	char id[16];

	f->user[0] = '\0';
	each_line(line, text) if (field(line, 2, ':', id, sizeof(id)) &&
				  strtoul(id, NULL, 10) == f->uid &&
				  field(line, 0, ':', f->user,
					sizeof(f->user))) return;
}

static bool has_range(const struct doctor_facts *f, int root, const char *path)
{
	_autofree char *text = table(root, path);
	char who[64], number[16];

	(void)snprintf(number, sizeof(number), "%u", f->uid);
	each_line(line, text) if (field(line, 0, ':', who, sizeof(who)) &&
				  *who &&
				  (strcmp(who, number) == 0 ||
				   strcmp(who, f->user) == 0)) return true;
	return false;
}

/* Nobody's "/" is a mount point in a chroot(2) below one. */
static bool is_chroot(int root)
{
	_autofree char *text = table(root, "proc/self/mountinfo");
	char point[8];

	if (!text || !*text)
		return false;
	each_line(line, text) if (field(line, 4, ' ', point, sizeof(point)) &&
				  strcmp(point, "/") == 0) return false;
	return true;
}

static void read_release(struct doctor_facts *f, int root)
{
	ssize_t n = io_read_file(root, "proc/sys/kernel/osrelease", f->release,
				 sizeof(f->release));

	f->release[n > 0 ? strcspn(f->release, "\n") : 0] = '\0';
}

static void read_exe(struct doctor_facts *f)
{
	ssize_t n = readlink("/proc/self/exe", f->exe, sizeof(f->exe) - 1);

	f->exe[n > 0 ? n : 0] = '\0';
}

static void read_surroundings(struct doctor_facts *f, int root)
{
	_autofree char *status = table(root, "proc/self/status");
	char path[64];

	f->container = there(root, ".dockerenv") ||
		       there(root, "run/.containerenv") ||
		       there(root, "var/run/secrets/kubernetes.io");
	f->filtered = status && strstr(status, "\nSeccomp:\t2");
	f->chrooted = is_chroot(root);
	f->systemd = there(root, "run/systemd/system");
	(void)snprintf(path, sizeof(path), "run/user/%u/systemd/private",
		       f->uid);
	f->user_manager = there(root, path);
	f->cgroup2 = there(root, "sys/fs/cgroup/cgroup.controllers");
	f->subids = has_range(f, root, "etc/subuid") &&
		    has_range(f, root, "etc/subgid") &&
		    there(root, "usr/bin/newuidmap") &&
		    there(root, "usr/bin/newgidmap");
}

void doctor_read(struct doctor_facts *f, const char *root)
{
	_autofd int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	f->uid = geteuid();
	read_exe(f);
	read_user(f, fd);
	read_release(f, fd);
	read_surroundings(f, fd);
	f->max_user_ns = setting(fd, "proc/sys/user/max_user_namespaces");
	f->max_net_ns = setting(fd, "proc/sys/user/max_net_namespaces");
	f->unprivileged_clone =
		setting(fd, "proc/sys/kernel/unprivileged_userns_clone");
	f->apparmor_userns = setting(
		fd, "proc/sys/kernel/apparmor_restrict_unprivileged_userns");
}
