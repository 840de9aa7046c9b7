/* SPDX-License-Identifier: Apache-2.0 */
/* The jail's own network: a loopback device, and nothing else. */
#ifndef SBX_JAIL_NET_H
#define SBX_JAIL_NET_H

#include <sbx/err.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Set the loopback device of the calling process's network namespace up, by
 * one rtnetlink(7) message. Async-signal-safe.
 */
int net_loopback_up(struct sbx_err *err);

/* A network namespace that is made while its user does something else. */
struct net_beside {
	pid_t pid; /* of the helper */
	int made;  /* a futex: 1 when sock is set */
	int sock;  /* in the new namespace; the helper's to set */
	long code; /* what failed, 0 or -errno; the helper's to set */
	_Alignas(16) char stack[8192];
};

/* Whether there is a second processor for it, and so something to gain. */
bool net_beside_pays(void);

/*
 * In PID 1, in place of CLONE_NEWNET: start a helper that makes a namespace;
 * before powers are given up, enter it; and before anything else may run, wait
 * until loopback is up and the helper gone. Until then no descriptor may be
 * closed but by its number, and *n must stay where it is. Async-signal-safe;
 * err->step is set.
 */
int net_beside_start(struct net_beside *n, struct sbx_err *err);
int net_beside_enter(struct net_beside *n, struct sbx_err *err);
int net_beside_finish(struct net_beside *n, struct sbx_err *err);

#endif
