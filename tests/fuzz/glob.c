/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz the glob engine: a byte of flags, a pattern, a newline, a path. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/glob/glob.h"
#include "tests/fuzz/fuzz.h"

const char fuzz_corpus[] = "glob";

DEFINE_AUTO(glob)

static void check_message(const struct sbx_err *err)
{
	FUZZ_CHECK(err->code > 0 && err->msg[0]);
	for (const char *p = err->msg; *p; p++)
		FUZZ_CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
}

/* A walk along a clean path finds what the path as a whole does. */
static void check_walk(struct glob *g, const char *path, size_t len)
{
	struct glob_state at = { 0 }, below = { 0 };
	const char *slash, *s = path;
	size_t left = len;
	int r;

	if (!len || path[len - 1] == '/' || memmem(path, len, "//", 2))
		return;
	while ((slash = memchr(s, '/', left))) {
		r = glob_enter(g, &at, s, (size_t)(slash - s), &below);
		glob_state_done(&at);
		if (r != 1) {
			FUZZ_CHECK(!glob_match(g, path, len, true));
			return;
		}
		at = below;
		left -= (size_t)(slash + 1 - s);
		s = slash + 1;
	}
	for (int dir = 0; dir < 2; dir++)
		FUZZ_CHECK(glob_entry(g, &at, s, left, dir) ==
			   glob_match(g, path, len, dir));
	glob_state_done(&at);
}

/* A plain pattern matches its text, which lies in its base. */
static void check_plain(struct glob *g, unsigned flags)
{
	const char *plain = glob_plain(g), *base = glob_base(g);

	if (!plain)
		return;
	FUZZ_CHECK(strncmp(plain, base, strlen(base)) == 0);
	/* with GLOB_GIT empty components stay, and no path has them */
	if (!memmem(plain, strlen(plain), "//", 2) &&
	    (!(flags & GLOB_GIT) || plain[strlen(plain) - 1] != '/'))
		FUZZ_CHECK(glob_match(g, plain, strlen(plain), true));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	_auto(glob) struct glob *g = NULL;
	struct sbx_err err = { 0 };
	const char *pattern = (const char *)data + 1, *end;

	if (len < 2)
		return 0;
	end = memchr(pattern, '\n', len - 1);
	if (!end)
		end = pattern + len - 1;
	if (glob_new(&g, pattern, (size_t)(end - pattern), data[0] & 7, &err) <
	    0) {
		check_message(&err);
		return 0;
	}
	check_plain(g, data[0]);
	if (end < pattern + len - 1)
		check_walk(g, end + 1, (size_t)(pattern + len - 2 - end));
	return 0;
}
