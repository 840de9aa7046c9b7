/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: the host's loopback, any route, socket families, and terminals. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/jail/probe.h"

static const char *inet_to(const char *host, int port, int type)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons((uint16_t)port) };
	bool v6 = strchr(host, ':');
	int fd = socket(v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char echo[8];
	int r;

	(void)inet_pton(v6 ? AF_INET6 : AF_INET, host,
			v6 ? (void *)&in6.sin6_addr : (void *)&in.sin_addr);
	r = v6 ? connect(fd, (struct sockaddr *)&in6, sizeof(in6))
	       : connect(fd, (struct sockaddr *)&in, sizeof(in));
	if (r < 0)
		return NULL;
	if (type == SOCK_STREAM)
		return "connected";
	if (write(fd, "MARK", 4) != 4 || poll(&pfd, 1, 2000) != 1 ||
	    read(fd, echo, sizeof(echo)) <= 0)
		return NULL;
	return "answered";
}

static const char *loopback(const struct ctx *c, const struct probe *p)
{
	return inet_to(p->text, c->port, (int)p->arg[0]);
}

/* A datagram socket that is connected sends nothing: it looks for a route. */
static const char *route(const struct ctx *c, const struct probe *p)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)inet_pton(AF_INET, p->text, &in.sin_addr);
	if (connect(fd, (struct sockaddr *)&in, sizeof(in)) < 0)
		return NULL;
	return say("there is a route to %s", p->text);
}

static const char *interfaces(const struct ctx *c, const struct probe *p)
{
	FILE *f = fopen("/proc/net/dev", "re");
	char line[512], name[64];

	while (f && fgets(line, sizeof(line), f))
		if (strchr(line, ':') && sscanf(line, " %63[^:]", name) == 1 &&
		    strcmp(name, "lo"))
			return say("interface %s", name);
	return NULL;
}

static const char *family(const struct ctx *c, const struct probe *p)
{
	/* by syscall(2): the upper halves of the arguments must not matter */
	int fd = (int)syscall(SYS_socket, p->arg[0], p->arg[1], p->arg[2]);

	return fd < 0 ? NULL : "a socket";
}

static const char *pair(const struct ctx *c, const struct probe *p)
{
	int fds[2];

	return socketpair((int)p->arg[0], (int)p->arg[1], 0, fds) ? NULL
								  : "a pair";
}

/* ---- terminals: only where there is one -------------------------------- */

static int terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	return fd >= 0 ? fd : 0;
}

/* arg[0]: the command; its upper half must not hide it from the filter */
static const char *tty_call(const struct ctx *c, const struct probe *p)
{
	char byte = '#';
	int fd = terminal();

	if (!isatty(fd))
		return NULL;
	if (syscall(SYS_ioctl, fd, (unsigned long)p->arg[0], &byte) < 0)
		return NULL;
	return "done";
}

static const char *tty_each(const struct ctx *c, const struct probe *p)
{
	for (int fd = 0; fd < 3; fd++)
		if (isatty(fd) && !ioctl(fd, (unsigned long)p->arg[0], "#"))
			return say("done on descriptor %d", fd);
	return NULL;
}

static const char *linux_paste(const struct ctx *c, const struct probe *p)
{
	char sub = (char)p->arg[1];
	int fd = terminal();

	/* Only a console knows it; others say ENOTTY, the filter EPERM. */
	if (ioctl(fd, 0x541C, &sub) < 0 && errno == EPERM)
		return NULL;
	return say("TIOCLINUX was reached: %s", strerror(errno));
}

#define HIGH (1L << 32)
#define FAMILY(n, bare, ...)                     \
	{                                        \
		"family", n, family, bare, NULL, \
		{                                \
			__VA_ARGS__              \
		}                                \
	}

