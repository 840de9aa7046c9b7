/* SPDX-License-Identifier: Apache-2.0 */
/* Which lines changed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/text/udiff_int.h"

/*
 * How this works. Lines that only one side has are changed; what is left is
 * compared by the method of E. Myers, "An O(ND) difference algorithm and its
 * variations" (1986), in linear space: from both corners of the box of all
 * pairs paths of c edits are followed for c = 1, 2, ...; where they meet, the
 * box is cut in two. A box that is not cut after CUTOFF edits is cut at the
 * best point so far, and once the effort is spent, boxes are taken as changed
 * as a whole. So time is at most about CUTOFF times the lines.
 */
#define CUTOFF 256
#define EFFORT (64u << 20)

/* Beside what any path reaches. */
#define NO_PATH (INT32_MAX / 2)

struct box {
	int32_t a0, a1, b0, b1;
};

struct point {
	int32_t a, b;
};

/* The diagonals (a - b) that paths from a corner have reached, every second
 * one from lo to hi, and on each the furthest a. */
struct front {
	int32_t *at; /* diagonal 0 */
	int32_t lo, hi;
};

struct search {
	const uint32_t *a, *b; /* the lines that both sides have */
	const uint32_t *a_line, *b_line;
	bool *a_changed, *b_changed;
	struct front down, up;
	int64_t effort;
};

/* One diagonal more on each side, as far as the box has any; else one less. */
static void widen(struct front *f, const struct box *x, int32_t no_path)
{
	if (f->lo > x->a0 - x->b1) {
		f->lo--;
		f->at[f->lo - 1] = no_path;
	} else {
		f->lo++;
	}
	if (f->hi < x->a1 - x->b0) {
		f->hi++;
		f->at[f->hi + 1] = no_path;
	} else {
		f->hi--;
	}
}

static bool in_box(const struct box *x, int32_t a, int32_t b)
{
	return a >= x->a0 && a <= x->a1 && b >= x->b0 && b <= x->b1;
}

/* Paths from the first corner, one edit longer. True where one has met. */
static bool go_down(struct search *s, const struct box *x, bool may_meet,
		    struct point *ret)
{
	struct front *f = &s->down;

	widen(f, x, -NO_PATH);
	for (int32_t d = f->hi; d >= f->lo; d -= 2) {
		int32_t left = f->at[d - 1], over = f->at[d + 1];
		int32_t a = left < over ? over : left + 1, start = a;

		f->at[d] = -NO_PATH;
		s->effort--;
		if (!in_box(x, a, a - d))
			continue;
		while (a < x->a1 && a - d < x->b1 && s->a[a] == s->b[a - d])
			a++;
		s->effort -= a - start;
		f->at[d] = a;
		if (may_meet && d >= s->up.lo && d <= s->up.hi &&
		    s->up.at[d] <= a) {
			*ret = (struct point){ a, a - d };
			return true;
		}
	}
	return false;
}

/* The same from the last corner. */
static bool go_up(struct search *s, const struct box *x, bool may_meet,
		  struct point *ret)
{
	struct front *f = &s->up;

	widen(f, x, NO_PATH);
	for (int32_t d = f->hi; d >= f->lo; d -= 2) {
		int32_t over = f->at[d - 1], right = f->at[d + 1];
		int32_t a = over < right ? over : right - 1, start = a;

		f->at[d] = NO_PATH;
		s->effort--;
		if (!in_box(x, a, a - d))
			continue;
		while (a > x->a0 && a - d > x->b0 &&
		       s->a[a - 1] == s->b[a - d - 1])
			a--;
		s->effort -= start - a;
		f->at[d] = a;
		if (may_meet && d >= s->down.lo && d <= s->down.hi &&
		    s->down.at[d] >= a) {
			*ret = (struct point){ a, a - d };
			return true;
		}
	}
	return false;
}

/* The point that is furthest from the corner its path began at. */
static struct point best(const struct search *s, const struct box *x)
{
	struct point p = { x->a0, x->b0 };
	int32_t most = 0;

	for (int32_t d = s->down.lo; d <= s->down.hi; d += 2) {
		int32_t a = s->down.at[d], b = a - d;

		if (a >= 0 && a - x->a0 + b - x->b0 > most) {
			most = a - x->a0 + b - x->b0;
			p = (struct point){ a, b };
		}
	}
	for (int32_t d = s->up.lo; d <= s->up.hi; d += 2) {
		int32_t a = s->up.at[d], b = a - d;

		if (a != NO_PATH && x->a1 - a + x->b1 - b > most) {
			most = x->a1 - a + x->b1 - b;
			p = (struct point){ a, b };
		}
	}
	return p;
}

/*
 * A point that a short way from corner to corner leads through. Neither text is
 * empty in the box and both their first and last lines differ, so there are at
 * least two edits on the way and the point is neither corner.
 */
static struct point cut_point(struct search *s, const struct box *x)
{
	int32_t from = x->a0 - x->b0, to = x->a1 - x->b1;
	bool odd = (from - to) & 1;
	struct point p;

