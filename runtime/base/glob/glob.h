/* SPDX-License-Identifier: Apache-2.0 */
/* Glob patterns in bounded time: one dialect for every backend. */
#ifndef SBX_BASE_GLOB_GLOB_H
#define SBX_BASE_GLOB_GLOB_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The dialect. A pattern is matched against a whole path, character by
 * character; no file is looked at.
 *   *          any characters of one component, also none
 *   ?          one character of a component
 *   [a-c] [!a] one character out of a set, or not ([^a] too); [[:alpha:]] and
 *              the other POSIX classes (ASCII); ] first and - at an end are
 *              plain; a / is never matched
 *   {a,b}      either; nests, and may hold slashes and `**`. No expansion takes
 *              place: {a,b}{a,b}... costs what its text costs
 *   **         as a whole component: any number of whole components, also none.
 *              As the last one: at least one, so that a double star below a
 *              directory is all there is in it, but not itself. Next to
 *              anything else it is `*`. More stars are the same as two
 *   \x         the character x, whatever it is
 * What has no meaning is plain: [ without ], { without } or without a comma.
 *
 * A leading / means an absolute path, and only that matches an absolute one. A
 * trailing / matches directories only. Between, repeated slashes are one, and a
 * component `.` outside braces is left out; `..` is a name like any other.
 *
 * Characters are UTF-8; a byte that is part of none is a character of its own.
 */
enum glob_flag {
	GLOB_ICASE = 1 << 0,  /* ASCII letters of both cases are the same */
	GLOB_HIDDEN = 1 << 1, /* else a leading dot matches only a plain dot */
	/*
	 * As .gitignore wants it: bytes are characters, hidden names match,
	 * braces are plain, and what is malformed matches nothing.
	 */
	GLOB_GIT = 1 << 2,
};

/* The longest pattern, in bytes. */
#define GLOB_PATTERN_MAX 4096

/* Compiled once. It holds the room for matching: one thread at a time. */
struct glob;

/* -EINVAL: malformed, with the place in bytes; -E2BIG: longer than allowed. */
int glob_new(struct glob **ret, const char *pattern, size_t len, unsigned flags,
	     struct sbx_err *err);
void glob_free(struct glob *g);

/*
 * Whether the path matches; slashes at its end are left out and mean is_dir.
 * Time is at most pattern times path, memory is that of glob_new().
 */
bool glob_match(struct glob *g, const char *path, size_t len, bool is_dir);

/* ---- for those who walk ---------------------------------------------------
 *
 * A walk holds for each directory on its way a state, so that each name is
 * looked at once, however deep it lies, and so that it sees at once where
 * nothing can match any more.
 */
struct glob_state {
	uint16_t *v; /* NULL: where a path begins */
	size_t n;
};
void glob_state_done(struct glob_state *s);

/*
 * Go from dir into its directory name (the name "" at the beginning is the root
 * of absolute paths). 1: something below it can match, and *ret is its state;
 * 0: nothing can; -ENOMEM. Only after 1 is *ret to be done.
 */
int glob_enter(struct glob *g, const struct glob_state *dir, const char *name,
	       size_t len, struct glob_state *ret);

/* Whether the entry name (no slash in it) of dir matches. */
bool glob_entry(struct glob *g, const struct glob_state *dir, const char *name,
		size_t len, bool is_dir);

/*
 * The directory that all matches lie in, as far as the pattern names it in
 * plain text: "src/lib" of "src/lib/x*.c", "/" of a slash and a star, "" where
 * it begins with something else. With GLOB_ICASE no name with a letter in it
 * counts. A walk starts there: it enters its components one by one and lists
 * the last.
 */
const char *glob_base(const struct glob *g);

/* The one path that matches, where the pattern is plain text; else NULL. Of
 * a trailing slash only glob_match() knows. */
const char *glob_plain(const struct glob *g);

/* Whether it has more than one component: a filter that has not is often meant
 * for the last component alone. */
bool glob_has_slash(const struct glob *g);

#endif
