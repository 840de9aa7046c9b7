/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the glob engine: tokens, and the room for a match. */
#ifndef SBX_BASE_GLOB_GLOB_INT_H
#define SBX_BASE_GLOB_GLOB_INT_H

#include "runtime/base/glob/glob.h"

enum glob_op {
	GLOB_CHAR,
	GLOB_ANY,   /* ? */
	GLOB_STAR,  /* * */
	GLOB_STARS, /* ** */
	GLOB_SET,   /* [..] */
	GLOB_SLASH,
	GLOB_OPEN,  /* { */
	GLOB_COMMA, /* between braces */
	GLOB_CLOSE, /* } */
	GLOB_END,
};

struct glob_token {
	uint8_t op;
	uint8_t len;	/* CHAR: its bytes in the pattern */
	uint16_t at;	/* and where they are */
	uint16_t next;	/* OPEN, COMMA: the next COMMA or the CLOSE */
	uint16_t close; /* COMMA: the CLOSE */
	uint32_t value; /* CHAR: the character; SET: which one */
};

/* A byte that is no UTF-8 is this plus itself. */
#define GLOB_RAW 0x200000u

struct glob_range {
	uint32_t lo, hi;
};

/* A bracket: one character out of ranges, or not. */
struct glob_set {
	uint32_t ascii[4];     /* a bit for each: the answer */
	uint32_t first, count; /* ranges, for the others */
	bool negated;
};

struct glob_prog {
	struct glob_token *tokens;
	size_t n; /* GLOB_END is the last */
	struct glob_set *sets;
	size_t n_sets;
	struct glob_range *ranges;
	size_t n_ranges;
	unsigned flags;
	bool never; /* GLOB_GIT: malformed */
};

/* The character at s, and its length in bytes. */
size_t glob_char(const char *s, size_t len, unsigned flags, uint32_t *ret);
/* An ASCII letter of the other case; anything else as it is. */
uint32_t glob_other_case(uint32_t c);

int glob_parse(struct glob_prog *ret, const char *pattern, size_t len,
	       unsigned flags, struct sbx_err *err);
void glob_prog_done(struct glob_prog *p);

#endif
