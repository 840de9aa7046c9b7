/* SPDX-License-Identifier: Apache-2.0 */
/* What .gitignore files leave out. */
#include "runtime/base/glob/gitignore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/glob/glob.h"

struct rule {
	struct glob *glob;
	bool negated, dir_only;
	bool name_only; /* without a slash: the last component counts */
};

struct gitignore {
	struct rule *rules;
	size_t n;
};

/* ---- one file ------------------------------------------------------------
 */

/* Spaces at the end count only after a backslash. */
static size_t trim_spaces(const char *s, size_t len)
{
	size_t end = 0;

	for (size_t i = 0; i < len; i++) {
		bool escape = s[i] == '\\' && i + 1 < len;

		i += escape;
		if (escape || s[i] != ' ')
			end = i + 1;
	}
	return end;
}

static int add_rule(struct gitignore *gi, const char *s, size_t len)
{
	struct rule r = { 0 };
	int e;

	if (len && *s == '!') {
		r.negated = true;
		s++;
		len--;
	}
	if (len && s[len - 1] == '/') {
		r.dir_only = true;
		len--;
	}
	r.name_only = !memchr(s, '/', len);
	if (len && *s == '/') {
		s++;
		len--;
	}
	if (len == 0 || len > GLOB_PATTERN_MAX)
		return 0;
	e = glob_new(&r.glob, s, len, GLOB_GIT, NULL);
	if (e == 0)
		gi->rules[gi->n++] = r;
	return e == -ENOMEM ? e : 0;
}

static int add_line(struct gitignore *gi, const char *s, size_t len)
{
	if (len && s[len - 1] == '\r')
		len--;
	if (len == 0 || *s == '#')
		return 0;
	len = strnlen(s, len);
	return add_rule(gi, s, trim_spaces(s, len));
}

