/* SPDX-License-Identifier: Apache-2.0 */
/* The watchdog, in namespaces of its own, on processes that try to hide. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/watch_state.h"
#include "tests/tap/tap.h"

#define MB (1u << 20)

/* ---- a PID 1 of our own ------------------------------------------------ */

/* What PID 1 found; in memory that we share with it. */
struct figures {
	bool ready;
	int err; /* of watch_init() */
	struct watch_sample s, again;
	uint64_t cpu_us, wall_us;
	uint64_t true_us; /* what the kernel says of those it has reaped */
	int stopped;
	bool flag;
};

static struct figures *fig;
static uint64_t memory_limit = POL_NONE, cpu_limit = POL_NONE;

typedef void scene(struct watch *w);

static void write_map(const char *file, unsigned id)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%u %u 1\n", id, id);
	(void)io_write_file(AT_FDCWD, file, text);
}

/* The life of PID 1: what init.c does, without the jail around it. */
static void live(scene *play, unsigned uid, unsigned gid)
{
	struct policy pol = { .limits = { .memory = memory_limit,
					  .pids = POL_NONE,
					  .cpu = cpu_limit } };
	struct jail_op op = { .kind = JAIL_OP_TMPFS,
			      .dst = (char[]){ "/tmp" } };
	struct jail_plan plan = { .pol = &pol, .ops = &op, .n_ops = 1 };
	struct watch w;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)io_write_file(AT_FDCWD, "/proc/self/setgroups", "deny");
	write_map("/proc/self/uid_map", uid);
	write_map("/proc/self/gid_map", gid);
	(void)mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (mount("proc", "/proc", "proc", 0, NULL) < 0 ||
	    mount("tmpfs", "/tmp", "tmpfs", 0, "size=256m") < 0)
		_exit(1);
	fig->err = watch_init(&w, &plan, 0, NULL);
	if (fig->err < 0)
		_exit(1);
	fig->ready = true;
	play(&w);
	_exit(0);
}

/* False where there can be no such namespaces here. */
static bool perform(scene *play)
{
	unsigned uid = getuid(), gid = getgid();
	pid_t pid;

	memset(fig, 0, sizeof(*fig));
	pid = (pid_t)syscall(SYS_clone,
			     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS |
				     CLONE_NEWIPC | SIGCHLD,
			     NULL, NULL, NULL, NULL);
	if (pid == 0)
		live(play, uid, gid);
	if (pid < 0)
		return false;
	(void)waitpid(pid, NULL, 0);
	return fig->ready;
}

/* A child that does something, says that it is done, and waits. */
static pid_t act(void (*deed)(size_t), size_t n)
{
	int done[2];
	char c;
	pid_t pid;

	if (pipe2(done, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		(void)close(done[0]);
		deed(n);
		(void)!write(done[1], "x", 1);
		for (;;)
			pause();
	}
	(void)close(done[1]);
	(void)!read(done[0], &c, 1);
	(void)close(done[0]);
	return pid;
}

static void *fill(size_t n, int flags)
{
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS,
		       -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	memset(p, 1, n);
	return p;
}

static void sample(struct watch *w, struct watch_sample *ret)
{
	/* as if the time for a search had come */
	w->state->found.at_ns = 0;
	w->state->next_full_ns = 0;
	(void)watch_sample(w, ret);
}

static void between(uint64_t got, uint64_t low, uint64_t high, const char *name)
{
	if (!ok(got >= low && got <= high, "%s", name))
		tap_note("%s: got %llu, want %llu to %llu", name,
			 (unsigned long long)got, (unsigned long long)low,
			 (unsigned long long)high);
}

/* ---- memory ------------------------------------------------------------ */

static void take_private(size_t n)
{
	(void)fill(n, MAP_PRIVATE);
}

static void play_private(struct watch *w)
{
	sample(w, &fig->s);
	act(take_private, 64 * MB);
	sample(w, &fig->again);
}

static void play_four(struct watch *w)
{
	for (int i = 0; i < 4; i++)
		act(take_private, 16 * MB);
	sample(w, &fig->s);
}

static void fork_three(size_t n)
{
	(void)fill(n, MAP_PRIVATE);
	for (int i = 0; i < 3; i++)
		if (fork() == 0)
			for (;;)
				pause();
}

static void play_shared(struct watch *w)
{
	act(fork_three, 64 * MB);
	sample(w, &fig->s);
}

static int make_memfd(size_t n)
{
	int fd = memfd_create("x", MFD_CLOEXEC);
	char chunk[65536];

	memset(chunk, 1, sizeof(chunk));
	for (size_t i = 0; i < n; i += sizeof(chunk))
		if (write(fd, chunk, sizeof(chunk)) != sizeof(chunk))
			_exit(1);
	return fd;
}

static void keep_memfd(size_t n)
{
	(void)make_memfd(n);
}

static void play_memfd(struct watch *w)
{
	act(keep_memfd, 48 * MB);
	sample(w, &fig->s);
}

/* Pages that are in no table any more, in a file that has no descriptor. */
static void keep_mapping(size_t n)
{
	char *p = fill(n, MAP_SHARED);

	(void)madvise(p, n, MADV_DONTNEED);
}

static void play_mapping(struct watch *w)
{
	act(keep_mapping, 48 * MB);
	sample(w, &fig->s);
}

static void hide_memfd(size_t n)
{
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)make_memfd(n);
}

