/* SPDX-License-Identifier: Apache-2.0 */
/* Each malformed policy of errors.spec gives its one line, exactly. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "tests/policy/policy.h"
#include "tests/tap/tap.h"

static bool one_line(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

static void check(const char *title, const char *text, const char *want)
{
	struct sbx_err err;
	struct policy *p;
	int r = test_load(text, &p, &err);

	if (r < 0 && err.code == -r && one_line(err.msg))
		is_str(err.msg, want, "refused: %s", title);
	else
		ok(false, "refused: %s", title);
	policy_free(p);
}

int main(void)
{
	_autofree char *spec = test_read("tests/policy/errors.spec");
	char *at = strstr(spec, "\n### "), *text, *want, *next;

	for (; at; at = next) {
		text = strchr(at + 1, '\n') + 1;
		text[-1] = '\0';
		want = text[0] == '!' ? text - 1 : strstr(text, "\n! ");
		if (!want)
			return 99;
		*++want = '\0';
		want += 2;
		next = strstr(want, "\n### ");
		want[strcspn(want, "\n")] = '\0';
		check(at + 5, text, want);
	}
	return tap_done();
}
