/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing the system call filter of a policy, and telling what it does. */
#include "runtime/jail/filter.h"

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/lock.h"

#ifdef SBX_FILTER_PREBUILT
#include "runtime/jail/filter_default.h"
#endif

int filter_resolve(const char *name)
{
	int nr = seccomp_syscall_resolve_name(name);

	if (nr >= 0)
		return nr;
	if (nr != __NR_SCMP_ERROR)
		return FILTER_NOT_HERE;
	for (const struct filter_name *f = filter_new_names(); f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f->nr;
	return FILTER_UNKNOWN;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* How many letters to change, add or drop; SIZE_MAX for names too long. */
static size_t distance(const char *a, const char *b)
{
	size_t row[40], lb = strlen(b);

	if (lb >= ARRAY_LEN(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t up = row[j];

			row[j] = min3(up + 1, row[j - 1] + 1,
				      diagonal + (a[i - 1] != b[j - 1]));
			diagonal = up;
		}
	}
	return row[lb];
}

static void keep_nearer(char best[40], size_t *near, const char *name,
			const char *candidate)
{
	size_t d = distance(name, candidate);

	if (d >= *near)
		return;
	*near = d;
	strncpy(best, candidate, 39);
	best[39] = '\0';
}

static int unknown(const char *key, const char *name, struct sbx_err *err)
{
	char best[40] = "";
	size_t near = 1 + strlen(name) / 3;

	for (int nr = 0; nr <= FILTER_NEWEST; nr++) {
		_autofree char *known = seccomp_syscall_resolve_num_arch(
			seccomp_arch_native(), nr);

		if (known)
			keep_nearer(best, &near, name, known);
	}
	for (const struct filter_name *f = filter_new_names(); f->name; f++)
		keep_nearer(best, &near, name, f->name);
	if (!best[0])
		return sbx_failx(err, EINVAL, "%s: unknown system call '%.60s'",
				 key, name);
	return sbx_failx(err, EINVAL,
			 "%s: unknown system call '%.60s'; did you mean %s?",
			 key, name, best);
}

static const struct filter_row *core_row(int nr, const char *name)
{
	size_t n;
	const struct filter_row *rows = filter_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (rows[i].core &&
		    (nr >= 0 ? rows[i].nr == nr : !strcmp(rows[i].name, name)))
			return &rows[i];
	return NULL;
}

static int allow(struct filter_set *set, const char *name, struct sbx_err *err)
{
	int nr = filter_resolve(name);
	const struct filter_row *core = core_row(nr, name);

	if (nr == FILTER_UNKNOWN)
		return unknown("seccomp.allow", name, err);
	if (core)
		return sbx_failx(err, EINVAL,
				 "seccomp.allow: '%s' cannot be allowed: %s",
				 name, core->why);
	if (nr > FILTER_NEWEST)
		return sbx_failx(err, EINVAL,
				 "seccomp.allow: '%s' cannot be allowed: it is"
				 " newer than this program knows",
				 name);
	if (nr >= 0)
		set->v[nr] = 0;
	return 0;
}

static int deny(struct filter_set *set, const char *name, struct sbx_err *err)
{
	int nr = filter_resolve(name);

	if (nr == FILTER_UNKNOWN)
		return unknown("seccomp.deny", name, err);
	if (filter_needed(name))
		return sbx_failx(err, EINVAL,
				 "seccomp.deny: '%s' cannot be denied: the"
				 " jail itself needs it",
				 name);
	if (nr >= 0 && nr <= FILTER_NEWEST &&
	    (set->v[nr] == 0 || set->v[nr] == FILTER_ARGS))
		set->v[nr] = EPERM;
	return 0;
}

/* What is both allowed and denied is denied: a file that extends another can
 * take away, whatever that one gives. */
int filter_choose(struct filter_set *ret, const struct policy *pol,
		  struct sbx_err *err)
{
	int r;

	filter_defaults(ret);
	for (size_t i = 0; i < pol->seccomp.allow.n; i++) {
		r = allow(ret, pol->seccomp.allow.v[i], err);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < pol->seccomp.deny.n; i++) {
		r = deny(ret, pol->seccomp.deny.v[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The program compiled at build time, where there is one: it costs a start
 * nothing. A build for another machine cannot make it. */
static bool prebuilt(struct jail_plan *plan)
{
#ifdef SBX_FILTER_PREBUILT
	plan->filter.filter = (struct sock_filter *)(uintptr_t)default_insns;
	plan->filter.len = ARRAY_LEN(default_insns);
	plan->filter_static = true;
	return true;
#else
	return false;
#endif
}

int filter_plan(struct jail_plan *plan, struct sbx_err *err)
{
	const struct policy *pol = plan->pol;
	struct filter_set set;
	int r;

	if (!pol->seccomp.allow.n && !pol->seccomp.deny.n && prebuilt(plan))
		return 0;
	r = filter_choose(&set, pol, err);
	if (r < 0)
		return r;
	return filter_compile(&set, &plan->filter, err);
}

/* ---- for people -------------------------------------------------------- */

struct line {
	struct buf *out;
	size_t width;
};

static void put_word(struct line *l, const char *word)
{
	size_t n = strlen(word);

	if (l->width + 2 + n > 78) {
		buf_puts(l->out, "\n   ");
		l->width = 3;
	}
	buf_printf(l->out, " %s", word);
	l->width += 1 + n;
}

/* One group: the calls that are refused with this error. */
static void put_group(struct buf *out, const struct filter_set *set, int error)
{
	struct line l = { .out = out, .width = 8 };
	int last = -1;
	size_t n;
	const struct filter_row *rows = filter_rows(&n);

	buf_printf(out, "%-7s", strerrorname_np(error));
	buf_puts(out, ":");
	for (size_t i = 0; i < n; i++) {
		int nr = rows[i].nr;

		if (nr < 0 || nr == last || set->v[nr] != error)
			continue;
		put_word(&l, rows[i].name);
		last = nr;
	}
	buf_puts(out, "\n");
}

static void put_args(struct buf *out, const struct filter_set *set)
{
	size_t n;
	const struct filter_row *rows = filter_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (rows[i].nr >= 0 && set->v[rows[i].nr] == FILTER_ARGS)
			buf_printf(out, "%s, by its arguments: %s (%s)\n",
				   strerrorname_np(rows[i].error), rows[i].name,
				   rows[i].why);
}

static void put_names(struct buf *out, const char *what, const struct strv *s)
{
	struct line l = { .out = out, .width = strlen(what) };

	if (!s->n)
		return;
	buf_puts(out, what);
	for (size_t i = 0; i < s->n; i++)
		put_word(&l, s->v[i]);
	buf_puts(out, "\n");
}

int filter_describe(const struct jail_plan *plan, struct buf *out)
{
	struct filter_set set;
	int r = filter_choose(&set, plan->pol, NULL);

	if (r < 0)
		return r;
	buf_printf(out,
		   "%u instructions; what is not named is allowed, what is"
		   " newer than number %d gets ENOSYS\n",
		   plan->filter.len, FILTER_NEWEST);
	buf_puts(out, "killed: calls by another architecture's entry\n");
	put_group(out, &set, EPERM);
	put_group(out, &set, ENOSYS);
	put_args(out, &set);
	put_names(out, "allowed by the policy:", &plan->pol->seccomp.allow);
	put_names(out, "denied by the policy:", &plan->pol->seccomp.deny);
	return out->failed ? -ENOMEM : 0;
}
