/* SPDX-License-Identifier: Apache-2.0 */
/* Putting one row's value into the policy, by the row's merge rule. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/schema.h"
#include "policy/suggest.h"
#include "policy/text.h"
#include "policy/value.h"
#include "runtime/base/cleanup.h"

static void *field(const struct pol_ctx *c, size_t row)
{
	return (char *)c->base + pol_row(row)->offset;
}

static bool is_mount_row(size_t row)
{
	return strncmp(pol_key(row)->name, "mounts[].", 9) == 0;
}

/* ---- numbers and words ------------------------------------------------- */

static int bad_word(struct pol_ctx *c, size_t row, const struct node *n)
{
	const char *range = pol_key(row)->range, *why;
	struct suggest s = { .word = n->text };
	size_t len;

	why = pol_refusal(pol_key(row)->name, n->text);
	if (why)
		return pol_fail(c, n, "'%s' %s", Q(n->text), why);
	for (const char *p = range; *p; p += len + (p[len] == '|')) {
		len = strcspn(p, "|");
		suggest_offer(&s, p, len);
	}
	if (s.best)
		return pol_fail(c, n,
				"'%s' is not one of %s; did you mean "
				"%.*s?",
				Q(n->text), range, (int)s.best_len, s.best);
	return pol_fail(c, n, "'%s' is not one of %s", Q(n->text), range);
}

static int bad_number(struct pol_ctx *c, size_t row, const struct node *n,
		      int why)
{
	enum pol_kind kind = pol_row(row)->kind;

	if (kind == POL_ENUM)
		return bad_word(c, row, n);
	if (why == -ERANGE)
		return pol_fail(c, n, "'%s' is out of range (%s)", Q(n->text),
				pol_key(row)->range);
	return pol_fail(c, n, "'%s' is not %s%s", Q(n->text),
			pol_number(kind)->noun,
			pol_allows_none(row) ? ", or none" : "");
}

/* Whether a is a tighter bound than b. */
static bool stricter(size_t row, uint64_t a, uint64_t b)
{
	return pol_row(row)->kind == POL_ENUM ? a > b : a < b;
}

static int warn_no_effect(struct pol_ctx *c, size_t row, const struct node *n,
			  uint64_t kept)
{
	_autobuf struct buf text = { 0 };

	pol_print(row, kept, &text);
	return pol_warn(c, n,
			"%s has no effect: what this policy extends "
			"allows %s",
			Q(n->text), text.failed ? "" : text.data);
}

/* The C type of a field follows from its kind; enums of mounts are enums. */
static void store(const struct pol_ctx *c, size_t row, uint64_t v)
{
	if (pol_row(row)->kind == POL_BOOL)
		*(bool *)field(c, row) = v;
	else if (is_mount_row(row))
		*(unsigned *)field(c, row) = (unsigned)v;
	else
		*(uint64_t *)field(c, row) = v;
}

_Static_assert(sizeof(enum pol_access) == sizeof(unsigned) &&
		       sizeof(enum pol_upper) == sizeof(unsigned),
	       "an enum in struct pol_mount is stored as unsigned");

static int apply_number(struct pol_ctx *c, size_t row, const struct node *n)
{
	const struct pol_number *num = pol_number(pol_row(row)->kind);
	uint64_t v, old;
	int r;

	r = pol_want_text(c, n, num->noun);
	if (r < 0)
		return r;
	r = pol_parse(row, n->text, &v);
	if (r < 0)
		return bad_number(c, row, n, r);
	if (pol_row(row)->merge == POL_STRICTER && pol_is_set(c->p, row)) {
		old = *(uint64_t *)field(c, row);
		if (stricter(row, old, v))
			return warn_no_effect(c, row, n, old);
	}
	store(c, row, v);
	return 0;
}

/* ---- text -------------------------------------------------------------- */

static int keep_text(struct pol_ctx *c, size_t row, char *text)
{
	char **at = field(c, row);

	free(*at);
	*at = text;
	return 0;
}

static int apply_hostname(struct pol_ctx *c, size_t row, const struct node *n)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-.";
	char *text;
	size_t len;
	int r;

	r = pol_want_text(c, n, "a host name");
	if (r < 0)
		return r;
	len = strlen(n->text);
	if (!len || len > 64 || strspn(n->text, letters) != len ||
	    strchr("-.", n->text[0]) || strchr("-.", n->text[len - 1]) ||
	    strstr(n->text, ".."))
		return pol_fail(c, n,
				"'%s' is not a host name (letters, "
				"digits, - and ., at most 64)",
				Q(n->text));
	text = strdup(n->text);
	return text ? keep_text(c, row, text) : pol_no_memory(c);
}

