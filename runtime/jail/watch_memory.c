/* SPDX-License-Identifier: Apache-2.0 */
/* The memory that a jail uses, by looking at its processes. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/watch_state.h"

/*
 * How this works. Without a memory cgroup nothing in the kernel has a sum, so
 * it is made of parts, each with its own way of being exact:
 *
 *   private memory, page tables, huge pages: /proc/PID/status. Pages that a
 *     fork shares count once per process there; only when the sum is over the
 *     limit is it worth a look at the proportional figures (smaps_rollup).
 *   tmpfs: statfs(2), whoever has written it and whether it has a name.
 *   System V objects: the tables of the IPC namespace, which is the jail's.
 *   memory files (watch_shm.c): only the search tells, and it is expensive. So
 *     the host's own figure for shared memory says when to search: what it has
 *     grown since the jail began, beyond the jail's tmpfs, is the most that
 *     the jail can have hidden. And where the search is blind, as with an
 *     agent that keeps its secrets from other processes, that growth is what
 *     is counted: nothing as long as nobody fills the host's memory.
 *   what sockets and pipes hold: beyond a number that honest programs need,
 *     each is taken to be full, but no more than the host has lost.
 */

#define MIB (1u << 20)
/* A search waits so many times as long as the last one took. */
#define DUTY 16
/* A search at least so often, though nothing calls for it. */
#define SEARCH_EVERY_NS 2000000000u
/* What a look at the shares of pages may cost. */
#define SHARES_BUDGET_NS 250000000u
/* Descriptors that call for a search, and what those beyond may hold. */
#define MANY_DESCRIPTORS 1024
#define FREE_SOCKETS 256
#define FREE_PIPES 256
#define SOCKET_BYTES 212992u
#define PIPE_BYTES 65536u
#define TMPFS_INODE 1024u
#define SEMAPHORE_BYTES 128u
#define MESSAGE_BYTES 64u

/* ---- the parts --------------------------------------------------------- */

/* What files hold, and what it costs the kernel that there are so many. */
uint64_t watch_tmpfs_bytes(const struct watch *w, uint64_t *ret_inodes)
{
	uint64_t sum = 0;
	struct statfs fs;

	*ret_inodes = 0;
	for (size_t i = 0; i < w->n_tmpfs; i++) {
		if (fstatfs(w->tmpfs[i], &fs) < 0)
			continue;
		sum += (fs.f_blocks - fs.f_bfree) * (uint64_t)fs.f_bsize;
		*ret_inodes += (fs.f_files - fs.f_ffree) * TMPFS_INODE;
	}
	return sum;
}

void watch_read_host(const struct watch *w, struct watch_host *ret)
{
	char text[4096];

	(void)watch_read(w, "meminfo", text, sizeof(text));
	ret->shmem = watch_kb(text, "Shmem");
	ret->available = watch_kb(text, "MemAvailable");
}

static uint64_t count_descriptors(const struct watch *w, pid_t pid)
{
	char path[WATCH_PATH];
	struct stat st;

	/* since Linux 6.2; before, it is 0 */
	watch_path(path, pid, "fd");
	return fstatat(w->procfd, path, &st, 0) < 0 ? 0 : (uint64_t)st.st_size;
}

static void add_task(const struct watch *w, const struct watch_task *t,
		     struct watch_parts *p)
{
	char path[WATCH_PATH], text[4096];

	if (t->pid == 1 || t->state == 'Z')
		return;
	watch_path(path, t->pid, "status");
	(void)watch_read(w, path, text, sizeof(text));
	p->private += watch_kb(text, "RssAnon") + watch_kb(text, "VmPTE") +
		      watch_kb(text, "HugetlbPages");
	p->swap += watch_kb(text, "VmSwap");
	p->descriptors += count_descriptors(w, t->pid);
	p->faults += t->faults;
}

/* Sum of two columns of a table in /proc/sysvipc, each with its weight. */
static uint64_t sum_table(const struct watch *w, const char *file,
			  const int column[2], const uint64_t weight[2])
{
	_autofd int fd = openat(w->procfd, file, O_RDONLY | O_CLOEXEC);
	struct watch_lines l;
	uint64_t sum = 0, v;
	const char *p;

	if (fd < 0)
		return 0;
	watch_lines_init(&l, fd);
	(void)watch_lines_next(&l); /* the heading */
	while ((p = watch_lines_next(&l)))
		for (int i = 0; *p && i <= column[1]; i++) {
			while (*p == ' ' || *p == '-')
				p++;
			v = watch_number(&p);
			if (i == column[0])
				sum += v * weight[0];
			else if (i == column[1])
				sum += v * weight[1];
		}
	return sum;
}

static uint64_t sysv_bytes(const struct watch *w)
{
	static const struct {
		const char *file;
		int column[2];
		uint64_t weight[2];
	} tables[] = {
		{ "sysvipc/shm", { 14, 15 }, { 1, 1 } }, /* rss, swap */
		{ "sysvipc/sem", { 3, 3 }, { SEMAPHORE_BYTES, 0 } },
		{ "sysvipc/msg", { 3, 4 }, { 1, MESSAGE_BYTES } },
	};
	uint64_t sum = 0;

	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		sum += sum_table(w, tables[i].file, tables[i].column,
				 tables[i].weight);
	return sum;
}

static void read_parts(struct watch *w, struct watch_parts *p,
		       struct watch_host *host)
{
	struct watch_state *s = w->state;
	struct watch_table *t = watch_tasks(w);
	uint64_t known, rest;

