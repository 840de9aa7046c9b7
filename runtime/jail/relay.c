/* SPDX-License-Identifier: Apache-2.0 */
/* Moving bytes between the caller's descriptors and the jail's pipes. */
#include "runtime/jail/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"

#define RELAY_BUF (64 * 1024)
#define RELAY_SPLICE (1024 * 1024)
/* What a terminal takes when poll(2) says it is writable. */
#define TTY_CHUNK 256

/*
 * A description of our own of the same terminal or pipe, so that it can be
 * non-blocking for us alone. Fails where the file may not be opened again.
 */
static int reopen(int fd)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* Choose the way bytes go out, by what kind of file `to` is. */
static int choose(struct relay *r)
{
	struct stat in, out;
	int fd;

	if (fstat(r->from, &in) < 0 || fstat(r->to, &out) < 0)
		return -errno;
	r->chunk = RELAY_BUF;
	r->to_socket = S_ISSOCK(out.st_mode);
	r->splice = (S_ISFIFO(in.st_mode) || S_ISREG(in.st_mode)) &&
		    (S_ISFIFO(out.st_mode) ||
		     (S_ISREG(out.st_mode) && S_ISFIFO(in.st_mode)));
	if (r->own_to || S_ISREG(out.st_mode) || r->to_socket)
		return 0;
	fd = reopen(r->to);
	if (fd >= 0) {
		r->to = fd;
		r->own_to = true;
	} else {
		r->chunk = S_ISFIFO(out.st_mode) ? PIPE_BUF : TTY_CHUNK;
	}
	return 0;
}

int relay_init(struct relay *r, int from, bool own_from, int to, bool own_to)
{
	int err;

	*r = (struct relay){
		.from = from, .own_from = own_from, .to = to, .own_to = own_to
	};
	if (from < 0 || to < 0) {
		relay_done(r);
		return 0;
	}
	err = choose(r);
	if (err < 0)
		relay_done(r);
	return err;
}

void relay_done(struct relay *r)
{
	if (r->own_from)
		close_fd(&r->from);
	if (r->own_to)
		close_fd(&r->to);
	r->own_from = r->own_to = false;
	free(take(r->buf));
	r->off = r->len = 0;
	r->done = true;
}

bool relay_pending(const struct relay *r)
{
	return !r->done && (r->len > r->off || r->wait_out);
}

void relay_want(const struct relay *r, struct pollfd p[2])
{
	bool full = relay_pending(r);

	p[0] = (struct pollfd){ .fd = -1, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = -1, .events = POLLOUT };
	if (r->done)
		return;
	if (full)
		p[1].fd = r->to;
	else
		p[0].fd = r->from;
}

/* Write what is in the buffer, as far as it goes. */
static void flush_buf(struct relay *r)
{
	size_t n = r->len - r->off;
	ssize_t put;

	if (n > r->chunk)
		n = r->chunk;
	if (r->to_socket)
		put = send(r->to, r->buf + r->off, n,
			   MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		put = write(r->to, r->buf + r->off, n);
	if (put > 0)
		r->off += (size_t)put;
	else if (put < 0 && errno != EAGAIN && errno != EINTR)
		relay_done(r);
	if (r->off == r->len)
		r->off = r->len = 0;
}

static size_t fill_buf(struct relay *r, size_t max)
{
	ssize_t n;

	if (!r->buf)
		r->buf = malloc(RELAY_BUF);
	if (!r->buf) {
		relay_done(r);
		return 0;
	}
	n = read(r->from, r->buf, max < RELAY_BUF ? max : RELAY_BUF);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		/* A terminal's master reads EIO once nobody has it open. */
		relay_done(r);
		return 0;
	}
	r->len = (size_t)n;
	flush_buf(r);
	return (size_t)n;
}

/* Returns bytes moved; EINVAL means these two files cannot be spliced. */
static size_t splice_some(struct relay *r, size_t max)
{
	ssize_t n = splice(r->from, NULL, r->to, NULL, max,
			   SPLICE_F_NONBLOCK | SPLICE_F_MOVE);

	r->wait_out = false;
	if (n > 0)
		return (size_t)n;
	if (n < 0 && errno == EINVAL)
		r->splice = false;
	else if (n < 0 && errno == EAGAIN)
		r->wait_out = true;
	else if (n == 0 || errno != EINTR)
		relay_done(r);
	return 0;
}

size_t relay_move(struct relay *r, const struct pollfd p[2], uint64_t max)
{
	size_t n = 0;
	size_t most = max < RELAY_SPLICE ? (size_t)max : RELAY_SPLICE;

	if (r->done || !(p[0].revents || p[1].revents) || !most)
		return 0;
	if (r->len > r->off)
		flush_buf(r);
	else if (r->splice)
		n = splice_some(r, most);
	else
		n = fill_buf(r, most);
	r->moved += n;
	return n;
}
