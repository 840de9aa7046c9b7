/* SPDX-License-Identifier: Apache-2.0 */
/* What the facts about a host mean for a jail, and how to mend it. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "runtime/core/doctor.h"

struct verdict {
	enum sbx_health health;
	char found[256];
	const char *effect;
	char remedy[640];
};

#define LITTLE_ROOM (UINT64_C(1) << 30)

static void found(struct verdict *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void found(struct verdict *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(v->found, sizeof(v->found), fmt, ap);
	va_end(ap);
}

static void remedy(struct verdict *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void remedy(struct verdict *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(v->remedy, sizeof(v->remedy), fmt, ap);
	va_end(ap);
}

static void bad(struct verdict *v, enum sbx_health health, const char *effect)
{
	v->health = health;
	v->effect = effect;
}

static const char *sudo(const struct doctor_facts *f)
{
	return f->uid == 0 ? "" : "sudo ";
}

/* Set a kernel setting now and at every start. */
static void set_setting(struct verdict *v, const struct doctor_facts *f,
			const char *name, int value)
{
	remedy(v,
	       "echo '%s = %d' | %stee /etc/sysctl.d/60-%s.conf && "
	       "%ssysctl -p /etc/sysctl.d/60-%s.conf",
	       name, value, sudo(f), strchr(name, '.') + 1, sudo(f),
	       strchr(name, '.') + 1);
}

/* A try's outcome in words. */
static const char *outcome(int code)
{
	return code == TRY_NOT ? "not tried, see above"
	       : code == 0     ? "works"
			       : strerrordesc_np(code);
}

static void judge_kernel(const struct doctor_facts *f, struct verdict *v)
{
	int setattr = f->tried[TRY_SETATTR], clone3 = f->tried[TRY_CLONE3];

	found(v, "Linux %s", f->release);
	if (clone3 == 0 && (setattr == 0 || setattr == TRY_NOT))
		return;
	bad(v, SBX_MISSING, "a jail cannot be built");
	if (clone3 != 0 && f->filtered) {
		found(v, "Linux %s; clone3(2): %s, by a filter on this process",
		      f->release, outcome(clone3));
		remedy(v, "docker run --security-opt seccomp=unconfined ...");
		return;
	}
	found(v, "Linux %s; clone3(2): %s; mount_setattr(2): %s", f->release,
	      outcome(clone3), outcome(setattr));
	remedy(v, "install Linux 5.12 or newer");
}

/* The profile of Ubuntu's own kind: everything as before, and userns too. */
static void mend_apparmor(const struct doctor_facts *f, struct verdict *v)
{
	const char *name = strrchr(f->exe, '/');

	name = name ? name + 1 : "sbx";
	remedy(v,
	       "printf 'abi <abi/4.0>,\\nprofile %s %s flags=(unconfined) "
	       "{\\n  userns,\\n}\\n' | %stee /etc/apparmor.d/%s && "
	       "%sapparmor_parser -r /etc/apparmor.d/%s",
	       name, f->exe, sudo(f), name, sudo(f), name);
}

#define OPEN_CONTAINER                                                 \
	"docker run --security-opt seccomp=unconfined --security-opt " \
	"apparmor=unconfined --security-opt systempaths=unconfined ..."

static void judge_userns(const struct doctor_facts *f, struct verdict *v)
{
	int code = f->tried[TRY_USERNS], map = f->tried[TRY_IDMAP];

	found(v, "allowed");
	if (code == 0 && map == 0)
		return;
	bad(v, SBX_MISSING, "a jail cannot be built without root");
	found(v, "%s", outcome(code ? code : map));
	if (code == ENOSYS || code == EINVAL) {
		found(v, "this kernel is built without them");
		remedy(v, "install a kernel with CONFIG_USER_NS=y");
	} else if (f->max_user_ns == 0 || code == ENOSPC) {
		found(v, "user.max_user_namespaces = %" PRId64 ": %s",
		      f->max_user_ns, outcome(code));
		set_setting(v, f, "user.max_user_namespaces", 15000);
	} else if (f->unprivileged_clone == 0) {
		found(v, "kernel.unprivileged_userns_clone = 0");
		set_setting(v, f, "kernel.unprivileged_userns_clone", 1);
	} else if (f->apparmor_userns > 0) {
		found(v, "AppArmor forbids them to this program "
			 "(kernel.apparmor_restrict_unprivileged_userns)");
		mend_apparmor(f, v);
	} else if (f->chrooted) {
		found(v, "%s: this process is in a chroot, which has none",
		      outcome(code));
		remedy(v, "enter the tree by pivot_root(8), not chroot(8)");
	} else if (f->container || f->filtered) {
		found(v, "%s, by the filter of a container", outcome(code));
		remedy(v, OPEN_CONTAINER);
	}
}