/* The scene before may still be giving its memory back. */
static void settle(struct watch *w)
{
	struct timespec nap = { .tv_nsec = 50000000 };

	for (int i = 0; i < 5; i++) {
		sample(w, &fig->s);
		(void)nanosleep(&nap, NULL);
	}
}

static void play_hidden(struct watch *w)
{
	settle(w);
	act(hide_memfd, 48 * MB);
	sample(w, &fig->s);
	sample(w, &fig->s);
}

/* An agent that only guards its secrets. */
static void hide_nothing(size_t n)
{
	(void)n;
	(void)prctl(PR_SET_DUMPABLE, 0);
}

static void play_agent(struct watch *w)
{
	settle(w);
	act(hide_nothing, 0);
	sample(w, &fig->s);
	sample(w, &fig->s);
}

/* In a socket's queue and in no process's table. */
static void send_memfd(size_t n)
{
	int sv[2], fd = make_memfd(n);

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) < 0 ||
	    io_send(sv[0], "x", 1, &fd, 1) < 0)
		_exit(1);
	(void)close(fd);
}

static void play_under_way(struct watch *w)
{
	settle(w);
	act(send_memfd, 48 * MB);
	sample(w, &fig->s);
	sample(w, &fig->s);
}

static void unlinked_in_tmp(size_t n)
{
	int fd = open("/tmp/x", O_RDWR | O_CREAT, 0600);

	(void)unlink("/tmp/x");
	if (posix_fallocate(fd, 0, (off_t)n))
		_exit(1);
}

static void play_tmpfs(struct watch *w)
{
	act(unlinked_in_tmp, 48 * MB);
	sample(w, &fig->s);
}

static void many_inodes(size_t n)
{
	char path[32];

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "/tmp/%zu", i);
		(void)close(open(path, O_WRONLY | O_CREAT, 0600));
	}
}

static void play_inodes(struct watch *w)
{
	act(many_inodes, 4000);
	sample(w, &fig->s);
}

static void detached_segment(size_t n)
{
	int id = shmget(IPC_PRIVATE, n, 0600);
	void *p = shmat(id, NULL, 0);

	if (p == (void *)-1)
		_exit(1);
	memset(p, 1, n);
	(void)shmdt(p);
}

static void play_sysv(struct watch *w)
{
	act(detached_segment, 48 * MB);
	sample(w, &fig->s);
}

/* Reading each 2 MiB costs a page of tables and no other memory. */
static void page_tables(size_t n)
{
	volatile char *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
				0);

	if (p == MAP_FAILED)
		_exit(1);
	(void)madvise((void *)(uintptr_t)p, n, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < n; i += 2 * MB)
		(void)p[i];
}

static void play_tables(struct watch *w)
{
	act(page_tables, 8192ul * MB);
	sample(w, &fig->s);
}

static void test_memory(void)
{
	(void)perform(play_private);
	between(fig->s.memory, 0, 16 * MB, "memory: an empty jail has little");
	between(fig->again.memory, 64 * MB, 80 * MB, "memory: of one process");
	is_int(fig->again.pids, 1, "pids: one, ours is not counted");
	(void)perform(play_four);
	between(fig->s.memory, 64 * MB, 84 * MB, "memory: of four processes");
	is_int(fig->s.pids, 4, "pids: four");
	memory_limit = 128 * MB;
	(void)perform(play_shared);
	between(fig->s.memory, 60 * MB, 96 * MB,
		"memory: what a fork shares counts once when it matters");
	memory_limit = POL_NONE;
	(void)perform(play_tables);
	between(fig->s.memory, 12 * MB, 48 * MB, "memory: page tables");
}

