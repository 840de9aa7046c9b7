/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of rootfs/overlay: upper layers that a real overlay has made, and
 * such as only a hostile guest would. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "rootfs/overlay/changes.h"
#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "tests/tap/tap.h"

static char top[] = "/tmp/sbx-overlay.XXXXXX";

/* Set-up that must not fail. */
#define DO(call)                                                         \
	do {                                                             \
		if ((call) < 0) {                                        \
			fprintf(stderr, "# line %d: %s: %s\n", __LINE__, \
				#call, strerror(errno));                 \
			_exit(99);                                       \
		}                                                        \
	} while (0)

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	DO(fd);
	DO(io_write_all(fd, text, strlen(text)));
	close(fd);
}

static int open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	DO(fd);
	return fd;
}

/* "A path\n" for each change, with its mode where it has one. */
static char *listed(const char *upper, const char *lower, size_t max)
{
	struct ovl_changes c = { 0 };
	struct sbx_err err = { 0 };
	struct buf b = { 0 };
	_autofd int u = open_dir(upper), l = open_dir(lower);
	int r = ovl_changes_scan(u, l, max, &c, &err);

	if (r < 0)
		buf_printf(&b, "%s\n", err.msg);
	for (size_t i = 0; i < c.n; i++)
		buf_printf(&b, "%c %s %o\n", "AMD"[c.v[i].kind], c.v[i].path,
			   c.v[i].mode & 07777);
	if (c.truncated)
		buf_puts(&b, "...\n");
	ovl_changes_done(&c);
	return buf_take(&b);
}

/* ---- the difference of two trees, the plain way ---------------------------
 */

static bool same_file(const char *a, const char *b, const struct stat *sa,
		      const struct stat *sb)
{
	static char x[65536], y[65536];
	ssize_t n, m;

	if ((sa->st_mode & S_IFMT) != (sb->st_mode & S_IFMT) ||
	    sa->st_mode != sb->st_mode)
		return false;
	if (S_ISLNK(sa->st_mode)) {
		n = readlink(a, x, sizeof(x));
		m = readlink(b, y, sizeof(y));
		return n == m && memcmp(x, y, (size_t)n) == 0;
	}
	if (!S_ISREG(sa->st_mode))
		return true;
	if (sa->st_size != sb->st_size)
		return false;
	n = io_read_file(AT_FDCWD, a, x, sizeof(x));
	m = io_read_file(AT_FDCWD, b, y, sizeof(y));
	return n == m && (n < 0 || memcmp(x, y, (size_t)n) == 0);
}

static int by_line(const void *a, const void *b)
{
	/* past "A ", as far as the space before the mode */
	return strcmp(*(char *const *)a + 2, *(char *const *)b + 2);
}

struct lines {
	char *v[256];
	size_t n;
};

static void note(struct lines *out, char kind, const char *rel,
		 const struct stat *st)
{
	if (asprintf(&out->v[out->n++], "%c %s %o\n", kind, rel,
		     st ? st->st_mode & 07777 : 0) < 0)
		_exit(99);
}

static void diff_dir(const char *old, const char *new, const char *rel,
		     struct lines *out);

static void diff_name(const char *old, const char *new, const char *rel,
		      const char *name, struct lines *out)
{
	char a[512], b[512], r[512];
	struct stat sa, sb;
	bool has_a, has_b;

	snprintf(a, sizeof(a), "%s/%s", old, name);
	snprintf(b, sizeof(b), "%s/%s", new, name);
	snprintf(r, sizeof(r), "%s%s%s", rel, rel[0] ? "/" : "", name);
	has_a = lstat(a, &sa) == 0;
	has_b = lstat(b, &sb) == 0;
	if (has_a && !has_b)
		note(out, 'D', r, NULL);
	else if (!has_a)
		note(out, 'A', r, &sb);
	else if (!same_file(a, b, &sa, &sb))
		note(out, 'M', r, &sb);
	if (has_b && S_ISDIR(sb.st_mode))
		diff_dir(a, b, r, out);
}

