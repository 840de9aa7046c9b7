/* SPDX-License-Identifier: Apache-2.0 */
/* Moving bytes between the caller's descriptors and the jail's pipes. */
#ifndef SBX_JAIL_RELAY_H
#define SBX_JAIL_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One direction of one stream. The jail never gets the caller's descriptors
 * themselves: through /proc/self/fd it could open a file again for writing,
 * and flags such as O_NONBLOCK are shared by all who hold the description.
 * For the same reason nothing here sets a flag on a descriptor of the
 * caller's; a slow reader must not stop the supervisor, so writes go by ways
 * that do not block.
 */
struct relay {
	int from, to; /* from: owned where own_from, same for to */
	bool own_from, own_to;
	bool done;
	bool splice; /* bytes go from pipe to pipe in the kernel */
	bool to_socket;
	bool wait_out; /* `to` was full */
	size_t chunk;  /* most bytes one write takes without waiting */
	char *buf;
	size_t off, len; /* what is in buf */
	uint64_t moved;	 /* bytes that came out of `from` */
};

/* from/to negative: a relay that is done. 0 or -errno. */
int relay_init(struct relay *r, int from, bool own_from, int to, bool own_to);
void relay_done(struct relay *r);

/* Fill in what to wait for. Both entries may come out with fd -1. */
void relay_want(const struct relay *r, struct pollfd p[2]);

/*
 * After poll(2): move what can be moved, at most max bytes out of `from`.
 * Returns the number of bytes taken from `from`. At the end of input, or when
 * `to` has no reader any more, the relay is done and its own ends are closed.
 */
size_t relay_move(struct relay *r, const struct pollfd p[2], uint64_t max);

/* Whether it holds bytes that `to` has not taken yet. */
bool relay_pending(const struct relay *r);

#endif
