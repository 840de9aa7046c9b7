/* SPDX-License-Identifier: Apache-2.0 */
/* The glob engine: cases by hand, two oracles, and patterns meant to hurt. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/glob/glob.h"
#include "tests/tap/tap.h"

DEFINE_AUTO(glob)

enum { NO, YES, BAD };

struct glob_case {
	const char *pattern, *path;
	int want;
	unsigned flags;
	bool dir;
};

static const struct glob_case cases[] = {
	{ "abc", "abc", YES, 0, 0 },
	{ "abc", "abcd", NO, 0, 0 },
	{ "a*c", "abbc", YES, 0, 0 },
	{ "a*c", "ab/c", NO, 0, 0 },
	{ "*", "a", YES, 0, 0 },
	{ "*", "a/b", NO, 0, 0 },
	{ "?", "\xc3\xa9", YES, 0, 0 },
	{ "??", "\xc3\xa9", NO, 0, 0 },
	{ "?", "\xff", YES, 0, 0 },
	{ "\xc3*", "\xc3\xa9", NO, 0, 0 },
	{ "[\xc3\xa0-\xc3\xbf]", "\xc3\xa9", YES, 0, 0 },
	{ "[!\xc3\xa9]", "\xc3\xa9", NO, 0, 0 },
	{ "[!a]", "\xf0\x9f\x98\x80", YES, 0, 0 },
	{ "[a-c]x", "bx", YES, 0, 0 },
	{ "[^a-c]x", "bx", NO, 0, 0 },
	{ "[]a]", "]", YES, 0, 0 },
	{ "[!]a]", "b", YES, 0, 0 },
	{ "[a-]", "-", YES, 0, 0 },
	{ "[\\]]", "]", YES, 0, 0 },
	{ "[[:digit:]x]", "7", YES, 0, 0 },
	{ "[[:punct:]]", "~", YES, 0, 0 },
	{ "[[:alpha:]]", "\xc3\xa9", NO, 0, 0 },
	{ "a[/]b", "a/b", NO, 0, 0 },
	{ "a[!x]b", "a/b", NO, 0, 0 },
	{ "a[b", "a[b", YES, 0, 0 },
	{ "app/\\[id]/x", "app/[id]/x", YES, 0, 0 },
	{ "[[:foo:]]", "f", BAD, 0, 0 },
	{ "[b-a]", "a", BAD, 0, 0 },
	{ "a\\", "a", BAD, 0, 0 },
	{ "", "a", BAD, 0, 0 },
	{ "\\*", "*", YES, 0, 0 },
	{ "\\*", "a", NO, 0, 0 },
	{ "a.{c,h}", "a.h", YES, 0, 0 },
	{ "a.{c,h}", "a.x", NO, 0, 0 },
	{ "{a,b{c,d}}e", "bde", YES, 0, 0 },
	{ "{a,b{c,d}}e", "be", NO, 0, 0 },
	{ "a{,b}", "a", YES, 0, 0 },
	{ "{a}", "{a}", YES, 0, 0 },
	{ "{}", "{}", YES, 0, 0 },
	{ "{{a},b}", "{a}", YES, 0, 0 },
	{ "{a,b", "{a,b", YES, 0, 0 },
	{ "a,b}", "a,b}", YES, 0, 0 },
	{ "\\{a,b}", "{a,b}", YES, 0, 0 },
	{ "{[,],x}", ",", YES, 0, 0 },
	{ "{a/b,c}/d", "a/b/d", YES, 0, 0 },
	{ "{a/**,c}/d", "a/x/y/d", YES, 0, 0 },
	{ "**{/a,b}", "x/y/a", YES, 0, 0 },
	{ "**{/a,b}", "x/b", NO, 0, 0 },
	{ "{x/,y}**", "x/a/b", YES, 0, 0 },
	{ "{x/,y}**", "ya/b", NO, 0, 0 },
	{ "**", "a/b/c", YES, 0, 0 },
	{ "**/c", "c", YES, 0, 0 },
	{ "**/c", "a/b/c", YES, 0, 0 },
	{ "**/c", "a/bc", NO, 0, 0 },
	{ "a/**/c", "a/c", YES, 0, 0 },
	{ "a/**/c", "a/x/y/c", YES, 0, 0 },
	{ "a/**", "a", NO, 0, 1 },
	{ "a/**", "a/b/c", YES, 0, 0 },
	{ "a/**/", "a", YES, 0, 1 },
	{ "a**", "ab", YES, 0, 0 },
	{ "a**", "a/b", NO, 0, 0 },
	{ "**a/b", "xa/b", YES, 0, 0 },
	{ "**a/b", "x/a/b", NO, 0, 0 },
	{ "***/c", "a/b/c", YES, 0, 0 },
	{ "a/", "a", NO, 0, 0 },
	{ "a/", "a", YES, 0, 1 },
	{ "a/", "a/", YES, 0, 0 },
	{ "*/", "a", YES, 0, 1 },
	{ "*/", "a", NO, 0, 0 },
	{ "a//b", "a/b", YES, 0, 0 },
	{ "./a", "a", YES, 0, 0 },
	{ "a/./*", "a/b", YES, 0, 0 },
	{ "../a", "../a", YES, 0, 0 },
	{ "/", "/", YES, 0, 1 },
	{ "/*", "/", NO, 0, 1 },
	{ "/**", "/", NO, 0, 1 },
	{ "/*/b", "/a/b", YES, 0, 0 },
	{ "/**/b", "/b", YES, 0, 0 },
	{ "*/b", "/b", NO, 0, 0 },
	{ "**/b", "/b", NO, 0, 0 },
	{ "/a", "a", NO, 0, 0 },
	{ "*.c", ".c", NO, 0, 0 },
	{ "*", ".a", NO, 0, 0 },
	{ ".*", ".a", YES, 0, 0 },
	{ "?a", ".a", NO, 0, 0 },
	{ "[.]a", ".a", NO, 0, 0 },
	{ "**/a", ".x/a", NO, 0, 0 },
	{ "**/.x/a", "b/.x/a", YES, 0, 0 },
	{ "{.x,y}/a", ".x/a", YES, 0, 0 },
	{ "*", ".a", YES, GLOB_HIDDEN, 0 },
	{ "**/a", ".x/a", YES, GLOB_HIDDEN, 0 },
	{ "A*[b]", "axB", YES, GLOB_ICASE, 0 },
	{ "[[:upper:]]", "a", YES, GLOB_ICASE, 0 },
	{ "readme.md", "README.md", YES, GLOB_ICASE, 0 },
	{ "\xc3\xa9", "\xc3\x89", NO, GLOB_ICASE, 0 },
	{ "{a,b}", "{a,b}", YES, GLOB_GIT, 0 },
	{ "??", "\xc3\xa9", YES, GLOB_GIT, 0 },
	{ "*.o", ".o", YES, GLOB_GIT, 0 },
	{ "a[", "a[", NO, GLOB_GIT, 0 },
	{ "a//b", "a/b", NO, GLOB_GIT, 0 },
};

