/* SPDX-License-Identifier: Apache-2.0 */
/* Running a seccomp filter without a kernel. */
#include "tests/unit/bpf.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The subset of classic BPF that seccomp(2) takes and our compilers emit. */
struct machine {
	const struct sock_fprog *prog;
	const struct seccomp_data *data;
	uint32_t a;
	size_t pc;
};

static bool load(struct machine *m, uint32_t offset)
{
	if (offset % 4 || offset > sizeof(*m->data) - 4)
		return false;
	memcpy(&m->a, (const char *)m->data + offset, 4);
	return true;
}

static bool alu(struct machine *m, const struct sock_filter *f)
{
	if (BPF_OP(f->code) != BPF_AND || BPF_SRC(f->code) != BPF_K)
		return false;
	m->a &= f->k;
	return true;
}

static bool jump(struct machine *m, const struct sock_filter *f)
{
	bool yes;

	switch (BPF_OP(f->code)) {
	case BPF_JA:
		m->pc += f->k;
		return true;
	case BPF_JEQ:
		yes = m->a == f->k;
		break;
	case BPF_JGT:
		yes = m->a > f->k;
		break;
	case BPF_JGE:
		yes = m->a >= f->k;
		break;
	case BPF_JSET:
		yes = (m->a & f->k) != 0;
		break;
	default:
		return false;
	}
	m->pc += yes ? f->jt : f->jf;
	return BPF_SRC(f->code) == BPF_K;
}

uint32_t bpf_run(const struct sock_fprog *prog, const struct seccomp_data *data)
{
	struct machine m = { .prog = prog, .data = data };

	while (m.pc < prog->len) {
		const struct sock_filter *f = &prog->filter[m.pc++];
		bool good = false;

		if (f->code == (BPF_RET | BPF_K))
			return f->k;
		if (f->code == (BPF_LD | BPF_W | BPF_ABS))
			good = load(&m, f->k);
		else if (BPF_CLASS(f->code) == BPF_ALU)
			good = alu(&m, f);
		else if (BPF_CLASS(f->code) == BPF_JMP)
			good = jump(&m, f);
		if (!good)
			return BPF_INVALID;
	}
	return BPF_INVALID;
}
