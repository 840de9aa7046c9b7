/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing the system call filter of a policy, and telling what it does. */
#include "runtime/jail/filter.h"

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "policy/suggest.h"
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

/* The nearest name to a mistyped one; the caller frees it. NULL: none. */
static char *nearest(const char *name)
{
	struct suggest s = { .word = name };
	char *best = NULL, *known;

	for (int nr = 0; nr <= FILTER_NEWEST; nr++) {
		known = seccomp_syscall_resolve_num_arch(seccomp_arch_native(),
							 nr);
		if (!known)
			continue;
		suggest_offer(&s, known, strlen(known));
		if (s.best == known) {
			free(best);
			best = known;
		} else {
			free(known);
		}
	}
	for (const struct filter_name *f = filter_new_names(); f->name; f++)
		suggest_offer(&s, f->name, strlen(f->name));
	if (s.best == best)
		return best;
	free(best);
	return s.best ? strdup(s.best) : NULL;
}

static int unknown(const char *where, const char *name, struct sbx_err *err)
{
	_autofree char *best = nearest(name);

	return sbx_failx(err, EINVAL, "%s: unknown system call '%.60s'%s%s%s",
			 where, name, best ? "; did you mean " : "",
			 best ? best : "", best ? "?" : "");
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

/* Where the policy says so: "FILE:LINE:COL: KEY". */
static const char *place(const struct strv *origins, size_t i, const char *key)
{
	return i < origins->n ? origins->v[i] : key;
}

static int allow(struct filter_set *set, const char *where, const char *name,
		 struct sbx_err *err)
{
	int nr = filter_resolve(name);
	const struct filter_row *core = core_row(nr, name);

	if (nr == FILTER_UNKNOWN)
		return unknown(where, name, err);
	if (core)
		return sbx_failx(err, EINVAL, "%s: '%s' cannot be allowed: %s",
				 where, name, core->why);
	if (nr > FILTER_NEWEST)
		return sbx_failx(err, EINVAL,
				 "%s: '%s' cannot be allowed: it is newer than "
				 "this program knows",
				 where, name);
	if (nr >= 0)
		set->v[nr] = 0;
	return 0;
}

static int deny(struct filter_set *set, const char *where, const char *name,
		struct sbx_err *err)
{
	int nr = filter_resolve(name);

	if (nr == FILTER_UNKNOWN)
		return unknown(where, name, err);
	if (filter_needed(name))
		return sbx_failx(err, EINVAL,
				 "%s: '%s' cannot be denied: the jail itself "
				 "needs it",
				 where, name);
	if (nr >= 0 && nr <= FILTER_NEWEST &&
	    (set->v[nr] == 0 || set->v[nr] == FILTER_ARGS))
		set->v[nr] = EPERM;
	return 0;
}

/* The policy has seen to it that no call is both; if one were, it is denied. */
int filter_choose(struct filter_set *ret, const struct policy *pol,
		  struct sbx_err *err)
{
	const struct strv *yes = &pol->seccomp.allow;
	const struct strv *no = &pol->seccomp.deny;
	int r = 0;

	filter_defaults(ret);
	for (size_t i = 0; i < yes->n && r == 0; i++)
		r = allow(ret,
			  place(&pol->seccomp.allow_origin, i, "seccomp.allow"),
			  yes->v[i], err);
	for (size_t i = 0; i < no->n && r == 0; i++)
		r = deny(ret,
			 place(&pol->seccomp.deny_origin, i, "seccomp.deny"),
			 no->v[i], err);
	return r;
}

int filter_check(const struct policy *pol, struct sbx_err *err)
{
	struct filter_set set;

	if (!pol->seccomp.allow.n && !pol->seccomp.deny.n)
		return 0;
	return filter_choose(&set, pol, err);
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
