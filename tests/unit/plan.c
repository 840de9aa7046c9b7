/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of a jail's plan: what it holds and how it is printed. */
#include "runtime/jail/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "rootfs/skel/skel.h"
#include "runtime/base/cleanup.h"
#include "tests/tap/tap.h"

static char top[] = "/tmp/sbx-plan.XXXXXX";

static char *const env[] = { (char *)"LANG=C.UTF-8", (char *)"SECRET=x",
			     (char *)"TERM=dumb", NULL };

static struct policy base_policy(void)
{
	static struct pol_pair set[] = {
		{ (char *)"HOME", (char *)"/home/agent" },
		{ (char *)"TERM", (char *)"vt100" },
	};
	struct policy p = { .workdir = (char *)"/w", .hostname = (char *)"h" };
	uint64_t *limit = (uint64_t *)&p.limits;

	for (size_t i = 0; i < sizeof(p.limits) / sizeof(*limit); i++)
		limit[i] = POL_NONE;
	p.limits.enforce = POL_ENFORCE_AUTO;
	p.env.set = set;
	p.env.n_set = ARRAY_LEN(set);
	strv_add(&p.env.pass, "LANG");
	strv_add(&p.env.pass, "TERM");
	strv_add(&p.env.pass, "ABSENT");
	return p;
}

static void policy_done(struct policy *p)
{
	strv_done(&p->env.pass);
	strv_done(&p->fds);
}

static struct jail_plan *plan_as(const struct policy *p, uid_t uid,
				 struct sbx_err *err)
{
	struct jail_host host = { .environ = env };
	struct jail_plan *plan = NULL;

	jail_host_probe(&host);
	host.uid = host.gid = uid;
	return jail_plan_new(&plan, p, &host, err) < 0 ? NULL : plan;
}

static const struct jail_op *find(const struct jail_plan *plan,
				  enum jail_op_kind kind, const char *dst)
{
	for (size_t i = 0; i < plan->n_ops; i++)
		if (plan->ops[i].kind == kind &&
		    strcmp(plan->ops[i].dst, dst) == 0)
			return &plan->ops[i];
	return NULL;
}

static void test_facts(void)
{
	struct policy p = base_policy();
	struct jail_plan *plan = plan_as(&p, 1234, NULL);

	is_str(plan->uid_map, "1234 1234 1\n", "ids: self");
	is_int(plan->env.n, 3, "env: only what is named and set");
	ok(strv_has(&plan->env, "LANG=C.UTF-8"), "env: passed");
	ok(strv_has(&plan->env, "TERM=vt100"), "env: set wins over passed");
	ok(plan->clone_flags & CLONE_NEWNET && plan->loopback,
	   "network: none is a namespace with a loopback");
	ok(!(plan->clone_flags & CLONE_NEWTIME), "no time namespace unasked");
	jail_plan_free(plan);
	p.user.id = POL_ID_ROOT;
	p.network.mode = POL_NET_HOST;
	p.time_namespace = true;
	plan = plan_as(&p, 1234, NULL);
	is_str(plan->uid_map, "0 1234 1\n", "ids: root inside");
	ok(!(plan->clone_flags & CLONE_NEWNET) && !plan->loopback,
	   "network: host");
	ok(plan->clone_flags & CLONE_NEWTIME, "time namespace");
	jail_plan_free(plan);
	policy_done(&p);
}

static void test_fds(void)
{
	struct policy p = base_policy();
	struct sbx_err err = { 0 };
	struct jail_plan *plan;
	char text[16];
	int fd = fcntl(1, F_DUPFD_CLOEXEC, 50);

	snprintf(text, sizeof(text), "%d", fd);
	strv_add(&p.fds, text);
	snprintf(text, sizeof(text), "%d", fcntl(1, F_DUPFD_CLOEXEC, 40));
	strv_add(&p.fds, text);
	plan = plan_as(&p, 1000, &err);
	ok(plan && plan->n_fds == 2 && plan->fds[0] < plan->fds[1],
	   "fds: ascending");
	jail_plan_free(plan);
	close(fd);
	plan = plan_as(&p, 1000, &err);
	ok(!plan && err.code == EBADF, "fds: a closed one is refused");
	has_str(err.msg, "fds: descriptor 5", "fds: and named");
	policy_done(&p);
}

