/* SPDX-License-Identifier: Apache-2.0 */
/* Walking a document: which row each key is, and what is wrong with it. */
#include <stdio.h>
#include <string.h>

#include "policy/load.h"
#include "policy/schema.h"
#include "policy/text.h"
#include "runtime/base/cleanup.h"

bool pol_is_set(const struct policy *p, size_t row)
{
	return p->set[row / 64] >> (row % 64) & 1;
}

void pol_mark_set(struct policy *p, size_t row, bool set)
{
	uint64_t bit = (uint64_t)1 << (row % 64);

	if (set)
		p->set[row / 64] |= bit;
	else
		p->set[row / 64] &= ~bit;
}

const struct node *pol_member(const struct node *map, const char *key)
{
	if (!map || map->kind != NODE_MAP)
		return NULL;
	for (const struct node *k = map->first; k; k = k->next)
		if (strcmp(k->text, key) == 0)
			return k->value;
	return NULL;
}

static int want(struct pol_ctx *c, const struct node *n, enum node_kind kind,
		const char *wanted)
{
	static const char *const are[] = {
		[NODE_TEXT] = "text",
		[NODE_LIST] = "a list",
		[NODE_MAP] = "a mapping",
	};

	if (n->kind == kind)
		return 0;
	if (n->kind == NODE_NULL)
		return pol_fail(c, n, "no value where %s is wanted", wanted);
	return pol_fail(c, n, "%s where %s is wanted", are[n->kind], wanted);
}

int pol_want_text(struct pol_ctx *c, const struct node *n, const char *wanted)
{
	return want(c, n, NODE_TEXT, wanted);
}

int pol_want_list(struct pol_ctx *c, const struct node *n, const char *wanted)
{
	return want(c, n, NODE_LIST, wanted);
}

int pol_want_map(struct pol_ctx *c, const struct node *n, const char *wanted)
{
	return want(c, n, NODE_MAP, wanted);
}

static int unknown(struct pol_ctx *c, const char *prefix,
		   const struct node *key)
{
	size_t len;
	const char *best = pol_suggest(prefix, key->text, &len);

	if (best)
		return pol_fail(c, key, "unknown key; did you mean %.*s?",
				(int)len, best);
	if (strchr(key->text, '.'))
		return pol_fail(c, key,
				"unknown key; write a.b: c as a: {b: c}");
	return pol_fail(c, key, "unknown key");
}

/* The same key again, further down in the map? */
static int refuse_twice(struct pol_ctx *c, const struct node *key)
{
	for (const struct node *k = key->next; k; k = k->next)
		if (strcmp(k->text, key->text) == 0)
			return pol_fail(c, k, "duplicate key; first on line %u",
					key->line);
	return 0;
}

/* "limits" below "" is the section "limits." */
static int apply_section(struct pol_ctx *c, const struct node *key)
{
	char prefix[32];
	int r;

	r = pol_want_map(c, key->value, "a mapping of keys");
	if (r < 0)
		return r;
	(void)snprintf(prefix, sizeof(prefix), "%s.", key->text);
	return pol_apply_map(c, prefix, key->value);
}

static int apply_key(struct pol_ctx *c, const char *prefix, char *section,
		     const struct node *key)
{
	size_t row = pol_find(prefix, key->text);
	const char *refusal;
	int r;

	/* For messages: the section, and the key as it was written. */
	c->name = section;
	c->member = key->text;
	r = refuse_twice(c, key);
	if (r < 0)
		return r;
	if (row == POL_UNKNOWN)
		return unknown(c, prefix, key);
	if (row == POL_SECTION)
		return apply_section(c, key);
	c->name = pol_key(row)->name;
	c->member = NULL;
	if (pol_row(row)->later) {
		refusal = pol_refusal(c->name, NULL);
		BUG_ON(!refusal);
		return pol_fail(c, key, "%s", refusal);
	}
	return pol_apply(c, row, key->value);
}

int pol_apply_map(struct pol_ctx *c, const char *prefix, const struct node *map)
{
	const char *name = c->name, *member = c->member;
	size_t len = strlen(prefix);
	char section[32];
	int r = 0;

	BUG_ON(len >= sizeof(section));
	memcpy(section, prefix, len + 1);
	if (len)
		section[len - 1] = '\0';
	for (const struct node *k = map->first; k && r == 0; k = k->next)
		r = apply_key(c, prefix, section, k);
	c->name = name;
	c->member = member;
	return r;
}
