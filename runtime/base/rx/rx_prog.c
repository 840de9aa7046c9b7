/* SPDX-License-Identifier: Apache-2.0 */
/* From the tree to a program over bytes, forwards or backwards. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/rx/rx_int.h"

/*
 * How this works. Code is made from its end: emit(node, next) adds the
 * instructions that match the node and go on at `next`, and returns where they
 * start. A backward program matches the same text read from right to left:
 * sequences, also the bytes of one character, come in the other order; what an
 * assertion sees on its left and right is for the automaton to swap.
 */

struct compiler {
	struct rx_prog *p;
	const struct rx_tree *t;
	bool reverse;
	struct sbx_err *err;
};

static int64_t emit(struct compiler *c, uint32_t node, uint32_t next);

static int64_t add(struct compiler *c, struct rx_inst inst)
{
	struct rx_prog *p = c->p;
	struct rx_inst *insts;

	if (p->n == p->cap) {
		if (p->n >= RX_MAX_INSTS)
			return sbx_failx(c->err, E2BIG,
					 "regular expression: too large, in "
					 "all or by its repetitions");
		p->cap = p->cap ? p->cap * 2 : 64;
		insts = reallocarray(p->inst, p->cap, sizeof(*insts));
		if (!insts)
			return sbx_fail(c->err, ENOMEM, "regular expression");
		p->inst = insts;
	}
	p->inst[p->n] = inst;
	return (int64_t)p->n++;
}

static int64_t add_split(struct compiler *c, int64_t x, int64_t y)
{
	if (x < 0 || y < 0)
		return x < 0 ? x : y;
	return add(c, (struct rx_inst){ .op = RX_OP_SPLIT,
					.x = (uint32_t)x,
					.y = (uint32_t)y });
}

/* ---- characters as bytes --------------------------------------------------
 */