static void diff_dir(const char *old, const char *new, const char *rel,
		     struct lines *out)
{
	const struct dirent *d;
	char path[512];
	struct stat st;
	DIR *dir;

	for (int pass = 0; pass < 2; pass++) {
		dir = opendir(pass ? new : old);
		while (dir && (d = readdir(dir))) {
			if (strcmp(d->d_name, ".") == 0 ||
			    strcmp(d->d_name, "..") == 0)
				continue;
			/* those in both were seen in the first pass */
			snprintf(path, sizeof(path), "%s/%s", old, d->d_name);
			if (pass && lstat(path, &st) == 0)
				continue;
			diff_name(old, new, rel, d->d_name, out);
		}
		if (dir)
			closedir(dir);
	}
}

/* ---- a real overlay --------------------------------------------------------
 */

static void make_lower(void)
{
	DO(mkdir("lower", 0755));
	for (const char *const *d =
		     (const char *const[]){ "gone", "again", "again/sub",
					    "mode", "kept", "kept/deep",
					    "tofile", NULL };
	     *d; d++) {
		char path[64];

		snprintf(path, sizeof(path), "lower/%s", *d);
		DO(mkdir(path, 0755));
		snprintf(path, sizeof(path), "lower/%s/file", *d);
		put(path, "old");
	}
	put("lower/plain", "old");
	put("lower/removed", "old");
	put("lower/moved", "old");
	put("lower/linked", "old");
	put("lower/todir", "old");
	put("lower/appended", "old");
	put("lower/chmodded", "old");
	put("lower/new\nline", "old");
	DO(symlink("plain", "lower/link"));
	DO(symlink("plain", "lower/unlink"));
}

static void change(void)
{
	DO(chdir("merged"));
	put("plain", "changed");
	DO(unlink("removed"));
	DO(rename("moved", "moved-here"));
	DO(link("linked", "linked-too"));
	put("linked", "both");
	DO(unlink("todir"));
	DO(mkdir("todir", 0700));
	put("todir/x", "x");
	put("appended", "old and new");
	DO(chmod("chmodded", 0600));
	DO(unlink("new\nline"));
	DO(unlink("unlink"));
	DO(symlink("elsewhere", "unlink"));
	DO(unlink("gone/file"));
	DO(rmdir("gone"));
	DO(unlink("again/sub/file"));
	DO(rmdir("again/sub"));
	DO(unlink("again/file"));
	DO(rmdir("again"));
	DO(mkdir("again", 0755));
	DO(mkdir("again/sub", 0755));
	put("again/sub/other", "x");
	DO(chmod("mode", 0711));
	put("kept/deep/new", "x");
	DO(unlink("tofile/file"));
	DO(rmdir("tofile"));
	put("tofile", "x");
	DO(mkdir("fresh", 0755));
	DO(mkdir("fresh/dir", 0755));
	put("fresh/dir/file", "x");
	DO(setxattr("fresh/dir/file", "user.mine", "1", 1, 0));
	put("fresh/short-lived", "x");
	DO(unlink("fresh/short-lived"));
	DO(mkfifo("pipe", 0644));
	/* a directory of the lower layer cannot be renamed: mv copies then */
	if (rename("kept", "kept-not") == 0 || errno != EXDEV)
		_exit(98);
	DO(chdir(".."));
}

static void enter_userns(void)
{
	unsigned uid = geteuid(), gid = getegid();
	char map[64];

	DO(unshare(CLONE_NEWUSER | CLONE_NEWNS));
	DO(io_write_file(AT_FDCWD, "/proc/self/setgroups", "deny"));
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	DO(io_write_file(AT_FDCWD, "/proc/self/uid_map", map));
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	DO(io_write_file(AT_FDCWD, "/proc/self/gid_map", map));
}

