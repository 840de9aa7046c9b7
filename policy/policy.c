/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a policy, changing one key of it, and its end. */
#include "policy/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/load.h"
#include "policy/schema.h"
#include "policy/text.h"
#include "runtime/base/cleanup.h"

DEFINE_AUTO(policy)

static void free_pairs(struct policy *p)
{
	for (size_t i = 0; i < p->env.n_set; i++) {
		free(p->env.set[i].name);
		free(p->env.set[i].value);
	}
	free(p->env.set);
}

static void free_mounts(struct policy *p)
{
	for (size_t i = 0; i < p->n_mounts; i++) {
		free(p->mounts[i].host);
		free(p->mounts[i].guest);
		free(p->mounts[i].origin);
	}
	free(p->mounts);
}

void policy_free(struct policy *p)
{
	if (!p)
		return;
	free(p->source);
	free(p->workdir);
	free(p->workdir_origin);
	free(p->hostname);
	free(p->rootfs.dir);
	free(p->rootfs.origin);
	free_mounts(p);
	free_pairs(p);
	strv_done(&p->extends);
	strv_done(&p->env.pass);
	strv_done(&p->seccomp.allow);
	strv_done(&p->seccomp.deny);
	strv_done(&p->seccomp.allow_origin);
	strv_done(&p->seccomp.deny_origin);
	strv_done(&p->fds);
	strv_done(&p->fds_origin);
	strv_done(&p->files);
	strv_done(&p->warnings);
	free(p);
}

/* *cwd is the caller's to free: the process's own, where src has none. */
static int start(struct pol_ctx *c, const struct sbx_policy_source *src,
		 char **cwd, struct sbx_err *err)
{
	c->environ = src->environ ? src->environ : environ;
	c->err = err;
	c->base = c->p;
	c->item = c->elem = POL_NO_INDEX;
	c->cwd = src->cwd;
	if (c->cwd)
		return 0;
	*cwd = get_current_dir_name();
	c->cwd = *cwd;
	return *cwd ? 0 : sbx_fail(err, errno, "working directory");
}

static const char *source_name(const struct sbx_policy_source *src)
{
	if (src->path)
		return src->path;
	if (src->text)
		return src->name ? src->name : "<text>";
	return src->preset ? src->preset : "default";
}

static int load(struct pol_ctx *c, const struct sbx_policy_source *src)
{
	_autofree char *name = NULL;

	if (src->path)
		return pol_load_file(c, src->path);
	if (!src->text)
		return pol_load_preset(c, source_name(src));
	name = strdup(Q(source_name(src)));
	if (!name)
		return pol_no_memory(c);
	c->doc = (struct pol_doc){
		.name = name,
		.dir = c->cwd,
		.text = src->text,
		.len = src->text_len,
	};
	c->depth = 1;
	return pol_load_doc(c);
}

int policy_load(const struct sbx_policy_source *src, struct policy **ret,
		struct sbx_err *err)
{
	struct pol_ctx c = { .doc.name = "policy" };
	_auto(policy) struct policy *p = calloc(1, sizeof(*p));
	_autofree char *cwd = NULL;
	int r;

	if (!p)
		return sbx_fail(err, ENOMEM, "policy");
	c.p = p;
	r = start(&c, src, &cwd, err);
	if (r < 0)
		return r;
	p->source = strdup(source_name(src));
	if (!p->source)
		return sbx_fail(err, ENOMEM, "policy");
	r = load(&c, src);
	c.doc.name = "default";
	if (r == 0)
		r = pol_apply_defaults(&c, false);
	if (r == 0)
		r = pol_check(&c);
	if (r < 0)
		return r;
	*ret = take(p);
	return 0;
}

/* ---- one key ----------------------------------------------------------- */

/* The row named name, or for "env.set.NAME" env.set with *ret_member NAME. */
static size_t row_named(const char *name, const char **ret_member)
{
	static const char set[] = "env.set.";
	bool member = strncmp(name, set, sizeof(set) - 1) == 0;
	size_t len = member ? sizeof(set) - 2 : strlen(name);

	*ret_member = member ? name + sizeof(set) - 1 : NULL;
	for (size_t row = 0; row < pol_n_rows(); row++)
		if (strncmp(pol_key(row)->name, name, len) == 0 &&
		    !pol_key(row)->name[len])
			return row;
	return POL_UNKNOWN;
}

