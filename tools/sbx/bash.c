/* SPDX-License-Identifier: Apache-2.0 */
/* The completion script for bash. */
#include "tools/sbx/complete.h"

/* The fixed part; % is the program's name as a word. */
static const char body[] =
	"# Which words an argument of kind $1 that begins with $2 may be.\n"
	"_%_words()\n"
	"{\n"
	"\tcase $1 in\n"
	"\tFILE) compgen -f -- \"$2\" ;;\n"
	"\tPRESET) compgen -W \"$_%_presets\" -- \"$2\" ;;\n"
	"\tKEY=VALUE) compgen -S = -W \"$_%_keys\" -- \"$2\" ;;\n"
	"\tVERB) compgen -W \"$_%_verbs\" -- \"$2\" ;;\n"
	"\tCOMMAND) compgen -c -- \"$2\" ;;\n"
	"\t[A-Z]*) ;;\n"
	"\t*) compgen -W \"$1\" -- \"$2\" ;;\n"
	"\tesac\n"
	"}\n"
	"\n"
	"_%_reply()\n"
	"{\n"
	"\tlocal kind\n"
	"\tcase \" $1 \" in\n"
	"\t*' FILE '*) compopt -o filenames ;;\n"
	"\t*' KEY=VALUE '*) compopt -o nospace ;;\n"
	"\tesac\n"
	"\tmapfile -t COMPREPLY < <(for kind in $1; do\n"
	"\t\t_%_words \"$kind\" \"$2\"\n"
	"\tdone)\n"
	"}\n"
	"\n"
	"_%_complete()\n"
	"{\n"
	"\tlocal cur=$2 i verb kinds words=()\n"
	"\t# bash takes --name=value apart at the sign\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\t[[ ${COMP_WORDS[i]} == = ]] || words+=(\"${COMP_WORDS[i]}\")\n"
	"\tdone\n"
	"\t[[ $cur == = ]] && cur=\n"
	"\tverb=${words[0]-}\n"
	"\tif [[ -z $verb ]]; then\n"
	"\t\t_%_reply \"$_%_verbs $(_%_options '')\" \"$cur\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\ti=1\n"
	"\tif [[ -n $(_%_below \"$verb\") ]]; then\n"
	"\t\tif [[ -z ${words[1]-} ]]; then\n"
	"\t\t\t_%_reply \"$(_%_below \"$verb\") $(_%_options \"$verb\")\" "
	"\"$cur\"\n"
	"\t\t\treturn\n"
	"\t\tfi\n"
	"\t\tverb=\"$verb ${words[1]}\"\n"
	"\t\ti=2\n"
	"\tfi\n"
	"\tkinds=\n"
	"\tfor (( ; i < ${#words[@]}; i++)); do\n"
	"\t\tif [[ -n $kinds ]]; then\n"
	"\t\t\tkinds=\n"
	"\t\telif [[ ${words[i]} == -?* && ${words[i]} != -- ]]; then\n"
	"\t\t\tkinds=$(_%_argument \"$verb ${words[i]}\")\n"
	"\t\telif [[ $verb == run ]]; then\n"
	"\t\t\t# its own words; another program's completion is its own\n"
	"\t\t\t[[ ${words[i]} == -- && $((i + 1)) == ${#words[@]} ]] &&\n"
	"\t\t\t\tkinds=COMMAND || kinds=FILE\n"
	"\t\t\tbreak\n"
	"\t\tfi\n"
	"\tdone\n"
	"\tif [[ -z $kinds && $cur == -* ]]; then\n"
	"\t\tkinds=$(_%_options \"$verb\")\n"
	"\telif [[ -z $kinds ]]; then\n"
	"\t\tkinds=$(_%_operands \"$verb\")\n"
	"\tfi\n"
	"\t_%_reply \"$kinds\" \"$cur\"\n"
	"}\n";

static void with_word(FILE *f, const char *text, const char *word)
{
	for (; *text; text++)
		if (*text == '%')
			fputs(word, f);
		else
			putc(*text, f);
}

static void kinds(FILE *f, const char *usage)
{
	char kind[32];
	const char *gap = "";

	while (complete_kind(&usage, kind, sizeof(kind))) {
		fprintf(f, "%s%s", gap, kind);
		gap = " ";
	}
}

static void option_names(FILE *f, const struct opt *rows, const char *gap)
{
	for (; rows->name; rows++) {
		fprintf(f, "%s--%s", gap, rows->name);
		gap = " ";
	}
}

static int put_options(const struct verb *verb, const char *name, void *arg)
{
	FILE *f = arg;

	fprintf(f, "\t'%s') echo '", name);
	option_names(f, verb->opts, "");
	option_names(f, common_opts, verb->opts->name ? " " : "");
	fputs("' ;;\n", f);
	return 0;
}

static int put_arguments(const struct verb *verb, const char *name, void *arg)
{
	FILE *f = arg;

	for (const struct opt *row = verb->opts; row->name; row++) {
		if (!row->arg)
			continue;
		fprintf(f, "\t'%s --%s'", name, row->name);
		if (row->letter)
			fprintf(f, " | '%s -%c'", name, row->letter);
		fputs(") echo '", f);
		kinds(f, row->arg);
		fputs("' ;;\n", f);
	}
	return 0;
}

static int put_operands(const struct verb *verb, const char *name, void *arg)
{
	FILE *f = arg;

	if (verb->sub || !verb->operands.max)
		return 0;
	fprintf(f, "\t'%s') echo '", name);
	kinds(f, verb->operands.usage);
	fputs("' ;;\n", f);
	return 0;
}

static int put_below(const struct verb *verb, const char *name, void *arg)
{
	FILE *f = arg;

	if (!verb->sub)
		return 0;
	fprintf(f, "\t'%s') echo '", name);
	complete_verbs(f, verb->sub);
	fputs("' ;;\n", f);
	return 0;
}

/* A function that answers by its first argument. */
static void table(FILE *f, const char *word, const char *name,
		  int (*row)(const struct verb *, const char *, void *))
{
	fprintf(f, "_%s_%s()\n{\n\tcase $1 in\n", word, name);
	(void)complete_each(row, f);
	if (row == put_options) {
		fputs("\t'') echo '", f);
		option_names(f, main_opts, "");
		option_names(f, common_opts, " ");
		fputs("' ;;\n", f);
	}
	fputs("\tesac\n}\n\n", f);
}

void complete_bash(FILE *f, const char *name)
{
	char word[64];

	complete_word(word, sizeof(word), name);
	fprintf(f, "# bash completion for %s\n\n_%s_verbs='", name, word);
	complete_verbs(f, verbs);
	fprintf(f, "'\n_%s_presets='", word);
	complete_presets(f);
	fprintf(f, "'\n_%s_keys='", word);
	complete_keys(f);
	fputs("'\n\n", f);
	table(f, word, "options", put_options);
	table(f, word, "argument", put_arguments);
	table(f, word, "operands", put_operands);
	table(f, word, "below", put_below);
	with_word(f, body, word);
	fprintf(f, "\ncomplete -F _%s_complete %s\n", word, name);
}
