/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of policy_load(): from documents to a struct policy. */
#ifndef SBX_POLICY_LOAD_H
#define SBX_POLICY_LOAD_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "policy/policy.h"
#include "policy/yaml.h"

#define POL_MAX_DOCS 32 /* documents one policy is merged from */
#define POL_MAX_DEPTH 8 /* of files that extend one another */
#define POL_NO_INDEX SIZE_MAX

/* A document that was met: each is merged once. */
struct pol_seen {
	dev_t dev;
	ino_t ino;
	const struct sbx_preset *preset; /* NULL: a file */
	bool open; /* still being read: meeting it again is a cycle */
};

/* The document whose keys are being applied. */
struct pol_doc {
	const char *name; /* for messages, printed as it is */
	const char *dir;  /* where its relative `extends` start from */
	bool is_default;  /* the preset that others extend unasked */
	const char *text; /* what it says, len bytes */
	size_t len;
	const struct node *root; /* the same, read already; or NULL */
};

/*
 * One call of policy_load() or policy_set(). A message is about a key: name is
 * the row's, item fills the [] in it, elem is an index within its list and
 * member a name within its mapping.
 */
struct pol_ctx {
	struct policy *p;
	const char *cwd;
	char *const *environ;
	struct sbx_err *err;

	struct pol_seen seen[POL_MAX_DOCS];
	size_t n_seen;
	unsigned depth;
	unsigned layer;
	struct pol_doc doc;

	void *base; /* the struct that the rows' offsets are in */
	const char *name;
	size_t item, elem;
	const char *member;
};

/* ---- messages (place.c) ------------------------------------------------ */

/* "FILE:LINE:COL: KEY: message", -EINVAL. n NULL: without a place. */
int pol_fail(struct pol_ctx *c, const struct node *n, const char *fmt, ...)
	SBX_PRINTF(3, 4);
int pol_no_memory(struct pol_ctx *c);
/* The same text as a warning of the policy. 0 or -ENOMEM. */
int pol_warn(struct pol_ctx *c, const struct node *n, const char *fmt, ...)
	SBX_PRINTF(3, 4);
/* "FILE:LINE:COL: KEY". The caller frees it; NULL: no memory. */
char *pol_place(const struct pol_ctx *c, const struct node *n);

/* ---- documents (load.c, file.c) ---------------------------------------- */

/* Merge the keys of c->doc, after what it extends, into c->p. */
int pol_load_doc(struct pol_ctx *c);
int pol_load_preset(struct pol_ctx *c, const char *name);
/* A preset as the build has read it; NULL where it could not. */
const struct node *pol_preset_tree(const struct sbx_preset *preset);
/* Read and merge a file; path is relative to c->cwd. */
int pol_load_file(struct pol_ctx *c, const char *path);

/*
 * Read a policy file that nobody but its reader and root can change. On
 * success the caller frees *ret_text and *ret_real, its path without links.
 * Never waits: what is no regular file is refused unopened.
 */
struct pol_file {
	char *text;
	size_t len;
	char *real;
	dev_t dev;
	ino_t ino;
};
int pol_file_read(struct pol_file *ret, const char *name, const char *path,
		  struct sbx_err *err);
void pol_file_done(struct pol_file *f);

/* ---- keys (parse.c, apply.c, lists.c, mounts.c)
 * ------------------------------- */

/* Apply a mapping below a prefix: "", "limits.", "mounts[].". */
int pol_apply_map(struct pol_ctx *c, const char *prefix,
		  const struct node *map);
/* Apply one row's value; c->name is the row's. */
int pol_apply(struct pol_ctx *c, size_t row, const struct node *n);
int pol_apply_mounts(struct pol_ctx *c, size_t row, const struct node *n);
int pol_apply_env_names(struct pol_ctx *c, size_t row, const struct node *n);
int pol_apply_env_map(struct pol_ctx *c, size_t row, const struct node *n);
int pol_apply_syscalls(struct pol_ctx *c, size_t row, const struct node *n);
int pol_apply_fds(struct pol_ctx *c, size_t row, const struct node *n);
/* Refuse a name that one document has in both env.pass and env.set. */
int pol_check_env(struct pol_ctx *c, const struct node *env);
/* Give every row that nobody gave its default, of those below a prefix that
 * starts with "mounts[]." or of all others. */
int pol_apply_defaults(struct pol_ctx *c, bool mounts);

bool pol_is_set(const struct policy *p, size_t row);
void pol_mark_set(struct policy *p, size_t row, bool set);

/* The value of a key of a mapping, or NULL; also for what is no mapping. */
const struct node *pol_member(const struct node *map, const char *key);

/* n as text, or an error that says what is wanted instead. */
int pol_want_text(struct pol_ctx *c, const struct node *n, const char *wanted);
int pol_want_list(struct pol_ctx *c, const struct node *n, const char *wanted);
int pol_want_map(struct pol_ctx *c, const struct node *n, const char *wanted);

/* ---- text values (expand.c) -------------------------------------------- */

/* The value of a variable of the caller, or NULL. */
const char *pol_getenv(const struct pol_ctx *c, const char *name, size_t len);
/* n's text with ${VAR} and $$ replaced. The caller frees *ret. */
int pol_expand(struct pol_ctx *c, const struct node *n, const char *text,
	       char **ret);
/* A host path: ~ and variables replaced, absolute, cleaned. */
int pol_host_path(struct pol_ctx *c, const struct node *n, char **ret);
/* A guest path: absolute, cleaned, without ".." */
int pol_guest_path(struct pol_ctx *c, const struct node *n, char **ret);

/* ---- the whole (check.c) ----------------------------------------------- */

/* What only the merged policy can tell; sorts the mounts. */
int pol_check(struct pol_ctx *c);

#endif
