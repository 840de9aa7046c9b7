/* SPDX-License-Identifier: Apache-2.0 */
/* The jail's own network: a loopback device, and nothing else. */
#ifndef SBX_JAIL_NET_H
#define SBX_JAIL_NET_H

#include <sbx/err.h>
#include <stddef.h>

/* A netlink request made ready before the clone, as bytes. */
struct net_message {
	size_t len;		/* 0: nothing to do */
	_Alignas(4) char bytes[64];
};

/* Build the request that sets the loopback device up. */
int net_loopback_message(struct net_message *ret, struct sbx_err *err);

/* Send it in the calling process's network namespace and read the answer.
 * Async-signal-safe. */
int net_send(const struct net_message *m, struct sbx_err *err);

#endif
