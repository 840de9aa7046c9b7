/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 (RFC 3629). */
#include "runtime/base/utf8.h"

size_t utf8_decode(const char *s, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	size_t n = p[0] < 0x80	 ? 1
		   : p[0] < 0xc2 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
		   : p[0] < 0xf5 ? 4
				 : 0;
	uint32_t c;

	if (!n || n > len)
		return 0;
	c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return n;
}

size_t utf8_whole(const char *s, size_t len)
{
	size_t back = 0, n;
	unsigned char c;

	while (back < 3 && back < len && (s[len - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back == len)
		return len;
	c = (unsigned char)s[len - 1 - back];
	n = c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;
	return back + 1 < n ? len - back - 1 : len;
}

void utf8_clean(struct buf *out, const char *s, size_t len)
{
	uint32_t c;
	size_t n;

	while (len) {
		n = utf8_decode(s, len, &c);
		if (n)
			buf_add(out, s, n);
		else
			buf_puts(out, "\xef\xbf\xbd");
		n += !n;
		s += n;
		len -= n;
	}
}
