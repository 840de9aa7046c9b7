/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: rules from the plan's mounts, and putting them in force. */
#include "runtime/jail/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/path.h"
#include "runtime/base/sys.h"
#include "runtime/jail/landlock_abi.h"
#include "runtime/jail/lock.h"

/*
 * How this works. The mounts already say what can be seen and written; the
 * rules say it a second time, by another part of the kernel. What is reached
 * by a mistake in the mounts (an old root that stayed, a descriptor that
 * leaked, a part of /proc that was not masked) lies below no rule and stays
 * closed. A rule holds for all below its path, and rights add up on the way to
 * the root, so nothing is written where a rule above says it already.
 *
 * Nothing in /proc may be written at all: where root started the jail, the
 * files of /proc/sys would obey it. Programs do without /proc/self/comm and
 * its like. Sockets are reachable where they were made by the jail itself or
 * where the policy mounts the very socket (ABI 9).
 */
#define READ (LL_READ_FILE | LL_READ_DIR)
#define USE (READ | LL_EXECUTE)
#define CHANGE                                                       \
	(LL_WRITE_FILE | LL_TRUNCATE | LL_REFER | LL_REMOVE_DIR |    \
	 LL_REMOVE_FILE | LL_MAKE_DIR | LL_MAKE_REG | LL_MAKE_SOCK | \
	 LL_MAKE_FIFO | LL_MAKE_SYM)
#define DEVICES (READ | LL_WRITE_FILE | LL_TRUNCATE | LL_IOCTL_DEV)

/* Abstract sockets and signals are refused since this ABI. */
#define LL_SCOPES_SINCE 6

uint64_t landlock_handled(int abi)
{
	static const struct {
		int abi;
		uint64_t access;
	} since[] = {
		{ 1, LL_REFER - 1 }, { 2, LL_REFER },	     { 3, LL_TRUNCATE },
		{ 5, LL_IOCTL_DEV }, { 9, LL_RESOLVE_UNIX },
	};
	uint64_t all = 0;

	for (size_t i = 0; i < ARRAY_LEN(since); i++)
		if (abi >= since[i].abi)
			all |= since[i].access;
	return all;
}

int landlock_probe(void)
{
	int abi = ll_create(NULL, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : abi;
}

/* ---- planning ---------------------------------------------------------- */

/* The attributes that the step's mount has in the end. */
static uint64_t final_attr(const struct jail_plan *plan, size_t i)
{
	uint64_t attr = plan->ops[i].attr;

	if (plan->ops[i].attr_later)
		for (size_t j = i + 1; j < plan->n_ops; j++)
			if (plan->ops[j].kind == JAIL_OP_READONLY &&
			    path_within(plan->ops[i].dst, plan->ops[j].dst))
				attr |= plan->ops[j].attr;
	return attr;
}

static uint64_t mount_access(const struct jail_plan *plan, size_t i)
{
	const struct jail_op *op = &plan->ops[i];
	uint64_t attr = final_attr(plan, i), access = USE;

	if (op->device)
		return DEVICES & LL_FILE;
	if (attr & MOUNT_ATTR_NOEXEC)
		access &= ~LL_EXECUTE;
	if (!(attr & MOUNT_ATTR_RDONLY))
		access |= CHANGE;
	if (op->kind == JAIL_OP_BIND && op->origin)
		access |= LL_RESOLVE_UNIX; /* it may be a socket */
	if (op->kind != JAIL_OP_MEMDIR && !op->src_is_dir)
		access &= LL_FILE;
	else
		access &= ~LL_RESOLVE_UNIX;
	return access;
}

/*
 * What a step of the plan opens at its dst; 0: nothing of its own. Listing any
 * directory is allowed by the rule of "/", so a directory that only leads to a
 * mount needs no rule.
 */
static uint64_t op_access(const struct jail_plan *plan, size_t i)
{
	const struct jail_op *op = &plan->ops[i];

	switch (op->kind) {
	case JAIL_OP_TMPFS:
		/* the jail's own tree: its parts have rules of their own */
		if (strcmp(op->dst, "/") == 0)
			return LL_READ_DIR;
		return mount_access(plan, i);
	case JAIL_OP_BIND:
	case JAIL_OP_OVERLAY:
	case JAIL_OP_MEMDIR:
		return mount_access(plan, i);
	case JAIL_OP_PROC:
		return READ;
	case JAIL_OP_DEVPTS:
		return DEVICES;
	case JAIL_OP_DIR:
	case JAIL_OP_FILE:
	case JAIL_OP_LINK:
	case JAIL_OP_REBIND:
	case JAIL_OP_READONLY:
	case JAIL_OP_SYSCTL:
		break;
	}
	return 0;
}

/* /dev as a whole has one rule, for the devices that are bound there. */
static bool in_dev(const struct jail_op *op)
{
	if (strcmp(op->dst, "/dev") == 0)
		return true;
	return path_within(op->dst, "/dev") &&
	       (op->device || op->kind == JAIL_OP_DIR ||
		op->kind == JAIL_OP_FILE || op->kind == JAIL_OP_DEVPTS);
}

/* Whether the rules above `path` already give all of `access`. */
static bool implied(const struct jail_plan *plan, const char *path,
		    uint64_t access)
{
	for (size_t i = 0; i < plan->n_rules && access; i++) {
		const struct jail_rule *above = &plan->rules[i];

		if (!above->optional && strcmp(above->path, path) != 0 &&
		    path_within(path, above->path))
			access &= ~above->access;
	}
	return access == 0;
}

static struct jail_rule *find_rule(struct jail_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->n_rules; i++)
		if (strcmp(plan->rules[i].path, path) == 0)
			return &plan->rules[i];
	return NULL;
}