static int match(const char *pattern, unsigned flags, const char *path,
		 bool dir)
{
	_auto(glob) struct glob *g = NULL;

	if (glob_new(&g, pattern, strlen(pattern), flags, NULL) < 0)
		return BAD;
	return glob_match(g, path, strlen(path), dir) ? YES : NO;
}

static void test_cases(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct glob_case *c = &cases[i];

		is_int(match(c->pattern, c->flags, c->path, c->dir), c->want,
		       "case %zu: '%s' on %s", i + 1, c->pattern, c->path);
	}
}

static void test_errors(void)
{
	_autofree char *large = calloc(1, GLOB_PATTERN_MAX + 2);
	struct sbx_err err = { 0 };
	struct glob *g = NULL;

	is_int(glob_new(&g, "ab[z-a]", 7, 0, &err), -EINVAL, "a wrong range");
	has_str(err.msg, "at byte 6", "is named by its place");
	is_int(glob_new(&g, "a\0b", 3, 0, &err), -EINVAL, "a NUL is refused");
	if (!large)
		return;
	memset(large, 'a', GLOB_PATTERN_MAX + 1);
	is_int(glob_new(&g, large, GLOB_PATTERN_MAX + 1, 0, &err), -E2BIG,
	       "a pattern can be too long");
	has_str(err.msg, "4096", "and the limit is named");
}

