/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of runtime/jail/cg_*.c. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/cg.h"
#include "tests/tap/tap.h"

static const struct pol_limits unlimited = {
	.cpu = POL_NONE,
	.cpu_weight = POL_NONE,
	.memory = POL_NONE,
	.memory_high = POL_NONE,
	.swap = POL_NONE,
	.pids = POL_NONE,
	.disk = POL_NONE,
	.tmp = POL_NONE,
	.time = POL_NONE,
	.idle = POL_NONE,
	.cpu_time = POL_NONE,
	.output = POL_NONE,
	.open_files = POL_NONE,
	.file_size = POL_NONE,
	.io_read = POL_NONE,
	.io_write = POL_NONE,
};

static void test_parse(void)
{
	char path[32];

	is_int(cg_parse_self("0::/\n", path, sizeof(path)), 0, "self: root");
	is_str(path, "/", "self: root's path");
	is_int(cg_parse_self("9:name=systemd:/x\n8:pids:/y\n0::/a/b c\n", path,
			     sizeof(path)),
	       0, "self: after v1 lines");
	is_str(path, "/a/b c", "self: a path with a blank");
	is_int(cg_parse_self("1:cpu:/0::/no\n", path, sizeof(path)), -ENOENT,
	       "self: v1 only");
	is_int(cg_parse_self("", path, sizeof(path)), -ENOENT, "self: empty");
	is_int(cg_parse_self("0::/../x\n", path, sizeof(path)), -EXDEV,
	       "self: outside of the namespace");
	is_int(cg_parse_self("0::/..\n", path, sizeof(path)), -EXDEV,
	       "self: its parent");
	is_int(cg_parse_self("0::/..x\n", path, sizeof(path)), 0,
	       "self: a name that begins with dots");
	is_int(cg_parse_self("0::/0123456789012345678901234567890\n", path,
			     sizeof(path)),
	       -ENAMETOOLONG, "self: too long");
	is_int(cg_parse_controllers("cpuset cpu io memory hugetlb pids\n"),
	       CG_CPU | CG_IO | CG_MEMORY | CG_PIDS, "controllers: all");
	is_int(cg_parse_controllers("hugetlb\n"), 0, "controllers: none known");
	is_int(cg_parse_controllers(""), 0, "controllers: empty");
}

static void test_limits(void)
{
	struct pol_limits lim = unlimited;
	struct buf out = { 0 };
	_autofree char *text = NULL;

	is_int(cg_needs(&lim), 0, "no limit needs no controller");
	lim.cpu = 500;
	lim.memory = 64 << 20;
	lim.swap = 0;
	lim.pids = 32;
	lim.io_write = 1 << 20;
	is_int(cg_needs(&lim), CG_CPU | CG_MEMORY | CG_PIDS | CG_IO,
	       "limits need their controllers");
	is_str(cg_key_of(&lim, CG_MEMORY), "limits.memory", "key: memory");
	is_str(cg_key_of(&lim, CG_IO), "limits.io_write", "key: io");
	is_int(cg_describe(&lim, &out), 0, "describe");
	text = buf_take(&out);
	is_str(text,
	       "cpu.max = 50000 100000\n"
	       "memory.max = 67108864\n"
	       "memory.swap.max = 0\n"
	       "pids.max = 33\n"
	       "memory.oom.group = 1\n"
	       "io.max = DISK rbps=max wbps=1048576\n",
	       "describe: one line a file; our PID 1 is one more");
	free(take(text));
	lim = unlimited;
	lim.cpu = 1;
	(void)cg_describe(&lim, &out);
	text = buf_take(&out);
	has_str(text, "cpu.max = 1000 100000\n",
		"describe: no less than the kernel takes");
}

/* ---- the walk, over a tree of plain files ----------------------------- */

static int tree = -1;

static void put(const char *dir, const char *file, const char *text)
{
	char path[256];
	_autofd int fd = -1;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = openat(tree, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || io_write_all(fd, text, strlen(text)) < 0)
		tap_note("cannot write %s", path);
}

