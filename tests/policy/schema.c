/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON Schema: it has every key, takes what the parser takes, and no more.
 */
#include <jansson.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "policy/schema.h"
#include "runtime/base/cleanup.h"
#include "tests/policy/policy.h"
#include "tests/tap/tap.h"

DEFINE_AUTO(policy)

static json_t *schema(void)
{
	_autobuf struct buf out = { 0 };
	struct sbx_err err;
	json_t *root;

	if (policy_schema(&out, &err) < 0)
		exit(99);
	root = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
	if (!root)
		exit(99);
	return root;
}

/* ---- a validator for the part of JSON Schema that is used --------------- */

static bool valid(const json_t *s, const json_t *v);

static bool is_type(const char *type, const json_t *v)
{
	static const struct {
		const char *name;
		json_type type;
	} types[] = {
		{ "string", JSON_STRING },  { "integer", JSON_INTEGER },
		{ "object", JSON_OBJECT },  { "array", JSON_ARRAY },
		{ "number", JSON_INTEGER }, { "number", JSON_REAL },
		{ "boolean", JSON_TRUE },   { "boolean", JSON_FALSE },
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].name, type) == 0 &&
		    types[i].type == json_typeof(v))
			return true;
	return false;
}

static bool check_type(const json_t *type, const json_t *v)
{
	size_t i;
	json_t *one;

	if (json_is_string(type))
		return is_type(json_string_value(type), v);
	json_array_foreach(type, i, one) if (is_type(json_string_value(one),
						     v)) return true;
	return !type;
}

static bool check_pattern(const json_t *pattern, const json_t *v)
{
	regex_t re;
	int r;

	if (!pattern || !json_is_string(v))
		return true;
	if (regcomp(&re, json_string_value(pattern), REG_EXTENDED | REG_NOSUB))
		exit(99);
	r = regexec(&re, json_string_value(v), 0, NULL, 0);
	regfree(&re);
	return r == 0;
}

static bool check_enum(const json_t *words, const json_t *v)
{
	size_t i;
	json_t *one;

	json_array_foreach(words, i, one) if (json_equal(one, v)) return true;
	return !words;
}

static bool check_object(const json_t *s, json_t *v)
{
	const json_t *properties = json_object_get(s, "properties");
	const json_t *others = json_object_get(s, "additionalProperties");
	const json_t *member;
	const char *key;
	json_t *one;
	size_t i;

	json_array_foreach(
		json_object_get(s, "required"), i,
		one) if (!json_object_get(v,
					  json_string_value(one))) return false;
	json_object_foreach(v, key, one)
	{
		member = json_object_get(properties, key);
		if (!member)
			member = others;
		if (json_is_false(member) || (member && !valid(member, one)))
			return false;
	}
	return true;
}

static bool check_array(const json_t *s, const json_t *v)
{
	const json_t *least = json_object_get(s, "minItems");
	const json_t *items = json_object_get(s, "items");
	json_t *one;
	size_t i;

	if (json_array_size(v) < (size_t)json_integer_value(least))
		return false;
	json_array_foreach(v, i,
			   one) if (items && !valid(items, one)) return false;
	return true;
}

static bool check_any(const json_t *list, const json_t *v)
{
	size_t i;
	json_t *one;

	json_array_foreach(list, i, one) if (valid(one, v)) return true;
	return !list;
}

static bool valid(const json_t *s, const json_t *v)
{
	const json_t *not = json_object_get(s, "not");

	return check_type(json_object_get(s, "type"), v) &&
	       check_pattern(json_object_get(s, "pattern"), v) &&
	       check_enum(json_object_get(s, "enum"), v) &&
	       check_any(json_object_get(s, "anyOf"), v) &&
	       check_object(s, (json_t *)(uintptr_t)v) && check_array(s, v) &&
	       !(not &&valid(not, v));
}

/* ---- tests ------------------------------------------------------------- */

/* Where a row's schema stands: "mounts[].host" is an item's property. */
static const json_t *find(const json_t *s, const char *name)
{
	char part[32];
	size_t n;

	while (*name && s) {
		n = strcspn(name, ".[");
		snprintf(part, sizeof(part), "%.*s", (int)n, name);
		s = json_object_get(json_object_get(s, "properties"), part);
		name += n;
		if (strncmp(name, "[]", 2) == 0) {
			s = json_object_get(s, "items");
			name += 2;
		}
		name += *name == '.';
	}
	return s;
}

