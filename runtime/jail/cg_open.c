/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding where a jail's cgroup is, and whether it has one at all. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/cg.h"

static void here_done(struct cg_here *h)
{
	close_fd(&h->mountfd);
}

#define _autohere __attribute__((cleanup(here_done)))

static void place_done(struct cg_place *p)
{
	close_fd(&p->fd);
}

#define _autoplace __attribute__((cleanup(place_done)))

static const struct cgroup nothing = { .dirfd = -1, .parentfd = -1 };

/* The place that is there, without asking anybody: 0, 1 and why, -errno. */
static int look(struct cg_here *here, struct cg_place *place,
		struct cgroup *why, struct sbx_err *err)
{
	const char *named = getenv("SBX_CGROUP");
	int r = cg_here(here, why);

	if (named && *named)
		return cg_find_named(here, named, place, err);
	return r ? r : cg_find(here, place, why);
}

/* Ask once: into a scope of our own, or what we are in; then look again. */
static int ask(struct cg_here *here, const struct cg_manager *m, bool asks,
	       struct cg_place *place, struct cgroup *why)
{
	struct sbx_err err = { 0 };

	if (cg_scope(m, asks, &here->made, &err) < 0) {
		cg_why(why, "%s", err.msg);
		return 1;
	}
	here->ours = true;
	return cg_own(here) < 0 ? 1 : cg_find(here, place, why);
}

static int ask_manager(struct cg_here *here, struct cg_place *place,
		       unsigned needs, struct cgroup *why)
{
	struct cg_manager m;
	int r = cg_manager(here, &m, why);

	if (r)
		return r;
	if (m.controllers && !(m.controllers & needs)) {
		cg_why(why, "the service manager was given no controllers");
		cg_remedy_dropin(why);
		return 1;
	}
	r = ask(here, &m, true, place, why);
	/* our unit is delegated, but others live in it too */
	if (r == 1 && here->ours && !here->made)
		r = ask(here, &m, false, place, why);
	return r;
}

/* All that lim asks for is there, or lim does not insist. */
static int check(const struct cgroup *cg, const struct pol_limits *lim,
		 struct sbx_err *err)
{
	unsigned missing = cg_needs(lim) & ~cg->controllers;
	char names[64];

	if (lim->enforce != POL_ENFORCE_CGROUP)
		return 0;
	if (cg->how == CG_NONE)
		return sbx_failx(err, ENOTSUP,
				 "limits.enforce: no cgroup: %s; %s",
				 cg->why_not, cg->remedy);
	if (!missing)
		return 0;
	return sbx_failx(err, ENOTSUP,
			 "%s: limits.enforce is 'cgroup', and the controllers "
			 "that %s lacks are: %s; %s",
			 cg_key_of(lim, missing), cg->path,
			 cg_controller_names(missing, names, sizeof(names)),
			 cg->remedy);
}

static void note_missing(struct cgroup *cg, unsigned missing)
{
	char names[64];

	if (!missing || cg->why_not[0])
		return;
	cg_why(cg, "not delegated to us: %s",
	       cg_controller_names(missing, names, sizeof(names)));
	cg_remedy_dropin(cg);
}

int cg_open(struct cgroup *ret, const struct pol_limits *lim,
	    struct sbx_err *err)
{
	_autohere struct cg_here here = { .mountfd = -1 };
	_autoplace struct cg_place place = { .fd = -1 };
	struct cgroup cg = nothing;
	unsigned needs = cg_needs(lim);
	int r = look(&here, &place, &cg, err);

	/* the bus costs milliseconds: only where there is a limit to hold */
	if (r == 1 && here.systemd && needs)
		r = ask_manager(&here, &place, needs, &cg);
	if (r == 1) {
		*ret = cg;
		return check(&cg, lim, err);
	}
	if (r < 0)
		return r;
	cg = nothing;
	r = cg_make(&here, &place, &cg, err);
	if (r == 0)
		r = cg_write(&cg, lim, err);
	if (r == 0) {
		note_missing(&cg, needs & ~cg.controllers);
		r = check(&cg, lim, err);
	}
	if (r < 0) {
		(void)cg_close(&cg, NULL);
		return r;
	}
	*ret = cg;
	return 0;
}

void cg_probe(struct cgroup *ret)
{
	_autohere struct cg_here here = { .mountfd = -1 };
	_autoplace struct cg_place place = { .fd = -1 };
	struct sbx_err err = { 0 };
	struct cg_manager m;
	int r;

	*ret = nothing;
	r = look(&here, &place, ret, &err);
	if (r == 0) {
		*ret = nothing;
		ret->how = CG_WRITABLE;
		ret->controllers = place.controllers;
		strcpy(ret->path, place.path);
	} else if (r < 0) {
		cg_why(ret, "%s", err.msg);
	} else if (here.systemd && cg_manager(&here, &m, ret) == 0) {
		*ret = nothing;
		ret->how = CG_SYSTEMD;
		ret->controllers = m.controllers;
	}
	if (ret->how != CG_NONE)
		note_missing(ret, (CG_CPU | CG_MEMORY | CG_PIDS | CG_IO) &
					  ~ret->controllers);
}

void cg_sweep(const struct cgroup *cg)
{
	if (cg->how == CG_WRITABLE && cg->parentfd >= 0)
		cg_sweep_in(cg->parentfd);
}
