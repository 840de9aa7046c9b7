/* SPDX-License-Identifier: Apache-2.0 */
/* The list of verbs, and the options that are not a verb's own. */
#include "tools/sbx/verb.h"

#include <string.h>

const struct verb *const verbs[] = {
	&verb_run,    &verb_policy, &verb_changes,    &verb_discard,
	&verb_doctor, &verb_help,   &verb_completion, NULL,
};

const struct opt main_opts[] = {
	{ "version", 'V', OPT_FLAG, NULL, "print the version and end",
	  .field = 0 },
	{ 0 },
};

const struct opt common_opts[] = {
	{ "help", 'h', OPT_FLAG, NULL, "print this help and end" },
	{ 0 },
};

const struct opt no_opts[] = {
	{ 0 },
};

const struct verb *verb_find(const struct verb *const *table, const char *name)
{
	for (; *table; table++)
		if (strcmp((*table)->name, name) == 0)
			return *table;
	return NULL;
}

const struct verb *verb_near(const struct verb *const *table, const char *name)
{
	const char *names[16];
	const char *near;
	size_t n = 0;

	for (; table[n] && n < sizeof(names) / sizeof(names[0]); n++)
		names[n] = table[n]->name;
	near = suggest(name, names, sizeof(names[0]), n);
	return near ? verb_find(table, near) : NULL;
}
