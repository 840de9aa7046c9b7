/* SPDX-License-Identifier: Apache-2.0 */
/* Glob patterns: matching. */
#include "runtime/base/glob/glob.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/glob/glob_int.h"

/*
 * How a match is found. The tokens are the states of an automaton without
 * memory of the past but one of four modes, and all places where it can be are
 * followed at once: a set of threads (token, mode), at most four for each
 * token. So nothing is tried twice, and braces need no expansion.
 *
 * A mode says what of the pattern lies before the token, as that decides what a
 * slash, a dot and a double star mean:
 *   BEGIN  nothing: a slash is the root
 *   START  a slash: another slash adds nothing; a dot may be a leading one
 *   INSIDE a part of a component
 *   DEEP   a double star that began a component. Where a slash or the end
 *          follows it was one, and eats whole components; elsewhere it was a
 *          plain star, whose thread runs beside it, and DEEP dies
 */
enum mode { BEGIN, START, INSIDE, DEEP };

#define THREAD(token, mode) ((uint16_t)((token)*4 + (mode)))

struct threads {
	uint16_t *v;
	size_t n;
};

struct glob {
	struct glob_prog prog;
	struct threads now, next;
	uint16_t *pending;
	uint32_t *seen; /* for each thread the step that had it last */
	uint32_t step;
	char *base, *plain;
	char *tail; /* how each match ends; for a plain pattern the whole */
	size_t tail_len;
	bool star_tail; /* the pattern is a star and the tail */
	bool dir_only;
	bool has_slash;
};

/* ---- threads -------------------------------------------------------------
 */

static void new_step(struct glob *g)
{
	g->next.n = 0;
	if (++g->step == 0) {
		memset(g->seen, 0, 4 * g->prog.n * sizeof(*g->seen));
		g->step = 1;
	}
}

static void push(struct glob *g, size_t *top, size_t token, enum mode mode)
{
	uint16_t t = THREAD(token, mode);

	if (g->seen[t] == g->step)
		return;
	g->seen[t] = g->step;
	g->pending[(*top)++] = t;
}

static void wait_here(struct glob *g, uint16_t thread)
{
	g->next.v[g->next.n++] = thread;
}

static void push_branches(struct glob *g, size_t *top, size_t open,
			  enum mode mode)
{
	const struct glob_token *t = g->prog.tokens;

	push(g, top, open + 1, mode);
	for (size_t i = t[open].next; t[i].op == GLOB_COMMA; i = t[i].next)
		push(g, top, i + 1, mode);
}

static void follow_star(struct glob *g, size_t *top, size_t at, enum mode mode)
{
	if (mode == INSIDE) {
		wait_here(g, THREAD(at, INSIDE));
		push(g, top, at + 1, INSIDE);
	} else if (mode != DEEP) {
		push(g, top, at, INSIDE);
		if (g->prog.tokens[at].op == GLOB_STARS)
			push(g, top, at + 1, DEEP);
	}
}

static void follow_slash(struct glob *g, size_t *top, size_t at, enum mode mode)
{
	bool joins = mode == START && !(g->prog.flags & GLOB_GIT);

	if (mode != START)
		wait_here(g, THREAD(at, mode));
	if (joins || mode == DEEP)
		push(g, top, at + 1, START);
}

/* What a thread reaches without reading. */
static void follow(struct glob *g, size_t *top, uint16_t thread)
{
	size_t at = thread / 4;
	enum mode mode = thread % 4;
	const struct glob_token *t = &g->prog.tokens[at];

	switch ((enum glob_op)t->op) {
	case GLOB_OPEN:
		push_branches(g, top, at, mode);
		break;
	case GLOB_COMMA:
		push(g, top, t->close + 1u, mode);
		break;
	case GLOB_CLOSE:
		push(g, top, at + 1, mode);
		break;
	case GLOB_STAR:
	case GLOB_STARS:
		follow_star(g, top, at, mode);
		break;
	case GLOB_SLASH:
		follow_slash(g, top, at, mode);
		break;
	case GLOB_END:
		wait_here(g, thread);
		break;
	case GLOB_CHAR:
	case GLOB_ANY:
	case GLOB_SET:
		if (mode != DEEP)
			wait_here(g, thread);
		break;
	}
}

