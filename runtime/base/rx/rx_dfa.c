/* SPDX-License-Identifier: Apache-2.0 */
/* The automaton: states made when they are first met, in bounded memory. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/rx/rx_int.h"

/*
 * How this works. A state is a set of instructions that wait for a byte, and
 * what kind of character was read last. Assertions look at both sides of a
 * place, so they are decided, and a match is seen, one byte late: when the next
 * byte (or the end) is known. Each step of the text is one look into a table;
 * only a cell that is empty costs work, at most the size of the program. When
 * the states have used up their memory all are forgotten and made anew, so
 * that a text that meets ever new states is slow, but linear.
 */

#define MAX_MEMORY (8u * 1024 * 1024)
#define UNKNOWN UINT32_MAX
#define MATCHED 0x80000000u /* in a cell: a match ends before this byte */
#define DEAD 0u		    /* state 0 never matches */
#define MAX_STATES 0x00ffffffu

/* What stands beside a place. */
enum side { SIDE_EDGE, SIDE_WORD, SIDE_OTHER, SIDES };

struct state {
	uint32_t *insts;
	uint32_t n;
	uint32_t side;
	uint32_t hash_next;
};

struct set {
	uint32_t *dense, *sparse;
	uint32_t n;
};

struct rx_dfa {
	const struct rx_prog *prog;
	bool unanchored, reverse;
	uint8_t class_of[256];
	uint8_t sample[257]; /* a byte of each class */
	uint32_t n_classes;  /* the class n_classes is the end of text */
	uint32_t stride;     /* a power of two above n_classes */
	struct state *states;
	uint32_t n_states, cap_states;
	uint32_t *cells;
	uint32_t *hash; /* state number, 0 none */
	uint32_t hash_mask;
	size_t memory;
	struct set now, next;
	uint32_t *stack;
	uint32_t starts[SIDES];
};

static enum side side_of(const struct rx_dfa *d, int byte)
{
	bool word;

	if (byte < 0 || byte == '\n')
		return d->prog->edges || d->prog->words ? SIDE_EDGE
							: SIDE_OTHER;
	if (!d->prog->words)
		return SIDE_OTHER;
	word = (byte >= '0' && byte <= '9') || byte == '_' ||
	       ((byte | 32) >= 'a' && (byte | 32) <= 'z');
	return word ? SIDE_WORD : SIDE_OTHER;
}

/* Bytes that no instruction and no assertion tells apart share a class. */
static void make_classes(struct rx_dfa *d)
{
	bool starts[257] = { [0] = true, ['\n'] = true, ['\n' + 1] = true };
	const struct rx_inst *in;
	int class = -1;

	for (size_t i = 0; i < d->prog->n; i++) {
		in = &d->prog->inst[i];
		if (in->op == RX_OP_RANGE && in->lo <= in->hi)
			starts[in->lo] = starts[in->hi + 1] = true;
	}
	if (d->prog->words)
		for (const char *p = "0:A[_`a{"; *p; p++)
			starts[(unsigned char)*p] = true;
	for (int b = 0; b < 256; b++) {
		class += starts[b];
		d->class_of[b] = (uint8_t) class;
		d->sample[class] = (uint8_t)b;
	}
	d->n_classes = (uint32_t) class + 1;
	d->stride = 1;
	while (d->stride <= d->n_classes)
		d->stride *= 2;
}

static bool set_add(struct set *s, uint32_t v)
{
	uint32_t at = s->sparse[v];

	if (at < s->n && s->dense[at] == v)
		return false;
	s->sparse[v] = s->n;
	s->dense[s->n++] = v;
	return true;
}

/* Add pc and all that is reached from it without a byte or a question. */
static void follow(struct rx_dfa *d, struct set *s, uint32_t pc)
{
	const struct rx_inst *inst = d->prog->inst;
	size_t n = 0;

	d->stack[n++] = pc;
	while (n) {
		pc = d->stack[--n];
		if (!set_add(s, pc) || inst[pc].op != RX_OP_SPLIT)
			continue;
		d->stack[n++] = inst[pc].y;
		d->stack[n++] = inst[pc].x;
	}
}

static bool holds(enum rx_assert what, enum side left, enum side right)
{
	switch (what) {
	case RX_BOL:
		return left == SIDE_EDGE;
	case RX_EOL:
		return right == SIDE_EDGE;
	case RX_WORD_EDGE:
		return (left == SIDE_WORD) != (right == SIDE_WORD);
	case RX_NOT_WORD_EDGE:
		return (left == SIDE_WORD) == (right == SIDE_WORD);
	case RX_WORD_START:
		return left != SIDE_WORD && right == SIDE_WORD;
	default:
		return left == SIDE_WORD && right != SIDE_WORD;
	}
}

