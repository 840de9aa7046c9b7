/* SPDX-License-Identifier: Apache-2.0 */
/* sbx discard: drop the changes that earlier runs kept. */
#include <sbx/sbx.h>

#include <errno.h>

#include "tools/sbx/out.h"
#include "tools/sbx/verb.h"

struct discard_opts {
	bool all;
	bool quiet;
};

static int discard_one(const char *id, size_t *total, struct sbx_err *err)
{
	size_t n = 0;
	int r = sbx_discard(id, &n, err);

	*total += n;
	return r;
}

static int run_discard(const struct cli *cli, const void *opts,
		       char *const *args)
{
	const struct discard_opts *o = opts;
	struct sbx_err err = { 0 };
	size_t total = 0;
	int status = 0;

	if (o->all == !!args[0]) {
		(void)sbx_failx(&err, EINVAL,
				o->all ? "--all and a RUN exclude each other"
				       : "name a RUN, or --all");
		return out_misuse(cli, &err);
	}
	if (o->all && discard_one(NULL, &total, &err) < 0)
		status = out_err(cli, &err);
	for (; *args; args++)
		if (discard_one(*args, &total, &err) < 0)
			status = out_err(cli, &err);
	if (!o->quiet)
		printf("%zu dropped\n", total);
	return out_flush(cli) ? SBX_EXIT_FAILED : status;
}

static const struct opt opts[] = {
	{ "all", 'a', OPT_FLAG, NULL, "drop what all runs that have ended kept",
	  .field = offsetof(struct discard_opts, all) },
	{ "quiet", 'q', OPT_FLAG, NULL, "do not say how many were dropped",
	  .field = offsetof(struct discard_opts, quiet) },
	{ 0 },
};

const struct verb verb_discard = {
	.name = "discard",
	.summary = "drop the changes that earlier runs kept",
	.opts = opts,
	.operands = { "[RUN]...", "run", 0, (size_t)-1, false },
	.run = run_discard,
};
