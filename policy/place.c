/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that begin with the place and the key they are about. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/text.h"
#include "runtime/base/cleanup.h"

/* "mounts[].host" with item 3 -> "mounts[3].host", elem and member behind */
static void put_key(const struct pol_ctx *c, struct buf *out)
{
	const char *name = c->name ? c->name : "";
	const char *brackets = strstr(name, "[]");

	if (brackets && c->item != POL_NO_INDEX)
		buf_printf(out, "%.*s[%zu]%s", (int)(brackets - name), name,
			   c->item, brackets + 2);
	else
		buf_puts(out, name);
	if (c->elem != POL_NO_INDEX)
		buf_printf(out, "[%zu]", c->elem);
	if (c->member)
		buf_printf(out, "%s%s", out->len && *name ? "." : "",
			   *c->member ? Q(c->member) : "''");
}

static void put_place(const struct pol_ctx *c, const struct node *n,
		      struct buf *out)
{
	_autobuf struct buf key = { 0 };

	buf_puts(out, c->doc.name);
	if (n && n->line)
		buf_printf(out, ":%u:%u", n->line, n->col);
	put_key(c, &key);
	if (key.len)
		buf_printf(out, ": %s", key.data);
}

char *pol_place(const struct pol_ctx *c, const struct node *n)
{
	_autobuf struct buf out = { 0 };

	put_place(c, n, &out);
	return buf_take(&out);
}

int pol_no_memory(struct pol_ctx *c)
{
	return sbx_fail(c->err, ENOMEM, "policy '%s'", c->doc.name);
}

int pol_fail(struct pol_ctx *c, const struct node *n, const char *fmt, ...)
{
	_autobuf struct buf out = { 0 };
	va_list ap;

	put_place(c, n, &out);
	buf_puts(&out, ": ");
	va_start(ap, fmt);
	buf_vprintf(&out, fmt, ap);
	va_end(ap);
	if (out.failed)
		return pol_no_memory(c);
	return sbx_failx(c->err, EINVAL, "%s", out.data);
}

int pol_warn(struct pol_ctx *c, const struct node *n, const char *fmt, ...)
{
	_autobuf struct buf out = { 0 };
	va_list ap;

	put_place(c, n, &out);
	buf_puts(&out, ": ");
	va_start(ap, fmt);
	buf_vprintf(&out, fmt, ap);
	va_end(ap);
	if (strv_take(&c->p->warnings, buf_take(&out)) < 0)
		return pol_no_memory(c);
	return 0;
}
