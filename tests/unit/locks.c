/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan says of Landlock's rules and of resource limits. */
#include "runtime/jail/lock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mount.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/landlock.h"
#include "runtime/jail/landlock_abi.h"
#include "tests/tap/tap.h"

DEFINE_AUTO(jail_plan)

static const struct policy plain;

static struct jail_plan *new_plan(const struct policy *pol)
{
	struct jail_plan *plan = calloc(1, sizeof(*plan));

	if (!plan)
		abort();
	plan->pol = pol;
	return plan;
}

static struct jail_op *add(struct jail_plan *plan, enum jail_op_kind kind,
			   const char *dst, uint64_t attr)
{
	struct jail_op *op = jail_plan_op(plan, kind, dst);

	if (!op)
		abort();
	op->attr = attr;
	op->src_is_dir = true;
	return op;
}

/* The letters of what a rule gives: r read, l list, x execute, w write,
 * c create and remove, d device calls, u sockets. */
static const char *letters(uint64_t access)
{
	static const struct {
		char letter;
		uint64_t bit;
	} all[] = {
		{ 'r', LL_READ_FILE },	  { 'l', LL_READ_DIR },
		{ 'x', LL_EXECUTE },	  { 'w', LL_WRITE_FILE },
		{ 'c', LL_MAKE_REG },	  { 'd', LL_IOCTL_DEV },
		{ 'u', LL_RESOLVE_UNIX },
	};
	static char text[16];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (access & all[i].bit)
			text[n++] = all[i].letter;
	text[n] = '\0';
	return text;
}

/* "/=l /usr=rlx": all rules, in order. */
static void are_rules(struct jail_plan *plan, const char *want,
		      const char *name)
{
	const struct jail_host host = { .landlock_abi = 7 };
	_autobuf struct buf got = { 0 };
	struct sbx_err err = { 0 };

	is_int(landlock_plan(plan, &host, &err), 0, "%s: planned", name);
	for (size_t i = 0; i < plan->n_rules; i++)
		buf_printf(&got, "%s%s%s=%s", i ? " " : "",
			   plan->rules[i].optional ? "?" : "",
			   plan->rules[i].path, letters(plan->rules[i].access));
	is_str(got.data, want, "%s: the rules", name);
}

static void test_host_view(void)
{
	_auto(jail_plan) struct jail_plan *plan = new_plan(&plain);

	add(plan, JAIL_OP_TMPFS, "/", 0);
	add(plan, JAIL_OP_DIR, "/usr", 0);
	add(plan, JAIL_OP_BIND, "/usr", MOUNT_ATTR_RDONLY);
	add(plan, JAIL_OP_LINK, "/bin", 0);
	add(plan, JAIL_OP_DIR, "/etc", 0);
	add(plan, JAIL_OP_FILE, "/etc/passwd", 0);
	add(plan, JAIL_OP_BIND, "/etc/ssl", MOUNT_ATTR_RDONLY);
	add(plan, JAIL_OP_DIR, "/dev", 0);
	add(plan, JAIL_OP_FILE, "/dev/null", 0);
	add(plan, JAIL_OP_BIND, "/dev/null", 0)->device = true;
	add(plan, JAIL_OP_PROC, "/proc", 0);
	add(plan, JAIL_OP_REBIND, "/proc/sys", MOUNT_ATTR_RDONLY);
	add(plan, JAIL_OP_MEMDIR, "/tmp", 0);
	add(plan, JAIL_OP_MEMDIR, "/dev/shm", 0);
	add(plan, JAIL_OP_DIR, "/home", 0);
	add(plan, JAIL_OP_MEMDIR, "/home/agent", 0);
	add(plan, JAIL_OP_OVERLAY, "/workspace", 0);
	add(plan, JAIL_OP_DEVPTS, "/dev/pts", 0);
	are_rules(plan,
		  "/=l /usr=rlx /etc=rlx /dev=rlwd /proc=rl /tmp=rlxwc "
		  "/dev/shm=rlxwc /home/agent=rlxwc /workspace=rlxwc",
		  "the host's view");
}

