/* SPDX-License-Identifier: Apache-2.0 */
/* How much two texts have in common at their ends, and lines of text. */
#include "runtime/base/text/same.h"

#include <stdint.h>
#include <string.h>

size_t same_head(const char *a, const char *b, size_t len)
{
	size_t i = 0;

	while (i + 64 <= len && memcmp(a + i, b + i, 64) == 0)
		i += 64;
	while (i < len && a[i] == b[i])
		i++;
	return i;
}

size_t same_tail(const char *a_end, const char *b_end, size_t len)
{
	size_t i = 0;

	while (i + 64 <= len && memcmp(a_end - i - 64, b_end - i - 64, 64) == 0)
		i += 64;
	while (i < len && *(a_end - i - 1) == *(b_end - i - 1))
		i++;
	return i;
}

size_t line_after(const char *s, size_t len, size_t at)
{
	const char *nl = memchr(s + at, '\n', len - at);

	return nl ? (size_t)(nl - s) + 1 : len;
}

size_t line_before(const char *s, size_t at)
{
	const char *nl = at ? memrchr(s, '\n', at) : NULL;

	return nl ? (size_t)(nl - s) + 1 : 0;
}

/* Eight bytes at a time: a byte of `hit` is 0x80 where there is a newline. */
size_t count_newlines(const char *s, size_t len)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7f;
	uint64_t word, hit;
	size_t i, n = 0;

	for (i = 0; i + 8 <= len; i += 8) {
		memcpy(&word, s + i, sizeof(word));
		word ^= 0x0a0a0a0a0a0a0a0a;
		hit = ~(((word & low) + low) | word | low);
		n += ((hit >> 7) * 0x0101010101010101) >> 56;
	}
	for (; i < len; i++)
		n += s[i] == '\n';
	return n;
}
