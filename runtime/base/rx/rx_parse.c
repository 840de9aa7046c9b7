/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a regular expression into a tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/rx/rx.h"
#include "runtime/base/rx/rx_int.h"
#include "runtime/base/utf8.h"

#define MAX_DEPTH 200	 /* groups within groups */
#define MAX_COUNT 1000	 /* in {m,n} */
#define MAX_NODES 100000 /* of one tree */

struct parser {
	struct rx_tree *t;
	const char *text;
	size_t len, at;
	unsigned flags;
	int depth;
	struct sbx_err *err;
};

static int complain(const struct parser *p, const char *what)
{
	return sbx_failx(p->err, EINVAL,
			 "regular expression, character %zu: %s", p->at + 1,
			 what);
}

static int64_t add_node(struct parser *p, struct rx_node node)
{
	struct rx_tree *t = p->t;
	struct rx_node *nodes;

	if (t->n_nodes == t->cap_nodes) {
		if (t->n_nodes >= MAX_NODES)
			return complain(p, "it is too large");
		t->cap_nodes = t->cap_nodes ? t->cap_nodes * 2 : 64;
		nodes = reallocarray(t->nodes, t->cap_nodes, sizeof(*nodes));
		if (!nodes)
			return sbx_fail(p->err, ENOMEM, "regular expression");
		t->nodes = nodes;
	}
	t->nodes[t->n_nodes] = node;
	return (int64_t)t->n_nodes++;
}

static int add_range(struct parser *p, uint32_t lo, uint32_t hi)
{
	struct rx_tree *t = p->t;
	struct rx_range *ranges;

	if (t->n_ranges == t->cap_ranges) {
		if (t->n_ranges >= MAX_NODES)
			return complain(p, "it is too large");
		t->cap_ranges = t->cap_ranges ? t->cap_ranges * 2 : 64;
		ranges =
			reallocarray(t->ranges, t->cap_ranges, sizeof(*ranges));
		if (!ranges)
			return sbx_fail(p->err, ENOMEM, "regular expression");
		t->ranges = ranges;
	}
	t->ranges[t->n_ranges++] = (struct rx_range){ lo, hi };
	return 0;
}

/* ---- classes ------------------------------------------------------------ */

struct named_class {
	const char *name;
	struct rx_range ranges[6]; /* until lo > hi */
};

#define END_OF_RANGES \
	{             \
		1, 0  \
	}

static const struct named_class named[] = {
	{ "alpha", { { 'A', 'Z' }, { 'a', 'z' }, END_OF_RANGES } },
	{ "digit", { { '0', '9' }, END_OF_RANGES } },
	{ "alnum",
	  { { '0', '9' }, { 'A', 'Z' }, { 'a', 'z' }, END_OF_RANGES } },
	{ "upper", { { 'A', 'Z' }, END_OF_RANGES } },
	{ "lower", { { 'a', 'z' }, END_OF_RANGES } },
	{ "space", { { '\t', '\r' }, { ' ', ' ' }, END_OF_RANGES } },
	{ "blank", { { '\t', '\t' }, { ' ', ' ' }, END_OF_RANGES } },
	{ "punct",
	  { { '!', '/' },
	    { ':', '@' },
	    { '[', '`' },
	    { '{', '~' },
	    END_OF_RANGES } },
	{ "print", { { ' ', '~' }, END_OF_RANGES } },
	{ "graph", { { '!', '~' }, END_OF_RANGES } },
	{ "cntrl", { { 0, 31 }, { 127, 127 }, END_OF_RANGES } },
	{ "xdigit",
	  { { '0', '9' }, { 'A', 'F' }, { 'a', 'f' }, END_OF_RANGES } },
	{ "w",
	  { { '0', '9' },
	    { 'A', 'Z' },
	    { '_', '_' },
	    { 'a', 'z' },
	    END_OF_RANGES } },
};

static const struct named_class *find_class(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (strlen(named[i].name) == len &&
		    memcmp(named[i].name, name, len) == 0)
			return &named[i];
	return NULL;
}

static int add_named(struct parser *p, const struct named_class *c)
{
	int r = 0;

	for (size_t i = 0; r == 0 && c->ranges[i].lo <= c->ranges[i].hi; i++)
		r = add_range(p, c->ranges[i].lo, c->ranges[i].hi);
	return r;
}

