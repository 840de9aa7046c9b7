/* SPDX-License-Identifier: Apache-2.0 */
/* Values that are one number: from text to uint64_t and back. */
#ifndef SBX_POLICY_VALUE_H
#define SBX_POLICY_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/schema.h"
#include "runtime/base/buf.h"

/*
 * How one kind is written. Sizes are bytes, durations milliseconds, cpus
 * thousandths; an enum's and a boolean's number is the place of the word in
 * the row's range. parse() gives 0, -EINVAL (not such a thing) or -ERANGE
 * (does not fit, or is negative); print() writes what parse() reads.
 */
struct pol_number {
	const char *noun; /* "a size (512M, 1GiB or plain bytes)" */
	int (*parse)(const char *text, const char *range, uint64_t *ret);
	void (*print)(uint64_t v, const char *range, struct buf *out);
};

/* NULL: the kind is no number. */
const struct pol_number *pol_number(enum pol_kind kind);

/*
 * Read text as the row's kind within the row's range, `none` (POL_NONE)
 * included where the range names it. 0, -EINVAL or -ERANGE.
 */
int pol_parse(size_t row, const char *text, uint64_t *ret);
/* The same for a number with a range that is no row's own. */
int pol_parse_in(const char *range, const char *text, uint64_t *ret);
void pol_print(size_t row, uint64_t v, struct buf *out);

/* True where the row's range ends in "or none". */
bool pol_allows_none(size_t row);

#endif
