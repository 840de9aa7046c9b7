/* SPDX-License-Identifier: Apache-2.0 */
/* The regular-expression engine: cases by hand, and the C library as oracle. */
#include <errno.h>
#include <locale.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/rx/rx.h"
#include "tests/tap/tap.h"

DEFINE_AUTO(rx)

/* "3-5", "none" or "error", for a pattern on a text. */
static void search(const char *pattern, unsigned flags, const char *text,
		   size_t from, char ret[64])
{
	_auto(rx) struct rx *rx = NULL;
	struct rx_span m;

	if (rx_new(&rx, pattern, strlen(pattern), flags, NULL) < 0)
		strcpy(ret, "error");
	else if (!rx_search(rx, text, strlen(text), from, &m))
		strcpy(ret, "none");
	else
		(void)snprintf(ret, 64, "%zu-%zu", m.start, m.end);
}

struct rx_case {
	const char *pattern, *text, *want;
	unsigned flags;
};

static const struct rx_case cases[] = {
	{ "abc", "xabcx", "1-4", 0 },
	{ "a|ab|abc", "xabcd", "1-4", 0 },
	{ "(a|ab)(c|bcd)(d*)", "abcd", "0-4", 0 },
	{ "", "abc", "0-0", 0 },
	{ "a*", "baaac", "0-0", 0 },
	{ "a+", "baaac", "1-4", 0 },
	{ "b+|a", "aabbb", "0-1", 0 },
	{ "^b", "ab", "none", 0 },
	{ "^b", "a\nb", "2-3", 0 },
	{ "a$", "a\nb", "0-1", 0 },
	{ "^$", "a\n\nb", "2-2", 0 },
	{ "a.c", "a\nc", "none", 0 },
	{ "a[^x]c", "a\nc", "none", 0 },
	{ "\\bfoo\\b", "xfoo foo", "5-8", 0 },
	{ "\\Boo", "foo", "1-3", 0 },
	{ "\\<foo", "xfoo foo", "5-8", 0 },
	{ "foo\\>", "foox foo", "5-8", 0 },
	{ "\\w+", "  ab_9-", "2-6", 0 },
	{ "\\W+", "ab -c", "2-4", 0 },
	{ "\\d{2,3}", "a12345", "1-4", 0 },
	{ "\\D+", "12ab3", "2-4", 0 },
	{ "\\s\\S", "ab c", "2-4", 0 },
	{ "[\\w.-]+@", "a b.c-d@e", "2-8", 0 },
	{ "[]a]+", "x]a", "1-3", 0 },
	{ "[^]a]+", "]xy]", "1-3", 0 },
	{ "[a-c-]+", "x-b", "1-3", 0 },
	{ "[[:digit:][:upper:]]+", "ab1Zc", "2-4", 0 },
	{ "[[.-.]a]+", "-a", "0-2", 0 },
	{ "[\\]x]+", "]x", "0-2", 0 },
	{ "a{,2}", "aaa", "0-2", 0 },
	{ "a{2}", "aaa", "0-2", 0 },
	{ "a{2,}", "aaa", "0-3", 0 },
	{ "a{", "a{", "0-2", 0 },
	{ "a{x}", "a{x}", "0-4", 0 },
	{ "(?:ab)+", "ababx", "0-4", 0 },
	{ "x*?y", "xxy", "0-3", 0 },
	{ "\xc3\xa9", "caf\xc3\xa9", "3-5", 0 },
	{ "^.$", "\xc3\xa9", "0-2", 0 },
	{ "^..$", "\xc3\xa9", "none", 0 },
	{ "[\xc3\xa0-\xc3\xbf]", "x\xc3\xa9", "1-3", 0 },
	{ "[^a]", "\xf0\x9f\x98\x80", "0-4", 0 },
	{ "^.$", "\xff", "none", 0 },
	{ "\xff", "a\xff", "1-2", 0 },
	{ "[\\x{4e00}-\\x{9fff}]+", "a\xe4\xb8\xad\xe6\x96\x87", "1-7", 0 },
	{ "\\x41", "A", "0-1", 0 },
	{ "ABC", "xabc", "1-4", RX_ICASE },
	{ "[a-c]+", "xAbC", "1-4", RX_ICASE },
	{ "a.b*", "xa.b*", "1-5", RX_LITERAL },
	{ "a.b", "axb", "none", RX_LITERAL },
	{ "\\.", "a.", "1-2", 0 },
	{ "a||b", "b", "0-1", 0 },
	{ "()", "x", "0-0", 0 },
	{ "(|a)+b", "aab", "0-3", 0 },
	{ "(a*)*", "aab", "0-2", 0 },
	{ "(a*)+$", "aab", "3-3", 0 },
	{ "x(^a)", "xa", "none", 0 },
	{ "(a", "a", "error", 0 },
	{ "a)", "a)", "error", 0 },
	{ "*a", "a", "error", 0 },
	{ "a|*", "a", "error", 0 },
	{ "[a", "a", "error", 0 },
	{ "[b-a]", "a", "error", 0 },
	{ "[[:foo:]]", "a", "error", 0 },
	{ "(a)\\1", "aa", "error", 0 },
	{ "(?=a)", "a", "error", 0 },
	{ "a{2,1}", "a", "error", 0 },
	{ "a{1001}", "a", "error", 0 },
	{ "\\", "a", "error", 0 },
	{ "\\q", "q", "error", 0 },
	{ "\\x{110000}", "q", "error", 0 },
	{ "a\\nb", "a\nb", "error", 0 },
};