static int by_lo(const void *a, const void *b)
{
	const struct rx_range *x = a, *y = b;

	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

/* Sort ranges[first..) and join what overlaps or touches. */
static void normalize(struct rx_tree *t, size_t first)
{
	size_t out = first;

	if (t->n_ranges == first)
		return;
	qsort(t->ranges + first, t->n_ranges - first, sizeof(*t->ranges),
	      by_lo);
	for (size_t i = first + 1; i < t->n_ranges; i++) {
		struct rx_range *last = &t->ranges[out], r = t->ranges[i];

		if (r.lo > last->hi + 1)
			t->ranges[++out] = r;
		else if (r.hi > last->hi)
			last->hi = r.hi;
	}
	t->n_ranges = out + 1;
}

/* Turn ranges[first..) into what they leave out. Raw bytes are in neither. */
static int negate(struct parser *p, size_t first)
{
	struct rx_tree *t = p->t;
	size_t n;
	struct rx_range *old;
	uint32_t next = 0;
	int r = 0;

	normalize(t, first);
	n = t->n_ranges - first;
	old = malloc((n + 1) * sizeof(*old));
	if (!old)
		return sbx_fail(p->err, ENOMEM, "regular expression");
	if (n)
		memcpy(old, t->ranges + first, n * sizeof(*old));
	t->n_ranges = first;
	for (size_t i = 0; r == 0 && i < n && old[i].lo < RX_RAW; i++) {
		if (old[i].lo > next)
			r = add_range(p, next, old[i].lo - 1);
		next = old[i].hi + 1;
	}
	if (r == 0 && next <= 0x10ffff)
		r = add_range(p, next, 0x10ffff);
	free(old);
	return r;
}

/* Both cases of what ranges[first..) holds of ASCII letters. */
static int fold(struct parser *p, size_t first)
{
	size_t n = p->t->n_ranges;
	int r = 0;

	if (!(p->flags & RX_ICASE))
		return 0;
	for (size_t i = first; r == 0 && i < n; i++) {
		for (uint32_t c = 'A'; r == 0 && c <= 'Z'; c++) {
			struct rx_range g = p->t->ranges[i];

			if (g.lo <= c && c <= g.hi)
				r = add_range(p, c + 32, c + 32);
			if (r == 0 && g.lo <= c + 32 && c + 32 <= g.hi)
				r = add_range(p, c, c);
		}
	}
	return r;
}

/* Cut the newline out of ranges[first..): no class matches it. */
static int drop_newline(struct parser *p, size_t first)
{
	struct rx_tree *t = p->t;

	for (size_t i = first; i < t->n_ranges; i++) {
		struct rx_range g = t->ranges[i];

		if (g.lo > '\n' || g.hi < '\n')
			continue;
		t->ranges[i].hi = '\n' - 1;
		if (g.lo == '\n')
			t->ranges[i] = (struct rx_range){ '\n' + 1, g.hi };
		else if (g.hi > '\n')
			return add_range(p, '\n' + 1, g.hi);
		if (t->ranges[i].lo > t->ranges[i].hi)
			t->ranges[i] = t->ranges[--t->n_ranges];
		return 0;
	}
	return 0;
}

/* The node for ranges[first..). */
static int64_t class_node(struct parser *p, size_t first, bool negated)
{
	int r = fold(p, first);

	if (r == 0 && negated)
		r = negate(p, first);
	normalize(p->t, first);
	if (r == 0)
		r = drop_newline(p, first);
	if (r < 0)
		return r;
	return add_node(
		p, (struct rx_node){ .kind = RX_CLASS,
				     .a = (uint32_t)first,
				     .b = (uint32_t)(p->t->n_ranges - first) });
}

/* ---- characters and escapes ---------------------------------------------- */

static bool more(const struct parser *p)
{
	return p->at < p->len;
}

static bool next_is(const struct parser *p, char c)
{
	return more(p) && p->text[p->at] == c;
}

/* One character of the pattern, or one raw byte. */
static uint32_t take_char(struct parser *p)
{
	uint32_t c;
	size_t n = utf8_decode(p->text + p->at, p->len - p->at, &c);

	if (n) {
		p->at += n;
		return c;
	}
	return RX_RAW + (unsigned char)p->text[p->at++];
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* After "\x": HH or {H...}. */
static int64_t take_hex(struct parser *p)
{
	bool braces = next_is(p, '{');
	uint32_t v = 0;
	int n = 0, d;

	p->at += braces;
	while (more(p) && n < (braces ? 6 : 2)) {
		d = hex_digit(p->text[p->at]);
		if (d < 0)
			break;
		v = v * 16 + (uint32_t)d;
		p->at++;
		n++;
	}
	if (!n || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return complain(p, "\\x wants hexadecimal digits of a "
				   "character");
	if (braces && !next_is(p, '}'))
		return complain(p, "\\x{ wants }");
	p->at += braces;
	return v;
}

/* The character of a plain escape; -1: it is none of these. */
static int plain_escape(char c)
{
	static const char from[] = "trfva", to[] = "\t\r\f\v\a";
	const char *at = c ? strchr(from, c) : NULL;

	if (at)
		return to[at - from];
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80)
		return -1;
	return (unsigned char)c;
}

/* "\w" and its kin, p->at on the letter: add its ranges. 0: not one of them,
 * 1: added, -errno. */
static int class_escape(struct parser *p)
{
	static const char letters[] = "wWdDsS";
	static const char *const names[] = { "w", "digit", "space" };
	const char *at = strchr(letters, p->text[p->at]);
	const char *name;
	size_t first = p->t->n_ranges;
	int r;

	if (!at || !*at)
		return 0;
	p->at++;
	name = names[(at - letters) / 2];
	r = add_named(p, find_class(name, strlen(name)));
	if (r == 0 && (at - letters) % 2)
		r = negate(p, first);
	return r < 0 ? r : 1;
}

/* ---- brackets ------------------------------------------------------------ */

/* "[:alpha:]", p->at after "[:". */
static int take_named(struct parser *p)
{
	const char *name = p->text + p->at;
	const char *end = memmem(name, p->len - p->at, ":]", 2);
	const struct named_class *c;

	if (!end)
		return complain(p, "[: wants :]");
	c = find_class(name, (size_t)(end - name));
	if (!c || name[1] == ':')
		return complain(p, "unknown character class");
	p->at += (size_t)(end - name) + 2;
	return add_named(p, c);
}

/* One end of a range: a character, an escape, "[.x.]" or "[=x=]". */
static int64_t take_end(struct parser *p)
{
	char kind;
	int64_t c;
	int e;

	if (next_is(p, '\\') && p->at + 1 < p->len) {
		p->at++;
		if (next_is(p, 'x')) {
			p->at++;
			return take_hex(p);
		}
		e = plain_escape(p->text[p->at]);
		if (e < 0)
			return complain(p, "unknown escape in brackets");
		p->at++;
		return e;
	}
	if (!next_is(p, '[') || p->at + 1 >= p->len ||
	    (p->text[p->at + 1] != '.' && p->text[p->at + 1] != '='))
		return take_char(p);
	kind = p->text[p->at + 1];
	p->at += 2;
	if (!more(p))
		return complain(p, "bracket expression is not closed");
	c = take_char(p);
	if (p->at + 1 >= p->len || p->text[p->at] != kind ||
	    p->text[p->at + 1] != ']')
		return complain(p, "unknown collating element");
	p->at += 2;
	return c;
}

static int take_item(struct parser *p)
{
	int64_t lo, hi;
	int r;

	if (next_is(p, '[') && p->at + 1 < p->len &&
	    p->text[p->at + 1] == ':') {
		p->at += 2;
		return take_named(p);
	}
	if (next_is(p, '\\') && p->at + 1 < p->len) {
		p->at++;
		r = class_escape(p);
		if (r)
			return r < 0 ? r : 0;
		p->at--;
	}
	lo = hi = take_end(p);
	if (lo >= 0 && next_is(p, '-') && p->at + 1 < p->len &&
	    p->text[p->at + 1] != ']') {
		p->at++;
		hi = take_end(p);
	}
	if (lo < 0 || hi < 0)
		return (int)(lo < 0 ? lo : hi);
	if (hi < lo || (lo < RX_RAW && hi >= RX_RAW))
		return complain(p, "a range that ends before it starts");
	return add_range(p, (uint32_t)lo, (uint32_t)hi);
}

/* p->at after "[". */
static int64_t take_bracket(struct parser *p)
{
	size_t first = p->t->n_ranges;
	bool negated = next_is(p, '^');
	bool any = false;
	int r;

	p->at += negated;
	while (!any || !next_is(p, ']')) {
		if (!more(p))
			return complain(p, "bracket expression is not closed");
		r = take_item(p);
		if (r < 0)
			return r;
		any = true;
	}
	p->at++;
	return class_node(p, first, negated);
}

/* ---- the grammar -----------------------------------------------------------
 */

static int64_t take_alternatives(struct parser *p);

static int64_t char_node(struct parser *p, uint32_t c)
{
	size_t first = p->t->n_ranges;
	int r;

	if (c == '\n')
		return complain(p, "a match cannot go over a newline");
	r = add_range(p, c, c);
	return r < 0 ? r : class_node(p, first, false);
}

/* p->at after the backslash. */
static int64_t take_escape(struct parser *p)
{
	static const char asserts[] = "bB<>";
	size_t first = p->t->n_ranges;
	const char *at;
	int64_t hex;
	int r;

	if (!more(p))
		return complain(p, "a backslash at the end");
	at = strchr(asserts, p->text[p->at]);
	if (at && *at) {
		p->at++;
		return add_node(
			p, (struct rx_node){ .kind = RX_ASSERT,
					     .a = RX_WORD_EDGE +
						  (uint32_t)(at - asserts) });
	}
	r = class_escape(p);
	if (r)
		return r < 0 ? r : class_node(p, first, false);
	if (next_is(p, 'x')) {
		p->at++;
		hex = take_hex(p);
		return hex < 0 ? hex : char_node(p, (uint32_t)hex);
	}
	if (p->text[p->at] >= '1' && p->text[p->at] <= '9')
		return complain(p, "back-references are not supported");
	if (next_is(p, 'n'))
		return complain(p, "a match cannot go over a newline");
	r = plain_escape(p->text[p->at]);
	if (r < 0)
		return complain(p, "unknown escape");
	p->at++;
	return char_node(p, (uint32_t)r);
}

/* p->at after "(". */
static int64_t take_group(struct parser *p)
{
	int64_t node;

	if (next_is(p, '?')) {
		if (p->at + 1 >= p->len || p->text[p->at + 1] != ':')
			return complain(p, "(? is not supported but as (?:");
		p->at += 2;
	}
	if (++p->depth > MAX_DEPTH)
		return complain(p, "too many groups within groups");
	node = take_alternatives(p);
	p->depth--;
	if (node < 0)
		return node;
	if (!next_is(p, ')'))
		return complain(p, "a ( is not closed");
	p->at++;
	return node;
}

static int64_t take_atom(struct parser *p)
{
	char c = p->text[p->at];
	size_t first = p->t->n_ranges;

	switch (c) {
	case '(':
		p->at++;
		return take_group(p);
	case '[':
		p->at++;
		return take_bracket(p);
	case '\\':
		p->at++;
		return take_escape(p);
	case '.':
		p->at++;
		return class_node(p, first, true);
	case '^':
	case '$':
		p->at++;
		return add_node(p, (struct rx_node){ .kind = RX_ASSERT,
						     .a = c == '^' ? RX_BOL
								   : RX_EOL });
	case '*':
	case '+':
	case '?':
		return complain(p, "nothing to repeat");
	case ')':
		return complain(p, "a ) without its (");
	default:
		return char_node(p, take_char(p));
	}
}

static bool take_count(struct parser *p, size_t *at, uint32_t *ret)
{
	size_t start = *at;
	uint32_t v = 0;

	while (*at < p->len && p->text[*at] >= '0' && p->text[*at] <= '9' &&
	       *at < start + 9)
		v = v * 10 + (uint32_t)(p->text[(*at)++] - '0');
	*ret = v;
	return *at > start;
}

/* "{m}", "{m,}", "{,n}", "{m,n}" at p->at: true and p->at past it. Anything
 * else is a brace as it stands. */
static bool take_braces(struct parser *p, uint32_t *ret_min, uint32_t *ret_max)
{
	size_t at = p->at + 1;
	uint32_t min = 0, max = 0;
	bool has_min = take_count(p, &at, &min), has_max;

	max = min;
	if (at < p->len && p->text[at] == ',') {
		at++;
		has_max = take_count(p, &at, &max);
		if (!has_max && !has_min)
			return false;
		if (!has_max)
			max = RX_INFINITE;
	} else if (!has_min) {
		return false;
	}
	if (at >= p->len || p->text[at] != '}')
		return false;
	p->at = at + 1;
	*ret_min = min;
	*ret_max = max;
	return true;
}

/* 0: no repetition follows, 1: one was taken, -errno. */
static int take_repeat(struct parser *p, uint32_t *ret_min, uint32_t *ret_max)
{
	char c = more(p) ? p->text[p->at] : '\0';

	if (c == '{') {
		if (!take_braces(p, ret_min, ret_max))
			return 0;
		if ((*ret_max != RX_INFINITE && *ret_max > MAX_COUNT) ||
		    *ret_min > MAX_COUNT)
			return complain(p, "a count above 1000");
		return *ret_max < *ret_min ? complain(p, "{m,n} with m above n")
					   : 1;
	}
	if (c != '*' && c != '+' && c != '?')
		return 0;
	p->at++;
	*ret_min = c == '+';
	*ret_max = c == '?' ? 1 : RX_INFINITE;
	return 1;
}

static int64_t take_piece(struct parser *p)
{
	int64_t node = take_atom(p);
	uint32_t min, max;
	int r, n = 0;

	while (node >= 0 && (r = take_repeat(p, &min, &max)) != 0) {
		if (r < 0)
			return r;
		if (++n > MAX_DEPTH)
			return complain(p, "too many repetitions of one");
		node = add_node(p, (struct rx_node){ .kind = RX_REPEAT,
						     .a = (uint32_t)node,
						     .min = min,
						     .max = max });
	}
	return node;
}

static int64_t join(struct parser *p, enum rx_kind kind, int64_t a, int64_t b)
{
	return add_node(p, (struct rx_node){ .kind = kind,
					     .a = (uint32_t)a,
					     .b = (uint32_t)b });
}

static int64_t take_sequence(struct parser *p)
{
	int64_t node = -1, piece;

	while (more(p) && !next_is(p, '|') && !(next_is(p, ')') && p->depth)) {
		piece = take_piece(p);
		if (piece < 0)
			return piece;
		node = node < 0 ? piece : join(p, RX_CAT, node, piece);
		if (node < 0)
			return node;
	}
	return node < 0 ? add_node(p, (struct rx_node){ .kind = RX_EMPTY })
			: node;
}

static int64_t take_alternatives(struct parser *p)
{
	int64_t node = take_sequence(p), other;

	while (node >= 0 && next_is(p, '|')) {
		p->at++;
		other = take_sequence(p);
		if (other < 0)
			return other;
		node = join(p, RX_ALT, node, other);
	}
	return node;
}

static int64_t take_literal(struct parser *p)
{
	int64_t node = -1, piece;

	while (more(p)) {
		piece = char_node(p, take_char(p));
		if (piece < 0)
			return piece;
		node = node < 0 ? piece : join(p, RX_CAT, node, piece);
		if (node < 0)
			return node;
	}
	return node < 0 ? add_node(p, (struct rx_node){ .kind = RX_EMPTY })
			: node;
}

int rx_parse(struct rx_tree *ret, const char *pattern, size_t len,
	     unsigned flags, struct sbx_err *err)
{
	struct rx_tree t = { 0 };
	struct parser p = {
		.t = &t, .text = pattern, .len = len, .flags = flags, .err = err
	};
	int64_t root = flags & RX_LITERAL ? take_literal(&p)
					  : take_alternatives(&p);

	if (root < 0) {
		rx_tree_done(&t);
		return (int)root;
	}
	t.root = (uint32_t)root;
	*ret = t;
	return 0;
}

void rx_tree_done(struct rx_tree *t)
{
	free(t->nodes);
	free(t->ranges);
	*t = (struct rx_tree){ 0 };
}
