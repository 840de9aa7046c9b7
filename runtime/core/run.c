/* SPDX-License-Identifier: Apache-2.0 */
/* One run in a transient session: plan, place, watch, clean up, tell. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rootfs/overlay/changes.h"
#include "runtime/base/cleanup.h"
#include "runtime/core/limits.h"
#include "runtime/core/policy.h"
#include "runtime/core/result.h"
#include "runtime/core/rundir.h"
#include "runtime/jail/mount.h"
#include "runtime/jail/plan.h"

/* Changed files listed in a report; more are counted only. */
#define MAX_CHANGES 10000

DEFINE_AUTO(sbx_result)
DEFINE_AUTO(jail_plan)

/* The policy with what --best-effort turns from "must" into "may". */
static int effective_policy(const struct sbx_policy *p, bool best_effort,
			    struct policy *ret, struct strv *warnings,
			    struct sbx_err *err)
{
	*ret = *p->pol;
	if (ret->mode != POL_MODE_JAIL)
		return sbx_failx(err, ENOTSUP,
				 "mode: only 'jail' is available in this "
				 "version");
	if (!best_effort)
		return 0;
	if (ret->limits.enforce == POL_ENFORCE_CGROUP) {
		ret->limits.enforce = POL_ENFORCE_AUTO;
		if (strv_add(warnings, "limits.enforce: cgroup is taken as "
				       "auto (--best-effort)") < 0)
			return sbx_fail(err, ENOMEM, "warnings");
	}
	if (ret->landlock == POL_LANDLOCK_REQUIRE) {
		ret->landlock = POL_LANDLOCK_AUTO;
		if (strv_add(warnings, "landlock: require is taken as auto "
				       "(--best-effort)") < 0)
			return sbx_fail(err, ENOMEM, "warnings");
	}
	return 0;
}

static int check_opts(const struct sbx_run_opts *opts, struct sbx_err *err)
{
	if (opts->size != sizeof(*opts))
		return sbx_failx(err, EINVAL,
				 "struct sbx_run_opts of another version");
	if (!opts->argv || !opts->argv[0] || !opts->argv[0][0])
		return sbx_failx(err, EINVAL, "no program to run");
	return 0;
}

static int make_plan(const struct policy *pol, struct jail_plan **ret,
		     struct sbx_err *err)
{
	_autofree char *state = rundir_state_path(NULL);
	struct jail_host host = { 0 };

	jail_host_probe(&host);
	host.state_dir = state;
	return jail_plan_new(ret, pol, &host, err);
}

int sbx_run_plan(const struct sbx_policy *p, const struct sbx_run_opts *opts,
		 enum sbx_format format, char **ret, struct sbx_err *err)
{
	_auto(jail_plan) struct jail_plan *plan = NULL;
	_autobuf struct buf out = { 0 };
	struct strv warnings = { 0 };
	struct policy pol;
	int r = check_opts(opts, err);

	if (r == 0)
		r = effective_policy(p, opts->best_effort, &pol, &warnings,
				     err);
	strv_done(&warnings);
	if (r == 0)
		r = make_plan(&pol, &plan, err);
	if (r == 0)
		r = jail_plan_print(plan, opts->argv, format, &out, err);
	if (r < 0)
		return r;
	*ret = buf_take(&out);
	return *ret ? 0 : sbx_fail(err, ENOMEM, "plan");
}

/* Everything one run holds while it goes on. */
struct run {
	struct policy pol;
	struct jail_plan *plan;
	struct rundir dir;
	struct cgroup cg;
	bool discard; /* drop the changes */
	bool settled; /* dir was removed or kept */
	struct sbx_result *res;
};

static int warn(struct sbx_result *res, const struct sbx_err *e)
{
	return strv_add(&res->warnings, e->msg);
}

static int copy_notes(struct run *run, struct sbx_err *err)
{
	const struct strv *from = &run->plan->notes;

	for (size_t i = 0; i < from->n; i++)
		if (strv_add(&run->res->notes, from->v[i]) < 0)
			return sbx_fail(err, ENOMEM, "notes");
	return 0;
}

/* The run's directory with its upper layers, where the plan wants any. */
static int prepare_dir(struct run *run, struct sbx_err *err)
{
	const struct jail_plan *plan = run->plan;
	int r;

	if (!plan->n_uppers)
		return 0;
	r = rundir_open(plan->n_uppers, &run->dir, err);
	if (r == 0 && !run->dir.layered)
		r = overlay_prepare(plan, run->dir.fd, err);
	for (size_t i = 0; r == 0 && i < plan->n_ops; i++) {
		const struct jail_op *op = &plan->ops[i];

		if (op->kind == JAIL_OP_OVERLAY && !op->in_memory)
			r = rundir_unlabel(&run->dir, op->upper_index, op->src,
					   err);
	}
	return r;
}

/* What the run's directory needs only if the run is killed, and what others
 * that were killed have left: done while the jail is being made. */
