/* SPDX-License-Identifier: Apache-2.0 */
/* The parser for every command line of the program. */
#include "tools/sbx/opt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char help_name[] = "help";

struct parse {
	const struct opt *rows;
	const struct operands *operands;
	char **argv; /* what is still to be read */
	char **kept; /* where the next operand goes */
	size_t n_kept;
	char *fields;
	uint64_t given; /* bit i: rows[i] */
	struct sbx_err *err;
};

static size_t count(const struct opt *rows)
{
	size_t n = 0;

	while (rows[n].name)
		n++;
	return n;
}

/* How the option is written, for messages. */
static int bad(const struct parse *p, const char *name, const char *what)
{
	return sbx_failx(p->err, EINVAL, "--%s: %s", name, what);
}

static int add(struct opt_list *list, const char *word, struct sbx_err *err)
{
	const char **v;

	/* powers of two: 1, 2, 4, ... */
	if ((list->n & (list->n - 1)) == 0) {
		size_t cap = list->n ? list->n * 2 : 1;

		v = reallocarray(list->v, cap, sizeof(*v));
		if (!v)
			return sbx_fail(err, ENOMEM, "command line");
		list->v = v;
	}
	list->v[list->n++] = word;
	return 0;
}

static int store(struct parse *p, const struct opt *row, const char *value)
{
	uint64_t bit = UINT64_C(1) << (row - p->rows);
	void *field = p->fields + row->field;
	bool again = p->given & bit;

	p->given |= bit;
	if (row->type == OPT_FLAG) {
		*(bool *)field = true;
		return 0;
	}
	if (!*value)
		return bad(p, row->name, "its argument is empty");
	if (row->type == OPT_LIST)
		return add(field, value, p->err);
	if (again)
		return bad(p, row->name, "given twice");
	*(const char **)field = value;
	return 0;
}

static int unknown(const struct parse *p, const char *name)
{
	const char *near =
		suggest(name, &p->rows->name, sizeof(*p->rows), count(p->rows));

	if (!near)
		return bad(p, name, "unknown option");
	return sbx_failx(p->err, EINVAL,
			 "--%s: unknown option; did you mean --%s?", name,
			 near);
}

/* --name, --name=value, --name value */
static int long_option(struct parse *p, const char *word)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : NULL;
	char name[64];

	if (len >= sizeof(name))
		return sbx_failx(p->err, EINVAL, "--%.20s...: unknown option",
				 word);
	memcpy(name, word, len);
	name[len] = '\0';
	if (strcmp(name, help_name) == 0)
		return OPT_HELP;
	for (const struct opt *row = p->rows; row->name; row++) {
		if (strcmp(row->name, name) != 0)
			continue;
		if (row->type == OPT_FLAG && value)
			return bad(p, name, "takes no argument");
		if (row->type != OPT_FLAG && !value) {
			value = *p->argv;
			if (!value)
				return sbx_failx(p->err, EINVAL,
						 "--%s: needs an argument %s",
						 name, row->arg);
			p->argv++;
		}
		return store(p, row, value);
	}
	return unknown(p, name);
}

static const struct opt *by_letter(const struct parse *p, char letter)
{
	for (const struct opt *row = p->rows; row->name; row++)
		if (row->letter == letter)
			return row;
	return NULL;
}

/* -q, -qv, -pFILE, -p FILE */
static int short_options(struct parse *p, const char *word)
{
	for (; *word; word++) {
		const struct opt *row = by_letter(p, *word);
		int r;

		if (*word == 'h')
			return OPT_HELP;
		if (!row)
			return sbx_failx(p->err, EINVAL, "-%c: unknown option",
					 *word);
		if (row->type == OPT_FLAG) {
			r = store(p, row, NULL);
			if (r < 0)
				return r;
			continue;
		}
		if (word[1])
			return store(p, row, word + 1);
		if (!*p->argv)
			return sbx_failx(p->err, EINVAL,
					 "-%c: needs an argument %s", *word,
					 row->arg);
		return store(p, row, *p->argv++);
	}
	return OPT_OK;
}

static bool given(const struct parse *p, const char *name)
{
	for (size_t i = 0; p->rows[i].name; i++)
		if (strcmp(p->rows[i].name, name) == 0)
			return p->given >> i & 1;
	return false;
}

static int check(const struct parse *p)
{
	const struct operands *o = p->operands;

	for (size_t i = 0; p->rows[i].name; i++) {
		const struct opt *row = &p->rows[i];

		if (!(p->given >> i & 1))
			continue;
		if (row->not_with && given(p, row->not_with))
			return sbx_failx(p->err, EINVAL,
					 "--%s and --%s exclude each other",
					 row->not_with, row->name);
		if (row->needs && !given(p, row->needs))
			return sbx_failx(p->err, EINVAL,
					 "--%s: only together with --%s",
					 row->name, row->needs);
	}
	if (p->n_kept < o->min)
		return sbx_failx(p->err, EINVAL, "no %s given", o->what);
	if (p->n_kept > o->max)
		return sbx_failx(p->err, EINVAL, "'%s': one argument too many",
				 p->kept[-(ptrdiff_t)(p->n_kept - o->max)]);
	return OPT_OK;
}

static void keep(struct parse *p, char *word)
{
	*p->kept++ = word;
	p->n_kept++;
}

static void keep_rest(struct parse *p)
{
	while (*p->argv)
		keep(p, *p->argv++);
}

int opt_parse(const struct opt *rows, const struct operands *operands,
	      char **argv, void *fields, size_t *ret_n, struct sbx_err *err)
{
	struct parse p = {
		.rows = rows,
		.operands = operands,
		.argv = argv,
		.kept = argv,
		.fields = fields,
		.err = err,
	};

	while (*p.argv) {
		char *word = *p.argv++;
		int r = OPT_OK;

		if (strcmp(word, "--") == 0) {
			keep_rest(&p);
		} else if (word[0] != '-' || !word[1]) {
			keep(&p, word);
			if (operands->command)
				keep_rest(&p);
		} else if (word[1] == '-') {
			r = long_option(&p, word + 2);
		} else {
			r = short_options(&p, word + 1);
		}
		if (r != OPT_OK)
			return r;
	}
	*p.kept = NULL;
	*ret_n = p.n_kept;
	return check(&p);
}

void opt_done(const struct opt *rows, void *fields)
{
	for (const struct opt *row = rows; row->name; row++)
		if (row->type == OPT_LIST) {
			struct opt_list *l =
				(void *)((char *)fields + row->field);

			free(l->v);
			*l = (struct opt_list){ 0 };
		}
}