static void test_mounts(void)
{
	_auto(jail_plan) struct jail_plan *plan = new_plan(&plain);
	struct jail_op *op;

	add(plan, JAIL_OP_TMPFS, "/", 0);
	add(plan, JAIL_OP_BIND, "/ro", MOUNT_ATTR_RDONLY)->optional = true;
	add(plan, JAIL_OP_BIND, "/ro/below", MOUNT_ATTR_RDONLY);
	add(plan, JAIL_OP_BIND, "/later", 0)->attr_later = true;
	add(plan, JAIL_OP_READONLY, "/", MOUNT_ATTR_RDONLY);
	add(plan, JAIL_OP_BIND, "/rw", 0);
	add(plan, JAIL_OP_BIND, "/rw/ro", MOUNT_ATTR_RDONLY);
	add(plan, JAIL_OP_TMPFS, "/data", MOUNT_ATTR_NOEXEC);
	op = add(plan, JAIL_OP_BIND, "/run/agent.sock", 0);
	op->src_is_dir = false;
	op->origin = strdup("p.yaml:1:1: mounts[0]");
	op = add(plan, JAIL_OP_BIND, "/host.conf", MOUNT_ATTR_RDONLY);
	op->src_is_dir = false;
	add(plan, JAIL_OP_FILE, "/top", 0);
	are_rules(plan,
		  "/=l ?/ro=rlx /ro/below=rlx /later=rlx /rw=rlxwc "
		  "/data=rlwc /run/agent.sock=rxwu /host.conf=rx /top=r",
		  "a policy's mounts");
}

/* What lies above is dropped where the whole is open, and what was mounted
 * over is forgotten. */
static void test_whole(void)
{
	_auto(jail_plan) struct jail_plan *plan = new_plan(&plain);

	add(plan, JAIL_OP_OVERLAY, "/", MOUNT_ATTR_RDONLY);
	add(plan, JAIL_OP_BIND, "/opt", MOUNT_ATTR_RDONLY);
	add(plan, JAIL_OP_MEMDIR, "/tmp", 0);
	add(plan, JAIL_OP_BIND, "/tmp", MOUNT_ATTR_RDONLY);
	add(plan, JAIL_OP_MEMDIR, "/dev", 0);
	add(plan, JAIL_OP_FILE, "/dev/null", 0);
	are_rules(plan, "/=rlx /dev=rlwd", "a directory as the root");
}