static void test_rows(const json_t *s)
{
	size_t n;
	const struct sbx_policy_key *keys = policy_keys(&n);

	for (size_t i = 0; i < n; i++) {
		const json_t *row = find(s, keys[i].name);
		const json_t *help = json_object_get(row, "description");

		is_str(json_string_value(help), keys[i].help,
		       "the schema has %s", keys[i].name);
	}
}

static void test_presets(const json_t *s)
{
	size_t n;
	const struct sbx_preset *v = policy_presets(&n);
	struct sbx_err err;

	for (size_t i = 0; i < n; i++) {
		_auto(policy) struct policy *p = NULL;
		_autobuf struct buf out = { 0 };
		json_t *doc;

		if (test_load_preset(v[i].name, &p, &err) < 0 ||
		    policy_show(p, SBX_JSON, &out, &err) < 0)
			exit(99);
		doc = json_loads(out.data, 0, NULL);
		ok(valid(s, doc), "the schema takes %s", v[i].name);
		json_decref(doc);
	}
}

/* The schema and the parser agree. JSON, so that both read the same. */
static void agree(const json_t *s, bool good, const char *text)
{
	_auto(policy) struct policy *p = NULL;
	json_t *doc = json_loads(text, 0, NULL);
	struct sbx_err err;
	int r = test_load(text, &p, &err);

	ok(doc && valid(s, doc) == good && (r == 0) == good, "%s: %s",
	   good ? "both take" : "both refuse", text);
	json_decref(doc);
}

static void test_agreement(const json_t *s)
{
	static const char *const good[] = {
		"{\"version\": 1}",
		"{\"version\": 1, \"extends\": [\"default\", \"offline\"]}",
		"{\"version\": 1, \"limits\": {\"cpu\": 1.5, \"pids\": 9}}",
		"{\"version\": 1, \"limits\": {\"cpu\": \"150%\"}}",
		"{\"version\": 1, \"limits\": {\"memory\": \"1.5GiB\"}}",
		"{\"version\": 1, \"limits\": {\"time\": \"1h30m\"}}",
		"{\"version\": 1, \"limits\": {\"time\": \"none\"}}",
		"{\"version\": 1, \"env\": {\"set\": {\"A\": 1, \"B\": true}}}",
		"{\"version\": 1, \"fds\": [3, \"4\"]}",
		"{\"version\": 1, \"rootfs\": {\"base\": \"~/x\"}}",
	};
	static const char *const bad[] = {
		"{}",
		"[]",
		"{\"version\": 1, \"nope\": 1}",
		"{\"version\": 1, \"limits\": {\"nope\": 1}}",
		"{\"version\": 1, \"limits\": []}",
		"{\"version\": 1, \"limits\": {\"memory\": \"1GB\"}}",
		"{\"version\": 1, \"limits\": {\"time\": 90}}",
		"{\"version\": 1, \"limits\": {\"time\": \"90\"}}",
		"{\"version\": 1, \"limits\": {\"memory\": null}}",
		"{\"version\": 1, \"mode\": \"virtual\"}",
		"{\"version\": 1, \"network\": {\"mode\": \"allow\"}}",
		"{\"version\": 1, \"network\": {\"allow\": []}}",
		"{\"version\": 1, \"secrets\": []}",
		"{\"version\": 1, \"extends\": []}",
		"{\"version\": 1, \"mounts\": [{\"host\": \"/a\"}]}",
		"{\"version\": 1, \"mounts\": [{\"guest\": \"b\"}]}",
		"{\"version\": 1, \"mounts\": [{\"access\": \"w\"}]}",
		"{\"version\": 1, \"env\": {\"pass\": [\"A=B\"]}}",
		"{\"version\": 1, \"env\": {\"set\": {\"A\": []}}}",
		"{\"version\": 1, \"time_namespace\": \"yes\"}",
		"{\"version\": 1, \"rootfs\": {\"base\": \"alpine\"}}",
		"{\"version\": 1, \"workdir\": \"x\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		agree(s, true, good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		agree(s, false, bad[i]);
}

int main(void)
{
	json_t *s = schema();

	is_str(json_string_value(json_object_get(s, "$schema")),
	       "https://json-schema.org/draft/2020-12/schema",
	       "the schema says which draft it is");
	test_rows(s);
	test_presets(s);
	test_agreement(s);
	json_decref(s);
	return tap_done();
}
