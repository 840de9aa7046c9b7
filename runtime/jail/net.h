/* SPDX-License-Identifier: Apache-2.0 */
/* The jail's own network: a loopback device, and nothing else. */
#ifndef SBX_JAIL_NET_H
#define SBX_JAIL_NET_H

#include <sbx/err.h>

/*
 * Set the loopback device of the calling process's network namespace up, by
 * one rtnetlink(7) message. Async-signal-safe.
 */
int net_loopback_up(struct sbx_err *err);

/* Its two halves, which leave errno alone: the socket, and the message on it.
 * -errno where they fail. */
long net_open(void);
long net_up(long fd);

#endif
