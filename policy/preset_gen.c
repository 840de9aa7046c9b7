/* SPDX-License-Identifier: Apache-2.0 */
/* Build time: from preset files to the trees that the program starts with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/yaml.h"
#include "runtime/base/buf.h"

/* One file's nodes are named p<preset>_<number>. */
struct gen {
	int preset;
	int n;
};

static void put_text(const char *s)
{
	if (!s) {
		printf("NULL");
		return;
	}
	printf("(char *)\"");
	for (; *s; s++)
		if (*s == '"' || *s == '\\' || *s < ' ' || *s > '~')
			printf("\\%03o", (unsigned char)*s);
		else
			putchar(*s);
	printf("\"");
}

static void put_link(const struct gen *g, const char *field, int to)
{
	if (to)
		printf(", .%s = (struct node *)&p%d_%d", field, g->preset, to);
}

/* What a node points to is printed before it. Returns its number; 0: none. */
static int put_node(struct gen *g, const struct node *n)
{
	int first, next, value;

	if (!n)
		return 0;
	first = put_node(g, n->first);
	value = put_node(g, n->value);
	next = put_node(g, n->next);
	printf("static const struct node p%d_%d = { .kind = %d, .line = %u, "
	       ".col = %u, .text = ",
	       g->preset, ++g->n, (int)n->kind, n->line, n->col);
	put_text(n->text);
	put_link(g, "first", first);
	put_link(g, "next", next);
	put_link(g, "value", value);
	printf(" };\n");
	return g->n;
}

static int put_file(struct gen *g, const char *path)
{
	static char text[TREE_BYTES];
	struct sbx_err err = { 0 };
	FILE *f = fopen(path, "re");
	struct tree t;
	size_t len;
	int root;

	if (!f) {
		perror(path);
		return 0;
	}
	len = fread(text, 1, sizeof(text), f);
	(void)fclose(f);
	if (tree_read(&t, path, text, len, &err) < 0)
		(void)fprintf(stderr, "%s\n", err.msg);
	root = err.code ? 0 : put_node(g, t.root);
	tree_done(&t);
	return root;
}

int main(int argc, char **argv)
{
	struct buf roots = { 0 };
	int root;

	for (int i = 1; i < argc; i++) {
		struct gen g = { .preset = i };

		root = put_file(&g, argv[i]);
		if (!root)
			return 1;
		buf_printf(&roots, "\t&p%d_%d,\n", i, root);
	}
	printf("static const struct node *const trees[] = {\n%s};\n",
	       roots.data ? roots.data : "");
	buf_done(&roots);
	return fflush(stdout) != 0;
}
