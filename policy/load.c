/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: what each extends is merged first, each one once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/suggest.h"
#include "policy/text.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/path.h"

static const struct sbx_preset *preset_named(const char *name)
{
	size_t n;
	const struct sbx_preset *v = policy_presets(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].name, name) == 0)
			return &v[i];
	return NULL;
}

/*
 * Note that a document is being read. 0: go on, *ret is its entry. 1: it was
 * merged before. n is where its name stands.
 */
static int enter(struct pol_ctx *c, const struct node *n,
		 const struct pol_seen *doc, struct pol_seen **ret)
{
	for (size_t i = 0; i < c->n_seen; i++) {
		const struct pol_seen *s = &c->seen[i];

		if (s->dev != doc->dev || s->ino != doc->ino ||
		    s->preset != doc->preset)
			continue;
		if (!s->open)
			return 1;
		return pol_fail(c, n,
				"a cycle: this policy is being read "
				"already");
	}
	if (c->n_seen == POL_MAX_DOCS)
		return pol_fail(c, n, "more than %d policies in one",
				POL_MAX_DOCS);
	*ret = &c->seen[c->n_seen++];
	**ret = *doc;
	(*ret)->open = true;
	return 0;
}

/* Merge one document under a name of its own, then be where we were. */
static int with_doc(struct pol_ctx *c, struct pol_doc doc,
		    struct pol_seen *seen)
{
	struct pol_doc saved = c->doc;
	const char *name = c->name;
	size_t elem = c->elem;
	int r;

	c->doc = doc;
	c->name = NULL;
	c->elem = POL_NO_INDEX;
	c->depth++;
	r = pol_load_doc(c);
	c->depth--;
	c->doc = saved;
	c->name = name;
	c->elem = elem;
	seen->open = false;
	return r;
}

static int load_preset(struct pol_ctx *c, const struct node *n,
		       const struct sbx_preset *preset)
{
	const struct pol_seen me = { .preset = preset };
	const struct pol_doc doc = {
		.name = preset->name,
		.is_default = preset == preset_named("default"),
		.text = preset->text,
		.len = strlen(preset->text),
		.root = pol_preset_tree(preset),
	};
	struct pol_seen *seen;
	int r = enter(c, n, &me, &seen);

	if (r != 0)
		return r < 0 ? r : 0;
	return with_doc(c, doc, seen);
}

static const char *suggest_preset(const char *name)
{
	struct suggest s = { .word = name };
	size_t n;
	const struct sbx_preset *v = policy_presets(&n);

	for (size_t i = 0; i < n; i++)
		suggest_offer(&s, v[i].name, strlen(v[i].name));
	return s.best;
}

int pol_load_preset(struct pol_ctx *c, const char *name)
{
	const struct sbx_preset *preset = preset_named(name);
	const char *best;

	if (preset)
		return load_preset(c, NULL, preset);
	best = suggest_preset(name);
	return sbx_failx(c->err, EINVAL, "no preset is named '%s'%s%s%s",
			 Q(name), best ? "; did you mean " : "",
			 best ? best : "", best ? "?" : "");
}

/* The name of a file for messages: the end of a long one. */
static char *shown(const char *path)
{
	size_t len = strlen(path);

	if (len >= TEXT_QUOTE - 10) {
		path += len - (TEXT_QUOTE - 10);
		while (((unsigned char)*path & 0xc0) == 0x80)
			path++;
	}
	return strdup(Q(path));
}

/* The directory a cleaned path lies in, in place. */
static void cut_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == path)
		slash++;
	*slash = '\0';
}

static int load_read(struct pol_ctx *c, const struct node *n,
		     const struct pol_file *f, const char *name,
		     const char *dir)
{
	const struct pol_seen me = { .dev = f->dev, .ino = f->ino };
	const struct pol_doc doc = {
		.name = name,
		.dir = dir,
		.text = f->text,
		.len = f->len,
	};
	struct pol_seen *seen;
	int r = enter(c, n, &me, &seen);

	if (r != 0)
		return r < 0 ? r : 0;
	if (strv_add(&c->p->files, f->real) < 0)
		return pol_no_memory(c);
	return with_doc(c, doc, seen);
}

static int load_file(struct pol_ctx *c, const struct node *n, const char *dir,
		     const char *path)
{
	_autofree char *name = shown(path), *clean = NULL;
	struct pol_file f = { 0 };
	int r;

	if (!*path)
		return pol_fail(c, n, "an empty file name");
	/* Not cleaned as text: `..` behind a link is the kernel's to find. */
	if (path[0] == '/')
		clean = strdup(path);
	else if (asprintf(&clean, "%s/%s", dir, path) < 0)
		clean = NULL;
	if (!name || !clean)
		return pol_no_memory(c);
	r = pol_file_read(&f, name, clean, c->err);
	if (r < 0 && n) {
		_autofree char *at = pol_place(c, n);

		return sbx_wrap(c->err, r, "%s", at ? at : "");
	}
	if (r < 0)
		return r;
	free(take(clean));
	clean = strdup(f.real);
	if (clean)
		cut_name(clean);
	r = clean ? load_read(c, n, &f, name, clean) : pol_no_memory(c);
	pol_file_done(&f);
	return r;
}

