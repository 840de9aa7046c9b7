/* SPDX-License-Identifier: Apache-2.0 */
/* Writes manual pages and completion scripts from the program's own rows. */
#include <ctype.h>
#include <sbx/sbx.h>
#include <sbx/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/sbx/complete.h"
#include "tools/sbx/help.h"
#include "tools/sbx/verb.h"

/*
 * usage: gen bash|zsh NAME
 *        gen man NAME <TEMPLATE
 *
 * NAME is what the program will be installed as. A template is a page with
 * lines "@WORD ARGUMENT@" for what the rows know, and @NAME@ and @VERSION@
 * anywhere.
 */

/* Text as roff prints it: dashes as typed, no line that is a request. */
static void roff(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
	}
}

static void sentence(const char *text)
{
	putchar(toupper((unsigned char)*text));
	roff(text + 1);
	puts(".");
}

static void option(const struct opt *row)
{
	fputs(".TP\n", stdout);
	if (row->letter)
		printf("\\fB\\-%c\\fR, ", row->letter);
	fputs("\\fB\\-\\-", stdout);
	roff(row->name);
	fputs("\\fR", stdout);
	if (row->arg) {
		fputs(" \\fI", stdout);
		roff(row->arg);
		fputs("\\fR", stdout);
	}
	putchar('\n');
	sentence(row->help);
}

static void options(const struct opt *rows)
{
	for (; rows->name; rows++)
		option(rows);
}

/* "run [OPTION]... [--] COMMAND", by way of the text of --help. */
static void usage(const char *program, const struct verb *verb,
		  const char *verb_name)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		exit(1);
	help_usage(f, program, verb_name, verb);
	if (fclose(f) != 0)
		exit(1);
	roff(text);
	free(text);
}

static int synopsis_row(const struct verb *verb, const char *name, void *arg)
{
	if (verb->sub)
		return 0;
	usage(arg, verb, name);
	putchar('\n');
	return 0;
}

static void synopsis(const char *program, const char *word)
{
	(void)complete_each(synopsis_row, (void *)(uintptr_t)program);
}

static int verb_row(const struct verb *verb, const char *name, void *arg)
{
	const void *const *a = arg;
	const char *program = a[0];

	if (strcmp(name, a[1]) != 0)
		return 0;
	fputs(".SS \"", stdout);
	usage(program, verb, name);
	puts("\"");
	sentence(verb->summary);
	return 0;
}

static int verb_options_row(const struct verb *verb, const char *name,
			    void *arg)
{
	if (strcmp(name, arg) == 0)
		options(verb->opts);
	return 0;
}

static void verb_head(const char *program, const char *word)
{
	const void *a[] = { program, word };

	(void)complete_each(verb_row, a);
}

static void verb_options(const char *program, const char *word)
{
	(void)complete_each(verb_options_row, (void *)(uintptr_t)word);
}

static void global_options(const char *program, const char *word)
{
	options(common_opts);
	options(main_opts);
}

static void key_fact(const char *label, const char *value)
{
	if (!*value)
		return;
	printf("%s ", label);
	roff(value);
}

static void keys(const char *program, const char *word)
{
	size_t n;
	const struct sbx_policy_key *k = sbx_policy_keys(&n);

	for (size_t i = 0; i < n; i++) {
		fputs(".TP\n\\fB", stdout);
		roff(k[i].name);
		fputs("\\fR \\(em \\fI", stdout);
		roff(k[i].type);
		fputs("\\fR\n", stdout);
		sentence(k[i].help);
		if (!*k[i].range && !*k[i].dflt && !*k[i].merge)
			continue;
		fputs(".br\n(", stdout);
		key_fact("range", k[i].range);
		key_fact(*k[i].range ? "; default" : "default", k[i].dflt);
		key_fact(*k[i].range || *k[i].dflt ? "; merge:" : "merge:",
			 k[i].merge);
		puts(")");
	}
}

static void text_block(const char *text)
{
	puts(".PP\n.RS 4\n.nf");
	while (*text) {
		size_t len = strcspn(text, "\n");
		char line[512];

		(void)snprintf(line, sizeof(line), "%.*s", (int)len, text);
		roff(line);
		putchar('\n');
		text += len + (text[len] == '\n');
	}
	puts(".fi\n.RE");
}

static void presets(const char *program, const char *word)
{
	size_t n;
	const struct sbx_preset *ps = sbx_policy_presets(&n);

	for (size_t i = 0; i < n; i++) {
		fputs(".SS ", stdout);
		roff(ps[i].name);
		putchar('\n');
		sentence(ps[i].summary);
		text_block(ps[i].text);
	}
}

static const struct {
	const char *word;
	void (*write)(const char *program, const char *argument);
} directives[] = {
	{ "SYNOPSIS", synopsis },
	{ "VERB", verb_head },
	{ "OPTIONS", verb_options },
	{ "GLOBAL", global_options },
	{ "KEYS", keys },
	{ "PRESETS", presets },
};

/* A line that is one directive, or false. */
static bool directive(const char *program, const char *line)
{
	char word[32] = "", argument[32] = "", end = 0;

	if (sscanf(line, "@%31[A-Z] %31[a-z ]%c", word, argument, &end) < 3 &&
	    (sscanf(line, "@%31[A-Z]%c", word, &end) < 2))
		return false;
	if (end != '@')
		return false;
	for (size_t i = 0; i < sizeof(directives) / sizeof(*directives); i++)
		if (strcmp(directives[i].word, word) == 0) {
			directives[i].write(program, argument);
			return true;
		}
	return false;
}

static void line_of(const char *program, const char *line)
{
	const struct {
		const char *word, *text;
	} words[] = { { "@NAME@", program }, { "@VERSION@", SBX_VERSION } };

	while (*line) {
		size_t i;

		for (i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (strncmp(line, words[i].word,
				    strlen(words[i].word)) == 0)
				break;
		if (i < sizeof(words) / sizeof(*words)) {
			roff(words[i].text);
			line += strlen(words[i].word);
		} else {
			putchar(*line++);
		}
	}
}

static void man(const char *program)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin))
		if (!directive(program, line))
			line_of(program, line);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "bash") == 0)
		complete_bash(stdout, argv[2]);
	else if (argc == 3 && strcmp(argv[1], "zsh") == 0)
		complete_zsh(stdout, argv[2]);
	else if (argc == 3 && strcmp(argv[1], "man") == 0)
		man(argv[2]);
	else
		return 2;
	return fflush(stdout) != 0 || ferror(stdin);
}
