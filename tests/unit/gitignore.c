/* SPDX-License-Identifier: Apache-2.0 */
/* Ignore rules: cases by hand, and git itself as oracle. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/glob/gitignore.h"
#include "tests/tap/tap.h"

DEFINE_AUTO(gitignore)
DEFINE_AUTO(gitignore_walk)

#define NONE GITIGNORE_UNDECIDED
#define OUT GITIGNORE_IGNORED
#define KEPT GITIGNORE_KEPT

static const struct {
	const char *text, *path;
	enum gitignore_verdict want;
	bool dir;
} cases[] = {
	{ "a", "a", OUT, 0 },
	{ "a", "x/a", OUT, 0 },
	{ "a/", "a", NONE, 0 },
	{ "a/", "x/a", OUT, 1 },
	{ "/a", "x/a", NONE, 0 },
	{ "/a", "a", OUT, 0 },
	{ "x/a", "y/x/a", NONE, 0 },
	{ "*.o", "x/a.o", OUT, 0 },
	{ "*.o", "x/.o", OUT, 0 },
	{ "*.o\n!a.o", "a.o", KEPT, 0 },
	{ "!a.o\n*.o", "a.o", OUT, 0 },
	{ "x/*", "x/a", OUT, 0 },
	{ "x/*", "x/a/b", NONE, 0 },
	{ "**/a", "x/y/a", OUT, 0 },
	{ "x/**", "x/y/a", OUT, 0 },
	{ "x/**", "x", NONE, 1 },
	{ "x/**/a", "x/a", OUT, 0 },
	{ "x/**/", "x", NONE, 1 },
	{ "x/**/", "x/y", OUT, 1 },
	{ "# a\na", "# a", NONE, 0 },
	{ "\\#a", "#a", OUT, 0 },
	{ "\\!a", "!a", OUT, 0 },
	{ "a  ", "a", OUT, 0 },
	{ "a\\ ", "a ", OUT, 0 },
	{ "a\\\\ ", "a\\", OUT, 0 },
	{ "a\t", "a", NONE, 0 },
	{ "a\r\nb\r", "b", OUT, 0 },
	{ "\xef\xbb\xbf"
	  "a",
	  "a", OUT, 0 },
	{ "a\\", "a", NONE, 0 },
	{ "[a", "[a", NONE, 0 },
	{ "[[:foo:]]", "f", NONE, 0 },
	{ "[b-a]x", "ax", NONE, 0 },
	{ "{a,b}", "a", NONE, 0 },
	{ "/", "a", NONE, 1 },
	{ "//a", "a", NONE, 0 },
	{ "!", "a", NONE, 0 },
	{ "", "a", NONE, 0 },
};

static void test_cases(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_auto(gitignore) struct gitignore *gi = NULL;
		int r = gitignore_parse(&gi, cases[i].text,
					strlen(cases[i].text), NULL);

		is_int(r == 0 ? (int)gitignore_match(gi, cases[i].path,
						     strlen(cases[i].path),
						     cases[i].dir)
			      : r,
		       cases[i].want, "case %zu: %s", i + 1, cases[i].path);
	}
}

static void test_limits(void)
{
	_autofree char *large = calloc(1, GITIGNORE_TEXT_MAX + 1);
	struct gitignore *gi = NULL;
	struct sbx_err err = { 0 };

	if (!large)
		return;
	is_int(gitignore_parse(&gi, large, GITIGNORE_TEXT_MAX + 1, &err),
	       -EFBIG, "a text can be too large");
	for (size_t i = 0; i < GITIGNORE_TEXT_MAX; i++)
		large[i] = i % 2 ? '\n' : 'a';
	is_int(gitignore_parse(&gi, large, GITIGNORE_TEXT_MAX, &err), -EFBIG,
	       "and have too many rules");
	has_str(err.msg, "8192", "and the limit is named");
	is_int(gitignore_parse(&gi, large, 2 * GITIGNORE_RULES_MAX, &err), 0,
	       "as many as allowed are taken");
	gitignore_free(gi);
}

/* ---- walks ---------------------------------------------------------------
 */

static void enter(struct gitignore_walk *w, const char *name, const char *text)
{
	struct gitignore *gi = NULL;

	if (text && gitignore_parse(&gi, text, strlen(text), NULL) < 0)
		return;
	(void)gitignore_walk_enter(w, name, strlen(name), gi);
}

