/* SPDX-License-Identifier: Apache-2.0 */
/* Text that a stranger may have written: checking it, and showing it. */
#ifndef SBX_POLICY_TEXT_H
#define SBX_POLICY_TEXT_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The next character of [*p, end), moving *p past it. -1 where the bytes are
 * not UTF-8; *p then moves by one byte. *p < end.
 */
int text_next(const char **p, const char *end);

/*
 * True for a character that shows itself and only itself: no control
 * character, none that is invisible, none that reorders or breaks lines.
 */
bool text_visible(int c);

/*
 * s as it may stand in a message of one line: what is not visible is escaped,
 * what is long is cut. Q(s) gives it a buffer that lives as long as the block.
 */
#define TEXT_QUOTE 80
const char *text_quote(char out[TEXT_QUOTE], const char *s);
#define Q(s) text_quote((char[TEXT_QUOTE]){ 0 }, (s))

/*
 * Refuse what a policy file never holds: bytes that are not UTF-8, invisible
 * characters, tabs as indentation. Messages are "NAME:LINE:COLUMN: what".
 */
int text_check(const char *name, const char *text, size_t len,
	       struct sbx_err *err);

#endif