/* Steps that need the writable tree come before it is made read-only, devices
 * after that and before the second time. */
static void test_order(void)
{
	struct policy p = base_policy();
	struct jail_plan *plan = plan_as(&p, 1000, NULL);
	size_t readonly[2] = { 0 }, n = 0;
	bool in_order = true;

	for (size_t i = 0; i < plan->n_ops; i++)
		if (plan->ops[i].kind == JAIL_OP_READONLY && n < 2)
			readonly[n++] = i;
	is_int(n, 2, "order: two steps make it read-only");
	for (size_t i = 0; i < plan->n_ops; i++) {
		const struct jail_op *op = &plan->ops[i];

		if (op->device)
			in_order &= i > readonly[0] && i < readonly[1];
		else if (op->kind == JAIL_OP_DIR || op->kind == JAIL_OP_BIND)
			in_order &= i < readonly[0];
		else if (op->kind == JAIL_OP_MEMDIR)
			in_order &= i > readonly[1];
	}
	ok(in_order, "order: of all steps");
	ok(plan->ops[readonly[0]].attr & MOUNT_ATTR_NODEV &&
		   !(plan->ops[readonly[1]].attr & MOUNT_ATTR_NODEV),
	   "order: devices keep working");
	is_int(plan->ops[0].kind, JAIL_OP_TMPFS, "order: the tmpfs is first");
	ok(find(plan, JAIL_OP_BIND, "/usr"), "the host's /usr");
	ok(!find(plan, JAIL_OP_BIND, "/etc"), "but not all of its /etc");
	ok(find(plan, JAIL_OP_MEMDIR, "/home/agent"), "HOME");
	is_int(find(plan, JAIL_OP_BIND, "/dev/null")->dev, makedev(1, 3),
	       "/dev/null's number");
	jail_plan_free(plan);
	policy_done(&p);
}

static void test_masks(void)
{
	struct policy p = base_policy();
	struct jail_plan *root = plan_as(&p, 0, NULL);
	struct jail_plan *user = plan_as(&p, 1000, NULL);

	ok(find(root, JAIL_OP_REBIND, "/proc/kcore"), "masks: root's kcore");
	ok(!find(user, JAIL_OP_REBIND, "/proc/kcore"),
	   "masks: not where its mode does");
	ok(find(user, JAIL_OP_REBIND, "/proc/sys")->attr & MOUNT_ATTR_RDONLY,
	   "masks: /proc/sys is read-only");
	ok(find(user, JAIL_OP_REBIND, "/proc/keys"), "masks: keys");
	jail_plan_free(root);
	jail_plan_free(user);
	policy_done(&p);
}

/* The plan for these facts has a pid_max, and which. */
static const char *pid_max(uid_t uid, bool own, uint64_t pids, char ret[32])
{
	struct jail_host host = {
		.environ = env, .uid = uid, .gid = uid, .own_pid_max = own
	};
	struct policy p = base_policy();
	struct jail_plan *plan = NULL;
	const struct jail_op *op;

	p.limits.pids = pids;
	if (jail_plan_new(&plan, &p, &host, NULL) < 0)
		return "no plan";
	op = find(plan, JAIL_OP_SYSCTL, "/proc/sys/kernel/pid_max");
	(void)snprintf(ret, 32, "%s", op ? op->text : "none");
	jail_plan_free(plan);
	policy_done(&p);
	return ret;
}

static void test_pid_max(void)
{
	char text[32];

	is_str(pid_max(0, true, 200, text), "901", "pid_max: root's is set");
	is_str(pid_max(1000, true, 200, text), "none",
	       "pid_max: RLIMIT_NPROC holds others");
	is_str(pid_max(0, false, 200, text), "none",
	       "pid_max: never the host's own");
	is_str(pid_max(0, true, POL_NONE, text), "none",
	       "pid_max: no limit, none");
}