static void test_abi(void)
{
	static const struct {
		int abi;
		uint64_t has, hasnt;
	} rows[] = {
		{ 1, LL_MAKE_SYM, LL_REFER },
		{ 2, LL_REFER, LL_TRUNCATE },
		{ 3, LL_TRUNCATE, LL_IOCTL_DEV },
		{ 4, LL_TRUNCATE, LL_IOCTL_DEV },
		{ 5, LL_IOCTL_DEV, LL_RESOLVE_UNIX },
		{ 8, LL_IOCTL_DEV, LL_RESOLVE_UNIX },
		{ 9, LL_RESOLVE_UNIX, UINT64_C(1) << 17 },
		{ LL_NEWEST, LL_RESOLVE_UNIX, UINT64_C(1) << 17 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t all = landlock_handled(rows[i].abi);

		ok((all & rows[i].has) && !(all & rows[i].hasnt),
		   "ABI %d handles what it knows", rows[i].abi);
	}
}

static int plan_abi(uint64_t mode, int abi, int *ret, size_t *notes,
		    struct sbx_err *err)
{
	const struct policy pol = { .landlock = mode };
	const struct jail_host host = { .landlock_abi = abi };
	_auto(jail_plan) struct jail_plan *plan = new_plan(&pol);
	int r;

	add(plan, JAIL_OP_TMPFS, "/", 0);
	r = landlock_plan(plan, &host, err);
	*ret = plan->landlock_abi;
	*notes = plan->notes.n;
	return r;
}

static void test_demand(void)
{
	struct sbx_err err = { 0 };
	size_t notes;
	int abi;

	is_int(plan_abi(POL_LANDLOCK_AUTO, 0, &abi, &notes, &err), 0,
	       "auto: none is no error");
	is_int(abi, 0, "auto: none is used");
	is_int(plan_abi(POL_LANDLOCK_AUTO, 1, &abi, &notes, &err), 0,
	       "auto: ABI 1 is no error");
	is_int(abi, 0, "auto: ABI 1 is not used");
	is_int(notes, 1, "auto: and the plan says why");
	is_int(plan_abi(POL_LANDLOCK_AUTO, 99, &abi, &notes, &err), 0,
	       "auto: a newer kernel");
	is_int(abi, LL_NEWEST, "auto: is used as far as it is known");
	is_int(plan_abi(POL_LANDLOCK_REQUIRE, 1, &abi, &notes, &err), 0,
	       "require: ABI 1 will do");
	is_int(abi, 1, "require: and is used");
	is_int(plan_abi(POL_LANDLOCK_REQUIRE, 0, &abi, &notes, &err), -ENOTSUP,
	       "require: none is an error");
	has_str(err.msg, "landlock: require: this kernel has no Landlock",
		"require: that names the key");
}

/* With the host's network its abstract sockets are in reach before ABI 6. */
static void test_host_network(void)
{
	static const size_t noted[] = { [5] = 1, [6] = 0 };
	const struct policy pol = { .network = { .mode = POL_NET_HOST } };

	for (int abi = 5; abi <= 6; abi++) {
		_auto(jail_plan) struct jail_plan *plan = new_plan(&pol);
		const struct jail_host host = { .landlock_abi = abi };

		add(plan, JAIL_OP_TMPFS, "/", 0);
		(void)landlock_plan(plan, &host, NULL);
		is_int(plan->notes.n, noted[abi],
		       "network host, ABI %d: what is said of sockets", abi);
	}
}

static uint64_t limit_of(const struct jail_plan *plan, int resource, bool soft)
{
	for (size_t i = 0; i < plan->n_rlimits; i++)
		if (plan->rlimits[i].resource == resource)
			return soft ? plan->rlimits[i].soft
				    : plan->rlimits[i].hard;
	return POL_NONE - 1;
}

static void test_rlimits(void)
{
	struct policy pol = { 0 };
	_auto(jail_plan) struct jail_plan *plan = new_plan(&pol);
	const struct rlimit low = { .rlim_cur = 32, .rlim_max = 40 };
	struct sbx_err err = { 0 };

	memset(&pol.limits, 0xff, sizeof(pol.limits));
	is_int(rlimit_plan(plan, &err), 0, "rlimits: without limits");
	is_int(limit_of(plan, RLIMIT_CORE, true), 0, "rlimits: never a core");
	is_int(limit_of(plan, RLIMIT_RTPRIO, false), 0,
	       "rlimits: never real time");
	ok(limit_of(plan, RLIMIT_NPROC, true) == POL_NONE - 1,
	   "rlimits: none on processes where the policy has none");
	pol.limits.pids = 5;
	pol.limits.cpu_time = 1500;
	pol.limits.open_files = 1000;
	if (setrlimit(RLIMIT_NOFILE, &low) < 0)
		abort();
	is_int(rlimit_plan(plan, &err), 0, "rlimits: with limits");
	ok(limit_of(plan, RLIMIT_NPROC, false) > 5,
	   "rlimits: the limit that can be told is met first");
	is_int(limit_of(plan, RLIMIT_CPU, true), 4,
	       "rlimits: CPU seconds are rounded up, with room");
	is_int(limit_of(plan, RLIMIT_NOFILE, false), 40,
	       "rlimits: no more than the caller has");
	is_int(limit_of(plan, RLIMIT_NOFILE, true), 40,
	       "rlimits: and no soft limit above");
}

int main(void)
{
	test_host_view();
	test_mounts();
	test_whole();
	test_abi();
	test_demand();
	test_host_network();
	test_rlimits();
	return tap_done();
}