	for (size_t i = 0; i < t->n; i++)
		add_task(w, &t->v[i], p);
	p->tmpfs = watch_tmpfs_bytes(w, &p->inodes);
	p->sysv = sysv_bytes(w);
	watch_read_host(w, host);
	known = p->tmpfs + p->sysv;
	rest = host->shmem > known ? host->shmem - known : 0;
	/* others on this host give back what they had: it was not ours */
	if (rest < s->shm_base)
		s->shm_base = rest;
	p->hidden_max = rest - s->shm_base;
}

/* ---- memory files ------------------------------------------------------ */

static bool wants_search(const struct watch *w, const struct watch_parts *p)
{
	const struct watch_state *s = w->state;
	uint64_t slack = w->memory_limit / 16, now = io_now_ns();

	if (now - s->found.at_ns < DUTY * s->found.cost_ns)
		return false;
	if (w->memory_limit == POL_NONE || slack > 8 * MIB)
		slack = 8 * MIB;
	return !s->found.at_ns || p->hidden_max > s->hidden_then + slack ||
	       p->hidden_max + slack < s->hidden_then ||
	       now - s->found.at_ns > SEARCH_EVERY_NS ||
	       (p->descriptors > MANY_DESCRIPTORS && !s->found.sockets &&
		!s->found.pipes);
}

static void search(struct watch *w, const struct watch_parts *p)
{
	w->state->blind_before = w->state->found.blind;
	watch_search(w, &w->state->found);
	w->state->hidden_then = p->hidden_max;
}

/* What is in memory files: found, and grown since. */
static uint64_t hidden_bytes(const struct watch *w, const struct watch_parts *p)
{
	const struct watch_state *s = w->state;
	const struct watch_found *f = &s->found;
	uint64_t grown = p->hidden_max > s->hidden_then
				 ? p->hidden_max - s->hidden_then
				 : 0;
	uint64_t sum = f->exact + f->mapped + grown;

	/* twice in a row: a descriptor may be under way at any one moment */
	if ((f->blind && s->blind_before) || sum > p->hidden_max)
		sum = p->hidden_max;
	return sum > f->exact ? sum : f->exact;
}

/* What sockets and pipes beyond the usual may hold. */
static uint64_t queued_bytes(struct watch_state *s, uint64_t counted,
			     uint64_t available)
{
	const struct watch_found *f = &s->found;
	uint64_t sum = 0, lost;

	if (f->sockets > FREE_SOCKETS)
		sum += (f->sockets - FREE_SOCKETS) * SOCKET_BYTES;
	if (f->pipes > FREE_PIPES)
		sum += (f->pipes - FREE_PIPES) * PIPE_BYTES;
	if (available > s->avail_base)
		s->avail_base = available;
	lost = s->avail_base - available;
	lost = lost > counted ? lost - counted : 0;
	return sum < lost ? sum : lost;
}

/* ---- shared by fork ---------------------------------------------------- */

/* How much less the processes' private memory is than their sum. */
static void look_at_shares(struct watch *w)
{
	struct watch_state *s = w->state;
	struct watch_table *t = watch_tasks(w);
	uint64_t start = watch_effort(), less = 0, whole, part;
	char path[WATCH_PATH], text[4096];

	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].pid == 1 || t->v[i].rss * s->page < MIB)
			continue;
		watch_path(path, t->v[i].pid, "status");
		(void)watch_read(w, path, text, sizeof(text));
		whole = watch_kb(text, "RssAnon");
		watch_path(path, t->v[i].pid, "smaps_rollup");
		if (!watch_read(w, path, text, sizeof(text)) ||
		    !strstr(text, "\nPss_Anon:"))
			continue;
		part = watch_kb(text, "Pss_Anon");
		less += whole > part ? whole - part : 0;
		if (watch_effort() - start > SHARES_BUDGET_NS)
			break;
	}
	s->shared_anon = less;
	s->pss_ns = io_now_ns();
	s->pss_cost_ns = watch_effort() - start;
}

static uint64_t private_bytes(const struct watch *w,
			      const struct watch_parts *p)
{
	uint64_t less = w->state->shared_anon;

	return p->private > less ? p->private - less : 0;
}

/* Whether the last look at the shares is too old to rely on. */
static bool shares_are_stale(const struct watch *w, const struct watch_parts *p,
			     uint64_t sum)
{
	const struct watch_state *s = w->state;
	uint64_t age = io_now_ns() - s->pss_ns;
	uint64_t touched = (p->faults - s->pss_faults) * s->page;

	if (sum > w->memory_limit)
		return true;
	return s->shared_anon && (touched > w->memory_limit - sum ||
				  age > DUTY * s->pss_cost_ns + 1000000000u);
}

/* ---- all together ------------------------------------------------------ */

static uint64_t add_up(struct watch *w, const struct watch_parts *p,
		       const struct watch_host *host)
{
	uint64_t sum = private_bytes(w, p) + p->tmpfs + p->inodes + p->sysv +
		       hidden_bytes(w, p);

	return sum + queued_bytes(w->state, sum, host->available);
}

uint64_t watch_measure(struct watch *w, struct watch_parts *p)
{
	struct watch_host host;
	uint64_t sum;

	*p = (struct watch_parts){ 0 };
	if (w->memory_held) {
		/* what is left is to find files without a name */
		if (wants_search(w, p))
			search(w, p);
		return SBX_UNKNOWN;
	}
	read_parts(w, p, &host);
	if (wants_search(w, p))
		search(w, p);
	sum = add_up(w, p, &host);
	/* before anything is killed for it: what is exact as of now */
	if (w->memory_limit != POL_NONE && sum > w->memory_limit &&
	    p->hidden_max > w->state->hidden_then) {
		search(w, p);
		sum = add_up(w, p, &host);
	}
	if (w->memory_limit != POL_NONE && shares_are_stale(w, p, sum)) {
		look_at_shares(w);
		w->state->pss_faults = p->faults;
		sum = add_up(w, p, &host);
	}
	return sum;
}