static void add_thread(struct glob *g, size_t token, enum mode mode)
{
	size_t top = 0;

	push(g, &top, token, mode);
	while (top) {
		top--;
		follow(g, &top, g->pending[top]);
	}
}

/* ---- one step ------------------------------------------------------------
 */

struct input {
	uint32_t c;
	bool starts; /* a component */
};

static bool set_has(const struct glob_prog *g, const struct glob_set *set,
		    uint32_t c)
{
	if (c < 128)
		return set->ascii[c / 32] >> c % 32 & 1;
	for (uint32_t i = 0; i < set->count; i++) {
		const struct glob_range *r = &g->ranges[set->first + i];

		if (c >= r->lo && c <= r->hi)
			return !set->negated;
	}
	return set->negated;
}

/* A leading dot is there only for those who ask for it. */
static bool is_veiled(const struct glob *g, struct input in)
{
	return in.starts && in.c == '.' &&
	       !(g->prog.flags & (GLOB_HIDDEN | GLOB_GIT));
}

static void read_slash(struct glob *g, uint16_t thread, struct input in)
{
	size_t at = thread / 4;
	enum mode mode = thread % 4;

	if (in.c == '/' && (mode == BEGIN || !in.starts))
		add_thread(g, at + 1, START);
}

static void stay(struct glob *g, uint16_t thread)
{
	if (g->seen[thread] == g->step)
		return;
	g->seen[thread] = g->step;
	wait_here(g, thread);
}

/* Whole components; at a slash also what comes after it. */
static void read_deep(struct glob *g, uint16_t thread, struct input in)
{
	if (in.c == '/' && in.starts)
		return;
	if (in.c == '/' && g->prog.tokens[thread / 4].op == GLOB_SLASH)
		add_thread(g, thread / 4, DEEP);
	else if (!is_veiled(g, in))
		stay(g, thread);
}

static void read_one(struct glob *g, uint16_t thread, struct input in)
{
	size_t at = thread / 4;
	enum mode mode = thread % 4;
	const struct glob_token *t = &g->prog.tokens[at];
	bool free_char = in.c != '/' && !is_veiled(g, in);

	switch (t->op) {
	case GLOB_CHAR:
		if (in.c == t->value && (mode != INSIDE || !is_veiled(g, in)))
			add_thread(g, at + 1, INSIDE);
		break;
	case GLOB_ANY:
		if (free_char)
			add_thread(g, at + 1, INSIDE);
		break;
	case GLOB_SET:
		if (free_char &&
		    set_has(&g->prog, &g->prog.sets[t->value], in.c))
			add_thread(g, at + 1, INSIDE);
		break;
	case GLOB_STAR:
	case GLOB_STARS:
		if (free_char)
			add_thread(g, at, INSIDE);
		break;
	case GLOB_SLASH:
		if (mode != DEEP)
			read_slash(g, thread, in);
		break;
	default:
		break;
	}
	if (mode == DEEP)
		read_deep(g, thread, in);
}

static void read_char(struct glob *g, struct input in)
{
	struct threads now;

	new_step(g);
	for (size_t i = 0; i < g->now.n; i++)
		read_one(g, g->now.v[i], in);
	now = g->now;
	g->now = g->next;
	g->next = now;
}

/* Read text, of which *starts says whether it starts a component. */
static void read_text(struct glob *g, const char *s, size_t len, bool *starts)
{
	unsigned flags = g->prog.flags;
	struct input in;
	size_t n;

	while (len && g->now.n) {
		n = glob_char(s, len, flags, &in.c);
		if (flags & GLOB_ICASE && in.c >= 'A' && in.c <= 'Z')
			in.c = glob_other_case(in.c);
		in.starts = *starts;
		read_char(g, in);
		*starts = in.c == '/';
		s += n;
		len -= n;
	}
}

/* ---- matching ------------------------------------------------------------
 */

static void begin(struct glob *g, const struct glob_state *from)
{
	if (from && from->v) {
		memcpy(g->now.v, from->v, from->n * sizeof(*from->v));
		g->now.n = from->n;
		return;
	}
	new_step(g);
	add_thread(g, 0, BEGIN);
	memcpy(g->now.v, g->next.v, g->next.n * sizeof(*g->next.v));
	g->now.n = g->next.n;
}

