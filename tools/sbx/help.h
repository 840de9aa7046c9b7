/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of --help, from the rows of verbs and options. */
#ifndef SBX_TOOLS_HELP_H
#define SBX_TOOLS_HELP_H

#include <stdio.h>

#include "tools/sbx/verb.h"

/* The program's own help; name is what the program is called. */
void help_program(FILE *f, const char *name);
/* That of one verb; verb_name is "run" or "policy check". */
void help_verb(FILE *f, const char *name, const char *verb_name,
	       const struct verb *verb);
/* Its first line without "Usage: ". */
void help_usage(FILE *f, const char *name, const char *verb_name,
		const struct verb *verb);

#endif
