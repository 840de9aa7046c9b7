/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the edit engine: searching, and saying why nothing was found.
 */
#ifndef SBX_BASE_TEXT_EDIT_INT_H
#define SBX_BASE_TEXT_EDIT_INT_H

#include "runtime/base/text/edit.h"

/* How many places a message names. */
#define EDIT_PLACES 10

struct edit_places {
	uint64_t count; /* overlapping ones too */
	uint64_t lines[EDIT_PLACES];
};

/* All places of old in text, in linear time. 0 or -ENOMEM. */
int edit_count(const char *text, size_t len, const char *old, size_t old_len,
	       struct edit_places *ret);

/* Append what of the text is near to the old text: "the nearest line is ...".
 */
void edit_near(struct buf *out, const char *text, size_t len, const char *old,
	       size_t old_len);

#endif
