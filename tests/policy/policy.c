/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of policy/ share. */
#include "tests/policy/policy.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"

static char *const environment[] = {
	(char *)"HOME=/home/u",
	(char *)"DIR=/srv/d",
	(char *)"EMPTY=",
	(char *)"MONEY=$5",
	NULL,
};

const struct sbx_policy_source test_caller = {
	.cwd = "/home/u/project",
	.environ = environment,
};

static int load(const struct sbx_policy_source *src, struct policy **ret,
		struct sbx_err *err)
{
	*err = (struct sbx_err){ 0 };
	*ret = NULL;
	return policy_load(src, ret, err);
}

int test_load(const char *text, struct policy **ret, struct sbx_err *err)
{
	struct sbx_policy_source src = test_caller;

	src.text = text;
	src.text_len = strlen(text);
	src.name = "deploy.yaml";
	return load(&src, ret, err);
}

int test_load_preset(const char *name, struct policy **ret, struct sbx_err *err)
{
	struct sbx_policy_source src = test_caller;

	src.preset = name;
	return load(&src, ret, err);
}

char *test_read(const char *name)
{
	const char *srcdir = getenv("srcdir");
	_autobuf struct buf text = { 0 };
	_autofree char *path = NULL;
	_autofd int fd = -1;

	if (asprintf(&path, "%s/%s", srcdir ? srcdir : ".", name) < 0)
		exit(99);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || buf_read_fd(&text, fd, 1 << 22) < 0)
		exit(99);
	return buf_take(&text);
}
