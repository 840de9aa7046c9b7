/* SPDX-License-Identifier: Apache-2.0 */
/* The edit engine: what it makes, what it refuses, and how it says so. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/text/edit.h"
#include "tests/tap/tap.h"

#define E(old, new)                                                   \
	{                                                             \
		(old), sizeof(old) - 1, (new), sizeof(new) - 1, false \
	}
#define ALL(old, new)                                                \
	{                                                            \
		(old), sizeof(old) - 1, (new), sizeof(new) - 1, true \
	}
#define T(text) (text), sizeof(text) - 1

struct edit_case {
	const char *name;
	const char *text;
	size_t len;
	const char *want;
	size_t want_len;
	int replacements, first, last;
	struct edit edits[3];
};

static const struct edit_case cases[] = {
	{ "one line",
	  T("a\nb\nc\n"),
	  T("a\nx\nc\n"),
	  1,
	  2,
	  2,
	  { E("b", "x") } },
	{ "part of a line",
	  T("foo bar\n"),
	  T("foo baz\n"),
	  1,
	  1,
	  1,
	  { E("bar", "baz") } },
	{ "several lines",
	  T("a\nb\nc\nd\n"),
	  T("a\nx\ny\nz\nd\n"),
	  1,
	  2,
	  4,
	  { E("b\nc\n", "x\ny\nz\n") } },
	{ "a removed line",
	  T("a\nb\nc\n"),
	  T("a\nc\n"),
	  1,
	  2,
	  2,
	  { E("b\n", "") } },
	{ "the last line removed",
	  T("a\nb\n"),
	  T("a\n"),
	  1,
	  1,
	  1,
	  { E("b\n", "") } },
	{ "all of it removed", T("a\n"), T(""), 1, 1, 1, { E("a\n", "") } },
	{ "an added line",
	  T("ac\n"),
	  T("ab\nac\n"),
	  1,
	  1,
	  1,
	  { E("ac\n", "ab\nac\n") } },
	{ "all places",
	  T("a b a\nb\na\n"),
	  T("x b x\nb\nx\n"),
	  3,
	  1,
	  3,
	  { ALL("a", "x") } },
	{ "all places from the left",
	  T("aaaaa"),
	  T("bba"),
	  2,
	  1,
	  1,
	  { ALL("aa", "b") } },
	{ "what is put in is not looked at again",
	  T("a"),
	  T("aa"),
	  1,
	  1,
	  1,
	  { ALL("a", "aa") } },
	{ "edits in turn",
	  T("a\nb\n"),
	  T("a\nz\n"),
	  2,
	  2,
	  2,
	  { E("b", "y"), E("y", "z") } },
	{ "edits that undo",
	  T("a\n"),
	  T("a\n"),
	  2,
	  0,
	  0,
	  { E("a", "b"), E("b", "a") } },
	{ "NUL and what is no UTF-8",
	  T("\0\xff"
	    "a\0\xfe"),
	  T("\0\xff"
	    "b\0\xfe"),
	  1,
	  1,
	  1,
	  { E("a", "b") } },
	{ "a NUL in the old text",
	  T("a\0b"),
	  T("ac"),
	  1,
	  1,
	  1,
	  { E("\0b", "c") } },
	{ "no newline at the end",
	  T("a\nb"),
	  T("a\nc"),
	  1,
	  2,
	  2,
	  { E("b", "c") } },
	{ "LF finds CR LF",
	  T("a\r\nb\r\nc\r\n"),
	  T("x\r\ny\r\nc\r\n"),
	  1,
	  1,
	  2,
	  { E("a\nb\n", "x\ny\n") } },
	{ "a line put in among CR LF",
	  T("a\r\nb\r\n"),
	  T("a\r\nx\r\nb\r\n"),
	  1,
	  2,
	  2,
	  { E("a", "a\nx") } },
	{ "the same at the end without",
	  T("a\r\nb"),
	  T("a\r\nb\r\nc"),
	  1,
	  2,
	  3,
	  { E("b", "b\nc") } },
	{ "LF at the start of what is found",
	  T("a\r\nb\r\n"),
	  T("a,b\r\n"),
	  1,
	  1,
	  1,
	  { E("\nb", ",b") } },
	{ "the line end alone",
	  T("a\r\nb"),
	  T("a b"),
	  1,
	  1,
	  1,
	  { E("\n", " ") } },
	{ "all of them among CR LF",
	  T("a\r\nb\na\r\n"),
	  T("c\r\nb\nc\r\n"),
	  2,
	  1,
	  3,
	  { ALL("a\n", "c\n") } },
	{ "each as the text around",
	  T("x\r\nx\nx\r\n"),
	  T("x\r\ny\r\nx\ny\nx\r\ny\r\n"),
	  3,
	  2,
	  6,
	  { ALL("x", "x\ny") } },
	{ "CR LF that is asked for",
	  T("a\r\nb\r\n"),
	  T("a\nb\r\n"),
	  1,
	  1,
	  1,
	  { E("a\r\n", "a\n") } },
	{ "CR LF in new text stays one",
	  T("a\r\nb\r\n"),
	  T("x\r\ny\r\nb\r\n"),
	  1,
	  1,
	  2,
	  { E("a\n", "x\r\ny\n") } },
	{ "a CR alone is no line end",
	  T("a\rb\n"),
	  T("a\rc\nd\n"),
	  1,
	  1,
	  2,
	  { E("b", "c\nd") } },
	{ "two CRs", T("a\r\r\nb"), T("a\r;b"), 1, 1, 1, { E("\n", ";") } },
};

static void test_cases(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct edit_case *c = &cases[i];
		struct edit_result r = { 0 };
		struct sbx_err err = { 0 };
		struct edit_args o = {
			.edits = c->edits,
			.n = 1 + (c->edits[1].old_len > 0),
			.context = 3,
		};

		if (edit_apply(c->text, c->len, &o, &r, &err) < 0) {
			is_str(err.msg, "", "%s", c->name);
			continue;
		}
		ok(r.len == c->want_len && memcmp(r.data, c->want, r.len) == 0,
		   "%s", c->name);
		is_int(r.replacements, c->replacements, "%s: places", c->name);
		ok(r.first_line == (uint64_t)c->first &&
			   r.last_line == (uint64_t)c->last,
		   "%s: lines %d to %d", c->name, (int)r.first_line,
		   (int)r.last_line);
		edit_result_done(&r);
	}
}

struct refusal {
	const char *name, *text;
	int code;
	const char *says, *says_too;
	struct edit edits[2];
};

static const struct refusal refusals[] = {
	{ "empty old text", "a", -EINVAL, "empty", "", { E("", "x") } },
	{ "nothing to change", "a", -EINVAL, "the same", "", { E("a", "a") } },
	{ "two places",
	  "x\na\nb\na\n",
	  -ENOTUNIQ,
	  "2 times",
	  "lines 2, 4;",
	  { E("a", "b") } },
	{ "overlapping places",
	  "aaa",
	  -ENOTUNIQ,
	  "2 times",
	  "lines 1;",
	  { E("aa", "b") } },
	{ "many places",
	  "a\na\na\na\na\na\na\na\na\na\na\na\n",
	  -ENOTUNIQ,
	  "12 times",
	  "9, 10, ...;",
	  { E("a", "b") } },
	{ "two places among CR LF",
	  "a\r\nb\r\na\r\nb\r\n",
	  -ENOTUNIQ,
	  "2 times",
	  "lines 1, 3;",
	  { E("a\nb", "c") } },
	{ "no such text",
	  "one\ntwo\nthree\n",
	  -ENOKEY,
	  "not found",
	  "no line is near",
	  { E("zebra", "x") } },
	{ "a line almost like it",
	  "int f(int a)\nint main(void)\n{\n",
	  -ENOKEY,
	  "nearest line is 2: 'int main(void)'",
	  "",
	  { E("int main()\n", "x") } },
	{ "white space",
	  "a\n\tfoo(bar);\n",
	  -ENOKEY,
	  "line 2 differs in white space: '\\tfoo(bar);'",
	  "",
	  { E("    foo(bar);", "x") } },
	{ "a later line",
	  "f() {\n\ta;\n\tb;\n}\n",
	  -ENOKEY,
	  "lines 1 to 2 are as it begins",
	  "but line 3 is '\\tb;'",
	  { E("f() {\n\ta;\n\tc;\n", "x") } },
	{ "the best of several",
	  "a\nx\na\nb\ny\n",
	  -ENOKEY,
	  "lines 3 to 4 are as it begins",
	  "line 5 is 'y'",
	  { E("a\nb\nc\n", "x") } },
	{ "the end of the text",
	  "a\nb\n",
	  -ENOKEY,
	  "line 2 is as it begins",
	  "the text ends",
	  { E("b\nc\n", "x") } },
	{ "CR LF against LF",
	  "a\nb\n",
	  -ENOKEY,
	  "but for line ends",
	  "",
	  { E("a\r\nb\r\n", "x") } },
	{ "what is invisible",
	  "ab\x1b[1mcd\x7f\n",
	  -ENOKEY,
	  "\\x1b[1mcd\\x7f",
	  "",
	  { E("ab[1mcd", "x") } },
	{ "an empty text", "", -ENOKEY, "not found", "", { E("a", "b") } },
	{ "a later edit",
	  "a\nb\n",
	  -ENOKEY,
	  "edit 2: ",
	  "",
	  { E("a", "x"), E("a", "y") } },
};

static void test_refusals(void)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const struct refusal *c = &refusals[i];
		struct edit_result r = { 0 };
		struct sbx_err err = { 0 };
		struct edit_args o = {
			.edits = c->edits,
			.n = 1 + (c->edits[1].old_len > 0),
			.context = 3,
		};

		is_int(edit_apply(c->text, strlen(c->text), &o, &r, &err),
		       c->code, "%s: refused", c->name);
		has_str(err.msg, c->says, "%s: the message", c->name);
		if (*c->says_too)
			has_str(err.msg, c->says_too, "%s: all of it", c->name);
	}
}

static void test_result(void)
{
	static const struct edit e = ALL("x", "y");
	struct edit_args o = { .old_name = "a/f",
			       .new_name = "b/f",
			       .context = 1,
			       .edits = &e,
			       .n = 1 };
	struct edit_result r = { 0 };

	(void)edit_apply(T("1\nx\n2\n3\n4\nx\n"), &o, &r, NULL);
	is_str(r.diff.data,
	       "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n 1\n-x\n+y\n 2\n"
	       "@@ -5,2 +5,2 @@\n 4\n-x\n+y\n",
	       "the diff is given");
	is_int(r.diff_cut, 0, "as a whole");
	edit_result_done(&r);
	o.diff_max = 40;
	(void)edit_apply(T("1\nx\n2\n3\n4\nx\n"), &o, &r, NULL);
	is_str(r.diff.data, "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n 1\n-x\n",
	       "or as much as is wanted");
	is_int(r.diff_cut, 31, "with what is left out");
	edit_result_done(&r);
}

static void test_limit(void)
{
	static const struct edit grow[] = { ALL("a", "aaaa"), ALL("a", "aaaa"),
					    ALL("a", "aaaa"),
					    ALL("a", "aaaa") };
	struct edit_args o = { .max = 100, .edits = grow, .n = 4 };
	struct edit_result r = { 0 };
	struct sbx_err err = { 0 };

	is_int(edit_apply(T("a"), &o, &r, &err), -EFBIG,
	       "a text can grow too large");
	has_str(err.msg, "edit 4: ", "the edit is named");
	has_str(err.msg, "100 bytes", "and so is the limit");
	o.n = 3;
	is_int(edit_apply(T("a"), &o, &r, &err), 0, "up to it it can");
	edit_result_done(&r);
	o.n = 0;
	is_int(edit_apply(T("a"), &o, &r, &err), -EINVAL, "no edits are none");
}

/* ---- random edits, the slow way ------------------------------------------
 */

