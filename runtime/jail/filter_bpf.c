/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts to a classic BPF program for seccomp. */
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/filter.h"

/*
 * How this works. BPF jumps only forward, so the program is written from its
 * end to its start: whatever an instruction jumps to is already there. A place
 * is counted from the end: the last instruction is 1.
 */
#define MAX_INSNS 1024
#define MAX_SPANS 512
#define MAX_RETS 64
/* A conditional jump reaches 255 instructions; two more may come between. */
#define REACH 253

struct span { /* numbers from `start` up to the next span's */
	uint32_t start;
	unsigned to; /* place */
};

struct code {
	struct sock_filter insns[MAX_INSNS];
	unsigned n; /* written so far: the place of the first one */
	struct span spans[MAX_SPANS];
	unsigned n_spans;
	struct {
		uint32_t value;
		unsigned at;
	} rets[MAX_RETS];
	unsigned n_rets;
	bool failed; /* too long */
};

static unsigned put(struct code *c, struct sock_filter insn)
{
	if (c->n == MAX_INSNS) {
		c->failed = true;
		return c->n;
	}
	c->insns[MAX_INSNS - ++c->n] = insn;
	return c->n;
}

static unsigned put_ret(struct code *c, uint32_t value)
{
	unsigned at;

	for (unsigned i = c->n_rets; i-- > 0;)
		if (c->rets[i].value == value && c->n - c->rets[i].at < REACH)
			return c->rets[i].at;
	at = put(c, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
	if (c->n_rets < MAX_RETS) {
		c->rets[c->n_rets].value = value;
		c->rets[c->n_rets++].at = at;
	}
	return at;
}

/* A place that a conditional jump written next can reach and leads to `to`. */
static unsigned reach(struct code *c, unsigned to)
{
	if (c->n - to < REACH)
		return to;
	return put(c,
		   (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, c->n - to));
}

static unsigned put_jump(struct code *c, unsigned how, uint32_t k, unsigned yes,
			 unsigned no)
{
	if (yes == no)
		return yes;
	yes = reach(c, yes);
	no = reach(c, no);
	return put(c, (struct sock_filter)BPF_JUMP(BPF_JMP | how | BPF_K, k,
						   (uint8_t)(c->n - yes),
						   (uint8_t)(c->n - no)));
}

static unsigned put_load(struct code *c, size_t offset)
{
	return put(c, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						   (uint32_t)offset));
}

static size_t low_half(unsigned arg)
{
	size_t at = offsetof(struct seccomp_data, args) + arg * 8;

	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? at + 4 : at;
}

static unsigned put_cond(struct code *c, const struct filter_cond *t,
			 unsigned yes, unsigned no)
{
	unsigned at, found = t->test == FILTER_NOT_IN ? no : yes;

	if (t->test == FILTER_ANY_BIT) {
		put_jump(c, BPF_JSET, t->v[0], yes, no);
		return put_load(c, low_half(t->arg));
	}
	at = t->test == FILTER_NOT_IN ? yes : no;
	for (unsigned i = t->n; i-- > 0;)
		at = put_jump(c, BPF_JEQ, t->v[i], found, at);
	if (t->mask)
		put(c, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
						    t->mask));
	return put_load(c, low_half(t->arg));
}

static unsigned verdict_of(struct code *c, int error)
{
	if (error == 0)
		return put_ret(c, SECCOMP_RET_ALLOW);
	return put_ret(c, SECCOMP_RET_ERRNO | (uint32_t)error);
}

/* All rows of one call, from the last to the first. */
static unsigned put_rows(struct code *c, int nr)
{
	size_t n;
	const struct filter_row *rows = filter_rows(&n);
	unsigned next = verdict_of(c, 0);

	while (n-- > 0) {
		unsigned at;

		if (rows[n].nr != nr)
			continue;
		at = verdict_of(c, rows[n].error);
		for (unsigned i = FILTER_CONDS; i-- > 0;)
			if (rows[n].cond[i].n)
				at = put_cond(c, &rows[n].cond[i], at, next);
		next = at;
	}
	return next;
}

