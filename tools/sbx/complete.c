/* SPDX-License-Identifier: Apache-2.0 */
/* Completion scripts for bash and zsh, from the rows. */
#include "tools/sbx/complete.h"

#include <ctype.h>
#include <sbx/sbx.h>
#include <string.h>

void complete_word(char *dst, size_t size, const char *name)
{
	size_t n = 0;

	for (; *name && n + 1 < size; name++)
		dst[n++] = isalnum((unsigned char)*name) ? *name : '_';
	dst[n] = '\0';
}

/*
 * "[--] COMMAND [ARG]..." holds the kinds COMMAND and ARG, and "FILE|PRESET"
 * FILE and PRESET: a letter, then anything but blanks, bars and brackets.
 */
bool complete_kind(const char **text, char *dst, size_t size)
{
	const char *s = *text;
	size_t len;

	while (*s && !isalpha((unsigned char)*s))
		s++;
	len = strcspn(s, " |[].");
	if (len == 0 || len >= size)
		return false;
	memcpy(dst, s, len);
	dst[len] = '\0';
	*text = s + len;
	return true;
}

void complete_presets(FILE *f)
{
	size_t n;
	const struct sbx_preset *p = sbx_policy_presets(&n);

	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s%s", i ? " " : "", p[i].name);
}

/* Keys that --set can name: those of lists have no name of their own. */
void complete_keys(FILE *f)
{
	size_t n;
	const struct sbx_policy_key *k = sbx_policy_keys(&n);
	const char *gap = "";

	for (size_t i = 0; i < n; i++) {
		if (strpbrk(k[i].name, "[]*"))
			continue;
		fprintf(f, "%s%s", gap, k[i].name);
		gap = " ";
	}
}

void complete_verbs(FILE *f, const struct verb *const *table)
{
	for (size_t i = 0; table[i]; i++)
		fprintf(f, "%s%s", i ? " " : "", table[i]->name);
}

int complete_each(int (*fn)(const struct verb *verb, const char *verb_name,
			    void *arg),
		  void *arg)
{
	char name[64];
	int r = 0;

	for (size_t i = 0; verbs[i] && r == 0; i++) {
		const struct verb *const *sub = verbs[i]->sub;

		r = fn(verbs[i], verbs[i]->name, arg);
		for (; sub && *sub && r == 0; sub++) {
			(void)snprintf(name, sizeof(name), "%s %s",
				       verbs[i]->name, (*sub)->name);
			r = fn(*sub, name, arg);
		}
	}
	return r;
}
