/* SPDX-License-Identifier: Apache-2.0 */
/* The locks, put on for real: by processes in namespaces of their own. */
#include "runtime/jail/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/filter.h"
#include "runtime/jail/landlock.h"
#include "runtime/jail/landlock_abi.h"
#include "runtime/jail/privs.h"
#include "tests/tap/tap.h"

/* Results of a child, in memory shared with it. */
struct result {
	char name[80];
	long got, want;
};

static struct {
	size_t n;
	char setup[SBX_ERR_MSG]; /* what could not be made; "": all was */
	bool no_userns;
	struct result v[256];
} * shared;

static void see(const char *name, long got, long want)
{
	struct result *r = &shared->v[shared->n];

	if (shared->n == ARRAY_LEN(shared->v))
		abort();
	(void)snprintf(r->name, sizeof(r->name), "%s", name);
	r->got = got;
	r->want = want;
	shared->n++;
}

/* 0, or what went wrong. */
static long error_of(long r)
{
	return r < 0 ? errno : 0;
}

#define NOBODY 65534

/* Root's processes are not counted: those of nobody are. */
static int become_nobody(void)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return -errno;
	return prctl(PR_SET_DUMPABLE, 1) < 0 ? -errno : 0;
}

static int enter(uid_t uid, gid_t gid)
{
	char map[64];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC) <
	    0)
		return -errno;
	if (io_write_file(AT_FDCWD, "/proc/self/setgroups", "deny") < 0)
		return -EPERM;
	(void)snprintf(map, sizeof(map), "%u %u 1\n", uid, uid);
	if (io_write_file(AT_FDCWD, "/proc/self/uid_map", map) < 0)
		return -EPERM;
	(void)snprintf(map, sizeof(map), "%u %u 1\n", gid, gid);
	if (io_write_file(AT_FDCWD, "/proc/self/gid_map", map) < 0)
		return -EPERM;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	return 0;
}

enum as { AS_SELF, AS_USER };

/*
 * Run fn in a child with every capability of a user namespace of its own, and
 * make a test of all that it sees. Returns the child's wait status.
 */
static int child_as(enum as as, const char *scene, void (*fn)(void))
{
	int status = -1;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		(void)alarm(60);
		if (as == AS_USER && getuid() == 0 && become_nobody() < 0)
			_exit(99);
		if (enter(getuid(), getgid()) < 0)
			shared->no_userns = true;
		else
			fn();
		_exit(0);
	}
	(void)waitpid(pid, &status, 0);
	if (shared->no_userns) {
		tap_skip(scene, "no user namespace can be made here");
		return -1;
	}
	if (!is_str(shared->setup, "", "%s: set up", scene))
		return status;
	if (!WIFSIGNALED(status))
		ok(shared->n > 0, "%s: it looked", scene);
	for (size_t i = 0; i < shared->n; i++)
		is_int(shared->v[i].got, shared->v[i].want, "%s: %s", scene,
		       shared->v[i].name);
	return status;
}

static int in_child(const char *scene, void (*fn)(void))
{
	return child_as(AS_SELF, scene, fn);
}

static void set_up(int r, const struct sbx_err *err)
{
	if (r == 0)
		return;
	memcpy(shared->setup, err->msg, sizeof(shared->setup));
	_exit(0);
}

static void load_filter(const struct policy *pol)
{
	struct jail_plan plan = { .pol = pol };
	struct sbx_err err = { 0 };

	set_up(filter_plan(&plan, &err), &err);
	set_up(privs_seal(&err), &err);
	set_up(privs_filter(&plan.filter, &err), &err);
}

/* ---- the filter alone: every capability of the namespace is there ------- */

static const struct policy default_policy;

static void see_rows(void)
{
	size_t n;
	const struct filter_row *rows = filter_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (rows[i].nr >= 0 && !rows[i].cond[0].n)
			see(rows[i].name,
			    error_of(syscall(rows[i].nr, 0, 0, 0, 0, 0, 0)),
			    rows[i].error);
}

