/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the word that was probably meant. */
#ifndef SBX_POLICY_SUGGEST_H
#define SBX_POLICY_SUGGEST_H

#include <stddef.h>

/* The best so far. Zeroed but for word is a fresh start. */
struct suggest {
	const char *word; /* what was written */
	const char *best; /* NULL: nothing is near enough */
	size_t best_len;
	unsigned distance;
};

/* Offer a candidate of len bytes; it is borrowed. */
void suggest_offer(struct suggest *s, const char *word, size_t len);

#endif
