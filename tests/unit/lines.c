/* SPDX-License-Identifier: Apache-2.0 */
/* Lines: facts and slices, and that pieces do not matter. */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/text/lines.h"
#include "runtime/base/utf8.h"
#include "tests/tap/tap.h"

static void run(struct lines *l, const char *s, size_t len, size_t step)
{
	for (size_t at = 0; at < len; at += step)
		lines_add(l, s + at, len - at < step ? len - at : step);
	lines_end(l);
}

struct slice_case {
	const char *text, *want;
	uint64_t offset, limit;
	size_t cap;
	uint64_t first, last;
	enum lines_cut cut;
};

static const struct slice_case slices[] = {
	{ "a\nb\nc\n", "a\nb\nc\n", 0, 0, 99, 1, 3, LINES_WHOLE },
	{ "a\nb\nc", "c", 3, 1, 99, 3, 3, LINES_WHOLE },
	{ "a\nb\nc", "b\n", 2, 1, 99, 2, 2, LINES_CUT_LINES },
	{ "a\nb\nc", "b\nc", 2, 2, 99, 2, 3, LINES_WHOLE },
	{ "a\r\nb\r\n", "b\r\n", 2, 0, 99, 2, 2, LINES_WHOLE },
	{ "a\nb\n", "", 3, 0, 99, 3, 2, LINES_WHOLE },
	{ "a\nb\n", "", 9, 5, 99, 9, 8, LINES_WHOLE },
	{ "", "", 1, 0, 99, 1, 0, LINES_WHOLE },
	{ "\n\n", "\n", 2, 0, 99, 2, 2, LINES_WHOLE },
	{ "aa\nbb\ncc\n", "aa\nbb\n", 1, 0, 6, 1, 2, LINES_CUT_BYTES },
	{ "aa\nbb\ncc\n", "aa\nbb\n", 1, 0, 8, 1, 2, LINES_CUT_BYTES },
	{ "aa\nbb\ncc\n", "aa\nbb\ncc\n", 1, 0, 9, 1, 3, LINES_WHOLE },
	{ "aa\nbb\ncc", "bb\ncc", 2, 0, 5, 2, 3, LINES_WHOLE },
	{ "aa\nbb\ncc\n", "aa\nbb\n", 1, 2, 6, 1, 2, LINES_CUT_LINES },
	{ "aaaaaa\nb\n", "aaa", 1, 0, 3, 1, 1, LINES_CUT_BYTES },
	{ "x\naaaaaa\nb\n", "aaa", 2, 0, 3, 2, 2, LINES_CUT_BYTES },
	{ "x\naaaaaa\nb\n", "x\n", 1, 0, 3, 1, 1, LINES_CUT_BYTES },
	{ "a\xc3\xa9z", "a", 1, 0, 2, 1, 1, LINES_CUT_BYTES },
	{ "a\xf0\x9f\x98\x80z", "a", 1, 0, 4, 1, 1, LINES_CUT_BYTES },
	{ "a\xf0\x9f\x98\x80z", "a\xf0\x9f\x98\x80", 1, 0, 5, 1, 1,
	  LINES_CUT_BYTES },
	{ "abc\n", "", 1, 0, 0, 1, 1, LINES_CUT_BYTES },
};

static void test_slices(void)
{
	for (size_t i = 0; i < ARRAY_LEN(slices); i++) {
		const struct slice_case *c = &slices[i];

		for (size_t step = 1; step < 20; step += 6) {
			struct lines l = { .offset = c->offset,
					   .limit = c->limit,
					   .cap = c->cap };

			run(&l, c->text, strlen(c->text), step);
			ok(strcmp(l.slice.data ? l.slice.data : "", c->want) ==
					   0 &&
				   l.first == c->first && l.last == c->last &&
				   l.cut == c->cut,
			   "slice %zu in pieces of %zu: lines %d to %d, cut %d",
			   i + 1, step, (int)l.first, (int)l.last, l.cut);
			lines_done(&l);
		}
	}
}

