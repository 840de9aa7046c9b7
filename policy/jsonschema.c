/* SPDX-License-Identifier: Apache-2.0 */
/* The rows as a JSON Schema, for editors that complete and check as one types.
 */
#include <errno.h>
#include <string.h>

#include "policy/emit.h"
#include "policy/policy.h"
#include "policy/schema.h"
#include "policy/value.h"
#include "runtime/base/cleanup.h"

/*
 * How this works. Each kind has a pattern for its text and says whether a bare
 * number will do; ranges are the parser's business, but for those of numbers.
 * YAML readers of editors turn 512 and true into numbers and booleans, so
 * wherever a policy takes text that can look so, the schema takes both.
 */
struct shape {
	const char *type;    /* "string", "integer", ... */
	const char *also;    /* a second type, or NULL */
	const char *pattern; /* of the string, or NULL */
};

static const struct shape shapes[POL_N_KINDS] = {
	[POL_NUMBER] = { "string", "integer", "^([0-9]+|none)$" },
	[POL_SIZE] = { "string", "integer",
		       "^([0-9]+|[0-9]+([.][0-9]+)?[KMGTPEkmgtpe](iB)?|none)"
		       "$" },
	[POL_DURATION] = { "string", NULL,
			   "^(([0-9]+([.][0-9]+)?(d|h|m|s|ms))+|none)$" },
	[POL_CPUS] = { "string", "number", "^([0-9]+([.][0-9]+)?%?|none)$" },
	[POL_OCTAL] = { "string", "integer", "^[0-7]{1,8}$" },
	[POL_ENUM] = { "string", NULL, NULL },
	[POL_BOOL] = { "boolean", "string", "^(true|false)$" },
	[POL_HOSTNAME] = { "string", NULL, "^[A-Za-z0-9.-]{1,64}$" },
	[POL_GUEST_PATH] = { "string", NULL, "^/" },
	[POL_HOST_PATH] = { "string", NULL, "^." },
	[POL_BASE] = { "string", NULL, "^(host$|empty$|[/~.$])" },
	[POL_EXTENDS] = { "string", NULL, "^." },
};

/* The shape of what is in a list or a mapping. */
static const struct shape insides[POL_N_KINDS] = {
	[POL_ENV_NAMES] = { "string", NULL, "^[^=*? ]+$" },
	[POL_SYSCALLS] = { "string", NULL, "^[a-z0-9_]+$" },
	[POL_FDS] = { "string", "integer", "^[0-9]+$" },
	[POL_ENV_MAP] = { "string", "any", NULL },
	[POL_EXTENDS] = { "string", NULL, "^." },
};

static void put_type(struct emit *e, const struct shape *s)
{
	if (s->also && strcmp(s->also, "any") == 0) {
		emit_list(e, "type");
		emit_text(e, NULL, "string");
		emit_text(e, NULL, "number");
		emit_text(e, NULL, "boolean");
		emit_close(e);
		return;
	}
	if (!s->also) {
		emit_text(e, "type", s->type);
	} else {
		emit_list(e, "type");
		emit_text(e, NULL, s->type);
		emit_text(e, NULL, s->also);
		emit_close(e);
	}
	if (s->pattern)
		emit_text(e, "pattern", s->pattern);
}

static void put_words(struct emit *e, const char *range)
{
	char word[32];
	size_t n;

	emit_list(e, "enum");
	for (; *range; range += n + (range[n] == '|')) {
		n = strcspn(range, "|");
		BUG_ON(n >= sizeof(word));
		memcpy(word, range, n);
		word[n] = '\0';
		emit_text(e, NULL, word);
	}
	emit_close(e);
}

static void put_scalar(struct emit *e, size_t row)
{
	put_type(e, &shapes[pol_row(row)->kind]);
	if (pol_row(row)->kind == POL_ENUM)
		put_words(e, pol_key(row)->range);
}

static void put_list(struct emit *e, size_t row)
{
	emit_text(e, "type", "array");
	emit_map(e, "items");
	put_type(e, &insides[pol_row(row)->kind]);
	emit_close(e);
}

