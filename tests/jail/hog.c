/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that takes too much of something, or behaves oddly, inside a jail:
 * hog VERB [NUMBER]... Prints "ready" where a test waits for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

static void ready(void)
{
	(void)!write(1, "ready\n", 6);
}

static void wait_long(void)
{
	for (;;)
		(void)sleep(1000);
}

/* Touch n MiB, a page at a time, in 4 MiB steps with a breath between. */
static void touch(size_t mib)
{
	const struct timespec breath = { 0, 2000000 };

	for (size_t done = 0; done < mib; done += 4) {
		char *at = mmap(NULL, 4 * MIB, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (at == MAP_FAILED)
			exit(50);
		for (size_t i = 0; i < 4 * MIB; i += 4096)
			at[i] = (char)i | 1;
		(void)nanosleep(&breath, NULL);
	}
}

static int do_memory(const long *n)
{
	touch((size_t)n[0]);
	ready();
	wait_long();
	return 0;
}

/* n[1] processes of n[0] MiB each: none of them alone is over a limit. */
static int do_memory_each(const long *n)
{
	for (long i = 0; i < n[1]; i++)
		if (fork() == 0)
			(void)do_memory(n);
	wait_long();
	return 0;
}

static int fill(int fd, long mib)
{
	static char block[1 << 20];
	const struct timespec breath = { 0, 1000000 };

	memset(block, 'x', sizeof(block));
	for (long i = 0; i < mib; i++) {
		/* a short write is the last that fits; the next one says why */
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block) &&
		    write(fd, block, sizeof(block)) < 0) {
			printf("full: %s\n", strerror(errno));
			return 51;
		}
		(void)nanosleep(&breath, NULL);
	}
	puts("filled");
	return 0;
}

static int do_memfd(const long *n)
{
	int r = fill(memfd_create("hog", 0), n[0]);

	ready();
	if (r == 0)
		wait_long();
	return r;
}

static int do_file(const long *n, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0) {
		perror(path);
		return 52;
	}
	(void)signal(SIGXFSZ, SIG_IGN);
	return fill(fd, n[0]);
}

/* Fork without end; children stay. Says how many there were at most. */
static int do_fork(const long *n)
{
	long made = 0;

	for (long i = 0; i < n[0]; i++) {
		pid_t pid = fork();

		if (pid == 0)
			wait_long();
		if (pid < 0)
			break;
		made++;
	}
	printf("made %ld\n", made);
	(void)fflush(stdout);
	wait_long();
	return 0;
}

/* A bomb: every child goes on forking. */
static int do_bomb(const long *n)
{
	for (;;)
		(void)fork();
	return 0;
}

static int do_spin(const long *n)
{
	struct timespec ts;
	uint64_t end;

	for (long i = 1; i < n[1]; i++)
		if (fork() == 0)
			break;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	end = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000 +
	      (uint64_t)n[0];
	do
		(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	while ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000 <
	       end);
	while (wait(NULL) > 0)
		;
	return 0;
}

static int do_print(const long *n)
{
	static char block[65536];

	memset(block, 'y', sizeof(block));
	for (long left = n[0] * (long)MIB; left > 0; left -= 65536)
		if (write(1, block, sizeof(block)) < 0)
			return 53;
	return 0;
}

/* Pseudo-random bytes, the same each time: MiB on standard output. */
static int do_bytes(const long *n)
{
	static uint32_t block[16384];
	uint32_t x = 1;

	for (long i = 0; i < n[0] * 16; i++) {
		char *p = (char *)block;
		size_t left = sizeof(block);

		for (size_t k = 0; k < 16384; k++) {
			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			block[k] = x;
		}
		while (left > 0) {
			ssize_t w = write(1, p, left);

			if (w < 0)
				return 53;
			p += w;
			left -= (size_t)w;
		}
	}
	return 0;
}

static int do_open(const long *n)
{
	long i = 0;

	while (i < n[0] && open("/dev/null", O_RDONLY) >= 0)
		i++;
	printf("opened %ld\n", i);
	return 0;
}

static int do_exit(const long *n)
{
	return (int)n[0];
}

static int do_kill(const long *n)
{
	(void)signal((int)n[0], SIG_DFL);
	(void)raise((int)n[0]);
	return 54;
}

static void say_signal(int sig)
{
	printf("signal %d\n", sig);
	(void)fflush(stdout);
	if (sig == SIGTERM)
		_exit(60);
}

static int do_catch(const long *n)
{
	for (int s = 1; s < 32; s++)
		(void)signal(s, say_signal);
	ready();
	wait_long();
	return 0;
}

/* A child in a session of its own that holds nothing of ours and stays. */
static int do_daemon(const long *n)
{
	if (fork() == 0) {
		(void)setsid();
		if (fork() != 0)
			_exit(0);
		for (int s = 1; s < 32; s++)
			(void)signal(s, SIG_IGN);
		if (n[0] == 0)
			for (int fd = 0; fd < 3; fd++)
				(void)close(fd);
		wait_long();
	}
	(void)wait(NULL);
	return (int)n[1];
}

/* Orphans that end at once: PID 1 has to reap them. */
static int do_orphans(const long *n)
{
	char path[64];
	int left = 0;

	for (long i = 0; i < n[0]; i++)
		if (fork() == 0) {
			if (fork() == 0)
				_exit(0);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	/* the kernel gives numbers in order: ours are those behind us */
	for (int tries = 0; tries < 200; tries++) {
		left = 0;
		for (long i = 1; i < n[0] * 2 + 50; i++) {
			(void)snprintf(path, sizeof(path), "/proc/%ld/stat",
				       getpid() + i);
			left += access(path, F_OK) == 0;
		}
		if (left == 0)
			break;
		(void)usleep(50000);
	}
	printf("left %d\n", left);
	return left != 0;
}

static int do_silent(const long *n)
{
	(void)close(1);
	(void)close(2);
	(void)usleep((useconds_t)n[0] * 1000);
	return (int)n[1];
}

static const struct {
	const char *verb;
	int (*fn)(const long *n);
	int (*fn_path)(const long *n, const char *path);
} verbs[] = {
	{ "memory", do_memory },   { "memory-each", do_memory_each },
	{ "memfd", do_memfd },	   { "file", NULL, do_file },
	{ "fork", do_fork },	   { "bomb", do_bomb },
	{ "spin", do_spin },	   { "print", do_print },
	{ "bytes", do_bytes },	   { "open", do_open },
	{ "exit", do_exit },	   { "kill", do_kill },
	{ "catch", do_catch },	   { "daemon", do_daemon },
	{ "orphans", do_orphans }, { "silent", do_silent },
};

int main(int argc, char **argv)
{
	long n[4] = { 0 };
	const char *path = NULL;
	int k = 0;

	for (int i = 2; i < argc; i++)
		if (argv[i][0] == '/' || argv[i][0] == '.')
			path = argv[i];
		else if (k < 4)
			n[k++] = atol(argv[i]);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (argc < 2 || strcmp(verbs[i].verb, argv[1]) != 0)
			continue;
		return verbs[i].fn ? verbs[i].fn(n) : verbs[i].fn_path(n, path);
	}
	fputs("hog: which verb?\n", stderr);
	return 99;
}
