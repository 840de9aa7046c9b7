/* SPDX-License-Identifier: Apache-2.0 */
/* A growable byte buffer. */
#include "runtime/base/buf.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void buf_done(struct buf *b)
{
	int saved = errno;

	free(b->data);
	*b = (struct buf){ 0 };
	errno = saved;
}

/* Room for len more bytes and the NUL. */
static bool reserve(struct buf *b, size_t len)
{
	size_t want, cap = b->cap ? b->cap : 128;
	char *data;

	if (b->failed || __builtin_add_overflow(b->len, len, &want) ||
	    want > SIZE_MAX / 2 - 1) {
		b->failed = true;
		return false;
	}
	if (b->data && want + 1 <= b->cap)
		return true;
	while (cap < want + 1)
		cap *= 2;
	data = realloc(b->data, cap);
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (!reserve(b, len))
		return;
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		b->failed = true;
	else if (reserve(b, (size_t)n)) {
		(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

int buf_read_fd(struct buf *b, int fd, size_t max)
{
	char chunk[4096];
	size_t got = 0;
	ssize_t n;

	for (;;) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return b->failed ? -ENOMEM : 0;
		got += (size_t)n;
		if (got > max)
			return -EFBIG;
		buf_add(b, chunk, (size_t)n);
	}
}

char *buf_take(struct buf *b)
{
	char *data;

	if (!b->failed && !b->data)
		buf_add(b, "", 0);
	if (b->failed) {
		buf_done(b);
		return NULL;
	}
	data = b->data;
	*b = (struct buf){ 0 };
	return data;
}
