/* SPDX-License-Identifier: Apache-2.0 */
/* Glob patterns: from text to tokens. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/glob/glob_int.h"
#include "runtime/base/utf8.h"

struct parser {
	struct glob_prog *prog;
	const char *s;
	size_t len, at;
	struct sbx_err *err;
};

static const struct {
	const char *name;
	struct glob_range ranges[4]; /* the first with hi 0 ends them */
} classes[] = {
	{ "alnum", { { '0', '9' }, { 'A', 'Z' }, { 'a', 'z' } } },
	{ "alpha", { { 'A', 'Z' }, { 'a', 'z' } } },
	{ "blank", { { '\t', '\t' }, { ' ', ' ' } } },
	{ "cntrl", { { 0, 0x1f }, { 0x7f, 0x7f } } },
	{ "digit", { { '0', '9' } } },
	{ "graph", { { 0x21, 0x7e } } },
	{ "lower", { { 'a', 'z' } } },
	{ "print", { { 0x20, 0x7e } } },
	{ "punct",
	  { { 0x21, 0x2f }, { 0x3a, 0x40 }, { 0x5b, 0x60 }, { 0x7b, 0x7e } } },
	{ "space", { { '\t', '\r' }, { ' ', ' ' } } },
	{ "upper", { { 'A', 'Z' } } },
	{ "xdigit", { { '0', '9' }, { 'A', 'F' }, { 'a', 'f' } } },
};

size_t glob_char(const char *s, size_t len, unsigned flags, uint32_t *ret)
{
	unsigned char byte = (unsigned char)*s;
	size_t n;

	if (byte < 0x80 || flags & GLOB_GIT) {
		*ret = byte;
		return 1;
	}
	n = utf8_decode(s, len, ret);
	if (n)
		return n;
	*ret = GLOB_RAW + byte;
	return 1;
}

uint32_t glob_other_case(uint32_t c)
{
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

	return letter ? c ^ 0x20 : c;
}

/* Malformed: an error, or where git is the model a pattern without a match. */
static int malformed(struct parser *p, size_t at, const char *what)
{
	if (p->prog->flags & GLOB_GIT) {
		p->prog->never = true;
		return -EINVAL;
	}
	return sbx_failx(p->err, EINVAL, "glob pattern: %s at byte %zu", what,
			 at + 1);
}

static bool peek_is(const struct parser *p, char c)
{
	return p->at < p->len && p->s[p->at] == c;
}

/* The next character, whatever it is. False at the end. */
static bool next_char(struct parser *p, uint32_t *ret)
{
	if (p->at >= p->len)
		return false;
	p->at += glob_char(p->s + p->at, p->len - p->at, p->prog->flags, ret);
	return true;
}

/* ---- brackets ------------------------------------------------------------
 */

enum found { FOUND, FOUND_END, FOUND_ERROR };

struct bracket {
	uint32_t previous; /* where a range may start */
	bool has_previous;
};

static void add_range(struct glob_prog *g, uint32_t lo, uint32_t hi)
{
	g->ranges[g->n_ranges++] = (struct glob_range){ lo, hi };
}

static bool add_class(struct glob_prog *g, const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
		const struct glob_range *r = classes[i].ranges;

		if (strlen(classes[i].name) != len ||
		    memcmp(classes[i].name, name, len) != 0)
			continue;
		for (size_t k = 0; k < 4 && r[k].hi; k++)
			add_range(g, r[k].lo, r[k].hi);
		return true;
	}
	return false;
}

/* At the ":" of "[:". What does not end in ":]" is no class: nothing is read.
 */
static enum found read_class(struct parser *p, bool *ret_is_class)
{
	const char *name = p->s + p->at + 1;
	const char *end = memchr(name, ']', p->len - p->at - 1);
	size_t len;

	if (!end)
		return FOUND_END;
	len = (size_t)(end - name);
	if (len == 0 || name[len - 1] != ':')
		return FOUND;
	if (!add_class(p->prog, name, len - 1)) {
		(void)malformed(p, p->at, "unknown character class");
		return FOUND_ERROR;
	}
	p->at += len + 2;
	*ret_is_class = true;
	return FOUND;
}

/* After "x-", where x is the previous character. */
static enum found read_range(struct parser *p, struct bracket *b)
{
	size_t start = p->at;
	uint32_t hi;

	(void)next_char(p, &hi);
	if (hi == '\\' && !next_char(p, &hi))
		return FOUND_END;
	b->has_previous = false;
	if (hi >= b->previous) {
		add_range(p->prog, b->previous, hi);
		return FOUND;
	}
	if (p->prog->flags & GLOB_GIT)
		return FOUND;
	(void)malformed(p, start, "a range that ends before it starts");
	return FOUND_ERROR;
}

