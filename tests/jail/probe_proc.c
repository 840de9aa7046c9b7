/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: /proc, /sys, PID 1 and the processes of the host, privileges. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/jail/probe.h"

static const char *open_write(const struct ctx *c, const struct probe *p)
{
	int fd = open(p->text, O_WRONLY | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? NULL : say("%s opens for writing", p->text);
}

static const char *gives_bytes(const struct ctx *c, const struct probe *p)
{
	int fd = open(p->text, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char byte;

	if (fd < 0 || read(fd, &byte, 1) != 1)
		return NULL;
	return say("%s can be read", p->text);
}

/* Addresses that are not all zero, in a file of "start-end : name" lines. */
static const char *gives_addresses(const struct ctx *c, const struct probe *p)
{
	FILE *f = fopen(p->text, "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (strtoull(line, NULL, 16) > 0x1000)
			return say("%s shows addresses", p->text);
	return NULL;
}

/* Files below dir that open for writing, as a cgroup release_agent would. */
static const char *walk_write(const char *dir, int depth)
{
	DIR *d = opendir(dir);
	const char *found = NULL;
	struct dirent *e;
	char path[PATH_MAX];
	struct stat st;

	while (d && !found && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (lstat(path, &st) < 0 || S_ISLNK(st.st_mode))
			continue;
		if (S_ISDIR(st.st_mode) && depth > 0)
			found = walk_write(path, depth - 1);
		else if (S_ISREG(st.st_mode) && !access(path, W_OK))
			found = say("%s may be written", path);
	}
	if (d)
		(void)closedir(d);
	return found;
}

static const char *tree_write(const struct ctx *c, const struct probe *p)
{
	return walk_write(p->text, (int)p->arg[0]);
}

static const char *is_there(const struct ctx *c, const struct probe *p)
{
	return access(p->text, F_OK) ? NULL : say("%s is there", p->text);
}

static const char *names_host(const struct ctx *c, const struct probe *p)
{
	static char data[1 << 20];
	int fd = open(p->text, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	while (fd >= 0 && len < sizeof(data) - 1 &&
	       (n = read(fd, data + len, sizeof(data) - 1 - len)) > 0)
		len += (size_t)n;
	data[len] = 0;
	return strstr(data, c->hostdir)
		       ? say("%s names the host's paths", p->text)
		       : NULL;
}

static const char *cgroup_path(const struct ctx *c, const struct probe *p)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX];
	char *path;

	while (f && fgets(line, sizeof(line), f)) {
		path = strstr(line, ":/");
		if (path && path[2] != '\n')
			return say("cgroup %s", path + 1);
	}
	return NULL;
}

/* ---- PID 1 ------------------------------------------------------------- */

static const char *of_init(const struct ctx *c, const char *name)
{
	static char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", c->init, name);
	return path;
}

static const char *init_file(const struct ctx *c, const struct probe *p)
{
	const char *path = of_init(c, p->text);
	int fd = open(path, (int)p->arg[0] | O_CLOEXEC | O_NONBLOCK);
	char byte;

	if (fd < 0)
		return NULL;
	if (p->arg[1] && read(fd, &byte, 1) != 1)
		return NULL;
	return say("opened %s", path);
}

static const char *init_link(const struct ctx *c, const struct probe *p)
{
	char to[PATH_MAX];
	ssize_t n = readlink(of_init(c, p->text), to, sizeof(to) - 1);

	if (n <= 0)
		return NULL;
	to[n] = 0;
	return say("%s of PID 1 is %s", p->text, to);
}

static const char *init_secret(const struct ctx *c, const struct probe *p)
{
	const char *path = of_init(c, p->text);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && fd_has_secret(fd) ? say("secret in %s", path) : NULL;
}

/* The command line of PID 1 must not tell how the jail was called. */
static const char *init_cmdline(const struct ctx *c, const struct probe *p)
{
	int fd = open(of_init(c, "cmdline"), O_RDONLY | O_CLOEXEC);
	char line[4096];
	ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);

	for (ssize_t i = 0; i + 1 < n; i++)
		if (!line[i])
			line[i] = ' ';
	line[n > 0 ? n : 0] = 0;
	return strstr(line, "probe") || strstr(line, "--policy") ||
			       strstr(line, c->hostdir)
		       ? say("command line of PID 1: %s", line)
		       : NULL;
}

static const char *init_fds(const struct ctx *c, const struct probe *p)
{
	char path[64], to[64];

	/* their numbers are no secret to root; what they lead to is */
	for (int fd = 0; fd < 64; fd++) {
		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", c->init,
			       fd);
		if (readlink(path, to, sizeof(to)) > 0 ||
		    open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) >= 0)
			return say("%s", path);
	}
	return NULL;
}