static const struct {
	const char *text;
	size_t len;
	int lines;
	bool binary;
} facts[] = {
	{ "", 0, 0, false },
	{ "a", 1, 1, false },
	{ "a\n", 2, 1, false },
	{ "a\nb", 3, 2, false },
	{ "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\nx", 18, 18, false },
	{ "a\0b", 3, 1, true },
	{ "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80", 9, 1, false },
	{ "12345678\xc3", 9, 1, true },
	{ "\xc0\x80", 2, 1, true },
	{ "\xe0\x80\x80", 3, 1, true },
	{ "\xed\xa0\x80", 3, 1, true },
	{ "\xed\x9f\xbf", 3, 1, false },
	{ "\xf4\x8f\xbf\xbf", 4, 1, false },
	{ "\xf4\x90\x80\x80", 4, 1, true },
	{ "\xf5\x80\x80\x80", 4, 1, true },
	{ "\xef\xbb\xbf", 3, 1, false },
	{ "caf\xe9\n", 5, 1, true },
};

static void test_facts(void)
{
	for (size_t i = 0; i < ARRAY_LEN(facts); i++)
		for (size_t step = 1; step < 20; step += 4) {
			struct lines l = { .cap = 100 };

			run(&l, facts[i].text, facts[i].len, step);
			ok(l.total_lines == (uint64_t)facts[i].lines &&
				   l.total_bytes == facts[i].len &&
				   l.binary == facts[i].binary,
			   "facts of text %zu in pieces of %zu", i + 1, step);
			lines_done(&l);
		}
}

static bool binary_with_nul_at(char *text, size_t at, size_t step)
{
	struct lines l = { .cap = 10 };

	text[at] = '\0';
	run(&l, text, 9000, step);
	text[at] = 'a';
	lines_done(&l);
	return l.binary;
}

static void test_head(void)
{
	char text[9000];

	memset(text, 'a', sizeof(text));
	ok(binary_with_nul_at(text, 7999, 9000), "a NUL near the start");
	ok(!binary_with_nul_at(text, 8000, 9000), "a later one is text");
	ok(binary_with_nul_at(text, 7999, 777), "the same in pieces");
	ok(!binary_with_nul_at(text, 8000, 777), "and the other");
}

/* ---- against a plain reading of the header -------------------------------
 */

static unsigned seed = 1;

static unsigned rnd(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

/* The same from the whole text. */
static bool slow_agrees(const struct lines *l, const char *s, size_t len)
{
	uint64_t line = 1, first = l->offset ? l->offset : 1, last = first - 1;
	const char *from = s, *to = NULL, *p = s, *end = s + len;
	bool cut = false;

	for (; p < end && !cut; line++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *next = nl ? nl + 1 : end;

		if (line == first)
			from = p;
		if (line >= first && (!l->limit || line < first + l->limit)) {
			cut = (size_t)(next - from) > l->cap;
			if (!cut || line == first) {
				to = cut ? from + l->cap : next;
				last = line;
			}
		}
		p = next;
	}
	if (!to)
		return l->slice.len == 0 && l->last == last;
	return l->slice.len == (size_t)(to - from) && l->last == last &&
	       memcmp(l->slice.data, from, l->slice.len) == 0 &&
	       (l->cut == LINES_CUT_BYTES) == cut;
}

static void test_random(void)
{
	int wrong = 0;

	for (int i = 0; i < 5000; i++) {
		char text[64];
		size_t len = rnd(sizeof(text)), step = 1 + rnd(20);
		struct lines l = { .offset = rnd(6),
				   .limit = rnd(4),
				   .cap = rnd(40) };

		for (size_t k = 0; k < len; k++)
			text[k] = rnd(5) ? (char)('a' + rnd(3)) : '\n';
		run(&l, text, len, step);
		wrong += !slow_agrees(&l, text, len);
		lines_done(&l);
	}
	is_int(wrong, 0, "random slices are what the whole text gives");
}

static const struct {
	const char *text;
	size_t len, want;
} ends[] = {
	{ "", 0, 0 },
	{ "ab", 2, 2 },
	{ "a\xc3", 2, 1 },
	{ "a\xc3\xa9", 3, 3 },
	{ "a\xe4\xb8", 3, 1 },
	{ "a\xf0\x9f\x98", 4, 1 },
	{ "a\xf0\x9f\x98\x80", 5, 5 },
	{ "a\xff", 2, 2 },
	{ "\x80\x80", 2, 2 },
	{ "\x80\x80\x80\x80\x80", 5, 5 },
};

static void test_ends(void)
{
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		is_int(utf8_whole(ends[i].text, ends[i].len), ends[i].want,
		       "whole characters of text %zu", i + 1);
}

int main(void)
{
	test_slices();
	test_facts();
	test_head();
	test_random();
	test_ends();
	return tap_done();
}
