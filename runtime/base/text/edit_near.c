/* SPDX-License-Identifier: Apache-2.0 */
/* Where old text is, and what is near it where it is not. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/text/edit_int.h"
#include "runtime/base/text/same.h"
#include "runtime/base/utf8.h"

/* ---- all places ----------------------------------------------------------
 */

/* Knuth, Morris, Pratt: for each part of old from its start, the longest
 * shorter one that it ends with. */
static size_t *borders(const char *old, size_t len)
{
	size_t *b = calloc(len, sizeof(*b)), q = 0;

	for (size_t i = 1; b && i < len; i++) {
		while (q && old[i] != old[q])
			q = b[q - 1];
		q += old[i] == old[q];
		b[i] = q;
	}
	return b;
}

static void add_place(struct edit_places *p, const char *text, size_t at,
		      size_t *counted, uint64_t *line)
{
	if (p->count < EDIT_PLACES) {
		*line += count_newlines(text + *counted, at - *counted);
		*counted = at;
		p->lines[p->count] = *line;
	}
	p->count++;
}

int edit_count(const char *text, size_t len, const char *old, size_t old_len,
	       struct edit_places *ret)
{
	_autofree size_t *b = borders(old, old_len);
	size_t q = 0, counted = 0;
	uint64_t line = 1;

	if (!b)
		return -ENOMEM;
	*ret = (struct edit_places){ 0 };
	for (size_t i = 0; i < len; i++) {
		while (q && text[i] != old[q])
			q = b[q - 1];
		q += text[i] == old[q];
		if (q < old_len)
			continue;
		add_place(ret, text, i + 1 - old_len, &counted, &line);
		q = b[q - 1];
	}
	return 0;
}

/* ---- the nearest line ----------------------------------------------------
 *
 * The first line of the old text that is not blank is compared with each line
 * of the text: by the pairs of neighbouring characters that both have, which is
 * linear. Of lines that are the same, the one counts after which most of the
 * old text follows.
 */
#define NEAR_BYTES ((size_t)16 << 20) /* how far is looked */
#define NEAR_LINE 256		      /* how much of a line */
#define NEAR_TRIES 64		      /* how many same lines are followed */
#define SAME 1000
#define NEAR_ENOUGH 450
#define QUOTE 80

struct line {
	const char *s;
	size_t len; /* without its line end */
};

struct pairs {
	uint8_t bits[1024];
	size_t n;
};

struct near {
	struct line line;
	uint64_t number;
	unsigned score;
	size_t follow; /* lines of old from this one on that are there */
};

/* The line at *s, which then is behind it. */
static struct line next_line(const char **s, const char *end)
{
	struct line l = { *s, 0 };

