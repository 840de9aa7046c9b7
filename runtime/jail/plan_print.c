/* SPDX-License-Identifier: Apache-2.0 */
/* A plan for a person to read, or as JSON for a program (--dry-run). */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/cgroup.h"
#include "runtime/jail/lock.h"
#include "runtime/jail/plan.h"

struct word {
	uint64_t bit;
	const char *name;
};

static const struct word namespaces[] = {
	{ CLONE_NEWUSER, "user" },     { CLONE_NEWNS, "mount" },
	{ CLONE_NEWPID, "pid" },       { CLONE_NEWNET, "net" },
	{ CLONE_NEWIPC, "ipc" },       { CLONE_NEWUTS, "uts" },
	{ CLONE_NEWCGROUP, "cgroup" }, { CLONE_NEWTIME, "time" },
};

static const struct word attributes[] = {
	{ MOUNT_ATTR_RDONLY, "ro" },
	{ MOUNT_ATTR_NOSUID, "nosuid" },
	{ MOUNT_ATTR_NODEV, "nodev" },
	{ MOUNT_ATTR_NOEXEC, "noexec" },
};

static const char *const kinds[] = {
	[JAIL_OP_DIR] = "directory",	   [JAIL_OP_FILE] = "file",
	[JAIL_OP_LINK] = "link",	   [JAIL_OP_BIND] = "bind",
	[JAIL_OP_REBIND] = "cover",	   [JAIL_OP_TMPFS] = "tmpfs",
	[JAIL_OP_MEMDIR] = "memory",	   [JAIL_OP_OVERLAY] = "overlay",
	[JAIL_OP_PROC] = "proc",	   [JAIL_OP_DEVPTS] = "devpts",
	[JAIL_OP_READONLY] = "attributes", [JAIL_OP_SYSCTL] = "sysctl",
};

static const char *const rlimits[] = {
	[RLIMIT_AS] = "as",
	[RLIMIT_CORE] = "core",
	[RLIMIT_CPU] = "cpu",
	[RLIMIT_DATA] = "data",
	[RLIMIT_FSIZE] = "fsize",
	[RLIMIT_LOCKS] = "locks",
	[RLIMIT_MEMLOCK] = "memlock",
	[RLIMIT_MSGQUEUE] = "msgqueue",
	[RLIMIT_NICE] = "nice",
	[RLIMIT_NOFILE] = "nofile",
	[RLIMIT_NPROC] = "nproc",
	[RLIMIT_RSS] = "rss",
	[RLIMIT_RTPRIO] = "rtprio",
	[RLIMIT_RTTIME] = "rttime",
	[RLIMIT_SIGPENDING] = "sigpending",
	[RLIMIT_STACK] = "stack",
};

/* A step's attributes together with those of the READONLY steps after it. */
static uint64_t attr_of(const struct jail_plan *plan, size_t i)
{
	uint64_t attr = plan->ops[i].attr;

	for (size_t j = i + 1; plan->ops[i].attr_later && j < plan->n_ops; j++)
		if (plan->ops[j].kind == JAIL_OP_READONLY)
			attr |= plan->ops[j].attr;
	return plan->ops[i].device ? attr & ~(uint64_t)MOUNT_ATTR_NODEV : attr;
}

/* ---- text -----------------------------------------------------------------
 */

/* Bytes that would not stay on their line, or that move a cursor, as \xNN. */
static void put_safe(struct buf *out, const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f ||
		    *text == '\\')
			buf_printf(out, "\\x%02x", (unsigned char)*text);
		else
			buf_add(out, text, 1);
}

static void put_words(struct buf *out, const struct word *w, size_t n,
		      uint64_t bits)
{
	for (size_t i = 0; i < n; i++)
		if (bits & w[i].bit)
			buf_printf(out, " %s", w[i].name);
}

