/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of names, and the environment. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/schema.h"
#include "policy/text.h"
#include "policy/value.h"
#include "runtime/base/cleanup.h"

static struct strv *list_of(const struct pol_ctx *c, size_t row)
{
	return (struct strv *)((char *)c->p + pol_row(row)->offset);
}

static bool is_env_name(const char *s)
{
	for (const char *p = s; *p; p++)
		if (*p == '=' || *p == '*' || *p == '?' || *p <= ' ' ||
		    *p == 0x7f)
			return false;
	return *s != '\0';
}

static int check_env_name(struct pol_ctx *c, const struct node *n)
{
	if (is_env_name(n->text))
		return 0;
	if (strpbrk(n->text, "*?"))
		return pol_fail(c, n,
				"'%s': patterns are not supported; name "
				"each variable",
				Q(n->text));
	return pol_fail(c, n, "'%s' is not a name of a variable", Q(n->text));
}

static int check_syscall(struct pol_ctx *c, const struct node *n)
{
	size_t len = strspn(n->text, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (len && len <= 48 && !n->text[len])
		return 0;
	return pol_fail(c, n, "'%s' is not a name of a system call",
			Q(n->text));
}

static void drop_pair(struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->env.n_set; i++) {
		if (strcmp(p->env.set[i].name, name) != 0)
			continue;
		free(p->env.set[i].name);
		free(p->env.set[i].value);
		p->env.n_set--;
		memmove(&p->env.set[i], &p->env.set[i + 1],
			(p->env.n_set - i) * sizeof(*p->env.set));
		return;
	}
}

static void drop_name(struct strv *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->v[i], name) != 0)
			continue;
		free(s->v[i]);
		memmove(&s->v[i], &s->v[i + 1], (s->n - i) * sizeof(*s->v));
		s->n--;
		return;
	}
}

/* Add n to a list and its place to another, unless it is there already. */
static int add_name(struct pol_ctx *c, struct strv *list, struct strv *origins,
		    const struct node *n)
{
	if (strv_has(list, n->text))
		return 0;
	if (strv_add(list, n->text) < 0)
		return pol_no_memory(c);
	if (origins && strv_take(origins, pol_place(c, n)) < 0)
		return pol_no_memory(c);
	return 0;
}

static int each(struct pol_ctx *c, size_t row, const struct node *list,
		const char *wanted,
		int (*fn)(struct pol_ctx *c, size_t row, const struct node *n))
{
	int r = pol_want_list(c, list, wanted);

	c->elem = 0;
	for (const struct node *n = list->first; r == 0 && n; n = n->next) {
		r = pol_want_text(c, n, "text");
		if (r == 0)
			r = fn(c, row, n);
		c->elem++;
	}
	c->elem = POL_NO_INDEX;
	return r;
}

static int add_env_name(struct pol_ctx *c, size_t row, const struct node *n)
{
	int r = check_env_name(c, n);

	if (r < 0)
		return r;
	drop_pair(c->p, n->text);
	return add_name(c, list_of(c, row), NULL, n);
}

int pol_apply_env_names(struct pol_ctx *c, size_t row, const struct node *n)
{
	return each(c, row, n, "a list of names", add_env_name);
}

static int add_syscall(struct pol_ctx *c, size_t row, const struct node *n)
{
	struct strv *list = list_of(c, row);
	struct strv *origins = list == &c->p->seccomp.allow
				       ? &c->p->seccomp.allow_origin
				       : &c->p->seccomp.deny_origin;
	int r = check_syscall(c, n);

	return r < 0 ? r : add_name(c, list, origins, n);
}

int pol_apply_syscalls(struct pol_ctx *c, size_t row, const struct node *n)
{
	return each(c, row, n, "a list of system calls", add_syscall);
}

static int add_fd(struct pol_ctx *c, size_t row, const struct node *n)
{
	uint64_t v;
	int r = pol_parse_in(pol_key(row)->range, n->text, &v);

	if (r == -ERANGE)
		return pol_fail(c, n, "'%s' is out of range (%s)", Q(n->text),
				pol_key(row)->range);
	if (r < 0)
		return pol_fail(c, n, "'%s' is not a number of a descriptor",
				Q(n->text));
	return add_name(c, list_of(c, row), &c->p->fds_origin, n);
}

int pol_apply_fds(struct pol_ctx *c, size_t row, const struct node *n)
{
	return each(c, row, n, "a list of numbers", add_fd);
}

static int set_pair(struct pol_ctx *c, const char *name, char *value)
{
	struct policy *p = c->p;
	struct pol_pair *v;
	char *copy;

	drop_name(&p->env.pass, name);
	drop_pair(p, name);
	v = reallocarray(p->env.set, p->env.n_set + 1, sizeof(*v));
	if (!v) {
		free(value);
		return pol_no_memory(c);
	}
	p->env.set = v;
	copy = strdup(name);
	if (!copy) {
		free(value);
		return pol_no_memory(c);
	}
	v[p->env.n_set++] = (struct pol_pair){ copy, value };
	return 0;
}

static int apply_pair(struct pol_ctx *c, const struct node *key)
{
	char *value;
	int r;

	c->member = NULL;
	r = check_env_name(c, key);
	c->member = key->text;
	if (r == 0 && key->value->kind == NODE_NULL)
		r = pol_fail(c, key->value,
			     "no value; for an empty one write "
			     "\"\"");
	if (r == 0)
		r = pol_want_text(c, key->value, "text");
	if (r == 0)
		r = pol_expand(c, key->value, key->value->text, &value);
	return r < 0 ? r : set_pair(c, key->text, value);
}

int pol_apply_env_map(struct pol_ctx *c, size_t row, const struct node *n)
{
	int r = pol_want_map(c, n, "a mapping of names to values");

	for (const struct node *k = n->first; r == 0 && k; k = k->next) {
		c->member = k->text;
		for (const struct node *o = n->first; r == 0 && o != k;
		     o = o->next)
			if (strcmp(o->text, k->text) == 0)
				r = pol_fail(c, k,
					     "duplicate key; first on "
					     "line %u",
					     o->line);
		if (r == 0)
			r = apply_pair(c, k);
	}
	c->member = NULL;
	return r;
}

/* A name that one document both passes on and sets: which is it? */
int pol_check_env(struct pol_ctx *c, const struct node *env)
{
	const struct node *pass = pol_member(env, "pass");
	const struct node *set = pol_member(env, "set");

	if (!pass || !set || pass->kind != NODE_LIST || set->kind != NODE_MAP)
		return 0;
	c->name = "env.set";
	for (const struct node *n = pass->first; n; n = n->next) {
		if (n->kind != NODE_TEXT || !pol_member(set, n->text))
			continue;
		c->member = n->text;
		return pol_fail(c, pol_member(set, n->text),
				"also in env.pass, on line %u", n->line);
	}
	return 0;
}
