/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the doctor: what it reads, tries, and makes of it. */
#include <errno.h>
#include <fcntl.h>
#include <sbx/sbx.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/core/doctor.h"
#include "tests/tap/tap.h"

/* The check of one name, copied. */
struct seen {
	const char *name;
	enum sbx_health health;
	char found[256], effect[256], remedy[640];
	size_t missing, weaker, n;
};

static int look(const struct sbx_check *c, void *arg)
{
	struct seen *s = arg;

	s->n++;
	s->missing += c->health == SBX_MISSING;
	s->weaker += c->health == SBX_DEGRADED;
	if (strcmp(c->name, s->name) != 0)
		return 0;
	s->health = c->health;
	(void)snprintf(s->found, sizeof(s->found), "%s", c->found);
	(void)snprintf(s->effect, sizeof(s->effect), "%s", c->effect);
	(void)snprintf(s->remedy, sizeof(s->remedy), "%s", c->remedy);
	return 0;
}

static struct seen judge(const struct doctor_facts *f, const char *name)
{
	struct seen s = { .name = name };

	is_int(doctor_judge(f, look, &s), 0, "judge: %s", name);
	return s;
}

/* A host where nothing is to be wished for; all tries are 0. */
static const struct doctor_facts healthy = {
	.uid = 1000,
	.user = "ann",
	.release = "6.12.1",
	.exe = "/usr/local/bin/sbx",
	.max_user_ns = 60000,
	.max_net_ns = 60000,
	.unprivileged_clone = 1,
	.apparmor_userns = NO_SETTING,
	.systemd = true,
	.user_manager = true,
	.cgroup2 = true,
	.subids = true,
	.landlock_abi = 6,
	.cg = { .how = CG_SYSTEMD,
		.controllers = CG_CPU | CG_MEMORY | CG_PIDS | CG_IO },
	.state = "/home/ann/.local/state/sbx",
	.state_free = UINT64_C(1) << 40,
};

static void test_healthy(void)
{
	struct seen s = judge(&healthy, "user namespaces");

	is_int(s.missing, 0, "healthy: nothing is missing");
	is_int(s.weaker, 0, "healthy: nothing is weaker");
	is_str(s.found, "allowed", "healthy: found");
	is_str(s.remedy, "", "healthy: nothing to mend");
}

static void no_userns(struct doctor_facts *f, int userns, int idmap)
{
	*f = healthy;
	for (int i = TRY_USERNS; i < TRY_COUNT; i++)
		f->tried[i] = TRY_NOT;
	f->tried[TRY_USERNS] = userns;
	f->tried[TRY_IDMAP] = userns ? TRY_NOT : idmap;
}

static void userns_is(const struct doctor_facts *f, const char *remedy,
		      const char *name)
{
	struct seen s = judge(f, "user namespaces");

	is_int(s.health, SBX_MISSING, "user namespaces: missing, %s", name);
	has_str(s.remedy, remedy, "user namespaces: the command, %s", name);
	ok(*s.effect, "user namespaces: the effect is said, %s", name);
}

static void test_userns(void)
{
	struct doctor_facts f;

	no_userns(&f, ENOSPC, 0);
	f.max_user_ns = 0;
	userns_is(&f,
		  "echo 'user.max_user_namespaces = 15000' | sudo tee "
		  "/etc/sysctl.d/60-max_user_namespaces.conf && sudo sysctl "
		  "-p /etc/sysctl.d/60-max_user_namespaces.conf",
		  "none allowed");
	f.uid = 0;
	userns_is(&f, "15000' | tee /etc", "without sudo for root");
	no_userns(&f, EPERM, 0);
	f.unprivileged_clone = 0;
	userns_is(&f, "kernel.unprivileged_userns_clone = 1",
		  "Debian's switch");
	no_userns(&f, 0, EPERM);
	f.apparmor_userns = 1;
	userns_is(&f, "sudo apparmor_parser -r /etc/apparmor.d/sbx",
		  "AppArmor at the id map");
	userns_is(&f, "profile sbx /usr/local/bin/sbx flags=(unconfined)",
		  "AppArmor's profile");
	no_userns(&f, EACCES, 0);
	f.apparmor_userns = 1;
	userns_is(&f, "apparmor_parser", "AppArmor at the call");
	no_userns(&f, EPERM, 0);
	f.container = f.filtered = true;
	userns_is(&f, "--security-opt seccomp=unconfined", "a container");
	no_userns(&f, EPERM, 0);
	f.chrooted = true;
	userns_is(&f, "pivot_root", "a chroot");
	no_userns(&f, EINVAL, 0);
	userns_is(&f, "CONFIG_USER_NS=y", "a kernel without them");
}