static void put_env_map(struct emit *e, size_t row)
{
	emit_text(e, "type", "object");
	emit_map(e, "additionalProperties");
	put_type(e, &insides[pol_row(row)->kind]);
	emit_close(e);
}

static void put_extends(struct emit *e, size_t row)
{
	emit_items(e, "anyOf");
	emit_map(e, NULL);
	put_type(e, &shapes[POL_EXTENDS]);
	emit_close(e);
	emit_map(e, NULL);
	put_list(e, row);
	emit_raw(e, "minItems", "1");
	emit_close(e);
	emit_close(e);
}

static void put_property(struct emit *e, size_t row, const char *key);

static void put_mounts(struct emit *e, size_t row)
{
	emit_text(e, "type", "array");
	emit_map(e, "items");
	emit_text(e, "type", "object");
	emit_raw(e, "additionalProperties", "false");
	emit_list(e, "required");
	emit_text(e, NULL, "host");
	emit_text(e, NULL, "guest");
	emit_close(e);
	emit_map(e, "properties");
	for (size_t i = 0; i < pol_n_rows(); i++)
		if (strncmp(pol_key(i)->name, "mounts[].", 9) == 0)
			put_property(e, i, pol_key(i)->name + 9);
	emit_close(e);
	emit_close(e);
}

/* Known, and refused: nothing matches. */
static void put_refused(struct emit *e)
{
	emit_map(e, "not");
	emit_close(e);
}

static void put_shape(struct emit *e, size_t row)
{
	static void (*const by_kind[POL_N_KINDS])(struct emit * e,
						  size_t row) = {
		[POL_ENV_NAMES] = put_list, [POL_SYSCALLS] = put_list,
		[POL_FDS] = put_list,	    [POL_ENV_MAP] = put_env_map,
		[POL_MOUNTS] = put_mounts,  [POL_EXTENDS] = put_extends,
	};

	if (pol_row(row)->later)
		put_refused(e);
	else if (by_kind[pol_row(row)->kind])
		by_kind[pol_row(row)->kind](e, row);
	else
		put_scalar(e, row);
}

static void put_property(struct emit *e, size_t row, const char *key)
{
	const struct sbx_policy_key *k = pol_key(row);

	emit_map(e, key);
	emit_text(e, "description", k->help);
	put_shape(e, row);
	if (k->dflt[0] && pol_row(row)->kind == POL_BOOL)
		emit_raw(e, "default", k->dflt);
	else if (k->dflt[0])
		emit_text(e, "default", k->dflt);
	emit_close(e);
}

static void open_section(struct emit *e, const char *section)
{
	emit_map(e, section);
	emit_text(e, "type", "object");
	emit_raw(e, "additionalProperties", "false");
	emit_map(e, "properties");
}

static void close_section(struct emit *e)
{
	emit_close(e);
	emit_close(e);
}

/* Rows of one section stand together in the table. */
static void put_rows(struct emit *e)
{
	char section[32] = "";

	for (size_t row = 0; row < pol_n_rows(); row++) {
		const char *name = pol_key(row)->name;
		const char *dot = strchr(name, '.');
		size_t n = dot ? (size_t)(dot - name) : 0;

		if (strstr(name, "[]"))
			continue;
		if (strlen(section) != n || strncmp(section, name, n) != 0) {
			if (section[0])
				close_section(e);
			BUG_ON(n >= sizeof(section));
			memcpy(section, name, n);
			section[n] = '\0';
			if (n)
				open_section(e, section);
		}
		put_property(e, row, n ? dot + 1 : name);
	}
	if (section[0])
		close_section(e);
}

int policy_schema(struct buf *out, struct sbx_err *err)
{
	struct emit e = { .out = out, .json = true };

	emit_map(&e, NULL);
	emit_text(&e, "$schema",
		  "https://json-schema.org/draft/2020-12/schema");
	emit_text(&e, "title", "sbx policy");
	emit_text(&e, "type", "object");
	emit_raw(&e, "additionalProperties", "false");
	emit_list(&e, "required");
	emit_text(&e, NULL, "version");
	emit_close(&e);
	emit_map(&e, "properties");
	put_rows(&e);
	emit_close(&e);
	emit_close(&e);
	return out->failed ? sbx_fail(err, ENOMEM, "schema") : 0;
}
