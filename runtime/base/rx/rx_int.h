/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the regular-expression engine: tree, program, automaton. */
#ifndef SBX_BASE_RX_RX_INT_H
#define SBX_BASE_RX_RX_INT_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the tree (rx_parse.c) --------------------------------------------- */

enum rx_kind {
	RX_EMPTY,
	RX_CLASS,  /* one character out of ranges[a .. a + b) */
	RX_CAT,	   /* a then b */
	RX_ALT,	   /* a or b */
	RX_REPEAT, /* a, min to max times */
	RX_ASSERT, /* a is an enum rx_assert */
};

enum rx_assert {
	RX_BOL,
	RX_EOL,
	RX_WORD_EDGE,
	RX_NOT_WORD_EDGE,
	RX_WORD_START,
	RX_WORD_END,
};

#define RX_INFINITE UINT32_MAX

struct rx_node {
	enum rx_kind kind;
	uint32_t a, b;
	uint32_t min, max;
};

/* Code points, or a raw byte that is no UTF-8: RX_RAW + byte. */
#define RX_RAW 0x200000u
struct rx_range {
	uint32_t lo, hi;
};

struct rx_tree {
	struct rx_node *nodes;
	size_t n_nodes, cap_nodes;
	struct rx_range *ranges;
	size_t n_ranges, cap_ranges;
	uint32_t root;
};

int rx_parse(struct rx_tree *ret, const char *pattern, size_t len,
	     unsigned flags, struct sbx_err *err);
void rx_tree_done(struct rx_tree *t);

/* ---- the program (rx_prog.c) ------------------------------------------- */

enum rx_op {
	RX_OP_RANGE, /* a byte from lo to hi, then x */
	RX_OP_SPLIT, /* x and y */
	RX_OP_TEST,  /* the assertion lo holds, then x */
	RX_OP_MATCH,
};

struct rx_inst {
	uint8_t op, lo, hi;
	uint32_t x, y;
};

struct rx_prog {
	struct rx_inst *inst;
	size_t n, cap;
	uint32_t start;
	bool edges; /* has ^ or $ */
	bool words; /* has a word boundary */
};

#define RX_MAX_INSTS 50000

/* reverse: for reading the text from its end. */
int rx_compile(struct rx_prog *ret, const struct rx_tree *t, bool reverse,
	       struct sbx_err *err);
void rx_prog_done(struct rx_prog *p);

/*
 * The longest text that every match holds, at most size bytes; its length, 0
 * for none. *ret_whole: a match is exactly this text.
 */
size_t rx_required(const struct rx_tree *t, char *ret, size_t size,
		   bool *ret_whole);

/* ---- the automaton (rx_dfa.c) ------------------------------------------ */

struct rx_dfa;

/* prog is borrowed. unanchored: a match may start anywhere. */
struct rx_dfa *rx_dfa_new(const struct rx_prog *prog, bool unanchored,
			  bool reverse);
void rx_dfa_free(struct rx_dfa *d);

enum rx_want { RX_FIRST, RX_LAST };

/*
 * Run over text[from, to), towards `to` or, for a reverse program, from `to`
 * down to `from`; what lies beyond decides assertions at both ends. Returns
 * the first or last position where the program has matched, RX_NOWHERE for
 * none. Stops early where nothing can match any more.
 */
#define RX_NOWHERE SIZE_MAX
size_t rx_dfa_run(struct rx_dfa *d, const char *text, size_t len, size_t from,
		  size_t to, enum rx_want want);

#endif