static enum found read_item(struct parser *p, struct bracket *b)
{
	bool is_class = false;
	enum found f = FOUND;
	uint32_t c;

	if (!next_char(p, &c))
		return FOUND_END;
	if (c == '-' && b->has_previous && p->at < p->len && !peek_is(p, ']'))
		return read_range(p, b);
	if (c == '[' && peek_is(p, ':'))
		f = read_class(p, &is_class);
	else if (c == '\\' && !next_char(p, &c))
		f = FOUND_END;
	if (f != FOUND)
		return f;
	if (!is_class)
		add_range(p->prog, c, c);
	b->previous = c;
	b->has_previous = !is_class;
	return FOUND;
}

static bool in_ranges(const struct glob_prog *g, const struct glob_set *set,
		      uint32_t c)
{
	for (uint32_t i = 0; i < set->count; i++) {
		const struct glob_range *r = &g->ranges[set->first + i];

		if (c >= r->lo && c <= r->hi)
			return true;
	}
	return false;
}

static void finish_set(struct glob_prog *g, struct glob_set *set)
{
	bool icase = g->flags & GLOB_ICASE;

	set->count = (uint32_t)g->n_ranges - set->first;
	for (uint32_t c = 0; c < 128; c++) {
		bool in = in_ranges(g, set, c) ||
			  (icase && in_ranges(g, set, glob_other_case(c)));

		if (in != set->negated)
			set->ascii[c / 32] |= 1u << c % 32;
	}
}

/* At "[". FOUND_END: it has no end, and nothing is read. */
static enum found read_set(struct parser *p, struct glob_set *set)
{
	size_t start = p->at, n_ranges = p->prog->n_ranges;
	struct bracket b = { 0 };
	enum found f;

	*set = (struct glob_set){ .first = (uint32_t)n_ranges };
	p->at++;
	if (peek_is(p, '!') || peek_is(p, '^')) {
		set->negated = true;
		p->at++;
	}
	do
		f = read_item(p, &b);
	while (f == FOUND && !peek_is(p, ']'));
	if (f == FOUND) {
		p->at++;
		finish_set(p->prog, set);
		return f;
	}
	p->at = start;
	p->prog->n_ranges = n_ranges;
	return f;
}

/* ---- tokens --------------------------------------------------------------
 */

static struct glob_token *add_token(struct parser *p, enum glob_op op,
				    uint32_t value)
{
	struct glob_token *t = &p->prog->tokens[p->prog->n++];

	*t = (struct glob_token){ .op = (uint8_t)op, .value = value };
	return t;
}

static void plain_token(struct parser *p, enum glob_op op)
{
	size_t start = p->at;
	struct glob_token *t;
	uint32_t c;

	(void)next_char(p, &c);
	if (p->prog->flags & GLOB_ICASE && c >= 'A' && c <= 'Z')
		c = glob_other_case(c);
	t = add_token(p, c == '/' ? GLOB_SLASH : op, c);
	t->at = (uint16_t)start;
	t->len = (uint8_t)(p->at - start);
}

static void star_token(struct parser *p)
{
	size_t start = p->at;

	while (peek_is(p, '*'))
		p->at++;
	(void)add_token(p, p->at - start == 1 ? GLOB_STAR : GLOB_STARS, 0);
}

static int set_token(struct parser *p)
{
	struct glob_prog *g = p->prog;

	switch (read_set(p, &g->sets[g->n_sets])) {
	case FOUND:
		(void)add_token(p, GLOB_SET, (uint32_t)g->n_sets++);
		return 0;
	case FOUND_END:
		if (g->flags & GLOB_GIT)
			return malformed(p, p->at, "[ without ]");
		plain_token(p, GLOB_CHAR);
		return 0;
	case FOUND_ERROR:
		break;
	}
	return -EINVAL;
}

static enum glob_op brace_op(const struct parser *p)
{
	if (p->prog->flags & GLOB_GIT)
		return GLOB_CHAR;
	switch (p->s[p->at]) {
	case '{':
		return GLOB_OPEN;
	case ',':
		return GLOB_COMMA;
	case '}':
		return GLOB_CLOSE;
	default:
		return GLOB_CHAR;
	}
}

static int read_token(struct parser *p)
{
	switch (p->s[p->at]) {
	case '*':
		star_token(p);
		return 0;
	case '?':
		p->at++;
		(void)add_token(p, GLOB_ANY, 0);
		return 0;
	case '[':
		return set_token(p);
	case '\\':
		p->at++;
		if (p->at == p->len)
			return malformed(p, p->at - 1, "nothing after \\");
		plain_token(p, GLOB_CHAR);
		return 0;
	default:
		plain_token(p, brace_op(p));
		return 0;
	}
}

/* ---- passes over the tokens ----------------------------------------------
 */

