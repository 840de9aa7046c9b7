/* SPDX-License-Identifier: Apache-2.0 */
/* The presets of policy/presets/, which the build makes into C strings. */
#include "policy/policy.h"
#include "runtime/base/cleanup.h"

static const struct sbx_preset presets[] = {
#include "policy/presets.inc"
};

const struct sbx_preset *policy_presets(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(presets);
	return presets;
}
