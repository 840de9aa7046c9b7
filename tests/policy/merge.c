/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy is made of when it extends others, or is set key by key. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "tests/policy/policy.h"
#include "tests/tap/tap.h"

DEFINE_AUTO(policy)

/* Load, or fail the test and end it: nothing below makes sense without. */
static struct policy *load(const char *text)
{
	struct sbx_err err;
	struct policy *p;

	if (test_load(text, &p, &err) == 0)
		return p;
	ok(false, "loads: %s", err.msg);
	exit(tap_done());
}

static const struct pol_mount *mount_at(const struct policy *p,
					const char *guest)
{
	for (size_t i = 0; i < p->n_mounts; i++)
		if (strcmp(p->mounts[i].guest, guest) == 0)
			return &p->mounts[i];
	return NULL;
}

static const char *variable(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->env.n_set; i++)
		if (strcmp(p->env.set[i].name, name) == 0)
			return p->env.set[i].value;
	return NULL;
}

static void test_default(void)
{
	_auto(policy) struct policy *p = load("version: 1\n");
	const struct pol_mount *m = mount_at(p, "/workspace");

	is_str(p->source, "deploy.yaml", "default: source");
	is_int(p->mode, POL_MODE_JAIL, "default: mode");
	is_str(p->workdir, "/workspace", "default: workdir");
	is_str(p->hostname, "sbx", "default: hostname");
	is_int(p->rootfs.base, POL_BASE_HOST, "default: base");
	ok(m && p->n_mounts == 1, "default: one mount");
	is_str(m->host, "/home/u/project", "default: the caller's directory");
	is_int(m->access, POL_OVERLAY, "default: copy-on-write");
	is_int(m->upper, POL_UPPER_DISK, "default: kept on disk");
	ok(!m->optional, "default: not optional");
	is_str(m->origin, "default:14:5: mounts[0]", "default: origin");
	is_int(p->limits.memory, 4ll << 30, "default: memory");
	is_int(p->limits.swap, 0, "default: swap");
	is_int(p->limits.pids, 1024, "default: pids");
	ok(p->limits.time == POL_NONE && p->limits.idle == POL_NONE &&
		   p->limits.cpu_time == POL_NONE &&
		   p->limits.output == POL_NONE,
	   "default: no clock and no output limit ends a program");
	is_int(p->network.mode, POL_NET_NONE, "default: no network");
	ok(strv_has(&p->env.pass, "TERM"), "default: TERM is passed");
	is_str(variable(p, "HOME"), "/home/agent", "default: HOME");
	is_int(p->user.umask, 022, "default: umask");
	ok(!p->seccomp.allow.n && !p->seccomp.deny.n && !p->fds.n,
	   "default: empty lists");
	ok(!p->warnings.n, "default: no warning");
}

static void test_scratch(void)
{
	_auto(policy) struct policy *p = load("version: 1\nextends: none\n");

	is_int(p->n_mounts, 0, "extends none: no mount");
	ok(!p->env.pass.n && !p->env.n_set, "extends none: no environment");
	is_str(p->workdir, "/", "extends none: workdir is /");
	is_int(p->limits.memory, 4ll << 30, "extends none: limits stay");
}

static void test_scalars(void)
{
	_auto(policy) struct policy *p =
		load("version: 1\nworkdir: /a//b/./\nhostname: h.example\n"
		     "network: {mode: host}\nuser: {id: root, subids: true, "
		     "umask: 077}\nlandlock: require\ntime_namespace: true\n"
		     "rootfs: {base: ~/root}\n");

	is_str(p->workdir, "/a/b", "scalars: a guest path is cleaned");
	is_str(p->workdir_origin, "deploy.yaml:2:10: workdir",
	       "scalars: workdir origin");
	is_str(p->hostname, "h.example", "scalars: hostname");
	is_int(p->network.mode, POL_NET_HOST, "scalars: network");
	is_int(p->user.id, POL_ID_ROOT, "scalars: id");
	ok(p->user.subids && p->time_namespace, "scalars: booleans");
	is_int(p->user.umask, 077, "scalars: umask");
	is_int(p->landlock, POL_LANDLOCK_REQUIRE, "scalars: landlock");
	is_int(p->rootfs.base, POL_BASE_DIR, "scalars: base");
	is_str(p->rootfs.dir, "/home/u/root", "scalars: base directory");
	is_str(p->rootfs.origin, "deploy.yaml:8:16: rootfs.base",
	       "scalars: base origin");
}

