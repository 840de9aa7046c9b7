/* SPDX-License-Identifier: Apache-2.0 */
/* sbx help: the same text as --help, for those who ask in words. */
#include <errno.h>
#include <string.h>

#include "tools/sbx/help.h"
#include "tools/sbx/out.h"
#include "tools/sbx/verb.h"

static int unknown(const struct cli *cli, const char *word)
{
	struct sbx_err err = { 0 };

	(void)sbx_failx(&err, EINVAL, "'%s': unknown verb", word);
	return out_misuse(cli, &err);
}

static int run_help(const struct cli *cli, const void *opts, char *const *args)
{
	const struct verb *verb;
	char name[64];

	if (!args[0]) {
		help_program(stdout, cli->name);
		return out_flush(cli);
	}
	verb = verb_find(verbs, args[0]);
	if (!verb)
		return unknown(cli, args[0]);
	(void)snprintf(name, sizeof(name), "%s", verb->name);
	if (args[1]) {
		verb = verb->sub ? verb_find(verb->sub, args[1]) : NULL;
		if (!verb)
			return unknown(cli, args[1]);
		(void)snprintf(name + strlen(name), sizeof(name) - strlen(name),
			       " %s", verb->name);
	}
	help_verb(stdout, cli->name, name, verb);
	return out_flush(cli);
}

const struct verb verb_help = {
	.name = "help",
	.summary = "print the help of the program or of a verb",
	.opts = no_opts,
	.operands = { "[VERB]...", "verb", 0, 2, false },
	.run = run_help,
};
