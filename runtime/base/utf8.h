/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 (RFC 3629). */
#ifndef SBX_BASE_UTF8_H
#define SBX_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

/*
 * Decode the character at s of len > 0 bytes. Returns its length in bytes, or
 * 0 where there is none: overlong forms, surrogates, beyond U+10FFFF, cut.
 */
size_t utf8_decode(const char *s, size_t len, uint32_t *ret);

/* How much of s does not end within a character: len, or up to 3 bytes less. */
size_t utf8_whole(const char *s, size_t len);

/* Append s, each byte that is no part of a character as U+FFFD. */
void utf8_clean(struct buf *out, const char *s, size_t len);

#endif