static void test_limits(void)
{
	_auto(policy) struct policy *p =
		load("version: 1\nextends: offline\nlimits:\n  memory: 8G\n"
		     "  pids: 64\n  time: none\n  cpu: 50%\n  disk: none\n"
		     "  io_read: 1M\n");

	is_int(p->limits.memory, 1ll << 30, "limits: the stricter stays");
	is_int(p->limits.pids, 64, "limits: a stricter one is taken");
	is_int(p->limits.time, 600000, "limits: none removes no bound");
	is_int(p->limits.cpu, 500, "limits: cpu");
	ok(p->limits.disk == POL_NONE, "limits: none removes a default");
	is_int(p->limits.io_read, 1 << 20, "limits: one where there was none");
	is_int(p->warnings.n, 2, "limits: what has no effect is said");
	is_str(p->warnings.v[0],
	       "deploy.yaml:4:11: limits.memory: 8G has no effect: what this "
	       "policy extends allows 1G",
	       "limits: first warning");
	is_str(p->warnings.v[1],
	       "deploy.yaml:6:9: limits.time: none has no effect: what this "
	       "policy extends allows 10m",
	       "limits: second warning");
}

static void test_no_bound(void)
{
	_auto(policy) struct policy *p =
		load("version: 1\nlimits: {memory: 64G, pids: none}\n");

	is_int(p->limits.memory, 64ll << 30, "a default is no bound");
	ok(p->limits.pids == POL_NONE, "none removes a default");
	is_int(p->warnings.n, 0, "and nothing is to be said");
}

static void test_enforce(void)
{
	_auto(policy) struct policy *p =
		load("version: 1\nlimits: {enforce: cgroup}\n");
	struct sbx_err err;

	is_int(policy_set(p, "limits.enforce=auto", &test_caller, &err), 0,
	       "enforce: set");
	is_int(p->limits.enforce, POL_ENFORCE_CGROUP,
	       "enforce: cgroup is the stricter word");
}

static void is_mount(const struct policy *p, size_t i, const char *guest,
		     const char *host)
{
	is_str(p->mounts[i].guest, guest, "mounts: guest path %zu", i);
	is_str(p->mounts[i].host, host, "mounts: host path of %s", guest);
}

static void test_mounts(void)
{
	_auto(policy) struct policy *p = load(
		"version: 1\nmounts:\n"
		"  - {host: src, guest: /workspace/, access: ro}\n"
		"  - {host: ~/.cache/pip, guest: /cache/pip, optional: true}\n"
		"  - {host: '${DIR}/x', guest: /a/b, access: overlay, upper: "
		"memory}\n"
		"  - {host: '~', guest: /a/c}\n"
		"  - {host: /p$$q/../r, guest: /a, access: rw}\n");

	is_int(p->n_mounts, 5, "mounts: one replaced, four added");
	is_mount(p, 0, "/a", "/r");
	is_mount(p, 1, "/a/b", "/srv/d/x");
	is_mount(p, 2, "/a/c", "/home/u");
	is_mount(p, 3, "/cache/pip", "/home/u/.cache/pip");
	is_mount(p, 4, "/workspace", "/home/u/project/src");
	is_int(p->mounts[0].access, POL_RW, "mounts: access rw");
	is_int(p->mounts[1].upper, POL_UPPER_MEMORY, "mounts: upper");
	is_int(p->mounts[2].access, POL_RO, "mounts: read-only by default");
	ok(p->mounts[3].optional, "mounts: optional");
	is_str(p->mounts[4].origin, "deploy.yaml:3:5: mounts[0]",
	       "mounts: origin of the one that replaced");
}

