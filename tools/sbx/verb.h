/* SPDX-License-Identifier: Apache-2.0 */
/* A verb of the program: its row, and what its function is given. */
#ifndef SBX_TOOLS_VERB_H
#define SBX_TOOLS_VERB_H

#include <stddef.h>

#include "tools/sbx/opt.h"

struct verb;

/* The program as it was called. */
struct cli {
	const char *name; /* last part of argv[0] */
	const struct verb *verb;
	char verb_name[32]; /* "run", "policy check" */
};

struct verb {
	const char *name;
	const char *summary;	       /* one sentence, no full stop */
	const struct verb *const *sub; /* verbs below this one, NULL-ended */
	const struct opt *opts;
	struct operands operands;
	/*
	 * opts: the struct that the rows fill. args: the operands, NULL at
	 * their end. Returns the exit status.
	 */
	int (*run)(const struct cli *cli, const void *opts, char *const *args);
};

/* Room for the largest struct of options. */
#define VERB_OPTS_MAX 256

/* A verb is one file: its options, its row and its function side by side. */
extern const struct verb verb_run, verb_policy, verb_changes, verb_discard,
	verb_doctor, verb_completion, verb_help;

/* All verbs in the order of the help, NULL at the end. */
extern const struct verb *const verbs[];
/* Options that stand before a verb, those that each verb has, and none. */
extern const struct opt main_opts[], common_opts[], no_opts[];

/* The verb of this name in a table, or NULL. */
const struct verb *verb_find(const struct verb *const *table, const char *name);
/* The one whose name is nearest to a mistyped one, or NULL. */
const struct verb *verb_near(const struct verb *const *table, const char *name);

#endif