static void test_cases(void)
{
	char got[64];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		search(cases[i].pattern, cases[i].flags, cases[i].text, 0, got);
		is_str(got, cases[i].want, "case %zu: %s", i + 1,
		       cases[i].pattern);
	}
	search("\\bfoo", 0, "xfoo foo", 1, got);
	is_str(got, "5-8", "what is before the start counts for \\b");
	search("^foo", 0, "xfoo", 1, got);
	is_str(got, "none", "and for ^");
}

/* ---- the C library as oracle ------------------------------------------------
 */

static unsigned seed = 1;

static unsigned rnd(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static void random_pattern(char *out, int depth)
{
	static const char *const atoms[] = { "a", "b",	  "c",	  ".",
					     "a", "[ab]", "[^a]", "^",
					     "$", "\\b",  "\\w",  "b" };
	static const char *const reps[] = { "*", "+", "?", "{2}", "{1,2}" };
	int n = 1 + (int)rnd(3);

	for (int i = 0; i < n; i++) {
		unsigned a = rnd(ARRAY_LEN(atoms));
		bool assertion;

		/* an assertion in a group that repeats leads the C library
		 * astray */
		if (depth < 2 && a >= 7 && a <= 9)
			a = 0;
		assertion = a >= 7 && a <= 9;

		if (depth && rnd(4) == 0) {
			strcat(out, "(");
			random_pattern(out, depth - 1);
			strcat(out, ")");
			assertion = false;
		} else {
			strcat(out, atoms[a]);
		}
		if (!assertion && rnd(3) == 0)
			strcat(out, reps[rnd(ARRAY_LEN(reps))]);
		if (rnd(5) == 0 && i + 1 < n)
			strcat(out, "|");
	}
}

static bool agrees(const char *pattern, const char *text, char *got, char *want)
{
	regmatch_t m;
	regex_t re;

	search(pattern, 0, text, 0, got);
	if (regcomp(&re, pattern, REG_EXTENDED | REG_NEWLINE)) {
		strcpy(want, "error");
		return true;
	}
	if (regexec(&re, text, 1, &m, 0))
		strcpy(want, "none");
	else
		(void)snprintf(want, 64, "%d-%d", (int)m.rm_so, (int)m.rm_eo);
	regfree(&re);
	return strcmp(got, want) == 0;
}

static void test_oracle(void)
{
	char pattern[1024], text[32], got[64], want[64];
	int wrong = 0, n = 3000;

	for (int i = 0; i < n && wrong < 5; i++) {
		size_t len = rnd(12);

		pattern[0] = '\0';
		random_pattern(pattern, 2);
		for (size_t k = 0; k < len; k++)
			text[k] = "aabbc \n"[rnd(7)];
		text[len] = '\0';
		if (agrees(pattern, text, got, want))
			continue;
		wrong++;
		tap_note("/%s/ on \"%s\": got %s, the C library says %s",
			 pattern, text, got, want);
	}
	is_int(wrong, 0, "3000 random patterns as the C library has them");
}

/* ---- bounds
 * -------------------------------------------------------------------- */

static double seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

/* CPU time on a text of n letters, best of three. */
static double cost(const char *pattern, size_t n)
{
	_auto(rx) struct rx *rx = NULL;
	_autofree char *text = malloc(n);
	struct rx_span m;
	double best = 1e9, t;

	memset(text, 'a', n);
	if (rx_new(&rx, pattern, strlen(pattern), 0, NULL) < 0)
		return 1e9;
	for (int i = 0; i < 3; i++) {
		t = seconds();
		(void)rx_search(rx, text, n, 0, &m);
		t = seconds() - t;
		if (t < best)
			best = t;
	}
	return best;
}

static void test_linear(void)
{
	static const char *const hard[] = { "(a|a)*b",
					    "(a*)*b",
					    "(a+)+b",
					    "(.*)*x",
					    "a?a?a?a?a?a?a?aaaaaaab",
					    "(a|aa)+$b",
					    "(.*a){12}b" };

	for (size_t i = 0; i < ARRAY_LEN(hard); i++) {
		double one = cost(hard[i], 1 << 18);
		double four = cost(hard[i], 1 << 20);

		ok(four < 12 * one + 0.05, "%s is linear", hard[i]);
	}
}

static void test_bounds(void)
{
	struct sbx_err err = { 0 };
	struct rx *rx = NULL;
	char deep[2001];
	size_t n = 5000;
	_autofree char *long_one = malloc(n + 1);

	is_int(rx_new(&rx, "((a{1000}){1000}){1000}", 23, 0, &err), -E2BIG,
	       "a pattern that grows beyond bounds is refused");
	is_int(rx_new(&rx, "((){1000}){1000}", 16, 0, &err), 0,
	       "nothing, a million times, is nothing");
	rx_free(take(rx));
	memset(deep, '(', 1000);
	memset(deep + 1000, ')', 1000);
	is_int(rx_new(&rx, deep, 2000, 0, &err), -EINVAL,
	       "too deep is refused");
	memset(deep, '*', 2000);
	deep[0] = 'a';
	is_int(rx_new(&rx, deep, 2000, 0, &err), -EINVAL,
	       "too many stars are refused");
	memset(long_one, 'a', n);
	long_one[n] = '\0';
	ok(rx_new(&rx, long_one, 2000, 0, &err) == 0,
	   "a pattern of 2000 characters");
	if (rx) {
		struct rx_span m = { 0 };

		ok(rx_search(rx, long_one, n, 0, &m) && m.end == 2000,
		   "and it matches");
	}
	rx_free(take(rx));
	has_str((rx_new(&rx, "a(b", 3, 0, &err), err.msg),
		"character 4: a ( is not closed", "the message says where");
}

int main(void)
{
	/* as the oracle's idea of a character */
	(void)setlocale(LC_ALL, "C.UTF-8");
	test_cases();
	test_oracle();
	test_linear();
	test_bounds();
	return tap_done();
}