static void tend_dir(struct run *run)
{
	const struct jail_plan *plan = run->plan;
	struct sbx_err err = { 0 };
	int r = 0;

	if (run->dir.fd < 0)
		return;
	for (size_t i = 0; r == 0 && i < plan->n_ops; i++) {
		const struct jail_op *op = &plan->ops[i];

		if (op->kind == JAIL_OP_OVERLAY && !op->in_memory)
			r = rundir_label(&run->dir, op->upper_index, op->src,
					 op->dst, &err);
	}
	if (r < 0)
		(void)warn(run->res, &err);
	rundir_sweep(run->dir.state);
}

/* A guest that may write to what holds the state directory must not be the one
 * that makes it: the plan covers it only where it is. */
static void claim_state(const struct policy *pol)
{
	_autofd int fd = -1;

	for (size_t i = 0; i < pol->n_mounts && fd < 0; i++)
		if (pol->mounts[i].access == POL_RW)
			fd = rundir_open_state(NULL, NULL);
}

static int prepare(struct run *run, const struct sbx_run_opts *opts,
		   struct sbx_err *err)
{
	struct sbx_result *res = run->res;
	int r;

	claim_state(&run->pol);
	r = make_plan(&run->pol, &run->plan, err);
	if (r == 0)
		r = copy_notes(run, err);
	if (r == 0)
		r = cg_open(&run->cg, &run->pol.limits, err);
	if (r == 0)
		r = limits_check(&run->pol.limits, &run->cg, opts->best_effort,
				 &res->warnings, err);
	if (r == 0)
		r = prepare_dir(run, err);
	if (r < 0)
		return r;
	res->lim = run->pol.limits;
	res->how = run->cg.how;
	res->controllers = run->cg.controllers;
	res->landlock_abi = run->plan->landlock_abi;
	(void)snprintf(res->why_not, sizeof(res->why_not), "%s",
		       run->cg.why_not);
	(void)snprintf(res->cgroup_path, sizeof(res->cgroup_path), "%s",
		       run->cg.path);
	res->policy = strdup(run->pol.source);
	return res->policy ? 0 : sbx_fail(err, ENOMEM, "policy");
}

/* The kernel's own figures, where there is a cgroup. */
static void take_usage(struct run *run)
{
	struct sbx_result *res = run->res;
	struct jail_outcome *o = &res->out;

	memset(&res->usage, 0xff, sizeof(res->usage));
	if (run->cg.dirfd < 0 || cg_usage(&run->cg, &res->usage) < 0)
		return;
	if (res->usage.cpu_us != SBX_UNKNOWN)
		o->cpu_us = res->usage.cpu_us;
	if (res->usage.memory_peak != SBX_UNKNOWN)
		o->memory_peak = res->usage.memory_peak;
	if (res->usage.pids_peak != SBX_UNKNOWN)
		o->pids_peak = res->usage.pids_peak;
	o->io_read = res->usage.io_read;
	o->io_write = res->usage.io_write;
	if (res->usage.oom_kills != SBX_UNKNOWN && res->usage.oom_kills > 0 &&
	    o->signal == SIGKILL &&
	    (o->cause == SBX_CAUSE_SIGNAL || o->cause == SBX_CAUSE_KILLED))
		o->cause = SBX_CAUSE_OOM;
}