static void test_env(void)
{
	_auto(policy) struct policy *p =
		load("version: 1\nenv:\n  pass: [HOME, FOO, FOO, TERM]\n"
		     "  set:\n    LANG: C.UTF-8\n    N: 1\n    B: true\n"
		     "    E: \"\"\n    P: ${DIR}/bin:$${x}\n    M: ${MONEY}\n"
		     "    PATH: /bin\n");

	ok(strv_has(&p->env.pass, "HOME") && !variable(p, "HOME"),
	   "env: to pass a name undoes that it was set");
	ok(!strv_has(&p->env.pass, "LANG"),
	   "env: to set a name undoes that it was passed");
	is_str(variable(p, "LANG"), "C.UTF-8", "env: set");
	is_str(variable(p, "N"), "1", "env: a number is text");
	is_str(variable(p, "B"), "true", "env: a boolean is text");
	is_str(variable(p, "E"), "", "env: an empty value");
	is_str(variable(p, "P"), "/srv/d/bin:${x}", "env: variables, escapes");
	is_str(variable(p, "M"), "$5", "env: a value is not expanded again");
	is_str(variable(p, "PATH"), "/bin", "env: set again");
	is_int(p->env.pass.n, 8, "env: names are added once");
}

static void test_lists(void)
{
	_auto(policy) struct policy *p =
		load("version: 1\nextends: offline\nseccomp:\n"
		     "  deny: [ptrace, socket]\n  allow: [keyctl]\n"
		     "fds: [3, 7, \"3\"]\n");

	is_int(p->seccomp.deny.n, 4, "lists: add to what is inherited");
	is_str(p->seccomp.deny.v[3], "socket", "lists: the new one is last");
	is_str(p->seccomp.deny_origin.v[3], "deploy.yaml:4:18: seccomp.deny[1]",
	       "lists: its origin");
	is_str(p->seccomp.allow_origin.v[0],
	       "deploy.yaml:5:11: seccomp.allow[0]", "lists: another origin");
	is_int(p->fds.n, 2, "lists: descriptors");
	is_str(p->fds_origin.v[1], "deploy.yaml:6:10: fds[1]",
	       "lists: origin of a descriptor");
}

static void test_home_warning(void)
{
	struct sbx_policy_source src = test_caller;
	struct sbx_err err;
	_auto(policy) struct policy *p = NULL;

	src.cwd = "/home/u";
	is_int(policy_load(&src, &p, &err), 0, "home: loads");
	is_str(p->warnings.v ? p->warnings.v[0] : NULL,
	       "default:14:12: mounts[0].host: the working directory is the "
	       "home directory: everything in it can be read inside",
	       "home: and warns");
	policy_free(take(p));
	src.cwd = "/";
	is_int(policy_load(&src, &p, &err), -EINVAL, "root: refused");
	is_str(err.msg,
	       "default:14:12: mounts[0].host: '.' is /, the whole host; start "
	       "in the directory to work on",
	       "root: and says what to do");
}

static void set(struct policy *p, const char *assignment, const char *want)
{
	struct sbx_err err = { 0 };
	int r = policy_set(p, assignment, &test_caller, &err);

	ok(r == (want ? -EINVAL : 0), "set %s", assignment);
	is_str(err.msg, want ? want : "", "set %s: message", assignment);
}

static void test_set(void)
{
	_auto(policy) struct policy *p = load("version: 1\n");

	set(p, "limits.memory=8G", NULL);
	is_int(p->limits.memory, 8ll << 30, "set: over a default");
	set(p, "limits.memory=16G", NULL);
	is_int(p->limits.memory, 8ll << 30, "set: then it is a bound");
	is_int(p->warnings.n, 1, "set: with a warning");
	set(p, "network.mode=host", NULL);
	set(p, "env.pass=[AA, BB]", NULL);
	set(p, "env.pass=CC", NULL);
	ok(strv_has(&p->env.pass, "BB") && strv_has(&p->env.pass, "CC"),
	   "set: lists, and a lone name");
	set(p, "env.set.GREETING=hello: [world] = ${DIR}", NULL);
	is_str(variable(p, "GREETING"), "hello: [world] = /srv/d",
	       "set: a value as it is");
	set(p, "env.set={X: y}", NULL);
	set(p, "workdir=/x", NULL);
	is_str(p->workdir, "/x", "set: a path");
	set(p, "mounts=[{host: ., guest: /workspace, access: ro}]", NULL);
	is_int(mount_at(p, "/workspace")->access, POL_RO,
	       "set: a mount in place of another");
	set(p, "seccomp.deny=ptrace", NULL);
	set(p, "fds=[5]", NULL);
	set(p, "env.set.EMPTY=", NULL);
	is_str(variable(p, "EMPTY"), "", "set: an empty value");
}