	*s += line_after(*s, (size_t)(end - *s), 0);
	l.len = (size_t)(*s - l.s);
	if (l.len && l.s[l.len - 1] == '\n')
		l.len--;
	if (l.len && l.s[l.len - 1] == '\r')
		l.len--;
	return l;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static struct line trimmed(struct line l)
{
	while (l.len && is_space(l.s[l.len - 1]))
		l.len--;
	while (l.len && is_space(*l.s)) {
		l.s++;
		l.len--;
	}
	return l;
}

static bool same_line(struct line a, struct line b)
{
	return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

/* A place among the bits for the pair that starts before the byte i; the ends
 * of the line count as characters. */
static unsigned pair_at(struct line l, size_t i)
{
	unsigned a = i ? (unsigned char)l.s[i - 1] : 256;
	unsigned b = i < l.len ? (unsigned char)l.s[i] : 256;

	return (a * 263 + b) * 2654435761u >> 19;
}

static void fill_pairs(struct pairs *p, struct line l)
{
	*p = (struct pairs){ .n = l.len + 1 };
	for (size_t i = 0; i <= l.len; i++) {
		unsigned k = pair_at(l, i);

		p->bits[k / 8] |= (uint8_t)(1 << k % 8);
	}
}

/* 0 to SAME - 1: how much of the pairs is in l, and how much of l is that. */
static unsigned score(const struct pairs *p, struct line l)
{
	size_t common = 0;

	for (size_t i = 0; i <= l.len; i++) {
		unsigned k = pair_at(l, i);

		common += p->bits[k / 8] >> k % 8 & 1;
	}
	if (common > p->n)
		common = p->n;
	return (unsigned)(common * (SAME / 2 - 1) / p->n +
			  2 * common * (SAME / 2) / (p->n + l.len + 1));
}

/* How many lines of old, from the one at `old` on, stand at `text`. */
static size_t follow(const char *text, const char *text_end, const char *old,
		     const char *old_end)
{
	size_t n = 0;

	while (text < text_end && old < old_end) {
		struct line a = next_line(&text, text_end);
		struct line b = next_line(&old, old_end);

		if (!same_line(a, b))
			break;
		n++;
	}
	return n;
}

static bool is_better(const struct near *a, const struct near *b)
{
	return a->score != b->score ? a->score > b->score
				    : a->follow > b->follow;
}

static struct line head_of(struct line l)
{
	if (l.len > NEAR_LINE)
		l.len = NEAR_LINE;
	return l;
}

/* from: the line of old that is looked for. */
static void find_nearest(struct near *best, struct line text, const char *from,
			 const char *old_end)
{
	const char *p = text.s, *end = text.s + text.len, *rest = from;
	struct line want = trimmed(next_line(&rest, old_end));
	struct pairs pairs;
	size_t tries = 0;

	fill_pairs(&pairs, head_of(want));
	for (uint64_t number = 1; p < end; number++) {
		const char *start = p;
		struct near n = { .number = number };

		n.line = next_line(&p, end);
		if (same_line(trimmed(n.line), want)) {
			n.score = SAME;
			if (tries++ < NEAR_TRIES)
				n.follow = follow(start, end, from, old_end);
		} else if (best->score < SAME) {
			n.score = score(&pairs, head_of(trimmed(n.line)));
		}
		if (is_better(&n, best))
			*best = n;
	}
}

/* ---- saying it -----------------------------------------------------------
 */

/* The line in one line: what is invisible shows. */
static void quote(struct buf *out, struct line l)
{
	size_t len = l.len > QUOTE ? utf8_whole(l.s, QUOTE) : l.len;

	buf_puts(out, "'");
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c;

		n = utf8_decode(l.s + i, len - i, &c);
		if (l.s[i] == '\t')
			buf_puts(out, "\\t");
		else if (n && c >= 0x20 && c != 0x7f)
			buf_add(out, l.s + i, n);
		else
			buf_printf(out, "\\x%02x", (unsigned char)l.s[i]);
		n += !n;
	}
	buf_puts(out, len < l.len ? "...'" : "'");
}

static void put_lines(struct buf *out, uint64_t first, uint64_t last)
{
	if (first == last)
		buf_printf(out, "line %llu is", (unsigned long long)first);
	else
		buf_printf(out, "lines %llu to %llu are",
			   (unsigned long long)first, (unsigned long long)last);
}

/* Some lines are as old has them: what is not? */
static void put_difference(struct buf *out, const struct near *best,
			   const char *end, size_t wanted)
{
	uint64_t last = best->number + best->follow - 1;
	const char *p = best->line.s;

	for (size_t i = 0; i < best->follow; i++)
		(void)next_line(&p, end);
	put_lines(out, best->number, last);
	if (best->follow == wanted) {
		buf_puts(out, " like it but for line ends or blank lines");
	} else if (p == end) {
		buf_puts(out, " as it begins, and there the text ends");
	} else {
		buf_printf(out, " as it begins, but line %llu is ",
			   (unsigned long long)last + 1);
		quote(out, next_line(&p, end));
	}
}

void edit_near(struct buf *out, const char *text, size_t len, const char *old,
	       size_t old_len)
{
	const char *old_end = old + old_len, *from = old, *p = old;
	struct line all = { text, len < NEAR_BYTES ? len : NEAR_BYTES };
	struct near best = { 0 };
	size_t wanted = 0;

	while (p < old_end) {
		from = p;
		if (trimmed(next_line(&p, old_end)).len)
			break;
	}
	for (p = from; p < old_end; wanted++)
		(void)next_line(&p, old_end);
	find_nearest(&best, all, from, old_end);
	if (best.score < NEAR_ENOUGH) {
		buf_puts(out, "no line is near to its first");
	} else if (best.follow) {
		put_difference(out, &best, text + len, wanted);
	} else {
		buf_printf(out,
			   best.score == SAME
				   ? "line %llu differs in white space: "
				   : "the nearest line is %llu: ",
			   (unsigned long long)best.number);
		quote(out, best.line);
	}
}
