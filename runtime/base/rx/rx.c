/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: compiling and searching. */
#include "runtime/base/rx/rx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/rx/rx_int.h"

/*
 * How a match is found. Three automata, each linear. One runs forwards from
 * anywhere and stops at the first place where some match ends: it knows the
 * line. One runs backwards over that line, and the last place where it matches
 * is where the leftmost match starts. One runs forwards from there, and the
 * last place where it matches is the end of the longest. Before all of them
 * stands a search for text that every match must hold, where there is one.
 */
struct rx {
	struct rx_prog forward, backward;
	struct rx_dfa *any, *start, *longest;
	char required[128];
	size_t n_required;
	bool whole; /* a match is just the required text */
};

static int build(struct rx *rx, const struct rx_tree *t, struct sbx_err *err)
{
	int r = rx_compile(&rx->forward, t, false, err);

	if (r == 0)
		r = rx_compile(&rx->backward, t, true, err);
	if (r < 0)
		return r;
	rx->n_required =
		rx_required(t, rx->required, sizeof(rx->required), &rx->whole);
	rx->any = rx_dfa_new(&rx->forward, true, false);
	rx->start = rx_dfa_new(&rx->backward, true, true);
	rx->longest = rx_dfa_new(&rx->forward, false, false);
	if (!rx->any || !rx->start || !rx->longest)
		return sbx_fail(err, ENOMEM, "regular expression");
	return 0;
}

int rx_new(struct rx **ret, const char *pattern, size_t len, unsigned flags,
	   struct sbx_err *err)
{
	struct rx_tree t = { 0 };
	struct rx *rx;
	int r = rx_parse(&t, pattern, len, flags, err);

	if (r < 0)
		return r;
	rx = calloc(1, sizeof(*rx));
	r = rx ? build(rx, &t, err)
	       : sbx_fail(err, ENOMEM, "regular expression");
	rx_tree_done(&t);
	if (r < 0) {
		rx_free(rx);
		return r;
	}
	*ret = rx;
	return 0;
}

void rx_free(struct rx *rx)
{
	if (!rx)
		return;
	rx_dfa_free(rx->any);
	rx_dfa_free(rx->start);
	rx_dfa_free(rx->longest);
	rx_prog_done(&rx->forward);
	rx_prog_done(&rx->backward);
	free(rx);
}

static size_t line_end(const char *text, size_t len, size_t at)
{
	const char *nl = at < len ? memchr(text + at, '\n', len - at) : NULL;

	return nl ? (size_t)(nl - text) : len;
}

static size_t line_start(const char *text, size_t from, size_t at)
{
	const char *nl = at > from ? memrchr(text + from, '\n', at - from)
				   : NULL;

	return nl ? (size_t)(nl - text) + 1 : from;
}

/* Look only at lines that hold the required text. */
static bool find_by_text(struct rx *rx, const char *text, size_t len,
			 size_t from, size_t *ret_at)
{
	size_t at, end;
	const char *p;

	for (; from < len; from = end + 1) {
		p = memmem(text + from, len - from, rx->required,
			   rx->n_required);
		if (!p)
			return false;
		at = (size_t)(p - text);
		if (rx->whole) {
			*ret_at = at + rx->n_required;
			return true;
		}
		end = line_end(text, len, at);
		at = rx_dfa_run(rx->any, text, len, line_start(text, from, at),
				end, RX_FIRST);
		if (at != RX_NOWHERE) {
			*ret_at = at;
			return true;
		}
	}
	return false;
}

bool rx_find_line(struct rx *rx, const char *text, size_t len, size_t from,
		  size_t *ret_at)
{
	size_t at;

	if (from > len)
		return false;
	if (rx->n_required)
		return find_by_text(rx, text, len, from, ret_at);
	at = rx_dfa_run(rx->any, text, len, from, len, RX_FIRST);
	if (at == RX_NOWHERE)
		return false;
	*ret_at = at;
	return true;
}

bool rx_search(struct rx *rx, const char *text, size_t len, size_t from,
	       struct rx_span *ret)
{
	size_t at, start, end;

	if (!rx_find_line(rx, text, len, from, &at))
		return false;
	if (rx->whole) {
		*ret = (struct rx_span){ at - rx->n_required, at };
		return true;
	}
	start = rx_dfa_run(rx->start, text, len, line_start(text, from, at),
			   line_end(text, len, at), RX_LAST);
	if (start == RX_NOWHERE)
		return false;
	end = rx_dfa_run(rx->longest, text, len, start, line_end(text, len, at),
			 RX_LAST);
	if (end == RX_NOWHERE)
		return false;
	*ret = (struct rx_span){ start, end };
	return true;
}