static bool at_end(const struct glob *g, enum mode mode)
{
	uint16_t end = THREAD(g->prog.n - 1, mode);

	for (size_t i = 0; i < g->now.n; i++)
		if (g->now.v[i] == end)
			return true;
	return false;
}

/* All is read. A directory may have a slash more; for git it has none. */
static bool accepts(struct glob *g, bool starts, bool is_dir)
{
	is_dir = is_dir && !(g->prog.flags & GLOB_GIT);
	if (!starts) {
		if (at_end(g, INSIDE) || at_end(g, DEEP))
			return true;
		read_text(g, "/", is_dir, &starts);
	}
	return is_dir && at_end(g, START);
}

static bool same_text(const struct glob *g, const char *a, const char *b,
		      size_t len)
{
	return g->prog.flags & GLOB_ICASE ? strncasecmp(a, b, len) == 0
					  : memcmp(a, b, len) == 0;
}

/* What can be told by the end of the path. False: the threads must decide. */
static bool quick(const struct glob *g, const char *s, size_t len,
		  bool *ret_match)
{
	*ret_match = false;
	if (g->prog.never || len < g->tail_len ||
	    !same_text(g, s + len - g->tail_len, g->tail, g->tail_len))
		return true;
	if (!g->star_tail || !(g->prog.flags & GLOB_GIT))
		return false;
	*ret_match = !memchr(s, '/', len);
	return true;
}

bool glob_match(struct glob *g, const char *path, size_t len, bool is_dir)
{
	bool starts = true, match;

	while (len > 1 && path[len - 1] == '/') {
		len--;
		is_dir = true;
	}
	if (len == 0)
		return false;
	if (quick(g, path, len, &match))
		return match;
	if (g->plain && !(g->prog.flags & GLOB_ICASE))
		return len == g->tail_len && (is_dir || !g->dir_only);
	begin(g, NULL);
	read_text(g, path, len, &starts);
	return accepts(g, starts, is_dir);
}

void glob_state_done(struct glob_state *s)
{
	free(s->v);
	*s = (struct glob_state){ 0 };
}

/* Whether a thread can go on: one that waits at the end for a directory that is
 * there already cannot. */
static bool can_go_on(const struct glob *g)
{
	size_t end = g->prog.n - 1;

	for (size_t i = 0; i < g->now.n; i++)
		if (g->now.v[i] / 4 != end || g->now.v[i] % 4 == DEEP)
			return true;
	return false;
}

int glob_enter(struct glob *g, const struct glob_state *dir, const char *name,
	       size_t len, struct glob_state *ret)
{
	bool starts = true;
	uint16_t *v;

	if (g->prog.never)
		return 0;
	begin(g, dir);
	read_text(g, name, len, &starts);
	read_text(g, "/", 1, &starts);
	if (!can_go_on(g))
		return 0;
	v = malloc(g->now.n * sizeof(*v));
	if (!v)
		return -ENOMEM;
	memcpy(v, g->now.v, g->now.n * sizeof(*v));
	*ret = (struct glob_state){ v, g->now.n };
	return 1;
}

bool glob_entry(struct glob *g, const struct glob_state *dir, const char *name,
		size_t len, bool is_dir)
{
	bool starts = true;

	if (g->prog.never || len == 0)
		return false;
	/* the tail may reach beyond the name */
	if (len >= g->tail_len &&
	    !same_text(g, name + len - g->tail_len, g->tail, g->tail_len))
		return false;
	begin(g, dir);
	read_text(g, name, len, &starts);
	return accepts(g, starts, is_dir);
}

/* ---- what is known beforehand --------------------------------------------
 */

static bool is_plain_token(const struct glob_token *t)
{
	return t->op == GLOB_CHAR || t->op == GLOB_SLASH;
}

/* Tokens that stand for one text, as bytes; repeated slashes as one. */
static char *token_text(const struct glob_prog *p, const char *pattern,
			size_t from, size_t to)
{
	bool joins = !(p->flags & GLOB_GIT);
	struct buf b = { 0 };

	for (size_t i = from; i < to; i++) {
		const struct glob_token *t = &p->tokens[i];

		if (t->op == GLOB_SLASH && joins && i > from &&
		    t[-1].op == GLOB_SLASH)
			continue;
		buf_add(&b, pattern + t->at, t->len);
	}
	return buf_take(&b);
}