static const struct {
	const char *pattern, *base, *plain;
	unsigned flags;
} bases[] = {
	{ "src/lib/*.c", "src/lib", NULL, 0 },
	{ "*.c", "", NULL, 0 },
	{ "/usr/*/x", "/usr", NULL, 0 },
	{ "/*", "/", NULL, 0 },
	{ "src/a.c", "src", "src/a.c", 0 },
	{ "./src//a\\*b/", "src", "src/a*b", 0 },
	{ "/x", "/", "/x", 0 },
	{ "a/**/b", "a", NULL, 0 },
	{ "a/{b,c}/d", "a", NULL, 0 },
	{ "../x/*", "../x", NULL, 0 },
	{ "12/Src/*", "12", NULL, GLOB_ICASE },
};

static void test_bases(void)
{
	for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
		_auto(glob) struct glob *g = NULL;

		if (glob_new(&g, bases[i].pattern, strlen(bases[i].pattern),
			     bases[i].flags, NULL) < 0) {
			ok(false, "%s compiles", bases[i].pattern);
			continue;
		}
		is_str(glob_base(g), bases[i].base, "base of %s",
		       bases[i].pattern);
		is_str(glob_plain(g), bases[i].plain, "plain text of %s",
		       bases[i].pattern);
	}
}

/* ---- a walk gives the same -----------------------------------------------
 */

/* The path, component by component; *ret_pruned: a directory was left out. */
static bool walk(struct glob *g, const char *path, bool dir, bool *ret_pruned)
{
	struct glob_state at = { 0 }, below = { 0 };
	const char *slash;
	bool found;
	int r = 1;

	*ret_pruned = false;
	for (; (slash = strchr(path, '/')) && slash[1]; path = slash + 1) {
		r = glob_enter(g, &at, path, (size_t)(slash - path), &below);
		glob_state_done(&at);
		*ret_pruned = r != 1;
		if (r != 1)
			return false;
		at = below;
	}
	found = glob_entry(g, &at, path, strlen(path), dir);
	glob_state_done(&at);
	return found;
}

static const struct {
	const char *pattern, *path;
	bool pruned;
} prunes[] = {
	{ "src/*.c", "lib/a.c", true },	  { "src/*.c", "src/x/a.c", true },
	{ "src/**/a", "src/x/b", false }, { "**/a", ".git/a", true },
	{ "/usr/*", "/etc/a", true },	  { "usr/*", "/usr/a", true },
	{ "{a,b}/x/*", "b/y/z", true },	  { "a/*/", "a/b/c", true },
	{ "a/**", "a/b/c", false },	  { "*/x", "b/y", false },
};

static void test_walk(void)
{
	for (size_t i = 0; i < ARRAY_LEN(prunes); i++) {
		_auto(glob) struct glob *g = NULL;
		bool pruned = false;

		if (glob_new(&g, prunes[i].pattern, strlen(prunes[i].pattern),
			     0, NULL) == 0)
			(void)walk(g, prunes[i].path, false, &pruned);
		is_int(pruned, prunes[i].pruned, "a walk for %s in %s %s",
		       prunes[i].pattern, prunes[i].path,
		       prunes[i].pruned ? "turns back" : "goes on");
	}
}

/* ---- random patterns -----------------------------------------------------
 */

static unsigned seed = 1;