static void each_row(void)
{
	load_filter(&default_policy);
	see_rows();
}

/* What works before works no more after: so it is the filter that says no. */
static void before_and_after(void)
{
	int s;

	see("before: a file system can be mounted",
	    error_of(mount("none", "/tmp", "tmpfs", 0, NULL)), 0);
	see("before: the host name can be set",
	    error_of(sethostname("other", 5)), 0);
	see("before: a mount namespace can be made",
	    error_of(unshare(CLONE_NEWNS)), 0);
	load_filter(&default_policy);
	see("after: no file system", error_of(umount2("/tmp", MNT_DETACH)),
	    EPERM);
	see("after: no name", error_of(sethostname("third", 5)), EPERM);
	see("after: no mount namespace", error_of(unshare(CLONE_NEWNS)), EPERM);
	see("after: no user namespace by unshare",
	    error_of(unshare(CLONE_NEWUSER)), EPERM);
	see("after: none by clone",
	    error_of(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)),
	    EPERM);
	see("after: unshare of files still works",
	    error_of(unshare(CLONE_FILES | CLONE_FS)), 0);
	s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	see("after: a unix socket", error_of(s), 0);
	see("after: a TCP socket",
	    error_of(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), 0);
	see("after: netlink for routes",
	    error_of(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0)), 0);
	see("after: no netlink for uevents",
	    error_of(socket(AF_NETLINK, SOCK_RAW, 15)), EPROTONOSUPPORT);
	see("after: no vsock", error_of(socket(AF_VSOCK, SOCK_STREAM, 0)),
	    EAFNOSUPPORT);
	see("after: no MPTCP", error_of(socket(AF_INET, SOCK_STREAM, 262)),
	    EPROTONOSUPPORT);
	see("after: no raw socket", error_of(socket(AF_INET, SOCK_RAW, 1)),
	    EPERM);
}

static void terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), tty;
	unsigned long upper = 1ul << 32;
	int n = 0;

	if (master < 0 || unlockpt(master) < 0)
		set_up(-1, &(struct sbx_err){ .msg = "no terminal" });
	tty = open(ptsname(master), O_RDWR | O_NOCTTY);
	(void)setsid();
	see("before: it becomes ours", error_of(ioctl(tty, TIOCSCTTY, 0)), 0);
	load_filter(&default_policy);
	see("TIOCSTI", error_of(ioctl(tty, TIOCSTI, "x")), EPERM);
	see("TIOCSTI with an upper half",
	    error_of(syscall(SYS_ioctl, tty, upper | TIOCSTI, "x")), EPERM);
	see("TIOCLINUX", error_of(ioctl(tty, 0x541c, "x")), EPERM);
	see("TIOCSETD", error_of(ioctl(tty, TIOCSETD, &n)), EPERM);
	see("FIONREAD still works", error_of(ioctl(tty, FIONREAD, &n)), 0);
	see("and nothing was typed", n, 0);
}

static void tracing(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		for (;;)
			(void)pause();
	load_filter(&default_policy);
	see("no hold of another process",
	    error_of(ptrace(PTRACE_ATTACH, pid, 0, 0)), EPERM);
	see("nor by the newer way", error_of(ptrace(PTRACE_SEIZE, pid, 0, 0)),
	    EPERM);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_DUMPABLE, 1);
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0)
			(void)raise(SIGSTOP);
		_exit(7);
	}
	(void)waitpid(pid, &status, 0);
	see("a child may ask to be traced", WIFSTOPPED(status), 1);
	see("and goes on", error_of(ptrace(PTRACE_CONT, pid, 0, 0)), 0);
	(void)waitpid(pid, &status, 0);
	see("to its end", WEXITSTATUS(status), 7);
}