/* What differs between lower and merged, into the file "want". */
static void write_difference(void)
{
	struct lines out = { .n = 0 };
	int fd = open("want", O_WRONLY | O_CREAT, 0644);

	diff_dir("lower", "merged", "", &out);
	qsort(out.v, out.n, sizeof(*out.v), by_line);
	DO(fd);
	for (size_t i = 0; i < out.n; i++)
		DO(io_write_all(fd, out.v[i], strlen(out.v[i])));
}

static bool is_old(void)
{
	struct utsname u;
	int major = 0, minor = 0;

	return uname(&u) == 0 &&
	       sscanf(u.release, "%d.%d", &major, &minor) == 2 &&
	       (major < 5 || (major == 5 && minor < 11));
}

/* In a child: its namespaces end with it. */
static void test_real(void)
{
	static char want[65536];
	_autofree char *got = NULL;
	int status;
	pid_t pid;

	make_lower();
	DO(mkdir("upper", 0755));
	DO(mkdir("work", 0755));
	DO(mkdir("merged", 0755));
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		enter_userns();
		if (mount("overlay", "merged", "overlay", 0,
			  "lowerdir=lower,upperdir=upper,workdir=work,"
			  "userxattr,index=off,xino=auto,volatile") < 0)
			_exit(errno == EPERM || errno == EINVAL ? 77 : 99);
		change();
		write_difference();
		_exit(0);
	}
	DO(waitpid(pid, &status, 0));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77 && is_old()) {
		tap_skip("the changes of a real overlay",
			 "before Linux 5.11 a user namespace has none");
		return;
	}
	is_int(status, 0, "an overlay was mounted and written to");
	DO(io_read_file(AT_FDCWD, "want", want, sizeof(want)));
	got = listed("upper", "lower", 1000);
	is_str(got, want, "the changes are the difference of the trees");
	has_str(got, "D gone 0\n", "a deleted directory is listed once");
	has_str(got, "D again/file 0\n", "what an opaque directory hides");
	has_str(got, "D again/sub/file 0\n", "and what lies deeper in one");
	has_str(got, "M mode 711\n", "a changed mode of a directory");
	has_str(got, "D new\nline 0\n", "a name with a newline");
	has_str(got, "A linked-too 644\n", "a hard link");
	ok(!strstr(got, "short-lived"), "what came and went is not listed");
	ok(!strstr(got, "kept 7"), "nor directories that only lead to changes");
}

/* ---- uppers of a hostile guest ----------------------------------------------
 */

/* A chain of n directories below dir, the last one holding a file. */
static void make_deep(const char *dir, int n)
{
	int fd = open_dir(dir), next;

	for (int i = 0; i < n; i++) {
		DO(mkdirat(fd, "d", 0755));
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		DO(next);
		close(fd);
		fd = next;
	}
	next = openat(fd, "bottom", O_WRONLY | O_CREAT, 0644);
	DO(next);
	close(next);
	close(fd);
}

static void make_socket(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	DO(bind(s, (struct sockaddr *)&a, sizeof(a)));
	close(s);
}

static void make_hostile(void)
{
	DO(mkdir("bad", 0755));
	DO(mkfifo("bad/fifo", 0644));
	make_socket("bad/socket");
	DO(symlink("/", "bad/root"));
	DO(symlink("loop", "bad/loop"));
	put("bad/new\nline", "x");
	put("bad/setuid", "x");
	DO(chmod("bad/setuid", 04755));
	DO(mkdir("bad/closed", 0755));
	put("bad/closed/inside", "x");
	DO(mkdir("bad/closed/more", 0755));
	put("bad/closed/more/inside", "x");
	DO(chmod("bad/closed/more", 0));
	DO(chmod("bad/closed", 0));
	DO(mkdir("bad/redirected", 0755));
	DO(setxattr("bad/redirected", "user.overlay.redirect", "/etc", 4, 0));
	put("bad/metacopy", "");
	DO(setxattr("bad/metacopy", "user.overlay.metacopy", "", 0, 0));
	DO(mknod("bad/whiteout-of-nothing", S_IFCHR, 0));
	put("bad/sparse", "x");
	DO(truncate("bad/sparse", 1LL << 40));
	DO(link("bad/sparse", "bad/sparse2"));
}

