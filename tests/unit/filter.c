/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts of the system call filter, by running its program in a simulator. */
#include "runtime/jail/filter.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ptrace.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/lock.h"
#include "tests/tap/tap.h"
#include "tests/unit/bpf.h"

#define ALLOW SECCOMP_RET_ALLOW
#define KILL SECCOMP_RET_KILL_PROCESS
#define FAIL(code) (SECCOMP_RET_ERRNO | (code))
#define UPPER_HALF 0xdeadbeef00000000

static uint32_t verdict(const struct sock_fprog *prog, int nr,
			const uint64_t args[6])
{
	struct seccomp_data d = { .nr = nr, .arch = seccomp_arch_native() };

	if (args)
		memcpy(d.args, args, sizeof(d.args));
	return bpf_run(prog, &d);
}

static const char *spell(uint32_t v)
{
	static char text[32];

	if (v == ALLOW)
		return "allow";
	if (v == KILL)
		return "kill";
	if ((v & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		return strerrorname_np((int)(v & SECCOMP_RET_DATA));
	(void)snprintf(text, sizeof(text), "%#x", v);
	return text;
}

static void add(struct strv *s, const char *const *names)
{
	for (; names && *names; names++)
		if (strv_add(s, *names) < 0)
			abort();
}

/* Compile for a policy; NULL-terminated lists or NULL. */
static int compile(struct sock_fprog *ret, const char *const *allow,
		   const char *const *deny, struct sbx_err *err)
{
	struct policy pol = { 0 };
	struct filter_set set;
	int r;

	add(&pol.seccomp.allow, allow);
	add(&pol.seccomp.deny, deny);
	r = filter_choose(&set, &pol, err);
	if (r == 0)
		r = filter_compile(&set, ret, err);
	strv_done(&pol.seccomp.allow);
	strv_done(&pol.seccomp.deny);
	return r;
}

/* ---- the whole table --------------------------------------------------- */

static int number_of(const char *name)
{
	return filter_resolve(name);
}

/* One name a line, and what a call with no arguments gets. */
static void test_table(const struct sock_fprog *prog)
{
	char path[4096], name[64], want[32];
	int lines = 0, wrong = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/tests/unit/filter.verdicts",
		       getenv("srcdir") ? getenv("srcdir") : ".");
	f = fopen(path, "r");
	if (!ok(f != NULL, "the table of verdicts is there"))
		return;
	while (fscanf(f, "%63s %31s", name, want) == 2) {
		int nr = number_of(name);
		const char *got;

		lines++;
		if (nr < 0)
			continue;
		got = spell(verdict(prog, nr, NULL));
		if (strcmp(got, want) == 0)
			continue;
		tap_note("%s: got %s, want %s", name, got, want);
		wrong++;
	}
	(void)fclose(f);
	ok(lines > 350, "the table has a line for each call");
	is_int(wrong, 0, "every call gets the verdict of the table");
}

/* Every call that this machine knows is in the table. */
static void test_table_complete(void)
{
	_autofree char *text = NULL;
	char path[4096], line[80];
	size_t size = 0;
	int missing = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/tests/unit/filter.verdicts",
		       getenv("srcdir") ? getenv("srcdir") : ".");
	f = fopen(path, "r");
	if (!f || getdelim(&text, &size, '\0', f) < 0) {
		ok(false, "the table of verdicts can be read");
		return;
	}
	(void)fclose(f);
	ok(strncmp(text, "read ", 5) == 0, "the table begins with read");
	for (int nr = 1; nr <= FILTER_NEWEST; nr++) {
		_autofree char *name = seccomp_syscall_resolve_num_arch(
			seccomp_arch_native(), nr);

		(void)snprintf(line, sizeof(line), "\n%s ", name ? name : "");
		if (!name || strstr(text, line))
			continue;
		tap_note("%s is not in the table", name);
		missing++;
	}
	is_int(missing, 0, "the table names every call of this machine");
}

/* ---- arguments --------------------------------------------------------- */

struct call {
	const char *name;
	uint64_t args[6];
	uint32_t want;
};