static unsigned seed = 1;

static unsigned rnd(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static size_t random_text(char *s, size_t max)
{
	size_t len = rnd((unsigned)max + 1);

	for (size_t i = 0; i < len; i++)
		s[i] = "ab\n\0"[rnd(4)];
	return len;
}

static size_t slow_count(const char *s, size_t len, const char *old, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i + n <= len; i++)
		count += memcmp(s + i, old, n) == 0;
	return count;
}

static bool slow_agrees(const char *s, size_t len, const struct edit *e)
{
	struct edit_args o = { .edits = e, .n = 1 };
	size_t count = slow_count(s, len, e->old_text, e->old_len);
	bool same = e->old_len == e->new_len &&
		    memcmp(e->old_text, e->new_text, e->old_len) == 0;
	struct edit_result r = { 0 };
	_autobuf struct buf want = { 0 };
	int got = edit_apply(s, len, &o, &r, NULL);
	bool fine;

	if (e->old_len == 0 || same)
		return got == -EINVAL;
	if (count == 0)
		return got == -ENOKEY;
	if (count > 1 && !e->all)
		return got == -ENOTUNIQ;
	for (size_t i = 0; i < len;) {
		bool hit = i + e->old_len <= len &&
			   memcmp(s + i, e->old_text, e->old_len) == 0;

		if (hit)
			buf_add(&want, e->new_text, e->new_len);
		else
			buf_add(&want, s + i, 1);
		i += hit ? e->old_len : 1;
	}
	fine = got == 0 && r.len == want.len &&
	       (!r.len || memcmp(r.data, want.data, r.len) == 0);
	edit_result_done(&r);
	return fine;
}

