/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz the policy parser: one line or a policy that shows and loads again. */
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"
#include "runtime/base/cleanup.h"
#include "tests/fuzz/fuzz.h"

DEFINE_AUTO(policy)

const char fuzz_corpus[] = "policy";

static char *const environment[] = { (char *)"HOME=/home/u",
				     (char *)"A=", (char *)"B=\x1b$\xff",
				     NULL };

static const struct sbx_policy_source caller = {
	.cwd = "/home/u/project",
	.environ = environment,
	.name = "fuzz.yaml",
};

/* One line, of visible bytes, that begins with the policy's or its key's
 * place. */
static void check_message(const struct sbx_err *err)
{
	FUZZ_CHECK(err->code > 0 && err->msg[0]);
	for (const char *p = err->msg; *p; p++)
		FUZZ_CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
}

static int load(const char *text, size_t len, struct policy **ret)
{
	struct sbx_policy_source src = caller;
	struct sbx_err err = { 0 };
	int r;

	src.text = text;
	src.text_len = len;
	r = policy_load(&src, ret, &err);
	if (r < 0)
		check_message(&err);
	return r;
}

/* What is shown is the same policy, in both formats. */
static void check_shown(const struct policy *p, enum sbx_format format)
{
	_autobuf struct buf first = { 0 }, second = { 0 };
	_auto(policy) struct policy *q = NULL;
	struct sbx_err err;

	if (policy_show(p, format, &first, &err) < 0) {
		check_message(&err);
		return;
	}
	/* Characters beyond U+FFFF that are invisible are JSON's alone. */
	if (load(first.data, first.len, &q) < 0) {
		FUZZ_CHECK(format == SBX_JSON && strstr(first.data, "\\ud"));
		return;
	}
	FUZZ_CHECK(policy_show(q, format, &second, &err) == 0);
	FUZZ_CHECK(strcmp(first.data, second.data) == 0);
}

static void check_explained(const struct policy *p)
{
	_autobuf struct buf out = { 0 };
	struct sbx_err err;

	FUZZ_CHECK(policy_explain(p, &out, &err) == 0);
	for (const char *s = out.data; *s; s++)
		FUZZ_CHECK(((unsigned char)*s >= 0x20 && *s != 0x7f) ||
			   *s == '\n');
}

/* The same bytes as an assignment. */
static void check_set(const uint8_t *data, size_t len)
{
	_autofree char *text = strndup((const char *)data, len);
	_auto(policy) struct policy *p = NULL;
	struct sbx_err err;

	if (!text || policy_load(&caller, &p, &err) < 0)
		return;
	if (policy_set(p, text, &caller, &err) < 0)
		check_message(&err);
	else
		check_shown(p, SBX_YAML);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	_auto(policy) struct policy *p = NULL;

	check_set(data, len);
	if (load((const char *)data, len, &p) < 0)
		return 0;
	check_shown(p, SBX_YAML);
	check_shown(p, SBX_JSON);
	check_explained(p);
	return 0;
}
