/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads and writes, files in one call, descriptors over sockets. */
#ifndef SBX_BASE_IO_H
#define SBX_BASE_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Write all of it, through EINTR and short writes. 0 or -errno. */
int io_write_all(int fd, const void *data, size_t len);

/*
 * Read a small file, NUL-terminated, into buf. Returns its length or -errno;
 * -EFBIG where it does not fit. Follows no symbolic link in the last part.
 */
ssize_t io_read_file(int dirfd, const char *path, char *buf, size_t size);

/*
 * Write a string to an existing file with one write(2), as /proc and cgroupfs
 * want it. 0 or -errno. Safe between fork and exec.
 */
int io_write_file(int dirfd, const char *path, const char *text);

/*
 * Send len bytes and at most IO_MAX_FDS descriptors as one message; receive
 * one. io_recv() returns the length (0: the peer is gone) or -errno, sets
 * *ret_nfds, and gives back close-on-exec descriptors that the caller owns.
 * More descriptors than room, or a cut message: all are closed, -EPROTO.
 */
#define IO_MAX_FDS 8
int io_send(int sock, const void *data, size_t len, const int *fds,
	    size_t nfds);
ssize_t io_recv(int sock, void *data, size_t size, int *fds, size_t max_fds,
		size_t *ret_nfds);

/* Milliseconds and nanoseconds of CLOCK_MONOTONIC. */
uint64_t io_now_ms(void);
uint64_t io_now_ns(void);

#endif
