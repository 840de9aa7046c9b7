/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of --help, from the rows. */
#include "tools/sbx/help.h"

#include <ctype.h>
#include <string.h>

#define WIDTH 78

/* Words of text from column `at` on, folded so that they stay right of it. */
static void fold(FILE *f, const char *text, int at)
{
	int column = at;

	while (*text) {
		int len = (int)strcspn(text, " ");

		if (column > at && column + 1 + len > WIDTH) {
			fprintf(f, "\n%*s", at, "");
			column = at;
		} else if (column > at) {
			putc(' ', f);
			column++;
		}
		fwrite(text, 1, (size_t)len, f);
		column += len;
		text += len;
		text += strspn(text, " ");
	}
	putc('\n', f);
}

/* "  left   right", right folded; it begins a line of its own where needed. */
static void pair(FILE *f, const char *left, const char *right, int at)
{
	int len = (int)strlen(left);

	fprintf(f, "  %s", left);
	if (len + 4 > at)
		fprintf(f, "\n%*s", at, "");
	else
		fprintf(f, "%*s", at - len - 2, "");
	fold(f, right, at);
}

static void option(FILE *f, const struct opt *row)
{
	char left[80];

	(void)snprintf(left, sizeof(left), "%c%c%s --%s%s%s",
		       row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
		       row->letter ? "," : " ", row->name, row->arg ? " " : "",
		       row->arg ? row->arg : "");
	pair(f, left, row->help, 30);
}

static void options(FILE *f, const struct opt *own)
{
	fputs("\nOptions:\n", f);
	for (const struct opt *row = own; row && row->name; row++)
		option(f, row);
	for (const struct opt *row = common_opts; row->name; row++)
		option(f, row);
}

static void verb_rows(FILE *f, const struct verb *const *table)
{
	fputs("\nVerbs:\n", f);
	for (; *table; table++)
		pair(f, (*table)->name, (*table)->summary, 14);
}

/* A sentence of a row, as a line of its own. */
static void sentence(FILE *f, const char *text)
{
	fprintf(f, "\n%c%s.\n", toupper((unsigned char)text[0]), text + 1);
}

void help_usage(FILE *f, const char *name, const char *verb_name,
		const struct verb *verb)
{
	const char *usage = verb->sub ? "VERB ..." : verb->operands.usage;

	fprintf(f, "%s %s%s%s%s", name, verb_name,
		verb->opts && verb->opts->name ? " [OPTION]..." : "",
		*usage ? " " : "", usage);
}

void help_verb(FILE *f, const char *name, const char *verb_name,
	       const struct verb *verb)
{
	fputs("Usage: ", f);
	help_usage(f, name, verb_name, verb);
	putc('\n', f);
	sentence(f, verb->summary);
	if (verb->sub)
		verb_rows(f, verb->sub);
	options(f, verb->opts);
	fprintf(f, "\nMore in the manual page %s(1).\n", name);
}

void help_program(FILE *f, const char *name)
{
	fprintf(f,
		"Usage: %s VERB [OPTION]... [ARGUMENT]...\n\n"
		"Run programs in a jail under a policy file.\n",
		name);
	verb_rows(f, verbs);
	options(f, main_opts);
	fprintf(f,
		"\nBegin with:\n"
		"  %s doctor            what this host offers a jail\n"
		"  %s run -- make       this directory copy-on-write, no "
		"network\n"
		"  %s help run          the options of a verb\n"
		"\nMore in the manual pages %s(1) and %s-policy(5).\n",
		name, name, name, name, name);
}
