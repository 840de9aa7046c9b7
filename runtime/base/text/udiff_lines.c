/* SPDX-License-Identifier: Apache-2.0 */
/* Lines as numbers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/text/same.h"
#include "runtime/base/text/udiff_int.h"

/*
 * How many places of the table are looked at for a line. Behind them it counts
 * as a new one, even if it is not: who makes lines collide gets a larger diff
 * and no longer wait.
 */
#define PROBES 32

#define EMPTY UINT32_MAX

struct table {
	uint32_t *slots; /* lines, those of b after those of a */
	uint32_t *hashes;
	size_t mask;
	const struct udiff_side *a, *b;
	uint32_t ids;
};

static uint32_t hash_line(const char *s, size_t len)
{
	uint64_t h = len * 0x9e3779b97f4a7c15, word;

	for (; len >= 8; s += 8, len -= 8) {
		memcpy(&word, s, sizeof(word));
		h = (h ^ word) * 0xff51afd7ed558ccd;
		h ^= h >> 32;
	}
	word = 0;
	if (len)
		memcpy(&word, s, len);
	h = (h ^ word) * 0xc4ceb9fe1a85ec53;
	return (uint32_t)(h >> 32 ^ h);
}

static int split(struct udiff_side *s, size_t len)
{
	size_t at = 0;

	s->n = count_newlines(s->text, len) + (len && s->text[len - 1] != '\n');
	s->at = calloc(s->n + 1, sizeof(*s->at));
	s->id = calloc(s->n + 1, sizeof(*s->id));
	s->changed = calloc(s->n + 1, sizeof(*s->changed));
	if (!s->at || !s->id || !s->changed)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		s->at[i] = at;
		at = line_after(s->text, len, at);
	}
	s->at[s->n] = len;
	return 0;
}

static bool same_line(const struct table *t, uint32_t line, const char *s,
		      size_t len)
{
	const struct udiff_side *side = line < t->a->n ? t->a : t->b;
	size_t i = line < t->a->n ? line : line - t->a->n;
	size_t at = side->at[i];

	return side->at[i + 1] - at == len &&
	       memcmp(side->text + at, s, len) == 0;
}

static uint32_t id_of(const struct table *t, uint32_t line)
{
	return line < t->a->n ? t->a->id[line] : t->b->id[line - t->a->n];
}

/* Number the line that has this place among all. */
static uint32_t number(struct table *t, uint32_t line, const char *s,
		       size_t len)
{
	uint32_t hash = hash_line(s, len), other;

	t->hashes[line] = hash;
	for (size_t i = 0; i < PROBES; i++) {
		uint32_t *slot = &t->slots[(hash + i) & t->mask];

		other = *slot;
		if (other == EMPTY) {
			*slot = line;
			break;
		}
		if (t->hashes[other] == hash && same_line(t, other, s, len))
			return id_of(t, other);
	}
	return t->ids++;
}

static int number_all(struct table *t, struct udiff_side *a,
		      struct udiff_side *b)
{
	size_t n = a->n + b->n, size = 64;

	while (size < 2 * n)
		size *= 2;
	t->mask = size - 1;
	t->slots = malloc(size * sizeof(*t->slots));
	t->hashes = calloc(n + 1, sizeof(*t->hashes));
	if (!t->slots || !t->hashes)
		return -ENOMEM;
	memset(t->slots, 0xff, size * sizeof(*t->slots));
	for (size_t i = 0; i < a->n; i++)
		a->id[i] = number(t, (uint32_t)i, a->text + a->at[i],
				  a->at[i + 1] - a->at[i]);
	for (size_t i = 0; i < b->n; i++)
		b->id[i] = number(t, (uint32_t)(a->n + i), b->text + b->at[i],
				  b->at[i + 1] - b->at[i]);
	return 0;
}

int udiff_number(struct udiff_side *a, size_t a_len, struct udiff_side *b,
		 size_t b_len, uint32_t *ret_ids)
{
	struct table t = { .a = a, .b = b };
	int r = split(a, a_len);

	if (r == 0)
		r = split(b, b_len);
	if (r == 0)
		r = number_all(&t, a, b);
	free(t.slots);
	free(t.hashes);
	*ret_ids = t.ids;
	return r;
}

void udiff_side_done(struct udiff_side *s)
{
	free(s->at);
	free(s->id);
	free(s->changed);
	*s = (struct udiff_side){ 0 };
}