static int verdict(struct gitignore_walk *w, const char *name)
{
	return (int)gitignore_walk_match(w, name, strlen(name), false);
}

static void test_walk(void)
{
	_auto(gitignore_walk) struct gitignore_walk *w = NULL;
	struct gitignore *gi = NULL;

	if (gitignore_walk_new(&w) < 0 ||
	    gitignore_parse(&gi, "*.log\n/x/y/z", 12, NULL) < 0)
		return;
	gitignore_walk_exclude(w, gi);
	enter(w, "", "*.o\nx/y/q\nout/\n");
	is_int(verdict(w, "a.o"), OUT, "the top's rules hold at the top");
	is_int(verdict(w, "a.log"), OUT, "and so do those outside the tree");
	enter(w, "x", "!*.o\n!keep.log\n");
	is_int(verdict(w, "a.o"), KEPT, "a deeper file is stronger");
	is_int(verdict(w, "keep.log"), KEPT, "than those outside the tree too");
	enter(w, "y", NULL);
	is_int(verdict(w, "a.o"), KEPT, "it holds for what is below");
	is_int(verdict(w, "q"), OUT, "a path is taken from its file on");
	is_int(verdict(w, "z"), OUT, "or from the top");
	is_int(verdict(w, "p"), NONE, "what no rule names is undecided");
	enter(w, "out", "!*\n");
	is_int(verdict(w, "p"), OUT, "nothing comes back from what is ignored");
	enter(w, "r", NULL);
	is_int(verdict(w, "p"), OUT, "however deep");
	gitignore_walk_leave(w);
	gitignore_walk_leave(w);
	gitignore_walk_leave(w);
	is_int(verdict(w, "q"), NONE, "leaving ends it");
	gitignore_walk_leave(w);
	is_int(verdict(w, "a.o"), OUT, "and the deeper file's say");
}

/* ---- git -----------------------------------------------------------------
 */

static const char *const dirs[] = { "", "a", "b", "a/b", "b/a", "a/b/ab" };
static const char *const files[] = { "x",  "x.o", ".h", "x ",
				     "#x", "!x",  "bb", "a.b" };

static unsigned seed = 1;

static unsigned rnd(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

/* No double star right after a letter: git and its manual differ there. */
static void random_line(struct buf *b)
{
	static const char *const names[] = {
		"a",   "b",	"x",	"ab",	"*",	       "?",  "[ab]",
		"x.o", "*.o",	".h",	"a*",	"[!a]",	       "**", "*b",
		"?b",  "[a-b]", "[]a]", "x\\ ", "[[:alpha:]]", "a.?"
	};
	static const char *const odd[] = {
		"# a", "\\#x", "\\!x", "x  ",	"\\x", "[a",	    "a\\",
		"",    "!",    "/",    "[b-a]", "*\r", "[[:foo:]]", "!*/",
	};
	unsigned n = 1 + rnd(3);

	if (rnd(8) == 0) {
		buf_puts(b, odd[rnd(ARRAY_LEN(odd))]);
		return;
	}
	buf_puts(b, rnd(3) ? "" : "!");
	buf_puts(b, rnd(4) ? "" : "/");
	for (unsigned i = 0; i < n; i++) {
		buf_puts(b, i ? "/" : "");
		buf_puts(b, names[rnd(ARRAY_LEN(names))]);
	}
	buf_puts(b, rnd(4) ? "" : "/");
}

static void random_text(struct buf *b)
{
	unsigned n = rnd(5);

	for (unsigned i = 0; i < n; i++) {
		random_line(b);
		buf_puts(b, rnd(10) ? "\n" : "\r\n");
	}
	if (rnd(2))
		random_line(b);
}

static bool write_file(const char *path, const char *text, size_t len)
{
	_autofd int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	return fd >= 0 && write(fd, text, len) == (ssize_t)len;
}

static bool run(const char *command)
{
	int status = system(command);

	return status != -1 && WIFEXITED(status) && WEXITSTATUS(status) < 2;
}

static void in_dir(struct buf *b, const char *dir, const char *name)
{
	buf_puts(b, dir);
	buf_puts(b, *dir ? "/" : "");
	buf_puts(b, name);
}

/* The tree, in the present directory, and the list of what is in it. */
static bool make_tree(void)
{
	_autobuf struct buf list = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		if (*dirs[i] && mkdir(dirs[i], 0777) < 0)
			return false;
		if (*dirs[i])
			buf_add(&list, dirs[i], strlen(dirs[i]) + 1);
		for (size_t k = 0; k < ARRAY_LEN(files); k++) {
			_autobuf struct buf path = { 0 };

			in_dir(&path, dirs[i], files[k]);
			if (!write_file(path.data, "", 0))
				return false;
			buf_add(&list, path.data, path.len + 1);
		}
	}
	return write_file("list", list.data, list.len) &&
	       run("git init -q --template= .");
}