static void put_op(struct buf *out, const struct jail_plan *plan, size_t i)
{
	const struct jail_op *op = &plan->ops[i];

	buf_printf(out, "  %-10s ", kinds[op->kind]);
	put_safe(out, op->dst);
	if (op->kind == JAIL_OP_LINK) {
		buf_puts(out, " -> ");
		put_safe(out, op->text);
	} else if (op->kind == JAIL_OP_SYSCTL) {
		buf_printf(out, " = %s", op->text);
	} else if (op->kind == JAIL_OP_DIR || op->kind == JAIL_OP_FILE ||
		   op->kind == JAIL_OP_MEMDIR) {
		buf_printf(out, " mode=%04o", op->mode);
	}
	if (op->src && strcmp(op->src, op->dst)) {
		buf_puts(out, op->kind == JAIL_OP_REBIND ? " by " : " from ");
		put_safe(out, op->src);
	}
	put_words(out, attributes, ARRAY_LEN(attributes), attr_of(plan, i));
	if (op->kind == JAIL_OP_TMPFS && op->size != POL_NONE)
		buf_printf(out, " size=%" PRIu64, op->size);
	if (op->kind == JAIL_OP_OVERLAY && op->in_memory)
		buf_puts(out, " changes in memory");
	else if (op->kind == JAIL_OP_OVERLAY)
		buf_printf(out, " changes in %u/upper", op->upper_index);
	if (op->optional)
		buf_puts(out, " if there");
	buf_puts(out, "\n");
}

/* "name" over the lines of a text, indented. */
static void put_lines(struct buf *out, const char *name, const char *text)
{
	size_t n;

	buf_printf(out, "%s\n", name);
	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		buf_printf(out, "  %.*s\n", (int)n, text);
	}
}

static void put_head(struct buf *out, const struct jail_plan *plan,
		     char *const *argv)
{
	buf_puts(out, "program");
	for (size_t i = 0; argv && argv[i]; i++) {
		buf_puts(out, " ");
		put_safe(out, argv[i]);
	}
	buf_puts(out, "\ndirectory ");
	put_safe(out, plan->workdir);
	buf_printf(out, "\nhost name %s\n", plan->hostname);
	buf_printf(out, "user %u, group %u, umask %03o%s\n", plan->uid,
		   plan->gid, plan->umask,
		   plan->subids ? ", with subordinate ids" : "");
	buf_printf(out, "uid map %s", plan->uid_map);
	buf_printf(out, "gid map %s", plan->gid_map);
	buf_puts(out, "namespaces");
	put_words(out, namespaces, ARRAY_LEN(namespaces), plan->clone_flags);
	buf_printf(out, "\nnetwork %s\n",
		   plan->loopback ? "loopback only" : "the host's");
	if (plan->n_fds) {
		buf_puts(out, "descriptors 0 1 2");
		for (size_t i = 0; i < plan->n_fds; i++)
			buf_printf(out, " %d", plan->fds[i]);
		buf_puts(out, "\n");
	}
}

static void put_rlimits(struct buf *out, const struct jail_plan *plan)
{
	const struct jail_rlimit *l;

	buf_puts(out, "rlimits\n");
	for (size_t i = 0; i < plan->n_rlimits; i++) {
		l = &plan->rlimits[i];
		buf_printf(out, "  %s %" PRIu64 " %" PRIu64 "\n",
			   rlimits[l->resource], l->soft, l->hard);
	}
}

static void put_landlock(struct buf *out, const struct jail_plan *plan)
{
	if (!plan->landlock_abi) {
		buf_puts(out, "landlock none\n");
		return;
	}
	buf_printf(out, "landlock ABI %d\n", plan->landlock_abi);
	for (size_t i = 0; i < plan->n_rules; i++) {
		buf_printf(out, "  0x%04" PRIx64 " ", plan->rules[i].access);
		put_safe(out, plan->rules[i].path);
		buf_puts(out, "\n");
	}
}