static void test_skel(void)
{
	struct buf b = { 0 };

	skel_passwd(&b, 1000, 100, "/h");
	is_str(b.data,
	       "root:x:0:0:root:/:/bin/sh\n"
	       "agent:x:1000:100:agent:/h:/bin/sh\n"
	       "nobody:x:65534:65534:nobody:/:/bin/false\n",
	       "passwd: an ordinary user");
	buf_done(&b);
	skel_passwd(&b, 0, 0, "/h");
	is_str(b.data,
	       "agent:x:0:0:agent:/h:/bin/sh\n"
	       "nobody:x:65534:65534:nobody:/:/bin/false\n",
	       "passwd: root");
	buf_done(&b);
	skel_group(&b, 65534);
	is_str(b.data, "root:x:0:\nagent:x:65534:\n", "group: nogroup is ours");
	buf_done(&b);
}

static void test_print(void)
{
	char *argv[] = { (char *)"printf", (char *)"a\nb\033[1m\xff", NULL };
	struct policy p = base_policy();
	struct pol_mount m = { .host = top,
			       .guest = (char *)"/w",
			       .access = POL_OVERLAY,
			       .origin = (char *)"f.yaml:1:2: mounts[0]" };
	struct jail_plan *plan;
	struct buf b = { 0 };
	json_t *js, *first;

	p.mounts = &m;
	p.n_mounts = 1;
	plan = plan_as(&p, 1000, NULL);
	is_int(jail_plan_print(plan, argv, SBX_TEXT, &b, NULL), 0, "text");
	has_str(b.data, "program printf a\\x0ab\\x1b[1m", "text: argv, tame");
	has_str(b.data, "  bind       /usr ro nosuid nodev\n", "text: /usr");
	has_str(b.data, "  bind       /dev/null ro nosuid\n", "text: device");
	has_str(b.data, " nosuid nodev changes in 0/upper\n", "text: overlay");
	has_str(b.data, "namespaces user mount pid net ipc uts cgroup\n",
		"text: namespaces");
	buf_done(&b);
	is_int(jail_plan_print(plan, argv, SBX_JSON, &b, NULL), 0, "JSON");
	js = json_loads(b.data, 0, NULL);
	ok(js, "JSON: it is");
	is_str(json_string_value(
		       json_array_get(json_object_get(js, "argv"), 1)),
	       "a\nb\033[1m\xc3\xbf", "JSON: bytes survive");
	first = json_array_get(json_object_get(js, "root"), 0);
	is_str(json_string_value(json_object_get(first, "step")), "tmpfs",
	       "JSON: the first step");
	ok(json_array_size(json_object_get(js, "root")) == plan->n_ops,
	   "JSON: all steps");
	json_decref(js);
	buf_done(&b);
	ok(jail_plan_print(plan, argv, SBX_YAML, &b, NULL) == -EINVAL,
	   "YAML is refused");
	jail_plan_free(plan);
	policy_done(&p);
}

/* sbx's own directory is covered also where its path leads through a link. */
static void test_state(void)
{
	struct policy p = base_policy();
	struct pol_mount m = { .host = (char *)"/usr",
			       .guest = (char *)"/u",
			       .access = POL_RO,
			       .origin = (char *)"f.yaml:1:2: mounts[0]" };
	struct jail_host host = { .environ = env, .state_dir = "/bin" };
	struct jail_plan *plan = NULL;
	char target[16];

	if (readlink("/bin", target, sizeof(target)) != strlen("usr/bin")) {
		tap_skip("state: behind a link", "/bin is no link to usr/bin");
		return;
	}
	p.mounts = &m;
	p.n_mounts = 1;
	jail_host_probe(&host);
	is_int(jail_plan_new(&plan, &p, &host, NULL), 0, "state: a plan");
	ok(plan && find(plan, JAIL_OP_REBIND, "/u/bin"),
	   "state: covered behind a link");
	jail_plan_free(plan);
	policy_done(&p);
}

static void test_refused(void)
{
	struct policy p = base_policy();
	struct sbx_err err = { 0 };

	p.network.mode = POL_NET_ALLOW;
	ok(!plan_as(&p, 1000, &err) && err.code == ENOTSUP,
	   "network.mode: allow is refused");
	has_str(err.msg, "network.mode", "and named");
	jail_plan_free(NULL);
	policy_done(&p);
}

int main(void)
{
	if (!mkdtemp(top))
		return 99;
	test_facts();
	test_fds();
	test_order();
	test_masks();
	test_pid_max();
	test_skel();
	test_print();
	test_state();
	test_refused();
	rmdir(top);
	return tap_done();
}
