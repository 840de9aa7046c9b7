/* SPDX-License-Identifier: Apache-2.0 */
/* Checking and showing text that a stranger may have written. */
#include "policy/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/utf8.h"

int text_next(const char **p, const char *end)
{
	uint32_t c;
	size_t n;

	if ((unsigned char)**p < 0x80)
		return *(*p)++;
	n = utf8_decode(*p, (size_t)(end - *p), &c);
	*p += n ? n : 1;
	return n ? (int)c : -1;
}

bool text_visible(int c)
{
	static const struct {
		int first, last;
	} hidden[] = {
		{ 0x0000, 0x001f }, { 0x007f, 0x009f }, /* controls */
		{ 0x00ad, 0x00ad },			/* soft hyphen */
		{ 0x061c, 0x061c }, { 0x200b, 0x200b },	  { 0x200e, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f },	  { 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb }, { 0xe0000, 0xe0fff },
	};

	if (c >= 0x20 && c < 0x7f)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return false;
	return c >= 0;
}

/* One character, escaped where it must be, into out; returns its length. */
static size_t show(char out[17], const char *s, const char *next)
{
	const char *at = s;
	int c = text_next(&at, next);
	size_t n = 0;

	if (text_visible(c)) {
		memcpy(out, s, (size_t)(next - s));
		return (size_t)(next - s);
	}
	if (c == '\n' || c == '\t' || c == '\r')
		return (size_t)sprintf(out, "\\%c",
				       c == '\n'   ? 'n'
				       : c == '\t' ? 't'
						   : 'r');
	for (; s < next; s++)
		n += (size_t)sprintf(out + n, "\\x%02x", (unsigned char)*s);
	return n;
}

const char *text_quote(char out[TEXT_QUOTE], const char *s)
{
	const char *end = s + strlen(s), *next = s;
	char one[17];
	size_t len = 0, n;

	for (; s < end; s = next) {
		(void)text_next(&next, end);
		n = show(one, s, next);
		if (len + n + sizeof("...") > TEXT_QUOTE) {
			memcpy(out + len, "...", 3);
			len += 3;
			break;
		}
		memcpy(out + len, one, n);
		len += n;
	}
	out[len] = '\0';
	return out;
}

static int refuse(const char *name, unsigned line, unsigned col, int c,
		  struct sbx_err *err)
{
	if (c < 0)
		return sbx_failx(err, EINVAL, "%s:%u:%u: not UTF-8 text", name,
				 line, col);
	if (c == 0)
		return sbx_failx(err, EINVAL, "%s:%u:%u: a NUL byte", name,
				 line, col);
	if (c == '\t')
		return sbx_failx(err, EINVAL,
				 "%s:%u:%u: a tab as indentation; use spaces",
				 name, line, col);
	return sbx_failx(err, EINVAL,
			 "%s:%u:%u: an invisible or control character, U+%04X",
			 name, line, col, c);
}

int text_check(const char *name, const char *text, size_t len,
	       struct sbx_err *err)
{
	const char *p = text, *end = text + len;
	unsigned line = 1, col = 1;
	bool indent = true;
	int c;

	while (p < end) {
		/* Most of it is this, and needs no closer look. */
		for (; p<end && * p> ' ' && *p < 0x7f; p++, col++)
			indent = false;
		if (p == end)
			break;
		c = text_next(&p, end);
		if (c == '\n' || (c == '\r' && p < end && *p == '\n')) {
			p += c == '\r';
			line++;
			col = 1;
			indent = true;
			continue;
		}
		if ((c == '\t' && indent) || (c != '\t' && !text_visible(c)))
			return refuse(name, line, col, c, err);
		indent = indent && c == ' ';
		col++;
	}
	return 0;
}