static int print_text(const struct jail_plan *plan, char *const *argv,
		      struct buf *out)
{
	_autobuf struct buf text = { 0 };
	int r;

	put_head(out, plan, argv);
	buf_puts(out, "root\n");
	for (size_t i = 0; i < plan->n_ops; i++)
		put_op(out, plan, i);
	buf_puts(out, "environment\n");
	for (size_t i = 0; i < plan->env.n; i++) {
		buf_puts(out, "  ");
		put_safe(out, plan->env.v[i]);
		buf_puts(out, "\n");
	}
	put_rlimits(out, plan);
	r = cg_describe(&plan->pol->limits, &text);
	if (r < 0)
		return r;
	put_lines(out, "cgroup, where one is delegated",
		  text.data ? text.data : "");
	put_landlock(out, plan);
	buf_done(&text);
	r = filter_describe(plan, &text);
	if (r < 0)
		return r;
	put_lines(out, "filter", text.data ? text.data : "");
	for (size_t i = 0; i < plan->notes.n; i++) {
		buf_puts(out, i ? "  " : "notes\n  ");
		put_safe(out, plan->notes.v[i]);
		buf_puts(out, "\n");
	}
	return text.failed || out->failed ? -ENOMEM : 0;
}

/* ---- JSON -----------------------------------------------------------------
 */

/* JSON has only UTF-8: other bytes are read as Latin-1, so that none is lost.
 */
static json_t *string(const char *text)
{
	json_t *js = json_string(text);
	_autobuf struct buf b = { 0 };

	if (js)
		return js;
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x80)
			buf_add(&b, (char[]){ (char)(0xc0 | c >> 6) }, 1);
		buf_add(&b,
			(char[]){ (char)(c < 0x80 ? c : 0x80 | (c & 0x3f)) },
			1);
	}
	return b.failed || !b.data ? NULL : json_string(b.data);
}

static void set_string(json_t *o, const char *key, const char *text)
{
	if (text)
		(void)json_object_set_new(o, key, string(text));
}

static json_t *strings(char *const *v)
{
	json_t *a = json_array();

	for (size_t i = 0; v && v[i]; i++)
		(void)json_array_append_new(a, string(v[i]));
	return a;
}

static json_t *words(const struct word *w, size_t n, uint64_t bits)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		if (bits & w[i].bit)
			(void)json_array_append_new(a, json_string(w[i].name));
	return a;
}

static json_t *lines(const char *text)
{
	json_t *a = json_array();
	size_t n;

	for (; text && *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		(void)json_array_append_new(a, json_stringn(text, n));
	}
	return a;
}

/* Numbers beyond what JSON's integers hold mean "no limit": null. */
static json_t *number(uint64_t n)
{
	return n > INT64_MAX ? json_null() : json_integer((json_int_t)n);
}

static json_t *json_op(const struct jail_plan *plan, size_t i)
{
	const struct jail_op *op = &plan->ops[i];
	json_t *o = json_object();

	set_string(o, "step", kinds[op->kind]);
	set_string(o, "path", op->dst);
	set_string(o, "from", op->src);
	set_string(o, "text", op->text);
	set_string(o, "policy", op->origin);
	(void)json_object_set_new(o, "attributes",
				  words(attributes, ARRAY_LEN(attributes),
					attr_of(plan, i)));
	if (op->kind == JAIL_OP_TMPFS)
		(void)json_object_set_new(o, "size", number(op->size));
	if (op->mode)
		(void)json_object_set_new(o, "mode", json_integer(op->mode));
	if (op->kind == JAIL_OP_OVERLAY && op->in_memory)
		(void)json_object_set_new(o, "upper", json_string("memory"));
	else if (op->kind == JAIL_OP_OVERLAY)
		(void)json_object_set_new(o, "upper",
					  json_integer(op->upper_index));
	if (op->optional)
		(void)json_object_set_new(o, "optional", json_true());
	return o;
}

