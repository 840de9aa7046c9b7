/* SPDX-License-Identifier: Apache-2.0 */
/* Making a network namespace and bringing its loopback device up. */
#include "runtime/jail/net.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/sys.h"

/*
 * How this works. A network namespace is the dearest thing in a jail's start:
 * half a millisecond, in which the kernel needs nothing from us. So a helper
 * makes it while PID 1 builds the root. It is no new program, and not even a
 * copy: it shares PID 1's memory and descriptors (CLONE_VM, CLONE_FILES), makes
 * a handful of calls, and leaves. It calls nothing of the C library, because
 * errno is PID 1's. Its socket stays, and through it PID 1 enters the namespace
 * (SIOCGSKNS) while the helper sets loopback up. Until then PID 1, which runs
 * nobody else's code yet, is in the caller's network.
 */

/* The loopback device is the first of every network namespace. */
#define LOOPBACK_INDEX 1

/*
 * libnl is left out here on purpose: it would bring a resolver into a static
 * program, for a message of two structs that must be sent between clone and
 * exec, where libnl may not allocate.
 */
static long ask_up(long fd)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg link;
	} up = {
		.h = { .nlmsg_len = sizeof(up),
		       .nlmsg_type = RTM_NEWLINK,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		       .nlmsg_seq = 1 },
		.link = { .ifi_family = AF_UNSPEC,
			  .ifi_index = LOOPBACK_INDEX,
			  .ifi_flags = IFF_UP,
			  .ifi_change = IFF_UP },
	};
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[256];
	} answer;
	long n = sys_raw(SYS_write, fd, (long)&up, sizeof(up));

	if (n < 0)
		return n;
	n = sys_raw(SYS_read, fd, (long)&answer, sizeof(answer));
	if (n < 0)
		return n;
	if (n < (long)NLMSG_LENGTH(sizeof(answer.e)) ||
	    answer.h.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.e.error;
}

static long open_netlink(void)
{
	return sys_raw(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
		       NETLINK_ROUTE);
}

int net_loopback_up(struct sbx_err *err)
{
	_autofd int fd = (int)open_netlink();
	long r;

	if (fd < 0)
		return sbx_fail(err, -fd, "netlink socket");
	r = ask_up(fd);
	return r < 0 ? sbx_fail(err, (int)-r, "set loopback up") : 0;
}

bool net_beside_pays(void)
{
	cpu_set_t cpus;

	return SYS_RAW && sched_getaffinity(0, sizeof(cpus), &cpus) == 0 &&
	       CPU_COUNT(&cpus) > 1;
}

/* The helper's life. */
static int make_namespace(void *arg)
{
	struct net_beside *n = arg;
	long fd = sys_raw(SYS_unshare, CLONE_NEWNET, 0, 0);

	if (fd == 0)
		fd = open_netlink();
	n->sock = (int)fd; /* or -errno */
	__atomic_store_n(&n->made, 1, __ATOMIC_RELEASE);
	sys_raw(SYS_futex, (long)&n->made, FUTEX_WAKE_PRIVATE, 1);
	if (fd >= 0)
		n->code = ask_up(fd);
	sys_raw(SYS_exit, 0, 0, 0);
	__builtin_unreachable();
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

int net_beside_start(struct net_beside *n, struct sbx_err *err)
{
	n->made = 0;
	n->code = 0;
	/* no exit signal: PID 1 waits for signals of its children later */
	n->pid = clone(make_namespace, n->stack + sizeof(n->stack),
		       CLONE_VM | CLONE_FILES, n);
	return n->pid < 0 ? failed(err, errno, "start a helper") : 0;
}

int net_beside_enter(struct net_beside *n, struct sbx_err *err)
{
	_autofd int ns = -1;

	while (!__atomic_load_n(&n->made, __ATOMIC_ACQUIRE))
		if (syscall(SYS_futex, &n->made, FUTEX_WAIT_PRIVATE, 0, NULL) <
			    0 &&
		    errno != EAGAIN && errno != EINTR)
			return failed(err, errno, "wait for the helper");
	if (n->sock < 0)
		return failed(err, -n->sock, "make a network namespace");
	ns = ioctl(n->sock, SIOCGSKNS);
	if (ns < 0 || setns(ns, CLONE_NEWNET) < 0)
		return failed(err, errno, "enter the network namespace");
	return 0;
}

int net_beside_finish(struct net_beside *n, struct sbx_err *err)
{
	while (waitpid(n->pid, NULL, __WALL) < 0)
		if (errno != EINTR)
			return failed(err, errno, "wait for the helper");
	close_fd(&n->sock);
	return n->code < 0 ? failed(err, (int)-n->code, "set loopback up") : 0;
}