/* ---- processes of the host --------------------------------------------- */

static int target(const struct ctx *c, const struct probe *p)
{
	return p->arg[0] ? c->init : c->hostpid;
}

static const char *attach(const struct ctx *c, const struct probe *p)
{
	int pid = target(c, p);

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return NULL;
	(void)ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
	(void)waitpid(pid, NULL, __WALL);
	(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return say("traced process %d", pid);
}

static const char *read_memory(const struct ctx *c, const struct probe *p)
{
	int pid = target(c, p);
	char byte;
	struct iovec here = { &byte, 1 }, there = { (void *)environ[0], 1 };

	/* Both are the same program outside, so an address of ours will do;
	 * EFAULT means that the kernel let us in and found nothing there. */
	if (process_vm_readv(pid, &here, 1, &there, 1, 0) < 0 &&
	    errno != EFAULT)
		return NULL;
	return say("memory of process %d", pid);
}

static const char *signal_host(const struct ctx *c, const struct probe *p)
{
	return kill(c->hostpid, 0) ? NULL : say("process %d", c->hostpid);
}

static const char *renice_host(const struct ctx *c, const struct probe *p)
{
	id_t pid = (id_t)c->hostpid;

	if (setpriority(PRIO_PROCESS, pid, 5) < 0)
		return NULL;
	return say("priority of process %d", c->hostpid);
}

static const char *pin_host(const struct ctx *c, const struct probe *p)
{
	cpu_set_t set;

	if (sched_getaffinity(c->hostpid, sizeof(set), &set) < 0 ||
	    sched_setaffinity(c->hostpid, sizeof(set), &set) < 0)
		return NULL;
	return say("affinity of process %d", c->hostpid);
}

static const char *limit_host(const struct ctx *c, const struct probe *p)
{
	struct rlimit lim;

	if (prlimit(c->hostpid, RLIMIT_CORE, NULL, &lim) < 0)
		return NULL;
	return say("limits of process %d", c->hostpid);
}

static const char *pidfd_host(const struct ctx *c, const struct probe *p)
{
	int fd = (int)syscall(SYS_pidfd_open, c->hostpid, 0);

	return fd < 0 ? NULL : say("descriptor for process %d", c->hostpid);
}

static const char *sees_host(const struct ctx *c, const struct probe *p)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	char path[300];
	int fd;

	while (d && (e = readdir(d))) {
		if (atoi(e->d_name) <= 0 || atoi(e->d_name) == getppid())
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%s/environ",
			       e->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && fd_has_secret(fd))
			return say("secret in %s", path);
		if (fd >= 0)
			(void)close(fd);
	}
	return NULL;
}

/* ---- privileges -------------------------------------------------------- */

static const char *caps(const struct ctx *c, const struct probe *p)
{
	FILE *f = fopen("/proc/self/status", "re");
	size_t len = strlen(p->text);
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, p->text, len) &&
		    strtoull(line + len, NULL, 16) != 0)
			return say("%s", strtok(line, "\n"));
	return f ? NULL : "no /proc/self/status";
}

static const char *no_new_privs(const struct ctx *c, const struct probe *p)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? NULL : "not set";
}

static const char *filtered(const struct ctx *c, const struct probe *p)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2 ? NULL : "no filter";
}

static const char *securebits(const struct ctx *c, const struct probe *p)
{
	int want = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
		   SECBIT_KEEP_CAPS_LOCKED;
	int bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);

	return bits >= 0 && (bits & want) == want ? NULL
						  : say("securebits %#x", bits);
}

static const char *becomes_root(const struct ctx *c, const struct probe *p)
{
	if (geteuid() == 0 ? setgroups(0, NULL) : setresuid(0, 0, 0))
		return NULL;
	return "set ids or groups";
}

