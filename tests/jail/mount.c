/* SPDX-License-Identifier: Apache-2.0 */
/* The jail's root, built for real and looked at from inside. */
#include "runtime/jail/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "rootfs/overlay/changes.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "tests/jail/inside.h"
#include "tests/tap/tap.h"

static char top[] = "/tmp/sbx-mount.XXXXXX";
static char state[64], rundir_path[64];
static int rundir = -1;

/* A path below the test's own directory; valid until 64 more are asked for. */
static char *in_top(const char *name)
{
	static char paths[64][128];
	static unsigned turn;
	char *p = paths[turn++ % 64];

	snprintf(p, sizeof(paths[0]), "%s/%s", top, name);
	return p;
}

static void put(const char *name, const char *text)
{
	_autofd int fd = open(in_top(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || io_write_all(fd, text, strlen(text)) < 0)
		exit(99);
}

static void make(const char *name)
{
	if (mkdir(in_top(name), 0755) < 0)
		exit(99);
}

/* A fresh directory for the upper layers of a run. */
static void new_rundir(void)
{
	if (rundir >= 0) {
		close(rundir);
		ovl_remove_tree(AT_FDCWD, rundir_path, NULL);
	}
	if (mkdir(rundir_path, 0700) < 0)
		exit(99);
	rundir = open(rundir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static struct policy base_policy(struct pol_mount *mounts, size_t n)
{
	static struct pol_pair home = { (char *)"HOME", (char *)"/home/agent" };
	struct policy p = {
		.workdir = (char *)"/",
		.hostname = (char *)"sbx",
		.mounts = mounts,
		.n_mounts = n,
	};

	p.limits.pids = POL_NONE;
	p.limits.tmp = 16 << 20;
	p.limits.disk = 8 << 20;
	p.env.set = &home;
	p.env.n_set = 1;
	p.user.umask = 022;
	return p;
}

static struct jail_plan *plan_of(const struct policy *p, struct sbx_err *err)
{
	struct jail_host host = { .state_dir = state[0] ? state : NULL };
	struct jail_plan *plan = NULL;

	jail_host_probe(&host);
	if (jail_plan_new(&plan, p, &host, err) < 0)
		return NULL;
	/* these tests need no network of their own: it is the dearest part */
	plan->clone_flags &= ~(uint64_t)CLONE_NEWNET;
	return plan;
}

static void scene(const char *name, struct policy *p, const struct look *looks)
{
	struct sbx_err err = { 0 };
	struct jail_plan *plan = plan_of(p, &err);

	if (!ok(plan != NULL, "%s: there is a plan", name)) {
		fprintf(stderr, "# %s\n", err.msg);
		return;
	}
	new_rundir();
	is_int(overlay_prepare(plan, rundir, &err), 0, "%s: layers", name);
	inside(name, plan, rundir, looks);
	jail_plan_free(plan);
}

/* The plan is refused, with this in the message. */
static void refused(const char *name, struct policy *p, int code,
		    const char *text)
{
	struct sbx_err err = { 0 };
	struct jail_plan *plan = plan_of(p, &err);

	ok(!plan && err.code == code, "%s: refused", name);
	has_str(err.msg, text, "%s: and says why", name);
	jail_plan_free(plan);
}

static const struct look host_looks[] = {
	{ "mounts", "/", "1", "nothing of the old root is left" },
	{ "top", "/..", "same" },
	{ "ls", "/home", "agent" },
	{ "read", "/root", "ENOENT" },
	{ "read", "/run", "ENOENT" },
	{ "read", "/mnt", "ENOENT" },
	{ "read", "/sys", "ENOENT" },
	{ "ls", "/var", "tmp" },
	{ "read", "/etc/shadow", "ENOENT" },
	{ "read", "/etc/machine-id", "ENOENT" },
	{ "read", "/etc/ssl/private", "ENOENT" },
	{ "read", "/etc/sudoers", "ENOENT" },
	{ "read", "/usr/bin/env", "ok" },
	{ "make", "/usr/x", "EROFS" },
	{ "make", "/x", "EROFS" },
	{ "make", "/etc/x", "EROFS" },
	{ "write", "/etc/passwd", "EACCES" },
	{ "chmod", "/etc/passwd", "EROFS" },
	{ "make", "/tmp/x", "ok" },
	{ "make", "/var/tmp/y", "ok" },
	{ "ls", "/tmp", "x,y" },
	{ "make", "/home/agent/x", "ok" },
	{ "make", "/dev/shm/x", "ok" },
	{ "make", "/home/x", "EROFS" },
	{ "stat", "/tmp", "d 1777 0" },
	{ "stat", "/dev/shm", "d 1777 0" },
	{ "cat", "/etc/resolv.conf", "" },
	{ "cat", "/etc/hosts",
	  "127.0.0.1 localhost\n::1 localhost ip6-localhost\n"
	  "127.0.1.1 sbx\n" },
	{ "fill", "/tmp/big", "16", "limits.tmp bounds /tmp" },
	{ 0 },
};

static const struct look dev_looks[] = {
	{ "ls", "/dev",
	  "fd,full,null,ptmx,pts,random,shm,stderr,stdin,stdout,tty,urandom,"
	  "zero" },
	{ "dev", "/dev/null", "1:3" },
	{ "dev", "/dev/zero", "1:5" },
	{ "dev", "/dev/full", "1:7" },
	{ "dev", "/dev/random", "1:8" },
	{ "dev", "/dev/urandom", "1:9" },
	{ "dev", "/dev/tty", "5:0" },
	{ "dev", "/dev/pts/ptmx", "5:2" },
	{ "link", "/dev/ptmx", "pts/ptmx" },
	{ "link", "/dev/stdout", "/proc/self/fd/1" },
	{ "ls", "/dev/pts", "ptmx" },
	{ "make", "/dev/null", "ok", "a shell's >/dev/null works" },
	{ "read", "/dev/zero", "ok" },
	{ "write", "/dev/full", "ok" },
	{ "make", "/dev/x", "EROFS" },
	{ "make", "/dev/pts/x", "EACCES" },
	{ "chmod", "/dev/null", "EROFS", "root's /dev/null keeps its mode" },
	{ "write", "/dev/ptmx", "ok" },
	{ 0 },
};

static void test_host(void)
{
	struct policy p = base_policy(NULL, 0);

	scene("host", &p, host_looks);
	scene("dev", &p, dev_looks);
}

/* Entries that a kernel need not have are looked at only where it has them. */
static void test_proc(void)
{
	static const char *const dirs[] = { "/proc/bus", "/proc/irq",
					    "/proc/fs", "/proc/scsi" };
	static const char *const secret[] = {
		"/proc/kcore",	  "/proc/kmsg",	      "/proc/kpagecount",
		"/proc/slabinfo", "/proc/timer_list", "/proc/sysrq-trigger",
	};
	static const char *const fixed[] = {
		"/proc/sys/kernel/hostname",
		"/proc/sys/kernel/core_pattern",
		"/proc/sys/kernel/randomize_va_space",
	};
	struct policy p = base_policy(NULL, 0);
	struct look looks[32] = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (access(dirs[i], F_OK) == 0)
			looks[n++] = (struct look){ "ls", dirs[i], "" };
	if (access("/proc/keys", F_OK) == 0)
		looks[n++] = (struct look){ "cat", "/proc/keys", "" };
	for (size_t i = 0; i < ARRAY_LEN(secret); i++)
		if (access(secret[i], F_OK) == 0)
			looks[n++] = (struct look){ "cat", secret[i],
						    geteuid() ? "EACCES" : "" };
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		looks[n++] = (struct look){ "write", fixed[i],
					    geteuid() ? "EACCES" : "EROFS" };
	looks[n++] =
		(struct look){ "read", "/proc/sys/kernel/osrelease", "ok" };
	looks[n++] = (struct look){ "write", "/proc/self/comm", "ok" };
	looks[n++] = (struct look){ "read", "/proc/meminfo", "ok" };
	looks[n++] = (struct look){ "link", "/proc/self", "1" };
	scene("proc", &p, looks);
}

#define MOUNT(h, g, a)                                            \
	{                                                         \
		.host = (h), .guest = (char *)(g), .access = (a), \
		.origin = (char *)"p.yaml:3:5: mounts[0]"         \
	}

static const struct look ro_looks[] = {
	{ "cat", "/work/file", "text" },
	{ "make", "/work/new", "EROFS" },
	{ "write", "/work/file", "EROFS" },
	{ "chmod", "/work/file", "EROFS" },
	{ "cat", "/one/file", "text" },
	{ "write", "/one/file", "EROFS" },
	{ 0 },
};

static const struct look rw_looks[] = {
	{ "make", "/work/made-inside", "ok" },
	{ "write", "/work/file", "ok" },
	{ "make", "/work/sub/new", "EROFS", "a read-only place in a rw one" },
	{ "make", "/tmp/deep/er/new", "ok" },
	{ "make", "/home/agent/.cache/x/new", "ok" },
	{ "stat", "/home/agent/.cache", "d 755 0" },
	{ "ls", "/work/state", "", "sbx's own directory is covered" },
	{ "make", "/work/state/x", "EROFS" },
	{ 0 },
};

static const struct look overlay_looks[] = {
	{ "cat", "/work/file", "text" },
	{ "write", "/work/file", "ok" },
	{ "make", "/work/new", "ok" },
	{ "remove", "/work/sub/inner", "ok" },
	{ "remove", "/work/sub", "ok" },
	{ "mkdir", "/work/sub", "ok" },
	{ "ls", "/work/sub", "" },
	{ "rename", "/work/dir /work/dir2", "EXDEV",
	  "a directory of the host cannot be renamed" },
	{ "rename", "/work/sub /work/sub2", "ok" },
	{ "connect", "/work/socket", "ECONNREFUSED",
	  "a socket below an overlay is out of reach" },
	{ 0 },
};

static void test_binds(void)
{
	struct pol_mount ro[] = { MOUNT(in_top("work"), "/work", POL_RO),
				  MOUNT(in_top("work/file"), "/one/file",
					POL_RO) };
	struct pol_mount rw[] = {
		MOUNT(in_top("work"), "/work", POL_RW),
		MOUNT(in_top("other"), "/work/sub", POL_RO),
		MOUNT(in_top("other"), "/tmp/deep/er", POL_RW),
		MOUNT(in_top("other"), "/home/agent/.cache/x", POL_RW),
	};
	struct policy p = base_policy(ro, 2);

	scene("ro", &p, ro_looks);
	p = base_policy(rw, 4);
	snprintf(state, sizeof(state), "%s", in_top("work/state"));
	scene("rw", &p, rw_looks);
	state[0] = '\0';
	is_int(access(in_top("work/made-inside"), F_OK), 0,
	       "rw: and it is on the host");
	is_int(access(in_top("other/new"), F_OK), 0, "rw: from /tmp as well");
	unlink(in_top("work/made-inside"));
	unlink(in_top("other/new"));
}

static int listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (bind(s, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(s, 4) < 0)
		exit(99);
	return s;
}

/* Linux 6.6 and newer. */
static bool tmpfs_has_xattrs(void)
{
	char path[] = "/dev/shm/sbx-mount.XXXXXX";
	_autofd int fd = mkstemp(path);
	bool has = fd >= 0 && fsetxattr(fd, "user.sbx", "", 0, 0) == 0;

	unlink(path);
	return has;
}

static void no_overlay_in_memory(const struct policy *p)
{
	struct sbx_err err = { 0 };
	struct jail_plan *plan = plan_of(p, &err);

	is_int(inside_fails(plan, rundir, NULL, NULL, &err), -ENOTSUP,
	       "overlay in memory: refused by an older kernel");
	has_str(err.msg, "Linux 6.6", "overlay in memory: and why");
	jail_plan_free(plan);
}

static void test_overlay(void)
{
	struct pol_mount disk[] = { MOUNT(in_top("work"), "/work",
					  POL_OVERLAY) };
	struct pol_mount mem[] = { MOUNT(in_top("work"), "/work", POL_OVERLAY),
				   MOUNT(in_top("other"), "/other",
					 POL_OVERLAY) };
	static const struct look mem_looks[] = {
		{ "make", "/work/new", "ok" },
		{ "make", "/other/new", "ok" },
		{ "ls", "/other", "new" },
		{ "remove", "/work/sub/inner", "ok" },
		{ "remove", "/work/sub", "ok" },
		{ "mkdir", "/work/sub", "ok" },
		{ "ls", "/work/sub", "" },
		{ "fill", "/work/big", "8", "limits.disk bounds it" },
		{ 0 },
	};
	_autofd int s = listen_at(in_top("work/socket"));
	struct policy p = base_policy(disk, 1);

	scene("overlay", &p, overlay_looks);
	ok(access(in_top("work/sub/inner"), F_OK) == 0 &&
		   access(in_top("work/new"), F_OK) < 0,
	   "overlay: the host's files are as before");
	ok(access(in_top("run/0/upper/new"), F_OK) == 0,
	   "overlay: changes are in the run's directory");
	mem[0].upper = mem[1].upper = POL_UPPER_MEMORY;
	p = base_policy(mem, 2);
	if (tmpfs_has_xattrs())
		scene("overlay in memory", &p, mem_looks);
	else
		no_overlay_in_memory(&p);
	unlink(in_top("work/socket"));
}

static void test_dir(void)
{
	static const struct look looks[] = {
		{ "ls", "/", "etc,dev,proc,tmp,home,work" },
		{ "mounts", "/", "1", "nothing of the old root is left" },
		{ "top", "/..", "same" },
		{ "cat", "/etc/hosts", "mine" },
		{ "make", "/etc/x", "EROFS" },
		{ "make", "/x", "EROFS" },
		{ "make", "/tmp/x", "ok" },
		{ "make", "/home/agent/x", "ok" },
		{ "make", "/work/x", "ok" },
		{ "dev", "/dev/null", "1:3" },
		{ "make", "/dev/x", "EROFS" },
		{ "make", "/dev/shm/x", "ok" },
		{ "link", "/proc/self", "1" },
		{ "chmod", "/etc/hosts", "EROFS" },
		{ "fill", "/tmp/big", "16" },
		{ 0 },
	};
	struct look sorted[ARRAY_LEN(looks)];
	struct pol_mount m[] = { MOUNT(in_top("other"), "/work", POL_RW) };
	struct policy p = base_policy(m, 1);

	memcpy(sorted, looks, sizeof(looks));
	sorted[0].want = "dev,etc,home,proc,tmp,work";
	p.rootfs.base = POL_BASE_DIR;
	p.rootfs.dir = in_top("root");
	scene("directory", &p, sorted);
	ok(access(in_top("root/dev"), F_OK) < 0 &&
		   access(in_top("root/work"), F_OK) < 0,
	   "directory: no mount point was made in it");
	unlink(in_top("other/x"));
}

static void test_planted(void)
{
	struct policy p = base_policy(NULL, 0);
	struct sbx_err err = { 0 };
	struct jail_plan *plan;

	p.rootfs.base = POL_BASE_DIR;
	p.rootfs.dir = in_top("planted");
	plan = plan_of(&p, &err);
	is_int(inside_fails(plan, -1, NULL, NULL, &err), -ELOOP,
	       "a /dev that is a link to the host's is refused");
	has_str(err.msg, "/dev", "and named");
	is_str(err.step, "mounts", "and so is the step");
	jail_plan_free(plan);
}

static void test_empty(void)
{
	static const struct look looks[] = {
		{ "ls", "/", "dev,proc,tmp" },
		{ "mounts", "/", "1" },
		{ "make", "/x", "EROFS" },
		{ "make", "/tmp/x", "ok" },
		{ 0 },
	};
	struct policy p = base_policy(NULL, 0);

	p.rootfs.base = POL_BASE_EMPTY;
	scene("empty", &p, looks);
}

/* Put a link to /etc where the source was. */
static void swap_for_link(void *arg)
{
	if (rename(in_top("victim"), in_top("victim.old")) < 0 ||
	    symlink("/etc", in_top("victim")) < 0)
		exit(99);
}

static void swap_for_dir(void *arg)
{
	if (unlink(in_top("victim")) < 0 || mkdir(in_top("victim"), 0755) < 0)
		exit(99);
}

static void test_swap(void)
{
	struct pol_mount m[] = { MOUNT(in_top("victim"), "/work", POL_RW) };
	struct policy p = base_policy(m, 1);
	struct sbx_err err = { 0 };
	struct jail_plan *plan;

	make("victim");
	plan = plan_of(&p, &err);
	is_int(inside_fails(plan, -1, swap_for_link, NULL, &err), -ELOOP,
	       "a source swapped for a link is refused");
	is_int(inside_fails(plan, -1, swap_for_dir, NULL, &err), -ESTALE,
	       "a source swapped for a directory is refused");
	has_str(err.msg, "p.yaml:3:5: mounts[0]: '", "and its place is named");
	jail_plan_free(plan);
	rmdir(in_top("victim"));
	rmdir(in_top("victim.old"));
}

/* For ever: what is mounted from is now a directory, now a link to a secret. */
static pid_t swapping(const char *name, const char *with)
{
	char *a = strdup(in_top(name)), *b = strdup(in_top(with));
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)alarm(120);
		for (;;) {
			(void)renameat2(AT_FDCWD, a, AT_FDCWD, b,
					RENAME_EXCHANGE);
			(void)usleep((useconds_t)(random() % 1000));
		}
	}
	free(a);
	free(b);
	return pid;
}

/* Start jails while a name is swapped; look for the secret at a path. */
static void race(const char *title, struct pol_mount *m, size_t n,
		 const char *name, const char *path)
{
	struct policy p = base_policy(m, n);
	struct sbx_err err = { 0 };
	struct jail_plan *plan;
	int built = 0, hits = 0;
	pid_t pid;

	if (symlink("../secret", in_top("race/link")) < 0)
		exit(99);
	pid = swapping(name, "race/link");
	for (int i = 0; i < 3000 && built < 40; i++) {
		plan = plan_of(&p, &err);
		if (!plan)
			continue;
		new_rundir();
		if (overlay_prepare(plan, rundir, &err) == 0)
			built += inside_sees(plan, rundir, path, &hits);
		jail_plan_free(plan);
	}
	kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	if (unlink(in_top("race/link")) < 0) {
		unlink(in_top(name));
		(void)rename(in_top("race/link"), in_top(name));
	}
	tap_note("%s: %d jails were built", title, built);
	ok(hits == 0, "race: %s: no jail sees the secret", title);
}

/* What comes of it is a refusal or the right thing. */
static void test_races(void)
{
	struct pol_mount source[] = { MOUNT(in_top("race/real"), "/a",
					    POL_RW) };
	struct pol_mount above[] = { MOUNT(in_top("race/up/dir"), "/a",
					   POL_OVERLAY) };
	struct pol_mount place[] = {
		MOUNT(in_top("race"), "/a", POL_RO),
		MOUNT(in_top("other"), "/a/place", POL_RO),
	};

	make("secret");
	put("secret/key", "secret");
	make("secret/dir");
	put("secret/dir/key", "secret");
	make("race");
	make("race/real");
	make("race/up");
	make("race/up/dir");
	make("race/place");
	race("a source", source, 1, "race/real", "/a/key");
	race("a directory above a source", above, 1, "race/up", "/a/key");
	race("a place", place, 2, "race/place", "/a/place/key");
}

static void refuse(const char *name, const char *host, const char *guest,
		   enum pol_access access, int code, const char *text)
{
	struct pol_mount m[] = { MOUNT((char *)host, guest, access) };
	struct policy p = base_policy(m, 1);

	refused(name, &p, code, text);
}

static void test_refused(void)
{
	struct pol_mount nest[] = {
		MOUNT(in_top("work"), "/work", POL_RW),
		MOUNT(in_top("other"), "/work/absent", POL_RO),
	};
	struct policy p = base_policy(nest, 2);

	refused("a place that is not there", &p, ENOENT, "nothing is made in");
	refuse("procfs", "/proc/sys", "/p", POL_RO, EPERM, "procfs");
	refuse("the host's root", "/", "/host", POL_RO, EPERM, "/proc");
	refuse("sysfs to write", "/sys", "/sys", POL_RW, EPERM, "sysfs");
	refuse("a device", "/dev/null", "/n", POL_RW, EPERM, "device");
	refuse("guest root", top, "/", POL_RW, EINVAL, "rootfs.base");
	refuse("guest /proc", top, "/proc/x", POL_RW, EINVAL, "jail's own");
	refuse("guest /dev", top, "/dev", POL_RW, EINVAL, "jail's own");
	refuse("an overlay of a file", in_top("work/file"), "/f", POL_OVERLAY,
	       ENOTDIR, "not a directory");
	refuse("a missing source", in_top("none"), "/f", POL_RO, ENOENT,
	       "mounts[0]: '");
	refuse("below a made-up file", top, "/etc/passwd/x", POL_RO, ENOTDIR,
	       "is a file there");
	snprintf(state, sizeof(state), "%s", in_top("work/state"));
	refuse("an overlay of sbx's own", in_top("work"), "/w", POL_OVERLAY,
	       ELOOP, "XDG_STATE_HOME");
	refuse("sbx's own directory", in_top("work/state"), "/w", POL_RO, EPERM,
	       "other runs");
	state[0] = '\0';
}

static void test_optional(void)
{
	struct pol_mount m[] = { MOUNT(in_top("none"), "/none", POL_RO) };
	struct policy p = base_policy(m, 1);
	struct sbx_err err = { 0 };
	struct jail_plan *plan;

	m[0].optional = true;
	plan = plan_of(&p, &err);
	ok(plan && plan->notes.n == 1, "a missing optional source is a note");
	has_str(plan ? plan->notes.v[0] : NULL, "skipped", "which says so");
	jail_plan_free(plan);
}

/* Everything that a test might mount, with no link in it. */
static void make_tree(void)
{
	make("work");
	put("work/file", "text");
	make("work/sub");
	put("work/sub/inner", "inner");
	make("work/dir");
	put("work/dir/inner", "inner");
	make("work/state");
	put("work/state/secret", "secret");
	make("other");
	make("root");
	make("root/etc");
	put("root/etc/hosts", "mine");
	make("planted");
	if (symlink("/dev", in_top("planted/dev")) < 0)
		exit(99);
}

int main(void)
{
	if (!mkdtemp(top))
		return 99;
	snprintf(rundir_path, sizeof(rundir_path), "%s/run", top);
	make_tree();
	test_host();
	test_proc();
	test_binds();
	test_overlay();
	test_dir();
	test_planted();
	test_empty();
	test_swap();
	test_races();
	test_refused();
	test_optional();
	is_int(ovl_remove_tree(AT_FDCWD, top, NULL), 0, "nothing is left");
	return tap_done();
}