#define NO_FAMILY FAIL(EAFNOSUPPORT)
#define NO_PROTOCOL FAIL(EPROTONOSUPPORT)
#define NO FAIL(EPERM)

static const struct call calls[] = {
	{ "clone", { 0 }, ALLOW },
	{ "clone",
	  { CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
	    CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
	    CLONE_CHILD_CLEARTID },
	  ALLOW },
	{ "clone", { CLONE_VM | CLONE_VFORK | 17 }, ALLOW },
	{ "clone", { CLONE_PIDFD | 17 }, ALLOW },
	{ "clone", { CLONE_NEWUSER | 17 }, NO },
	{ "clone", { CLONE_NEWNS | 17 }, NO },
	{ "clone", { CLONE_NEWPID }, NO },
	{ "clone", { CLONE_NEWNET }, NO },
	{ "clone", { CLONE_NEWIPC }, NO },
	{ "clone", { CLONE_NEWUTS }, NO },
	{ "clone", { CLONE_NEWCGROUP }, NO },
	{ "clone3", { 0 }, FAIL(ENOSYS) },
	{ "unshare", { 0 }, ALLOW },
	{ "unshare", { CLONE_FS | CLONE_FILES }, ALLOW },
	{ "unshare", { CLONE_NEWUSER }, NO },
	{ "unshare", { CLONE_FS | CLONE_NEWNS }, NO },
	{ "unshare", { 0x80 /* CLONE_NEWTIME */ }, NO },
	{ "unshare", { CLONE_NEWNET }, NO },
	{ "socket", { AF_UNIX, SOCK_STREAM }, ALLOW },
	{ "socket", { AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC }, ALLOW },
	{ "socket", { AF_INET, SOCK_STREAM }, ALLOW },
	{ "socket", { AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 6 }, ALLOW },
	{ "socket", { AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 17 }, ALLOW },
	{ "socket", { AF_INET, SOCK_DGRAM, 1 }, ALLOW },
	{ "socket", { AF_INET6, SOCK_DGRAM, 58 }, ALLOW },
	{ "socket", { AF_INET, SOCK_RAW, 1 }, NO },
	{ "socket", { AF_INET6, SOCK_RAW | SOCK_CLOEXEC, 58 }, NO },
	{ "socket", { AF_INET, SOCK_RAW, 255 }, NO },
	{ "socket", { AF_INET, 10 /* SOCK_PACKET */ }, NO },
	{ "socket", { AF_INET, SOCK_SEQPACKET, 132 }, NO },
	{ "socket", { AF_INET, SOCK_STREAM, 132 /* SCTP */ }, NO_PROTOCOL },
	{ "socket", { AF_INET, SOCK_STREAM, 262 /* MPTCP */ }, NO_PROTOCOL },
	{ "socket", { AF_INET6, SOCK_DGRAM, 136 /* lite */ }, NO_PROTOCOL },
	{ "socket", { AF_INET, SOCK_DGRAM, 115 /* L2TP */ }, NO_PROTOCOL },
	{ "socket", { AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0 }, ALLOW },
	{ "socket", { AF_NETLINK, SOCK_RAW, 4 /* DIAG */ }, NO_PROTOCOL },
	{ "socket", { AF_NETLINK, SOCK_RAW, 9 /* AUDIT */ }, NO_PROTOCOL },
	{ "socket", { AF_NETLINK, SOCK_RAW, 12 /* FILTER */ }, NO_PROTOCOL },
	{ "socket", { AF_NETLINK, SOCK_DGRAM, 15 /* UEVENT */ }, NO_PROTOCOL },
	{ "socket", { AF_UNSPEC }, NO_FAMILY },
	{ "socket", { AF_PACKET, SOCK_RAW, 768 }, NO_FAMILY },
	{ "socket", { AF_VSOCK, SOCK_STREAM }, NO_FAMILY },
	{ "socket", { AF_ALG, SOCK_SEQPACKET }, NO_FAMILY },
	{ "socket", { AF_XDP, SOCK_RAW }, NO_FAMILY },
	{ "socket", { AF_BLUETOOTH, SOCK_RAW }, NO_FAMILY },
	{ "socket", { AF_KEY, SOCK_RAW, 2 }, NO_FAMILY },
	{ "socket", { AF_TIPC, SOCK_RDM }, NO_FAMILY },
	{ "socket", { AF_RDS, SOCK_SEQPACKET }, NO_FAMILY },
	{ "socket", { AF_CAN, SOCK_RAW, 1 }, NO_FAMILY },
	{ "socket", { AF_SMC, SOCK_STREAM }, NO_FAMILY },
	{ "socket", { AF_QIPCRTR, SOCK_DGRAM }, NO_FAMILY },
	{ "socket", { 46 /* not given away yet */ }, NO_FAMILY },
	{ "socketpair", { AF_UNIX, SOCK_STREAM }, ALLOW },
	{ "socketpair", { AF_TIPC, SOCK_STREAM }, NO_FAMILY },
	{ "ioctl", { 0, TCGETS }, ALLOW },
	{ "ioctl", { 0, TIOCSCTTY }, ALLOW },
	{ "ioctl", { 0, TIOCGWINSZ }, ALLOW },
	{ "ioctl", { 0, FIONREAD }, ALLOW },
	{ "ioctl", { 0, TIOCSTI }, NO },
	{ "ioctl", { 0, 0x541c /* TIOCLINUX */ }, NO },
	{ "ioctl", { 0, TIOCSETD }, NO },
	{ "ptrace", { PTRACE_TRACEME }, ALLOW },
	{ "ptrace", { PTRACE_CONT, 5 }, ALLOW },
	{ "ptrace", { PTRACE_ATTACH, 1 }, NO },
	{ "ptrace", { PTRACE_SEIZE, 1 }, NO },
	{ "personality", { 0 }, ALLOW },
	{ "personality", { 0xffffffff }, ALLOW },
	{ "personality", { PER_LINUX32 }, NO },
	{ "personality", { ADDR_NO_RANDOMIZE }, ALLOW },
	{ "personality", { UNAME26 }, NO },
	{ "personality", { READ_IMPLIES_EXEC }, NO },
	{ "personality", { MMAP_PAGE_ZERO }, NO },
	{ "personality", { ADDR_NO_RANDOMIZE | ADDR_COMPAT_LAYOUT }, NO },
	{ "personality", { 1 }, NO },
	{ "personality", { 0xfffffffe }, NO },
};