static bool has_letter(const struct glob_token *t, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (glob_other_case(t[i].value) != t[i].value)
			return true;
	return false;
}

/* The slashes at the end mean a directory and are no text of the path. */
static size_t last_token(const struct glob_prog *p)
{
	size_t end = p->n - 1;

	if (p->flags & GLOB_GIT)
		return end;
	while (end > 1 && p->tokens[end - 1].op == GLOB_SLASH)
		end--;
	return end;
}

/* The tokens of the directory before the first component that is not plain. A
 * plain pattern's last component is no directory. */
static size_t base_tokens(const struct glob_prog *p)
{
	const struct glob_token *t = p->tokens;
	size_t end = 0, start = 0, last = last_token(p);

	for (size_t i = 0; i < last && is_plain_token(&t[i]); i++) {
		if (t[i].op != GLOB_SLASH)
			continue;
		if (p->flags & GLOB_ICASE && has_letter(t, start, i))
			break;
		end = i ? i : 1;
		start = i + 1;
	}
	while (end > 1 && t[end - 1].op == GLOB_SLASH)
		end--;
	return end;
}

/* A backslash within a character leaves bytes that no path can have apart. */
static bool is_torn(const struct glob_token *t)
{
	return t[0].value >= GLOB_RAW && t[1].value >= GLOB_RAW &&
	       t[1].at != t[0].at + t[0].len;
}

static bool is_plain(const struct glob_prog *p, size_t end)
{
	for (size_t i = 0; i < end; i++)
		if (!is_plain_token(&p->tokens[i]) || is_torn(&p->tokens[i]))
			return false;
	return end > 0;
}

static int know(struct glob *g, const char *pattern)
{
	const struct glob_prog *p = &g->prog;
	size_t end = last_token(p), tail = end;

	while (tail && is_plain_token(&p->tokens[tail - 1]))
		tail--;
	/* a slash may stand for nothing, before or after a double star */
	for (size_t i = tail; i < end; i++)
		if (tail && p->tokens[i].op == GLOB_SLASH)
			tail = i + 1;
	for (size_t i = 0; i < end; i++)
		g->has_slash |= p->tokens[i].op == GLOB_SLASH;
	g->base = token_text(p, pattern, 0, base_tokens(p));
	g->tail = token_text(p, pattern, tail, end);
	if (!g->base || !g->tail)
		return -ENOMEM;
	g->tail_len = strlen(g->tail);
	g->dir_only = end < p->n - 1;
	g->star_tail = tail == 1 && p->tokens[0].op == GLOB_STAR;
	if (p->never || !is_plain(p, end))
		return 0;
	g->plain = token_text(p, pattern, 0, end);
	return g->plain ? 0 : -ENOMEM;
}

static int make_room(struct glob *g)
{
	size_t n = 4 * g->prog.n;

	g->now.v = calloc(n, sizeof(*g->now.v));
	g->next.v = calloc(n, sizeof(*g->next.v));
	g->pending = calloc(n, sizeof(*g->pending));
	g->seen = calloc(n, sizeof(*g->seen));
	return g->now.v && g->next.v && g->pending && g->seen ? 0 : -ENOMEM;
}

int glob_new(struct glob **ret, const char *pattern, size_t len, unsigned flags,
	     struct sbx_err *err)
{
	struct glob *g = calloc(1, sizeof(*g));
	int r;

	if (!g)
		return sbx_fail(err, ENOMEM, "glob pattern");
	r = glob_parse(&g->prog, pattern, len, flags, err);
	if (r == 0) {
		r = know(g, pattern);
		if (r == 0)
			r = make_room(g);
		if (r < 0)
			(void)sbx_fail(err, -r, "glob pattern");
	}
	if (r < 0) {
		glob_free(g);
		return r;
	}
	*ret = g;
	return 0;
}

void glob_free(struct glob *g)
{
	if (!g)
		return;
	glob_prog_done(&g->prog);
	free(g->now.v);
	free(g->next.v);
	free(g->pending);
	free(g->seen);
	free(g->base);
	free(g->plain);
	free(g->tail);
	free(g);
}

const char *glob_base(const struct glob *g)
{
	return g->base;
}

const char *glob_plain(const struct glob *g)
{
	return g->plain;
}

bool glob_has_slash(const struct glob *g)
{
	return g->has_slash;
}