/* A directory that looks like a cgroup of ours. */
static void make(const char *dir, const char *controllers, const char *subtree,
		 const char *procs)
{
	(void)mkdirat(tree, dir, 0755);
	put(dir, "cgroup.controllers", controllers);
	put(dir, "cgroup.subtree_control", subtree);
	put(dir, "cgroup.procs", procs);
	put(dir, "cgroup.events", "populated 1\n");
}

static void find(const char *own, bool systemd, const char *want,
		 const char *name)
{
	struct cg_here here = { .mountfd = tree, .systemd = systemd };
	struct cg_place place = { .fd = -1 };
	struct cgroup why = { 0 };
	int r;

	strcpy(here.own, own);
	r = cg_find(&here, &place, &why);
	if (want)
		is_str(r == 0 ? place.path : why.why_not, want, "%s", name);
	else
		ok(r == 1 && why.why_not[0] && why.remedy[0], "%s: %s", name,
		   why.why_not);
	if (r == 0)
		close_fd(&place.fd);
}

static void build_tree(void)
{
	char self[16];

	(void)snprintf(self, sizeof(self), "%d\n", (int)getpid());
	(void)mkdirat(tree, "bare", 0755); /* no cgroup.procs: not writable */
	make("bare/alone", "cpu memory\n", "", self);
	make("bare/crowd", "cpu memory\n", "", "1\n2\n");
	make("bare/others", "memory\n", "", "0\n");
	make("bare/none", "hugetlb\n", "", self);
	make("given", "memory pids\n", "memory\n", "");
	make("given/shell", "memory\n", "", "1\n2\n");
	make("given/sbx-supervisor", "memory\n", "", self);
	make("u.scope", "memory\n", "memory\n", "");
	make("u.scope/leaf", "memory\n", "", "1\n2\n");
	make("u.slice", "memory\n", "memory\n", "");
	make("u.slice/x.scope", "memory\n", "", "1\n");
}

static void test_find(void)
{
	char dir[] = "/tmp/sbx-cg.XXXXXX", cmd[64];

	if (!mkdtemp(dir))
		return;
	tree = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	build_tree();
	find("/bare/alone", false, "/bare/alone", "find: we alone in it");
	find("/bare/crowd", false, NULL, "find: others in it");
	find("/bare/others", false, NULL,
	     "find: one process of another pid namespace");
	find("/bare/none", false, NULL, "find: no controllers");
	find("/gone", false, NULL, "find: no such directory");
	find("/given/shell", false, "/given", "find: a sibling's place");
	find("/given/sbx-supervisor", false, "/given",
	     "find: not below where we stepped aside");
	find("/u.scope/leaf", true, NULL,
	     "find: a unit without the mark is systemd's");
	find("/u.slice/x.scope", true, NULL,
	     "find: and so is all above a unit");
	find("/u.scope/leaf", false, "/u.scope",
	     "find: without systemd a name means nothing");
	(void)snprintf(cmd, sizeof(cmd), "%s/u.scope", dir);
	if (setxattr(cmd, "user.delegate", "1", 1, 0) < 0)
		tap_skip("find: a unit with the mark is ours",
			 "no user.* attributes in /tmp");
	else
		find("/u.scope/leaf", true, "/u.scope",
		     "find: a unit with the mark is ours");
	close_fd(&tree);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	ok(system(cmd) == 0, "the tree of files is gone");
}

/* ---- the real thing --------------------------------------------------- */

static bool is_cgroup2(const char *path)
{
	struct statfs s;

	return statfs(path, &s) == 0 && s.f_type == CGROUP2_SUPER_MAGIC;
}

static int start_in(int dirfd)
{
	struct clone_args c = { .flags = CLONE_INTO_CGROUP,
				.exit_signal = SIGCHLD,
				.cgroup = (uint64_t)dirfd };
	long pid = syscall(SYS_clone3, &c, sizeof(c));

	if (pid == 0) {
		/* as PID 1 does: a descriptor kept would be a lock kept */
		(void)close_range(3, ~0u, 0);
		for (;;)
			pause();
	}
	return (int)pid;
}

static bool died_of_kill(int pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGKILL;
}

