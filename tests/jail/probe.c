/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries the ways out of a jail from the inside: prints one line for each,
 * "CLASS/NAME: held" or "CLASS/NAME: ESCAPED what".
 *
 *   probe [--bare] [--only GLOB] [--not GLOB] [KEY=VALUE]...
 *
 * Each runs in a child of its own, since some of them are killed by the filter
 * (which holds) and others give up parts of the process. --bare prints only
 * those that must succeed outside a jail, "open" or "CLOSED".
 */
#include "tests/jail/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct probe *const tables[] = {
	probes_file, probes_proc, probes_mount, probes_call,
	probes_ipc,  probes_net,  probes_tty,
};

#define ROWS(s, n)                          \
	{                                   \
#n, offsetof(struct ctx, n) \
	}
static const struct {
	const char *key;
	size_t offset;
} text_keys[] = {
	ROWS(ctx, beside),   ROWS(ctx, home),	 ROWS(ctx, tmpfile),
	ROWS(ctx, shm),	     ROWS(ctx, hostdir), ROWS(ctx, abstract),
	ROWS(ctx, sock),     ROWS(ctx, wssock),	 ROWS(ctx, planted),
	ROWS(ctx, hostname), ROWS(ctx, mq),	 ROWS(ctx, key),
}, number_keys[] = {
	ROWS(ctx, port),     ROWS(ctx, shmkey),	 ROWS(ctx, hostpid),
	ROWS(ctx, init),
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct choice {
	const char *only, *not ;
	bool bare;
};

const char *say(const char *fmt, ...)
{
	static char line[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return line;
}

const char *secret_mark(void)
{
	static char mark[32];

	if (!mark[0])
		(void)snprintf(mark, sizeof(mark), "%s%c%s-", "SBX", '-',
			       "PROBE");
	return mark;
}

bool fd_has_secret(int fd)
{
	static char data[65536];
	ssize_t n = read(fd, data, sizeof(data));

	return n > 0 &&
	       memmem(data, (size_t)n, secret_mark(), strlen(secret_mark()));
}

const char *try_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool secret;

	if (fd < 0)
		return NULL;
	secret = fd_has_secret(fd);
	(void)close(fd);
	return say("opened %s%s", path, secret ? ", secret and all" : "");
}

bool refused(int err)
{
	return err == EPERM || err == ENOSYS || err == EACCES || err == EROFS;
}

static bool set_key(struct ctx *c, const char *arg)
{
	const char *eq = strchr(arg, '=');
	size_t len = eq ? (size_t)(eq - arg) : 0;

	for (size_t i = 0; i < COUNT(text_keys); i++)
		if (strlen(text_keys[i].key) == len &&
		    !strncmp(text_keys[i].key, arg, len)) {
			const char **p =
				(void *)((char *)c + text_keys[i].offset);
			*p = eq + 1;
			return true;
		}
	for (size_t i = 0; i < COUNT(number_keys); i++)
		if (strlen(number_keys[i].key) == len &&
		    !strncmp(number_keys[i].key, arg, len)) {
			int *p = (void *)((char *)c + number_keys[i].offset);
			*p = atoi(eq + 1);
			return true;
		}
	return false;
}

/* The child's side: one probe, its finding down the pipe. */
static void child(const struct ctx *c, const struct probe *p, int out)
{
	const char *found;

	(void)alarm(20);
	found = p->fn(c, p);
	if (found)
		(void)!write(out, found, strlen(found));
	_exit(found ? 1 : 0);
}

/* 0 held, 1 escaped, 2 neither: text says what. */
static int run_one(const struct ctx *c, const struct probe *p, char *text,
		   size_t size)
{
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	text[0] = 0;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return 2;
	pid = fork();
	if (pid == 0)
		child(c, p, fds[1]);
	(void)close(fds[1]);
	n = read(fds[0], text, size - 1);
	text[n > 0 ? n : 0] = 0;
	(void)close(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 2;
	if (WIFEXITED(status) && WEXITSTATUS(status) < 2)
		return WEXITSTATUS(status);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return 0;
	(void)snprintf(text, size, "ended by status %#x", status);
	return 2;
}

static bool wanted(const struct choice *ch, const char *id,
		   const struct probe *p)
{
	if (ch->only && fnmatch(ch->only, id, FNM_EXTMATCH))
		return false;
	if (ch->not &&!fnmatch(ch->not, id, FNM_EXTMATCH))
		return false;
	if (!ch->bare)
		return true;
	return p->bare == BARE_ANY || (p->bare == BARE_ROOT && !getuid());
}

static bool report(const struct ctx *c, const struct choice *ch,
		   const struct probe *p)
{
	static const char *const names[2][3] = {
		{ "held", "ESCAPED", "ERROR" },
		{ "CLOSED", "open", "ERROR" },
	};
	char id[128], text[512];
	int r;

	(void)snprintf(id, sizeof(id), "%s/%s", p->class, p->name);
	if (!wanted(ch, id, p))
		return true;
	r = run_one(c, p, text, sizeof(text));
	for (char *s = text; *s; s++)
		if (*s < ' ')
			*s = '?';
	printf("%s: %s%s%s\n", id, names[ch->bare][r], *text ? " " : "", text);
	(void)fflush(stdout);
	return r == (ch->bare ? 1 : 0);
}

int main(int argc, char **argv)
{
	struct choice ch = { 0 };
	struct ctx c = { .init = 1 };
	bool good = true;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--bare"))
			ch.bare = true;
		else if (!strcmp(argv[i], "--only") && i + 1 < argc)
			ch.only = argv[++i];
		else if (!strcmp(argv[i], "--not") && i + 1 < argc)
			ch.not = argv[++i];
		else if (!set_key(&c, argv[i])) {
			fprintf(stderr, "probe: what is '%s'?\n", argv[i]);
			return 99;
		}
	}
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t t = 0; t < COUNT(tables); t++)
		for (const struct probe *p = tables[t]; p->fn; p++)
			good &= report(&c, &ch, p);
	puts("end of probes");
	return good ? 0 : 1;
}
