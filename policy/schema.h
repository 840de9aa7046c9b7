/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of keys.inc as data: what every other part of policy/ reads. */
#ifndef SBX_POLICY_SCHEMA_H
#define SBX_POLICY_SCHEMA_H

#include <sbx/sbx.h>
#include <stdbool.h>
#include <stddef.h>

enum pol_kind {
	POL_NUMBER,
	POL_SIZE,
	POL_DURATION,
	POL_CPUS,
	POL_OCTAL,
	POL_ENUM,
	POL_BOOL,
	POL_HOSTNAME,
	POL_GUEST_PATH,
	POL_HOST_PATH,
	POL_BASE,
	POL_ENV_NAMES,
	POL_SYSCALLS,
	POL_FDS,
	POL_ENV_MAP,
	POL_MOUNTS,
	POL_EXTENDS,
	POL_HOSTS,
	POL_SECRETS,
	POL_N_KINDS,
};

/* What happens where a file and one that it extends both give the key. */
enum pol_merge { POL_OVERRIDE, POL_ADD, POL_STRICTER };

/* The program's part of a row; the reader's is pol_key() of the same index. */
struct pol_row {
	enum pol_kind kind;
	enum pol_merge merge;
	size_t offset; /* in struct policy, or pol_mount for "mounts[]." */
	bool later;    /* known, and refused by this version */
};

const struct pol_row *pol_row(size_t row);
const struct sbx_policy_key *pol_key(size_t row);
size_t pol_n_rows(void);

/*
 * The row of a key below a prefix ("", "limits.", "mounts[]."), or
 * POL_SECTION where the two name a group of rows ("limits"), or POL_UNKNOWN.
 */
#define POL_SECTION (SIZE_MAX - 1)
#define POL_UNKNOWN SIZE_MAX
size_t pol_find(const char *prefix, const char *key);

/*
 * The name to suggest for an unknown key, or NULL: a key of the same place
 * spelt like it, or the full name of one that is so called elsewhere. *ret_len
 * is its length.
 */
const char *pol_suggest(const char *prefix, const char *key, size_t *ret_len);

/*
 * Why this version refuses a word of an enum that is known ("virtual" of
 * mode), or with word NULL the key itself; NULL where nothing is known of it.
 */
const char *pol_refusal(const char *name, const char *word);

#endif
