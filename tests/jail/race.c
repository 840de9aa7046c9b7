/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An attacker who exchanges what a mount's path leads to, against a jail that
 * starts again and again.
 *
 *   race swap ONE OTHER END           exchange the two until END exists
 *   race start COUNT COMMAND...       start it; count by exit status
 *   race look PATH...                 66 where one of them exists, else 0
 *
 * "start" prints "ok N refused N hit N other N".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HIT 66
#define REFUSED 125

/* An even number of exchanges, so that all lies as it lay before. */
static int swap(const char *one, const char *other, const char *end)
{
	unsigned long n = 0;

	puts("ready");
	(void)fflush(stdout);
	while (n % 64 || access(end, F_OK) < 0) {
		if (renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) <
		    0) {
			perror("renameat2");
			return 1;
		}
		n++;
		/* quick exchanges to be met in the middle, and now and then
		 * a state that lasts, so that a start gets through */
		if (random() % 8 == 0)
			(void)usleep((useconds_t)(random() % 10000));
		for (volatile long i = random() % 20000; i > 0; i--)
			;
	}
	printf("%lu\n", n);
	return 0;
}

static int look(char **paths)
{
	for (; *paths; paths++)
		if (access(*paths, F_OK) == 0) {
			puts(*paths);
			return HIT;
		}
	return 0;
}

static int start(long count, char **argv)
{
	long good = 0, refused = 0, hit = 0, other = 0;
	int status;

	/* some more where all were refused: one has to get through */
	for (long i = 0; i < count || (!good && i < 20 * count); i++) {
		pid_t pid = fork();

		if (pid == 0) {
			(void)execv(argv[0], argv);
			_exit(99);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 99;
		if (!WIFEXITED(status))
			other++;
		else if (WEXITSTATUS(status) == 0)
			good++;
		else if (WEXITSTATUS(status) == REFUSED)
			refused++;
		else if (WEXITSTATUS(status) == HIT)
			hit++;
		else
			other++;
	}
	printf("ok %ld refused %ld hit %ld other %ld\n", good, refused, hit,
	       other);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "swap"))
		return swap(argv[2], argv[3], argv[4]);
	if (argc > 3 && !strcmp(argv[1], "start"))
		return start(atol(argv[2]), argv + 3);
	if (argc > 2 && !strcmp(argv[1], "look"))
		return look(argv + 2);
	return 99;
}