static void other_is(const struct doctor_facts *f, const char *check,
		     enum sbx_health health, const char *remedy)
{
	struct seen s = judge(f, check);

	is_int(s.health, health, "%s: health with '%s'", check, remedy);
	has_str(s.remedy, remedy, "%s: remedy '%s'", check, remedy);
}

static void test_parts(void)
{
	struct doctor_facts f = healthy;

	f.tried[TRY_PROC] = EPERM;
	other_is(&f, "own /proc", SBX_DEGRADED, "systempaths=unconfined");
	f = healthy;
	f.tried[TRY_NET] = ENOSPC;
	other_is(&f, "network namespaces", SBX_MISSING,
		 "user.max_net_namespaces");
	f = healthy;
	f.tried[TRY_MOUNT] = EACCES;
	f.apparmor_userns = 1;
	other_is(&f, "mounts", SBX_MISSING, "apparmor_parser");
	f = healthy;
	f.tried[TRY_SETATTR] = ENOSYS;
	other_is(&f, "kernel", SBX_MISSING, "5.12");
	f = healthy;
	f.tried[TRY_CLONE3] = ENOSYS;
	f.filtered = true;
	other_is(&f, "kernel", SBX_MISSING, "seccomp=unconfined");
	f = healthy;
	f.tried[TRY_OVERLAY_MEMORY] = EINVAL;
	other_is(&f, "copy-on-write in memory", SBX_DEGRADED, "6.6");
	f = healthy;
	f.tried[TRY_OVERLAY_DISK] = EINVAL;
	other_is(&f, "copy-on-write on disk", SBX_DEGRADED, "XDG_STATE_HOME");
	f = healthy;
	f.tried[TRY_UTS] = EINVAL;
	other_is(&f, "other namespaces", SBX_MISSING, "");
	f = healthy;
	f.landlock_abi = 0;
	other_is(&f, "Landlock", SBX_DEGRADED, "lsm=landlock");
	f = healthy;
	f.subids = false;
	other_is(&f, "subordinate ids", SBX_DEGRADED,
		 "usermod --add-subuids 100000-165535 --add-subgids "
		 "100000-165535 ann");
	f = healthy;
	f.state_free = 1 << 20;
	other_is(&f, "room for changes", SBX_DEGRADED, "XDG_STATE_HOME");
}

static void test_cgroup(void)
{
	struct doctor_facts f = healthy;
	struct seen s;

	f.cg.controllers = CG_MEMORY | CG_PIDS;
	other_is(&f, "cgroup limits", SBX_DEGRADED,
		 "/etc/systemd/system/user@.service.d/delegate.conf");
	s = judge(&f, "cgroup limits");
	is_str(s.found, "without cpu io", "cgroup: says which are missing");
	f.cg.how = CG_NONE;
	(void)snprintf(f.cg.why_not, sizeof(f.cg.why_not), "no user manager");
	f.user_manager = false;
	other_is(&f, "cgroup limits", SBX_DEGRADED,
		 "sudo loginctl enable-linger ann");
	s = judge(&f, "cgroup limits");
	is_str(s.found, "none: no user manager", "cgroup: says why");
	f.cgroup2 = false;
	other_is(&f, "cgroup limits", SBX_DEGRADED,
		 "systemd.unified_cgroup_hierarchy=1");
}

static int stop_at_third(const struct sbx_check *c, void *arg)
{
	return ++*(int *)arg == 3 ? -ECANCELED : 0;
}

static void test_stop(void)
{
	int n = 0;

	is_int(doctor_judge(&healthy, stop_at_third, &n), -ECANCELED,
	       "what the caller returns ends it and is returned");
	is_int(n, 3, "and no more checks are reported");
}