const struct probe probes_net[] = {
	{ "net",
	  "loopback-tcp",
	  loopback,
	  BARE_ANY,
	  "127.0.0.1",
	  { SOCK_STREAM } },
	{ "net",
	  "loopback-udp",
	  loopback,
	  BARE_ANY,
	  "127.0.0.1",
	  { SOCK_DGRAM } },
	{ "net",
	  "loopback-tcp-mapped",
	  loopback,
	  BARE_MAYBE,
	  "::ffff:127.0.0.1",
	  { SOCK_STREAM } },
	{ "net",
	  "any-address-tcp",
	  loopback,
	  BARE_ANY,
	  "0.0.0.0",
	  { SOCK_STREAM } },
	{ "net",
	  "loopback-other",
	  loopback,
	  BARE_MAYBE,
	  "127.1.2.3",
	  { SOCK_STREAM } },
	{ "net",
	  "loopback6-tcp",
	  loopback,
	  BARE_MAYBE,
	  "::1",
	  { SOCK_STREAM } },
	{ "net", "route-public", route, BARE_MAYBE, "192.0.2.1" },
	{ "net", "route-lan", route, BARE_MAYBE, "10.0.0.1" },
	{ "net", "route-link-local", route, BARE_MAYBE, "169.254.169.254" },
	{ "net", "interfaces", interfaces, BARE_MAYBE },

	FAMILY("vsock", BARE_MAYBE, 40, SOCK_STREAM, 0),
	FAMILY("vsock-upper-half", BARE_MAYBE, 40 | HIGH, SOCK_STREAM, 0),
	FAMILY("old-packet", BARE_MAYBE, AF_INET, 10, 0x0300),
	FAMILY("raw-upper-half", BARE_ROOT, AF_INET | HIGH, SOCK_RAW | HIGH,
	       IPPROTO_ICMP),
	FAMILY("raw-nonblock", BARE_ROOT, AF_INET, SOCK_RAW | SOCK_NONBLOCK,
	       IPPROTO_UDP),
	FAMILY("netlink-upper-half", BARE_MAYBE, AF_NETLINK, SOCK_RAW,
	       15 | HIGH),
	FAMILY("packet", BARE_ROOT, AF_PACKET, SOCK_RAW, 0x0300),
	FAMILY("packet-dgram", BARE_ROOT, AF_PACKET, SOCK_DGRAM, 0x0300),
	FAMILY("raw", BARE_ROOT, AF_INET, SOCK_RAW, IPPROTO_ICMP),
	FAMILY("raw6", BARE_MAYBE, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6),
	FAMILY("netlink-uevent", BARE_MAYBE, AF_NETLINK, SOCK_RAW, 15),
	FAMILY("netlink-netfilter", BARE_MAYBE, AF_NETLINK, SOCK_RAW, 12),
	FAMILY("netlink-sock_diag", BARE_MAYBE, AF_NETLINK, SOCK_RAW, 4),
	FAMILY("netlink-audit", BARE_MAYBE, AF_NETLINK, SOCK_RAW, 9),
	FAMILY("netlink-generic", BARE_MAYBE, AF_NETLINK, SOCK_RAW, 16),
	FAMILY("netlink-xfrm", BARE_MAYBE, AF_NETLINK, SOCK_RAW, 6),
	FAMILY("netlink-crypto", BARE_MAYBE, AF_NETLINK, SOCK_RAW, 21),
	FAMILY("netlink-connector", BARE_MAYBE, AF_NETLINK, SOCK_DGRAM, 11),
	FAMILY("alg", BARE_MAYBE, 38, SOCK_SEQPACKET, 0),
	FAMILY("xdp", BARE_MAYBE, 44, SOCK_RAW, 0),
	FAMILY("key", BARE_MAYBE, 15, SOCK_RAW, 2),
	FAMILY("can", BARE_MAYBE, 29, SOCK_RAW, 1),
	FAMILY("tipc", BARE_MAYBE, 30, SOCK_STREAM, 0),
	FAMILY("bluetooth", BARE_MAYBE, 31, SOCK_RAW, 1),
	FAMILY("rds", BARE_MAYBE, 21, SOCK_SEQPACKET, 0),
	FAMILY("kcm", BARE_MAYBE, 41, SOCK_DGRAM, 0),
	FAMILY("qrtr", BARE_MAYBE, 42, SOCK_DGRAM, 0),
	FAMILY("smc", BARE_MAYBE, 43, SOCK_STREAM, 0),
	FAMILY("ax25", BARE_MAYBE, 3, SOCK_DGRAM, 0),
	FAMILY("appletalk", BARE_MAYBE, 5, SOCK_DGRAM, 0),
	FAMILY("mptcp", BARE_MAYBE, AF_INET, SOCK_STREAM, 262),
	FAMILY("sctp", BARE_MAYBE, AF_INET, SOCK_STREAM, 132),
	FAMILY("dccp", BARE_MAYBE, AF_INET, 6, 33),
	FAMILY("udplite", BARE_MAYBE, AF_INET, SOCK_DGRAM, 136),
	FAMILY("l2tp", BARE_MAYBE, AF_INET, SOCK_DGRAM, 115),
	{ "family", "tipc-pair", pair, BARE_MAYBE, NULL, { 30, SOCK_STREAM } },
	{ 0 },
};

const struct probe probes_tty[] = {
	{ "tty", "TIOCSTI", tty_call, BARE_MAYBE, NULL, { 0x5412 } },
	{ "tty",
	  "TIOCSTI-upper-half",
	  tty_call,
	  BARE_MAYBE,
	  NULL,
	  { 0x5412L | 1L << 32 } },
	{ "tty",
	  "TIOCSTI-sign",
	  tty_call,
	  BARE_MAYBE,
	  NULL,
	  { 0x5412L | (long)(0xffffffffUL << 32) } },
	{ "tty", "TIOCSTI-streams", tty_each, BARE_MAYBE, NULL, { 0x5412 } },
	{ "tty", "TIOCLINUX-paste", linux_paste, BARE_ANY, NULL, { 0, 3 } },
	{ "tty", "TIOCLINUX-select", linux_paste, BARE_ANY, NULL, { 0, 2 } },
	{ "tty", "TIOCCONS", tty_call, BARE_MAYBE, NULL, { 0x541D } },
	{ 0 },
};