static void allowed_by_policy(void)
{
	struct policy pol = { 0 };
	pid_t pid;

	if (strv_add(&pol.seccomp.allow, "ptrace") < 0 ||
	    strv_add(&pol.seccomp.deny, "getpriority") < 0)
		abort();
	pid = fork();
	if (pid == 0)
		for (;;)
			(void)pause();
	load_filter(&pol);
	see("ptrace works", error_of(ptrace(PTRACE_SEIZE, pid, 0, 0)), 0);
	see("getpriority does not", error_of(syscall(SYS_getpriority, 0, 0)),
	    EPERM);
	see("the rest is as it was", error_of(unshare(CLONE_NEWUSER)), EPERM);
	(void)kill(pid, SIGKILL);
}

#ifdef __x86_64__
static void by_x32(void)
{
	load_filter(&default_policy);
	(void)syscall(0x40000000 | SYS_getpid);
}

static void by_i386(void)
{
	long r = 20; /* getpid there */

	load_filter(&default_policy);
	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 :
			 : "memory", "r8", "r9", "r10", "r11");
}

static void test_foreign(void)
{
	int status = in_child("x32", by_x32);

	if (status >= 0)
		is_int(WTERMSIG(status), SIGSYS, "x32: it kills");
	status = in_child("i386", by_i386);
	if (status >= 0)
		is_int(WTERMSIG(status), SIGSYS, "i386: it kills");
}
#else
static void test_foreign(void)
{
}
#endif

/* ---- privileges ---------------------------------------------------------- */

static uint64_t status_field(const char *name)
{
	static char text[16384];
	const char *at;

	if (io_read_file(AT_FDCWD, "/proc/thread-self/status", text,
			 sizeof(text)) < 0)
		return UINT64_MAX;
	at = strstr(text, name);
	return at ? strtoull(at + strlen(name), NULL, 16) : UINT64_MAX;
}

static void see_capabilities(void)
{
	static const char *const sets[] = { "CapInh:", "CapPrm:", "CapEff:",
					    "CapBnd:", "CapAmb:" };
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct all[2] = { { ~0u, ~0u, ~0u },
						 { ~0u, ~0u, ~0u } };

	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		see(sets[i], (long)status_field(sets[i]), 0);
	see("no_new_privs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	see("securebits", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), 0xef);
	see("not dumpable", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	see("capset gives nothing back",
	    error_of(syscall(SYS_capset, &head, all)), EPERM);
	see("securebits stay", error_of(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0)),
	    EPERM);
	see("no ambient capability",
	    error_of(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 0, 0, 0)),
	    EPERM);
}

/* A plan as of a policy with these limits, and no Landlock. */
static void apply_all(const struct policy *pol)
{
	static struct jail_plan plan;
	struct sbx_err err = { 0 };
	int r;

	plan.pol = pol;
	set_up(rlimit_plan(&plan, &err), &err);
	set_up(filter_plan(&plan, &err), &err);
	r = lock_apply(&plan, &err);
	set_up(r, &err);
}

static struct policy limited(void)
{
	struct policy pol = { 0 };

	memset(&pol.limits, 0xff, sizeof(pol.limits));
	pol.limits.pids = 20;
	pol.limits.open_files = 64;
	pol.limits.file_size = 4096;
	pol.limits.cpu_time = 60500;
	return pol;
}

static void privileges(void)
{
	struct policy pol = limited();

	apply_all(&pol);
	see_capabilities();
	see("seccomp is on", (long)status_field("Seccomp:"), 2);
}

static long hard(int resource)
{
	struct rlimit l;

	if (getrlimit((__rlimit_resource_t)resource, &l) < 0)
		return -1;
	return l.rlim_cur == l.rlim_max ? (long)l.rlim_max : -2;
}

/* The error of the first descriptor that is one too many. They are left open:
 * the child ends soon. */
static long open_all(void)
{
	int fd = 0;

	for (int n = 0; n < 100 && fd >= 0; n++)
		fd = open("/", O_PATH | O_CLOEXEC);
	return errno;
}