static json_t *json_rlimits(const struct jail_plan *plan)
{
	const struct jail_rlimit *l;
	json_t *o = json_object();

	for (size_t i = 0; i < plan->n_rlimits; i++) {
		l = &plan->rlimits[i];
		(void)json_object_set_new(o, rlimits[l->resource],
					  json_pack("[o,o]", number(l->soft),
						    number(l->hard)));
	}
	return o;
}

static json_t *json_landlock(const struct jail_plan *plan)
{
	json_t *rules = json_array();

	for (size_t i = 0; i < plan->n_rules; i++)
		(void)json_array_append_new(
			rules, json_pack("{s:o,s:o}", "path",
					 string(plan->rules[i].path), "access",
					 number(plan->rules[i].access)));
	return json_pack("{s:i,s:o}", "abi", plan->landlock_abi, "rules",
			 rules);
}

static json_t *json_head(const struct jail_plan *plan, char *const *argv)
{
	json_t *o = json_object(), *fds = json_array();

	for (size_t i = 0; i < plan->n_fds; i++)
		(void)json_array_append_new(fds, json_integer(plan->fds[i]));
	(void)json_object_set_new(o, "argv", strings(argv));
	set_string(o, "workdir", plan->workdir);
	set_string(o, "hostname", plan->hostname);
	(void)json_object_set_new(o, "uid", json_integer(plan->uid));
	(void)json_object_set_new(o, "gid", json_integer(plan->gid));
	(void)json_object_set_new(o, "umask", json_integer(plan->umask));
	(void)json_object_set_new(o, "uid_map", lines(plan->uid_map));
	(void)json_object_set_new(o, "gid_map", lines(plan->gid_map));
	(void)json_object_set_new(o, "subids", json_boolean(plan->subids));
	(void)json_object_set_new(o, "namespaces",
				  words(namespaces, ARRAY_LEN(namespaces),
					plan->clone_flags));
	set_string(o, "network", plan->loopback ? "none" : "host");
	(void)json_object_set_new(o, "fds", fds);
	(void)json_object_set_new(o, "environment", strings(plan->env.v));
	(void)json_object_set_new(o, "notes", strings(plan->notes.v));
	return o;
}

static int print_json(const struct jail_plan *plan, char *const *argv,
		      struct buf *out)
{
	_autobuf struct buf cg = { 0 }, filter = { 0 };
	_autofree char *text = NULL;
	json_t *o, *ops;
	int r = cg_describe(&plan->pol->limits, &cg);

	if (r == 0)
		r = filter_describe(plan, &filter);
	if (r < 0)
		return r;
	ops = json_array();
	for (size_t i = 0; i < plan->n_ops; i++)
		(void)json_array_append_new(ops, json_op(plan, i));
	o = json_head(plan, argv);
	(void)json_object_set_new(o, "root", ops);
	(void)json_object_set_new(o, "rlimits", json_rlimits(plan));
	(void)json_object_set_new(o, "landlock", json_landlock(plan));
	(void)json_object_set_new(o, "cgroup", lines(cg.data));
	(void)json_object_set_new(o, "filter", lines(filter.data));
	text = json_dumps(o, JSON_INDENT(2));
	json_decref(o);
	if (!text)
		return -ENOMEM;
	buf_puts(out, text);
	buf_puts(out, "\n");
	return out->failed ? -ENOMEM : 0;
}

int jail_plan_print(const struct jail_plan *plan, char *const *argv,
		    enum sbx_format format, struct buf *out,
		    struct sbx_err *err)
{
	int r;

	if (format == SBX_YAML)
		return sbx_failx(err, EINVAL, "a plan is text or json");
	r = format == SBX_JSON ? print_json(plan, argv, out)
			       : print_text(plan, argv, out);
	return r < 0 ? sbx_fail(err, -r, "print the plan") : 0;
}