static unsigned rnd(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static void add_one(struct buf *b, const char *const *list, size_t n)
{
	buf_puts(b, list[rnd((unsigned)n)]);
}

static void random_path(struct buf *b)
{
	static const char *const names[] = { "a",  "b",	 "ab", "ba",
					     "aa", ".a", ".b", "abb" };
	unsigned n = 1 + rnd(4);

	if (rnd(10) == 0)
		buf_puts(b, "/");
	for (unsigned i = 0; i < n; i++) {
		if (i)
			buf_puts(b, "/");
		add_one(b, names, ARRAY_LEN(names));
	}
}

static void random_pattern(struct buf *b, int depth)
{
	static const char *const atoms[] = { "a",    "b", "*",	  "**",	  "**",
					     "?",    "/", "/",	  "/",	  ".",
					     "[ab]", "a", "/**/", "[!a]", "" };
	unsigned n = 1 + rnd(depth ? 3 : 6);

	for (unsigned i = 0; i < n; i++) {
		unsigned alternatives = 2 + rnd(2);

		if (depth == 2 || rnd(6)) {
			add_one(b, atoms, ARRAY_LEN(atoms));
			continue;
		}
		for (unsigned k = 0; k < alternatives; k++) {
			buf_puts(b, k ? "," : "{");
			random_pattern(b, depth + 1);
		}
		buf_puts(b, "}");
	}
}

/* ---- the slow way, as the header has it ----------------------------------
 *
 * Braces are expanded, then components are compared one by one. Runs of stars
 * became S and D before, so that none arise from putting pieces together.
 */

struct slow {
	char *path[16];
	size_t n_path;
	bool absolute, dir, hidden;
};

static bool slow_name(const char *p, const char *s)
{
	const char *end;
	bool negated, in = false;

	if (!*p)
		return !*s;
	if (*p == 'S' || *p == 'D')
		return slow_name(p + 1, s) || (*s && slow_name(p, s + 1));
	if (!*s)
		return false;
	if (*p != '[')
		return (*p == '?' || *p == *s) && slow_name(p + 1, s + 1);
	negated = p[1] == '!';
	end = strchr(p, ']');
	for (p += 1 + negated; p < end; p++)
		in |= *p == *s;
	return in != negated && slow_name(end + 1, s + 1);
}

static bool slow_visible(const struct slow *w, const char *name)
{
	return w->hidden || name[0] != '.';
}

static bool slow_path(const struct slow *w, char *const *p, size_t n_p,
		      size_t at, bool dir_only)
{
	if (n_p == 0)
		return at == w->n_path;
	if (strcmp(*p, "D") == 0) {
		bool last = n_p == 1 && !dir_only;

		if (!last && slow_path(w, p + 1, n_p - 1, at, dir_only))
			return true;
		if (at == w->n_path || !slow_visible(w, w->path[at]))
			return false;
		return (last && at + 1 == w->n_path) ||
		       slow_path(w, p, n_p, at + 1, dir_only);
	}
	if (at == w->n_path ||
	    (!slow_visible(w, w->path[at]) && (*p)[0] != '.'))
		return false;
	return slow_name(*p, w->path[at]) &&
	       slow_path(w, p + 1, n_p - 1, at + 1, dir_only);
}

static size_t components(char *s, char **v, size_t max)
{
	size_t n = 0;
	char *rest;

	for (char *c = strtok_r(s, "/", &rest); c && n < max;
	     c = strtok_r(NULL, "/", &rest))
		v[n++] = c;
	return n;
}

static bool slow_plain(const struct slow *w, const char *pattern)
{
	_autofree char *copy = strdup(pattern);
	size_t len = strlen(pattern), n;
	char *v[64];
	bool dir_only = len > 1 && pattern[len - 1] == '/';

	if (!copy || !len || (pattern[0] == '/') != w->absolute ||
	    (dir_only && !w->dir))
		return false;
	n = components(copy, v, ARRAY_LEN(v));
	return n && slow_path(w, v, n, 0, dir_only);
}

static const char *brace_end(const char *open)
{
	int depth = 0;

	for (const char *p = open;; p++) {
		depth += (*p == '{') - (*p == '}');
		if (depth == 0)
			return p;
	}
}

static bool slow_match(const struct slow *w, const char *pattern)
{
	const char *open = strchr(pattern, '{'), *end, *from, *p;
	int depth = 0;

	if (!open)
		return slow_plain(w, pattern);
	end = brace_end(open);
	for (from = p = open + 1; p <= end; p++) {
		_autobuf struct buf b = { 0 };

		depth += (*p == '{') - (*p == '}');
		if (!(*p == ',' && depth == 0) && p != end)
			continue;
		buf_add(&b, pattern, (size_t)(open - pattern));
		buf_add(&b, from, (size_t)(p - from));
		buf_puts(&b, end + 1);
		if (slow_match(w, b.data))
			return true;
		from = p + 1;
	}
	return false;
}

static void name_stars(struct buf *out, const char *pattern)
{
	for (; *pattern; pattern++) {
		size_t n = strspn(pattern, "*");

		if (n == 0) {
			buf_add(out, pattern, 1);
			continue;
		}
		buf_puts(out, n == 1 ? "S" : "D");
		pattern += n - 1;
	}
}

static bool slow_says(const char *pattern, unsigned flags, const char *path,
		      bool dir)
{
	_autobuf struct buf stars = { 0 };
	_autofree char *copy = strdup(path);
	struct slow w = {
		.absolute = path[0] == '/',
		.dir = dir,
		.hidden = flags & GLOB_HIDDEN,
	};

	name_stars(&stars, pattern);
	w.n_path = components(copy, w.path, ARRAY_LEN(w.path));
	return slow_match(&w, stars.data);
}

static bool agrees(const char *pattern, unsigned flags, const char *path,
		   bool dir)
{
	_auto(glob) struct glob *g = NULL;
	bool want = slow_says(pattern, flags, path, dir), got, pruned, walked;

	if (glob_new(&g, pattern, strlen(pattern), flags, NULL) < 0)
		return false;
	got = glob_match(g, path, strlen(path), dir);
	walked = walk(g, path, dir, &pruned);
	if (got == want && walked == want)
		return true;
	tap_note("'%s' on '%s'%s%s: %d, a walk %d, want %d", pattern, path,
		 dir ? " dir" : "", flags & GLOB_HIDDEN ? " hidden" : "", got,
		 walked, want);
	return false;
}

static void test_slow(void)
{
	int wrong = 0, matches = 0, n = 0;

	while (n < 20000 && wrong < 5) {
		_autobuf struct buf pattern = { 0 }, path = { 0 };
		unsigned flags = rnd(2) ? GLOB_HIDDEN : 0;
		bool dir = rnd(2);

		random_pattern(&pattern, 0);
		random_path(&path);
		/* a component `.` is left out; that is a case by hand */
		if (!pattern.len || strncmp(pattern.data, "./", 2) == 0 ||
		    strstr(pattern.data, "/./"))
			continue;
		n++;
		wrong += !agrees(pattern.data, flags, path.data, dir);
		matches += slow_says(pattern.data, flags, path.data, dir);
	}
	is_int(wrong, 0, "random patterns match as the expanded ones do");
	ok(matches > 1000, "and many of them match: %d", matches);
}

/* ---- the C library -------------------------------------------------------
 */

static void simple_pattern(struct buf *b)
{
	static const char *const atoms[] = {
		"a",	 "b",  "*",    "?",	"/",	".",
		"[ab]",	 "\\", "[!a]", "[a-b]", "[]a]", "[[:alpha:].]",
		"[^b-]", "/",  "*",    "[",
	};
	unsigned n = 1 + rnd(6);

	for (unsigned i = 0; i < n; i++)
		add_one(b, atoms, ARRAY_LEN(atoms));
}

/* What the C library does in another way, or does not have. */
static bool is_apart(const char *pattern)
{
	size_t len = strlen(pattern);

	return strstr(pattern, "**") || strstr(pattern, "//") ||
	       pattern[0] == '/' || pattern[len - 1] == '/' ||
	       pattern[len - 1] == '\\' || strstr(pattern, "./") ||
	       (strchr(pattern, '[') && strchr(pattern, '\\'));
}

/* Brackets with a slash in them, and those that never end, are another. */
static bool has_odd_bracket(const char *p)
{
	while ((p = strchr(p, '['))) {
		size_t n = 1 + strspn(p + 1, "!^");
		const char *end = p[n] ? strchr(p + n + 1, ']') : NULL;

		if (!end || memchr(p, '/', (size_t)(end - p)) ||
		    memchr(p + 1, '[', (size_t)(end - p - 1)))
			return !end || strncmp(p, "[[:alpha:].]", 12) != 0;
		p = end;
	}
	return false;
}

static void test_library(void)
{
	int wrong = 0, n = 0, matches = 0;

	for (int i = 0; i < 40000 && wrong < 5; i++) {
		_autobuf struct buf pattern = { 0 }, path = { 0 };
		int got, want;

		simple_pattern(&pattern);
		random_path(&path);
		if (is_apart(pattern.data) || has_odd_bracket(pattern.data) ||
		    path.data[0] == '/')
			continue;
		n++;
		want = fnmatch(pattern.data, path.data,
			       FNM_PATHNAME | FNM_PERIOD) == 0;
		got = match(pattern.data, 0, path.data, false);
		matches += want;
		wrong += got != want;
		if (got != want)
			tap_note("'%s' on '%s': %d, want %d", pattern.data,
				 path.data, got, want);
	}
	is_int(wrong, 0, "plain patterns match as fnmatch() does");
	ok(n > 5000 && matches > 100, "in many cases: %d of %d", matches, n);
}

/* ---- meant to hurt -------------------------------------------------------
 */

static char *repeat(const char *s, size_t n)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++)
		buf_puts(&b, s);
	return buf_take(&b);
}