static void limits(void)
{
	struct policy pol = limited();
	struct rlimit l;
	int fd;

	apply_all(&pol);
	see("no core", hard(RLIMIT_CORE), 0);
	see("processes, with room for the watchdog", hard(RLIMIT_NPROC), 36);
	see("open files", hard(RLIMIT_NOFILE), 64);
	see("file size", hard(RLIMIT_FSIZE), 4096);
	see("no nice", hard(RLIMIT_NICE), 0);
	see("no real time", hard(RLIMIT_RTPRIO), 0);
	see("locked memory", hard(RLIMIT_MEMLOCK) <= 8 << 20, 1);
	see("it has the CPU limit", getrlimit(RLIMIT_CPU, &l), 0);
	see("CPU seconds, rounded up, and room", (long)l.rlim_cur, 63);
	see("then the kill", (long)l.rlim_max, 65);
	see("the 65th descriptor", open_all(), EMFILE);
	for (int i = 3; i < 64; i++)
		(void)close(i);
	(void)signal(SIGXFSZ, SIG_IGN);
	fd = memfd_create("big", MFD_CLOEXEC);
	see("a file of 4 KiB", error_of(ftruncate(fd, 4096)), 0);
	see("and not one byte more", error_of(ftruncate(fd, 4097)), EFBIG);
}

/* As many as there can be, up to 100. The caller's other processes do not
 * count: each user namespace counts its own. */
static void processes(void)
{
	struct policy pol = limited();
	pid_t pids[100];
	size_t n = 0;
	int code = 0;

	apply_all(&pol);
	while (n < ARRAY_LEN(pids) && code == 0) {
		pids[n] = fork();
		if (pids[n] == 0)
			for (;;)
				(void)pause();
		if (pids[n] < 0)
			code = errno;
		else
			n++;
	}
	see("the 37th process", code, EAGAIN);
	see("is one too many, or one before it was", n <= 35, 1);
	while (n-- > 0) {
		(void)kill(pids[n], SIGKILL);
		(void)waitpid(pids[n], NULL, 0);
	}
}

static void keyring(void)
{
	struct jail_plan plan = { .pol = &default_policy };
	struct sbx_err err = { 0 };
	long before = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID,
			      KEY_SPEC_SESSION_KEYRING, 0);

	see("there is one", before > 0, 1);
	set_up(privs_keyring(&plan, &err), &err);
	see("it is another one",
	    syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING,
		    0) != before,
	    1);
}

static void test_keyring(void)
{
	if (syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING,
		    0) < 0)
		tap_skip("keyring", "the kernel has no keys here");
	else
		(void)in_child("keyring", keyring);
}

/* ---- Landlock ------------------------------------------------------------ */

static char top[] = "/tmp/sbx-lock.XXXXXX";

static char *in_top(const char *name)
{
	static char paths[16][80];
	static unsigned turn;
	char *p = paths[turn++ % 16];

	(void)snprintf(p, sizeof(paths[0]), "%s/%s", top, name);
	return p;
}

static long opens(const char *path, int flags)
{
	_autofd int fd = open(path, flags | O_CLOEXEC, 0600);

	return error_of(fd);
}

#define CHANGE                                                       \
	(LL_WRITE_FILE | LL_TRUNCATE | LL_REFER | LL_REMOVE_DIR |    \
	 LL_REMOVE_FILE | LL_MAKE_DIR | LL_MAKE_REG | LL_MAKE_SOCK | \
	 LL_MAKE_FIFO | LL_MAKE_SYM)
#define USE (LL_READ_FILE | LL_READ_DIR | LL_EXECUTE)

/* What of the host the test's own process goes on needing. */
static void restrict_to_top(void)
{
	static char ro[80], rw[80];
	struct jail_rule rules[] = {
		{ .path = rw, .access = USE | CHANGE },
		{ .path = ro, .access = USE },
		{ .path = (char *)"/usr", .access = USE },
		{ .path = (char *)"/dev",
		  .access = LL_READ_FILE | LL_WRITE_FILE | LL_READ_DIR |
			    LL_TRUNCATE | LL_IOCTL_DEV },
		{ .path = (char *)"/proc",
		  .access = LL_READ_FILE | LL_READ_DIR },
		{ .path = (char *)"/nothing-there",
		  .access = USE,
		  .optional = true },
	};
	struct jail_plan plan = {
		.rules = rules,
		.n_rules = ARRAY_LEN(rules),
		.landlock_abi = landlock_probe() < LL_NEWEST ? landlock_probe()
							     : LL_NEWEST,
	};
	struct sbx_err err = { 0 };

	strcpy(ro, in_top("ro"));
	strcpy(rw, in_top("rw"));
	set_up(privs_seal(&err), &err);
	(void)prctl(PR_SET_DUMPABLE, 1); /* for /proc/self */
	set_up(landlock_apply(&plan, &err), &err);
}

