/* SPDX-License-Identifier: Apache-2.0 */
/* A jail's plan as plain data, and the facts of the host that it rests on. */
#include "runtime/jail/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/lock.h"
#include "runtime/jail/mount.h"

DEFINE_AUTO(jail_plan)

/* Grow an array by doubling; the new part is zeroed. NULL: no memory. */
static void *grow(void *v, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : 64;
	char *p;

	if (n < *cap)
		return v;
	p = reallocarray(v, more, size);
	if (!p)
		return NULL;
	memset(p + n * size, 0, (more - n) * size);
	*cap = more;
	return p;
}

struct jail_op *jail_plan_op(struct jail_plan *plan, enum jail_op_kind kind,
			     const char *dst)
{
	struct jail_op *ops =
		grow(plan->ops, plan->n_ops, &plan->cap_ops, sizeof(*ops));
	char *copy = strdup(dst);

	if (ops)
		plan->ops = ops;
	if (!ops || !copy) {
		free(copy);
		return NULL;
	}
	ops += plan->n_ops++;
	ops->kind = kind;
	ops->dst = copy;
	return ops;
}

struct jail_rule *jail_plan_rule(struct jail_plan *plan, const char *path,
				 uint64_t access)
{
	struct jail_rule *rules = grow(plan->rules, plan->n_rules,
				       &plan->cap_rules, sizeof(*rules));
	char *copy = strdup(path);

	if (rules)
		plan->rules = rules;
	if (!rules || !copy) {
		free(copy);
		return NULL;
	}
	rules += plan->n_rules++;
	rules->path = copy;
	rules->access = access;
	return rules;
}

void jail_plan_free(struct jail_plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->n_ops; i++) {
		free(plan->ops[i].src);
		free(plan->ops[i].dst);
		free(plan->ops[i].text);
		free(plan->ops[i].origin);
	}
	for (size_t i = 0; i < plan->n_rules; i++)
		free(plan->rules[i].path);
	if (!plan->filter_static)
		free(plan->filter.filter);
	free(plan->ops);
	free(plan->rules);
	free(plan->fds);
	free(plan->workdir);
	free(plan->hostname);
	strv_done(&plan->env);
	strv_done(&plan->notes);
	free(plan);
}

/* Linux 6.14 or newer, as uname(2) has it. */
static bool has_own_pid_max(void)
{
	unsigned major = 0, minor = 0;
	struct utsname u;

	if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &major, &minor) != 2)
		return false;
	return major > 6 || (major == 6 && minor >= 14);
}

void jail_host_probe(struct jail_host *ret)
{
	ret->uid = geteuid();
	ret->gid = getegid();
	ret->landlock_abi = landlock_probe();
	ret->own_pid_max = ret->uid == 0 && has_own_pid_max();
	if (!ret->environ)
		ret->environ = environ;
}

static void plan_ids(struct jail_plan *plan, const struct jail_host *host)
{
	bool root = plan->pol->user.id == POL_ID_ROOT;

	plan->uid = root ? 0 : host->uid;
	plan->gid = root ? 0 : host->gid;
	plan->subids = plan->pol->user.subids;
	(void)snprintf(plan->uid_map, sizeof(plan->uid_map), "%u %u 1\n",
		       plan->uid, host->uid);
	(void)snprintf(plan->gid_map, sizeof(plan->gid_map), "%u %u 1\n",
		       plan->gid, host->gid);
}

static uint64_t clone_flags(const struct policy *pol)
{
	uint64_t flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
			 CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

	if (pol->network.mode != POL_NET_HOST)
		flags |= CLONE_NEWNET;
	if (pol->time_namespace)
		flags |= CLONE_NEWTIME;
	return flags;
}

static bool is_set(const struct policy *pol, const char *name, size_t len)
{
	for (size_t i = 0; i < pol->env.n_set; i++)
		if (strlen(pol->env.set[i].name) == len &&
		    memcmp(pol->env.set[i].name, name, len) == 0)
			return true;
	return false;
}

/* Whether env.pass names the variable of "NAME=value" and env.set does not. */
static bool passes(const struct policy *pol, const char *var)
{
	size_t len = strcspn(var, "=");

	if (!var[len] || is_set(pol, var, len))
		return false;
	for (size_t i = 0; i < pol->env.pass.n; i++)
		if (strlen(pol->env.pass.v[i]) == len &&
		    memcmp(pol->env.pass.v[i], var, len) == 0)
			return true;
	return false;
}

static int plan_env(struct jail_plan *plan, const struct jail_host *host)
{
	const struct policy *pol = plan->pol;
	char *var;
	int r = 0;

	for (char *const *e = host->environ; e && *e && r == 0; e++)
		if (passes(pol, *e))
			r = strv_add(&plan->env, *e);
	for (size_t i = 0; i < pol->env.n_set && r == 0; i++) {
		if (asprintf(&var, "%s=%s", pol->env.set[i].name,
			     pol->env.set[i].value) < 0)
			return -ENOMEM;
		r = strv_take(&plan->env, var);
	}
	return r;
}

static int plan_fds(struct jail_plan *plan, struct sbx_err *err)
{
	const struct strv *fds = &plan->pol->fds;
	size_t at;
	int fd;

	if (fds->n)
		plan->fds = calloc(fds->n, sizeof(*plan->fds));
	if (fds->n && !plan->fds)
		return sbx_fail(err, ENOMEM, "plan");
	for (size_t i = 0; i < fds->n; i++) {
		fd = atoi(fds->v[i]);
		if (fd < 3 || fcntl(fd, F_GETFD) < 0)
			return sbx_failx(err, EBADF,
					 "fds: descriptor %s is not open; open "
					 "it for sbx, as in '%s<file'",
					 fds->v[i], fds->v[i]);
		for (at = plan->n_fds; at && plan->fds[at - 1] > fd; at--)
			plan->fds[at] = plan->fds[at - 1];
		plan->fds[at] = fd;
		plan->n_fds++;
	}
	return 0;
}

static int plan_rest(struct jail_plan *plan, const struct jail_host *host,
		     struct sbx_err *err)
{
	const struct policy *pol = plan->pol;

	plan_ids(plan, host);
	plan->clone_flags = clone_flags(pol);
	plan->umask = (mode_t)pol->user.umask;
	plan->loopback = pol->network.mode != POL_NET_HOST;
	plan->workdir = strdup(pol->workdir ? pol->workdir : "/");
	plan->hostname = strdup(pol->hostname ? pol->hostname : "sbx");
	if (!plan->workdir || !plan->hostname || plan_env(plan, host) < 0)
		return sbx_fail(err, ENOMEM, "plan");
	return plan_fds(plan, err);
}

int jail_plan_new(struct jail_plan **ret, const struct policy *pol,
		  const struct jail_host *host, struct sbx_err *err)
{
	_auto(jail_plan) struct jail_plan *plan = calloc(1, sizeof(*plan));
	int r;

	if (!plan)
		return sbx_fail(err, ENOMEM, "plan");
	if (pol->network.mode == POL_NET_ALLOW)
		return sbx_failx(err, ENOTSUP,
				 "network.mode: allow is not supported by this "
				 "version; use none or host");
	plan->pol = pol;
	r = plan_rest(plan, host, err);
	if (r == 0)
		r = mount_plan(plan, host, err);
	if (r == 0)
		r = rlimit_plan(plan, err);
	if (r == 0)
		r = landlock_plan(plan, host, err);
	if (r == 0)
		r = filter_plan(plan, err);
	if (r < 0)
		return r;
	*ret = take(plan);
	return 0;
}
