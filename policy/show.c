/* SPDX-License-Identifier: Apache-2.0 */
/* The merged policy, as a policy that loads to the same. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/emit.h"
#include "policy/policy.h"
#include "policy/schema.h"
#include "policy/value.h"
#include "runtime/base/cleanup.h"

/* One row being shown: base is the struct that its offset is in. */
struct shown {
	struct emit *e;
	const struct policy *p;
	const void *base;
	size_t row;
	const char *key; /* the last part of its name */
};

static const void *field(const struct shown *s)
{
	return (const char *)s->base + pol_row(s->row)->offset;
}

static uint64_t number_of(const struct shown *s)
{
	if (pol_row(s->row)->kind == POL_BOOL)
		return *(const bool *)field(s);
	if (s->base != s->p)
		return *(const unsigned *)field(s);
	return *(const uint64_t *)field(s);
}

static void show_number(const struct shown *s)
{
	_autobuf struct buf text = { 0 };
	uint64_t v = number_of(s);
	enum pol_kind kind = pol_row(s->row)->kind;

	pol_print(s->row, v, &text);
	if (text.failed)
		s->e->out->failed = true;
	else if (kind == POL_OCTAL || kind == POL_ENUM)
		emit_text(s->e, s->key, text.data);
	else if (kind == POL_BOOL || (kind == POL_NUMBER && v != POL_NONE))
		emit_raw(s->e, s->key, text.data);
	else
		emit_word(s->e, s->key, text.data);
}

static void show_text(const struct shown *s)
{
	emit_text(s->e, s->key, *(char *const *)field(s));
}

/* Text in which ${VAR} would be replaced: its dollar signs doubled. */
static void show_expanded(struct emit *e, const char *key, const char *text)
{
	_autobuf struct buf out = { 0 };
	size_t n;

	for (; *text; text += n) {
		n = strcspn(text, "$");
		buf_add(&out, text, n);
		if (!text[n])
			break;
		buf_puts(&out, "$$");
		n++;
	}
	if (out.failed)
		e->out->failed = true;
	else
		emit_text(e, key, out.data ? out.data : "");
}

static void show_host_path(const struct shown *s)
{
	show_expanded(s->e, s->key, *(char *const *)field(s));
}

static void show_base(const struct shown *s)
{
	if (s->p->rootfs.base == POL_BASE_DIR)
		show_expanded(s->e, s->key, s->p->rootfs.dir);
	else
		emit_word(s->e, s->key,
			  s->p->rootfs.base == POL_BASE_HOST ? "host"
							     : "empty");
}

static void show_extends(const struct shown *s)
{
	emit_word(s->e, s->key, "none");
}

static void show_names(const struct shown *s)
{
	const struct strv *v = field(s);

	emit_list(s->e, s->key);
	for (size_t i = 0; i < v->n; i++)
		if (pol_row(s->row)->kind == POL_FDS)
			emit_raw(s->e, NULL, v->v[i]);
		else
			emit_text(s->e, NULL, v->v[i]);
	emit_close(s->e);
}

static void show_env_map(const struct shown *s)
{
	const struct policy *p = s->p;

	emit_map(s->e, s->key);
	for (size_t i = 0; i < p->env.n_set; i++)
		show_expanded(s->e, p->env.set[i].name, p->env.set[i].value);
	emit_close(s->e);
}

static void show_row(struct shown *s);

static void show_mounts(const struct shown *s)
{
	emit_items(s->e, s->key);
	for (size_t i = 0; i < s->p->n_mounts; i++) {
		const struct pol_mount *m = &s->p->mounts[i];
		struct shown in = { .e = s->e, .p = s->p, .base = m };

		emit_map(s->e, NULL);
		for (in.row = 0; in.row < pol_n_rows(); in.row++) {
			in.key = pol_key(in.row)->name;
			if (strncmp(in.key, "mounts[].", 9) != 0)
				continue;
			in.key += 9;
			if (strcmp(in.key, "upper") == 0 &&
			    m->access != POL_OVERLAY)
				continue;
			show_row(&in);
		}
		emit_close(s->e);
	}
	emit_close(s->e);
}

static void show_row(struct shown *s)
{
	static void (*const by_kind[])(const struct shown *s) = {
		[POL_NUMBER] = show_number,   [POL_SIZE] = show_number,
		[POL_DURATION] = show_number, [POL_CPUS] = show_number,
		[POL_OCTAL] = show_number,    [POL_ENUM] = show_number,
		[POL_BOOL] = show_number,     [POL_HOSTNAME] = show_text,
		[POL_GUEST_PATH] = show_text, [POL_HOST_PATH] = show_host_path,
		[POL_BASE] = show_base,	      [POL_ENV_NAMES] = show_names,
		[POL_SYSCALLS] = show_names,  [POL_FDS] = show_names,
		[POL_ENV_MAP] = show_env_map, [POL_MOUNTS] = show_mounts,
		[POL_EXTENDS] = show_extends,
	};

	by_kind[pol_row(s->row)->kind](s);
}

/* Empty collections are what a policy that names none has as well. */
static bool is_empty(const struct policy *p, size_t row)
{
	const struct strv *names;

	switch (pol_row(row)->kind) {
	case POL_ENV_NAMES:
	case POL_SYSCALLS:
	case POL_FDS:
		names = (const void *)((const char *)p + pol_row(row)->offset);
		return !names->n;
	case POL_ENV_MAP:
		return !p->env.n_set;
	case POL_MOUNTS:
		return !p->n_mounts;
	default:
		return false;
	}
}

/* Be in the section of the row's name, or at the top for a name without. */
static const char *enter_section(struct emit *e, char *section, size_t size,
				 const char *name)
{
	const char *dot = strchr(name, '.');
	size_t n = dot ? (size_t)(dot - name) : 0;

	BUG_ON(n >= size);
	if (strlen(section) == n && strncmp(section, name, n) == 0)
		return dot ? dot + 1 : name;
	if (section[0])
		emit_close(e);
	memcpy(section, name, n);
	section[n] = '\0';
	if (n)
		emit_map(e, section);
	return dot ? dot + 1 : name;
}

int policy_show(const struct policy *p, enum sbx_format format, struct buf *out,
		struct sbx_err *err)
{
	struct emit e = { .out = out, .json = format == SBX_JSON };
	struct shown s = { .e = &e, .p = p, .base = p };
	char section[32] = "";

	emit_map(&e, NULL);
	for (s.row = 0; s.row < pol_n_rows(); s.row++) {
		const char *name = pol_key(s.row)->name;

		if (pol_row(s.row)->later || strstr(name, "[]") ||
		    is_empty(p, s.row))
			continue;
		s.key = enter_section(&e, section, sizeof(section), name);
		show_row(&s);
	}
	if (section[0])
		emit_close(&e);
	emit_close(&e);
	if (out->failed)
		return sbx_fail(err, ENOMEM, "policy");
	if (e.not_utf8)
		return sbx_failx(err, EILSEQ,
				 "the policy has a path or value "
				 "that is not UTF-8 and cannot be shown");
	return 0;
}