static long tmpfile_becomes(const char *name)
{
	_autofd int fd =
		open(in_top("rw"), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char link[64];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return error_of(
		linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW));
}

static long listens_and_connects(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	_autofd int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	_autofd int c = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (bind(s, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(s, 1) < 0)
		return errno;
	return error_of(connect(c, (struct sockaddr *)&a, sizeof(a)));
}

static long reopens(const char *path)
{
	_autofd int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char link[64];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return opens(link, O_RDWR | O_TRUNC);
}

static long runs(const char *path)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		execl(path, "true", (char *)NULL);
		_exit(errno);
	}
	(void)waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void writable(void)
{
	restrict_to_top();
	see("a file", opens(in_top("rw/new"), O_WRONLY | O_CREAT), 0);
	see("a truncated one", opens(in_top("rw/new"), O_WRONLY | O_TRUNC), 0);
	see("a directory", error_of(mkdir(in_top("rw/d2"), 0755)), 0);
	see("a link", error_of(symlink("x", in_top("rw/link"))), 0);
	see("a fifo", error_of(mkfifo(in_top("rw/fifo"), 0600)), 0);
	see("a hard link", error_of(link(in_top("rw/new"), in_top("rw/d/h"))),
	    0);
	see("a rename between directories",
	    error_of(rename(in_top("rw/new"), in_top("rw/d2/new"))), 0);
	see("a directory renamed between directories",
	    error_of(rename(in_top("rw/d2"), in_top("rw/d/d2"))), 0);
	see("an exchange",
	    error_of(renameat2(AT_FDCWD, in_top("rw/fifo"), AT_FDCWD,
			       in_top("rw/link"), RENAME_EXCHANGE)),
	    0);
	see("a nameless file gets a name", tmpfile_becomes(in_top("rw/named")),
	    0);
	see("a socket of our own", listens_and_connects(in_top("rw/socket")),
	    0);
	see("a file by its descriptor", reopens(in_top("rw/again")), 0);
	see("a program", runs(in_top("rw/true")), 0);
	see("removal", error_of(unlink(in_top("rw/named"))), 0);
	see("/dev/null", opens("/dev/null", O_RDWR | O_TRUNC), 0);
}

static void closed(void)
{
	int pipefd[2];
	char link[64];

	if (pipe2(pipefd, O_CLOEXEC) < 0)
		abort();
	restrict_to_top();
	see("reading the read-only part", opens(in_top("ro/file"), O_RDONLY),
	    0);
	see("writing it", opens(in_top("ro/file"), O_WRONLY), EACCES);
	see("making a file there", opens(in_top("ro/new"), O_WRONLY | O_CREAT),
	    EACCES);
	see("removing one", error_of(unlink(in_top("ro/file"))), EACCES);
	see("reading what has no rule", opens(in_top("out/file"), O_RDONLY),
	    EACCES);
	see("listing it", opens(in_top("out"), O_RDONLY | O_DIRECTORY), EACCES);
	see("by a descriptor from before",
	    error_of(openat(open(in_top("out"), O_PATH | O_CLOEXEC), "file",
			    O_RDONLY)),
	    EACCES);
	see("running it", runs(in_top("out/true")), EACCES);
	see("a device node",
	    error_of(mknod(in_top("rw/node"), S_IFCHR | 0600, 0)), EACCES);
	see("writing in /proc", opens("/proc/self/comm", O_WRONLY), EACCES);
	see("reading in /proc", opens("/proc/self/comm", O_RDONLY), 0);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", pipefd[1]);
	see("a pipe by its descriptor", opens(link, O_WRONLY), 0);
	see("a mount", error_of(mount("none", "/mnt", "tmpfs", 0, NULL)),
	    EPERM);
}

