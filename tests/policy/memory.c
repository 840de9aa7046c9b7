/* SPDX-License-Identifier: Apache-2.0 */
/* Every single allocation of loading and showing a policy fails once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/text.h"
#include "tests/policy/policy.h"
#include "tests/tap/tap.h"

/*
 * How this works. These definitions take the place of the C library's own, for
 * the library as well. The n-th allocation from now on and all after it fail;
 * blocks that live on afterwards are leaks.
 */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static struct {
	long left; /* until they fail; -1: never */
	long count;
	long live;
} heap = { .left = -1 };

static bool fails(void)
{
	heap.count++;
	if (heap.left > 0)
		heap.left--;
	else if (heap.left == 0)
		errno = ENOMEM;
	return heap.left == 0;
}

void *malloc(size_t size)
{
	if (fails())
		return NULL;
	heap.live++;
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	if (fails())
		return NULL;
	heap.live++;
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	if (fails())
		return NULL;
	heap.live += !p;
	return __libc_realloc(p, size);
}

void free(void *p)
{
	heap.live -= p != NULL;
	__libc_free(p);
}

static const char *const texts[] = {
	"version: 1\n"
	"extends: [offline, build]\n"
	"rootfs: {base: ~/root}\n"
	"hostname: h\n"
	"workdir: /x\n"
	"limits: {memory: 64G, pids: 3}\n"
	"mounts:\n"
	"  - {host: \"${DIR}/q\", guest: /q}\n"
	"  - {host: /m, guest: /m, access: overlay, upper: memory}\n"
	"env: {pass: [HOME], set: {A: \"$$b${HOME}\", \"b c\": \"\"}}\n",
	"version: 1\n"
	"env: {set: {A: \"$$b${HOME}\"}}\n"
	"seccomp: {deny: [socket], allow: [keyctl]}\n"
	"fds: [4]\n",
	"version: 1\nlimits: {memroy: 1G}\n",
	"version: 1\nlimits: {memory: 12Q}\n",
	"version: 1\nextends: corporate\n",
	"version: 1\nextends: /nowhere/x.yaml\n",
	"version: 1\nworkdir: [\n",
};

static int show(const struct policy *p, struct sbx_err *err)
{
	struct buf out = { 0 };
	int r = policy_show(p, SBX_YAML, &out, err);

	if (r == 0)
		r = policy_show(p, SBX_JSON, &out, err);
	if (r == 0)
		r = policy_explain(p, &out, err);
	buf_done(&out);
	return r;
}

static int everything(const char *text, struct sbx_err *err)
{
	struct policy *p;
	int r = test_load(text, &p, err);

	if (r == 0)
		r = policy_set(p, "env.pass=[X, Y]", &test_caller, err);
	if (r == 0)
		r = policy_set(p, "limits.memory=99G", &test_caller, err);
	if (r == 0)
		r = policy_set(p, "mounts=[{host: /a, guest: /b}]",
			       &test_caller, err);
	if (r == 0)
		r = show(p, err);
	policy_free(p);
	return r;
}

static void starve(const char *text)
{
	struct sbx_err err = { 0 };
	int want = everything(text, &err);
	long n, live, wrong = 0, leaks = 0;
	int r;

	heap.count = 0;
	(void)everything(text, &err);
	n = heap.count;
	for (long i = 0; i < n; i++) {
		live = heap.live;
		heap.left = i;
		r = everything(text, &err);
		heap.left = -1;
		leaks += heap.live != live;
		/* An error is found before, or while its message is made. */
		wrong += r != -ENOMEM && (r == 0 || r != want);
	}
	ok(n > 20, "allocations are counted: %s", Q(text));
	is_int(wrong, 0, "each that fails is an error: %s", Q(text));
	is_int(leaks, 0, "and leaves nothing behind: %s", Q(text));
}

int main(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		starve(texts[i]);
	return tap_done();
}
