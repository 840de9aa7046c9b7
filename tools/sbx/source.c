/* SPDX-License-Identifier: Apache-2.0 */
/* The policy that a command line names. */
#include "tools/sbx/source.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool ends_in(const char *word, const char *end)
{
	size_t n = strlen(word), m = strlen(end);

	return n > m && strcmp(word + n - m, end) == 0;
}

static bool is_file(const char *word)
{
	return strchr(word, '/') || ends_in(word, ".yaml") ||
	       ends_in(word, ".yml") || ends_in(word, ".json");
}

static int check_preset(const char *word, struct sbx_err *err)
{
	size_t n;
	const struct sbx_preset *presets = sbx_policy_presets(&n);
	const char *near;

	for (size_t i = 0; i < n; i++)
		if (strcmp(presets[i].name, word) == 0)
			return 0;
	near = suggest(word, &presets->name, sizeof(*presets), n);
	return sbx_failx(err, ENOENT,
			 "'%s': no preset of this name%s%s%s"
			 " (a file is written ./%s)",
			 word, near ? "; did you mean " : "", near ? near : "",
			 near ? "?" : "", word);
}

int source_load(const char *word, const struct opt_list *set,
		struct sbx_policy **ret, struct sbx_err *err)
{
	struct sbx_policy_source src = { 0 };
	_autopolicy struct sbx_policy *p = NULL;
	int r;

	if (word && is_file(word)) {
		src.path = word;
	} else if (word) {
		src.preset = word;
		r = check_preset(word, err);
		if (r < 0)
			return r;
	}
	r = sbx_policy_load(&src, &p, err);
	for (size_t i = 0; r == 0 && i < set->n; i++)
		r = sbx_wrap(err, sbx_policy_set(p, set->v[i], err), "--set");
	if (r < 0)
		return r;
	*ret = p;
	p = NULL;
	return 0;
}
