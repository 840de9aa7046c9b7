/* SPDX-License-Identifier: Apache-2.0 */
/* The policy that a command line names. */
#ifndef SBX_TOOLS_SOURCE_H
#define SBX_TOOLS_SOURCE_H

#include <sbx/sbx.h>
#include <stdlib.h>

#include "tools/sbx/opt.h"

/*
 * Load it: `word` is a file where it holds a slash or ends in .yaml, .yml or
 * .json, else the name of a preset, and NULL means the preset "default". Then
 * each "key=value" of `set` on top.
 */
int source_load(const char *word, const struct opt_list *set,
		struct sbx_policy **ret, struct sbx_err *err);

static inline void sbx_policy_auto_free(struct sbx_policy **p)
{
	sbx_policy_free(*p);
}
#define _autopolicy __attribute__((cleanup(sbx_policy_auto_free)))

static inline void text_auto_free(char **p)
{
	free(*p);
}
#define _autotext __attribute__((cleanup(text_auto_free)))

#endif
