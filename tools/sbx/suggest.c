/* SPDX-License-Identifier: Apache-2.0 */
/* What a mistyped word was likely meant to be. */
#include "tools/sbx/opt.h"

#include <string.h>

#define LONGEST 32

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/*
 * Letters to add, drop, change or swap with their neighbour until a is b
 * (optimal string alignment). Both are at most LONGEST long.
 */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned row[3][LONGEST + 1];

	for (size_t j = 0; j <= nb; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *now = row[i % 3], *last = row[(i + 2) % 3];
		unsigned *before = row[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned differ = a[i - 1] != b[j - 1];

			now[j] = min3(last[j] + 1, now[j - 1] + 1,
				      last[j - 1] + differ);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
	}
	return row[na % 3][nb];
}

const char *suggest(const char *word, const char *const *names, size_t stride,
		    size_t n)
{
	const char *best = NULL;
	size_t len = strlen(word);
	unsigned least = len < 4 ? 2 : len < 8 ? 3 : 4; /* one above allowed */

	if (len == 0 || len > LONGEST)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		const char *name = *(const char *const *)((const char *)names +
							  i * stride);
		size_t nlen = strlen(name);
		unsigned d;

		if (nlen > LONGEST)
			continue;
		d = distance(word, len, name, nlen);
		/* all letters changed is no likeness */
		if (d < least && d < nlen) {
			least = d;
			best = name;
		}
	}
	return best;
}
