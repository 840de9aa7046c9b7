/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the command line: option rows, suggestions, safe output. */
#include <errno.h>
#include <fcntl.h>
#include <sbx/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tap/tap.h"
#include "tools/sbx/opt.h"
#include "tools/sbx/out.h"
#include "tools/sbx/report.h"

struct fields {
	const char *policy;
	struct opt_list set;
	bool quiet, verbose, dry, json;
};

static const struct opt rows[] = {
	{ "policy", 'p', OPT_STR, "FILE", "", offsetof(struct fields, policy) },
	{ "set", 's', OPT_LIST, "K=V", "", offsetof(struct fields, set) },
	{ "quiet", 'q', OPT_FLAG, NULL, "", offsetof(struct fields, quiet) },
	{ "verbose", 'v', OPT_FLAG, NULL, "", offsetof(struct fields, verbose),
	  .not_with = "quiet" },
	{ "dry-run", 'n', OPT_FLAG, NULL, "", offsetof(struct fields, dry) },
	{ "json", 'j', OPT_FLAG, NULL, "", offsetof(struct fields, json),
	  .needs = "dry-run" },
	{ 0 },
};

static const struct operands command = { "CMD", "command", 1, 999, true };
static const struct operands two = { "A [B]", "file", 0, 2, false };

#define WORDS 12

/* A command line as one string with blanks; "_" stands for an empty word. */
struct line {
	char text[256];
	char *v[WORDS + 1];
	struct fields f;
	struct sbx_err err;
	size_t n;
	int r;
};

static void parse(struct line *l, const struct operands *o, const char *text)
{
	char *s = l->text;
	size_t n = 0;

	opt_done(rows, &l->f);
	*l = (struct line){ 0 };
	(void)snprintf(l->text, sizeof(l->text), "%s", text);
	for (char *w; (w = strsep(&s, " ")) && n < WORDS;)
		if (*w)
			l->v[n++] = strcmp(w, "_") == 0 ? w + 1 : w;
	l->r = opt_parse(rows, o, l->v, &l->f, &l->n, &l->err);
}

static void test_options(struct line *l)
{
	parse(l, &command, "-p a -q make -q --policy");
	is_int(l->r, OPT_OK, "options, then a command");
	is_str(l->f.policy, "a", "-p a");
	ok(l->f.quiet, "-q");
	is_int(l->n, 3, "the command's own options stay with it");
	is_str(l->v[2], "--policy", "and are not read");
	ok(!l->v[3], "the words end with NULL");
	parse(l, &command, "-qnpfile -- -x");
	is_int(l->r, OPT_OK, "letters together, argument attached");
	is_str(l->f.policy, "file", "-npfile");
	ok(l->f.quiet && l->f.dry, "-qn");
	is_str(l->v[0], "-x", "after -- all are operands");
	parse(l, &command, "--policy=a=b --set x=1 -sy=2 --set=z=3 c");
	is_str(l->f.policy, "a=b", "--policy=a=b");
	is_int(l->f.set.n, 3, "a list takes each");
	is_str(l->f.set.v[0], "x=1", "its first");
	is_str(l->f.set.v[2], "z=3", "its last");
	parse(l, &two, "a -q b");
	is_int(l->n, 2, "options between operands");
	is_str(l->v[1], "b", "operands move together");
	ok(l->f.quiet, "the option is seen");
	parse(l, &two, "-");
	is_str(l->v[0], "-", "a lone dash is an operand");
	parse(l, &command, "-q --help");
	is_int(l->r, OPT_HELP, "--help");
	parse(l, &command, "-qh");
	is_int(l->r, OPT_HELP, "-h among letters");
	parse(l, &command, "c --help");
	is_int(l->r, OPT_OK, "--help of the command is not ours");
}

