/* SPDX-License-Identifier: Apache-2.0 */
/* Trying the kernel's parts of a jail, one by one, in a child. */
#include "runtime/core/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"

/*
 * How this works. Reading versions and settings tells what ought to work; only
 * trying tells what does (a container's filter, an AppArmor rule and a kernel
 * built without something all look alike from afar). A child enters a user
 * namespace and then, step by step, does what a jail's set-up does; its results
 * are in memory shared with the parent, so that they survive it. All it mounts
 * lies in its own mount namespace and goes with it.
 */

#define SECONDS 10 /* then the child is ended by SIGALRM */

static int code_of(long r)
{
	return r < 0 ? errno : 0;
}

/* 0 where the call is there: asked with nonsense it says EINVAL. */
static int try_clone3(void)
{
	int code = code_of(syscall(SYS_clone3, NULL, 0));

	return code == EINVAL ? 0 : code;
}

static int try_seccomp(void)
{
	uint32_t action = SECCOMP_RET_KILL_PROCESS;

	return code_of(
		syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
}

static int try_idmap(uid_t uid, gid_t gid)
{
	char map[48];
	int r = io_write_file(AT_FDCWD, "/proc/self/setgroups", "deny");

	(void)snprintf(map, sizeof(map), "0 %u 1", uid);
	if (r == 0)
		r = io_write_file(AT_FDCWD, "/proc/self/uid_map", map);
	(void)snprintf(map, sizeof(map), "0 %u 1", gid);
	if (r == 0)
		r = io_write_file(AT_FDCWD, "/proc/self/gid_map", map);
	return -r;
}

static int try_mount(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return errno;
	return code_of(mount("none", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV,
			     "mode=700"));
}

static int try_setattr(void)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };

	if (mkdir("/tmp/ro", 0700) < 0 ||
	    mount("none", "/tmp/ro", "tmpfs", 0, NULL) < 0)
		return errno;
	return code_of(syscall(SYS_mount_setattr, AT_FDCWD, "/tmp/ro",
			       AT_RECURSIVE, &ro, sizeof(ro)));
}

static int try_at(const char *dir, const char *type, const char *options)
{
	if (mkdir(dir, 0700) < 0)
		return errno;
	return code_of(mount("none", dir, type, MS_NOSUID, options));
}

static int try_overlay_memory(void)
{
	if (mkdir("/tmp/lower", 0700) < 0 || mkdir("/tmp/upper", 0700) < 0 ||
	    mkdir("/tmp/work", 0700) < 0)
		return errno;
	return try_at("/tmp/m", "overlay",
		      "lowerdir=/tmp/lower,upperdir=/tmp/upper,"
		      "workdir=/tmp/work,userxattr");
}

/* By descriptors: a path may hold what the mount's options take apart. */
static int try_overlay_disk(int dir)
{
	_autofd int upper = -1;
	_autofd int work = -1;
	char options[128];

	if (dir < 0 || mkdirat(dir, "upper", 0700) < 0 ||
	    mkdirat(dir, "work", 0700) < 0)
		return dir < 0 ? ENOENT : errno;
	upper = openat(dir, "upper", O_PATH | O_DIRECTORY | O_CLOEXEC);
	work = openat(dir, "work", O_PATH | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(options, sizeof(options),
		       "lowerdir=/tmp/ro,upperdir=/proc/self/fd/%d,"
		       "workdir=/proc/self/fd/%d,userxattr",
		       upper, work);
	return try_at("/tmp/d", "overlay", options);
}

/* Only a process that is in it can mount a pid namespace's /proc. */
static int try_proc(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0)
		_exit(try_at("/tmp/proc", "proc", NULL));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

static void try_namespaces(volatile int *tried)
{
	static const struct {
		enum doctor_try try;
		int flag;
	} rows[] = {
		{ TRY_NET, CLONE_NEWNET },	 { TRY_IPC, CLONE_NEWIPC },
		{ TRY_UTS, CLONE_NEWUTS },	 { TRY_PID, CLONE_NEWPID },
		{ TRY_CGROUP, CLONE_NEWCGROUP },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tried[rows[i].try] = code_of(unshare(rows[i].flag));
}

static void try_mounts(volatile int *tried, const char *disk)
{
	_autofd int dir = -1;

	tried[TRY_MOUNT] = code_of(unshare(CLONE_NEWNS));
	/* opened here, since it may lie where a tmpfs will cover it */
	if (disk)
		dir = open(disk, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tried[TRY_MOUNT] == 0)
		tried[TRY_MOUNT] = try_mount();
	if (tried[TRY_MOUNT] != 0)
		return;
	tried[TRY_SETATTR] = try_setattr();
	tried[TRY_DEVPTS] = try_at("/tmp/pts", "devpts", "newinstance");
	tried[TRY_OVERLAY_MEMORY] = try_overlay_memory();
	if (disk)
		tried[TRY_OVERLAY_DISK] = try_overlay_disk(dir);
	if (tried[TRY_PID] == 0)
		tried[TRY_PROC] = try_proc();
}

static void child(volatile int *tried, const char *disk)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	(void)alarm(SECONDS);
	tried[TRY_CLONE3] = try_clone3();
	tried[TRY_SECCOMP] = try_seccomp();
	tried[TRY_USERNS] = code_of(unshare(CLONE_NEWUSER));
	if (tried[TRY_USERNS] != 0)
		return;
	tried[TRY_IDMAP] = try_idmap(uid, gid);
	if (tried[TRY_IDMAP] != 0)
		return;
	try_namespaces(tried);
	try_mounts(tried, disk);
}

int doctor_try_all(int tried[TRY_COUNT], const char *disk)
{
	size_t size = sizeof(int) * TRY_COUNT;
	int *shared;
	pid_t pid;

	for (int i = 0; i < TRY_COUNT; i++)
		tried[i] = TRY_NOT;
	shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -errno;
	memcpy(shared, tried, size);
	pid = fork();
	if (pid == 0) {
		child(shared, disk);
		_exit(0);
	}
	if (pid > 0) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		memcpy(tried, shared, size);
	}
	(void)munmap(shared, size);
	return pid < 0 ? -errno : 0;
}
