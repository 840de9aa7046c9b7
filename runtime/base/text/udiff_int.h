/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the diff engine: lines as numbers, and which of them changed.
 */
#ifndef SBX_BASE_TEXT_UDIFF_INT_H
#define SBX_BASE_TEXT_UDIFF_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One of the two texts. Equal lines have equal numbers, in both. */
struct udiff_side {
	const char *text;
	size_t *at; /* n + 1: where the lines start, and the end */
	uint32_t *id;
	bool *changed;
	size_t n;
};

/*
 * Split the texts and number their lines; changed is all false. ret_ids is
 * above all numbers. -ENOMEM; udiff_side_done() on both in either case.
 */
int udiff_number(struct udiff_side *a, size_t a_len, struct udiff_side *b,
		 size_t b_len, uint32_t *ret_ids);
void udiff_side_done(struct udiff_side *s);

/* Set changed, so that what is left of both is the same. 0 or -ENOMEM. */
int udiff_compare(struct udiff_side *a, struct udiff_side *b, uint32_t ids,
		  uint64_t effort);

#endif