/* Ours, with the random rules of each directory. */
static int judge(const struct buf *texts, char *path, bool is_dir)
{
	_auto(gitignore_walk) struct gitignore_walk *w = NULL;
	char *name = path, *slash;
	size_t d = 0;

	if (gitignore_walk_new(&w) < 0)
		return -1;
	enter(w, "", texts[0].data);
	for (; (slash = strchr(name, '/')); name = slash + 1) {
		*slash = '\0';
		for (d = 0; d < ARRAY_LEN(dirs) && strcmp(dirs[d], path) != 0;)
			d++;
		enter(w, name, texts[d].data);
		*slash = '/';
	}
	return (int)gitignore_walk_match(w, name, strlen(name), is_dir);
}

static bool is_dir_name(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (strcmp(dirs[i], path) == 0)
			return true;
	return false;
}

struct tally {
	int wrong, of[3];
};

/* Records of git: file, line, pattern and path, each with a NUL. */
static void compare(const struct buf *texts, char *at, const char *end,
		    struct tally *t)
{
	while (at < end) {
		char *pattern = at + strlen(at) + 1, *path;
		int want, got;

		pattern += strlen(pattern) + 1;
		path = pattern + strlen(pattern) + 1;
		want = !*pattern ? NONE : *pattern == '!' ? KEPT : OUT;
		got = judge(texts, path, is_dir_name(path));
		t->of[want]++;
		t->wrong += got != want;
		if (got != want)
			tap_note("%s: %d, git says %d by '%s'", path, got, want,
				 pattern);
		at = path + strlen(path) + 1;
	}
}

static bool one_round(struct tally *t)
{
	struct buf texts[ARRAY_LEN(dirs)] = { 0 };
	_autobuf struct buf out = { 0 };
	bool fine = true;
	_autofd int fd = -1;

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		_autobuf struct buf path = { 0 };

		random_text(&texts[i]);
		in_dir(&path, dirs[i], ".gitignore");
		fine = fine &&
		       write_file(path.data, texts[i].data, texts[i].len);
	}
	fine = fine && run("git check-ignore --no-index -v -n -z --stdin "
			   "<list >out 2>/dev/null");
	fd = open("out", O_RDONLY | O_CLOEXEC);
	fine = fine && fd >= 0 && buf_read_fd(&out, fd, 1 << 20) == 0;
	if (fine)
		compare(texts, out.data, out.data + out.len, t);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		buf_done(&texts[i]);
	return fine;
}

static void test_git(void)
{
	char dir[] = "/tmp/sbx-ignore-XXXXXX";
	struct tally t = { 0 };
	int rounds = 0;

	if (!run("git --version >/dev/null 2>&1")) {
		tap_skip("as git does", "there is no git");
		return;
	}
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return;
	(void)setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	(void)setenv("HOME", dir, 1);
	(void)setenv("XDG_CONFIG_HOME", dir, 1);
	(void)unsetenv("GIT_DIR");
	if (make_tree())
		while (rounds < 60 && t.wrong < 10 && one_round(&t))
			rounds++;
	is_int(t.wrong, 0, "random rules decide as git does");
	is_int(rounds, 60, "in each round");
	ok(t.of[NONE] > 100 && t.of[OUT] > 100 && t.of[KEPT] > 50,
	   "%d undecided, %d ignored, %d kept", t.of[NONE], t.of[OUT],
	   t.of[KEPT]);
	if (chdir("/") == 0) {
		_autofree char *rm = NULL;

		if (asprintf(&rm, "rm -rf '%s'", dir) > 0)
			(void)run(rm);
	}
}

int main(void)
{
	test_cases();
	test_limits();
	test_walk();
	test_git();
	return tap_done();
}
