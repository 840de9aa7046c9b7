/* SPDX-License-Identifier: Apache-2.0 */
/* What show and explain print; what show prints loads to the same policy. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "tests/policy/policy.h"
#include "tests/tap/tap.h"

DEFINE_AUTO(policy)

static char *shown(const struct policy *p, enum sbx_format format)
{
	_autobuf struct buf out = { 0 };
	struct sbx_err err;

	if (policy_show(p, format, &out, &err) < 0)
		return strdup(err.msg);
	return buf_take(&out);
}

/* Show, load what was shown, show again. */
static void again(const struct policy *p, enum sbx_format format,
		  const char *title)
{
	static const char *const names[] = {
		[SBX_YAML] = "YAML", [SBX_JSON] = "JSON"
	};
	_autofree char *first = shown(p, format), *yaml = shown(p, SBX_YAML);
	_auto(policy) struct policy *q = NULL;
	_autofree char *second = NULL;
	struct sbx_err err;

	if (test_load(first, &q, &err) < 0) {
		ok(false, "%s: %s loads: %s", title, names[format], err.msg);
		return;
	}
	second = shown(q, SBX_YAML);
	is_str(second, yaml, "%s: %s loads to the same", title, names[format]);
}

static void round_trip(const char *text, const char *title)
{
	_auto(policy) struct policy *p = NULL;
	struct sbx_err err;
	_autofree char *json = NULL;
	json_t *root;

	if (test_load(text, &p, &err) < 0) {
		ok(false, "%s: loads: %s", title, err.msg);
		return;
	}
	again(p, SBX_YAML, title);
	again(p, SBX_JSON, title);
	json = shown(p, SBX_JSON);
	root = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
	ok(root, "%s: the JSON is JSON", title);
	json_decref(root);
}

static void test_round_trips(void)
{
	size_t n;
	const struct sbx_preset *v = policy_presets(&n);

	for (size_t i = 0; i < n; i++)
		round_trip(v[i].text, v[i].name);
	round_trip("version: 1\nextends: none\n", "nothing");
	round_trip(
		"version: 1\nrootfs: {base: '/r$$x'}\n"
		"mounts:\n"
		"  - {host: '/a $$ b', guest: '/g: [x], {y} # z'}\n"
		"  - {host: \"/q'\\\"\\\\\", guest: \"/\\u00e4\", access: rw}\n"
		"  - {host: /m, guest: /m, access: overlay, upper: memory, "
		"optional: true}\n",
		"odd paths");
	round_trip("version: 1\nenv:\n  pass: [\"a:b\", \"{\", y, \"1\"]\n"
		   "  set:\n    \"npm_//x/:_t\": '$$A $${B} $$'\n    N: 'no'\n"
		   "    E: ''\n    D: \"\\u007f\\u0001\\n\\t\\u2028\"\n"
		   "    S: ' x '\n    T: '~'\n    U: \"\\U0001f600 \\ud7ff\"\n"
		   "    M: ${MONEY}\n    \"null\": 'null'\n",
		   "odd variables");
	round_trip("version: 1\nlimits: {cpu: 0.015, memory: 1048577, time: "
		   "1h1ms, output: none, pids: none, cpu_weight: 50, "
		   "io_write: 1.5M, enforce: cgroup}\n"
		   "user: {id: root, subids: true, umask: '7'}\n"
		   "landlock: require\ntime_namespace: true\nfds: [9, 10]\n"
		   "seccomp: {allow: [keyctl], deny: [socket]}\n"
		   "network: {mode: host}\nhostname: a.b\n",
		   "everything else");
}

static void golden(const struct policy *p, const char *preset, bool explain)
{
	_autobuf struct buf out = { 0 };
	_autofree char *name = NULL, *want = NULL;
	struct sbx_err err;

	if (asprintf(&name, "tests/policy/%s/%s.txt",
		     explain ? "explain" : "show", preset) < 0)
		exit(99);
	want = test_read(name);
	if (explain)
		is_int(policy_explain(p, &out, &err), 0, "explain %s", preset);
	else
		is_int(policy_show(p, SBX_YAML, &out, &err), 0, "show %s",
		       preset);
	is_str(out.data, want, "%s", name);
}

static void test_goldens(void)
{
	size_t n;
	const struct sbx_preset *v = policy_presets(&n);
	_auto(policy) struct policy *full = NULL;
	struct sbx_err err;

	for (size_t i = 0; i < n; i++) {
		_auto(policy) struct policy *p = NULL;

		if (test_load_preset(v[i].name, &p, &err) < 0)
			exit(99);
		golden(p, v[i].name, false);
		golden(p, v[i].name, true);
	}
	is_int(test_load(
		       "version: 1\nextends: none\nrootfs: {base: /r}\n"
		       "mounts:\n"
		       "  - {host: /a, guest: /a, access: rw}\n"
		       "  - {host: /b, guest: /b, access: overlay, upper: "
		       "memory, optional: true}\n"
		       "limits: {enforce: cgroup, memory: none}\n"
		       "network: {mode: host}\nuser: {id: root, subids: true}\n"
		       "seccomp: {allow: [keyctl]}\nfds: [5]\n"
		       "landlock: require\ntime_namespace: true\n",
		       &full, &err),
	       0, "a policy of everything loads");
	if (full)
		golden(full, "everything", true);
}

static void test_not_utf8(void)
{
	char *const environment[] = { (char *)"LATIN=\xe4", NULL };
	struct sbx_policy_source src = test_caller;
	_auto(policy) struct policy *p = NULL;
	_autobuf struct buf out = { 0 };
	struct sbx_err err = { 0 };

	src.environ = environment;
	src.text = "version: 1\nenv: {set: {X: '${LATIN}'}}\n";
	src.text_len = strlen(src.text);
	is_int(policy_load(&src, &p, &err), 0, "a value in Latin-1 loads");
	is_int(policy_show(p, SBX_YAML, &out, &err), -EILSEQ,
	       "but cannot be shown");
	is_str(err.msg,
	       "the policy has a path or value that is not UTF-8 and cannot be "
	       "shown",
	       "and this is said");
}

int main(void)
{
	test_round_trips();
	test_goldens();
	test_not_utf8();
	return tap_done();
}
