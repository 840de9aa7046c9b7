/* SPDX-License-Identifier: Apache-2.0 */
/* A policy in plain sentences: what can be seen, written, reached, spent. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"
#include "policy/schema.h"
#include "policy/text.h"
#include "policy/value.h"
#include "runtime/base/cleanup.h"

static void head(struct buf *out, const char *title)
{
	buf_printf(out, "%s%s\n", out->len ? "\n" : "", title);
}

static void put_names(struct buf *out, const struct strv *v)
{
	for (size_t i = 0; i < v->n; i++)
		buf_printf(out, "%s%s", i ? ", " : "", Q(v->v[i]));
	buf_puts(out, "\n");
}

static void explain_origin(const struct policy *p, struct buf *out)
{
	buf_printf(out, "Policy %s", Q(p->source));
	if (p->extends.n) {
		buf_puts(out, ", which extends ");
		put_names(out, &p->extends);
	} else {
		buf_puts(out, "\n");
	}
}

static void explain_base(const struct policy *p, struct buf *out)
{
	if (p->rootfs.base == POL_BASE_HOST)
		buf_puts(out, "  the host's programs and libraries (/usr, "
			      "/bin, /lib) and the part of /etc they need, "
			      "read-only\n");
	else if (p->rootfs.base == POL_BASE_DIR)
		buf_printf(out, "  %s as /, read-only\n", Q(p->rootfs.dir));
	else
		buf_puts(out, "  an empty / with only what is mounted below\n");
}

static void explain_mount(const struct pol_mount *m, struct buf *out)
{
	static const char *const how[] = {
		[POL_RO] = "read-only",
		[POL_RW] = "the host's own files, writable",
		[POL_OVERLAY] = "copy-on-write",
	};

	buf_printf(out, "  %s as %s, %s%s\n", Q(m->host), Q(m->guest),
		   how[m->access], m->optional ? ", if it is there" : "");
}

static void explain_env(const struct policy *p, struct buf *out)
{
	if (p->env.n_set) {
		buf_puts(out, "  variables set here: ");
		for (size_t i = 0; i < p->env.n_set; i++)
			buf_printf(out, "%s%s", i ? ", " : "",
				   Q(p->env.set[i].name));
		buf_puts(out, "\n");
	}
	if (p->env.pass.n) {
		buf_puts(out, "  variables of the caller, where set: ");
		put_names(out, &p->env.pass);
	}
	if (!p->env.n_set && !p->env.pass.n)
		buf_puts(out, "  no environment variables\n");
	if (p->fds.n) {
		buf_puts(out, "  open descriptors of the caller: ");
		put_names(out, &p->fds);
	}
}

static void explain_sight(const struct policy *p, struct buf *out)
{
	head(out, "The program sees");
	explain_base(p, out);
	for (size_t i = 0; i < p->n_mounts; i++)
		explain_mount(&p->mounts[i], out);
	explain_env(p, out);
	buf_puts(out, "  nothing else of the host: no home directories, no "
		      "sockets, no other processes\n");
}

static void explain_writes(const struct policy *p, struct buf *out)
{
	head(out, "It can write");
	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct pol_mount *m = &p->mounts[i];

		if (m->access == POL_RW)
			buf_printf(out, "  %s, and so %s on the host\n",
				   Q(m->guest), Q(m->host));
		else if (m->access == POL_OVERLAY)
			buf_printf(out,
				   "  %s, in a copy: %s stays as it is, "
				   "the changes are %s\n",
				   Q(m->guest), Q(m->host),
				   m->upper == POL_UPPER_DISK
					   ? "kept to be looked at"
					   : "gone at the end");
	}
	buf_puts(out, "  /tmp, /dev/shm and the home directory, all gone at "
		      "the end\n");
}

static void explain_reach(const struct policy *p, struct buf *out)
{
	head(out, "It can reach");
	if (p->network.mode == POL_NET_NONE)
		buf_puts(out, "  no network: only itself, over its own "
			      "loopback\n");
	else
		buf_puts(out, "  whatever the host can reach, and every "
			      "service on the host itself\n");
}

/* One line per limit, in the words of its row. */
static void explain_limits(const struct policy *p, struct buf *out)
{
	_autobuf struct buf value = { 0 };
	_autobuf struct buf unlimited = { 0 };

	head(out, "It may use at most");
	for (size_t row = 0; row < pol_n_rows(); row++) {
		const struct sbx_policy_key *k = pol_key(row);
		uint64_t v;

		if (strncmp(k->name, "limits.", 7) != 0 ||
		    pol_row(row)->kind == POL_ENUM)
			continue;
		v = *(const uint64_t *)((const char *)p + pol_row(row)->offset);
		if (v == POL_NONE) {
			buf_printf(&unlimited, "%s%s",
				   unlimited.len ? ", " : "", k->name + 7);
			continue;
		}
		value.len = 0;
		pol_print(row, v, &value);
		buf_printf(out, "  %-11s %-8s %s\n", k->name + 7,
			   value.data ? value.data : "", k->help);
	}
	if (unlimited.len)
		buf_printf(out, "  without a limit: %s\n", unlimited.data);
	out->failed |= value.failed || unlimited.failed;
	buf_puts(out,
		 p->limits.enforce == POL_ENFORCE_CGROUP
			 ? "  held by a cgroup, or else it does not run\n"
			 : "  held by a cgroup, or else by the watchdog\n");
}

static void explain_place(const struct policy *p, struct buf *out)
{
	head(out, "It runs");
	buf_printf(out,
		   "  in %s, on a host named %s, as %s, with umask "
		   "%03llo\n",
		   Q(p->workdir), p->hostname,
		   p->user.id == POL_ID_ROOT
			   ? "root of its own user namespace"
			   : "the caller's user without any capability",
		   (unsigned long long)p->user.umask);
	if (p->user.subids)
		buf_puts(out, "  with the caller's subordinate ids mapped\n");
	if (p->time_namespace)
		buf_puts(out, "  with clocks of its own\n");
	buf_puts(out, "  under the default system call filter\n");
	if (p->seccomp.allow.n) {
		buf_puts(out, "  with these system calls let through beyond "
			      "it: ");
		put_names(out, &p->seccomp.allow);
	}
	if (p->seccomp.deny.n) {
		buf_puts(out, "  with these system calls refused beyond it: ");
		put_names(out, &p->seccomp.deny);
	}
	buf_puts(out, p->landlock == POL_LANDLOCK_REQUIRE
			      ? "  under Landlock, or else it does not run\n"
			      : "  under Landlock, where the kernel has it\n");
}

int policy_explain(const struct policy *p, struct buf *out, struct sbx_err *err)
{
	explain_origin(p, out);
	explain_sight(p, out);
	explain_writes(p, out);
	explain_reach(p, out);
	explain_limits(p, out);
	explain_place(p, out);
	return out->failed ? sbx_fail(err, ENOMEM, "policy") : 0;
}
