/* SPDX-License-Identifier: Apache-2.0 */
/* sbx completion: the completion script of a shell, for this very name. */
#include <errno.h>
#include <string.h>

#include "tools/sbx/complete.h"
#include "tools/sbx/out.h"
#include "tools/sbx/verb.h"

static const struct {
	const char *shell;
	void (*write)(FILE *f, const char *name);
} shells[] = {
	{ "bash", complete_bash },
	{ "zsh", complete_zsh },
};

static int run_completion(const struct cli *cli, const void *opts,
			  char *const *args)
{
	struct sbx_err err = { 0 };

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(args[0], shells[i].shell) == 0) {
			shells[i].write(stdout, cli->name);
			return out_flush(cli);
		}
	(void)sbx_failx(&err, EINVAL, "'%s': unknown shell; bash or zsh",
			args[0]);
	return out_misuse(cli, &err);
}

const struct verb verb_completion = {
	.name = "completion",
	.summary = "print the completion script for a shell",
	.opts = no_opts,
	.operands = { "bash|zsh", "shell", 1, 1, false },
	.run = run_completion,
};
