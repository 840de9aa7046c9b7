/* SPDX-License-Identifier: Apache-2.0 */
/* One character of UTF-8 at a time. */
#ifndef SBX_TOOLS_UTF8_H
#define SBX_TOOLS_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Decode the character that NUL-terminated s begins with. Returns its length
 * in bytes, or 0 where there is no valid one (overlong, surrogate, cut).
 */
static inline size_t utf8_next(const unsigned char *s, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = *s < 0x80		   ? 1
		     : (*s & 0xe0) == 0xc0 ? 2
		     : (*s & 0xf0) == 0xe0 ? 3
		     : (*s & 0xf8) == 0xf0 ? 4
					   : 0;
	uint32_t c;

	if (len == 0)
		return 0;
	c = len == 1 ? *s : *s & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return len;
}

#endif
