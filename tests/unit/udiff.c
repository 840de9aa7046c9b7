/* SPDX-License-Identifier: Apache-2.0 */
/* Diffs: applied they give the new text, and they are about as small as
 * diff(1)'s. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/text/udiff.h"
#include "tests/tap/tap.h"

static const struct {
	const char *a, *b, *want;
	unsigned context;
} cases[] = {
	{ "a\n", "a\n", "", 3 },
	{ "", "", "", 3 },
	{ "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n", 3 },
	{ "a\n", "", "@@ -1 +0,0 @@\n-a\n", 3 },
	{ "a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n", 3 },
	{ "a\nb\nc\n", "a\nx\nc\n", "@@ -2 +2 @@\n-b\n+x\n", 0 },
	{ "a\nb\nc\nd\n", "a\nb\nd\n", "@@ -3 +2,0 @@\n-c\n", 0 },
	{ "a\nb\nc\nd\n", "a\nb\nx\nc\nd\n", "@@ -2,2 +2,3 @@\n b\n+x\n c\n",
	  1 },
	{ "a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n",
	  3 },
	{ "a\n", "a", "@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n",
	  3 },
	{ "a\nb", "x\nb",
	  "@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n", 3 },
	{ "a\r\nb\r\n", "a\r\nc\r\n", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n",
	  3 },
	{ "1\n2\n3\n4\n5\n6\n7\n8\n", "x\n2\n3\n4\n5\n6\n7\ny\n",
	  "@@ -1,2 +1,2 @@\n-1\n+x\n 2\n@@ -7,2 +7,2 @@\n 7\n-8\n+y\n", 1 },
	{ "1\n2\n3\n4\n", "x\n2\n3\ny\n",
	  "@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n-4\n+y\n", 1 },
	{ "f {\n}\n\nh {\n}\n", "f {\n}\n\ng {\n}\n\nh {\n}\n",
	  "@@ -3,0 +4,3 @@\n+g {\n+}\n+\n", 0 },
	{ "ab\n", "b\n", "@@ -1 +1 @@\n-ab\n+b\n", 3 },
};

static void test_cases(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_autobuf struct buf out = { 0 };
		struct udiff_opts o = { .context = cases[i].context };

		(void)udiff(cases[i].a, strlen(cases[i].a), cases[i].b,
			    strlen(cases[i].b), &o, &out);
		ok(strcmp(out.data ? out.data : "", cases[i].want) == 0,
		   "case %zu", i + 1);
		if (strcmp(out.data ? out.data : "", cases[i].want) != 0)
			tap_note("case %zu:\n%s", i + 1, out.data);
	}
}

static void test_names(void)
{
	_autobuf struct buf out = { 0 };
	struct udiff_opts o = { .old_name = "a/x", .new_name = "b/x" };

	(void)udiff("a\n", 2, "b\n", 2, &o, &out);
	is_str(out.data, "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
	       "the names come first");
}

/* ---- applying ------------------------------------------------------------
 */

static const char *line_end(const char *s, const char *end)
{
	const char *nl = memchr(s, '\n', (size_t)(end - s));

	return nl ? nl + 1 : end;
}

static const char *NO_NEWLINE = "\\ No newline";

/* What a diff makes of a text; false where it does not fit. */
static bool apply(const char *a, size_t a_len, const struct buf *diff,
		  struct buf *out)
{
	const char *a_end = a + a_len, *p = diff->data, *end = p + diff->len;
	size_t line = 1, start;

	while (p < end) {
		const char *next = line_end(p, end);
		size_t n = (size_t)(next - p - 1);
		bool bare = end - next > 12 &&
			    memcmp(next, NO_NEWLINE, 12) == 0;

		if (*p == '@') {
			int old = 0, count = 1;

			(void)sscanf(p, "@@ -%d,%d", &old, &count);
			start = (size_t)old + (count == 0);
			for (; line < start; line++) {
				const char *to = line_end(a, a_end);

				buf_add(out, a, (size_t)(to - a));
				a = to;
			}
		} else if (*p != '\\') {
			if (*p != '+') {
				const char *to = line_end(a, a_end);

				if ((size_t)(to - a) != n - bare ||
				    memcmp(a, p + 1, n - bare) != 0)
					return false;
				a = to;
				line++;
			}
			if (*p != '-')
				buf_add(out, p + 1, n - bare);
		}
		p = next;
	}
	buf_add(out, a, (size_t)(a_end - a));
	return true;
}

static bool makes(const struct buf *a, const struct buf *b,
		  const struct udiff_opts *o, size_t *ret_len)
{
	_autobuf struct buf diff = { 0 }, out = { 0 };

	if (udiff(a->data, a->len, b->data, b->len, o, &diff) < 0)
		return false;
	*ret_len += diff.len;
	if (!diff.len)
		return a->len == b->len &&
		       memcmp(a->data, b->data, a->len) == 0;
	return apply(a->data, a->len, &diff, &out) && out.len == b->len &&
	       memcmp(out.data, b->data, b->len) == 0;
}

/* ---- random texts --------------------------------------------------------
 */

static unsigned seed = 1;