static void test_files(void)
{
	(void)perform(play_memfd);
	between(fig->s.memory, 48 * MB, 80 * MB,
		"memory: a memfd written and never mapped");
	(void)perform(play_mapping);
	between(fig->s.memory, 40 * MB, 80 * MB,
		"memory: a shared mapping out of all page tables");
	(void)perform(play_tmpfs);
	between(fig->s.memory, 48 * MB, 80 * MB,
		"memory: an unlinked file in a tmpfs");
	(void)perform(play_inodes);
	between(fig->s.memory, 4000 * 1024, 40 * MB,
		"memory: empty files are not for nothing");
	(void)perform(play_sysv);
	between(fig->s.memory, 48 * MB, 80 * MB,
		"memory: a System V segment nobody is attached to");
	(void)perform(play_hidden);
	between(fig->s.memory, 40 * MB, UINT64_MAX / 2,
		"memory: a memfd of a process that shows nothing");
	(void)perform(play_under_way);
	between(fig->s.memory, 40 * MB, UINT64_MAX / 2,
		"memory: a memfd under way in a socket");
	(void)perform(play_agent);
	between(fig->s.memory, 0, 32 * MB,
		"memory: a process that shows nothing and has nothing");
}

/* ---- processes --------------------------------------------------------- */

static void crowd(size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fork() == 0)
			for (;;)
				;
}

static int count_stopped(struct watch *w)
{
	struct watch_table *t;
	int n = 0;

	(void)watch_scan(w);
	t = watch_tasks(w);
	for (size_t i = 0; i < t->n; i++)
		n += t->v[i].state == 'T';
	return n;
}

static void play_crowd(struct watch *w)
{
	w->pids_limit = 16;
	(void)watch_sample(w, &fig->s);
	/* not due, and nothing is up */
	fig->err = watch_sample(w, &fig->s);
	act(crowd, 20);
	fig->flag = watch_sample(w, &fig->again) == 0;
	/* a busy machine takes its time to stop those that it lets wait */
	for (int i = 0; i < 1000 && fig->stopped < 21; i++) {
		(void)usleep(10000);
		fig->stopped = count_stopped(w);
	}
}

static void test_crowd(void)
{
	(void)perform(play_crowd);
	is_int(fig->err, -EAGAIN, "crowd: a short look finds nothing");
	ok(fig->flag, "crowd: a short look finds it");
	is_int(fig->again.pids, 21, "crowd: it is counted");
	is_int(fig->stopped, 21, "crowd: and stands still");
}

/* ---- CPU time ---------------------------------------------------------- */

static uint64_t cpu_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void burn(uint64_t us)
{
	uint64_t end = cpu_now() + us;

	while (cpu_now() < end)
		;
}

static void take_cpu(struct watch *w)
{
	struct rusage ru;

	(void)watch_scan(w);
	fig->cpu_us = w->state->total_us;
	(void)getrusage(RUSAGE_CHILDREN, &ru);
	fig->true_us =
		(uint64_t)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000000 +
		(uint64_t)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec);
}

/* Runs while PID 1 looks every few milliseconds, until it has ended. */
static void watch_until_end(struct watch *w, pid_t pid, bool throttle)
{
	uint64_t start = io_now_ns();
	struct timespec nap = { .tv_nsec = 7000000 };

	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (throttle) {
			uint64_t ms = watch_throttle(w);

			nap.tv_nsec = (long)(ms > 50 ? 50 : ms) * 1000000;
		} else {
			(void)watch_scan(w);
		}
		(void)nanosleep(&nap, NULL);
	}
	fig->wall_us = (io_now_ns() - start) / 1000;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	take_cpu(w);
}

/* `n` children one after another, each of `us`; their reaping is as set. */
static void breed(int n, uint64_t us)
{
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			burn(us);
			_exit(0);
		}
		(void)waitpid(pid, NULL, 0);
	}
}

static int breed_n;
static uint64_t breed_us;
static bool breed_forgets;

static void play_breed(struct watch *w)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct sigaction sa = { .sa_handler = SIG_DFL,
					.sa_flags = SA_NOCLDWAIT };

		if (breed_forgets)
			(void)sigaction(SIGCHLD, &sa, NULL);
		breed(breed_n, breed_us);
		_exit(0);
	}
	watch_until_end(w, pid, false);
}