static void test_calls(const struct sock_fprog *prog)
{
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		const struct call *c = &calls[i];
		int nr = number_of(c->name);
		uint64_t args[6];
		const char *got;

		if (nr < 0)
			continue;
		got = spell(verdict(prog, nr, c->args));
		is_str(got, spell(c->want), "%s(%#llx, %#llx, %#llx): %s",
		       c->name, (unsigned long long)c->args[0],
		       (unsigned long long)c->args[1],
		       (unsigned long long)c->args[2], spell(c->want));
		for (int j = 0; j < 6; j++)
			args[j] = c->args[j] | UPPER_HALF;
		ok(verdict(prog, nr, args) == c->want,
		   "%zu: the same with the upper halves set", i);
	}
}

/* ---- what has no name -------------------------------------------------- */

static void test_unknown(const struct sock_fprog *prog)
{
	struct seccomp_data d = { .arch = seccomp_arch_native() };
	int wrong = 0;

	for (int nr = FILTER_NEWEST + 1; nr < 0x40000000; nr += 1 + nr / 64)
		wrong += verdict(prog, nr, NULL) != FAIL(ENOSYS);
	is_int(wrong, 0, "numbers newer than this program: ENOSYS");
	is_str(spell(verdict(prog, -1, NULL)), "allow",
	       "a call that a tracer took away passes");
	d.arch = SCMP_ARCH_X86;
	if (d.arch != seccomp_arch_native())
		is_str(spell(bpf_run(prog, &d)), "kill", "i386: kill");
	d.arch = SCMP_ARCH_ARM;
	if (d.arch != seccomp_arch_native())
		is_str(spell(bpf_run(prog, &d)), "kill", "arm: kill");
	d.arch = 0;
	is_str(spell(bpf_run(prog, &d)), "kill", "no architecture: kill");
}