static void add_span(struct code *c, uint32_t start, unsigned to)
{
	if (c->n_spans && c->spans[c->n_spans - 1].to == to)
		return;
	if (c->n_spans == MAX_SPANS) {
		c->failed = true;
		return;
	}
	c->spans[c->n_spans].start = start;
	c->spans[c->n_spans++].to = to;
}

/* Numbers that are nobody's: the kernel may give them away some day. */
static bool unassigned(uint32_t nr)
{
#if defined(__x86_64__)
	return nr > 336 && nr < 424;
#elif defined(__aarch64__) || defined(__riscv)
	return nr > 294 && nr < 424;
#else
	return false;
#endif
}

static unsigned place_of(struct code *c, const struct filter_set *set,
			 uint32_t nr)
{
	if (unassigned(nr))
		return verdict_of(c, ENOSYS);
	if (set->v[nr] == FILTER_ARGS)
		return put_rows(c, (int)nr);
	return verdict_of(c, set->v[nr]);
}

static void add_spans(struct code *c, const struct filter_set *set)
{
	unsigned kill = put_ret(c, SECCOMP_RET_KILL_PROCESS);

	for (uint32_t nr = 0; nr <= FILTER_NEWEST; nr++)
		add_span(c, nr, place_of(c, set, nr));
	add_span(c, FILTER_NEWEST + 1, verdict_of(c, ENOSYS));
#ifdef __x86_64__
	add_span(c, 0x40000000, kill); /* x32 */
#endif
	/* -1 is not a call: a tracer has taken it away. */
	add_span(c, UINT32_MAX, verdict_of(c, 0));
	(void)kill;
}

/* One number between two runs of the same verdict takes one comparison. */
static bool lone(const struct span *s, unsigned n)
{
	return n == 3 && s[0].to == s[2].to && s[1].start + 1 == s[2].start;
}

static unsigned put_tree(struct code *c, const struct span *s, unsigned n)
{
	unsigned half = n / 2, left, right;

	if (n == 1)
		return s[0].to;
	if (lone(s, n))
		return put_jump(c, BPF_JEQ, s[1].start, s[1].to, s[0].to);
	if (n > 3 && half % 2 == 0)
		half++; /* an odd part is more often made of lone numbers */
	right = put_tree(c, s + half, n - half);
	left = put_tree(c, s, half);
	return put_jump(c, BPF_JGE, s[half].start, right, left);
}

/* The architecture first: numbers mean nothing without it. */
static void put_head(struct code *c, unsigned tree)
{
	unsigned kill = put_ret(c, SECCOMP_RET_KILL_PROCESS);

	if (tree != c->n)
		put(c, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
						    c->n - tree));
	tree = put_load(c, offsetof(struct seccomp_data, nr));
	put_jump(c, BPF_JEQ, seccomp_arch_native(), tree, kill);
	put_load(c, offsetof(struct seccomp_data, arch));
}

int filter_compile(const struct filter_set *set, struct sock_fprog *ret,
		   struct sbx_err *err)
{
	_autofree struct code *c = calloc(1, sizeof(*c));
	struct sock_filter *insns;

	if (!c)
		return sbx_fail(err, ENOMEM, "system call filter");
	add_spans(c, set);
	put_head(c, put_tree(c, c->spans, c->n_spans));
	if (c->failed)
		return sbx_failx(err, E2BIG,
				 "the system call filter is longer"
				 " than %d instructions",
				 MAX_INSNS);
	insns = malloc(c->n * sizeof(*insns));
	if (!insns)
		return sbx_fail(err, ENOMEM, "system call filter");
	memcpy(insns, c->insns + MAX_INSNS - c->n, c->n * sizeof(*insns));
	ret->filter = insns;
	ret->len = (unsigned short)c->n;
	return 0;
}
