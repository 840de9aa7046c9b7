/* SPDX-License-Identifier: Apache-2.0 */
/* sbx doctor: what this host offers a jail, and how to mend what is missing. */
#include <sbx/sbx.h>

#include <unistd.h>

#include "tools/sbx/out.h"
#include "tools/sbx/verb.h"

struct doctor_opts {
	bool json;
};

struct visit {
	bool json;
	bool colour;
	size_t n;
	size_t n_of[SBX_MISSING + 1];
};

static const struct {
	const char *mark;
	const char *json;
	const char *colour;
} healths[] = {
	[SBX_OK] = { "ok", "ok", "\033[32m" },
	[SBX_DEGRADED] = { "weaker", "degraded", "\033[33m" },
	[SBX_MISSING] = { "MISSING", "missing", "\033[31m" },
};

static void print_row(const char *label, const char *text)
{
	if (!*text)
		return;
	printf("           %s", label);
	out_name(stdout, text);
	putchar('\n');
}

static void print_text(const struct visit *v, const struct sbx_check *c)
{
	printf("  %s%-7s%s  %-28s ", v->colour ? healths[c->health].colour : "",
	       healths[c->health].mark, v->colour ? "\033[0m" : "", c->name);
	out_name(stdout, c->found);
	putchar('\n');
	if (c->health == SBX_OK)
		return;
	print_row("", c->effect);
	print_row("mend it: ", c->remedy);
}

static void print_field(const char *before, const char *text)
{
	fputs(before, stdout);
	out_json(stdout, text);
}

static void print_json(const struct visit *v, const struct sbx_check *c)
{
	print_field(v->n ? ",\n  {\"name\": " : "\n  {\"name\": ", c->name);
	print_field(", \"health\": ", healths[c->health].json);
	print_field(", \"found\": ", c->found);
	print_field(", \"effect\": ", c->effect);
	print_field(", \"remedy\": ", c->remedy);
	putchar('}');
}

static int visit(const struct sbx_check *check, void *arg)
{
	struct visit *v = arg;

	if (v->json)
		print_json(v, check);
	else
		print_text(v, check);
	v->n++;
	v->n_of[check->health]++;
	return 0;
}

static void conclude(const struct cli *cli, const struct visit *v)
{
	size_t missing = v->n_of[SBX_MISSING], weaker = v->n_of[SBX_DEGRADED];

	if (v->json)
		printf("\n], \"jails\": %s}\n", missing ? "false" : "true");
	else if (missing)
		printf("\nJails cannot run on this host yet: %zu missing.\n",
		       missing);
	else if (weaker)
		printf("\nJails run on this host; %zu of %zu weaker than they "
		       "could be.\nTry: %s run -- true\n",
		       weaker, v->n, cli->name);
	else
		printf("\nJails run on this host. Try: %s run -- true\n",
		       cli->name);
}

static int run_doctor(const struct cli *cli, const void *opts,
		      char *const *args)
{
	const struct doctor_opts *o = opts;
	struct visit v = { .json = o->json };
	struct sbx_err err = { 0 };
	int r;

	v.colour = !v.json && out_colour(STDOUT_FILENO);
	if (v.json)
		fputs("{\"checks\": [", stdout);
	r = sbx_doctor(visit, &v, &err);
	if (r < 0) {
		(void)out_flush(cli);
		return out_err(cli, &err);
	}
	conclude(cli, &v);
	r = out_flush(cli);
	return r ? r : v.n_of[SBX_MISSING] != 0;
}

static const struct opt opts[] = {
	{ "json", 'j', OPT_FLAG, NULL,
	  "answer as a JSON object: checks, jails (whether they can run)",
	  .field = offsetof(struct doctor_opts, json) },
	{ 0 },
};

const struct verb verb_doctor = {
	.name = "doctor",
	.summary = "look at what this host offers a jail, and say how to mend "
		   "what is missing",
	.opts = opts,
	.operands = { "", "argument", 0, 0, false },
	.run = run_doctor,
};