static void test_x32(const struct sock_fprog *prog)
{
#ifdef __x86_64__
	int wrong = 0;

	for (int nr = 0; nr < 600; nr++)
		wrong += verdict(prog, 0x40000000 | nr, NULL) != KILL;
	is_int(wrong, 0, "x32 calls: kill");
	is_str(spell(verdict(prog, 0x7fffffff, NULL)), "kill",
	       "the last number of all: kill");
	is_str(spell(verdict(prog, 400, NULL)), "ENOSYS",
	       "a number that nobody has: ENOSYS");
#else
	(void)prog;
#endif
}

/* ---- the policy's say -------------------------------------------------- */

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void is_verdict(const char *const *allow, const char *const *deny,
		       const char *name, uint64_t arg0, uint32_t want)
{
	const uint64_t args[6] = { arg0 };
	struct sock_fprog prog = { 0 };
	struct sbx_err err = { 0 };
	int nr = number_of(name);

	if (!is_int(compile(&prog, allow, deny, &err), 0,
		    "policy: it compiles for %s", name))
		return;
	is_str(spell(verdict(&prog, nr, args)), spell(want),
	       "policy: allow %s, deny %s: %s", allow ? allow[0] : "-",
	       deny ? deny[0] : "-", spell(want));
	free(prog.filter);
}

static const char *first_of(const char *const *a, const char *const *b)
{
	return a ? a[0] : b ? b[0] : "-";
}

static void is_error(const char *const *allow, const char *const *deny,
		     const char *want)
{
	struct sock_fprog prog = { 0 };
	struct sbx_err err = { 0 };
	int r = compile(&prog, allow, deny, &err);

	is_int(r, -EINVAL, "policy: %s refused: %s", first_of(allow, deny),
	       want);
	has_str(err.msg, want, "policy: %s: says why", first_of(allow, deny));
	if (r == 0)
		free(prog.filter);
}

static void test_policy(void)
{
	is_verdict(LIST("ptrace"), NULL, "ptrace", PTRACE_ATTACH, ALLOW);
	is_verdict(LIST("io_uring_setup"), NULL, "io_uring_setup", 0, ALLOW);
	is_verdict(LIST("io_uring_setup"), NULL, "io_uring_enter", 0,
		   FAIL(ENOSYS));
	is_verdict(LIST("socket"), NULL, "socket", AF_VSOCK, ALLOW);
	is_verdict(LIST("statmount"), NULL, "statmount", 0, ALLOW);
	is_verdict(LIST("read"), NULL, "read", 0, ALLOW);
	is_verdict(NULL, LIST("socket"), "socket", AF_UNIX, NO);
	is_verdict(NULL, LIST("mseal"), "mseal", 0, NO);
	is_verdict(NULL, LIST("memfd_create"), "memfd_create", 0, NO);
	is_verdict(NULL, LIST("keyctl"), "keyctl", 0, FAIL(ENOSYS));
	is_verdict(LIST("ptrace"), LIST("ptrace"), "ptrace", 0, NO);
	is_verdict(LIST("bdflush"), LIST("vm86"), "mount", 0, NO);
	is_error(LIST("mount"), NULL,
		 "seccomp.allow: 'mount' cannot be allowed");
	is_error(LIST("umount"), NULL, "'umount' cannot be allowed");
	is_error(LIST("mout"), NULL,
		 "seccomp.allow: unknown system call 'mout'; did you mean "
		 "mount?");
	is_error(NULL, LIST("io_uring_setpu"), "did you mean io_uring_setup?");
	is_error(NULL, LIST("mseel"), "did you mean mseal?");
	is_error(NULL, LIST("qqqqqqqqqqqqqq"), "call 'qqqqqqqqqqqqqq'");
	is_error(NULL, LIST(""), "seccomp.deny: unknown system call ''");
	is_error(NULL, LIST("execve"),
		 "seccomp.deny: 'execve' cannot be denied");
}

static void test_core(void)
{
	size_t n, wrong = 0;
	const struct filter_row *rows = filter_rows(&n);

	for (size_t i = 0; i < n; i++) {
		const struct filter_row *row = &rows[i];

		wrong += row->error <= 0 || !row->why[0];
		wrong += filter_needed(row->name) && !row->cond[0].n;
		if (row->core)
			is_error(LIST(row->name), NULL, row->why);
	}
	is_int(wrong, 0,
	       "each row has an error and a reason, and leaves what "
	       "the jail needs");
}

