/* SPDX-License-Identifier: Apache-2.0 */
/* The presets of policy/presets/, as the build has read them. */
#include "policy/load.h"
#include "policy/policy.h"
#include "runtime/base/cleanup.h"

/* presets[], by presets.awk */
static const struct sbx_preset presets[] = {
#include "policy/presets.inc"
};

#ifdef SBX_PRESETS_PREBUILT
/* trees[], by preset_gen.c */
#include "policy/presets_tree.h"

_Static_assert(ARRAY_LEN(trees) == ARRAY_LEN(presets), "a tree per preset");
#endif

const struct sbx_preset *policy_presets(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(presets);
	return presets;
}

const struct node *pol_preset_tree(const struct sbx_preset *preset)
{
#ifdef SBX_PRESETS_PREBUILT
	return trees[preset - presets];
#else
	return NULL;
#endif
}