static void test_set_errors(void)
{
	_auto(policy) struct policy *p = load("version: 1\n");

	set(p, "limits.memroy=1G",
	    "--set: limits.memroy: unknown key; did you mean limits.memory?");
	set(p, "memory=1G",
	    "--set: memory: unknown key; did you mean limits.memory?");
	set(p, "limits=1G", "--set: limits: a group of keys; name one of them");
	set(p, "zzz.y=1", "--set: zzz.y: unknown key");
	set(p, "limits.memory=12Q",
	    "--set: limits.memory: '12Q' is not a size (512M, 1GiB or plain "
	    "bytes), or none");
	set(p, "limits.memory", "--set: 'limits.memory' is not KEY=VALUE");
	set(p, "=x", "--set: '=x' is not KEY=VALUE");
	set(p, "", "--set: '' is not KEY=VALUE");
	set(p, "version=1", "--set: version: cannot be set by itself");
	set(p, "extends=none", "--set: extends: cannot be set by itself");
	set(p, "mounts[].host=/a",
	    "--set: mounts[].host: cannot be set by itself");
	set(p, "secrets=[]",
	    "--set: secrets: is not available in this "
	    "version: nothing in it would put the secrets to "
	    "use outside the jail");
	set(p, "network.mode=allow",
	    "--set: network.mode: 'allow' is not available in this version: "
	    "nothing in it lets only chosen hosts through; use none or host");
	set(p, "env.pass=[A",
	    "--set:2:1: not valid YAML: did not find "
	    "expected ',' or ']' while parsing a flow "
	    "sequence");
	set(p, "env.pass=", "--set: env.pass: no value");
	set(p, "env.set.A=$x",
	    "--set: env.set.A: '$' begins no ${NAME}; write $$ for a dollar "
	    "sign");
	set(p, "env.set.=x", "--set: env.set: '' is not a name of a variable");
	set(p, "mounts=[{host: /a}]",
	    "--set:1:2: mounts[0].guest: missing key");
}

/* What the build has read is what the text says. */
static void same(const struct policy *p, const struct policy *q,
		 const char *name)
{
	_autobuf struct buf a = { 0 }, b = { 0 };
	struct sbx_err err;

	is_int(policy_show(p, SBX_YAML, &a, &err), 0, "presets: show %s", name);
	is_int(policy_show(q, SBX_YAML, &b, &err), 0, "presets: show %s's file",
	       name);
	is_str(a.data, b.data, "presets: %s and its file are the same", name);
}

static void test_presets(void)
{
	size_t n;
	const struct sbx_preset *v = policy_presets(&n);
	static const char *const want[] = { "default", "coding-agent", "build",
					    "offline" };
	struct sbx_err err;
	struct policy *p, *q;

	is_int(n, ARRAY_LEN(want), "presets: how many");
	for (size_t i = 0; i < n; i++) {
		is_str(v[i].name, want[i], "presets: name of %s", want[i]);
		ok(strlen(v[i].summary) > 20 && !strchr(v[i].summary, '\n'),
		   "presets: summary of %s", v[i].name);
		is_int(test_load_preset(v[i].name, &p, &err), 0,
		       "presets: %s loads", v[i].name);
		ok(p && !p->warnings.n, "presets: %s is all effective",
		   v[i].name);
		is_int(test_load(v[i].text, &q, &err), 0,
		       "presets: %s loads as a file", v[i].name);
		same(p, q, v[i].name);
		policy_free(p);
		policy_free(q);
	}
	is_int(test_load_preset("ofline", &p, &err), -EINVAL,
	       "presets: an unknown one");
	is_str(err.msg, "no preset is named 'ofline'; did you mean offline?",
	       "presets: an unknown one's message");
}

int main(void)
{
	test_default();
	test_scratch();
	test_scalars();
	test_limits();
	test_no_bound();
	test_enforce();
	test_mounts();
	test_env();
	test_lists();
	test_home_warning();
	test_set();
	test_set_errors();
	test_presets();
	return tap_done();
}
