/* SPDX-License-Identifier: Apache-2.0 */
/* PID 1's helper: the network, and the old root, beside other work. */
#include "runtime/jail/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/mount.h"
#include "runtime/jail/net.h"
#include "tests/tap/tap.h"

/* What a child in namespaces of its own has found. */
struct found {
	int r;
	bool own, up, alone, errno_kept;
	bool over, gone; /* the old root: at first, and at the end */
	struct sbx_err err;
};

static ino_t net_inode(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) < 0 ? 0 : st.st_ino;
}

static bool lo_is_up(void)
{
	struct ifreq req = { .ifr_name = "lo" };
	_autofd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return ioctl(fd, SIOCGIFFLAGS, &req) == 0 && (req.ifr_flags & IFF_UP);
}

static void beside(struct found *f, ino_t old)
{
	struct helper h;
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), again;

	f->r = helper_start(&h, &f->err);
	if (f->r < 0)
		return;
	errno = ENOTTY;
	f->own = net_inode() == old; /* not yet */
	while (!*(volatile int *)&h.made)
		(void)sched_yield();
	f->errno_kept = errno == ENOTTY;
	f->r = helper_enter_net(&h, &f->err);
	helper_detach(&h, 0);
	if (f->r == 0)
		f->r = helper_finish(&h, &f->err);
	/* it leaves no descriptor behind */
	again = dup(fd);
	f->alone = again == fd + 1 && waitpid(-1, NULL, __WALL) < 0;
}

static void at_once(struct found *f, ino_t old)
{
	f->own = f->errno_kept = f->alone = true;
	f->r = unshare(CLONE_NEWNET) < 0 ? -errno : net_loopback_up(&f->err);
}

/* A new root with the old one over it, as mount_enter() leaves it. */
static void detach(struct found *f, ino_t old)
{
	struct helper h;

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) < 0 ||
	    mount("new", "/tmp", "tmpfs", 0, NULL) < 0 || chdir("/tmp") < 0) {
		f->r = -errno;
		return;
	}
	f->r = helper_start(&h, &f->err);
	if (f->r < 0)
		return;
	if (syscall(SYS_pivot_root, ".", ".") < 0) {
		f->r = -errno;
		return;
	}
	f->over = mount_leave_old(0, NULL) == -EBUSY;
	f->r = helper_enter_net(&h, &f->err);
	helper_detach(&h, 1);
	if (f->r == 0)
		f->r = helper_finish(&h, &f->err);
	f->gone = mount_leave_old(0, &f->err) == 0;
}

static void child(struct found *f, void (*make)(struct found *, ino_t),
		  const char *limit)
{
	ino_t old = net_inode();

	if (unshare(CLONE_NEWUSER) < 0) {
		f->r = -errno;
		_exit(1);
	}
	if (limit &&
	    io_write_file(AT_FDCWD, "/proc/sys/user/max_net_namespaces",
			  limit) < 0)
		_exit(2);
	make(f, old);
	if (f->r == 0) {
		f->own = f->own && net_inode() != old;
		f->up = lo_is_up();
	}
	_exit(0);
}

static int look(struct found *f, void (*make)(struct found *, ino_t),
		const char *limit)
{
	pid_t pid;
	int status;

	memset(f, 0, sizeof(*f));
	pid = fork();
	if (pid == 0)
		child(f, make, limit);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status)
		       ? WEXITSTATUS(status)
		       : -1;
}

int main(void)
{
	struct found *f = mmap(NULL, sizeof(*f), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (f == MAP_FAILED)
		return 99;
	if (look(f, at_once, NULL) == 1) {
		tap_skip("network namespaces", "no user namespaces here");
		return tap_done();
	}
	is_int(f->r, 0, "at once: made, loopback set up: %s", f->err.msg);
	ok(f->own && f->up, "at once: it is another, and lo is up");

	(void)look(f, beside, NULL);
	is_int(f->r, 0, "beside: made and entered: %s", f->err.msg);
	ok(f->own, "beside: entered only when asked to");
	ok(f->up, "beside: lo is up");
	ok(f->errno_kept, "beside: the helper leaves errno alone");
	ok(f->alone, "beside: no process and no descriptor is left");

	(void)look(f, detach, NULL);
	is_int(f->r, 0, "detach: done: %s", f->err.msg);
	ok(f->over, "detach: the old root is seen while it is there");
	ok(f->gone, "detach: and is gone at the end");

	is_int(look(f, beside, "0"), 0, "a limit of no network namespaces");
	is_int(f->r, -ENOSPC, "beside: refused");
	has_str(f->err.msg, "user.max_net_namespaces", "it names the limit");
	is_str(f->err.step, "network", "and the step");
	return tap_done();
}
