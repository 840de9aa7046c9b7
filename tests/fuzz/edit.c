/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz the edit engine and its diff: a byte of flags, then the text, the old
 * text and the new one, with 0xfe between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/text/edit.h"
#include "tests/fuzz/fuzz.h"

const char fuzz_corpus[] = "edit";

struct piece {
	const char *s;
	size_t len;
};

static struct piece next_piece(struct piece *rest)
{
	const char *end = rest->len ? memchr(rest->s, 0xfe, rest->len) : NULL;
	struct piece p = *rest;

	if (end)
		p.len = (size_t)(end - p.s);
	rest->s += p.len + (end != NULL);
	rest->len -= p.len + (end != NULL);
	return p;
}

static void check_message(const struct sbx_err *err)
{
	FUZZ_CHECK(err->code > 0 && err->msg[0]);
	for (const char *p = err->msg; *p; p++)
		FUZZ_CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
}

static size_t lines_of(struct piece p)
{
	size_t n = p.len && p.s[p.len - 1] != '\n';

	for (size_t i = 0; i < p.len; i++)
		n += p.s[i] == '\n';
	return n;
}

static struct piece take_line(struct piece *p)
{
	const char *nl = p->len ? memchr(p->s, '\n', p->len) : NULL;
	struct piece l = { p->s, nl ? (size_t)(nl - p->s) + 1 : p->len };

	p->s += l.len;
	p->len -= l.len;
	return l;
}

/* A line of the diff is the next one of the text. */
static void check_line(struct piece line, bool bare, struct piece *text)
{
	struct piece have = take_line(text);

	FUZZ_CHECK(have.len == line.len - 1 - bare &&
		   memcmp(have.s, line.s + 1, have.len) == 0);
}

/* The old text's lines are in the diff, in their order, and so are the new
 * one's: with a context that is large enough it has all of them. */
static void check_diff(struct piece diff, struct piece old, struct piece new)
{
	while (diff.len) {
		struct piece line = take_line(&diff);
		bool bare = diff.len && *diff.s == '\\';

		if (*line.s == '@' || *line.s == '\\')
			continue;
		if (*line.s != '+')
			check_line(line, bare, &old);
		if (*line.s != '-')
			check_line(line, bare, &new);
	}
	FUZZ_CHECK(old.len == 0 && new.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct piece rest = { (const char *)data + 1, len - 1 }, text;
	struct edit_args args = { .max = 1 << 20, .context = 1 << 20 };
	struct edit_result r = { 0 };
	struct sbx_err err = { 0 };
	struct edit e[2] = { 0 };
	size_t n;

	if (len == 0)
		return 0;
	text = next_piece(&rest);
	for (n = 0; n < 1u + (data[0] & 1); n++) {
		struct piece old = next_piece(&rest), new = next_piece(&rest);

		e[n] = (struct edit){ old.s, old.len, new.s, new.len,
				      data[0] & 2 };
	}
	args.edits = e;
	args.n = n;
	if (edit_apply(text.s, text.len, &args, &r, &err) < 0) {
		check_message(&err);
		return 0;
	}
	FUZZ_CHECK(r.replacements > 0 && r.first_line <= r.last_line);
	if (r.diff.len) {
		struct piece new = { r.data, r.len };

		FUZZ_CHECK(r.first_line > 0);
		FUZZ_CHECK(r.len == 0 || r.last_line <= lines_of(new));
		check_diff((struct piece){ r.diff.data, r.diff.len }, text,
			   new);
	}
	edit_result_done(&r);
	return 0;
}
