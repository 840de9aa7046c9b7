/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a tree as YAML for people or as JSON, with the same calls. */
#ifndef SBX_POLICY_EMIT_H
#define SBX_POLICY_EMIT_H

#include <stdbool.h>

#include "runtime/base/buf.h"

#define EMIT_DEPTH 12

/*
 * The YAML is block mappings, with what lies in a list on the list's line.
 * Zeroed but for out and json is a fresh start. A key is NULL within a list.
 */
struct emit {
	struct buf *out;
	bool json;
	bool not_utf8; /* some text was not, and is not in the output */
	unsigned depth;
	struct {
		char kind; /* '{', '[' or '-' */
		bool any;
	} open[EMIT_DEPTH];
};

void emit_map(struct emit *e, const char *key);
/* A list of scalars, and one of mappings: a line for each. */
void emit_list(struct emit *e, const char *key);
void emit_items(struct emit *e, const char *key);
void emit_close(struct emit *e);

/* Text, quoted wherever YAML could take it for something else. */
void emit_text(struct emit *e, const char *key, const char *text);
/* A word that needs no quotes in YAML ("4G"), but in JSON. */
void emit_word(struct emit *e, const char *key, const char *text);
/* A number, true or false: never quoted. */
void emit_raw(struct emit *e, const char *key, const char *text);

#endif
