/* SPDX-License-Identifier: Apache-2.0 */
/* Paths and values that name the caller's home or variables. */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/text.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/path.h"

const char *pol_getenv(const struct pol_ctx *c, const char *name, size_t len)
{
	for (char *const *e = c->environ; e && *e; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
			return *e + len + 1;
	return NULL;
}

/* The name in "${NAME}" at p; its length, or 0 where there is none. */
static size_t variable(const char *p)
{
	size_t n = 0;

	if (p[0] != '$' || p[1] != '{' || isdigit((unsigned char)p[2]))
		return 0;
	while (isalnum((unsigned char)p[2 + n]) || p[2 + n] == '_')
		n++;
	return p[2 + n] == '}' ? n : 0;
}

/* Replace what stands at *p, a dollar sign, and go behind it. */
static int replace(struct pol_ctx *c, const struct node *n, const char **p,
		   struct buf *out)
{
	size_t len = variable(*p);
	_autofree char *name = NULL;
	const char *value;

	if ((*p)[1] == '$') {
		buf_puts(out, "$");
		*p += 2;
		return 0;
	}
	if (!len)
		return pol_fail(c, n,
				"'$' begins no ${NAME}; write $$ for a "
				"dollar sign");
	name = strndup(*p + 2, len);
	if (!name)
		return pol_no_memory(c);
	value = pol_getenv(c, name, len);
	if (!value)
		return pol_fail(c, n, "the variable %s is not set", Q(name));
	buf_puts(out, value);
	*p += len + 3;
	return 0;
}

int pol_expand(struct pol_ctx *c, const struct node *n, const char *text,
	       char **ret)
{
	_autobuf struct buf out = { 0 };
	size_t plain;
	int r;

	for (const char *p = text; *p;) {
		plain = strcspn(p, "$");
		buf_add(&out, p, plain);
		p += plain;
		r = *p ? replace(c, n, &p, &out) : 0;
		if (r < 0)
			return r;
		if (out.len > TREE_BYTES)
			return pol_fail(c, n, "longer than 1 MiB");
	}
	*ret = buf_take(&out);
	return *ret ? 0 : pol_no_memory(c);
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

/* The caller's home for a leading ~, and the text behind it. */
static int home(struct pol_ctx *c, const struct node *n, const char **text,
		const char **ret)
{
	const char *value;

	*ret = "";
	if (**text != '~')
		return 0;
	if ((*text)[1] && (*text)[1] != '/')
		return pol_fail(c, n,
				"'%s': only the caller's own home can be "
				"named by ~",
				Q(*text));
	value = pol_getenv(c, "HOME", 4);
	if (!value || value[0] != '/')
		return pol_fail(c, n,
				"'~' needs HOME to be set to an absolute "
				"path");
	*ret = value;
	(*text)++;
	return 0;
}

/*
 * A variable that is set and empty would turn ${DIR}/cache into /cache: as
 * good as not set, for a path.
 */
static int refuse_empty(struct pol_ctx *c, const struct node *n,
			const char *text)
{
	const char *value;
	size_t len;

	for (; *text; text++) {
		if (text[0] == '$' && text[1] == '$') {
			text++;
			continue;
		}
		len = variable(text);
		value = len ? pol_getenv(c, text + 2, len) : NULL;
		if (value && !*value)
			return pol_fail(c, n, "a variable in '%s' is empty",
					Q(text));
	}
	return 0;
}

int pol_host_path(struct pol_ctx *c, const struct node *n, char **ret)
{
	const char *text = n->text, *before;
	_autofree char *expanded = NULL, *whole = NULL;
	int r;

	if (!*text)
		return pol_fail(c, n, "an empty path");
	r = home(c, n, &text, &before);
	if (r == 0)
		r = refuse_empty(c, n, text);
	if (r == 0)
		r = pol_expand(c, n, text, &expanded);
	if (r < 0)
		return r;
	if (asprintf(&whole, "%s%s", before, expanded) < 0) {
		whole = NULL;
		return pol_no_memory(c);
	}
	if (has_control(whole))
		return pol_fail(c, n, "'%s' has a control character", Q(whole));
	free(take(expanded));
	expanded = path_clean(c->cwd, whole);
	if (!expanded)
		return pol_no_memory(c);
	if (strlen(expanded) >= PATH_MAX)
		return pol_fail(c, n, "a path of more than %d bytes",
				PATH_MAX - 1);
	*ret = take(expanded);
	return 0;
}

static bool has_dotdot(const char *path)
{
	size_t n;

	for (const char *p = path; *p; p += n) {
		p += strspn(p, "/");
		n = strcspn(p, "/");
		if (n == 2 && p[0] == '.' && p[1] == '.')
			return true;
	}
	return false;
}

int pol_guest_path(struct pol_ctx *c, const struct node *n, char **ret)
{
	const char *text = n->text;

	if (text[0] != '/')
		return pol_fail(c, n, "'%s' is not an absolute path", Q(text));
	if (has_dotdot(text))
		return pol_fail(c, n, "'%s': '..' is not part of a guest path",
				Q(text));
	if (has_control(text))
		return pol_fail(c, n, "'%s' has a control character", Q(text));
	if (strlen(text) >= PATH_MAX)
		return pol_fail(c, n, "a path of more than %d bytes",
				PATH_MAX - 1);
	*ret = path_clean(NULL, text);
	return *ret ? 0 : pol_no_memory(c);
}
