/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storm COUNT WIDTH MAX_US COMMAND...: start the command COUNT times, WIDTH at
 * once, and kill each by SIGKILL after a random time of at most MAX_US.
 * Prints how many were killed and how many had ended before.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_WIDTH 16

struct shot {
	pid_t pid;
	int64_t at_us;
};

static int64_t now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void start(struct shot *s, char **argv, long max_us)
{
	int null;

	s->at_us = now_us() + random() % (max_us + 1);
	s->pid = fork();
	if (s->pid != 0)
		return;
	null = open("/dev/null", O_RDWR);
	/* what it says goes to our standard error */
	for (int fd = 0; fd < 2; fd++)
		(void)dup2(null, fd);
	(void)execv(argv[0], argv);
	_exit(99);
}

/* True where it had to be killed. */
static bool finish(struct shot *s)
{
	int64_t left = s->at_us - now_us();
	int status;

	if (left > 0)
		(void)usleep((useconds_t)left);
	(void)kill(s->pid, SIGKILL);
	if (waitpid(s->pid, &status, 0) != s->pid)
		return false;
	s->pid = 0;
	if (!WIFSIGNALED(status))
		fprintf(stderr, "ended by itself: %d\n", WEXITSTATUS(status));
	return WIFSIGNALED(status);
}

int main(int argc, char **argv)
{
	struct shot shots[MAX_WIDTH] = { 0 };
	long count, width, max_us, killed = 0, ended = 0;

	if (argc < 5)
		return 99;
	count = atol(argv[1]);
	width = atol(argv[2]);
	max_us = atol(argv[3]);
	if (width < 1 || width > MAX_WIDTH)
		return 99;
	srandom((unsigned)getpid());
	for (long i = 0; i < count + width; i++) {
		struct shot *s = &shots[i % width];

		if (s->pid > 0)
			*(finish(s) ? &killed : &ended) += 1;
		if (i < count)
			start(s, argv + 4, max_us);
	}
	printf("killed %ld ended %ld\n", killed, ended);
	return 0;
}
