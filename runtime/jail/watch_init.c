/* SPDX-License-Identifier: Apache-2.0 */
/* What the watchdog opens and remembers before it is locked in. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/cgroup.h"
#include "runtime/jail/watch_state.h"

#define SCHED_RESET_ON_FORK_FLAG 1u

static void add_tmpfs(struct watch *w, const char *path, bool overlay)
{
	_autofd int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	struct stat st, other;

	if (fd < 0 || w->n_tmpfs == WATCH_TMPFS || fstatfs(fd, &fs) < 0 ||
	    fstat(fd, &st) < 0)
		return;
	if (!overlay && fs.f_type != TMPFS_MAGIC)
		return;
	for (size_t i = 0; i < w->n_tmpfs; i++)
		if (fstat(w->tmpfs[i], &other) == 0 &&
		    other.st_dev == st.st_dev)
			return;
	w->tmpfs[w->n_tmpfs++] = take_fd(&fd);
}

/* All that is memory; overlays in memory share one tmpfs, which only they
 * lead to. */
static void find_tmpfs(struct watch *w, const struct jail_plan *plan)
{
	bool uppers = false;

	add_tmpfs(w, "/", false);
	for (size_t i = 0; i < plan->n_ops; i++) {
		const struct jail_op *op = &plan->ops[i];

		/* one of the jail's own tree lies on the tmpfs of "/" */
		if ((op->kind == JAIL_OP_TMPFS && op->dst[1]) ||
		    (op->kind == JAIL_OP_MEMDIR && !op->own_dst))
			add_tmpfs(w, op->dst, false);
		if (op->kind == JAIL_OP_OVERLAY && op->in_memory && !uppers) {
			add_tmpfs(w, op->dst, true);
			uppers = true;
		}
	}
}

/* Every memory file lies on one device of the kernel's own. */
static int find_shm_dev(dev_t *ret)
{
	_autofd int fd = memfd_create("sbx", MFD_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	*ret = st.st_dev;
	return 0;
}

/* /proc of another pid namespace would show others' processes as ours. */
static int check_proc(const struct watch *w, struct sbx_err *err)
{
	char text[16] = "";

	if (readlinkat(w->procfd, "self", text, sizeof(text) - 1) < 0)
		return sbx_fail(err, errno, "watchdog: /proc/self");
	if (strcmp(text, "1") != 0)
		return sbx_failx(err, ENOTSUP,
				 "watchdog: /proc is not the jail's own");
	return 0;
}

static unsigned count_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}

/*
 * The kernel serves first whoever asks for little at a time. So that a thousand
 * busy processes do not keep us from stopping them, ask for the least there is;
 * a process we start has the usual again. Known since Linux 6.12, and no harm
 * before.
 */
static void be_brief(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} a = { .size = sizeof(a), .flags = SCHED_RESET_ON_FORK_FLAG };

	/* a real-time caller's program stays what it is, and so do we */
	if (syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0) < 0 ||
	    a.policy != SCHED_OTHER)
		return;
	a.flags |= SCHED_RESET_ON_FORK_FLAG;
	a.runtime = 100000;
	(void)syscall(SYS_sched_setattr, 0, &a, 0);
}

int watch_init(struct watch *w, const struct jail_plan *plan, unsigned held,
	       struct sbx_err *err)
{
	const struct pol_limits *lim = &plan->pol->limits;
	uint64_t inodes, tmpfs;
	struct watch_host host;
	void *p;
	int r;

	*w = (struct watch){
		.period_ms = WATCH_PERIOD_MS,
		.cpu_limit = held & CG_CPU ? POL_NONE : lim->cpu,
		.memory_limit = held & CG_MEMORY ? POL_NONE : lim->memory,
		.pids_limit = held & CG_PIDS ? POL_NONE : lim->pids,
		.memory_held = held & CG_MEMORY,
	};
	w->procfd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->procfd < 0)
		return sbx_fail(err, errno, "watchdog: /proc");
	r = check_proc(w, err);
	if (r < 0)
		return r;
	p = mmap(NULL, sizeof(*w->state), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return sbx_fail(err, errno, "watchdog: memory");
	w->state = p;
	w->state->tick_us = 1000000u / (uint64_t)sysconf(_SC_CLK_TCK);
	w->state->page = (uint64_t)sysconf(_SC_PAGESIZE);
	w->state->cpus = count_cpus();
	r = find_shm_dev(&w->state->shm_dev);
	if (r < 0)
		return sbx_fail(err, -r, "watchdog: memfd_create");
	find_tmpfs(w, plan);
	be_brief();
	watch_read_host(w, &host);
	tmpfs = watch_tmpfs_bytes(w, &inodes);
	w->state->shm_base = host.shmem > tmpfs ? host.shmem - tmpfs : 0;
	w->state->avail_base = host.available;
	return 0;
}
