/* SPDX-License-Identifier: Apache-2.0 */
/* The bare floor: the fewest system calls that make a jail of this kind. */

/*
 * What a start cannot do without: one clone3(2) with every namespace, ids
 * mapped, a root built on a tmpfs, the old root gone, no capability left, a
 * filter, and the program as PID 1. No policy, no init, no relay, no limits,
 * no masks, no error text: what `sbx run` takes beyond this is its own price.
 *
 *   floor [--overlay] [--netns none] [--filter] PROGRAM [ARG...]
 *
 * --overlay      the working directory copy-on-write, changes in memory
 * --netns none   stay in the caller's network namespace
 * --filter       write the filter to standard output and leave (for others)
 *
 * The working directory appears as /workspace. Exit status: the program's.
 * Built with FLOOR_STEPS it prints what each step took, in microseconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>

#include "tests/bench/filter.h"

#ifdef FLOOR_STEPS
enum { MAX_STEPS = 24 };
static struct {
	size_t n;
	struct {
		const char *name;
		struct timespec at;
	} v[MAX_STEPS];
} * steps;

static void step(const char *name)
{
	steps->v[steps->n].name = name;
	(void)clock_gettime(CLOCK_MONOTONIC, &steps->v[steps->n++].at);
}

static void steps_init(void)
{
	steps = mmap(NULL, sizeof(*steps), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (steps == MAP_FAILED)
		_exit(125);
	step("start");
}

static void steps_print(void)
{
	for (size_t i = 1; i < steps->n; i++) {
		const struct timespec *a = &steps->v[i - 1].at;
		const struct timespec *b = &steps->v[i].at;

		fprintf(stderr, "%s %.1f\n", steps->v[i].name,
			(double)(b->tv_sec - a->tv_sec) * 1e6 +
				(double)(b->tv_nsec - a->tv_nsec) / 1e3);
	}
}
#else
#define step(name) ((void)0)
#define steps_init() ((void)0)
#define steps_print() ((void)0)
#endif

/* The new root is built over this directory. */
#define ROOT "/tmp"

struct floor_opts {
	bool overlay;
	bool host_net;
	char *const *argv;
};

/* A call that has to succeed: there is nobody to explain a failure to. */
static void must(long r, const char *what)
{
	if (r >= 0)
		return;
	dprintf(STDERR_FILENO, "floor: %s: %m\n", what);
	_exit(125);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd, path);
	must(write(fd, text, strlen(text)), path);
	must(close(fd), path);
}

static void map_ids(uid_t uid, gid_t gid)
{
	char map[64];

	put("/proc/self/setgroups", "deny");
	(void)snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	put("/proc/self/uid_map", map);
	(void)snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	put("/proc/self/gid_map", map);
}

static void bind_readonly(const char *src, const char *dst)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
			    MOUNT_ATTR_NODEV,
	};

	must(mkdir(dst, 0755), dst);
	must(mount(src, dst, NULL, MS_BIND | MS_REC, NULL), dst);
	must(syscall(SYS_mount_setattr, AT_FDCWD, dst, AT_RECURSIVE, &attr,
		     sizeof(attr)),
	     dst);
}

/* The working directory is still the caller's: "." is found although the new
 * root may lie over it. */
static void bind_workspace(bool overlay)
{
	const char *dst = ROOT "/workspace";

	must(mkdir(dst, 0755), dst);
	if (!overlay) {
		must(mount(".", dst, NULL, MS_BIND | MS_REC, NULL), dst);
		return;
	}
	must(mkdir(ROOT "/upper", 0755), "upper");
	must(mkdir(ROOT "/work", 0755), "work");
	must(mount("overlay", dst, "overlay", MS_NOSUID | MS_NODEV,
		   "lowerdir=.,upperdir=" ROOT "/upper,workdir=" ROOT
		   "/work,userxattr"),
	     "overlay");
}

