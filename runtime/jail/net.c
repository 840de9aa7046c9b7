/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing the loopback device of a fresh network namespace up. */
#include "runtime/jail/net.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"

/* The loopback device is the first of every network namespace. */
#define LOOPBACK_INDEX 1

int net_loopback_message(struct net_message *ret, struct sbx_err *err)
{
	struct ifinfomsg link = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = LOOPBACK_INDEX,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};
	struct nl_msg *msg =
		nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK);
	struct nlmsghdr *h;
	int r = 0;

	if (!msg)
		return sbx_fail(err, ENOMEM, "netlink message");
	h = nlmsg_hdr(msg);
	h->nlmsg_seq = 1;
	if (nlmsg_append(msg, &link, sizeof(link), NLMSG_ALIGNTO) < 0 ||
	    h->nlmsg_len > sizeof(ret->bytes)) {
		r = sbx_fail(err, ENOMEM, "netlink message");
	} else {
		memcpy(ret->bytes, h, h->nlmsg_len);
		ret->len = h->nlmsg_len;
	}
	nlmsg_free(msg);
	return r;
}

int net_send(const struct net_message *m, struct sbx_err *err)
{
	_autofd int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[256];
	} answer;
	ssize_t n;

	if (fd < 0)
		return sbx_fail(err, errno, "netlink socket");
	if (send(fd, m->bytes, m->len, 0) < 0)
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