/* Towards the process that started us, which has no such restriction. */
static void scoped(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t len;
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			  (size_t)snprintf(a.sun_path + 1,
					   sizeof(a.sun_path) - 1, "%s", top));
	see("before: the abstract socket",
	    error_of(connect(s, (struct sockaddr *)&a, len)), 0);
	see("before: a signal", error_of(kill(getppid(), 0)), 0);
	restrict_to_top();
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	see("no abstract socket of others",
	    error_of(connect(s, (struct sockaddr *)&a, len)), EPERM);
	see("no signal to others", error_of(kill(getppid(), 0)), EPERM);
	see("but to our own", error_of(kill(getpid(), 0)), 0);
}

/* A socket that was there before, made by others. */
static void others_socket(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s",
		       in_top("rw/theirs"));
	restrict_to_top();
	see("it is out of reach",
	    error_of(connect(s, (struct sockaddr *)&a, sizeof(a))), EACCES);
}

static int listen_at(const char *path, bool abstract)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t len = (size_t)snprintf(a.sun_path + abstract,
				      sizeof(a.sun_path) - 1, "%s", path);

	len += offsetof(struct sockaddr_un, sun_path) + abstract;
	if (bind(s, (struct sockaddr *)&a, (socklen_t)len) < 0 ||
	    listen(s, 8) < 0)
		return -1;
	return s;
}

static int put_file(const char *path)
{
	_autofd int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	return fd < 0 ? -1 : (int)write(fd, "x", 1);
}

static int copy_true(const char *to)
{
	char cmd[256];

	(void)snprintf(cmd, sizeof(cmd), "cp /bin/true %s", to);
	return system(cmd);
}

static bool make_top(void)
{
	return mkdtemp(top) && chmod(top, 0755) == 0 &&
	       mkdir(in_top("ro"), 0755) == 0 &&
	       mkdir(in_top("rw"), 0755) == 0 &&
	       mkdir(in_top("rw/d"), 0755) == 0 &&
	       mkdir(in_top("out"), 0755) == 0 &&
	       put_file(in_top("ro/file")) == 1 &&
	       put_file(in_top("out/file")) == 1 &&
	       copy_true(in_top("rw/true")) == 0 &&
	       copy_true(in_top("out/true")) == 0;
}

static void remove_top(void)
{
	char cmd[80];

	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", top);
	(void)!system(cmd);
}

static void test_landlock(void)
{
	int abi = landlock_probe(), s, t;

	if (abi < 2) {
		tap_skip("landlock", "this kernel has none that is used");
		return;
	}
	s = listen_at(top, true);
	t = listen_at(in_top("rw/theirs"), false);
	ok(s >= 0 && t >= 0, "landlock: sockets to be reached");
	(void)in_child("landlock, open", writable);
	(void)in_child("landlock, shut", closed);
	if (abi < 6)
		tap_skip("landlock, scoped", "it takes Landlock ABI 6");
	else
		(void)in_child("landlock, scoped", scoped);
	if (abi < 9)
		tap_skip("landlock, others' sockets",
			 "it takes Landlock ABI 9");
	else
		(void)in_child("landlock, others' sockets", others_socket);
	(void)close(s);
	(void)close(t);
}

int main(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || !make_top())
		return 99;
	(void)in_child("filter", each_row);
	(void)in_child("filter", before_and_after);
	(void)in_child("terminal", terminal);
	(void)in_child("tracing", tracing);
	(void)in_child("policy", allowed_by_policy);
	test_foreign();
	(void)in_child("privileges", privileges);
	(void)in_child("rlimits", limits);
	(void)child_as(AS_USER, "rlimits: processes", processes);
	test_keyring();
	test_landlock();
	remove_top();
	return tap_done();
}