static void make_dev(void)
{
	static const char *const nodes[] = { "null",   "zero",	  "full",
					     "random", "urandom", "tty" };
	char src[32];
	int fd;

	must(mkdir("dev", 0755), "dev");
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		(void)snprintf(src, sizeof(src), "/dev/%s", nodes[i]);
		fd = open(src + 1, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
		must(fd, src);
		must(close(fd), src);
		must(mount(src, src + 1, NULL, MS_BIND, NULL), src);
	}
	must(mkdir("dev/pts", 0755), "dev/pts");
	must(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		   "newinstance,ptmxmode=0666,mode=620"),
	     "devpts");
	must(symlink("pts/ptmx", "dev/ptmx"), "ptmx");
	must(mkdir("dev/shm", 0755), "dev/shm");
	must(mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV,
		   "mode=1777,size=64m"),
	     "dev/shm");
}

static void make_root(const struct floor_opts *o)
{
	static const char *const links[] = { "bin", "sbin", "lib", "lib64" };
	char target[16];

	must(mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL), "private");
	step("private");
	must(mount("root", ROOT, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755"),
	     "root");
	step("root");
	bind_workspace(o->overlay);
	must(chdir(ROOT), ROOT);
	step("workspace");
	bind_readonly("/usr", "usr");
	bind_readonly("/etc", "etc");
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		(void)snprintf(target, sizeof(target), "usr/%s", links[i]);
		must(symlink(target, links[i]), links[i]);
	}
	step("usr+etc");
	make_dev();
	step("dev");
	must(mkdir("tmp", 0755), "tmp");
	must(mount("tmp", "tmp", "tmpfs", MS_NOSUID | MS_NODEV,
		   "mode=1777,size=64m"),
	     "tmp");
	step("tmp");
	must(mkdir("proc", 0755), "proc");
	must(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		   NULL),
	     "proc");
	step("proc");
}

static void enter_root(void)
{
	must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	step("pivot");
	must(umount2(".", MNT_DETACH), "umount");
	must(chdir("/workspace"), "/workspace");
	step("umount");
}

static void drop_caps(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = { 0 };

	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		must(prctl(PR_CAPBSET_DROP, cap), "bounding set");
	must(syscall(SYS_capset, &head, none), "capset");
	step("caps");
}

static void load_filter(void)
{
	struct sock_filter insns[FILTER_MAX];
	struct sock_fprog prog = {
		.len = filter_build(insns),
		.filter = insns,
	};

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog),
	     "seccomp");
	step("filter");
}

static void child(const struct floor_opts *o, uid_t uid, gid_t gid)
{
	char *env[] = { "PATH=/usr/bin:/bin", NULL };

	step("clone");
	map_ids(uid, gid);
	step("ids");
	make_root(o);
	enter_root();
	drop_caps();
	load_filter();
	must(execve(o->argv[0], o->argv, env), o->argv[0]);
}

static int write_filter(void)
{
	struct sock_filter insns[FILTER_MAX];
	size_t len = filter_build(insns) * sizeof(*insns);

	return write(STDOUT_FILENO, insns, len) == (ssize_t)len ? 0 : 125;
}

static int start(const struct floor_opts *o)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
			 CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP |
			 (o->host_net ? 0 : CLONE_NEWNET),
		.exit_signal = SIGCHLD,
	};
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int status;
	pid_t pid;

	steps_init();
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	must(pid, "clone3");
	if (pid == 0)
		child(o, uid, gid);
	must(waitpid(pid, &status, 0), "waitpid");
	step("exec..end");
	steps_print();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct floor_opts o = { 0 };
	int i = 1;

	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--overlay") == 0)
			o.overlay = true;
		else if (strcmp(argv[i], "--filter") == 0)
			return write_filter();
		else if (strcmp(argv[i], "--netns") == 0 && i + 1 < argc &&
			 strcmp(argv[i + 1], "none") == 0)
			o.host_net = ++i;
		else
			break;
	}
	if (i >= argc) {
		fprintf(stderr, "usage: floor [--overlay] [--netns none] "
				"[--filter] PROGRAM [ARG...]\n");
		return 125;
	}
	o.argv = argv + i;
	return start(&o);
}
