/* SPDX-License-Identifier: Apache-2.0 */
/* A jail's root without the rest of a jail. */
#include "tests/jail/inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/mount.h"
#include "tests/tap/tap.h"

#define MAX_SEEN 4096

/* What the child writes for the parent to judge. */
struct seen {
	int r;
	struct sbx_err err;
	char text[64][MAX_SEEN];
};

static void result(char *out, int r)
{
	const char *name = r < 0 ? strerrorname_np(errno) : "ok";

	snprintf(out, MAX_SEEN, "%s", name ? name : "?");
}

static int one_byte(const char *path)
{
	_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char c;

	return fd < 0 || read(fd, &c, 1) < 0 ? -1 : 0;
}

static int opens(const char *path, int flags)
{
	_autofd int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0644);

	return fd < 0 ? -1 : 0;
}

static void see_text(char *out, const char *path)
{
	ssize_t n = io_read_file(AT_FDCWD, path, out, MAX_SEEN);

	if (n < 0) {
		errno = (int)-n;
		result(out, -1);
	}
}

static int not_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

static void see_names(char *out, const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, not_dots, alphasort);
	size_t len = 0;

	if (n < 0) {
		result(out, -1);
		return;
	}
	out[0] = '\0';
	for (int i = 0; i < n; i++)
		len += (size_t)snprintf(out + len, MAX_SEEN - len, "%s%s",
					i ? "," : "", names[i]->d_name);
}

static void see_stat(char *out, const char *path, bool device)
{
	static const char types[] = "?pc?d?b?f?l?s???";
	struct stat st;

	if (lstat(path, &st) < 0)
		result(out, -1);
	else if (device)
		snprintf(out, MAX_SEEN, "%u:%u", major(st.st_rdev),
			 minor(st.st_rdev));
	else
		snprintf(out, MAX_SEEN, "%c %o %lld",
			 types[(st.st_mode >> 12) & 15], st.st_mode & 07777,
			 S_ISREG(st.st_mode) ? (long long)st.st_size : 0);
}

static int connects(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	_autofd int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	return connect(s, (struct sockaddr *)&a, sizeof(a));
}

static void see_room(char *out, const char *path)
{
	_autofd int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	static char mib[1024 * 1024];
	int n = 0;

	while (n < 1000 && write(fd, mib, sizeof(mib)) == sizeof(mib))
		n++;
	snprintf(out, MAX_SEEN, "%d", (n + 3) / 4 * 4);
	(void)unlink(path);
}

/* How many mounts there are at a place. */
static void see_mounts(char *out, const char *what)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[4096], at[4096];
	int n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += sscanf(line, "%*d %*d %*s %*s %4095s", at) == 1 &&
		     strcmp(at, what) == 0;
	if (f)
		(void)fclose(f);
	snprintf(out, MAX_SEEN, "%d", n);
}

/* Whether "/.." is "/": nothing of the old root is left over it. */
static void see_top(char *out)
{
	struct statx a, b;

	if (statx(AT_FDCWD, "/..", 0, STATX_INO | STATX_MNT_ID, &a) < 0 ||
	    statx(AT_FDCWD, "/", 0, STATX_INO | STATX_MNT_ID, &b) < 0)
		result(out, -1);
	else
		snprintf(out, MAX_SEEN, "%s",
			 a.stx_ino == b.stx_ino && a.stx_mnt_id == b.stx_mnt_id
				 ? "same"
				 : "another");
}

static int renames(const char *what)
{
	_autofree char *from = strdup(what);
	char *to = strchr(from, ' ');

	*to++ = '\0';
	return rename(from, to);
}

static void see(char *out, const char *verb, const char *what)
{
	if (strcmp(verb, "read") == 0)
		result(out, one_byte(what));
	else if (strcmp(verb, "write") == 0)
		result(out, opens(what, O_WRONLY));
	else if (strcmp(verb, "make") == 0)
		result(out, opens(what, O_WRONLY | O_CREAT));
	else if (strcmp(verb, "cat") == 0)
		see_text(out, what);
	else if (strcmp(verb, "ls") == 0)
		see_names(out, what);
	else if (strcmp(verb, "link") == 0)
		result(out, (int)readlink(what, out, MAX_SEEN) < 0 ? -1 : 0);
	else if (strcmp(verb, "stat") == 0)
		see_stat(out, what, false);
	else if (strcmp(verb, "dev") == 0)
		see_stat(out, what, true);
	else if (strcmp(verb, "chmod") == 0)
		result(out, chmod(what, 0777));
	else if (strcmp(verb, "connect") == 0)
		result(out, connects(what));
	else if (strcmp(verb, "remove") == 0)
		result(out, remove(what));
	else if (strcmp(verb, "mkdir") == 0)
		result(out, mkdir(what, 0755));
	else if (strcmp(verb, "fill") == 0)
		see_room(out, what);
	else if (strcmp(verb, "mounts") == 0)
		see_mounts(out, what);
	else if (strcmp(verb, "top") == 0)
		see_top(out);
	else if (strcmp(verb, "rename") == 0)
		result(out, renames(what));
	else
		abort();
}

