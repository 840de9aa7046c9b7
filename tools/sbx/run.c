/* SPDX-License-Identifier: Apache-2.0 */
/* sbx run: one program in a jail of its own, from its start to its end. */
#include <sbx/sbx.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tools/sbx/out.h"
#include "tools/sbx/report.h"
#include "tools/sbx/sig.h"
#include "tools/sbx/source.h"
#include "tools/sbx/term.h"
#include "tools/sbx/verb.h"

struct run_opts {
	const char *policy;
	struct opt_list set;
	bool dry_run;
	bool json;
	const char *report;
	bool best_effort;
	bool discard;
	bool tty;
	bool no_tty;
	bool quiet;
	bool verbose;
};

static bool wants_tty(const struct run_opts *o)
{
	if (o->tty || o->no_tty)
		return o->tty;
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static int dry_run(const struct cli *cli, const struct run_opts *o,
		   const struct sbx_run_opts *ro)
{
	_autopolicy struct sbx_policy *p = NULL;
	_autotext char *text = NULL;
	struct sbx_err err = { 0 };

	if (source_load(o->policy, &o->set, &p, &err) < 0 ||
	    sbx_run_plan(p, ro, o->json ? SBX_JSON : SBX_TEXT, &text, &err) < 0)
		return out_err(cli, &err);
	return out_text(cli, text);
}

/*
 * What the host forbids (AppArmor does so at the id maps) is the doctor's
 * business; the library does not know what we are called.
 */
static void hint(const struct cli *cli, const char *step, const char *message)
{
	static const char maps[] = "step 'id maps'";

	if (strcmp(step, "namespaces") == 0 ||
	    strncmp(message, maps, sizeof(maps) - 1) == 0)
		out_msg(cli,
			"this host does not let a jail be made; see: %s "
			"doctor",
			cli->name);
}

static void say_changes(const struct cli *cli, const struct sbx_result *res)
{
	size_t n = sbx_result_changes(res);
	const char *id = sbx_result_kept(res);

	if (id)
		out_msg(cli,
			"%zu file%s changed (kept as %s); see: %s changes %s, "
			"drop: %s discard %s",
			n, n == 1 ? "" : "s", id, cli->name, id, cli->name, id);
}

/* What a person wants to know after a run; the program's output is over. */
static void say_end(const struct cli *cli, const struct run_opts *o,
		    const struct sbx_result *res)
{
	const char *w;

	for (size_t i = 0; !o->quiet && (w = sbx_result_warning(res, i)); i++)
		out_msg(cli, "warning: %s", w);
	if (*sbx_result_message(res))
		out_msg(cli, "%s", sbx_result_message(res));
	hint(cli, "", sbx_result_message(res));
	if (o->quiet)
		return;
	say_changes(cli, res);
	if (o->verbose)
		out_msg(cli, "ended by %s, status %d",
			sbx_cause_name(sbx_result_cause(res)),
			sbx_result_status(res));
}

static int write_report(struct report *rep, const struct sbx_result *res,
			struct sbx_err *err)
{
	_autotext char *text = NULL;
	int r;

	if (!rep->path)
		return 0;
	r = sbx_result_json(res, &text, err);
	return r < 0 ? r : report_write(rep, text, err);
}

/* What is said before the program starts. */
static int say_policy(const struct cli *cli, const struct run_opts *o,
		      const struct sbx_policy *p, struct sbx_err *err)
{
	_autotext char *text = NULL;
	const char *w;
	int r;

	if (o->quiet)
		return 0;
	for (size_t i = 0; (w = sbx_policy_warning(p, i)); i++)
		out_msg(cli, "warning: %s", w);
	if (!o->verbose)
		return 0;
	r = sbx_policy_explain(p, &text, err);
	if (r < 0)
		return r;
	for (char *s = text, *line; (line = strsep(&s, "\n"));)
		if (*line)
			out_msg(cli, "%s", line);
	return 0;
}

/* From here on the terminal may be raw: one way out. */
static int supervise(const struct sbx_policy *p, struct sbx_run_opts *ro,
		     struct sbx_result **ret, struct sbx_err *err)
{
	int r;

	ro->signal_fd = sig_open(err);
	if (ro->signal_fd < 0)
		return ro->signal_fd;
	r = ro->tty == SBX_TTY_ALWAYS ? term_raw(STDIN_FILENO, err) : 0;
	if (r == 0)
		r = sbx_run(p, ro, ret, err);
	term_restore();
	return r;
}

/* A run that did not come about, for who reads reports and not our messages. */
static int write_failure(struct report *rep, const struct sbx_err *why,
			 struct sbx_err *err)
{
	_autotext char *text = NULL;
	size_t n;
	FILE *f = rep->path ? open_memstream(&text, &n) : NULL;

	if (!f)
		return 0;
	fprintf(f,
		"{\n  \"version\": 1,\n  \"cause\": \"%s\",\n"
		"  \"status\": %d,\n  \"step\": ",
		sbx_cause_name(SBX_CAUSE_SETUP), SBX_EXIT_FAILED);
	if (*why->step)
		out_json(f, why->step);
	else
		fputs("null", f);
	fputs(",\n  \"message\": ", f);
	out_json(f, why->msg);
	fputs("\n}\n", f);
	if (fclose(f) != 0)
		return sbx_fail(err, ENOMEM, "report");
	return report_write(rep, text, err);
}

static int refuse(const struct cli *cli, struct report *rep,
		  const struct sbx_err *why)
{
	struct sbx_err err = { 0 };

	(void)out_err(cli, why);
	hint(cli, why->step, "");
	if (write_failure(rep, why, &err) < 0)
		(void)out_err(cli, &err);
	return SBX_EXIT_FAILED;
}

static int run_it(const struct cli *cli, const struct run_opts *o,
		  struct sbx_run_opts *ro)
{
	_autopolicy struct sbx_policy *p = NULL;
	struct sbx_result *res = NULL;
	struct sbx_err err = { 0 };
	struct report rep;
	int status;

	if (report_open(&rep, o->report, &err) < 0 ||
	    source_load(o->policy, &o->set, &p, &err) < 0 ||
	    say_policy(cli, o, p, &err) < 0 ||
	    supervise(p, ro, &res, &err) < 0) {
		status = refuse(cli, &rep, &err);
	} else {
		status = sbx_result_status(res);
		say_end(cli, o, res);
		if (write_report(&rep, res, &err) < 0)
			status = out_err(cli, &err);
	}
	sbx_result_free(res);
	report_done(&rep);
	return status;
}

static int run_run(const struct cli *cli, const void *opts, char *const *args)
{
	const struct run_opts *o = opts;
	struct sbx_run_opts ro = {
		.size = sizeof(ro),
		.argv = args,
		.stdio = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO },
		.tty = wants_tty(o) ? SBX_TTY_ALWAYS : SBX_TTY_NEVER,
		.best_effort = o->best_effort,
		.discard = o->discard,
		.signal_fd = -1,
		.stopped = term_stop,
	};

	return o->dry_run ? dry_run(cli, o, &ro) : run_it(cli, o, &ro);
}

