/* SPDX-License-Identifier: Apache-2.0 */
/* sbx changes: what earlier runs kept, and which files one of them changed. */
#include <sbx/sbx.h>

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "tools/sbx/out.h"
#include "tools/sbx/verb.h"

struct changes_opts {
	bool json;
};

struct listing {
	bool json;
	size_t n;
};

static void begin_item(struct listing *l)
{
	fputs(l->n++ ? ",\n  {" : "\n  {", stdout);
}

static void when(int64_t seconds, char *ret, size_t size)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) ||
	    !strftime(ret, size, "%Y-%m-%d %H:%M:%SZ", &tm))
		ret[0] = '\0';
}

static int kept_row(const struct sbx_kept *k, void *arg)
{
	struct listing *l = arg;
	char ended[32];

	when(k->ended, ended, sizeof(ended));
	if (!l->json) {
		l->n++;
		printf("%s  %s  %6zu file%s  %6" PRIu64 " KiB\n", k->id, ended,
		       k->changes, k->changes == 1 ? " " : "s",
		       (k->bytes + 1023) / 1024);
		return 0;
	}
	begin_item(l);
	fputs("\"id\": ", stdout);
	out_json(stdout, k->id);
	fputs(", \"ended\": ", stdout);
	out_json(stdout, ended);
	printf(", \"changes\": %zu, \"bytes\": %" PRIu64 ", \"path\": ",
	       k->changes, k->bytes);
	out_json(stdout, k->path);
	putchar('}');
	return 0;
}

static const struct {
	const char *letter, *word;
} kinds[] = {
	[SBX_ADDED] = { "A", "added" },
	[SBX_MODIFIED] = { "M", "modified" },
	[SBX_DELETED] = { "D", "deleted" },
};

static int change_row(const struct sbx_change *c, void *arg)
{
	struct listing *l = arg;

	if (!l->json) {
		l->n++;
		printf("%s  ", kinds[c->kind].letter);
		/* made by the program: it stays on its line */
		out_name(stdout, c->guest);
		putchar('/');
		out_name(stdout, c->path);
		putchar('\n');
		return 0;
	}
	begin_item(l);
	printf("\"change\": \"%s\", \"path\": ", kinds[c->kind].word);
	out_json(stdout, c->path);
	fputs(", \"guest\": ", stdout);
	out_json(stdout, c->guest);
	fputs(", \"host\": ", stdout);
	out_json(stdout, c->host);
	printf(", \"size\": %" PRIu64 "}", c->size);
	return 0;
}

static int run_changes(const struct cli *cli, const void *opts,
		       char *const *args)
{
	const struct changes_opts *o = opts;
	struct listing l = { .json = o->json };
	struct sbx_err err = { 0 };
	int r;

	fputs(l.json ? "[" : "", stdout);
	if (args[0])
		r = sbx_changes(args[0], change_row, &l, &err);
	else
		r = sbx_kept(kept_row, &l, &err);
	if (r < 0)
		return out_err(cli, &err);
	fputs(l.json ? "\n]\n" : "", stdout);
	return out_flush(cli);
}

static const struct opt opts[] = {
	{ "json", 'j', OPT_FLAG, NULL, "write a JSON list",
	  .field = offsetof(struct changes_opts, json) },
	{ 0 },
};

const struct verb verb_changes = {
	.name = "changes",
	.summary = "list the runs whose changes were kept, or the files that "
		   "one of them changed",
	.opts = opts,
	.operands = { "[RUN]", "run", 0, 1, false },
	.run = run_changes,
};