int pol_load_file(struct pol_ctx *c, const char *path)
{
	return load_file(c, NULL, c->cwd, path);
}

/* ---- extends ----------------------------------------------------------- */

static bool is_file_name(const char *s)
{
	static const char *const ends[] = { ".yaml", ".yml", ".json" };
	size_t len = strlen(s), n;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		n = strlen(ends[i]);
		if (len > n && strcmp(s + len - n, ends[i]) == 0)
			return true;
	}
	return strchr(s, '/') != NULL;
}

static int unknown_preset(struct pol_ctx *c, const struct node *n)
{
	const char *best = suggest_preset(n->text);

	if (best)
		return pol_fail(c, n,
				"no preset is named '%s'; did you mean "
				"%s?",
				Q(n->text), best);
	return pol_fail(c, n,
			"no preset is named '%s'; a file is named with "
			"its .yaml or a /",
			Q(n->text));
}

static int extend_one(struct pol_ctx *c, const struct node *n)
{
	const struct sbx_preset *preset;
	int r = pol_want_text(c, n, "a preset or a file");

	if (r < 0)
		return r;
	if (c->depth == 1 && strv_add(&c->p->extends, n->text) < 0)
		return pol_no_memory(c);
	if (c->depth == POL_MAX_DEPTH)
		return pol_fail(c, n,
				"more than %d policies extend one "
				"another",
				POL_MAX_DEPTH);
	if (is_file_name(n->text))
		return load_file(c, n, c->doc.dir ? c->doc.dir : c->cwd,
				 n->text);
	preset = preset_named(n->text);
	return preset ? load_preset(c, n, preset) : unknown_preset(c, n);
}

static bool is_none(const struct node *n)
{
	return n->kind == NODE_TEXT && strcmp(n->text, "none") == 0;
}

static int extend_all(struct pol_ctx *c, const struct node *list)
{
	int r = 0;

	if (!list->first)
		return pol_fail(c, list, "an empty list; write none");
	c->elem = 0;
	for (const struct node *n = list->first; r == 0 && n; n = n->next) {
		if (is_none(n))
			r = pol_fail(c, n, "none stands alone");
		else
			r = extend_one(c, n);
		c->elem++;
	}
	c->elem = POL_NO_INDEX;
	return r;
}

static int extend_default(struct pol_ctx *c)
{
	if (c->doc.is_default)
		return 0;
	if (c->depth == 1 && strv_add(&c->p->extends, "default") < 0)
		return pol_no_memory(c);
	return load_preset(c, NULL, preset_named("default"));
}

static int extend(struct pol_ctx *c, const struct node *root)
{
	const struct node *n = pol_member(root, "extends");
	int r;

	c->name = "extends";
	if (!n)
		r = extend_default(c);
	else if (n->kind == NODE_LIST)
		r = extend_all(c, n);
	else
		r = is_none(n) ? 0 : extend_one(c, n);
	c->name = NULL;
	return r;
}

/* ---- one document ------------------------------------------------------ */

static int check_version(struct pol_ctx *c, const struct node *root)
{
	if (pol_member(root, "version"))
		return 0;
	return pol_fail(c, root,
			"the key version is missing; write "
			"'version: 1'");
}

static int merge(struct pol_ctx *c, const struct node *root)
{
	int r = pol_want_map(c, root, "a mapping of keys");

	if (r == 0)
		r = check_version(c, root);
	if (r == 0)
		r = extend(c, root);
	if (r < 0)
		return r;
	c->layer = ++c->p->layers;
	r = pol_apply_map(c, "", root);
	return r < 0 ? r : pol_check_env(c, pol_member(root, "env"));
}

static int read_and_merge(struct pol_ctx *c)
{
	static const struct node start = { .line = 1, .col = 1 };
	struct tree t;
	int r = tree_read(&t, c->doc.name, c->doc.text, c->doc.len, c->err);

	if (r == 0 && (!t.root || t.root->kind == NODE_NULL))
		r = pol_fail(c, &start,
			     "an empty policy; write at least "
			     "'version: 1'");
	if (r == 0)
		r = merge(c, t.root);
	tree_done(&t);
	return r;
}

int pol_load_doc(struct pol_ctx *c)
{
	return c->doc.root ? merge(c, c->doc.root) : read_and_merge(c);
}
