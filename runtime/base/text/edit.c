/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of a text. */
#include "runtime/base/text/edit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/text/edit_int.h"
#include "runtime/base/text/same.h"
#include "runtime/base/text/udiff.h"

#define MAX_RESULT ((size_t)1 << 30)

/*
 * How line ends are bent. Old text with an LF but no CR LF is looked for in a
 * copy of the text in which each CR LF is an LF. Places in the copy are found
 * again in the text by walking along both; matches come from left to right, so
 * all of it is one pass.
 */
struct search {
	const char *text;
	size_t len;
	const char *view; /* the text, or the copy */
	size_t view_len;
	char *copy;
	size_t view_at, text_at; /* the same place in both */
	size_t crlf_at;		 /* the next CR LF after it, or the end */
	/* how the line that is looked at ends */
	bool bend;	 /* new text follows it */
	size_t line_end; /* of the line at the last place asked for */
	bool line_crlf;
};

struct job {
	const struct edit *edit;
	size_t number, total;
	size_t max;
	struct sbx_err *err;
};

/* ---- messages ------------------------------------------------------------
 */

/* In front of a message: which edit it is about. */
static int about(const struct job *j, int r)
{
	return j->total > 1 ? sbx_wrap(j->err, r, "edit %zu", j->number) : r;
}

static int no_memory(const struct job *j)
{
	return about(j, sbx_fail(j->err, ENOMEM, "edit"));
}

static int not_found(const struct job *j, const char *text, size_t len)
{
	_autobuf struct buf near = { 0 };

	edit_near(&near, text, len, j->edit->old_text, j->edit->old_len);
	if (near.failed)
		return no_memory(j);
	return about(j, sbx_failx(j->err, ENOKEY, "old text not found; %s",
				  near.data));
}

static int not_unique(const struct job *j, const struct edit_places *p)
{
	_autobuf struct buf lines = { 0 };
	uint64_t last = 0;

	for (size_t i = 0; i < EDIT_PLACES && i < p->count; i++) {
		if (p->lines[i] != last)
			buf_printf(&lines, "%s%llu", last ? ", " : "",
				   (unsigned long long)p->lines[i]);
		last = p->lines[i];
	}
	if (lines.failed)
		return no_memory(j);
	return about(j, sbx_failx(j->err, ENOTUNIQ,
				  "old text is there %llu times, at lines "
				  "%s%s; give more of the text around it, or "
				  "replace all",
				  (unsigned long long)p->count, lines.data,
				  p->count > EDIT_PLACES ? ", ..." : ""));
}

static int check_edit(const struct job *j)
{
	const struct edit *e = j->edit;

	if (e->old_len == 0)
		return about(j, sbx_failx(j->err, EINVAL, "old text is empty"));
	if (e->old_len == e->new_len &&
	    memcmp(e->old_text, e->new_text, e->old_len) == 0)
		return about(j, sbx_failx(j->err, EINVAL,
					  "old and new text are the same"));
	return 0;
}

/* ---- line ends -----------------------------------------------------------
 */

static bool has_crlf(const char *s, size_t len)
{
	return memmem(s, len, "\r\n", 2) != NULL;
}

/* The length of what is before the next CR LF, or of all. */
static size_t before_crlf(const char *s, size_t len)
{
	const char *p = memmem(s, len, "\r\n", 2);

	return p ? (size_t)(p - s) : len;
}

static int copy_bent(struct search *s)
{
	const char *from = s->text, *end = from + s->len;
	char *to = malloc(s->len + 1);

	if (!to)
		return -ENOMEM;
	s->copy = to;
	while (from < end) {
		size_t n = before_crlf(from, (size_t)(end - from));

		memcpy(to, from, n);
		to += n;
		from += n;
		from += from < end;
		if (from < end)
			*to++ = *from++;
	}
	s->view = s->copy;
	s->view_len = (size_t)(to - s->copy);
	return 0;
}