static unsigned rnd(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static void add_line(struct buf *b, unsigned kinds)
{
	buf_printf(b, "%u\n", rnd(kinds));
}

/* A text, and one made from it by some edits. */
static void random_pair(struct buf *a, struct buf *b, unsigned lines,
			unsigned kinds, unsigned edits)
{
	const char *p, *end, *next;

	buf_puts(a, "");
	buf_puts(b, "");
	for (unsigned i = 0; i < lines; i++)
		add_line(a, kinds);
	if (rnd(3) == 0)
		buf_puts(a, "tail");
	for (p = a->data, end = p + a->len; p < end; p = next) {
		next = line_end(p, end);
		if (rnd(lines + 1) >= edits) {
			buf_add(b, p, (size_t)(next - p));
			continue;
		}
		for (unsigned n = rnd(3); n; n--)
			add_line(b, kinds);
	}
	if (rnd(6) == 0 && b->len && b->data[b->len - 1] == '\n')
		b->len--;
}

static void test_random(void)
{
	int wrong = 0;
	size_t size = 0;

	for (int i = 0; i < 4000; i++) {
		_autobuf struct buf a = { 0 }, b = { 0 };
		struct udiff_opts o = { .context = rnd(5),
					.effort = rnd(4) ? 0 : 1 + rnd(99) };

		random_pair(&a, &b, rnd(60), 1 + rnd(12), rnd(30));
		wrong += !makes(&a, &b, &o, &size);
	}
	is_int(wrong, 0, "random diffs make the new text");
}

/* ---- the programs --------------------------------------------------------
 */

static bool run(const char *command)
{
	int status = system(command);

	return status != -1 && WIFEXITED(status) && WEXITSTATUS(status) < 2;
}

static bool write_file(const char *path, const struct buf *b)
{
	_autofd int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	return fd >= 0 && write(fd, b->data, b->len) == (ssize_t)b->len;
}

static bool read_file(const char *path, struct buf *b)
{
	_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && buf_read_fd(b, fd, 1 << 24) == 0;
}

struct sizes {
	size_t ours, theirs;
	int patched;
};

static void one_pair(const struct buf *a, const struct buf *b, bool patch,
		     struct sizes *s)
{
	_autobuf struct buf diff = { 0 }, theirs = { 0 }, new = { 0 };
	struct udiff_opts o = { .old_name = "a",
				.new_name = "a",
				.context = 3 };

	if (udiff(a->data, a->len, b->data, b->len, &o, &diff) < 0 ||
	    !write_file("a", a) || !write_file("b", b) ||
	    !write_file("d", &diff) || !run("diff -u a b >theirs") ||
	    !read_file("theirs", &theirs))
		return;
	s->ours += diff.len;
	s->theirs += theirs.len;
	if (patch && diff.len && run("patch -s a d >log 2>&1") &&
	    read_file("a", &new))
		s->patched += new.len ==
			      b->len &&memcmp(new.data, b->data, b->len) == 0;
	else
		s->patched += !diff.len;
}

static void test_programs(void)
{
	char dir[] = "/tmp/sbx-udiff-XXXXXX";
	bool patch = run("patch --version >/dev/null 2>&1");
	_autofree char *rm = NULL;
	struct sizes s = { 0 };

	if (!mkdtemp(dir) || chdir(dir) < 0 ||
	    asprintf(&rm, "rm -rf '%s'", dir) < 0)
		return;
	for (int i = 0; i < 30; i++) {
		_autobuf struct buf a = { 0 }, b = { 0 };

		random_pair(&a, &b, 20 + rnd(400), 5 + rnd(200), 1 + rnd(60));
		one_pair(&a, &b, patch, &s);
	}
	if (patch)
		is_int(s.patched, 30, "patch takes them all");
	else
		tap_skip("patch takes them all", "there is no patch");
	ok(s.theirs && s.ours <= s.theirs + s.theirs / 10,
	   "they are about as small as diff's: %zu and %zu bytes", s.ours,
	   s.theirs);
	if (chdir("/") == 0)
		(void)run(rm);
}

/* ---- meant to hurt -------------------------------------------------------
 */

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void hard(const char *name, unsigned lines, unsigned a_kinds,
		 unsigned b_kinds)
{
	_autobuf struct buf a = { 0 }, b = { 0 };
	struct udiff_opts o = { .context = 3 };
	double start;
	size_t size = 0;

	for (unsigned i = 0; i < lines; i++) {
		add_line(&a, a_kinds);
		add_line(&b, b_kinds);
	}
	start = seconds();
	ok(makes(&a, &b, &o, &size), "%s: it is right", name);
	ok(seconds() - start < 20, "%s: it ends: %.2f s", name,
	   seconds() - start);
}

static void test_large(void)
{
	_autobuf struct buf a = { 0 }, b = { 0 };
	_autofree char *lines = malloc(UDIFF_LINES_MAX);
	struct udiff_opts o = { .context = 3 };
	size_t size = 0;

	if (!lines)
		return;
	memset(lines, '\n', UDIFF_LINES_MAX);
	buf_puts(&a, "a\n");
	buf_add(&a, lines, UDIFF_LINES_MAX);
	buf_puts(&a, "a\n");
	buf_puts(&b, "b\n");
	buf_add(&b, lines, UDIFF_LINES_MAX);
	buf_puts(&b, "b");
	ok(makes(&a, &b, &o, &size), "too many lines are replaced at once");
}

int main(void)
{
	test_cases();
	test_names();
	test_random();
	test_programs();
	hard("two kinds of lines", 100000, 2, 2);
	hard("many kinds of lines", 100000, 100000, 100000);
	hard("few in common", 100000, 1000, 60000);
	test_large();
	return tap_done();
}