/* A component `.` and the slash after it, where more follows. */
static void drop_dots(struct glob_prog *g)
{
	struct glob_token *t = g->tokens;
	size_t to = 0;

	for (size_t i = 0; i < g->n; i++) {
		bool starts = to == 0 || t[to - 1].op == GLOB_SLASH;

		if (starts && i + 2 < g->n && t[i].op == GLOB_CHAR &&
		    t[i].value == '.' && t[i + 1].op == GLOB_SLASH)
			i++;
		else
			t[to++] = t[i];
	}
	g->n = to;
}

struct open_brace {
	uint16_t at, last; /* the brace, and the latest in its chain */
};

/* Let all commas of a chain, from its open brace on, know the close. */
static void close_chain(struct glob_token *t, uint16_t open, uint16_t close)
{
	for (uint16_t i = open; i != close; i = t[i].next)
		t[i].close = close;
}

/* What has no partner is plain. */
static void plain_chain(struct glob_token *t, uint16_t open, uint16_t last)
{
	uint16_t next;

	for (uint16_t i = open;; i = next) {
		next = t[i].next;
		t[i].op = GLOB_CHAR;
		if (i == last)
			break;
	}
}

static size_t match_brace(struct glob_token *t, uint16_t i,
			  struct open_brace *stack, size_t depth)
{
	struct open_brace *top = depth ? &stack[depth - 1] : NULL;

	if (t[i].op == GLOB_OPEN) {
		stack[depth] = (struct open_brace){ i, i };
		return depth + 1;
	}
	if (!top) {
		t[i].op = GLOB_CHAR;
		return 0;
	}
	if (t[i].op == GLOB_CLOSE && top->last == top->at) {
		t[i].op = GLOB_CHAR;
		t[top->at].op = GLOB_CHAR;
		return depth - 1;
	}
	t[top->last].next = i;
	top->last = i;
	if (t[i].op == GLOB_COMMA)
		return depth;
	close_chain(t, top->at, i);
	return depth - 1;
}

static int match_braces(struct glob_prog *g)
{
	_autofree struct open_brace *stack = NULL;
	size_t depth = 0, opens = 0;

	for (size_t i = 0; i < g->n; i++)
		opens += g->tokens[i].op == GLOB_OPEN;
	stack = calloc(opens + 1, sizeof(*stack));
	if (!stack)
		return -ENOMEM;
	for (size_t i = 0; i < g->n; i++) {
		uint8_t op = g->tokens[i].op;

		if (op == GLOB_OPEN || op == GLOB_COMMA || op == GLOB_CLOSE)
			depth = match_brace(g->tokens, (uint16_t)i, stack,
					    depth);
	}
	while (depth--)
		plain_chain(g->tokens, stack[depth].at, stack[depth].last);
	return 0;
}

/* Each token is at least a byte, and so is each range. */
static int make_room(struct glob_prog *g, const char *s, size_t len)
{
	size_t sets = 0;

	for (size_t i = 0; i < len; i++)
		sets += s[i] == '[';
	g->tokens = calloc(len + 1, sizeof(*g->tokens));
	if (!g->tokens)
		return -ENOMEM;
	if (!sets)
		return 0;
	g->sets = calloc(sets, sizeof(*g->sets));
	g->ranges = calloc(len, sizeof(*g->ranges));
	return g->sets && g->ranges ? 0 : -ENOMEM;
}

int glob_parse(struct glob_prog *ret, const char *pattern, size_t len,
	       unsigned flags, struct sbx_err *err)
{
	struct parser p = { ret, pattern, len, 0, err };
	int r;

	*ret = (struct glob_prog){ .flags = flags };
	if (len == 0)
		return sbx_failx(err, EINVAL, "glob pattern: it is empty");
	if (len > GLOB_PATTERN_MAX)
		return sbx_failx(err, E2BIG,
				 "glob pattern: longer than %d bytes",
				 GLOB_PATTERN_MAX);
	if (memchr(pattern, '\0', len))
		return sbx_failx(err, EINVAL, "glob pattern: a NUL is in it");
	r = make_room(ret, pattern, len);
	if (r < 0)
		return sbx_fail(err, -r, "glob pattern");
	while (p.at < p.len && !ret->never) {
		r = read_token(&p);
		if (r < 0 && !ret->never)
			return r;
	}
	if (!(flags & GLOB_GIT))
		drop_dots(ret);
	r = match_braces(ret);
	if (r < 0)
		return sbx_fail(err, -r, "glob pattern");
	(void)add_token(&p, GLOB_END, 0);
	return 0;
}

void glob_prog_done(struct glob_prog *g)
{
	free(g->tokens);
	free(g->sets);
	free(g->ranges);
	*g = (struct glob_prog){ 0 };
}
