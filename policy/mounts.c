/* SPDX-License-Identifier: Apache-2.0 */
/* The list of mounts. */
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/schema.h"
#include "policy/text.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/path.h"

static void mount_done(struct pol_mount *m)
{
	free(m->host);
	free(m->guest);
	free(m->origin);
	*m = (struct pol_mount){ 0 };
}

/* Fail at the value of one key of the mount. */
static const struct node *aim(struct pol_ctx *c, const struct node *map,
			      const char *name)
{
	const struct node *n = pol_member(map, strchr(name, '.') + 1);

	c->name = name;
	return n ? n : map;
}

static int check_guest(struct pol_ctx *c, const struct pol_mount *m,
		       const struct node *map)
{
	static const char *const own[] = { "/proc", "/dev", "/sys" };
	const struct node *n = aim(c, map, "mounts[].guest");

	if (strcmp(m->guest, "/") == 0)
		return pol_fail(c, n, "'/' is made by rootfs.base");
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (path_within(m->guest, own[i]))
			return pol_fail(c, n,
					"'%s': nothing is mounted on or in %s",
					Q(m->guest), own[i]);
	return 0;
}

static int check_host(struct pol_ctx *c, const struct pol_mount *m,
		      const struct node *map)
{
	const struct node *n = aim(c, map, "mounts[].host");
	const char *text = pol_member(map, "host")->text;
	const char *home = pol_getenv(c, "HOME", 4);

	if (strcmp(m->host, "/") == 0)
		return pol_fail(c, n, "'%s' is /, the whole host; %s", Q(text),
				strcmp(text, ".") == 0
					? "start in the directory to work on"
					: "name what is needed of it");
	if (home && strcmp(m->host, home) == 0 && strcmp(text, ".") == 0)
		return pol_warn(c, n,
				"the working directory is the home "
				"directory: everything in it can be "
				"read inside");
	return 0;
}

static int check_upper(struct pol_ctx *c, const struct pol_mount *m,
		       const struct node *map)
{
	if (!pol_member(map, "upper") || m->access == POL_OVERLAY)
		return 0;
	return pol_fail(c, aim(c, map, "mounts[].upper"),
			"only a mount with access: overlay has an upper layer");
}

static int check_mount(struct pol_ctx *c, const struct pol_mount *m,
		       const struct node *map)
{
	int r;

	if (!m->host || !m->guest) {
		c->name = "mounts[]";
		c->member = m->host ? "guest" : "host";
		r = pol_fail(c, map, "missing key");
		c->member = NULL;
		return r;
	}
	r = check_guest(c, m, map);
	if (r == 0)
		r = check_host(c, m, map);
	if (r == 0)
		r = check_upper(c, m, map);
	return r;
}

/* Take the mount over, in place of an inherited one at the same guest path. */
static int keep(struct pol_ctx *c, struct pol_mount *m, const struct node *map)
{
	struct policy *p = c->p;
	struct pol_mount *v;

	for (size_t i = 0; i < p->n_mounts; i++) {
		if (strcmp(p->mounts[i].guest, m->guest) != 0)
			continue;
		if (p->mounts[i].layer == c->layer)
			return pol_fail(c, aim(c, map, "mounts[].guest"),
					"'%s' is the guest path of two mounts",
					Q(m->guest));
		mount_done(&p->mounts[i]);
		p->mounts[i] = *m;
		*m = (struct pol_mount){ 0 };
		return 0;
	}
	v = reallocarray(p->mounts, p->n_mounts + 1, sizeof(*v));
	if (!v)
		return pol_no_memory(c);
	p->mounts = v;
	v[p->n_mounts++] = *m;
	*m = (struct pol_mount){ 0 };
	return 0;
}

static int fill(struct pol_ctx *c, struct pol_mount *m, const struct node *map)
{
	int r;

	c->name = "mounts[]";
	m->origin = pol_place(c, map);
	if (!m->origin)
		return pol_no_memory(c);
	m->layer = c->layer;
	for (size_t row = 0; row < pol_n_rows(); row++)
		if (strncmp(pol_key(row)->name, "mounts[].", 9) == 0)
			pol_mark_set(c->p, row, false);
	r = pol_apply_defaults(c, true);
	if (r == 0)
		r = pol_want_map(c, map, "a mapping (host, guest, ...)");
	if (r == 0)
		r = pol_apply_map(c, "mounts[].", map);
	if (r == 0)
		r = check_mount(c, m, map);
	return r;
}

int pol_apply_mounts(struct pol_ctx *c, size_t row, const struct node *list)
{
	struct pol_mount m = { 0 };
	int r = pol_want_list(c, list, "a list of mounts");

	c->item = 0;
	for (const struct node *n = list->first; r == 0 && n; n = n->next) {
		c->base = &m;
		r = fill(c, &m, n);
		c->base = c->p;
		if (r == 0)
			r = keep(c, &m, n);
		mount_done(&m);
		c->item++;
	}
	c->item = POL_NO_INDEX;
	return r;
}
