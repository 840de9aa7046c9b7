/* SPDX-License-Identifier: Apache-2.0 */
/* A YAML document as a tree that knows where everything stood. */
#ifndef SBX_POLICY_YAML_H
#define SBX_POLICY_YAML_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a document may take; each has its own message. */
#define TREE_BYTES (1u << 20)
#define TREE_DEPTH 16
#define TREE_NODES 10000

enum node_kind { NODE_TEXT, NODE_NULL, NODE_LIST, NODE_MAP };

/*
 * Scalars are text as written, with quotes and escapes resolved and no NUL
 * within; what they mean is for the reader of the tree. NODE_NULL is an
 * unquoted nothing, ~ or null. A map's children are its keys (always text, in
 * order, perhaps more than once), each with its value.
 */
struct node {
	enum node_kind kind;
	uint32_t line, col; /* from 1; 0: the node is from no file */
	char *text;	    /* TEXT and NULL: never NULL */
	struct node *first, *last, *next;
	struct node *value; /* of a key */
};

struct tree {
	struct node *root; /* NULL: there is nothing in the document */
	struct tree_chunk *chunks;
	size_t n_nodes;
};

/*
 * Read one document. name is for messages ("NAME:LINE:COLUMN: what") and is
 * printed as it is. Anchors, aliases, tags, a second document and keys that
 * are not text are refused. tree_done() after failure too.
 */
int tree_read(struct tree *t, const char *name, const char *text, size_t len,
	      struct sbx_err *err);
void tree_done(struct tree *t);

#endif