#define FIELD(name) .field = offsetof(struct run_opts, name)

static const struct opt opts[] = {
	{ "policy", 'p', OPT_STR, "FILE|PRESET",
	  "the policy: a file (with a slash in its name, or ending in .yaml, "
	  ".yml or .json) or the name of a preset; without it the preset "
	  "default",
	  FIELD(policy) },
	{ "set", 's', OPT_LIST, "KEY=VALUE",
	  "set a key on top of the policy, as --set limits.memory=1G; may be "
	  "repeated",
	  FIELD(set) },
	{ "dry-run", 'n', OPT_FLAG, NULL,
	  "print what would be done (mounts, ids, limits, filter) and start "
	  "nothing",
	  FIELD(dry_run) },
	{ "json", 'j', OPT_FLAG, NULL, "print the plan as JSON", FIELD(json),
	  .needs = "dry-run" },
	{ "report", 'r', OPT_STR, "FILE|-",
	  "write a JSON report of the run to a file, or after the program's "
	  "output to standard output",
	  FIELD(report), .not_with = "dry-run" },
	{ "best-effort", 'b', OPT_FLAG, NULL,
	  "warn, instead of refusing to run, where this host cannot enforce a "
	  "key of the policy",
	  FIELD(best_effort) },
	{ "discard", 'd', OPT_FLAG, NULL,
	  "drop the changes to copy-on-write directories at the end",
	  FIELD(discard) },
	{ "tty", 't', OPT_FLAG, NULL,
	  "give the program a terminal (the default where standard input and "
	  "output are one)",
	  FIELD(tty) },
	{ "no-tty", 'T', OPT_FLAG, NULL, "give it pipes, never a terminal",
	  FIELD(no_tty), .not_with = "tty" },
	{ "quiet", 'q', OPT_FLAG, NULL,
	  "say nothing but errors: no warnings, no line on changed files",
	  FIELD(quiet) },
	{ "verbose", 'v', OPT_FLAG, NULL,
	  "explain the policy before the run, and say after it how it ended",
	  FIELD(verbose), .not_with = "quiet" },
	{ 0 },
};

const struct verb verb_run = {
	.name = "run",
	.summary = "run a program in a jail under a policy",
	.opts = opts,
	.operands = { "[--] COMMAND [ARG]...", "command", 1, (size_t)-1, true },
	.run = run_run,
};

_Static_assert(sizeof(struct run_opts) <= VERB_OPTS_MAX, "options too large");