	s->down.lo = s->down.hi = from;
	s->down.at[from] = x->a0;
	s->up.lo = s->up.hi = to;
	s->up.at[to] = x->a1;
	for (int c = 1; c <= CUTOFF; c++)
		if (go_down(s, x, odd, &p) || go_up(s, x, !odd, &p))
			return p;
	return best(s, x);
}

static void trim(const struct search *s, struct box *x)
{
	while (x->a0 < x->a1 && x->b0 < x->b1 && s->a[x->a0] == s->b[x->b0]) {
		x->a0++;
		x->b0++;
	}
	while (x->a0 < x->a1 && x->b0 < x->b1 &&
	       s->a[x->a1 - 1] == s->b[x->b1 - 1]) {
		x->a1--;
		x->b1--;
	}
}

static void mark_box(struct search *s, const struct box *x)
{
	for (int32_t i = x->a0; i < x->a1; i++)
		s->a_changed[s->a_line[i]] = true;
	for (int32_t i = x->b0; i < x->b1; i++)
		s->b_changed[s->b_line[i]] = true;
}

static int32_t box_size(const struct box *x)
{
	return x->a1 - x->a0 + x->b1 - x->b0;
}

/* Only the smaller half is left to another call: they are few. */
static void compare_box(struct search *s, struct box x)
{
	for (;;) {
		struct box first, last;
		struct point p;

		trim(s, &x);
		if (x.a0 == x.a1 || x.b0 == x.b1 || s->effort <= 0) {
			mark_box(s, &x);
			return;
		}
		p = cut_point(s, &x);
		first = (struct box){ x.a0, p.a, x.b0, p.b };
		last = (struct box){ p.a, x.a1, p.b, x.b1 };
		if (box_size(&first) < box_size(&last)) {
			compare_box(s, first);
			x = last;
		} else {
			compare_box(s, last);
			x = first;
		}
	}
}

/* ---- lines of one side only ----------------------------------------------
 */

/* Keep what the other side has too; the rest is changed. */
static size_t keep_common(struct udiff_side *s, const bool *other_has,
			  uint32_t *ids, uint32_t *lines)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (!other_has[s->id[i]]) {
			s->changed[i] = true;
			continue;
		}
		ids[n] = s->id[i];
		lines[n++] = (uint32_t)i;
	}
	return n;
}

static bool *which_ids(const struct udiff_side *s, uint32_t ids)
{
	bool *has = calloc(ids + 1u, sizeof(*has));

	for (size_t i = 0; has && i < s->n; i++)
		has[s->id[i]] = true;
	return has;
}

static int search_common(struct udiff_side *a, struct udiff_side *b,
			 uint32_t ids, uint64_t effort)
{
	_autofree bool *in_a = which_ids(a, ids), *in_b = which_ids(b, ids);
	/* the lines' numbers and places of a and of b, and two fronts */
	size_t n = a->n + b->n, span = n + 5;
	_autofree uint32_t *room = calloc(2 * n + 1, sizeof(*room));
	_autofree int32_t *fronts = calloc(2 * span, sizeof(*fronts));
	struct search s;
	struct box x = { 0 };

	if (!in_a || !in_b || !room || !fronts)
		return -ENOMEM;
	s = (struct search){
		.a = room,
		.b = room + a->n,
		.a_line = room + n,
		.b_line = room + n + a->n,
		.a_changed = a->changed,
		.b_changed = b->changed,
		.down = { .at = fronts + b->n + 2 },
		.up = { .at = fronts + span + b->n + 2 },
		.effort = effort && effort < INT64_MAX ? (int64_t)effort
						       : EFFORT,
	};
	x.a1 = (int32_t)keep_common(a, in_b, room, room + n);
	x.b1 = (int32_t)keep_common(b, in_a, room + a->n, room + n + a->n);
	compare_box(&s, x);
	return 0;
}

/* ---- sliding -------------------------------------------------------------
 *
 * Where the line after a run of changed ones is like the first of it, the run
 * can as well stand one line lower. As low as it goes, an added function has
 * its own closing brace, and runs that touch become one.
 */
static size_t slide_run(struct udiff_side *s, const struct udiff_side *other,
			size_t start, size_t *j)
{
	size_t end = start;

	while (end < s->n && s->changed[end])
		end++;
	while (end < s->n && s->id[start] == s->id[end] &&
	       !other->changed[*j]) {
		s->changed[start++] = false;
		s->changed[end++] = true;
		(*j)++;
		while (end < s->n && s->changed[end])
			end++;
	}
	return end;
}

static void slide(struct udiff_side *s, struct udiff_side *other)
{
	size_t i = 0, j = 0;

	while (i < s->n) {
		bool both = j < other->n && other->changed[j];

		while (j < other->n && other->changed[j])
			j++;
		if (!s->changed[i]) {
			i++;
			j++;
		} else if (both) {
			while (i < s->n && s->changed[i])
				i++;
		} else {
			i = slide_run(s, other, i, &j);
		}
	}
}

int udiff_compare(struct udiff_side *a, struct udiff_side *b, uint32_t ids,
		  uint64_t effort)
{
	int r = search_common(a, b, ids, effort);

	if (r < 0)
		return r;
	slide(a, b);
	slide(b, a);
	return 0;
}