/* ---- states -------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t hash_of(const uint32_t *v, uint32_t n, uint32_t side)
{
	uint32_t h = 2166136261u ^ side;

	for (uint32_t i = 0; i < n; i++)
		h = (h ^ v[i]) * 16777619u;
	return h ^ h >> 15;
}

static void forget_states(struct rx_dfa *d)
{
	for (uint32_t i = 1; i < d->n_states; i++)
		free(d->states[i].insts);
	d->n_states = 1;
	d->memory = 0;
	memset(d->hash, 0, (d->hash_mask + 1) * sizeof(*d->hash));
	for (int i = 0; i < SIDES; i++)
		d->starts[i] = UNKNOWN;
}

static bool grow(struct rx_dfa *d)
{
	uint32_t cap = d->cap_states ? d->cap_states * 2 : 32;
	struct state *states;
	uint32_t *cells;

	if (d->n_states < d->cap_states)
		return true;
	states = reallocarray(d->states, cap, sizeof(*states));
	if (!states)
		return false;
	d->states = states;
	cells = reallocarray(d->cells, (size_t)cap * d->stride, sizeof(*cells));
	if (!cells)
		return false;
	d->cells = cells;
	d->cap_states = cap;
	return true;
}

static bool rehash(struct rx_dfa *d)
{
	uint32_t mask = d->hash_mask * 2 + 1, slot;
	uint32_t *hash;

	if (d->n_states <= d->hash_mask)
		return true;
	hash = calloc(mask + 1, sizeof(*hash));
	if (!hash)
		return false;
	free(d->hash);
	d->hash = hash;
	d->hash_mask = mask;
	for (uint32_t i = 1; i < d->n_states; i++) {
		struct state *s = &d->states[i];

		slot = hash_of(s->insts, s->n, s->side) & mask;
		s->hash_next = hash[slot];
		hash[slot] = i;
	}
	return true;
}

/* Keep of a set what waits for a byte, an answer or is a match. */
static uint32_t pack(const struct rx_dfa *d, struct set *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n; i++)
		if (d->prog->inst[s->dense[i]].op != RX_OP_SPLIT)
			s->dense[n++] = s->dense[i];
	s->n = 0;
	qsort(s->dense, n, sizeof(*s->dense), by_number);
	return n;
}

static uint32_t new_state(struct rx_dfa *d, const uint32_t *v, uint32_t n,
			  uint32_t side)
{
	uint32_t i = d->n_states, slot;
	struct state *s;

	if (!grow(d) || !rehash(d))
		return UNKNOWN;
	s = &d->states[i];
	s->insts = malloc((n + 1) * sizeof(*v));
	if (!s->insts)
		return UNKNOWN;
	memcpy(s->insts, v, n * sizeof(*v));
	s->n = n;
	s->side = side;
	slot = hash_of(v, n, side) & d->hash_mask;
	s->hash_next = d->hash[slot];
	d->hash[slot] = i;
	for (uint32_t c = 0; c < d->stride; c++)
		d->cells[(size_t)i * d->stride + c] = UNKNOWN;
	d->memory += (n + d->stride) * sizeof(*v) + sizeof(*s);
	d->n_states++;
	return i;
}

/* The state for a set; the set is used up. UNKNOWN: no memory. */
static uint32_t state_for(struct rx_dfa *d, struct set *set, enum side side)
{
	uint32_t n = pack(d, set);
	const uint32_t *v = set->dense;

	if (!n)
		return DEAD;
	for (uint32_t i = d->hash[hash_of(v, n, side) & d->hash_mask]; i;
	     i = d->states[i].hash_next) {
		const struct state *s = &d->states[i];

		if (s->n == n && s->side == side &&
		    memcmp(s->insts, v, n * sizeof(*v)) == 0)
			return i;
	}
	return new_state(d, v, n, side);
}

static uint32_t start_state(struct rx_dfa *d, enum side side)
{
	if (d->starts[side] == UNKNOWN) {
		d->next.n = 0;
		follow(d, &d->next, d->prog->start);
		d->starts[side] = state_for(d, &d->next, side);
	}
	return d->starts[side];
}

/* Answer the questions of a state, now that the next byte is known: d->now is
 * then all that can read it. Returns whether there is a match. */
static bool settle(struct rx_dfa *d, const struct state *s, enum side next)
{
	enum side left = d->reverse ? next : s->side;
	enum side right = d->reverse ? s->side : next;
	const struct rx_inst *in;
	bool matched = false;

	d->now.n = 0;
	for (uint32_t i = 0; i < s->n; i++)
		(void)set_add(&d->now, s->insts[i]);
	for (uint32_t i = 0; i < d->now.n; i++) {
		in = &d->prog->inst[d->now.dense[i]];
		if (in->op == RX_OP_MATCH)
			matched = true;
		else if (in->op == RX_OP_TEST && holds(in->lo, left, right))
			follow(d, &d->now, in->x);
	}
	return matched;
}