/* ---- the compiler ------------------------------------------------------ */

/* Numbers that nobody has: ours refuses them, libseccomp has not heard. */
static bool gap(int nr)
{
#ifdef __x86_64__
	return nr > 336 && nr < 424;
#else
	return nr > 294 && nr < 424;
#endif
}

/* Whatever the verdicts are, the program gives exactly them. */
static void test_shapes(void)
{
	static const int shapes[] = { 1, 2, 3, 5, 50, 133 };
	unsigned seed = 1;

	for (size_t s = 0; s < ARRAY_LEN(shapes); s++) {
		struct sock_fprog prog = { 0 };
		struct sbx_err err = { 0 };
		struct filter_set set;
		int wrong = 0;

		filter_defaults(&set);
		for (int nr = 0; nr <= FILTER_NEWEST; nr++) {
			seed = seed * 1103515245 + 12345;
			set.v[nr] = seed / 65536 % (unsigned)shapes[s];
		}
		if (!is_int(filter_compile(&set, &prog, &err), 0,
			    "%d verdicts by chance compile", shapes[s]))
			continue;
		for (int nr = 0; nr <= FILTER_NEWEST; nr++) {
			uint32_t v = verdict(&prog, nr, NULL);

			if (!gap(nr))
				wrong += v !=
					 (set.v[nr] ? FAIL(set.v[nr]) : ALLOW);
		}
		is_int(wrong, 0, "%d verdicts: all as asked, %u instructions",
		       shapes[s], prog.len);
		free(prog.filter);
	}
}

static bool same_program(const struct sock_fprog *a, const struct sock_fprog *b)
{
	if (a->len != b->len || !a->filter || !b->filter)
		return false;
	return memcmp(a->filter, b->filter, a->len * sizeof(*a->filter)) == 0;
}

static void test_prebuilt(const struct sock_fprog *prog)
{
	struct policy pol = { 0 };
	struct jail_plan plan = { .pol = &pol };
	struct sbx_err err = { 0 };
	_autobuf struct buf out = { 0 };

	is_int(filter_plan(&plan, &err), 0, "the default policy has a filter");
	ok(plan.filter_static, "and it was compiled at build time");
	ok(same_program(&plan.filter, prog), "to what compiling now gives");
	is_int(filter_describe(&plan, &out), 0, "it can be described");
	has_str(out.data, "EPERM  : mount umount2", "the first group");
	has_str(out.data, "by its arguments: clone", "what depends");
	tap_note("%u instructions", prog->len);
	ok(prog->len < 160, "it is small, as its loading costs a start");
}

/* ---- a second opinion -------------------------------------------------- */

static void permit(scmp_filter_ctx ctx, int nr, unsigned n,
		   const struct scmp_arg_cmp *cmp)
{
	int r = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, nr, n, cmp);

	if (r < 0)
		tap_note("libseccomp: %d: %s", nr, strerror(-r));
}

#define LOW(n, value)                                        \
	{                                                    \
		(n), SCMP_CMP_MASKED_EQ, 0xffffffff, (value) \
	}

static void permit_inet(scmp_filter_ctx ctx, unsigned family)
{
	static const unsigned protocols[] = { 0, 1, 6, 17, 58 };

	for (unsigned type = 1; type <= 2; type++)
		for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
			permit(ctx, SCMP_SYS(socket), 3,
			       (struct scmp_arg_cmp[]){
				       LOW(0, family),
				       { 1, SCMP_CMP_MASKED_EQ, 0xf, type },
				       LOW(2, protocols[i]) });
}