static void judge_mounts(const struct doctor_facts *f, struct verdict *v)
{
	int code = f->tried[TRY_MOUNT];

	found(v, "%s", outcome(code));
	if (code == 0)
		return;
	bad(v, SBX_MISSING, "the jail's files cannot be laid out");
	if (code == TRY_NOT)
		return;
	if (f->apparmor_userns > 0) {
		found(v,
		      "%s, by AppArmor "
		      "(kernel.apparmor_restrict_unprivileged_userns)",
		      outcome(code));
		mend_apparmor(f, v);
	} else if (f->container || f->filtered) {
		found(v, "%s, by a container's filter", outcome(code));
		remedy(v, OPEN_CONTAINER);
	}
}

static void judge_proc(const struct doctor_facts *f, struct verdict *v)
{
	int code = f->tried[TRY_PROC];

	found(v, "%s", outcome(code));
	if (code == 0)
		return;
	bad(v, SBX_DEGRADED,
	    "a program in the jail sees this container's /proc in place of "
	    "its own");
	if (code == TRY_NOT) {
		bad(v, SBX_MISSING, "the jail's /proc cannot be mounted");
		return;
	}
	found(v, "%s: parts of /proc are covered here", outcome(code));
	remedy(v, "docker run --security-opt systempaths=unconfined ...");
}

static void judge_net(const struct doctor_facts *f, struct verdict *v)
{
	int code = f->tried[TRY_NET];

	found(v, "%s", outcome(code));
	if (code == 0)
		return;
	bad(v, SBX_MISSING, "only policies with network.mode: host can run");
	if (code == ENOSPC) {
		found(v, "user.max_net_namespaces = %" PRId64, f->max_net_ns);
		set_setting(v, f, "user.max_net_namespaces", 15000);
	} else if (code == EINVAL) {
		remedy(v, "install a kernel with CONFIG_NET_NS=y");
	}
}

static void judge_other_ns(const struct doctor_facts *f, struct verdict *v)
{
	static const struct {
		enum doctor_try try;
		const char *name;
	} rows[] = { { TRY_PID, "pid" },
		     { TRY_IPC, "ipc" },
		     { TRY_UTS, "uts" },
		     { TRY_CGROUP, "cgroup" } };

	found(v, "work");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int code = f->tried[rows[i].try];

		if (code == 0)
			continue;
		bad(v, SBX_MISSING, "a jail cannot be built");
		found(v, "%s namespace: %s", rows[i].name, outcome(code));
		return;
	}
}

static void judge_overlay_disk(const struct doctor_facts *f, struct verdict *v)
{
	int code = f->tried[TRY_OVERLAY_DISK];

	found(v, "works in %s", f->state);
	if (code == 0)
		return;
	bad(v, SBX_DEGRADED,
	    "changes cannot be kept: mounts with access: overlay need upper: "
	    "memory");
	if (f->state_why[0]) {
		found(v, "%s", f->state_why);
		remedy(v, "export XDG_STATE_HOME=DIRECTORY (your own, on a "
			  "disk)");
		return;
	}
	found(v, "%s: %s", f->state, outcome(code));
	if (code == EINVAL)
		remedy(v, "export XDG_STATE_HOME=DIRECTORY (on ext4, xfs, "
			  "btrfs or tmpfs; an overlay cannot lie on an "
			  "overlay or on NFS)");
	else if (code == ENODEV)
		remedy(v, "%smodprobe overlay", sudo(f));
	else if (code == EPERM)
		remedy(v, "install Linux 5.11 or newer");
}

static void judge_overlay_memory(const struct doctor_facts *f,
				 struct verdict *v)
{
	int code = f->tried[TRY_OVERLAY_MEMORY];

	found(v, "works");
	if (code == 0)
		return;
	found(v, "%s", outcome(code));
	bad(v, SBX_DEGRADED,
	    "mounts with access: overlay and upper: memory are refused");
	if (code == EINVAL || code == EOPNOTSUPP)
		remedy(v, "install Linux 6.6 or newer, or write upper: disk");
	else if (code == ENODEV)
		remedy(v, "%smodprobe overlay", sudo(f));
}

static void judge_devpts(const struct doctor_facts *f, struct verdict *v)
{
	int code = f->tried[TRY_DEVPTS];

	found(v, "%s", outcome(code));
	if (code != 0)
		bad(v, SBX_MISSING, "the jail's /dev cannot be laid out");
}

static void judge_seccomp(const struct doctor_facts *f, struct verdict *v)
{
	int code = f->tried[TRY_SECCOMP];

	found(v, "%s", outcome(code));
	if (code == 0)
		return;
	bad(v, SBX_MISSING, "system calls cannot be filtered");
	if (f->filtered)
		remedy(v, OPEN_CONTAINER);
	else
		remedy(v, "install a kernel with CONFIG_SECCOMP_FILTER=y");
}

static void judge_landlock(const struct doctor_facts *f, struct verdict *v)
{
	found(v, "ABI %d", f->landlock_abi);
	if (f->landlock_abi >= 6)
		return;
	if (f->landlock_abi > 0) {
		bad(v, SBX_DEGRADED,
		    "abstract sockets and signals are held by namespaces "
		    "alone");
		remedy(v, "install Linux 6.12 or newer");
		return;
	}
	found(v, "none");
	bad(v, SBX_DEGRADED,
	    "files are held by the mount namespace alone, without a second "
	    "wall");
	if (f->container || f->filtered)
		remedy(v, OPEN_CONTAINER);
	else
		remedy(v, "boot with lsm=landlock,... (the list of "
			  "/sys/kernel/security/lsm behind it) on the "
			  "kernel's command line");
}

