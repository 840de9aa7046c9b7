/* SPDX-License-Identifier: Apache-2.0 */
/* The completion script for zsh. */
#include "tools/sbx/complete.h"

#include <string.h>

/* Text inside '...[here]:...': brackets, colons and quotes mean something. */
static void quoted(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'') {
			fputs("'\\''", f);
			continue;
		}
		if (strchr("[]:\\", *text))
			putc('\\', f);
		putc(*text, f);
	}
}

/* What completes an argument: the functions of its kinds, one after another. */
static void action(FILE *f, const char *word, const char *usage)
{
	char kind[32];
	const char *gap = "";

	fputs("{ ", f);
	while (complete_kind(&usage, kind, sizeof(kind))) {
		fprintf(f, "%s_%s_kind %s", gap, word, kind);
		gap = "; ";
	}
	fputs(" }", f);
}

static void option(FILE *f, const char *word, const struct opt *row)
{
	const char *many = row->type == OPT_LIST ? "*" : "";
	const char *sign = row->arg ? "=" : "", *plus = row->arg ? "+" : "";

	fputs("\t\t\t'", f);
	if (row->letter && !*many)
		fprintf(f, "(-%c --%s)", row->letter, row->name);
	fputs(many, f);
	if (row->letter)
		fprintf(f, "'{-%c%s,--%s%s}'", row->letter, plus, row->name,
			sign);
	else
		fprintf(f, "--%s%s", row->name, sign);
	putc('[', f);
	quoted(f, row->help);
	putc(']', f);
	if (row->arg) {
		putc(':', f);
		quoted(f, row->arg);
		putc(':', f);
		action(f, word, row->arg);
	}
	fputs("' \\\n", f);
}

static void operands(FILE *f, const char *word, const struct operands *o)
{
	if (o->command) {
		fputs("\t\t\t'(-):command: _command_names -e' \\\n"
		      "\t\t\t'*::argument: _normal'\n",
		      f);
		return;
	}
	if (!o->max) {
		fputs("\t\t\t':'\n", f);
		return;
	}
	fprintf(f, "\t\t\t'%s:", o->max > 1 ? "*" : "");
	if (o->max == 1 && o->min == 0)
		putc(':', f);
	quoted(f, o->what);
	putc(':', f);
	action(f, word, o->usage);
	fputs("'\n", f);
}

struct script {
	FILE *f;
	const char *word;
};

static int verb_case(const struct verb *verb, const char *name, void *arg)
{
	const struct script *s = arg;

	if (verb->sub)
		return 0;
	fprintf(s->f, "\t'%s')\n\t\t_arguments -s -S : \\\n", name);
	for (const struct opt *row = verb->opts; row->name; row++)
		option(s->f, s->word, row);
	for (const struct opt *row = common_opts; row->name; row++)
		option(s->f, s->word, row);
	operands(s->f, s->word, &verb->operands);
	fputs("\t\t;;\n", s->f);
	return 0;
}

/* An array of 'name:summary' for _describe. */
static void described(FILE *f, const char *name,
		      const struct verb *const *table)
{
	fprintf(f, "\tlocal -a %s=(\n", name);
	for (; *table; table++) {
		fprintf(f, "\t\t'%s:", (*table)->name);
		quoted(f, (*table)->summary);
		fputs("'\n", f);
	}
	fputs("\t)\n", f);
}

static void kind_function(FILE *f, const char *word)
{
	fprintf(f, "_%s_kind() {\n\tcase $1 in\n\tFILE) _files ;;\n", word);
	fputs("\tPRESET) compadd -- ", f);
	complete_presets(f);
	fputs(" ;;\n\tKEY=VALUE) compadd -S = -- ", f);
	complete_keys(f);
	fputs(" ;;\n\tVERB) compadd -- ", f);
	complete_verbs(f, verbs);
	fputs(" ;;\n\t[A-Z]*) ;;\n\t*) compadd -- $1 ;;\n\tesac\n}\n\n", f);
}

static void main_function(FILE *f, const char *word)
{
	struct script s = { f, word };

	fprintf(f, "_%s() {\n\tlocal verb=\n", word);
	described(f, "verbs", verbs);
	for (size_t i = 0; verbs[i]; i++)
		if (verbs[i]->sub)
			described(f, verbs[i]->name, verbs[i]->sub);
	fputs("\tif (( CURRENT == 2 )); then\n"
	      "\t\tif [[ $PREFIX == -* ]]; then\n"
	      "\t\t\t_arguments : \\\n",
	      f);
	for (const struct opt *row = main_opts; row->name; row++)
		option(f, word, row);
	for (const struct opt *row = common_opts; row->name; row++)
		option(f, word, row);
	fputs("\t\t\t':'\n\t\telse\n\t\t\t_describe verb verbs\n\t\tfi\n"
	      "\t\treturn\n\tfi\n\tshift words\n\t(( CURRENT-- ))\n"
	      "\tverb=$words[1]\n",
	      f);
	for (size_t i = 0; verbs[i]; i++)
		if (verbs[i]->sub)
			fprintf(f,
				"\tif [[ $verb == %s ]]; then\n"
				"\t\tif (( CURRENT == 2 )); then\n"
				"\t\t\t_describe verb %s\n\t\t\treturn\n"
				"\t\tfi\n\t\tshift words\n\t\t(( CURRENT-- ))\n"
				"\t\tverb=\"%s $words[1]\"\n\tfi\n",
				verbs[i]->name, verbs[i]->name, verbs[i]->name);
	fputs("\tcase $verb in\n", f);
	(void)complete_each(verb_case, &s);
	fputs("\tesac\n}\n\n", f);
}

void complete_zsh(FILE *f, const char *name)
{
	char word[64];

	complete_word(word, sizeof(word), name);
	fprintf(f, "#compdef %s\n# zsh completion for %s\n\n", name, name);
	kind_function(f, word);
	main_function(f, word);
	/* read from $fpath it is its own first call; sourced it registers */
	fprintf(f,
		"if [[ $funcstack[1] == _%s || $funcstack[1] == _%s ]]; then\n"
		"\t_%s \"$@\"\nelse\n\tcompdef _%s %s\nfi\n",
		word, name, word, word, name);
}
