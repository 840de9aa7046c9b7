/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of a text, and a slice of its lines. */
#include "runtime/base/text/lines.h"

#include <string.h>

#include "runtime/base/text/same.h"
#include "runtime/base/utf8.h"

/* How far a NUL is looked for. */
#define BINARY_HEAD 8000

/* ---- UTF-8 across pieces -------------------------------------------------
 */

/* The first byte of a character: how many follow, and what the first of them
 * may be, so that nothing is overlong, a surrogate, or too large. */
static bool lead_byte(struct lines *l, unsigned char c)
{
	l->need = c < 0xc2 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	l->least = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	l->most = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	return l->need && c < 0xf5;
}

static bool next_byte(struct lines *l, unsigned char c)
{
	if (!l->need)
		return c < 0x80 || lead_byte(l, c);
	if (c < l->least || c > l->most)
		return false;
	l->need--;
	l->least = 0x80;
	l->most = 0xbf;
	return true;
}

static bool is_ascii_word(const char *s)
{
	uint64_t word;

	memcpy(&word, s, sizeof(word));
	return !(word & 0x8080808080808080);
}

static void check_text(struct lines *l, const char *s, size_t len)
{
	size_t i = 0;

	if (l->total_bytes < BINARY_HEAD) {
		size_t head = BINARY_HEAD - (size_t)l->total_bytes;

		l->binary |= memchr(s, 0, len < head ? len : head) != NULL;
	}
	while (i < len && !l->binary) {
		if (!l->need)
			while (i + 8 <= len && is_ascii_word(s + i))
				i += 8;
		if (i < len)
			l->binary = !next_byte(l, (unsigned char)s[i++]);
	}
}

/* ---- the slice -----------------------------------------------------------
 */

static uint64_t first_wanted(const struct lines *l)
{
	return l->offset ? l->offset : 1;
}

static bool is_wanted(const struct lines *l)
{
	uint64_t first = first_wanted(l);

	return l->line >= first && (!l->limit || l->line - first < l->limit);
}

/* The cap is reached within the present line. */
static void fill_up(struct lines *l, const char *s)
{
	if (l->line_start == 0) {
		buf_add(&l->slice, s, l->cap - l->slice.len);
		if (!l->slice.failed && l->slice.len)
			l->slice.len = utf8_whole(l->slice.data, l->slice.len);
		l->last = l->line;
	} else {
		l->slice.len = l->line_start;
		l->last = l->line - 1;
	}
	if (l->slice.data)
		l->slice.data[l->slice.len] = '\0';
	l->full = true;
}

/* Some of one line, with its newline if it is there. */
static void keep(struct lines *l, const char *s, size_t len)
{
	if (l->full)
		return;
	if (len > l->cap - l->slice.len) {
		fill_up(l, s);
		return;
	}
	buf_add(&l->slice, s, len);
	l->last = l->line;
}

/* Pass over lines before the slice; those behind it are only counted. */
static size_t skip_lines(struct lines *l, const char *s, size_t len)
{
	const char *p = s, *end = s + len, *nl;

	if (l->line >= first_wanted(l) || l->full) {
		l->line += count_newlines(s, len);
		l->open = s[len - 1] != '\n';
		return len;
	}
	while (p < end && l->line < first_wanted(l)) {
		nl = memchr(p, '\n', (size_t)(end - p));
		l->line += nl != NULL;
		l->open = !nl;
		p = nl ? nl + 1 : end;
	}
	return (size_t)(p - s);
}

static size_t take_line(struct lines *l, const char *s, size_t len)
{
	const char *nl = memchr(s, '\n', len);
	size_t n = nl ? (size_t)(nl - s) + 1 : len;

	if (!l->open)
		l->line_start = l->slice.len;
	keep(l, s, n);
	l->line += nl != NULL;
	l->open = !nl;
	return n;
}

void lines_add(struct lines *l, const char *data, size_t len)
{
	size_t n;

	if (!l->line)
		l->line = 1;
	check_text(l, data, len);
	l->total_bytes += len;
	while (len) {
		n = is_wanted(l) && !l->full ? take_line(l, data, len)
					     : skip_lines(l, data, len);
		data += n;
		len -= n;
	}
}

void lines_end(struct lines *l)
{
	if (!l->line)
		l->line = 1;
	l->binary |= l->need != 0;
	l->total_lines = l->line - 1 + l->open;
	l->first = first_wanted(l);
	if (l->last < l->first)
		l->last = l->first - 1;
	if (l->full)
		l->cut = LINES_CUT_BYTES;
	else if (l->limit && l->total_lines >= l->first &&
		 l->total_lines - l->first >= l->limit)
		l->cut = LINES_CUT_LINES;
	else
		l->cut = LINES_WHOLE;
}

void lines_done(struct lines *l)
{
	buf_done(&l->slice);
}

bool lines_past_end(const struct lines *l)
{
	return l->first > 1 && l->first > l->total_lines;
}
