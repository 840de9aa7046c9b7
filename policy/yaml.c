/* SPDX-License-Identifier: Apache-2.0 */
/* From text to a tree, by libyaml's events. */
#include "policy/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "policy/text.h"
#include "runtime/base/cleanup.h"

/*
 * How this works. The text is checked as text first (text_check()), so that
 * libyaml never sees what it would accept in one version and not in the next.
 * Its events are then hung into a tree; the stack holds the collections that
 * are open. Nodes come from chunks and go all at once; a scalar's text is
 * taken over from libyaml.
 */
struct tree_chunk {
	struct tree_chunk *next;
	size_t n;
	struct node v[62];
};

struct builder {
	struct tree *tree;
	const char *name;
	struct sbx_err *err;
	yaml_parser_t parser;
	yaml_event_t event;
	struct node *open[TREE_DEPTH];
	size_t depth;
	unsigned documents;
	bool end;
};

static int refuse(struct builder *b, const char *what)
{
	const yaml_mark_t *at = &b->event.start_mark;

	return sbx_failx(b->err, EINVAL, "%s:%zu:%zu: %s", b->name,
			 at->line + 1, at->column + 1, what);
}

static int no_memory(struct builder *b)
{
	return sbx_fail(b->err, ENOMEM, "%s", b->name);
}

static struct node *new_node(struct tree *t)
{
	struct tree_chunk *c = t->chunks;

	if (!c || c->n == ARRAY_LEN(c->v)) {
		c = malloc(sizeof(*c));
		if (!c)
			return NULL;
		c->next = t->chunks;
		c->n = 0;
		t->chunks = c;
	}
	t->n_nodes++;
	c->v[c->n] = (struct node){ 0 };
	return &c->v[c->n++];
}

/* Hang n where the document goes on. */
static int attach(struct builder *b, struct node *n)
{
	struct node *parent = b->depth ? b->open[b->depth - 1] : NULL;
	struct node *last = parent ? parent->last : NULL;

	if (!parent) {
		b->tree->root = n;
		return 0;
	}
	if (parent->kind == NODE_MAP && last && !last->value) {
		last->value = n;
		return 0;
	}
	if (parent->kind == NODE_MAP && n->kind != NODE_TEXT &&
	    n->kind != NODE_NULL)
		return refuse(b, "a list or mapping as a key");
	if (last)
		last->next = n;
	else
		parent->first = n;
	parent->last = n;
	return 0;
}

static int add(struct builder *b, enum node_kind kind, struct node **ret)
{
	struct node *n;

	if (b->tree->n_nodes == TREE_NODES)
		return refuse(b, "more than 10000 values in one policy");
	n = new_node(b->tree);
	if (!n)
		return no_memory(b);
	n->kind = kind;
	n->line = (uint32_t)b->event.start_mark.line + 1;
	n->col = (uint32_t)b->event.start_mark.column + 1;
	*ret = n;
	return attach(b, n);
}

static int check_names(struct builder *b, const yaml_char_t *anchor,
		       const yaml_char_t *tag)
{
	if (anchor)
		return refuse(b,
			      "anchors and aliases are not part of a policy");
	return tag ? refuse(b, "tags are not part of a policy") : 0;
}

static int open_node(struct builder *b, enum node_kind kind)
{
	struct node *n;
	int r;

	if (b->depth == TREE_DEPTH)
		return refuse(b, "nested more than 16 deep");
	r = add(b, kind, &n);
	if (r == 0)
		b->open[b->depth++] = n;
	return r;
}

static int on_sequence(struct builder *b)
{
	int r = check_names(b, b->event.data.sequence_start.anchor,
			    b->event.data.sequence_start.tag);

	return r < 0 ? r : open_node(b, NODE_LIST);
}

static int on_mapping(struct builder *b)
{
	int r = check_names(b, b->event.data.mapping_start.anchor,
			    b->event.data.mapping_start.tag);

	return r < 0 ? r : open_node(b, NODE_MAP);
}