static size_t encode(uint32_t c, uint8_t *ret)
{
	if (c < 0x80) {
		ret[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		ret[0] = (uint8_t)(0xc0 | c >> 6);
		ret[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		ret[0] = (uint8_t)(0xe0 | c >> 12);
		ret[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		ret[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	ret[0] = (uint8_t)(0xf0 | c >> 18);
	ret[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	ret[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	ret[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

/* One sequence of byte ranges lo[i]-hi[i]. */
static int64_t emit_bytes(struct compiler *c, const uint8_t *lo,
			  const uint8_t *hi, size_t n, uint32_t next)
{
	int64_t at = next;

	for (size_t i = 0; at >= 0 && i < n; i++) {
		size_t k = c->reverse ? i : n - 1 - i;

		at = add(c, (struct rx_inst){ .op = RX_OP_RANGE,
					      .lo = lo[k],
					      .hi = hi[k],
					      .x = (uint32_t)at });
	}
	return at;
}

/* Alternatives so far, and one more. */
static int64_t either(struct compiler *c, int64_t have, int64_t one)
{
	return have == -1 ? one : add_split(c, have, one);
}

/*
 * The end of the longest run from lo, at most to hi, whose encodings are one
 * product of byte ranges: same length, and in each continuation byte either
 * one value, or everything from where lo stands to the end of its block.
 */
static uint32_t run_end(uint32_t lo, uint32_t hi)
{
	static const uint32_t last[] = { 0x7f, 0x7ff, 0xffff, 0x10ffff };
	uint32_t end = hi;

	for (size_t i = 0; i < 4; i++) {
		if (lo <= last[i]) {
			if (end > last[i])
				end = last[i];
			break;
		}
	}
	if (lo < 0xd800 && end >= 0xd800)
		end = 0xd7ff;
	if (end < 0x80)
		return end;
	for (uint32_t mask = 0x3f; mask <= 0x3ffff; mask = mask << 6 | 0x3f) {
		if ((lo | mask) >= end && (lo & ~mask) == (end & ~mask))
			break;
		if (lo & mask)
			return (lo | mask) < end ? lo | mask : end;
		if ((end & mask) != mask && (end & ~mask) > lo)
			end = (end & ~mask) - 1;
	}
	return end;
}

static int64_t emit_range(struct compiler *c, struct rx_range r, uint32_t next,
			  int64_t have)
{
	uint8_t lo[4], hi[4];
	uint32_t end;
	size_t n;

	if (r.lo >= RX_RAW) {
		lo[0] = (uint8_t)(r.lo - RX_RAW);
		hi[0] = (uint8_t)(r.hi - RX_RAW);
		return either(c, have, emit_bytes(c, lo, hi, 1, next));
	}
	for (uint32_t at = r.lo; at <= r.hi && have >= -1; at = end + 1) {
		if (at >= 0xd800 && at <= 0xdfff)
			at = 0xe000;
		if (at > r.hi)
			break;
		end = run_end(at, r.hi);
		n = encode(at, lo);
		(void)encode(end, hi);
		have = either(c, have, emit_bytes(c, lo, hi, n, next));
		if (have < 0)
			return have;
	}
	return have;
}

/* A class without a character in it matches nothing. */
static int64_t emit_nothing(struct compiler *c, uint32_t next)
{
	return add(c, (struct rx_inst){
			      .op = RX_OP_RANGE, .lo = 1, .hi = 0, .x = next });
}

static int64_t emit_class(struct compiler *c, const struct rx_node *node,
			  uint32_t next)
{
	int64_t have = -1;

	for (uint32_t i = 0; i < node->b; i++) {
		have = emit_range(c, c->t->ranges[node->a + i], next, have);
		if (have < -1)
			return have;
	}
	return have == -1 ? emit_nothing(c, next) : have;
}

/* ---- structure --------------------------------------------------------------
 */

static int64_t emit_loop(struct compiler *c, const struct rx_node *node,
			 uint32_t next, bool at_least_one)
{
	int64_t split = add_split(c, next, next), body;

	if (split < 0)
		return split;
	body = emit(c, node->a, (uint32_t)split);
	if (body < 0)
		return body;
	c->p->inst[split].x = (uint32_t)body;
	return at_least_one ? body : split;
}

static int64_t emit_optional(struct compiler *c, const struct rx_node *node,
			     uint32_t next, int64_t at)
{
	size_t before = c->p->n;
	int64_t body = emit(c, node->a, (uint32_t)at);

	if (body < 0 || c->p->n == before)
		return body;
	return add_split(c, body, next);
}

static int64_t emit_repeat(struct compiler *c, const struct rx_node *node,
			   uint32_t next)
{
	int64_t at = next;
	uint32_t copies = node->min;
	size_t before;

	if (node->max == RX_INFINITE) {
		at = emit_loop(c, node, next, node->min > 0);
		copies -= node->min > 0;
	} else {
		for (uint32_t i = node->min; at >= 0 && i < node->max; i++) {
			before = c->p->n;
			at = emit_optional(c, node, next, at);
			if (c->p->n == before)
				break;
		}
	}
	for (; at >= 0 && copies; copies--) {
		before = c->p->n;
		at = emit(c, node->a, (uint32_t)at);
		/* nothing matches nothing, however often */
		if (c->p->n == before)
			break;
	}
	return at;
}

/* A sequence read backwards: its parts from the first to the last. The left
 * spine of the tree may be as long as the pattern, so no recursion on it. */
static int64_t emit_reversed(struct compiler *c, uint32_t node, uint32_t next)
{
	const struct rx_node *nodes = c->t->nodes;
	size_t depth = 0;
	uint32_t *spine, n;
	int64_t at;

	for (n = node; nodes[n].kind == RX_CAT; n = nodes[n].a)
		depth++;
	spine = calloc(depth, sizeof(*spine));
	if (!spine)
		return sbx_fail(c->err, ENOMEM, "regular expression");
	for (n = node; nodes[n].kind == RX_CAT; n = nodes[n].a)
		spine[--depth] = nodes[n].b;
	at = emit(c, n, next);
	for (n = node; at >= 0 && nodes[n].kind == RX_CAT; n = nodes[n].a)
		at = emit(c, spine[depth++], (uint32_t)at);
	free(spine);
	return at;
}

static int64_t emit_alternatives(struct compiler *c, uint32_t node,
				 uint32_t next)
{
	const struct rx_node *nodes = c->t->nodes;
	int64_t have = -1;

	for (; have >= -1 && nodes[node].kind == RX_ALT; node = nodes[node].a)
		have = either(c, have, emit(c, nodes[node].b, next));
	return have < -1 ? have : either(c, have, emit(c, node, next));
}

static int64_t emit(struct compiler *c, uint32_t node, uint32_t next)
{
	const struct rx_node *nodes = c->t->nodes;
	int64_t at = next;

	if (nodes[node].kind == RX_CAT && c->reverse)
		return emit_reversed(c, node, next);
	for (; at >= 0 && nodes[node].kind == RX_CAT; node = nodes[node].a)
		at = emit(c, nodes[node].b, (uint32_t)at);
	if (at < 0)
		return at;
	switch (nodes[node].kind) {
	case RX_CLASS:
		return emit_class(c, &nodes[node], (uint32_t)at);
	case RX_REPEAT:
		return emit_repeat(c, &nodes[node], (uint32_t)at);
	case RX_ALT:
		return emit_alternatives(c, node, (uint32_t)at);
	case RX_ASSERT:
		if (nodes[node].a <= RX_EOL)
			c->p->edges = true;
		else
			c->p->words = true;
		return add(c, (struct rx_inst){ .op = RX_OP_TEST,
						.lo = (uint8_t)nodes[node].a,
						.x = (uint32_t)at });
	default:
		return at;
	}
}

int rx_compile(struct rx_prog *ret, const struct rx_tree *t, bool reverse,
	       struct sbx_err *err)
{
	struct rx_prog p = { 0 };
	struct compiler c = { .p = &p, .t = t, .reverse = reverse, .err = err };
	int64_t at = add(&c, (struct rx_inst){ .op = RX_OP_MATCH });

	if (at >= 0)
		at = emit(&c, t->root, (uint32_t)at);
	if (at < 0) {
		rx_prog_done(&p);
		return (int)at;
	}
	p.start = (uint32_t)at;
	*ret = p;
	return 0;
}

void rx_prog_done(struct rx_prog *p)
{
	free(p->inst);
	*p = (struct rx_prog){ 0 };
}

/* ---- required text ----------------------------------------------------------
 */

struct required {
	char *best;
	size_t size, n_best;
	char run[256];
	size_t n_run;
	bool exact; /* the run is all there is so far */
};

static void end_run(struct required *q)
{
	if (q->n_run > q->n_best && q->n_run <= q->size) {
		memcpy(q->best, q->run, q->n_run);
		q->n_best = q->n_run;
	}
	q->n_run = 0;
}

/* Add one node of the sequence to the run, or end the run. */
static void require(struct required *q, const struct rx_tree *t, uint32_t node)
{
	const struct rx_node *n = &t->nodes[node];
	const struct rx_range *r = &t->ranges[n->a];
	uint8_t bytes[4];
	size_t len;

	if (n->kind == RX_EMPTY)
		return;
	if (n->kind == RX_CLASS && n->b == 1 && r->lo == r->hi) {
		len = 1;
		if (r->lo >= RX_RAW)
			bytes[0] = (uint8_t)(r->lo - RX_RAW);
		else
			len = encode(r->lo, bytes);
		if (q->n_run + len > sizeof(q->run)) {
			q->exact = false;
			end_run(q);
		}
		memcpy(q->run + q->n_run, bytes, len);
		q->n_run += len;
		return;
	}
	q->exact = false;
	if (n->kind != RX_ASSERT)
		end_run(q);
	/* one turn of a loop that must turn */
	if (n->kind == RX_REPEAT && n->min > 0 &&
	    t->nodes[n->a].kind == RX_CLASS) {
		require(q, t, n->a);
		end_run(q);
	}
}

static void require_sequence(struct required *q, const struct rx_tree *t,
			     uint32_t node)
{
	const struct rx_node *nodes = t->nodes;
	size_t depth = 0;
	uint32_t *spine, n;

	for (n = node; nodes[n].kind == RX_CAT; n = nodes[n].a)
		depth++;
	spine = calloc(depth + 1, sizeof(*spine));
	if (!spine)
		return;
	for (n = node; nodes[n].kind == RX_CAT; n = nodes[n].a)
		spine[depth--] = nodes[n].b;
	spine[0] = n;
	for (n = node; nodes[n].kind == RX_CAT; n = nodes[n].a)
		depth++;
	for (size_t i = 0; i <= depth; i++) {
		if (nodes[spine[i]].kind == RX_CAT) {
			/* a group: what it holds is in the sequence too */
			q->exact = false;
			end_run(q);
			continue;
		}
		require(q, t, spine[i]);
	}
	free(spine);
}

size_t rx_required(const struct rx_tree *t, char *ret, size_t size,
		   bool *ret_whole)
{
	struct required q = { .best = ret, .size = size, .exact = true };

	require_sequence(&q, t, t->root);
	*ret_whole = q.exact && q.n_run > 0 && q.n_run <= size;
	end_run(&q);
	return q.n_best;
}
