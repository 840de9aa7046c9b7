/* SPDX-License-Identifier: Apache-2.0 */
/* The result of a run, for callers and as the JSON report. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/utf8.h"
#include "runtime/core/limits.h"
#include "runtime/core/result.h"

void sbx_result_free(struct sbx_result *res)
{
	if (!res)
		return;
	for (size_t i = 0; i < res->n_overlays; i++) {
		free(res->overlays[i].guest);
		free(res->overlays[i].host);
		ovl_changes_done(&res->overlays[i].changes);
	}
	free(res->overlays);
	free(res->kept);
	free(res->policy);
	strv_done(&res->warnings);
	strv_done(&res->notes);
	free(res);
}

enum sbx_cause sbx_result_cause(const struct sbx_result *res)
{
	return res->out.cause;
}

int sbx_result_status(const struct sbx_result *res)
{
	return res->status;
}

const char *sbx_result_message(const struct sbx_result *res)
{
	return res->message.msg;
}

const char *sbx_result_warning(const struct sbx_result *res, size_t i)
{
	return i < res->warnings.n ? res->warnings.v[i] : NULL;
}

size_t sbx_result_changes(const struct sbx_result *res)
{
	size_t n = 0;

	for (size_t i = 0; i < res->n_overlays; i++)
		n += res->overlays[i].changes.n;
	return n;
}

const char *sbx_result_kept(const struct sbx_result *res)
{
	return res->kept ? res->kept_id : NULL;
}

/* Text that may hold any byte: what is no UTF-8 becomes U+FFFD. */
static json_t *text(const char *s)
{
	_autobuf struct buf b = { 0 };

	if (!s)
		return json_null();
	utf8_clean(&b, s, strlen(s));
	return b.failed ? NULL : json_stringn(b.data ? b.data : "", b.len);
}

static json_t *number(uint64_t v)
{
	return v == SBX_UNKNOWN ? json_null() : json_integer((json_int_t)v);
}

static json_t *strings(const struct strv *s)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n; i++)
		(void)json_array_append_new(a, text(s->v[i]));
	return a;
}

static json_t *limits_json(const struct sbx_result *res)
{
	struct cgroup cg = { .controllers = res->controllers };
	json_t *a = json_array();
	const struct limit_row *rows;
	const char *holder;
	uint64_t v;
	size_t n;

	rows = limit_rows(&n);
	for (size_t i = 0; i < n; i++) {
		v = limit_value(&rows[i], &res->lim);
		if (v == POL_NONE)
			continue;
		holder = limit_holder(&rows[i], &cg);
		(void)json_array_append_new(
			a, json_pack("{s:s, s:o, s:s, s:s?, s:b}", "key",
				     rows[i].key, "value", number(v), "unit",
				     rows[i].unit, "enforced_by", holder,
				     "reached",
				     rows[i].cause != SBX_CAUSE_NONE &&
					     rows[i].cause == res->out.cause));
	}
	return a;
}

static const char *const change_names[] = {
	[OVL_ADDED] = "added",
	[OVL_MODIFIED] = "modified",
	[OVL_DELETED] = "deleted",
};

static json_t *overlay_json(const struct result_overlay *o)
{
	json_t *files = json_array();

	for (size_t i = 0; i < o->changes.n; i++) {
		const struct ovl_change *c = &o->changes.v[i];

		(void)json_array_append_new(
			files, json_pack("{s:s, s:o, s:i, s:o}", "change",
					 change_names[c->kind], "path",
					 text(c->path), "mode", (int)c->mode,
					 "size", number(c->size)));
	}
	return json_pack("{s:o, s:o, s:s, s:I, s:b, s:o}", "guest",
			 text(o->guest), "host", text(o->host), "upper",
			 o->in_memory ? "memory" : "disk", "bytes",
			 (json_int_t)o->changes.bytes, "truncated",
			 o->changes.truncated, "files", files);
}

static json_t *changes_json(const struct sbx_result *res)
{
	json_t *a = json_array();

	for (size_t i = 0; i < res->n_overlays; i++)
		(void)json_array_append_new(a, overlay_json(&res->overlays[i]));
	return json_pack("{s:I, s:o, s:o, s:o}", "count",
			 (json_int_t)sbx_result_changes(res), "kept",
			 text(res->kept), "id", text(sbx_result_kept(res)),
			 "mounts", a);
}

/* What the kernel counts of what it refused. What seccomp and Landlock refuse
 * it tells nobody but root's audit. */
static json_t *denials_json(const struct sbx_result *res)
{
	json_t *a = json_array();
	uint64_t forks = res->usage.pids_max_hits;

	if (forks != SBX_UNKNOWN && forks > 0)
		(void)json_array_append_new(
			a, json_pack("{s:s, s:s, s:o}", "what", "fork", "key",
				     "limits.pids", "count", number(forks)));
	return a;
}

static const char *const how_names[] = {
	[CG_NONE] = "none",
	[CG_WRITABLE] = "writable",
	[CG_SYSTEMD] = "systemd",
};

static json_t *cgroup_json(const struct sbx_result *res)
{
	return json_pack(
		"{s:s, s:o, s:o, s:o}", "how", how_names[res->how], "path",
		res->how == CG_NONE ? json_null() : text(res->cgroup_path),
		"why_not", res->why_not[0] ? text(res->why_not) : json_null(),
		"throttled_us", number(res->usage.throttled_us));
}

static json_t *usage_json(const struct jail_outcome *o)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}",
			 "wall_us", number(o->wall_us), "cpu_us",
			 number(o->cpu_us), "memory_peak",
			 number(o->memory_peak), "largest_process",
			 number(o->largest_rss), "pids_peak",
			 number(o->pids_peak), "io_read", number(o->io_read),
			 "io_write", number(o->io_write), "output",
			 number(o->output_bytes), "output_cut", o->output_cut);
}

static json_t *report(const struct sbx_result *res)
{
	const struct jail_outcome *o = &res->out;

	return json_pack(
		"{s:i, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
		" s:i, s:o, s:o, s:o}",
		"version", 1, "cause", sbx_cause_name(o->cause), "status",
		res->status, "exit_code",
		o->exit_code >= 0 ? json_integer(o->exit_code) : json_null(),
		"signal", o->signal ? json_integer(o->signal) : json_null(),
		"step", o->err.step[0] ? text(o->err.step) : json_null(),
		"message",
		res->message.msg[0] ? text(res->message.msg) : json_null(),
		"policy", text(res->policy), "usage", usage_json(o), "limits",
		limits_json(res), "cgroup", cgroup_json(res), "denials",
		denials_json(res), "landlock_abi", res->landlock_abi, "changes",
		changes_json(res), "warnings", strings(&res->warnings), "notes",
		strings(&res->notes));
}

int sbx_result_json(const struct sbx_result *res, char **ret,
		    struct sbx_err *err)
{
	_autobuf struct buf b = { 0 };
	_autofree char *dump = NULL;
	json_t *j = report(res);

	if (j)
		dump = json_dumps(j, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	json_decref(j);
	if (!dump)
		return sbx_fail(err, ENOMEM, "report");
	buf_printf(&b, "%s\n", dump);
	*ret = buf_take(&b);
	return *ret ? 0 : sbx_fail(err, ENOMEM, "report");
}