/* An LF text with its line ends as CR LF. */
static void crlf(struct buf *out, const char *s, size_t len)
{
	buf_puts(out, "");
	for (size_t i = 0; i < len; i++)
		buf_add(out, s[i] == '\n' ? "\r\n" : s + i, 1 + (s[i] == '\n'));
}

/* In a text with CR LF an edit does what it does in one with LF. */
static bool crlf_agrees(const char *s, size_t len, const struct edit *e)
{
	struct edit_args o = { .edits = e, .n = 1 };
	_autobuf struct buf bent = { 0 }, want = { 0 };
	struct edit_result a = { 0 }, b = { 0 };
	bool fine;
	int r;

	if (!memchr(s, '\n', len))
		return true;
	crlf(&bent, s, len);
	r = edit_apply(s, len, &o, &a, NULL);
	if (edit_apply(bent.data, bent.len, &o, &b, NULL) != r)
		return false;
	if (r < 0)
		return true;
	crlf(&want, a.data, a.len);
	fine = want.len == b.len && memcmp(want.data, b.data, b.len) == 0 &&
	       a.first_line == b.first_line && a.last_line == b.last_line;
	edit_result_done(&a);
	edit_result_done(&b);
	return fine;
}

static void test_random(void)
{
	int wrong = 0, wrong_crlf = 0;

	for (int i = 0; i < 20000; i++) {
		char s[24], old[4], new[4];
		size_t len = random_text(s, sizeof(s));
		struct edit e = {
			.old_text = old,
			.old_len = random_text(old, sizeof(old)),
			.new_text = new,
			.new_len = random_text(new, sizeof(new)),
			.all = rnd(2),
		};

		wrong += !slow_agrees(s, len, &e);
		wrong_crlf += !crlf_agrees(s, len, &e);
	}
	is_int(wrong, 0, "random edits do what they should");
	is_int(wrong_crlf, 0, "and the same where lines end with CR LF");
}

