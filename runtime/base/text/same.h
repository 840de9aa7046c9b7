/* SPDX-License-Identifier: Apache-2.0 */
/* How much two texts have in common at their ends, and lines of text. */
#ifndef SBX_BASE_TEXT_SAME_H
#define SBX_BASE_TEXT_SAME_H

#include <stddef.h>

/* Bytes that are the same from the start on, at most len. */
size_t same_head(const char *a, const char *b, size_t len);
/* And before the ends. */
size_t same_tail(const char *a_end, const char *b_end, size_t len);

/* Where the line that holds the byte at (< len) ends, its newline included. */
size_t line_after(const char *s, size_t len, size_t at);
/* Where the line that holds, or ends before, the byte at starts. */
size_t line_before(const char *s, size_t at);
/* Newlines in s. */
size_t count_newlines(const char *s, size_t len);

#endif