static void put(const char *root, const char *path, const char *text)
{
	char file[256];
	FILE *f;

	(void)snprintf(file, sizeof(file), "%s/%s", root, path);
	for (char *p = file + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		(void)mkdir(file, 0755);
		*p = '/';
	}
	f = fopen(file, "w");
	if (f) {
		fputs(text, f);
		(void)fclose(f);
	}
}

static void test_read(void)
{
	char root[] = "/tmp/sbx-doctor.XXXXXX", cmd[64], line[64];
	struct doctor_facts f = { 0 };

	if (!ok(!!mkdtemp(root), "read: a tree of its own"))
		return;
	doctor_read(&f, root);
	is_int(f.max_user_ns, NO_SETTING, "read: a setting that is not there");
	is_str(f.user, "", "read: no passwd, no name");
	ok(!f.container && !f.systemd && !f.cgroup2 && !f.chrooted,
	   "read: no signs of anything");
	put(root, "proc/sys/user/max_user_namespaces", "0\n");
	put(root, "proc/sys/kernel/unprivileged_userns_clone", "1\n");
	put(root, "proc/sys/kernel/osrelease", "5.10.0-8\n");
	put(root, "proc/self/status", "Name:\tx\nSeccomp:\t2\n");
	put(root, "proc/self/mountinfo",
	    "30 25 0:26 / /proc rw - proc proc rw\n");
	(void)snprintf(line, sizeof(line), "a:x:99999:\nann:x:%u:1:::\n",
		       geteuid());
	put(root, "etc/passwd", line);
	put(root, "etc/subuid", "other:1:1\nann:100000:65536\n");
	(void)snprintf(line, sizeof(line), "%u:100000:65536", geteuid());
	put(root, "etc/subgid", line);
	put(root, "usr/bin/newuidmap", "");
	put(root, ".dockerenv", "");
	doctor_read(&f, root);
	is_int(f.max_user_ns, 0, "read: a setting of zero");
	is_int(f.unprivileged_clone, 1, "read: a setting of one");
	is_str(f.release, "5.10.0-8", "read: the kernel's release");
	is_str(f.user, "ann", "read: the user's name");
	ok(f.container && f.filtered && f.chrooted, "read: signs are seen");
	ok(!f.subids, "read: ranges without newgidmap are no use");
	put(root, "usr/bin/newgidmap", "");
	doctor_read(&f, root);
	ok(f.subids, "read: ranges by name and by number");
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", root);
	is_int(system(cmd), 0, "read: the tree is removed");
}

/*
 * The tries themselves: whatever this host allows, they end, leave nothing
 * behind, and agree with what the shell's unshare(1) would be told.
 */
static void test_try(void)
{
	char disk[] = "/tmp/sbx-doctor.XXXXXX", cmd[64];
	int tried[TRY_COUNT], again[TRY_COUNT];
	struct stat before, after;

	if (!ok(!!mkdtemp(disk), "try: a directory"))
		return;
	is_int(stat("/tmp", &before), 0, "try: /tmp before");
	is_int(doctor_try_all(tried, disk), 0, "try: it ends");
	is_int(stat("/tmp", &after), 0, "try: /tmp after");
	ok(before.st_dev == after.st_dev, "try: our own mounts are untouched");
	ok(tried[TRY_USERNS] != TRY_NOT, "try: user namespaces were tried");
	if (tried[TRY_USERNS] != 0)
		is_int(tried[TRY_MOUNT], TRY_NOT, "try: nothing after them");
	else
		ok(tried[TRY_IDMAP] != TRY_NOT, "try: and then the id maps");
	is_int(doctor_try_all(again, NULL), 0, "try: again without a disk");
	is_int(again[TRY_OVERLAY_DISK], TRY_NOT, "try: no disk, no overlay");
	is_int(again[TRY_USERNS], tried[TRY_USERNS], "try: the same answer");
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", disk);
	is_int(system(cmd), 0, "try: the directory can be removed");
}

int main(void)
{
	test_healthy();
	test_userns();
	test_parts();
	test_cgroup();
	test_stop();
	test_read();
	test_try();
	return tap_done();
}
