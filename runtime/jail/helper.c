/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done beside PID 1's own work: the network, and the old root. */
#include "runtime/jail/helper.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/sockios.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/sys.h"
#include "runtime/jail/net.h"

/*
 * How this works. A network namespace is the dearest thing in a jail's start:
 * half a millisecond, in which the kernel needs nothing from us; taking the old
 * root down is a tenth of one. So a helper does both while PID 1 goes on. It is
 * no new program, and not even a copy: it shares PID 1's memory and descriptors
 * (CLONE_VM, CLONE_FILES), makes a handful of calls, and leaves. It calls
 * nothing of the C library, because errno is PID 1's.
 *
 * Its socket stays, and through it PID 1 enters the namespace (SIOCGSKNS).
 * Until then PID 1, which runs nobody else's code yet, is in the caller's
 * network. pivot_root(2) moves the helper's root along with PID 1's, so that
 * "/" is the new one, and what umount2(2) finds there is the old one over it.
 */

static void wait_until(int *futex)
{
	while (!__atomic_load_n(futex, __ATOMIC_ACQUIRE))
		(void)sys_raw(SYS_futex, (long)futex, FUTEX_WAIT_PRIVATE, 0, 0);
}

static void raise_flag(int *futex)
{
	__atomic_store_n(futex, 1, __ATOMIC_RELEASE);
	(void)sys_raw(SYS_futex, (long)futex, FUTEX_WAKE_PRIVATE, 1, 0);
}

static long detach_old(unsigned n)
{
	long r = 0;

	for (; n && r == 0; n--)
		r = sys_raw(SYS_umount2, (long)"/", MNT_DETACH, 0, 0);
	return r;
}

/* The helper's life. */
static int help(void *arg)
{
	struct helper *h = arg;
	long fd = sys_raw(SYS_unshare, CLONE_NEWNET, 0, 0, 0);

	if (fd == 0)
		fd = net_open();
	h->sock = (int)fd;
	raise_flag(&h->made);
	if (fd >= 0)
		h->code = net_up(fd);
	wait_until(&h->go);
	if (h->code == 0) {
		h->what = "detach the old root";
		h->code = detach_old(h->old_roots);
	}
	(void)sys_raw(SYS_exit, 0, 0, 0, 0);
	__builtin_unreachable();
}

bool helper_pays(void)
{
	cpu_set_t cpus;

	return SYS_RAW && sched_getaffinity(0, sizeof(cpus), &cpus) == 0 &&
	       CPU_COUNT(&cpus) > 1;
}

static int failed(struct sbx_err *err, int code, const char *what)
{
	const char *hint = "";

	if (code == ENOSPC)
		hint = ": user.max_net_namespaces is used up or 0; see "
		       "'sbx doctor'";
	(void)sbx_failx(err, code, "%s: %s%s", what, strerrordesc_np(code),
			hint);
	if (err)
		strcpy(err->step, "network");
	return -code;
}

int helper_start(struct helper *h, struct sbx_err *err)
{
	h->made = h->go = 0;
	h->code = 0;
	h->what = "set loopback up";
	/* no exit signal: PID 1 waits for signals of its children later */
	h->pid = clone(help, h->stack + sizeof(h->stack),
		       CLONE_VM | CLONE_FILES, h);
	return h->pid < 0 ? failed(err, errno, "start a helper") : 0;
}

int helper_enter_net(struct helper *h, struct sbx_err *err)
{
	_autofd int ns = -1;

	wait_until(&h->made);
	if (h->sock < 0)
		return failed(err, -h->sock, "make a network namespace");
	ns = ioctl(h->sock, SIOCGSKNS);
	if (ns < 0 || setns(ns, CLONE_NEWNET) < 0)
		return failed(err, errno, "enter the network namespace");
	return 0;
}

void helper_detach(struct helper *h, unsigned old_roots)
{
	h->old_roots = old_roots;
	raise_flag(&h->go);
}

int helper_finish(struct helper *h, struct sbx_err *err)
{
	while (waitpid(h->pid, NULL, __WALL) < 0)
		if (errno != EINTR)
			return failed(err, errno, "wait for the helper");
	close_fd(&h->sock);
	return h->code < 0 ? failed(err, (int)-h->code, h->what) : 0;
}
