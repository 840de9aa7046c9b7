/* SPDX-License-Identifier: Apache-2.0 */
/* The sbx_policy_* functions of libsbx. */
#include "runtime/core/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/lock.h"

struct sbx_policy;
DEFINE_AUTO(sbx_policy)

static int no_memory(struct sbx_err *err)
{
	return sbx_fail(err, ENOMEM, "policy");
}

/* Copy what policy_set() will want to know again. */
static int keep_source(struct sbx_policy *p,
		       const struct sbx_policy_source *src, struct sbx_err *err)
{
	char *const *e = src->environ ? src->environ : environ;

	p->cwd = src->cwd ? strdup(src->cwd) : get_current_dir_name();
	if (!p->cwd)
		return sbx_fail(err, errno, "working directory");
	for (; e && *e; e++)
		if (strv_add(&p->environ, *e) < 0)
			return no_memory(err);
	if (!p->environ.v && strv_add(&p->environ, "") < 0)
		return no_memory(err);
	p->source.cwd = p->cwd;
	p->source.environ = p->environ.v;
	return 0;
}

int sbx_policy_load(const struct sbx_policy_source *src,
		    struct sbx_policy **ret, struct sbx_err *err)
{
	_auto(sbx_policy) struct sbx_policy *p = calloc(1, sizeof(*p));
	struct sbx_policy_source with = *src;
	int r;

	if (!p)
		return no_memory(err);
	r = keep_source(p, src, err);
	if (r < 0)
		return r;
	with.cwd = p->source.cwd;
	with.environ = p->source.environ;
	r = policy_load(&with, &p->pol, err);
	if (r == 0)
		r = filter_check(p->pol, err);
	if (r < 0)
		return r;
	*ret = take(p);
	return 0;
}

int sbx_policy_set(struct sbx_policy *p, const char *assignment,
		   struct sbx_err *err)
{
	return policy_set(p->pol, assignment, &p->source, err);
}

void sbx_policy_free(struct sbx_policy *p)
{
	if (!p)
		return;
	policy_free(p->pol);
	strv_done(&p->environ);
	free(p->cwd);
	free(p);
}

/* What fn wrote, as text of the caller's. */
static int hand_over(struct buf *out, int r, char **ret, struct sbx_err *err)
{
	char *text;

	if (r < 0)
		return r;
	text = buf_take(out);
	if (!text)
		return no_memory(err);
	*ret = text;
	return 0;
}

int sbx_policy_show(const struct sbx_policy *p, enum sbx_format format,
		    char **ret, struct sbx_err *err)
{
	_autobuf struct buf out = { 0 };

	return hand_over(&out, policy_show(p->pol, format, &out, err), ret,
			 err);
}

int sbx_policy_explain(const struct sbx_policy *p, char **ret,
		       struct sbx_err *err)
{
	_autobuf struct buf out = { 0 };

	return hand_over(&out, policy_explain(p->pol, &out, err), ret, err);
}

int sbx_policy_schema(char **ret, struct sbx_err *err)
{
	_autobuf struct buf out = { 0 };

	return hand_over(&out, policy_schema(&out, err), ret, err);
}

const char *sbx_policy_warning(const struct sbx_policy *p, size_t i)
{
	return i < p->pol->warnings.n ? p->pol->warnings.v[i] : NULL;
}

const struct sbx_policy_key *sbx_policy_keys(size_t *ret_n)
{
	return policy_keys(ret_n);
}

const struct sbx_preset *sbx_policy_presets(size_t *ret_n)
{
	return policy_presets(ret_n);
}