/* The end of a cgroup needs no controller: any cgroup v2 that we may write. */
static int open_playground(void)
{
	const char *dir = is_cgroup2(CG_MOUNT) ? CG_MOUNT : CG_MOUNT "/unified";
	struct cg_here here = { .mountfd = -1 };
	char path[CG_PATH + 64];
	int fd;

	if (!is_cgroup2(dir) || cg_own(&here) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s%s", dir, here.own);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && faccessat(fd, "cgroup.procs", W_OK, AT_EACCESS) < 0)
		close_fd(&fd);
	return fd;
}

static int make_at(int parent, struct cgroup *cg)
{
	*cg = (struct cgroup){ .how = CG_WRITABLE, .dirfd = -1 };
	(void)snprintf(cg->name, sizeof(cg->name), "sbx-%d-test",
		       (int)getpid());
	if (mkdirat(parent, cg->name, 0755) < 0)
		return -errno;
	cg->parentfd = dup(parent);
	cg->dirfd = openat(parent, cg->name, O_RDONLY | O_DIRECTORY);
	return cg->dirfd < 0 ? -errno : 0;
}

static void test_close(int parent)
{
	struct cgroup cg;
	struct cg_usage u;
	char name[64];
	int a, b, sub;

	if (!ok(make_at(parent, &cg) == 0, "end: a cgroup is made"))
		return;
	strcpy(name, cg.name);
	(void)mkdirat(cg.dirfd, "deep", 0755);
	(void)mkdirat(cg.dirfd, "deep/er", 0755);
	sub = openat(cg.dirfd, "deep/er", O_RDONLY | O_DIRECTORY);
	a = start_in(cg.dirfd);
	b = start_in(sub);
	ok(a > 0 && b > 0, "end: processes in it and below");
	is_int(cg_usage(&cg, &u), 0, "usage: reads");
	ok(u.cpu_us != SBX_UNKNOWN, "usage: CPU time is always there");
	(void)close(sub);
	is_int(cg_close(&cg, NULL), 0, "close: succeeds");
	ok(died_of_kill(a) && died_of_kill(b), "close: all were killed");
	ok(faccessat(parent, name, F_OK, 0) < 0,
	   "close: the directory is gone");
	is_int(cg_close(&cg, NULL), 0, "close: twice does nothing");
	is_int(cg_usage(&cg, &u), -ENODATA, "usage: none when closed");
	is_int(cg_kill(&cg), -ENODATA, "kill: nothing when closed");
}

/* Not dead yet: look again in 20 ms. */
static bool kill_is_pending(int pid)
{
	siginfo_t si = { 0 };

	(void)waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT);
	if (si.si_pid == 0)
		(void)usleep(20000);
	return si.si_pid == 0;
}

static void test_sweep(int parent)
{
	struct cgroup cg;
	int pid;

	if (!ok(make_at(parent, &cg) == 0, "sweep: a cgroup is made"))
		return;
	pid = start_in(cg.dirfd);
	(void)flock(cg.dirfd, LOCK_EX);
	cg_sweep_in(parent);
	ok(kill(pid, 0) == 0 && waitpid(pid, NULL, WNOHANG) == 0,
	   "sweep: what lives is left alone");
	close_fd(&cg.dirfd);
	/* the child shares the lock until it got to run, and close its copy */
	for (int i = 0; i < 1000 && kill_is_pending(pid); i++)
		cg_sweep_in(parent);
	ok(died_of_kill(pid), "sweep: a dead owner's processes are killed");
	ok(faccessat(parent, cg.name, F_OK, 0) < 0,
	   "sweep: and its directory is gone");
	close_fd(&cg.parentfd);
}

static void test_end(void)
{
	_autofd int parent = open_playground();

	if (parent < 0) {
		tap_skip("close", "no cgroup v2 directory that we may write");
		tap_skip("sweep", "no cgroup v2 directory that we may write");
		return;
	}
	test_close(parent);
	test_sweep(parent);
}

