/* SPDX-License-Identifier: Apache-2.0 */
/* The presets of policy/presets/, which the build makes into C strings. */
#include "policy/load.h"
#include "policy/policy.h"
#include "runtime/base/cleanup.h"

/* presets[] and lean[], by presets.awk */
#include "policy/presets.inc"

const struct sbx_preset *policy_presets(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(presets);
	return presets;
}

const char *pol_preset_text(const struct sbx_preset *preset)
{
	return lean[preset - presets];
}
