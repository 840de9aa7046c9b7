/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean", by the edits between two words. */
#include "policy/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define LONGEST 32

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	if (a == '-' || b == '-')
		return a == b || a == '_' || b == '_';
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Inserted, dropped, changed and swapped letters from a to b. */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned d[LONGEST + 1][LONGEST + 1];

	for (unsigned i = 0; i <= na; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= nb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		for (size_t j = 1; j <= nb; j++) {
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1);
			d[i][j] = least(d[i][j],
					d[i - 1][j - 1] +
						!same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]))
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[na][nb];
}

void suggest_offer(struct suggest *s, const char *word, size_t len)
{
	size_t n = strlen(s->word);
	unsigned d;

	if (n > LONGEST || len > LONGEST)
		return;
	d = distance(s->word, n, word, len);
	/* A third of the letters may differ, and at most three. */
	if (d > 3 || d * 3 > (n > len ? n : len))
		return;
	if (s->best && s->distance <= d)
		return;
	s->best = word;
	s->best_len = len;
	s->distance = d;
}