static size_t count_lines(const char *text, size_t len)
{
	size_t n = 1;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

static int add_lines(struct gitignore *gi, const char *text, size_t len)
{
	const char *end = text + len, *nl;
	int r = 0;

	for (; text < end && r == 0; text = nl + 1) {
		nl = memchr(text, '\n', (size_t)(end - text));
		if (!nl)
			nl = end;
		if (gi->n == GITIGNORE_RULES_MAX)
			return -EFBIG;
		r = add_line(gi, text, (size_t)(nl - text));
	}
	return r;
}

int gitignore_parse(struct gitignore **ret, const char *text, size_t len,
		    struct sbx_err *err)
{
	struct gitignore *gi;
	size_t lines;
	int r;

	if (len > GITIGNORE_TEXT_MAX)
		return sbx_failx(err, EFBIG, "ignore rules: more than %u bytes",
				 GITIGNORE_TEXT_MAX);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	lines = count_lines(text, len);
	if (lines > GITIGNORE_RULES_MAX)
		lines = GITIGNORE_RULES_MAX;
	gi = calloc(1, sizeof(*gi));
	if (gi)
		gi->rules = calloc(lines, sizeof(*gi->rules));
	r = gi && gi->rules ? add_lines(gi, text, len) : -ENOMEM;
	if (r < 0) {
		gitignore_free(gi);
		return r == -EFBIG ? sbx_failx(err, EFBIG,
					       "ignore rules: more than %u",
					       GITIGNORE_RULES_MAX)
				   : sbx_fail(err, -r, "ignore rules");
	}
	*ret = gi;
	return 0;
}

void gitignore_free(struct gitignore *gi)
{
	if (!gi)
		return;
	for (size_t i = 0; i < gi->n; i++)
		glob_free(gi->rules[i].glob);
	free(gi->rules);
	free(gi);
}

enum gitignore_verdict gitignore_match(struct gitignore *gi, const char *path,
				       size_t len, bool is_dir)
{
	const char *slash = memrchr(path, '/', len);
	const char *name = slash ? slash + 1 : path;
	size_t name_len = (size_t)(path + len - name);

	for (size_t i = gi->n; i-- > 0;) {
		const struct rule *r = &gi->rules[i];

		if (r->dir_only && !is_dir)
			continue;
		if (r->name_only ? glob_match(r->glob, name, name_len, false)
				 : glob_match(r->glob, path, len, false))
			return r->negated ? GITIGNORE_KEPT : GITIGNORE_IGNORED;
	}
	return GITIGNORE_UNDECIDED;
}

/* ---- a walk --------------------------------------------------------------
 */

struct level {
	struct gitignore *rules; /* or NULL */
	size_t base;		 /* where in the path its names start */
	bool ignored;
};

struct gitignore_walk {
	struct level *levels;
	size_t n, cap;
	struct buf path; /* of the present directory, a slash after it */
	struct gitignore *exclude;
};

int gitignore_walk_new(struct gitignore_walk **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void gitignore_walk_free(struct gitignore_walk *w)
{
	if (!w)
		return;
	while (w->n)
		gitignore_walk_leave(w);
	gitignore_free(w->exclude);
	buf_done(&w->path);
	free(w->levels);
	free(w);
}

void gitignore_walk_exclude(struct gitignore_walk *w, struct gitignore *gi)
{
	gitignore_free(w->exclude);
	w->exclude = gi;
}

static int grow(struct gitignore_walk *w)
{
	size_t cap = w->cap ? 2 * w->cap : 16;
	struct level *levels;

	if (w->n < w->cap)
		return 0;
	levels = reallocarray(w->levels, cap, sizeof(*levels));
	if (!levels)
		return -ENOMEM;
	w->levels = levels;
	w->cap = cap;
	return 0;
}

/* Cut the path to len; what was appended may have found no memory. */
static void cut_path(struct gitignore_walk *w, size_t len)
{
	w->path.failed = false;
	w->path.len = len;
}

static bool append_name(struct gitignore_walk *w, const char *name, size_t len)
{
	size_t old = w->path.len;

	buf_add(&w->path, name, len);
	if (w->path.failed)
		cut_path(w, old);
	return w->path.len == old + len;
}

int gitignore_walk_enter(struct gitignore_walk *w, const char *name, size_t len,
			 struct gitignore *gi)
{
	struct level below = { .rules = gi };
	size_t old = w->path.len;

	if (w->n)
		below.ignored = gitignore_walk_match(w, name, len, true) ==
				GITIGNORE_IGNORED;
	if (grow(w) < 0 ||
	    (w->n && (!append_name(w, name, len) || !append_name(w, "/", 1)))) {
		cut_path(w, old);
		gitignore_free(gi);
		return -ENOMEM;
	}
	below.base = w->path.len;
	w->levels[w->n++] = below;
	return 0;
}

void gitignore_walk_leave(struct gitignore_walk *w)
{
	gitignore_free(w->levels[--w->n].rules);
	cut_path(w, w->n ? w->levels[w->n - 1].base : 0);
}

/* The strongest file that says something. */
static enum gitignore_verdict ask(struct gitignore_walk *w, bool is_dir)
{
	enum gitignore_verdict v = GITIGNORE_UNDECIDED;

	for (size_t i = w->n; i-- > 0 && v == GITIGNORE_UNDECIDED;) {
		const struct level *l = &w->levels[i];

		if (l->rules)
			v = gitignore_match(l->rules, w->path.data + l->base,
					    w->path.len - l->base, is_dir);
	}
	if (v == GITIGNORE_UNDECIDED && w->exclude)
		v = gitignore_match(w->exclude, w->path.data, w->path.len,
				    is_dir);
	return v;
}

enum gitignore_verdict gitignore_walk_match(struct gitignore_walk *w,
					    const char *name, size_t len,
					    bool is_dir)
{
	enum gitignore_verdict v = GITIGNORE_UNDECIDED;
	size_t old = w->path.len;

	BUG_ON(w->n == 0);
	if (w->levels[w->n - 1].ignored)
		return GITIGNORE_IGNORED;
	if (append_name(w, name, len))
		v = ask(w, is_dir);
	cut_path(w, old);
	return v;
}