static int on_close(struct builder *b)
{
	b->depth--;
	return 0;
}

static int on_alias(struct builder *b)
{
	return refuse(b, "anchors and aliases are not part of a policy");
}

static bool is_null(yaml_scalar_style_t style, const char *text)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };

	if (style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(nulls); i++)
		if (strcmp(text, nulls[i]) == 0)
			return true;
	return false;
}

static int on_scalar(struct builder *b)
{
	yaml_char_t **value = &b->event.data.scalar.value;
	const char *text = (const char *)*value;
	struct node *n;
	int r = check_names(b, b->event.data.scalar.anchor,
			    b->event.data.scalar.tag);

	if (r < 0)
		return r;
	if (strlen(text) != b->event.data.scalar.length)
		return refuse(b, "a NUL in a value");
	r = add(b,
		is_null(b->event.data.scalar.style, text) ? NODE_NULL
							  : NODE_TEXT,
		&n);
	if (r < 0)
		return r;
	n->text = (char *)take(*value);
	return 0;
}

static int on_document(struct builder *b)
{
	const typeof(b->event.data.document_start) *d =
		&b->event.data.document_start;

	if (b->documents++)
		return refuse(b, "a second document; a policy is one");
	if (d->tag_directives.start != d->tag_directives.end)
		return refuse(b, "tags are not part of a policy");
	return 0;
}

static int on_end(struct builder *b)
{
	b->end = true;
	return 0;
}

static int on_other(struct builder *b)
{
	return 0;
}

static int next_event(struct builder *b)
{
	static int (*const on[])(struct builder * b) = {
		[YAML_NO_EVENT] = on_end,
		[YAML_STREAM_START_EVENT] = on_other,
		[YAML_STREAM_END_EVENT] = on_end,
		[YAML_DOCUMENT_START_EVENT] = on_document,
		[YAML_DOCUMENT_END_EVENT] = on_other,
		[YAML_ALIAS_EVENT] = on_alias,
		[YAML_SCALAR_EVENT] = on_scalar,
		[YAML_SEQUENCE_START_EVENT] = on_sequence,
		[YAML_SEQUENCE_END_EVENT] = on_close,
		[YAML_MAPPING_START_EVENT] = on_mapping,
		[YAML_MAPPING_END_EVENT] = on_close,
	};
	const yaml_parser_t *p = &b->parser;
	int r;

	if (!yaml_parser_parse(&b->parser, &b->event)) {
		if (p->error == YAML_MEMORY_ERROR)
			return no_memory(b);
		return sbx_failx(b->err, EINVAL,
				 "%s:%zu:%zu: not valid YAML: %s%s%s", b->name,
				 p->problem_mark.line + 1,
				 p->problem_mark.column + 1,
				 p->problem ? p->problem : "unreadable",
				 p->context ? " " : "",
				 p->context ? p->context : "");
	}
	r = on[b->event.type](b);
	yaml_event_delete(&b->event);
	return r;
}

int tree_read(struct tree *t, const char *name, const char *text, size_t len,
	      struct sbx_err *err)
{
	struct builder b = { .tree = t, .name = name, .err = err };
	int r;

	*t = (struct tree){ 0 };
	if (len > TREE_BYTES)
		return sbx_failx(
			err, EINVAL,
			"%s:1:1: larger than 1 MiB, which no policy is", name);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	r = text_check(name, text, len, err);
	if (r < 0)
		return r;
	if (!yaml_parser_initialize(&b.parser))
		return no_memory(&b);
	yaml_parser_set_input_string(&b.parser, (const yaml_char_t *)text, len);
	yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
	while (r == 0 && !b.end)
		r = next_event(&b);
	yaml_parser_delete(&b.parser);
	return r;
}

void tree_done(struct tree *t)
{
	struct tree_chunk *c = t->chunks, *next;

	for (; c; c = next) {
		next = c->next;
		for (size_t i = 0; i < c->n; i++)
			free(c->v[i].text);
		free(c);
	}
	*t = (struct tree){ 0 };
}
