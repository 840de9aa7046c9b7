/* SPDX-License-Identifier: Apache-2.0 */
/* A growable byte buffer that is always NUL-terminated. */
#ifndef SBX_BASE_BUF_H
#define SBX_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Zeroed is empty and valid. An append that finds no memory sets `failed` and
 * drops what it was given; so a long text is built without a check for each
 * piece, and buf_take() tells once.
 */
struct buf {
	char *data;
	size_t len;
	size_t cap;
	bool failed;
};

void buf_done(struct buf *b);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* Read fd to its end, at most max bytes: -EFBIG beyond. 0 or -errno. */
int buf_read_fd(struct buf *b, int fd, size_t max);

/*
 * Hand the text over (free(3) it; "" and not NULL for an empty buffer) and
 * leave the buffer empty. NULL where memory ran out on the way.
 */
char *buf_take(struct buf *b);

#define _autobuf __attribute__((cleanup(buf_done)))

#endif