static int begin(struct search *s, const struct edit *e, const char *text,
		 size_t len)
{
	bool bent = !has_crlf(e->old_text, e->old_len) && has_crlf(text, len);
	bool breaks = e->new_len && memchr(e->new_text, '\n', e->new_len);

	*s = (struct search){
		.text = text,
		.len = len,
		.view = text,
		.view_len = len,
		.bend = bent && breaks,
	};
	if (!bent || !memchr(e->old_text, '\n', e->old_len))
		return 0;
	s->crlf_at = before_crlf(text, len);
	return copy_bent(s);
}

/* The place in the text of one in the view, not before the last one. */
static size_t place(struct search *s, size_t view_at)
{
	size_t step;

	if (!s->copy)
		return view_at;
	while (s->view_at < view_at) {
		if (s->text_at > s->crlf_at)
			s->crlf_at =
				s->text_at + before_crlf(s->text + s->text_at,
							 s->len - s->text_at);
		step = s->crlf_at - s->text_at;
		if (step >= view_at - s->view_at) {
			s->text_at += view_at - s->view_at;
			s->view_at = view_at;
			break;
		}
		s->text_at += step + 2;
		s->view_at += step + 1;
	}
	return s->text_at;
}

/* Whether the line that holds the byte at ends with CR LF; where it does not
 * end, the line before it. Places come from left to right. */
static bool line_is_crlf(struct search *s, size_t at)
{
	size_t end;

	if (at < s->line_end)
		return s->line_crlf;
	end = at < s->len ? line_after(s->text, s->len, at) : s->len;
	s->line_end = end;
	if (s->text[end - 1] != '\n')
		end = line_before(s->text, end);
	s->line_crlf = end > 1 && s->text[end - 2] == '\r';
	return s->line_crlf;
}

/* Whether the new text for this match is to have CR LF. */
static bool wants_crlf(struct search *s, size_t start, size_t end)
{
	const char *nl;

	if (!s->bend)
		return false;
	nl = memchr(s->text + start, '\n', end - start);
	if (!nl)
		return line_is_crlf(s, end);
	return nl > s->text && nl[-1] == '\r';
}

/* The new text with each bare LF as CR LF. */
static void bend_new(struct buf *out, const char *s, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] != '\n' || (i && s[i - 1] == '\r'))
			continue;
		buf_add(out, s + from, i - from);
		buf_puts(out, "\r");
		from = i;
	}
	buf_add(out, s + from, len - from);
}

/* ---- one edit ------------------------------------------------------------
 */

static size_t find(const struct search *s, const struct edit *e, size_t from)
{
	const char *p = memmem(s->view + from, s->view_len - from, e->old_text,
			       e->old_len);

	return p ? (size_t)(p - s->view) : SIZE_MAX;
}

/* That it is there, and once if it has to be. */
static int check_found(const struct job *j, const struct search *s)
{
	size_t first = find(s, j->edit, 0);
	struct edit_places p;
	int r;

	if (first == SIZE_MAX)
		return not_found(j, s->view, s->view_len);
	if (j->edit->all || find(s, j->edit, first + 1) == SIZE_MAX)
		return 0;
	r = edit_count(s->view, s->view_len, j->edit->old_text,
		       j->edit->old_len, &p);
	return r < 0 ? no_memory(j) : not_unique(j, &p);
}

static int replace(const struct job *j, struct search *s, struct buf *out,
		   uint64_t *count)
{
	const struct edit *e = j->edit;
	_autobuf struct buf bent = { 0 };
	size_t done = 0, at = find(s, e, 0);

	if (s->bend)
		bend_new(&bent, e->new_text, e->new_len);
	while (at != SIZE_MAX && !out->failed) {
		size_t start = place(s, at), end = place(s, at + e->old_len);
		bool crlf = wants_crlf(s, start, end);

		buf_add(out, s->text + done, start - done);
		buf_add(out, crlf ? bent.data : e->new_text,
			crlf ? bent.len : e->new_len);
		done = end;
		(*count)++;
		if (out->len > j->max || s->len - done > j->max - out->len)
			return about(j, sbx_failx(j->err, EFBIG,
						  "the text would be larger "
						  "than %zu bytes",
						  j->max));
		at = e->all ? find(s, e, at + e->old_len) : SIZE_MAX;
	}
	buf_add(out, s->text + done, s->len - done);
	return out->failed || bent.failed ? no_memory(j) : 0;
}

