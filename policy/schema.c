/* SPDX-License-Identifier: Apache-2.0 */
/* The table of keys. */
#include "policy/schema.h"

#include <stdint.h>
#include <string.h>

#include "policy/policy.h"
#include "policy/suggest.h"
#include "runtime/base/cleanup.h"

/* Each kind: its constant, and what sbx-policy(5) calls it. */
#define KIND_number POL_NUMBER
#define TYPE_number "number"
#define KIND_size POL_SIZE
#define TYPE_size "size"
#define KIND_duration POL_DURATION
#define TYPE_duration "duration"
#define KIND_cpus POL_CPUS
#define TYPE_cpus "cpus"
#define KIND_octal POL_OCTAL
#define TYPE_octal "octal number"
#define KIND_enum POL_ENUM
#define TYPE_enum "enum"
#define KIND_bool POL_BOOL
#define TYPE_bool "boolean"
#define KIND_hostname POL_HOSTNAME
#define TYPE_hostname "host name"
#define KIND_guest_path POL_GUEST_PATH
#define TYPE_guest_path "guest path"
#define KIND_host_path POL_HOST_PATH
#define TYPE_host_path "host path"
#define KIND_base POL_BASE
#define TYPE_base "enum or host path"
#define KIND_env_names POL_ENV_NAMES
#define TYPE_env_names "list of name"
#define KIND_syscalls POL_SYSCALLS
#define TYPE_syscalls "list of system call"
#define KIND_fds POL_FDS
#define TYPE_fds "list of number"
#define KIND_env_map POL_ENV_MAP
#define TYPE_env_map "map of name to text"
#define KIND_mounts POL_MOUNTS
#define TYPE_mounts "list of mount"
#define KIND_extends POL_EXTENDS
#define TYPE_extends "preset, file, or list of them"
#define KIND_hosts POL_HOSTS
#define TYPE_hosts "list of host"
#define KIND_secrets POL_SECRETS
#define TYPE_secrets "list of secret"

#define MERGE_OVERRIDE "override"
#define MERGE_ADD "add"
#define MERGE_STRICTER "stricter"

static const struct sbx_policy_key keys[] = {
#define KEY(name, kind, field, range, dflt, merge, help) \
	{ name, TYPE_##kind, range, dflt, MERGE_##merge, help },
#define MOUNT_KEY KEY
#define LATER_KEY(name, kind, help) \
	{ name, TYPE_##kind, "", "", MERGE_ADD, help " (not in this version)" },
#include "policy/keys.inc"
#undef KEY
#undef MOUNT_KEY
#undef LATER_KEY
};

static const struct pol_row rows[] = {
#define KEY(name, kind, field, range, dflt, merge, help) \
	{ KIND_##kind, POL_##merge, offsetof(struct policy, field), false },
#define MOUNT_KEY(name, kind, field, range, dflt, merge, help) \
	{ KIND_##kind, POL_##merge, offsetof(struct pol_mount, field), false },
#define LATER_KEY(name, kind, help) { KIND_##kind, POL_ADD, 0, true },
#include "policy/keys.inc"
};

_Static_assert(ARRAY_LEN(rows) == ARRAY_LEN(keys), "one row per key");
_Static_assert(ARRAY_LEN(rows) <= 128, "policy.set has a bit per row");

static const struct {
	const char *name;
	const char *words; /* |a|b|, or NULL for the key as a whole */
	const char *why;
} refusals[] = {
	{ "mode", "|local|virtual|kubernetes|e2b|daytona|",
	  "is not available in this version; the only mode is jail" },
	{ "network.mode", "|allow|",
	  "is not available in this version: nothing in it lets only chosen "
	  "hosts through; use none or host" },
	{ "network.allow", NULL,
	  "is not available in this version: nothing in it lets only chosen "
	  "hosts through; use network.mode none or host" },
	{ "network.deny", NULL,
	  "is not available in this version: nothing in it would keep these "
	  "hosts away; use network.mode none" },
	{ "secrets", NULL,
	  "is not available in this version: nothing in it would put the "
	  "secrets to use outside the jail" },
};

const struct pol_row *pol_row(size_t row)
{
	return &rows[row];
}

const struct sbx_policy_key *pol_key(size_t row)
{
	return &keys[row];
}

size_t pol_n_rows(void)
{
	return ARRAY_LEN(rows);
}

const struct sbx_policy_key *policy_keys(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(keys);
	return keys;
}

size_t pol_find(const char *prefix, const char *key)
{
	size_t np = strlen(prefix), nk = strlen(key);

	if (!nk || memchr(key, '.', nk) || memchr(key, '[', nk))
		return POL_UNKNOWN;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *name = keys[i].name;

		if (strncmp(name, prefix, np) != 0 ||
		    strncmp(name + np, key, nk) != 0)
			continue;
		if (!name[np + nk])
			return i;
		if (name[np + nk] == '.')
			return POL_SECTION;
	}
	return POL_UNKNOWN;
}

/* The part of a name that follows the prefix, up to the next dot. */
static size_t first_part(const char *name)
{
	return strcspn(name, ".[");
}

const char *pol_suggest(const char *prefix, const char *key, size_t *ret_len)
{
	struct suggest s = { .word = key };
	size_t np = strlen(prefix);
	const char *last;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strncmp(keys[i].name, prefix, np) == 0)
			suggest_offer(&s, keys[i].name + np,
				      first_part(keys[i].name + np));
	*ret_len = s.best_len;
	for (size_t i = 0; i < ARRAY_LEN(keys) && !s.best; i++) {
		last = strrchr(keys[i].name, '.');
		if (!last || strcmp(last + 1, key) != 0)
			continue;
		s.best = keys[i].name;
		*ret_len = strlen(s.best);
	}
	return s.best;
}

static bool listed(const char *words, const char *word)
{
	size_t n = strlen(word);
	const char *p = words;

	while (n && (p = strstr(p, word))) {
		if (p[-1] == '|' && p[n] == '|')
			return true;
		p++;
	}
	return false;
}

const char *pol_refusal(const char *name, const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		if (strcmp(refusals[i].name, name) != 0)
			continue;
		if (word ? refusals[i].words && listed(refusals[i].words, word)
			 : !refusals[i].words)
			return refusals[i].why;
	}
	return NULL;
}
