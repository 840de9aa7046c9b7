/* SPDX-License-Identifier: Apache-2.0 */
/* What .gitignore files leave out, by the rules of gitignore(5). */
#ifndef SBX_BASE_GLOB_GITIGNORE_H
#define SBX_BASE_GLOB_GITIGNORE_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>

enum gitignore_verdict {
	GITIGNORE_UNDECIDED,
	GITIGNORE_IGNORED,
	GITIGNORE_KEPT, /* a rule with ! has it back */
};

/* The largest text, and the most rules in it. */
#define GITIGNORE_TEXT_MAX (256u * 1024)
#define GITIGNORE_RULES_MAX 8192u

/* The rules of one file. Like a glob: one thread at a time. */
struct gitignore;

/*
 * Comments, !, leading, inner and trailing slashes, backslashes, trailing
 * spaces, CRLF and a byte-order mark are taken as git takes them; so are
 * malformed rules: they match nothing. A double star next to other characters
 * is one star, as git documents it. -EFBIG: beyond the limits above, none of
 * the rules is taken; -ENOMEM.
 */
int gitignore_parse(struct gitignore **ret, const char *text, size_t len,
		    struct sbx_err *err);
void gitignore_free(struct gitignore *gi);

/*
 * What the rules say of a path, relative to the file's directory and clean: the
 * last rule that matches decides. That a directory above may be ignored is the
 * caller's to know, or that of a walk. Time is at most text times path.
 */
enum gitignore_verdict gitignore_match(struct gitignore *gi, const char *path,
				       size_t len, bool is_dir);

/* ---- for those who walk ---------------------------------------------------
 *
 * The files on the way down a tree. The deeper file is stronger, and what lies
 * in an ignored directory is ignored, whatever is said further down.
 */
struct gitignore_walk;

int gitignore_walk_new(struct gitignore_walk **ret);
void gitignore_walk_free(struct gitignore_walk *w);

/*
 * Go into the directory name of the present one (first into the top of the
 * tree, whose name does not count); gi are the rules of the file in it, NULL
 * where there is none, and belong to the walk, also when it fails. 0 or
 * -ENOMEM.
 */
int gitignore_walk_enter(struct gitignore_walk *w, const char *name, size_t len,
			 struct gitignore *gi);
void gitignore_walk_leave(struct gitignore_walk *w);

/* Rules weaker than all in the tree, as those of info/exclude; once, before
 * the top is entered. They belong to the walk. */
void gitignore_walk_exclude(struct gitignore_walk *w, struct gitignore *gi);

/* Of the entry name in the present directory. Where no memory is left it is
 * undecided. */
enum gitignore_verdict gitignore_walk_match(struct gitignore_walk *w,
					    const char *name, size_t len,
					    bool is_dir);

#endif