static const struct {
	const char *piece, *end, *text, *text_end;
	size_t times, text_times;
	int want;
} hard[] = {
	{ "a*", "b", "a", "c", 100, 200, NO },
	{ "{a,b}", "", "b", "", 30, 30, YES },
	{ "{a,b}", "c", "b", "", 500, 500, NO },
	{ "{a,aa}", "c", "a", "", 200, 250, NO },
	{ "{a*,*a}", "c", "a", "", 60, 200, NO },
	{ "**/", "b", "a/", "c", 200, 100, NO },
	{ "**/a/", "b", "a/", "b", 80, 100, YES },
	{ "{", "", "{", "", 4096, 4000, NO },
	{ "[", "", "[", "", 4096, 4000, NO },
	{ "{,", "", "a", "", 2000, 4000, NO },
	{ "*", "x", "a", "y", 4000, 4000, NO },
	{ "?*", "x", "a", "y", 500, 1000, NO },
};

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void test_hard(void)
{
	double start = seconds();

	for (size_t i = 0; i < ARRAY_LEN(hard); i++) {
		_autofree char *p = repeat(hard[i].piece, hard[i].times);
		_autofree char *s = repeat(hard[i].text, hard[i].text_times);
		_autofree char *pattern = NULL, *path = NULL;

		if (asprintf(&pattern, "%s%s", p, hard[i].end) < 0 ||
		    asprintf(&path, "%s%s", s, hard[i].text_end) < 0)
			continue;
		is_int(match(pattern, 0, path, false), hard[i].want,
		       "%zu times %s", hard[i].times, hard[i].piece);
	}
	/* each would take years the other way */
	ok(seconds() - start < 20, "all of them in no time");
}

int main(void)
{
	test_cases();
	test_errors();
	test_bases();
	test_walk();
	test_slow();
	test_library();
	test_hard();
	return tap_done();
}