/* Fill one cell of the table. UNKNOWN: no memory. */
static uint32_t make_cell(struct rx_dfa *d, uint32_t from, uint32_t class)
{
	int byte = class == d->n_classes ? -1 : d->sample[class];
	enum side side = side_of(d, byte);
	bool matched = settle(d, &d->states[from], side);
	const struct rx_inst *in;
	uint32_t to;

	d->next.n = 0;
	for (uint32_t i = 0; byte >= 0 && i < d->now.n; i++) {
		in = &d->prog->inst[d->now.dense[i]];
		if (in->op == RX_OP_RANGE && in->lo <= byte && byte <= in->hi)
			follow(d, &d->next, in->x);
	}
	if (d->unanchored && byte >= 0)
		follow(d, &d->next, d->prog->start);
	to = state_for(d, &d->next, side);
	if (to == UNKNOWN)
		return UNKNOWN;
	if (matched)
		to |= MATCHED;
	d->cells[(size_t)from * d->stride + class] = to;
	return to;
}

/* ---- running --------------------------------------------------------------
 */

/* A cell that was empty. Memory used up: start over from this same state. */
static uint32_t slow_step(struct rx_dfa *d, uint32_t *state, uint32_t class)
{
	uint32_t n, side;

	if (d->memory > MAX_MEMORY || d->n_states >= MAX_STATES) {
		n = d->states[*state].n;
		side = d->states[*state].side;
		memcpy(d->next.dense, d->states[*state].insts,
		       n * sizeof(uint32_t));
		forget_states(d);
		*state = new_state(d, d->next.dense, n, side);
		if (*state == UNKNOWN)
			return UNKNOWN;
	}
	return make_cell(d, *state, class);
}

static int byte_at(const char *text, size_t len, size_t at, bool before)
{
	if (before)
		return at ? (unsigned char)text[at - 1] : -1;
	return at < len ? (unsigned char)text[at] : -1;
}

/* The class of what lies past the end of the scan: it decides assertions. */
static uint32_t class_past(const struct rx_dfa *d, const char *text, size_t len,
			   size_t at)
{
	int byte = byte_at(text, len, at, d->reverse);

	return byte < 0 ? d->n_classes : d->class_of[byte];
}

/*
 * The fast part: go on while cells are plain. Returns where it stands; *state
 * is the state there, whose cell for the next byte is none or is a match.
 */
static size_t run_forward(const struct rx_dfa *d, const char *text, size_t at,
			  size_t end, uint32_t *state)
{
	const uint32_t *cells = d->cells;
	const uint8_t *class_of = d->class_of;
	size_t stride = d->stride;
	uint32_t s = *state, cell;

	for (; at < end; at++) {
		cell = cells[s * stride + class_of[(unsigned char)text[at]]];
		if (cell >= MATCHED || cell == DEAD)
			break;
		s = cell;
	}
	*state = s;
	return at;
}

size_t rx_dfa_run(struct rx_dfa *d, const char *text, size_t len, size_t from,
		  size_t to, enum rx_want want)
{
	size_t at = d->reverse ? to : from, end = d->reverse ? from : to;
	size_t found = RX_NOWHERE;
	uint32_t state, cell, class;

	state = start_state(d, side_of(d, byte_at(text, len, at, !d->reverse)));
	while (state != UNKNOWN && state != DEAD) {
		if (!d->reverse)
			at = run_forward(d, text, at, end, &state);
		if (at == end)
			class = class_past(d, text, len, at);
		else
			class = d->class_of[byte_at(text, len, at, d->reverse)];
		cell = d->cells[(size_t)state * d->stride + class];
		if (cell == UNKNOWN)
			cell = slow_step(d, &state, class);
		if (cell == UNKNOWN)
			break;
		if (cell & MATCHED) {
			found = at;
			if (want == RX_FIRST)
				break;
		}
		if (at == end)
			break;
		at += d->reverse ? (size_t)-1 : 1;
		state = cell & ~MATCHED;
	}
	return found;
}

/* ---- life ------------------------------------------------------------------
 */

static bool set_init(struct set *s, size_t n)
{
	s->dense = calloc(n, sizeof(*s->dense));
	s->sparse = calloc(n, sizeof(*s->sparse));
	return s->dense && s->sparse;
}

struct rx_dfa *rx_dfa_new(const struct rx_prog *prog, bool unanchored,
			  bool reverse)
{
	struct rx_dfa *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->prog = prog;
	d->unanchored = unanchored;
	d->reverse = reverse;
	make_classes(d);
	d->hash_mask = 63;
	d->hash = calloc(d->hash_mask + 1, sizeof(*d->hash));
	d->stack = calloc(2 * prog->n + 2, sizeof(*d->stack));
	if (!d->hash || !d->stack || !set_init(&d->now, prog->n + 1) ||
	    !set_init(&d->next, prog->n + 1) || !grow(d)) {
		rx_dfa_free(d);
		return NULL;
	}
	memset(d->cells, 0, d->stride * sizeof(*d->cells));
	forget_states(d);
	return d;
}

void rx_dfa_free(struct rx_dfa *d)
{
	if (!d)
		return;
	for (uint32_t i = 1; i < d->n_states; i++)
		free(d->states[i].insts);
	free(d->states);
	free(d->cells);
	free(d->hash);
	free(d->stack);
	free(d->now.dense);
	free(d->now.sparse);
	free(d->next.dense);
	free(d->next.sparse);
	free(d);
}