/* ---- meant to hurt -------------------------------------------------------
 */

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void hard(const char *name, int want, const struct buf *text,
		 const struct edit *e)
{
	struct edit_args o = { .edits = e, .n = 1, .context = 3 };
	struct edit_result r = { 0 };
	double start = seconds();

	is_int(edit_apply(text->data, text->len, &o, &r, NULL), want, "%s",
	       name);
	ok(seconds() - start < 20, "%s: it ends: %.2f s", name,
	   seconds() - start);
	edit_result_done(&r);
}

static void fill(struct buf *b, const char *piece, size_t times)
{
	for (size_t i = 0; i < times; i++)
		buf_puts(b, piece);
}

static void test_hard(void)
{
	_autobuf struct buf text = { 0 }, old = { 0 }, lines = { 0 };
	_autobuf struct buf one_crlf = { 0 }, other = { 0 };
	struct edit e;

	fill(&text, "a", 1000000);
	fill(&old, "a", 500000);
	e = (struct edit){ old.data, old.len, "b", 1, false };
	hard("half a million overlapping places", -ENOTUNIQ, &text, &e);
	buf_puts(&old, "b");
	e.old_len++;
	e.old_text = old.data;
	hard("an old text that almost is there", -ENOKEY, &text, &e);
	fill(&lines, "same line\r\n", 200000);
	fill(&other, "same line\n", 1000);
	buf_puts(&other, "not this\n");
	e = (struct edit){ other.data, other.len, "b", 1, false };
	hard("a first line that is everywhere", -ENOKEY, &lines, &e);
	e = (struct edit){ T("line\n"), T("line\nand\n"), true };
	hard("two hundred thousand places", 0, &lines, &e);
	fill(&one_crlf, "a", 1000000);
	buf_puts(&one_crlf, "\r\n");
	e = (struct edit){ T("a"), T("a\nb"), true };
	hard("a million places in one line", 0, &one_crlf, &e);
	fill(&one_crlf, "b\n", 500000);
	buf_puts(&one_crlf, "\r\n");
	e = (struct edit){ T("b\n"), T("c\n"), true };
	hard("places far from a CR LF", 0, &one_crlf, &e);
}

int main(void)
{
	test_cases();
	test_refusals();
	test_result();
	test_limit();
	test_random();
	test_hard();
	return tap_done();
}