static int apply_guest_path(struct pol_ctx *c, size_t row, const struct node *n)
{
	char *path;
	int r;

	r = pol_want_text(c, n, "an absolute path inside");
	if (r == 0)
		r = pol_guest_path(c, n, &path);
	if (r < 0)
		return r;
	(void)keep_text(c, row, path);
	if (is_mount_row(row) || !n->line)
		return 0;
	free(c->p->workdir_origin);
	c->p->workdir_origin = pol_place(c, n);
	return c->p->workdir_origin ? 0 : pol_no_memory(c);
}

static int apply_host_path(struct pol_ctx *c, size_t row, const struct node *n)
{
	char *path;
	int r;

	r = pol_want_text(c, n, "a path on the host");
	if (r == 0)
		r = pol_host_path(c, n, &path);
	return r < 0 ? r : keep_text(c, row, path);
}

static int apply_base(struct pol_ctx *c, size_t row, const struct node *n)
{
	struct policy *p = c->p;
	char *dir = NULL;
	int r;

	r = pol_want_text(c, n, "host, empty or a directory");
	if (r < 0)
		return r;
	if (strcmp(n->text, "host") == 0) {
		p->rootfs.base = POL_BASE_HOST;
	} else if (strcmp(n->text, "empty") == 0) {
		p->rootfs.base = POL_BASE_EMPTY;
	} else if (!strchr("/~.$", n->text[0]) || !n->text[0]) {
		return pol_fail(c, n,
				"'%s' is not host, empty or a directory "
				"starting with /, ~ or ./",
				Q(n->text));
	} else {
		r = pol_host_path(c, n, &dir);
		if (r < 0)
			return r;
		p->rootfs.base = POL_BASE_DIR;
	}
	free(p->rootfs.dir);
	p->rootfs.dir = dir;
	free(take(p->rootfs.origin));
	if (dir)
		p->rootfs.origin = pol_place(c, n);
	return !dir || p->rootfs.origin ? 0 : pol_no_memory(c);
}

/* ---- all --------------------------------------------------------------- */

/* The document's own `extends` was followed before its keys are applied. */
static int apply_extends(struct pol_ctx *c, size_t row, const struct node *n)
{
	return 0;
}

int pol_apply(struct pol_ctx *c, size_t row, const struct node *n)
{
	static int (*const by_kind[])(struct pol_ctx * c, size_t row,
				      const struct node *n) = {
		[POL_NUMBER] = apply_number,
		[POL_SIZE] = apply_number,
		[POL_DURATION] = apply_number,
		[POL_CPUS] = apply_number,
		[POL_OCTAL] = apply_number,
		[POL_ENUM] = apply_number,
		[POL_BOOL] = apply_number,
		[POL_HOSTNAME] = apply_hostname,
		[POL_GUEST_PATH] = apply_guest_path,
		[POL_HOST_PATH] = apply_host_path,
		[POL_BASE] = apply_base,
		[POL_ENV_NAMES] = pol_apply_env_names,
		[POL_SYSCALLS] = pol_apply_syscalls,
		[POL_FDS] = pol_apply_fds,
		[POL_ENV_MAP] = pol_apply_env_map,
		[POL_MOUNTS] = pol_apply_mounts,
		[POL_EXTENDS] = apply_extends,
	};
	int r = by_kind[pol_row(row)->kind](c, row, n);

	if (r == 0)
		pol_mark_set(c->p, row, true);
	return r;
}

/* Rows without a value of their own: nothing to give. */
static bool has_default(size_t row)
{
	return pol_key(row)->dflt[0] && pol_row(row)->kind != POL_EXTENDS;
}

int pol_apply_defaults(struct pol_ctx *c, bool mounts)
{
	struct node n = { .kind = NODE_TEXT };
	const char *name = c->name;
	int r = 0;

	for (size_t row = 0; row < pol_n_rows() && r == 0; row++) {
		if (is_mount_row(row) != mounts || !has_default(row) ||
		    pol_is_set(c->p, row))
			continue;
		n.text = (char *)(uintptr_t)pol_key(row)->dflt;
		c->name = pol_key(row)->name;
		r = pol_apply(c, row, &n);
		pol_mark_set(c->p, row, false);
	}
	c->name = name;
	return r;
}
