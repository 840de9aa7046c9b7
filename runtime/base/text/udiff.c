/* SPDX-License-Identifier: Apache-2.0 */
/* Unified diffs: what to compare, and how to show it. */
#include "runtime/base/text/udiff.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/text/same.h"
#include "runtime/base/text/udiff_int.h"

/* The part of both texts that differs, with the context around it. */
struct window {
	size_t start; /* in both */
	size_t a_end, b_end;
	size_t first_line; /* how many lines are before it */
};

struct range {
	size_t start, end; /* lines */
};

struct hunk {
	struct range a, b;
};

struct writer {
	const struct udiff_side *a, *b;
	const struct udiff_opts *opts;
	struct buf *out;
	size_t first_line;
};

/* ---- the window ----------------------------------------------------------
 */

/* The start of the line that is `lines` before the one that at lies in. */
static size_t back(const char *s, size_t at, unsigned lines)
{
	at = line_before(s, at);
	while (at && lines--)
		at = line_before(s, at - 1);
	return at;
}

static bool starts_line(const char *s, size_t at)
{
	return at == 0 || s[at - 1] == '\n';
}

/* Behind `lines` lines from the one that holds at on. */
static size_t forth(const char *s, size_t len, size_t at, size_t lines)
{
	while (at < len && lines--)
		at = line_after(s, len, at);
	return at;
}

/* False: they are the same. */
static bool find_window(const char *a, size_t a_len, const char *b,
			size_t b_len, unsigned context, struct window *w)
{
	size_t least = a_len < b_len ? a_len : b_len;
	size_t head = same_head(a, b, least), tail, end;

	if (head == a_len && head == b_len)
		return false;
	tail = same_tail(a + a_len, b + b_len, least - head);
	end = a_len - tail;
	/* a tail that starts a line in both needs no more of it */
	if (starts_line(a, end) && starts_line(b, b_len - tail))
		end = forth(a, a_len, end, context);
	else
		end = forth(a, a_len, end, 1 + (size_t)context);
	w->a_end = end;
	w->b_end = b_len - (a_len - end);
	w->start = back(a, head, context);
	w->first_line = count_newlines(a, w->start);
	return true;
}

/* ---- showing -------------------------------------------------------------
 */

static void put_line(struct writer *w, char mark, const char *s, size_t len)
{
	buf_add(w->out, &mark, 1);
	buf_add(w->out, s, len);
	if (len == 0 || s[len - 1] != '\n')
		buf_puts(w->out, "\n\\ No newline at end of file\n");
}

static void put_side_line(struct writer *w, char mark,
			  const struct udiff_side *s, size_t i)
{
	put_line(w, mark, s->text + s->at[i], s->at[i + 1] - s->at[i]);
}

/* An empty range is named by the line before it. */
static void put_range(struct buf *out, char mark, size_t start, size_t count)
{
	buf_printf(out, "%c%zu", mark, count ? start + 1 : start);
	if (count != 1)
		buf_printf(out, ",%zu", count);
}

static void put_head(struct writer *w, const struct hunk *h)
{
	buf_puts(w->out, "@@ ");
	put_range(w->out, '-', w->first_line + h->a.start,
		  h->a.end - h->a.start);
	buf_puts(w->out, " ");
	put_range(w->out, '+', w->first_line + h->b.start,
		  h->b.end - h->b.start);
	buf_puts(w->out, " @@\n");
}

static void put_hunk(struct writer *w, const struct hunk *h)
{
	size_t i = h->a.start, j = h->b.start;

	put_head(w, h);
	while (i < h->a.end || j < h->b.end) {
		if (i < h->a.end && w->a->changed[i]) {
			put_side_line(w, '-', w->a, i++);
		} else if (j < h->b.end && w->b->changed[j]) {
			put_side_line(w, '+', w->b, j++);
		} else {
			put_side_line(w, ' ', w->a, i++);
			j++;
		}
	}
}

static bool is_change(const struct writer *w, size_t i, size_t j)
{
	return (i < w->a->n && w->a->changed[i]) ||
	       (j < w->b->n && w->b->changed[j]);
}

/*
 * The next hunk from the unchanged lines at h's ends on: changes with at most
 * twice the context between them, and the context around.
 */
static bool next_hunk(const struct writer *w, struct hunk *h)
{
	size_t i = h->a.end, j = h->b.end, same = 0, before;
	size_t context = w->opts->context;

	for (; !is_change(w, i, j); same++, i++, j++)
		if (i == w->a->n)
			return false;
	before = same < context ? same : context;
	h->a.start = i - before;
	h->b.start = j - before;
	for (same = 0; same <= 2 * context;) {
		if (i < w->a->n && w->a->changed[i]) {
			i++;
			same = 0;
		} else if (j < w->b->n && w->b->changed[j]) {
			j++;
			same = 0;
		} else if (i < w->a->n) {
			i++;
			j++;
			same++;
		} else {
			break;
		}
	}
	before = same < context ? 0 : same - context;
	h->a.end = i - before;
	h->b.end = j - before;
	return true;
}

static void put_names(struct writer *w)
{
	if (w->opts->old_name && w->opts->new_name)
		buf_printf(w->out, "--- %s\n+++ %s\n", w->opts->old_name,
			   w->opts->new_name);
}

static int put_hunks(struct writer *w, struct udiff_side *a, size_t a_len,
		     struct udiff_side *b, size_t b_len)
{
	struct hunk h = { 0 };
	uint32_t ids;
	int r = udiff_number(a, a_len, b, b_len, &ids);

	if (r == 0)
		r = udiff_compare(a, b, ids, w->opts->effort);
	w->a = a;
	w->b = b;
	while (r == 0 && next_hunk(w, &h))
		put_hunk(w, &h);
	udiff_side_done(a);
	udiff_side_done(b);
	return r;
}

static void put_all(struct writer *w, char mark, const char *s, size_t len)
{
	size_t n;

	for (; len; s += n, len -= n) {
		n = line_after(s, len, 0);
		put_line(w, mark, s, n);
	}
}

static size_t count_lines(const char *s, size_t len)
{
	return count_newlines(s, len) + (len && s[len - 1] != '\n');
}

int udiff(const char *a, size_t a_len, const char *b, size_t b_len,
	  const struct udiff_opts *opts, struct buf *out)
{
	struct writer w = { .opts = opts, .out = out };
	struct udiff_side old, new;
	struct hunk all = { 0 };
	struct window win;
	int r = 0;

	if (!find_window(a, a_len, b, b_len, opts->context, &win))
		return 0;
	old = (struct udiff_side){ .text = a + win.start };
	new = (struct udiff_side){ .text = b + win.start };
	a_len = win.a_end - win.start;
	b_len = win.b_end - win.start;
	all.a.end = count_lines(old.text, a_len);
	all.b.end = count_lines(new.text, b_len);
	w.first_line = win.first_line;
	put_names(&w);
	if (all.a.end + all.b.end <= UDIFF_LINES_MAX) {
		r = put_hunks(&w, &old, a_len, &new, b_len);
	} else {
		put_head(&w, &all);
		put_all(&w, '-', old.text, a_len);
		put_all(&w, '+', new.text, b_len);
	}
	return out->failed ? -ENOMEM : r;
}