/* The rows with arguments, as what libseccomp can say: what is allowed. */
static void permit_by_args(scmp_filter_ctx ctx)
{
	static const unsigned personalities[] = { 0, 0x40000, 0xffffffff };
	const uint64_t spaces = 0x7e020000;

	permit(ctx, SCMP_SYS(clone), 1,
	       (struct scmp_arg_cmp[]){ { 0, SCMP_CMP_MASKED_EQ, spaces, 0 } });
	permit(ctx, SCMP_SYS(unshare), 1,
	       (struct scmp_arg_cmp[]){
		       { 0, SCMP_CMP_MASKED_EQ, spaces | 0x80, 0 } });
	permit(ctx, SCMP_SYS(socketpair), 1,
	       (struct scmp_arg_cmp[]){ LOW(0, AF_UNIX) });
	permit(ctx, SCMP_SYS(socket), 1,
	       (struct scmp_arg_cmp[]){ LOW(0, AF_UNIX) });
	permit(ctx, SCMP_SYS(socket), 2,
	       (struct scmp_arg_cmp[]){ LOW(0, AF_NETLINK), LOW(2, 0) });
	permit_inet(ctx, AF_INET);
	permit_inet(ctx, AF_INET6);
	for (size_t i = 0; i < ARRAY_LEN(personalities); i++)
		permit(ctx, SCMP_SYS(personality), 1,
		       (struct scmp_arg_cmp[]){ LOW(0, personalities[i]) });
}

static bool by_args(int nr)
{
	return nr == SCMP_SYS(clone) || nr == SCMP_SYS(unshare) ||
	       nr == SCMP_SYS(socket) || nr == SCMP_SYS(socketpair) ||
	       nr == SCMP_SYS(personality) || nr == SCMP_SYS(ioctl) ||
	       nr == SCMP_SYS(ptrace);
}

/* The profile as an allow-list, by another compiler. NULL data: failed. */
static int by_libseccomp(struct sock_fprog *ret)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	_autofd int fd = memfd_create("filter", MFD_CLOEXEC);
	struct filter_set set;
	ssize_t n;

	filter_defaults(&set);
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (int nr = 0; nr <= FILTER_NEWEST; nr++)
		if (set.v[nr] == 0 && !by_args(nr) && !gap(nr))
			permit(ctx, nr, 0, NULL);
	permit_by_args(ctx);
	ret->filter = calloc(4096, sizeof(*ret->filter));
	if (seccomp_export_bpf(ctx, fd) < 0 || !ret->filter)
		return -1;
	n = pread(fd, ret->filter, 4096 * sizeof(*ret->filter), 0);
	ret->len = (unsigned short)((size_t)n / sizeof(*ret->filter));
	seccomp_release(ctx);
	return 0;
}

static bool agree(const struct sock_fprog *a, const struct sock_fprog *b,
		  int nr, const uint64_t args[6])
{
	bool same = (verdict(a, nr, args) == ALLOW) ==
		    (verdict(b, nr, args) == ALLOW);

	if (!same)
		tap_note("number %d: ours %s", nr, spell(verdict(a, nr, args)));
	return same;
}

static void test_second_opinion(const struct sock_fprog *ours)
{
	struct sock_fprog theirs = { 0 };
	int wrong = 0;

	if (!is_int(by_libseccomp(&theirs), 0, "libseccomp compiles it too"))
		return;
	tap_note("libseccomp's has %u instructions", theirs.len);
	for (int nr = 0; nr < 600; nr++)
		if (!by_args(nr))
			wrong += !agree(ours, &theirs, nr, NULL);
	is_int(wrong, 0, "both compilers allow the same calls");
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		int nr = number_of(calls[i].name);

		if (nr >= 0 && nr != SCMP_SYS(ioctl) && nr != SCMP_SYS(ptrace))
			wrong += !agree(ours, &theirs, nr, calls[i].args);
	}
	is_int(wrong, 0, "and the same arguments");
	free(theirs.filter);
}

int main(void)
{
	struct sock_fprog prog = { 0 };
	struct sbx_err err = { 0 };

	if (!is_int(compile(&prog, NULL, NULL, &err), 0,
		    "the default profile compiles"))
		return tap_done();
	test_table(&prog);
	test_table_complete();
	test_calls(&prog);
	test_unknown(&prog);
	test_x32(&prog);
	test_policy();
	test_core();
	test_shapes();
	test_prebuilt(&prog);
	test_second_opinion(&prog);
	free(prog.filter);
	return tap_done();
}