static const char *dumps_core(const struct ctx *c, const struct probe *p)
{
	struct rlimit lim;
	int status;
	pid_t pid;

	if (getrlimit(RLIMIT_CORE, &lim) == 0 && lim.rlim_max > 0) {
		lim.rlim_cur = lim.rlim_max;
		(void)setrlimit(RLIMIT_CORE, &lim);
	}
	pid = fork();
	if (pid == 0)
		abort();
	if (waitpid(pid, &status, 0) < 0 || !WCOREDUMP(status))
		return lim.rlim_max > 0 ? "core limit can be raised" : NULL;
	(void)unlink("core");
	return "dumped core";
}

#define PROC_WRITE(n, path)                                   \
	{                                                     \
		"proc-write", n, open_write, BARE_MAYBE, path \
	}

const struct probe probes_proc[] = {
	{ "proc-write", "core_pattern", open_write, BARE_ROOT,
	  "/proc/sys/kernel/core_pattern" },
	{ "proc-write", "hostname", open_write, BARE_ROOT,
	  "/proc/sys/kernel/hostname" },
	{ "proc-write", "overcommit", open_write, BARE_ROOT,
	  "/proc/sys/vm/overcommit_memory" },
	{ "proc-write", "drop_caches", open_write, BARE_ROOT,
	  "/proc/sys/vm/drop_caches" },
	{ "proc-write", "max_user_namespaces", open_write, BARE_MAYBE,
	  "/proc/sys/user/max_user_namespaces" },
	{ "proc-write", "ip_forward", open_write, BARE_ROOT,
	  "/proc/sys/net/ipv4/ip_forward" },
	{ "proc-write", "msgmax", open_write, BARE_ROOT,
	  "/proc/sys/kernel/msgmax" },
	PROC_WRITE("modprobe", "/proc/sys/kernel/modprobe"),
	PROC_WRITE("sysrq", "/proc/sys/kernel/sysrq"),
	PROC_WRITE("sysrq-trigger", "/proc/sysrq-trigger"),
	PROC_WRITE("binfmt", "/proc/sys/fs/binfmt_misc/register"),
	PROC_WRITE("irq", "/proc/irq/default_smp_affinity"),
	PROC_WRITE("scsi", "/proc/scsi/scsi"),
	PROC_WRITE("acpi", "/proc/acpi/wakeup"),
	PROC_WRITE("mtrr", "/proc/mtrr"),
	PROC_WRITE("uevent_helper", "/sys/kernel/uevent_helper"),
	PROC_WRITE("power", "/sys/power/state"),
	PROC_WRITE("profiling", "/sys/kernel/profiling"),
	PROC_WRITE("hugepages", "/sys/kernel/mm/transparent_hugepage/enabled"),
	PROC_WRITE("ns_last_pid", "/proc/sys/kernel/ns_last_pid"),
	PROC_WRITE("init-oom", "/proc/1/oom_score_adj"),
	PROC_WRITE("init-mem", "/proc/1/mem"),
	PROC_WRITE("init-attr", "/proc/1/attr/current"),
	PROC_WRITE("init-uid_map", "/proc/1/uid_map"),
	{ "proc-write",
	  "all-of-sys",
	  tree_write,
	  BARE_ROOT,
	  "/proc/sys",
	  { 3 } },
	{ "proc-write",
	  "all-of-cgroup",
	  tree_write,
	  BARE_MAYBE,
	  "/sys/fs/cgroup",
	  { 2 } },
	{ "proc-write", "all-of-sysfs", tree_write, BARE_ROOT, "/sys", { 3 } },

	{ "leak", "kcore", gives_bytes, BARE_MAYBE, "/proc/kcore" },
	{ "leak", "kmsg", gives_bytes, BARE_MAYBE, "/proc/kmsg" },
	{ "leak", "dev-kmsg", gives_bytes, BARE_MAYBE, "/dev/kmsg" },
	{ "leak", "keys", gives_bytes, BARE_ANY, "/proc/keys" },
	{ "leak", "timer_list", gives_bytes, BARE_MAYBE, "/proc/timer_list" },
	{ "leak", "sched_debug", gives_bytes, BARE_MAYBE, "/proc/sched_debug" },
	{ "leak", "latency_stats", gives_bytes, BARE_MAYBE,
	  "/proc/latency_stats" },
	{ "leak", "kpagecount", gives_bytes, BARE_MAYBE, "/proc/kpagecount" },
	{ "leak", "vmallocinfo", gives_bytes, BARE_MAYBE, "/proc/vmallocinfo" },
	{ "leak", "slabinfo", gives_bytes, BARE_MAYBE, "/proc/slabinfo" },
	{ "leak", "iomem", gives_addresses, BARE_ROOT, "/proc/iomem" },
	{ "leak", "kallsyms", gives_addresses, BARE_MAYBE, "/proc/kallsyms" },
	{ "leak", "sys-kernel", is_there, BARE_ANY, "/sys/kernel" },
	{ "leak", "sys-class", is_there, BARE_ANY, "/sys/class" },
	{ "leak", "sys-firmware", is_there, BARE_MAYBE, "/sys/firmware" },
	{ "leak", "mountinfo", names_host, BARE_MAYBE, "/proc/self/mountinfo" },
	{ "leak", "mounts", names_host, BARE_MAYBE, "/proc/self/mounts" },
	{ "leak", "mountstats", names_host, BARE_MAYBE,
	  "/proc/self/mountstats" },
	{ "leak", "cgroup-path", cgroup_path, BARE_MAYBE },

	{ "init", "environ", init_file, BARE_ANY, "environ", { O_RDONLY, 1 } },
	{ "init", "memory", init_file, BARE_ANY, "mem", { O_RDONLY } },
	{ "init", "memory-written", init_file, BARE_ANY, "mem", { O_RDWR } },
	{ "init", "maps", init_file, BARE_ANY, "maps", { O_RDONLY, 1 } },
	{ "init", "auxv", init_file, BARE_ANY, "auxv", { O_RDONLY, 1 } },
	{ "init", "exe-read", init_file, BARE_ANY, "exe", { O_RDONLY } },
	{ "init", "exe-path", init_file, BARE_ANY, "exe", { O_PATH } },
	{ "init", "exe-link", init_link, BARE_ANY, "exe" },
	{ "init", "cwd", init_link, BARE_ANY, "cwd" },
	{ "init", "root", init_link, BARE_ANY, "root" },
	{ "init", "cwd-opened", init_file, BARE_ANY, "cwd/.", { O_RDONLY } },
	{ "init", "fd", init_fds, BARE_ANY },
	{ "init", "fdinfo", init_file, BARE_ANY, "fdinfo/0", { O_RDONLY } },
	{ "init", "namespaces", init_file, BARE_ANY, "ns/mnt", { O_RDONLY } },
	{ "init", "secret-in-environ", init_secret, BARE_ANY, "environ" },
	{ "init", "secret-in-cmdline", init_secret, BARE_MAYBE, "cmdline" },
	{ "init", "command-line", init_cmdline, BARE_ANY },
	{ "init", "ptrace", attach, BARE_ANY, NULL, { 1 } },
	{ "init", "process_vm_readv", read_memory, BARE_ANY, NULL, { 1 } },

	{ "host-process", "signal", signal_host, BARE_ANY },
	{ "host-process", "ptrace", attach, BARE_ANY },
	{ "host-process", "process_vm_readv", read_memory, BARE_ANY },
	{ "host-process", "setpriority", renice_host, BARE_ANY },
	{ "host-process", "sched_setaffinity", pin_host, BARE_ANY },
	{ "host-process", "prlimit", limit_host, BARE_ANY },
	{ "host-process", "pidfd_open", pidfd_host, BARE_ANY },
	{ "host-process", "environ-of-any", sees_host, BARE_ANY },

	{ "privilege", "effective", caps, BARE_ROOT, "CapEff:" },
	{ "privilege", "permitted", caps, BARE_ROOT, "CapPrm:" },
	{ "privilege", "inheritable", caps, BARE_MAYBE, "CapInh:" },
	{ "privilege", "bounding", caps, BARE_ANY, "CapBnd:" },
	{ "privilege", "ambient", caps, BARE_MAYBE, "CapAmb:" },
	{ "privilege", "no_new_privs", no_new_privs, BARE_ANY },
	{ "privilege", "filter", filtered, BARE_ANY },
	{ "privilege", "securebits", securebits, BARE_ANY },
	{ "privilege", "ids", becomes_root, BARE_ROOT },
	{ "privilege", "core-dump", dumps_core, BARE_MAYBE },
	{ 0 },
};