/* The last mount at a path is the one that is seen there. */
static int set_rule(struct jail_plan *plan, const char *path, uint64_t access,
		    bool optional, struct sbx_err *err)
{
	struct jail_rule *rule = find_rule(plan, path);

	if (!rule && implied(plan, path, access))
		return 0;
	if (!rule)
		rule = jail_plan_rule(plan, path, access);
	if (!rule)
		return sbx_fail(err, ENOMEM, "plan");
	rule->access = access;
	rule->optional = optional;
	return 0;
}

/* A file in the jail's own tree: its directory's rule, for there are many of
 * them in /etc. Not that of "/", which would be everything's. */
static int set_file(struct jail_plan *plan, const char *path,
		    struct sbx_err *err)
{
	_autofree char *dir = NULL;
	struct jail_rule *rule;
	char *slash;

	if (implied(plan, path, LL_READ_FILE))
		return 0;
	dir = strdup(path);
	if (!dir)
		return sbx_fail(err, ENOMEM, "plan");
	slash = strrchr(dir, '/');
	if (slash && slash != dir)
		*slash = '\0';
	rule = find_rule(plan, dir);
	if (!rule)
		rule = jail_plan_rule(plan, dir, 0);
	if (!rule)
		return sbx_fail(err, ENOMEM, "plan");
	rule->access |= slash == dir ? LL_READ_FILE : USE;
	return 0;
}

/* Remove what is implied, from the deepest: what stays implies the same. */
static void drop_implied(struct jail_plan *plan)
{
	for (size_t i = plan->n_rules; i-- > 0;) {
		if (!implied(plan, plan->rules[i].path, plan->rules[i].access))
			continue;
		free(plan->rules[i].path);
		memmove(&plan->rules[i], &plan->rules[i + 1],
			(plan->n_rules - i - 1) * sizeof(plan->rules[i]));
		plan->n_rules--;
	}
}

static int plan_rules(struct jail_plan *plan, struct sbx_err *err)
{
	int r = 0;

	for (size_t i = 0; i < plan->n_ops && r == 0; i++) {
		const struct jail_op *op = &plan->ops[i];
		uint64_t access = op_access(plan, i);

		if (in_dev(op))
			r = set_rule(plan, "/dev", DEVICES, false, err);
		else if (op->kind == JAIL_OP_FILE)
			r = set_file(plan, op->dst, err);
		else if (access)
			r = set_rule(plan, op->dst, access, op->optional, err);
	}
	if (r == 0)
		drop_implied(plan);
	return r;
}

/*
 * ABI 1 refuses every rename and link from one directory to another, whatever
 * the rules: programs would break, so it is used only where it is demanded.
 */
int landlock_plan(struct jail_plan *plan, const struct jail_host *host,
		  struct sbx_err *err)
{
	bool demanded = plan->pol->landlock == POL_LANDLOCK_REQUIRE;
	int abi = host->landlock_abi;

	if (abi < 1 && demanded)
		return sbx_failx(err, ENOTSUP,
				 "landlock: require: this kernel has no "
				 "Landlock, or started without it; add "
				 "landlock to the kernel's lsm= parameter, or "
				 "use landlock: auto");
	if (abi == 1 && !demanded) {
		abi = 0;
		if (strv_add(&plan->notes, "Landlock is not used: the kernel's "
					   "(ABI 1) refuses every rename "
					   "between directories") < 0)
			return sbx_fail(err, ENOMEM, "plan");
	}
	if (abi < LL_SCOPES_SINCE && plan->pol->network.mode == POL_NET_HOST &&
	    strv_add(&plan->notes, "network.mode: host: the host's abstract "
				   "sockets can be reached, for this kernel's "
				   "Landlock cannot refuse them (Linux 6.12 "
				   "can)") < 0)
		return sbx_fail(err, ENOMEM, "plan");
	plan->landlock_abi = abi < LL_NEWEST ? abi : LL_NEWEST;
	return abi < 1 ? 0 : plan_rules(plan, err);
}

/* ---- applying ---------------------------------------------------------- */

static int add_rule(int ruleset, const struct jail_rule *rule, uint64_t handled,
		    struct sbx_err *err)
{
	_autofd int fd = sys_openat2(AT_FDCWD, rule->path, O_PATH | O_CLOEXEC,
				     0, RESOLVE_NO_SYMLINKS);

	if (fd < 0 && rule->optional)
		return 0;
	if (fd < 0)
		return sbx_fail(err, errno, "open '%s'", rule->path);
	if (ll_add_path(ruleset, fd, rule->access & handled) < 0)
		return sbx_fail(err, errno, "rule for '%s'", rule->path);
	return 0;
}

int landlock_apply(const struct jail_plan *plan, struct sbx_err *err)
{
	int abi = plan->landlock_abi, r = 0;
	struct ll_ruleset attr = {
		.fs = landlock_handled(abi),
		.scoped = abi < LL_SCOPES_SINCE
				  ? 0
				  : LL_SCOPE_ABSTRACT_SOCKET | LL_SCOPE_SIGNAL,
	};
	/* a guest must not be able to fill the host's audit log */
	uint32_t flags = abi < 7 ? 0
				 : LL_LOG_SAME_EXEC_OFF | LL_LOG_SUBDOMAINS_OFF;
	_autofd int ruleset = ll_create(&attr, 0);

	if (ruleset < 0)
		return sbx_fail(err, errno, "create ruleset");
	for (size_t i = 0; i < plan->n_rules && r == 0; i++)
		r = add_rule(ruleset, &plan->rules[i], attr.fs, err);
	if (r < 0)
		return r;
	if (ll_restrict_self(ruleset, flags) < 0)
		return sbx_fail(err, errno, "restrict the process");
	return 0;
}