static void see_link(char *out, const char *what)
{
	ssize_t n = readlink(what, out, MAX_SEEN - 1);

	if (n < 0)
		result(out, -1);
	else
		out[n] = '\0';
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct h = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[2] = { 0 };

	(void)syscall(SYS_capset, &h, none);
}

static void look_around(struct seen *seen, const struct look *looks)
{
	drop_capabilities();
	for (size_t i = 0; looks[i].verb && i < ARRAY_LEN(seen->text); i++)
		if (strcmp(looks[i].verb, "link") == 0)
			see_link(seen->text[i], looks[i].what);
		else
			see(seen->text[i], looks[i].verb, looks[i].what);
}

/* Wait for the parent's word on the pipe, then build. */
static int build(const struct jail_plan *plan, int rundir, int go,
		 struct sbx_err *err)
{
	char c;

	if (read(go, &c, 1) != 1)
		return -EPIPE;
	if (io_write_file(AT_FDCWD, "/proc/self/setgroups", "deny") < 0 ||
	    io_write_file(AT_FDCWD, "/proc/self/uid_map", plan->uid_map) < 0 ||
	    io_write_file(AT_FDCWD, "/proc/self/gid_map", plan->gid_map) < 0)
		return sbx_failx(err, EPERM, "id maps");
	return mount_enter(plan, rundir, err);
}

static void run(const struct jail_plan *plan, int rundir, struct seen *seen,
		const struct look *looks, void (*swap)(void *arg), void *arg)
{
	struct clone_args ca = {
		.flags = plan->clone_flags,
		.exit_signal = SIGCHLD,
	};
	int go[2], status;
	pid_t pid;

	seen->r = -ECHILD;
	if (pipe2(go, O_CLOEXEC) < 0)
		return;
	(void)fflush(NULL);
	pid = (pid_t)syscall(SYS_clone3, &ca, sizeof(ca));
	if (pid == 0) {
		(void)alarm(60);
		seen->r = build(plan, rundir, go[0], &seen->err);
		if (seen->r == 0 && looks)
			look_around(seen, looks);
		_exit(0);
	}
	if (pid < 0)
		sbx_fail(&seen->err, errno, "clone3");
	if (swap)
		swap(arg);
	(void)!write(go[1], "", 1);
	close(go[0]);
	close(go[1]);
	if (pid > 0)
		(void)waitpid(pid, &status, 0);
}

static struct seen *new_seen(void)
{
	void *p = mmap(NULL, sizeof(struct seen), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

void inside(const char *prefix, const struct jail_plan *plan, int rundir,
	    const struct look *looks)
{
	struct seen *seen = new_seen();

	run(plan, rundir, seen, looks, NULL, NULL);
	if (!is_int(seen->r, 0, "%s: the root is built", prefix))
		fprintf(stderr, "# %s\n", seen->err.msg);
	for (size_t i = 0; looks[i].verb; i++) {
		if (looks[i].name)
			is_str(seen->text[i], looks[i].want, "%s: %s", prefix,
			       looks[i].name);
		else
			is_str(seen->text[i], looks[i].want, "%s: %s %s",
			       prefix, looks[i].verb, looks[i].what);
	}
	(void)munmap(seen, sizeof(*seen));
}

int inside_fails(const struct jail_plan *plan, int rundir,
		 void (*swap)(void *arg), void *arg, struct sbx_err *err)
{
	struct seen *seen = new_seen();
	int r;

	run(plan, rundir, seen, NULL, swap, arg);
	r = seen->r;
	*err = seen->err;
	(void)munmap(seen, sizeof(*seen));
	return r;
}

bool inside_sees(const struct jail_plan *plan, int rundir, const char *path,
		 int *hits)
{
	struct look looks[] = { { .verb = "read", .what = path }, { 0 } };
	struct seen *seen = new_seen();
	bool built;

	run(plan, rundir, seen, looks, NULL, NULL);
	built = seen->r == 0;
	if (built)
		*hits += strcmp(seen->text[0], "ok") == 0;
	(void)munmap(seen, sizeof(*seen));
	return built;
}
