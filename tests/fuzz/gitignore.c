/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz ignore rules: a path, a newline, and the text of a .gitignore. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/glob/gitignore.h"
#include "tests/fuzz/fuzz.h"

const char fuzz_corpus[] = "gitignore";

DEFINE_AUTO(gitignore_walk)

/* A walk says what the one file says, unless a directory is ignored. */
static void check_walk(struct gitignore *gi, const char *path, size_t len)
{
	_auto(gitignore_walk) struct gitignore_walk *w = NULL;
	const char *name = path, *end = path + len, *slash;
	bool ignored = false;

	FUZZ_CHECK(gitignore_walk_new(&w) == 0);
	gitignore_walk_exclude(w, gi);
	FUZZ_CHECK(gitignore_walk_enter(w, "", 0, NULL) == 0);
	while ((slash = memchr(name, '/', (size_t)(end - name)))) {
		ignored = ignored ||
			  gitignore_match(gi, path, (size_t)(slash - path),
					  true) == GITIGNORE_IGNORED;
		FUZZ_CHECK(gitignore_walk_enter(w, name, (size_t)(slash - name),
						NULL) == 0);
		name = slash + 1;
	}
	FUZZ_CHECK(gitignore_walk_match(w, name, (size_t)(end - name), true) ==
		   (ignored ? GITIGNORE_IGNORED
			    : gitignore_match(gi, path, len, true)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *path = (const char *)data;
	const char *nl = len ? memchr(path, '\n', len) : NULL;
	struct gitignore *gi = NULL;
	struct sbx_err err = { 0 };
	size_t path_len;

	if (!nl || nl == path)
		return 0;
	path_len = (size_t)(nl - path);
	if (gitignore_parse(&gi, nl + 1, len - path_len - 1, &err) < 0) {
		FUZZ_CHECK(err.code > 0 && err.msg[0]);
		return 0;
	}
	if (*path == '/' || nl[-1] == '/' || memmem(path, path_len, "//", 2))
		gitignore_free(gi);
	else
		check_walk(gi, path, path_len);
	return 0;
}