static int unknown(struct pol_ctx *c, const char *name)
{
	const char *dot = strrchr(name, '.'), *best;
	_autofree char *prefix = NULL;
	size_t len;

	prefix = strndup(name, dot ? (size_t)(dot - name) + 1 : 0);
	if (!prefix)
		return pol_no_memory(c);
	c->member = name;
	if (pol_find("", name) == POL_SECTION)
		return pol_fail(c, NULL, "a group of keys; name one of them");
	best = pol_suggest(prefix, dot ? dot + 1 : name, &len);
	if (!best)
		return pol_fail(c, NULL, "unknown key");
	if (strstr(best, "[]"))
		return pol_fail(c, NULL,
				"unknown key; mounts are given as a "
				"whole: mounts=[{...}]");
	return pol_fail(c, NULL, "unknown key; did you mean %s%.*s?",
			strchr(best, '.') ? "" : prefix, (int)len, best);
}

static bool is_tree(enum pol_kind kind)
{
	return kind == POL_ENV_NAMES || kind == POL_SYSCALLS ||
	       kind == POL_FDS || kind == POL_MOUNTS || kind == POL_ENV_MAP;
}

/* A value that is a tree in YAML; a lone name stands for a list of it. */
static int set_tree(struct pol_ctx *c, size_t row, char *value)
{
	struct node list = { .kind = NODE_LIST };
	struct tree t;
	int r = tree_read(&t, c->doc.name, value, strlen(value), c->err);

	if (r == 0 && !t.root)
		r = pol_fail(c, NULL, "no value");
	if (r == 0 && t.root->kind == NODE_TEXT) {
		list.first = list.last = t.root;
		r = pol_apply(c, row, &list);
	} else if (r == 0) {
		r = pol_apply(c, row, t.root);
	}
	tree_done(&t);
	return r;
}

/* A value that is text, taken as it is. */
static int set_text(struct pol_ctx *c, size_t row, char *member, char *value)
{
	struct node text = { .kind = NODE_TEXT, .text = value };
	struct node key = { .kind = NODE_TEXT, .text = member, .value = &text };
	struct node map = { .kind = NODE_MAP, .first = &key, .last = &key };

	return pol_apply(c, row, member ? &map : &text);
}

static int set_row(struct pol_ctx *c, size_t row, char *member, char *value)
{
	const struct pol_row *what = pol_row(row);

	c->name = pol_key(row)->name;
	if (what->later)
		return pol_fail(c, NULL, "%s", pol_refusal(c->name, NULL));
	if (what->kind == POL_EXTENDS || strcmp(c->name, "version") == 0 ||
	    strstr(c->name, "[]"))
		return pol_fail(c, NULL, "cannot be set by itself");
	if (is_tree(what->kind) && !member)
		return set_tree(c, row, value);
	return set_text(c, row, member, value);
}

int policy_set(struct policy *p, const char *assignment,
	       const struct sbx_policy_source *src, struct sbx_err *err)
{
	struct pol_ctx c = { .p = p, .doc.name = "--set" };
	_autofree char *cwd = NULL, *name = strdup(assignment);
	const char *member;
	char *value;
	size_t row;
	int r;

	if (!name)
		return sbx_fail(err, ENOMEM, "policy");
	r = start(&c, src, &cwd, err);
	if (r < 0)
		return r;
	value = strchr(name, '=');
	if (!value || value == name)
		return pol_fail(&c, NULL, "'%s' is not KEY=VALUE",
				Q(assignment));
	*value++ = '\0';
	row = row_named(name, &member);
	if (row == POL_UNKNOWN)
		return unknown(&c, name);
	c.layer = ++p->layers;
	r = set_row(&c, row, member ? name + (member - name) : NULL, value);
	return r < 0 ? r : pol_check(&c);
}