static int open_upper(const struct run *run, const struct jail_op *op)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%u/upper", op->upper_index);
	return openat(run->dir.fd, name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* List what one overlay's upper layer holds. */
static int scan_one(struct run *run, const struct jail_op *op,
		    struct result_overlay *o, struct sbx_err *err)
{
	_autofd int upper = -1;
	_autofd int lower = -1;

	o->guest = strdup(op->dst);
	o->host = strdup(op->src);
	o->in_memory = op->in_memory;
	if (!o->guest || !o->host)
		return sbx_fail(err, ENOMEM, "changes");
	if (op->in_memory)
		return 0;
	upper = open_upper(run, op);
	if (upper < 0)
		return sbx_fail(err, errno, "upper layer of %s", op->dst);
	lower = open(op->src, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return ovl_changes_scan(upper, lower, MAX_CHANGES, &o->changes, err);
}

static int scan_changes(struct run *run, struct sbx_err *err)
{
	const struct jail_plan *plan = run->plan;
	struct sbx_result *res = run->res;
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < plan->n_ops; i++)
		n += plan->ops[i].kind == JAIL_OP_OVERLAY &&
		     plan->ops[i].origin;
	if (!n)
		return 0;
	res->overlays = calloc(n, sizeof(*res->overlays));
	if (!res->overlays)
		return sbx_fail(err, ENOMEM, "changes");
	for (size_t i = 0; r == 0 && i < plan->n_ops; i++)
		if (plan->ops[i].kind == JAIL_OP_OVERLAY && plan->ops[i].origin)
			r = scan_one(run, &plan->ops[i],
				     &res->overlays[res->n_overlays++], err);
	return r;
}

/* Keep the changes where there are any, or where we could not tell. */
static void settle_dir(struct run *run)
{
	struct sbx_err err = { 0 };
	int scan, r;

	if (run->dir.fd < 0 || run->settled)
		return;
	run->settled = true;
	scan = scan_changes(run, &err);
	if (scan < 0)
		(void)warn(run->res, &err);
	if (scan == 0 && !sbx_result_changes(run->res)) {
		r = rundir_retire(&run->dir, &err);
	} else if (run->discard) {
		r = rundir_remove(&run->dir, &err);
	} else {
		r = rundir_keep(&run->dir, &err);
		run->res->kept = strdup(run->dir.path);
		memcpy(run->res->kept_id, run->dir.id,
		       sizeof(run->res->kept_id));
	}
	if (r < 0)
		(void)warn(run->res, &err);
}

static const struct {
	enum sbx_cause cause;
	const char *name;
	int status; /* 0: from the program's end */
} causes[] = {
	{ SBX_CAUSE_NONE, "none", 0 },
	{ SBX_CAUSE_EXIT, "exit", 0 },
	{ SBX_CAUSE_SIGNAL, "signal", 0 },
	{ SBX_CAUSE_TIMEOUT, "timeout", SBX_EXIT_TIMEOUT },
	{ SBX_CAUSE_IDLE, "idle", SBX_EXIT_TIMEOUT },
	{ SBX_CAUSE_OOM, "oom", 128 + SIGKILL },
	{ SBX_CAUSE_PIDS, "pids", 128 + SIGKILL },
	{ SBX_CAUSE_CPU, "cpu", 128 + SIGXCPU },
	{ SBX_CAUSE_OUTPUT, "output", 128 + SIGKILL },
	{ SBX_CAUSE_DISK, "disk", 128 + SIGKILL },
	{ SBX_CAUSE_KILLED, "killed", 0 },
	{ SBX_CAUSE_SETUP, "setup", SBX_EXIT_FAILED },
};

const char *sbx_cause_name(enum sbx_cause cause)
{
	return (size_t)cause < ARRAY_LEN(causes) ? causes[cause].name : "?";
}

static int status_of(const struct jail_outcome *o)
{
	if (o->cause == SBX_CAUSE_SETUP && o->noexec)
		return o->err.code == ENOENT ? SBX_EXIT_NOTFOUND
					     : SBX_EXIT_NOEXEC;
	if (causes[o->cause].status)
		return causes[o->cause].status;
	return o->signal ? 128 + o->signal : o->exit_code;
}

/* One line on what ended it, for causes that need one. */
static void describe(struct sbx_result *res)
{
	const struct jail_outcome *o = &res->out;
	const struct limit_row *row = limit_of_cause(o->cause);
	char value[32];

	if (o->cause == SBX_CAUSE_SETUP) {
		res->message = o->err;
		if (!o->noexec)
			(void)sbx_wrap(&res->message, -1, "step '%s'",
				       o->err.step);
	} else if (row) {
		limit_print(row, limit_value(row, &res->lim), value,
			    sizeof(value));
		(void)sbx_failx(&res->message, 0, "%s limit of %s reached (%s)",
				row->what, value, row->key);
	} else if (o->cause == SBX_CAUSE_KILLED) {
		(void)sbx_failx(&res->message, 0, "killed by signal %d (%s)",
				o->signal,
				sigabbrev_np(o->signal)
					? sigabbrev_np(o->signal)
					: "?");
	}
}

static void at_moment(enum jail_moment moment, void *arg)
{
	struct run *run = arg;

	if (moment == JAIL_STARTED) {
		tend_dir(run);
		cg_sweep(&run->cg);
	} else {
		settle_dir(run);
	}
}

static int execute(struct run *run, const struct sbx_run_opts *opts,
		   struct sbx_err *err)
{
	struct sbx_result *res = run->res;
	struct sbx_err cg_err = { 0 };
	struct jail_place place = {
		.cg = &run->cg,
		.moment = at_moment,
		.arg = run,
	};
	int r = prepare(run, opts, err);

	place.rundir = run->dir.fd;
	run->discard = opts->discard;
	if (r == 0)
		r = jail_run(run->plan, opts, &place, &res->out, err);
	if (r == 0)
		take_usage(run);
	if (cg_close(&run->cg, &cg_err) < 0)
		(void)warn(res, &cg_err);
	run->discard |= r < 0;
	settle_dir(run);
	rundir_done(&run->dir);
	if (r < 0)
		return r;
	describe(res);
	res->status = status_of(&res->out);
	return 0;
}

int sbx_run(const struct sbx_policy *p, const struct sbx_run_opts *opts,
	    struct sbx_result **ret, struct sbx_err *err)
{
	_auto(sbx_result) struct sbx_result *res = NULL;
	struct run run = { .dir = RUNDIR_NONE,
			   .cg = { .dirfd = -1, .parentfd = -1 } };
	int r = check_opts(opts, err);

	if (r < 0)
		return r;
	res = calloc(1, sizeof(*res));
	if (!res)
		return sbx_fail(err, ENOMEM, "result");
	run.res = res;
	r = effective_policy(p, opts->best_effort, &run.pol, &res->warnings,
			     err);
	if (r == 0)
		r = execute(&run, opts, err);
	jail_plan_free(run.plan);
	if (r < 0)
		return r;
	*ret = take(res);
	return 0;
}