static void test_malformed(struct line *l)
{
	static const struct {
		const char *line, *msg;
	} bad[] = {
		{ "", "no command given" },
		{ "--", "no command given" },
		{ "-q", "no command given" },
		{ "--polcy x c",
		  "--polcy: unknown option; did you mean --policy?" },
		{ "--zzz c", "--zzz: unknown option" },
		{ "---", "---: unknown option" },
		{ "--=x c", "--: unknown option" },
		{ "-z c", "-z: unknown option" },
		{ "-qz c", "-z: unknown option" },
		{ "-p", "-p: needs an argument FILE" },
		{ "-qp", "-p: needs an argument FILE" },
		{ "--policy", "--policy: needs an argument FILE" },
		{ "--policy= c", "--policy: its argument is empty" },
		{ "-p _ c", "--policy: its argument is empty" },
		{ "--set= c", "--set: its argument is empty" },
		{ "-p a --policy b c", "--policy: given twice" },
		{ "--quiet=yes c", "--quiet: takes no argument" },
		{ "--quiet= c", "--quiet: takes no argument" },
		{ "-q -v c", "--quiet and --verbose exclude each other" },
		{ "-v -q c", "--quiet and --verbose exclude each other" },
		{ "--json c", "--json: only together with --dry-run" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		parse(l, &command, bad[i].line);
		is_int(l->r, -EINVAL, "refused: '%s'", bad[i].line);
		is_str(l->err.msg, bad[i].msg, "says why: '%s'", bad[i].line);
	}
	parse(l, &two, "a b c d");
	is_str(l->err.msg, "'c': one argument too many", "one too many");
	parse(l, &two,
	      "--an-option-of-more-than-sixty-four-letters-that-nobody-would-"
	      "ever-write=1");
	is_str(l->err.msg, "--an-option-of-more-th...: unknown option",
	       "a very long name is cut");
}

static void test_suggest(void)
{
	static const char *const names[] = { "run", "policy", "doctor",
					     "discard" };

	is_str(suggest("plicy", names, sizeof(*names), 4), "policy",
	       "a letter missing");
	is_str(suggest("docotr", names, sizeof(*names), 4), "doctor",
	       "letters swapped");
	is_str(suggest("discards", names, sizeof(*names), 4), "discard",
	       "one too many");
	is_str(suggest("rnu", names, sizeof(*names), 4), "run", "short word");
	ok(!suggest("xyz", names, sizeof(*names), 4), "nothing alike");
	ok(!suggest("", names, sizeof(*names), 4), "the empty word");
	ok(!suggest("policypolicypolicypolicypolicypolicypolicy", names,
		    sizeof(*names), 4),
	   "a long word is not compared");
}

static void escape_is(const char *text, bool lines, const char *want,
		      const char *name)
{
	char got[64];
	size_t n = out_escape(got, sizeof(got), text, lines);

	is_str(got, want, "escape: %s", name);
	is_int(n, strlen(want), "escape: length, %s", name);
}

static void test_escape(void)
{
	char small[8];

	escape_is("plain", false, "plain", "plain text");
	escape_is("\033[31m", false, "\\x1b[31m", "escape sequence");
	escape_is("a\nb\tc\r", false, "a\\x0ab\\x09c\\x0d", "one line");
	escape_is("a\nb\tc\r", true, "a\nb\tc\\x0d", "several lines");
	escape_is("gr\xc3\xbc\xc3\x9f", false, "gr\xc3\xbc\xc3\x9f", "UTF-8");
	escape_is("\xc2\x9b"
		  "31m",
		  false, "\\xc2\\x9b31m", "C1 control");
	escape_is("\xff\xc3", false, "\\xff\\xc3", "not UTF-8");
	escape_is("\xc0\x9b", false, "\\xc0\\x9b", "overlong");
	escape_is("\xe2\x80\xae", false, "\\xe2\\x80\\xae", "right to left");
	escape_is("\xed\xa0\x80", false, "\\xed\\xa0\\x80", "surrogate");
	is_int(out_escape(small, sizeof(small), "abcd\033ef", false), 4,
	       "escape: never half an escape");
	is_int(out_escape(small, sizeof(small), "abcdefghij", false), 7,
	       "escape: cut to the room there is");
}

static void test_json(void)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (!ok(!!f, "json: memory stream"))
		return;
	out_json(f, "a\"b\\c\n\033\xff\xc3\xbc");
	(void)fclose(f);
	is_str(text, "\"a\\\"b\\\\c\\u000a\\u001b\\\\xff\xc3\xbc\"",
	       "json: a string with everything");
	free(text);
}

static void read_is(const char *path, const char *want, const char *name)
{
	char got[64] = "";
	FILE *f = fopen(path, "r");

	if (f && !fgets(got, sizeof(got), f))
		got[0] = '\0';
	if (f)
		(void)fclose(f);
	is_str(got, want, "report: %s", name);
}

static void test_report(void)
{
	char dir[] = "/tmp/sbx-cli.XXXXXX", path[64], other[64];
	struct sbx_err err = { 0 };
	struct report r;

	if (!ok(!!mkdtemp(dir), "report: a directory"))
		return;
	(void)snprintf(path, sizeof(path), "%s/r.json", dir);
	(void)snprintf(other, sizeof(other), "%s/other", dir);
	is_int(report_open(&r, path, &err), 0, "report: open");
	ok(access(path, F_OK) < 0, "report: nothing is there before its end");
	is_int(report_write(&r, "one\n", &err), 0, "report: write");
	report_done(&r);
	read_is(path, "one\n", "the text is there");
	ok(symlink(other, path) < 0 && unlink(path) == 0 &&
		   symlink(other, path) == 0,
	   "report: a link in its place");
	is_int(report_open(&r, path, &err), 0, "report: open again");
	is_int(report_write(&r, "two\n", &err), 0, "report: write again");
	report_done(&r);
	ok(access(other, F_OK) < 0, "report: a planted link is not followed");
	read_is(path, "two\n", "the link is replaced");
	is_int(report_open(&r, "/nonexistent/r.json", &err), -ENOENT,
	       "report: no such directory");
	report_done(&r);
	is_int(report_open(&r, dir, &err), -EISDIR, "report: a directory");
	report_done(&r);
	is_int(report_open(&r, NULL, &err), 0, "report: none wanted");
	is_int(report_write(&r, "x", &err), 0, "report: and none written");
	report_done(&r);
	ok(unlink(path) == 0 && rmdir(dir) == 0, "report: nothing else left");
}

int main(void)
{
	struct line line = { 0 };

	test_options(&line);
	test_malformed(&line);
	opt_done(rows, &line.f);
	test_suggest();
	test_escape();
	test_json();
	test_report();
	return tap_done();
}
