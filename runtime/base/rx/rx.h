/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions in linear time: one dialect for every backend. */
#ifndef SBX_BASE_RX_RX_H
#define SBX_BASE_RX_RX_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The dialect: POSIX extended regular expressions (POSIX.1-2017, XBD 9.4),
 * leftmost-longest, with
 *   \w \W \d \D \s \S    classes (ASCII), inside brackets too
 *   \b \B \< \>          word boundaries
 *   \n-less escapes \t \r \f \v \a \xHH \x{H...}, and \ before punctuation
 *   (?:...)              a group
 * Text is UTF-8: `.` and brackets match one character, a byte that is part of
 * none is matched by nothing but itself. ^ and $ match at newlines as well, and
 * nothing else matches a newline: a match lies within one line.
 * Not supported, and said so: back-references, look-around.
 */
enum rx_flag {
	RX_ICASE = 1 << 0,   /* ASCII letters of both cases are the same */
	RX_LITERAL = 1 << 1, /* the pattern is plain text */
};

/* Compiled once; searching fills its automaton, so one thread at a time. */
struct rx;

struct rx_span {
	size_t start, end; /* bytes; end is past the last one */
};

/* -EINVAL with a message naming the place; -E2BIG: too large to compile. */
int rx_new(struct rx **ret, const char *pattern, size_t len, unsigned flags,
	   struct sbx_err *err);
void rx_free(struct rx *rx);

/*
 * The leftmost match in text that starts at `from` or later, and of those the
 * longest. What lies before `from` counts for ^ and \b. Time is linear in what
 * is scanned, for every pattern; memory is bounded. false where there is none,
 * or where there was no memory for the automaton.
 */
bool rx_search(struct rx *rx, const char *text, size_t len, size_t from,
	       struct rx_span *ret);

/*
 * Only whether there is one: *ret_at is a position in, or at the end of, the
 * first line that has a match. Faster, for those who count lines.
 */
bool rx_find_line(struct rx *rx, const char *text, size_t len, size_t from,
		  size_t *ret_at);

#endif
