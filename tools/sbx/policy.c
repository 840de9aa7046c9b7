/* SPDX-License-Identifier: Apache-2.0 */
/* sbx policy: look at a policy without running anything. */
#include <sbx/sbx.h>

#include <string.h>

#include "tools/sbx/out.h"
#include "tools/sbx/source.h"
#include "tools/sbx/verb.h"

struct policy_opts {
	struct opt_list set;
	bool json;
};

#define SET_ROW                                                     \
	{                                                           \
		"set", 's', OPT_LIST, "KEY=VALUE",                  \
			"set a key on top of the policy, as --set " \
			"limits.memory=1G; "                        \
			"may be repeated",                          \
			.field = offsetof(struct policy_opts, set)  \
	}
#define JSON_ROW(text)                                              \
	{                                                           \
		"json", 'j', OPT_FLAG, NULL, text,                  \
			.field = offsetof(struct policy_opts, json) \
	}

/* Every verb here but two takes a policy and nothing else. */
#define ONE_POLICY                                                        \
	{                                                                 \
		"FILE|PRESET", "policy (a file or a preset)", 1, 1, false \
	}

static void print_check(const struct sbx_policy *p, const struct sbx_err *err)
{
	const char *w;

	printf("{\"valid\": %s", p ? "true" : "false");
	if (!p) {
		fputs(", \"error\": ", stdout);
		out_json(stdout, err->msg);
	}
	fputs(", \"warnings\": [", stdout);
	for (size_t i = 0; p && (w = sbx_policy_warning(p, i)); i++) {
		fputs(i ? ", " : "", stdout);
		out_json(stdout, w);
	}
	puts("]}");
}

static int run_check(const struct cli *cli, const void *opts, char *const *args)
{
	const struct policy_opts *o = opts;
	_autopolicy struct sbx_policy *p = NULL;
	struct sbx_err err = { 0 };
	const char *w;
	int r = source_load(args[0], &o->set, &p, &err);

	if (o->json) {
		print_check(p, &err);
		return out_flush(cli) || r < 0 ? SBX_EXIT_FAILED : 0;
	}
	if (r < 0)
		return out_err(cli, &err);
	for (size_t i = 0; (w = sbx_policy_warning(p, i)); i++)
		out_msg(cli, "warning: %s", w);
	return out_text(cli, "valid\n");
}

static int run_explain(const struct cli *cli, const void *opts,
		       char *const *args)
{
	const struct policy_opts *o = opts;
	_autopolicy struct sbx_policy *p = NULL;
	_autotext char *text = NULL;
	struct sbx_err err = { 0 };

	if (source_load(args[0], &o->set, &p, &err) < 0 ||
	    sbx_policy_explain(p, &text, &err) < 0)
		return out_err(cli, &err);
	return out_text(cli, text);
}

static int run_show(const struct cli *cli, const void *opts, char *const *args)
{
	const struct policy_opts *o = opts;
	_autopolicy struct sbx_policy *p = NULL;
	_autotext char *text = NULL;
	struct sbx_err err = { 0 };

	if (source_load(args[0], &o->set, &p, &err) < 0 ||
	    sbx_policy_show(p, o->json ? SBX_JSON : SBX_YAML, &text, &err) < 0)
		return out_err(cli, &err);
	return out_text(cli, text);
}

static int run_schema(const struct cli *cli, const void *opts,
		      char *const *args)
{
	_autotext char *text = NULL;
	struct sbx_err err = { 0 };

	if (sbx_policy_schema(&text, &err) < 0)
		return out_err(cli, &err);
	return out_text(cli, text);
}

static void print_presets(bool json)
{
	size_t n;
	const struct sbx_preset *p = sbx_policy_presets(&n);

	fputs(json ? "[" : "", stdout);
	for (size_t i = 0; i < n; i++) {
		if (!json) {
			printf("%-14s %s\n", p[i].name, p[i].summary);
			continue;
		}
		fputs(i ? ",\n {\"name\": " : "{\"name\": ", stdout);
		out_json(stdout, p[i].name);
		fputs(", \"summary\": ", stdout);
		out_json(stdout, p[i].summary);
		fputs(", \"text\": ", stdout);
		out_json(stdout, p[i].text);
		putchar('}');
	}
	fputs(json ? "]\n" : "", stdout);
}

static int run_presets(const struct cli *cli, const void *opts,
		       char *const *args)
{
	const struct policy_opts *o = opts;
	size_t n;
	const struct sbx_preset *p = sbx_policy_presets(&n);

	if (!args[0]) {
		print_presets(o->json);
		return out_flush(cli);
	}
	for (size_t i = 0; i < n; i++)
		if (strcmp(p[i].name, args[0]) == 0)
			return out_text(cli, p[i].text);
	out_msg(cli, "'%s': no preset of this name", args[0]);
	return SBX_EXIT_FAILED;
}

static const struct opt set_opts[] = { SET_ROW, { 0 } };

static const struct opt check_opts[] = {
	SET_ROW,
	JSON_ROW("answer as a JSON object: valid, error, warnings"),
	{ 0 },
};

static const struct opt show_opts[] = {
	SET_ROW,
	JSON_ROW("write JSON instead of YAML"),
	{ 0 },
};

static const struct opt presets_opts[] = {
	JSON_ROW("write a JSON list: name, summary, text"),
	{ 0 },
};

static const struct verb verb_check = {
	.name = "check",
	.summary = "say whether a policy is valid, and what is wrong with it",
	.opts = check_opts,
	.operands = ONE_POLICY,
	.run = run_check,
};

static const struct verb verb_explain = {
	.name = "explain",
	.summary = "say in plain sentences what a policy lets a program see, "
		   "write, reach and spend",
	.opts = set_opts,
	.operands = ONE_POLICY,
	.run = run_explain,
};

static const struct verb verb_show = {
	.name = "show",
	.summary = "print a policy as it is after merging, every key written "
		   "out",
	.opts = show_opts,
	.operands = ONE_POLICY,
	.run = run_show,
};

static const struct verb verb_schema = {
	.name = "schema",
	.summary = "print the JSON Schema of policy files, for editors",
	.opts = no_opts,
	.operands = { "", "argument", 0, 0, false },
	.run = run_schema,
};

static const struct verb verb_presets = {
	.name = "presets",
	.summary = "list the presets, or print the text of one",
	.opts = presets_opts,
	.operands = { "[PRESET]", "preset", 0, 1, false },
	.run = run_presets,
};

static const struct verb *const policy_verbs[] = {
	&verb_check,  &verb_explain, &verb_show,
	&verb_schema, &verb_presets, NULL,
};

const struct verb verb_policy = {
	.name = "policy",
	.summary = "check, explain or show a policy",
	.sub = policy_verbs,
	.opts = no_opts,
	.operands = { "VERB ...", "verb", 1, 0, false },
};
