/* SPDX-License-Identifier: Apache-2.0 */
/* A tree as YAML or JSON text. */
#include "policy/emit.h"

#include <string.h>
#include <strings.h>

#include "policy/text.h"
#include "runtime/base/cleanup.h"

/* Within a list of the YAML everything stands on one line. */
static bool flow(const struct emit *e)
{
	for (unsigned i = 0; i < e->depth; i++)
		if (e->open[i].kind != '{')
			return !e->json;
	return false;
}

static void line(struct emit *e, unsigned depth)
{
	if (e->out->len)
		buf_puts(e->out, "\n");
	buf_printf(e->out, "%*s", (int)(2 * depth), "");
}

static void quoted(struct emit *e, const char *s)
{
	const char *end = s + strlen(s), *next = s;
	int c;

	buf_puts(e->out, "\"");
	for (; s < end; s = next) {
		c = text_next(&next, end);
		if (c < 0)
			e->not_utf8 = true;
		else if (c == '"' || c == '\\')
			buf_printf(e->out, "\\%c", c);
		else if (text_visible(c))
			buf_add(e->out, s, (size_t)(next - s));
		else if (c < 0x10000)
			buf_printf(e->out, "\\u%04x", c);
		else if (e->json)
			buf_printf(e->out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
				   0xdc00 + (c & 0x3ff));
		else
			buf_printf(e->out, "\\U%08x", c);
	}
	buf_puts(e->out, "\"");
}

/* Text that no YAML reader takes for anything but text. */
static bool is_plain(const char *s)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/.";
	static const char *const words[] = {
		"null", "true", "false", "yes", "no", "on", "off", "y", "n",
	};
	size_t len = strlen(s);

	if (!len || !strchr(letters, s[0]) || s[0] == '.')
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasecmp(s, words[i]) == 0)
			return false;
	for (; *s; s++)
		if (!strchr(letters, *s) && !strchr("0123456789+@-", *s))
			return false;
	return true;
}

/* What comes before a value: comma, line, key. */
static void lead(struct emit *e, const char *key)
{
	unsigned d = e->depth;
	bool any = d && e->open[d - 1].any;
	char kind = d ? e->open[d - 1].kind : 0;

	if (d)
		e->open[d - 1].any = true;
	if (e->json) {
		buf_puts(e->out, any ? "," : "");
		if (d)
			line(e, d);
	} else if (kind == '-') {
		line(e, d - 1);
		buf_puts(e->out, "- ");
	} else if (flow(e)) {
		buf_puts(e->out, any ? ", " : "");
	} else if (d) {
		line(e, d - 1);
	}
	if (!key)
		return;
	if (!e->json && is_plain(key))
		buf_puts(e->out, key);
	else
		quoted(e, key);
	buf_puts(e->out, ":");
}

static void space(struct emit *e, const char *key)
{
	if (key)
		buf_puts(e->out, " ");
}

static void push(struct emit *e, const char *key, char kind)
{
	BUG_ON(e->depth == EMIT_DEPTH);
	lead(e, key);
	if (e->json || flow(e) || kind == '[') {
		space(e, key);
		buf_puts(e->out, kind == '{' ? "{" : "[");
	}
	e->open[e->depth].kind = kind;
	e->open[e->depth++].any = false;
}

void emit_map(struct emit *e, const char *key)
{
	push(e, key, '{');
}

void emit_list(struct emit *e, const char *key)
{
	push(e, key, '[');
}

void emit_items(struct emit *e, const char *key)
{
	push(e, key, '-');
}

void emit_close(struct emit *e)
{
	char kind = e->open[--e->depth].kind;
	bool any = e->open[e->depth].any;

	if (e->json && any)
		line(e, e->depth);
	if (e->json || flow(e) || kind == '[')
		buf_puts(e->out, kind == '{' ? "}" : "]");
	if (!e->depth)
		buf_puts(e->out, "\n");
}

void emit_text(struct emit *e, const char *key, const char *text)
{
	lead(e, key);
	space(e, key);
	if (!e->json && is_plain(text))
		buf_puts(e->out, text);
	else
		quoted(e, text);
}

void emit_word(struct emit *e, const char *key, const char *text)
{
	if (e->json) {
		emit_text(e, key, text);
		return;
	}
	emit_raw(e, key, text);
}

void emit_raw(struct emit *e, const char *key, const char *text)
{
	lead(e, key);
	space(e, key);
	buf_puts(e->out, text);
}
