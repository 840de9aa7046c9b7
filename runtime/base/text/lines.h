/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of a text, and a slice of its lines, from pieces of it. */
#ifndef SBX_BASE_TEXT_LINES_H
#define SBX_BASE_TEXT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

/*
 * A line ends with a newline, which is part of it; what follows the last one is
 * a line too. A CR is a character like any other. All is found in one pass, and
 * no more is kept than the slice.
 */
enum lines_cut {
	LINES_WHOLE,	 /* nothing after the slice */
	LINES_CUT_LINES, /* there are lines after the last one wanted */
	LINES_CUT_BYTES, /* the cap ended it before that */
};

struct lines {
	/* what is wanted, set before the first piece */
	uint64_t offset; /* first line, from 1 (0 is 1) */
	uint64_t limit;	 /* lines; 0: all that follow */
	size_t cap;	 /* bytes */

	/* what was found, valid after lines_end() */
	uint64_t total_lines, total_bytes;
	bool binary; /* a NUL in the first 8000 bytes, or not UTF-8 */
	/*
	 * Whole lines, as many as the cap has room for. Where it has none for
	 * the first of them, the head of that, not cut within a character.
	 */
	struct buf slice;
	uint64_t first, last; /* in the slice; last < first: none */
	enum lines_cut cut;

	/* inside */
	uint64_t line;	   /* the one that the next byte belongs to */
	size_t line_start; /* of the present one in the slice */
	bool full, open;   /* no more is kept; the present line has bytes */
	unsigned char need, least, most; /* what UTF-8 asks of the next byte */
};

/*
 * Pieces in order; all zeroes but for what is wanted is the beginning. A slice
 * that finds no memory has `failed` set. lines_done() at the end.
 */
void lines_add(struct lines *l, const char *data, size_t len);
void lines_end(struct lines *l);
void lines_done(struct lines *l);

/*
 * Whether the offset lies behind the last line. An empty text has no lines, but
 * line 1 of it may be asked for.
 */
bool lines_past_end(const struct lines *l);

#endif
