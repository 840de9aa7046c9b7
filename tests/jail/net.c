/* SPDX-License-Identifier: Apache-2.0 */
/* The jail's network namespace, made at once and made beside other work. */
#include "runtime/jail/net.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "tests/tap/tap.h"

/* What a child in namespaces of its own has found. */
struct found {
	int r;
	bool own, up, alone, errno_kept;
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
	struct net_beside net;
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), again;

	f->r = net_beside_start(&net, &f->err);
	if (f->r < 0)
		return;
	errno = ENOTTY;
	f->own = net_inode() == old; /* not yet */
	while (!*(volatile int *)&net.made)
		(void)sched_yield();
	f->errno_kept = errno == ENOTTY;
	f->r = net_beside_enter(&net, &f->err);
	if (f->r == 0)
		f->r = net_beside_finish(&net, &f->err);
	/* it leaves no descriptor behind */
	again = dup(fd);
	f->alone = again == fd + 1 && waitpid(-1, NULL, __WALL) < 0;
}

static void at_once(struct found *f, ino_t old)
{
	f->own = f->errno_kept = f->alone = true;
	f->r = unshare(CLONE_NEWNET) < 0 ? -errno : net_loopback_up(&f->err);
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

	is_int(look(f, beside, "0"), 0, "a limit of no network namespaces");
	is_int(f->r, -ENOSPC, "beside: refused");
	has_str(f->err.msg, "user.max_net_namespaces", "it names the limit");
	is_str(f->err.step, "network", "and the step");
	return tap_done();
}