/* Orphans are PID 1's. */
static void play_orphans(struct watch *w)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (int i = 0; i < 3; i++)
			if (fork() == 0) {
				if (fork() == 0)
					burn(100000);
				_exit(0);
			}
		burn(200000);
		_exit(0);
	}
	watch_until_end(w, pid, false);
	while (waitpid(-1, NULL, 0) > 0)
		;
	take_cpu(w);
}

static void run_breed(int n, uint64_t us, bool forgets)
{
	breed_n = n;
	breed_us = us;
	breed_forgets = forgets;
	(void)perform(play_breed);
}

/* All were reaped: the kernel knows what they have used. */
static void as_kernel(const char *name)
{
	between(fig->cpu_us, fig->true_us - fig->true_us / 10 - 50000,
		fig->true_us + fig->true_us / 10 + 50000, name);
}

static void test_cpu(void)
{
	run_breed(4, 100000, false);
	as_kernel("cpu: of children that were waited for");
	run_breed(100, 4000, false);
	as_kernel("cpu: of many short ones");
	(void)perform(play_orphans);
	as_kernel("cpu: of orphans");
	run_breed(4, 100000, true);
	between(fig->cpu_us, 300000, 5000000,
		"cpu: of children that nobody waits for");
	run_breed(150, 4000, true);
	between(fig->cpu_us, 200000, 20000000,
		"cpu: of many short ones that nobody waits for");
}

/* ---- the rate ---------------------------------------------------------- */

static void hold_still(size_t n)
{
	(void)n;
	(void)raise(SIGSTOP);
}

static void run_for(uint64_t us)
{
	uint64_t end = io_now_ns() + us * 1000;

	while (io_now_ns() < end)
		;
}

static pid_t start_still(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		hold_still(0);
		_exit(0);
	}
	(void)waitpid(pid, &status, WUNTRACED);
	return pid;
}

static void play_throttle(struct watch *w)
{
	pid_t pid;

	(void)start_still();
	pid = fork();
	if (pid == 0) {
		run_for(1500000);
		_exit(0);
	}
	watch_until_end(w, pid, true);
	watch_release(w);
	fig->stopped = count_stopped(w);
	fig->flag = w->state->defiant;
}

static void on_cont(int sig)
{
	(void)sig;
}

/* The kernel itself continues it again and again. */
static void defy(void)
{
	struct sigaction sa = { .sa_handler = on_cont };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
			       .sigev_signo = SIGCONT };
	struct itimerspec each = { { 0, 20000000 }, { 0, 20000000 } };
	timer_t id;

	if (sigaction(SIGCONT, &sa, NULL) < 0 ||
	    timer_create(CLOCK_MONOTONIC, &ev, &id) < 0 ||
	    timer_settime(id, 0, &each, NULL) < 0)
		_exit(1);
	run_for(2000000);
	_exit(0);
}

static void play_defy(struct watch *w)
{
	pid_t pid = fork();

	if (pid == 0)
		defy();
	watch_until_end(w, pid, true);
	fig->flag = w->state->defiant;
}

static void test_throttle(void)
{
	cpu_limit = 300;
	(void)perform(play_throttle);
	between(fig->cpu_us, 10000,
		fig->wall_us * 3 / 10 + 30000 + fig->wall_us / 10,
		"throttle: three tenths of a processor");
	is_int(fig->stopped, 1, "throttle: only what stood still before does");
	ok(!fig->flag, "throttle: nobody defied it");
	cpu_limit = 50;
	(void)perform(play_defy);
	/* which of the two it is depends on how the kernel treats a timer's
	 * signal that a stop has swept away */
	ok(fig->flag || fig->cpu_us < 100000 + fig->wall_us / 10,
	   "throttle: who continues itself is found out or gains nothing");
	cpu_limit = POL_NONE;
}

static void play_nothing(struct watch *w)
{
	uint64_t start = watch_effort();

	(void)watch_sample(w, &fig->s);
	fig->wall_us = (watch_effort() - start) / 1000;
	fig->cpu_us = w->period_ms;
}

int main(void)
{
	(void)alarm(280);
	fig = mmap(NULL, sizeof(*fig), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memory_limit = 64 * MB;
	if (!perform(play_nothing)) {
		tap_skip("the watchdog on real processes",
			 "no user namespace with a /proc of its own");
		return tap_done();
	}
	between(fig->cpu_us, 10, 200 + fig->wall_us / 200,
		"period: a small limit is looked at often");
	memory_limit = POL_NONE;
	(void)perform(play_nothing);
	between(fig->cpu_us, 250, 100000, "period: none is not");
	test_memory();
	test_files();
	test_crowd();
	test_cpu();
	test_throttle();
	return tap_done();
}