static void test_hostile(void)
{
	struct ovl_changes c = { 0 };
	_autofd int u = -1, l = -1;
	_autofree char *got = NULL;
	struct stat st;

	make_hostile();
	got = listed("bad", "lower", 1000);
	is_str(got,
	       "A closed 0\n"
	       "A closed/inside 644\n"
	       "A closed/more 0\n"
	       "A closed/more/inside 644\n"
	       "A fifo 644\n"
	       "A loop 777\n"
	       "A metacopy 644\n"
	       "M new\nline 644\n"
	       "A redirected 755\n"
	       "A root 777\n"
	       "A setuid 4755\n"
	       "A socket 755\n"
	       "A sparse 644\n"
	       "A sparse2 644\n",
	       "hostile: listed for what it is");
	DO(lstat("bad/closed", &st));
	is_int(st.st_mode & 07777, 0,
	       "hostile: a closed directory is closed "
	       "again");
	u = open_dir("bad");
	l = open_dir("lower");
	DO(ovl_changes_scan(u, l, 1000, &c, NULL));
	ok(c.bytes < 1 << 20, "hostile: a sparse file takes no space");
	is_int(c.v[c.n - 1].size, 1LL << 40, "hostile: but has its size");
	ovl_changes_done(&c);
}

static void test_bounds(void)
{
	_autofree char *got = NULL, *deep = NULL;
	char path[64];
	size_t lines = 0;

	DO(mkdir("many", 0755));
	for (int i = 0; i < 300; i++) {
		snprintf(path, sizeof(path), "many/%d", i);
		put(path, "");
	}
	got = listed("many", "lower", 100);
	for (const char *p = got; (p = strchr(p, '\n')); p++)
		lines++;
	is_int(lines, 101, "bounds: as many as asked for, and a mark");
	DO(mkdir("deep", 0755));
	make_deep("deep", 10000);
	deep = listed("deep", "lower", 100000);
	has_str(deep, "...\n", "bounds: too deep is cut");
	ok(!strstr(deep, "bottom"), "bounds: and not walked");
}

/* ---- removing
 * ---------------------------------------------------------------- */

static void removes(const char *name)
{
	struct sbx_err err = { 0 };
	struct stat st;
	_autofd int fd = open_dir(".");

	if (!is_int(ovl_remove_tree(fd, name, &err), 0, "remove: %s", name))
		fprintf(stderr, "# %s\n", err.msg);
	ok(fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0,
	   "remove: %s is gone", name);
}

static void test_remove(void)
{
	struct sbx_err err = { 0 };

	DO(mkdir("outside", 0755));
	put("outside/keep", "x");
	DO(symlink("../outside", "bad/to-outside"));
	DO(mkdir("bad/redirected/.sbx-rm-0", 0755));
	put("bad/redirected/.sbx-rm-0/x", "x");
	put("bad/.sbx-rm-1", "x");
	removes("bad");
	is_int(access("outside/keep", F_OK), 0, "remove: no link is followed");
	DO(symlink("outside", "a-link"));
	removes("a-link");
	is_int(access("outside/keep", F_OK), 0, "remove: not even at the top");
	put("a-file", "x");
	removes("a-file");
	DO(mkdir("empty", 0));
	removes("empty");
	removes("many");
	removes("deep");
	/* what the kernel has left there is closed to its owner */
	removes("work");
	removes("upper");
	is_int(ovl_remove_tree(AT_FDCWD, "none", &err), -ENOENT,
	       "remove: nothing there");
	has_str(err.msg, "remove 'none'", "remove: and it is named");
}

int main(void)
{
	_autofd int root = open_dir("/tmp");

	if (!mkdtemp(top))
		return 99;
	DO(chdir(top));
	(void)umask(022);
	test_real();
	test_hostile();
	test_bounds();
	test_remove();
	DO(chdir("/"));
	DO(ovl_remove_tree(root, top + strlen("/tmp/"), NULL));
	return tap_done();
}
