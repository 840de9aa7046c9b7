/* SPDX-License-Identifier: Apache-2.0 */
/* Run a fuzz target over its corpus, where libFuzzer is not linked in. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"
#include "tests/fuzz/fuzz.h"
#include "tests/tap/tap.h"

#define INPUT_BYTES (8u << 20)

/* An input that crashes or hangs ends the program: the plan is then missing. */
static void replay(int dirfd, const char *name)
{
	_autobuf struct buf input = { 0 };
	_autofd int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	int r = fd < 0 ? -1 : buf_read_fd(&input, fd, INPUT_BYTES);

	/* A block of its own size, so that a sanitizer sees its end. */
	_autofree uint8_t *copy = malloc(input.len ? input.len : 1);

	if (r == 0 && copy) {
		if (input.len)
			memcpy(copy, input.data, input.len);
		r = LLVMFuzzerTestOneInput(copy, input.len);
	}
	ok(r == 0, "replayed %s", name);
}

static int visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	_autofree char *dir = NULL;
	struct dirent **list;
	_autofd int dirfd = -1;
	int n;

	if (asprintf(&dir, "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".",
		     fuzz_corpus) < 0)
		return 99;
	(void)alarm(300);
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	n = scandir(dir, &list, visible, alphasort);
	if (dirfd < 0 || n <= 0)
		return 99;
	for (int i = 0; i < n; i++) {
		replay(dirfd, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return tap_done();
}