/* One word a controller, the missing ones for a person. */
static const char *controllers(unsigned bits, char *ret, size_t size)
{
	static const struct {
		unsigned bit;
		const char *name;
	} rows[] = { { CG_CPU, "cpu" },
		     { CG_MEMORY, "memory" },
		     { CG_PIDS, "pids" },
		     { CG_IO, "io" } };
	size_t n = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (bits & rows[i].bit && n < size)
			n += (size_t)snprintf(ret + n, size - n, "%s%s",
					      n ? " " : "", rows[i].name);
	return ret;
}

static void mend_cgroup(const struct doctor_facts *f, struct verdict *v)
{
	if (f->container)
		return;
	if (!f->cgroup2)
		remedy(v, "boot with systemd.unified_cgroup_hierarchy=1 on "
			  "the kernel's command line");
	else if (f->systemd && f->uid != 0 && !f->user_manager)
		remedy(v, "sudo loginctl enable-linger %s",
		       f->user[0] ? f->user : "USER");
	else if (f->systemd && f->uid != 0)
		remedy(v,
		       "sudo mkdir -p /etc/systemd/system/user@.service.d && "
		       "printf '[Service]\\nDelegate=cpu cpuset io memory "
		       "pids\\n' | sudo tee "
		       "/etc/systemd/system/user@.service.d/delegate.conf && "
		       "sudo systemctl daemon-reload && "
		       "sudo systemctl restart user@%u",
		       f->uid);
}

static void judge_cgroup(const struct doctor_facts *f, struct verdict *v)
{
	static const unsigned all = CG_CPU | CG_MEMORY | CG_PIDS | CG_IO;
	unsigned has = f->cg.how == CG_NONE ? 0 : f->cg.controllers;
	char words[64];

	found(v, "%s: %s", f->cg.how == CG_SYSTEMD ? "by systemd" : "writable",
	      controllers(has, words, sizeof(words)));
	if ((has & all) == all)
		return;
	bad(v, SBX_DEGRADED,
	    "limits without a controller are held by a watchdog that samples; "
	    "limits.enforce: cgroup is refused");
	if (has)
		found(v, "without %s",
		      controllers(all & ~has, words, sizeof(words)));
	else
		found(v, "none%s%s", f->cg.why_not[0] ? ": " : "",
		      f->cg.why_not);
	mend_cgroup(f, v);
}

static void judge_subids(const struct doctor_facts *f, struct verdict *v)
{
	const char *user = f->user[0] ? f->user : "USER";

	found(v, f->subids ? "there" : "none");
	if (f->subids)
		return;
	bad(v, SBX_DEGRADED, "policies with user.subids: true are refused");
	remedy(v,
	       "%sapt-get install uidmap && %susermod --add-subuids "
	       "100000-165535 --add-subgids 100000-165535 %s",
	       sudo(f), sudo(f), user);
}

static void judge_room(const struct doctor_facts *f, struct verdict *v)
{
	if (f->state_free == SBX_UNKNOWN) {
		found(v, "not known");
		return;
	}
	found(v, "%" PRIu64 " MiB free in %s", f->state_free >> 20, f->state);
	if (f->state_free >= LITTLE_ROOM)
		return;
	bad(v, SBX_DEGRADED, "a run with many changes may find the disk full");
	remedy(v, "export XDG_STATE_HOME=DIRECTORY (where there is room)");
}

static const struct {
	const char *name;
	void (*judge)(const struct doctor_facts *f, struct verdict *v);
} rows[] = {
	{ "kernel", judge_kernel },
	{ "user namespaces", judge_userns },
	{ "mounts", judge_mounts },
	{ "own /proc", judge_proc },
	{ "network namespaces", judge_net },
	{ "other namespaces", judge_other_ns },
	{ "terminals", judge_devpts },
	{ "system call filter", judge_seccomp },
	{ "copy-on-write on disk", judge_overlay_disk },
	{ "copy-on-write in memory", judge_overlay_memory },
	{ "room for changes", judge_room },
	{ "Landlock", judge_landlock },
	{ "cgroup limits", judge_cgroup },
	{ "subordinate ids", judge_subids },
};

int doctor_judge(const struct doctor_facts *f,
		 int (*fn)(const struct sbx_check *check, void *arg), void *arg)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct verdict v = { .health = SBX_OK, .effect = "" };
		struct sbx_check check = { .name = rows[i].name };
		int r;

		rows[i].judge(f, &v);
		check.health = v.health;
		check.found = v.found;
		check.effect = v.effect;
		check.remedy = v.remedy;
		r = fn(&check, arg);
		if (r != 0)
			return r;
	}
	return 0;
}