static int apply_one(const struct job *j, const char *text, size_t len,
		     struct buf *out, uint64_t *count)
{
	struct search s;
	int r = check_edit(j);

	if (r < 0)
		return r;
	r = begin(&s, j->edit, text, len);
	if (r < 0)
		return no_memory(j);
	r = check_found(j, &s);
	if (r == 0)
		r = replace(j, &s, out, count);
	free(s.copy);
	return r;
}

/* ---- all of them ---------------------------------------------------------
 */

static void find_lines(const char *old, size_t old_len, struct edit_result *ret)
{
	size_t least = old_len < ret->len ? old_len : ret->len;
	size_t head = same_head(old, ret->data, least), tail, end;

	if (head == old_len && head == ret->len)
		return;
	head = line_before(ret->data, head);
	tail = same_tail(old + old_len, ret->data + ret->len, least - head);
	end = ret->len - tail;
	if (head == ret->len && head)
		head = line_before(ret->data, head - 1);
	ret->first_line = 1 + count_newlines(ret->data, head);
	ret->last_line = ret->first_line;
	if (end > head)
		ret->last_line +=
			count_newlines(ret->data + head, end - head - 1);
}

static int make_diff(const char *old, size_t old_len,
		     const struct edit_args *args, struct edit_result *ret)
{
	struct udiff_opts o = {
		.old_name = args->old_name,
		.new_name = args->new_name,
		.context = args->context,
	};
	struct buf *d = &ret->diff;
	size_t keep;
	int r = udiff(old, old_len, ret->data, ret->len, &o, d);

	if (r < 0)
		return r;
	if (!args->diff_max || d->len <= args->diff_max)
		return 0;
	keep = line_before(d->data, args->diff_max);
	ret->diff_cut = d->len - keep;
	d->len = keep;
	d->data[keep] = '\0';
	return 0;
}

static int finish(const char *old, size_t old_len, struct buf *text,
		  const struct edit_args *args, struct edit_result *ret,
		  struct sbx_err *err)
{
	ret->len = text->len;
	ret->data = buf_take(text);
	if (!ret->data)
		return sbx_fail(err, ENOMEM, "edit");
	find_lines(old, old_len, ret);
	if (make_diff(old, old_len, args, ret) < 0)
		return sbx_fail(err, ENOMEM, "diff");
	return 0;
}

int edit_apply(const char *text, size_t len, const struct edit_args *args,
	       struct edit_result *ret, struct sbx_err *err)
{
	struct job j = {
		.total = args->n,
		.max = args->max ? args->max : MAX_RESULT,
		.err = err,
	};
	_autobuf struct buf now = { 0 };
	struct edit_result made = { 0 };
	int r = args->n ? 0 : sbx_failx(err, EINVAL, "there are no edits");

	if (len == 0)
		text = "";
	for (size_t i = 0; i < args->n && r == 0; i++) {
		struct buf next = { 0 };

		j.edit = &args->edits[i];
		j.number = i + 1;
		r = apply_one(&j, i ? now.data : text, i ? now.len : len, &next,
			      &made.replacements);
		buf_done(&now);
		now = next;
	}
	if (r == 0)
		r = finish(text, len, &now, args, &made, err);
	if (r < 0) {
		edit_result_done(&made);
		return r;
	}
	*ret = made;
	return 0;
}

void edit_result_done(struct edit_result *r)
{
	free(r->data);
	buf_done(&r->diff);
	*r = (struct edit_result){ 0 };
}
