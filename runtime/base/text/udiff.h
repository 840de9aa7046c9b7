/* SPDX-License-Identifier: Apache-2.0 */
/* Unified diffs in bounded time. */
#ifndef SBX_BASE_TEXT_UDIFF_H
#define SBX_BASE_TEXT_UDIFF_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

struct udiff_opts {
	const char *old_name, *new_name; /* of the header; NULL: none */
	unsigned context;		 /* lines around a change */
	/*
	 * Steps of the search before it takes what is left as changed; 0: as
	 * many as take about a third of a second.
	 */
	uint64_t effort;
};

/* The most lines, of both texts together, that are compared one by one. */
#define UDIFF_LINES_MAX (2u << 20)

/*
 * Append the diff that makes a into b, in the unified format that patch(1)
 * takes; nothing where they are the same. It is always right; it is small
 * where the texts are alike, and need not be the smallest. What differs between
 * the first and the last difference costs about 30 bytes of memory a line;
 * beyond UDIFF_LINES_MAX all of it is replaced in one piece. 0 or -ENOMEM, out
 * then being of no use.
 */
int udiff(const char *a, size_t a_len, const char *b, size_t b_len,
	  const struct udiff_opts *opts, struct buf *out);

#endif