static void test_named(void)
{
	struct pol_limits lim = unlimited;
	struct sbx_err err = { 0 };
	struct cgroup cg;

	(void)setenv("SBX_CGROUP", "/nonexistent/cgroup", 1);
	is_int(cg_open(&cg, &lim, &err), -ENOENT, "SBX_CGROUP: no such dir");
	has_str(err.msg, "SBX_CGROUP: '/nonexistent/cgroup'",
		"SBX_CGROUP: it is named");
	cg_probe(&cg);
	ok(cg.how == CG_NONE && strstr(cg.why_not, "SBX_CGROUP"),
	   "SBX_CGROUP: probe tells too");
	(void)setenv("SBX_CGROUP", "relative", 1);
	is_int(cg_open(&cg, &lim, &err), -EINVAL, "SBX_CGROUP: relative");
	(void)setenv("SBX_CGROUP", "/proc", 1);
	is_int(cg_open(&cg, &lim, &err), -EINVAL, "SBX_CGROUP: no cgroup");
	has_str(err.msg, "not in a cgroup v2", "SBX_CGROUP: says what it is");
	(void)unsetenv("SBX_CGROUP");
}

/* No place on this host: what is said. */
static void test_none(const struct cgroup *cg, struct pol_limits *lim)
{
	struct sbx_err err = { 0 };
	struct cgroup other;

	ok(cg->why_not[0] && cg->remedy[0],
	   "none: says why (%s) and what to "
	   "do (%s)",
	   cg->why_not, cg->remedy);
	is_int(cg->dirfd, -1, "none: no directory");
	is_int(cg->controllers, 0, "none: no controllers");
	lim->enforce = POL_ENFORCE_CGROUP;
	is_int(cg_open(&other, lim, &err), -ENOTSUP, "enforce: an error");
	has_str(err.msg, "limits.enforce: ", "enforce: names the key");
	has_str(err.msg, cg->remedy, "enforce: says what to do");
	cg_probe(&other);
	is_int(other.how, CG_NONE, "probe: agrees");
	tap_skip("open: limits are held", cg->why_not);
}

/* A child that takes more memory than it may. */
static int hog(int dirfd)
{
	struct clone_args c = { .flags = CLONE_INTO_CGROUP,
				.exit_signal = SIGCHLD,
				.cgroup = (uint64_t)dirfd };
	long pid = syscall(SYS_clone3, &c, sizeof(c));
	char *p;

	if (pid != 0)
		return (int)pid;
	p = mmap(NULL, 256 << 20, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	_exit(p == MAP_FAILED);
}

static void test_some(struct cgroup *cg)
{
	char name[64];
	_autofd int parent = dup(cg->parentfd);
	struct cg_usage u;
	int pid;

	tap_note("%s, controllers %x", cg->path, cg->controllers);
	strcpy(name, cg->name);
	if (cg->controllers & CG_MEMORY) {
		ok(died_of_kill(hog(cg->dirfd)), "open: memory is held");
		(void)cg_usage(cg, &u);
		tap_note("peak %lld, now %lld, kills %lld, cpu %lld us",
			 (long long)u.memory_peak, (long long)u.memory_now,
			 (long long)u.oom_kills, (long long)u.cpu_us);
		ok(u.oom_kills >= 1 && u.oom_kills != SBX_UNKNOWN,
		   "usage: the kill is counted");
	}
	pid = start_in(cg->dirfd);
	ok(pid > 0, "open: a process can be started in it");
	ok(cg_kill(cg) == 0 && died_of_kill(pid), "kill: kills it");
	is_int(cg_close(cg, NULL), 0, "open: closes");
	ok(faccessat(parent, name, F_OK, 0) < 0, "open: it is gone");
}

static void test_open(void)
{
	struct pol_limits lim = unlimited;
	struct sbx_err err = { 0 };
	uint64_t start;
	struct cgroup cg;

	lim.memory = 32 << 20;
	lim.swap = 0;
	lim.pids = 64;
	start = io_now_ns();
	if (!is_int(cg_open(&cg, &lim, &err), 0, "open")) {
		tap_note("%s", err.msg);
		return;
	}
	tap_note("cg_open took %d us", (int)((io_now_ns() - start) / 1000));
	if (cg.how == CG_NONE)
		test_none(&cg, &lim);
	else
		test_some(&cg);
}

int main(void)
{
	(void)unsetenv("SBX_CGROUP");
	(void)alarm(120);
	test_parse();
	test_limits();
	test_find();
	test_end();
	test_named();
	test_open();
	return tap_done();
}
