/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of a text: old text that is there once, or everywhere, becomes new. */
#ifndef SBX_BASE_TEXT_EDIT_H
#define SBX_BASE_TEXT_EDIT_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

/*
 * Bytes, whatever they are; those outside of a match stay as they are. Line
 * ends are the one thing that is bent: old text without a CR LF in it finds
 * lines that end so as well, and what comes in its place then ends its lines as
 * the text around does. So who writes LF need not know of the other.
 */
struct edit {
	const char *old_text;
	size_t old_len;
	const char *new_text;
	size_t new_len;
	bool all; /* replace each, from the left; else there must be one */
};

struct edit_args {
	const struct edit *edits;
	size_t n;
	size_t max;			 /* bytes of the result; 0: 1 GiB */
	const char *old_name, *new_name; /* of the diff; NULL: no header */
	unsigned context;		 /* lines of the diff */
	size_t diff_max; /* bytes of the diff, cut after a line; 0: all of it */
};

struct edit_result {
	char *data; /* the new text; a NUL follows */
	size_t len;
	uint64_t replacements;
	/* what changed, in the new text, from 1; where lines were only removed,
	 * the one that is there now; 0 and 0: the same as before */
	uint64_t first_line, last_line;
	struct buf diff;
	size_t diff_cut; /* bytes left out of it */
};

/*
 * Apply the edits in turn, each to what the one before has made; all or none.
 * Time and memory are linear in the texts (in each edit), but for the diff: see
 * udiff(). The message names the edit if there are several, and
 *   -EINVAL: old is empty, or new is the same;
 *   -ENOKEY: old is not there; it names the nearest line, if one is near;
 *   -ENOTUNIQ: it is there more than once, with all overlapping places counted
 *            and the lines of the first ten;
 *   -EFBIG: the result would be larger than max;
 *   -ENOMEM.
 */
int edit_apply(const char *text, size_t len, const struct edit_args *args,
	       struct edit_result *ret, struct sbx_err *err);
void edit_result_done(struct edit_result *r);

#endif
