/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing the loopback device of a fresh network namespace up. */
#include "runtime/jail/net.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/sys.h"

/* The loopback device is the first of every network namespace. */
#define LOOPBACK_INDEX 1

/*
 * libnl is left out here on purpose: it would bring a resolver into a static
 * program, for a message of two structs that must be sent between clone and
 * exec, where libnl may not allocate.
 */
long net_up(long fd)
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
	long n = sys_raw(SYS_write, fd, (long)&up, sizeof(up), 0);

	if (n < 0)
		return n;
	n = sys_raw(SYS_read, fd, (long)&answer, sizeof(answer), 0);
	if (n < 0)
		return n;
	if (n < (long)NLMSG_LENGTH(sizeof(answer.e)) ||
	    answer.h.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.e.error;
}

long net_open(void)
{
	return sys_raw(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
		       NETLINK_ROUTE, 0);
}

int net_loopback_up(struct sbx_err *err)
{
	_autofd int fd = (int)net_open();
	long r;

	if (fd < 0)
		return sbx_fail(err, -fd, "netlink socket");
	r = net_up(fd);
	return r < 0 ? sbx_fail(err, (int)-r, "set loopback up") : 0;
}
