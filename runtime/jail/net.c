/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing the loopback device of a fresh network namespace up. */
#include "runtime/jail/net.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"

/* The loopback device is the first of every network namespace. */
#define LOOPBACK_INDEX 1

/* libnl is left out here on purpose: it would bring a resolver into a static
 * program, for a message of two structs that must be sent between clone and
 * exec, where libnl may not allocate. */
int net_loopback_up(struct sbx_err *err)
{
	_autofd int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
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
	ssize_t n;

	if (fd < 0)
		return sbx_fail(err, errno, "netlink socket");
	if (send(fd, &up, sizeof(up), 0) < 0)
		return sbx_fail(err, errno, "send to netlink");
	n = recv(fd, &answer, sizeof(answer), 0);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(answer.e)) ||
	    answer.h.nlmsg_type != NLMSG_ERROR)
		return sbx_fail(err, n < 0 ? errno : EPROTO,
				"answer from netlink");
	if (answer.e.error)
		return sbx_fail(err, -answer.e.error, "set loopback up");
	return 0;
}
