/* SPDX-License-Identifier: Apache-2.0 */
/* Reading /proc where there is no malloc and no stdio. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/watch_state.h"

uint64_t watch_effort(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void watch_path(char *buf, pid_t pid, const char *file)
{
	char digits[12];
	size_t n = 0;

	for (unsigned v = (unsigned)pid; v || !n; v /= 10)
		digits[n++] = (char)('0' + v % 10);
	while (n)
		*buf++ = digits[--n];
	*buf++ = '/';
	strcpy(buf, file);
}

bool watch_read(const struct watch *w, const char *path, char *buf, size_t size)
{
	_autofd int fd = openat(w->procfd, path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 1;

	while (fd >= 0 && n > 0 && len < size - 1) {
		n = read(fd, buf + len, size - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	buf[len] = '\0';
	return len > 0;
}

void watch_dir_init(struct watch_dir *d, int fd)
{
	d->fd = fd;
	d->len = 0;
	d->pos = 0;
}

const char *watch_dir_next(struct watch_dir *d)
{
	struct dirent64 *e;

	if (d->pos >= d->len) {
		d->len = syscall(SYS_getdents64, d->fd, d->buf, sizeof(d->buf));
		d->pos = 0;
		if (d->len <= 0)
			return NULL;
	}
	e = (struct dirent64 *)(void *)(d->buf + d->pos);
	d->pos += e->d_reclen;
	return e->d_name;
}

void watch_lines_init(struct watch_lines *l, int fd)
{
	l->fd = fd;
	l->len = 0;
	l->pos = 0;
	l->eof = false;
}

/* Make room and read on. False at the end. */
static bool refill(struct watch_lines *l)
{
	ssize_t n;

	l->len -= l->pos;
	memmove(l->buf, l->buf + l->pos, l->len);
	l->pos = 0;
	if (l->len == sizeof(l->buf) - 1)
		l->len = 0;
	n = l->eof ? 0
		   : read(l->fd, l->buf + l->len, sizeof(l->buf) - 1 - l->len);
	if (n <= 0) {
		l->eof = true;
		return false;
	}
	l->len += (size_t)n;
	return true;
}

char *watch_lines_next(struct watch_lines *l)
{
	char *line, *end;

	for (;;) {
		line = l->buf + l->pos;
		end = memchr(line, '\n', l->len - l->pos);
		if (end)
			break;
		if (!refill(l))
			return NULL;
	}
	*end = '\0';
	l->pos = (size_t)(end - l->buf) + 1;
	return line;
}

uint64_t watch_number(const char **p)
{
	uint64_t v = 0;

	while (**p == ' ' || **p == '\t')
		(*p)++;
	for (; **p >= '0' && **p <= '9'; (*p)++)
		v = v * 10 + (uint64_t)(**p - '0');
	return v;
}

uint64_t watch_kb(const char *text, const char *key)
{
	size_t n = strlen(key);
	const char *p = text;

	while (p && (strncmp(p, key, n) != 0 || p[n] != ':')) {
		p = strchr(p, '\n');
		p += p != NULL;
	}
	if (!p)
		return 0;
	p += n + 1;
	return watch_number(&p) * 1024;
}

/* Fields behind the name, which may hold anything (proc_pid_stat(5)). */
enum {
	F_PPID = 1,
	F_MINFLT = 7,
	F_MAJFLT = 9,
	F_UTIME = 11,
	F_STIME,
	F_CUTIME,
	F_CSTIME,
	F_THREADS = 17,
	F_START = 19,
	F_VSIZE,
	F_RSS,
	F_COUNT,
};

bool watch_parse_stat(const char *text, uint64_t tick_us,
		      struct watch_task *ret)
{
	const char *p = strrchr(text, ')'), *pid = text;
	uint64_t f[F_COUNT] = { 0 };

	if (!p || p[1] != ' ' || !p[2])
		return false;
	*ret = (struct watch_task){ .state = p[2] };
	ret->pid = (pid_t)watch_number(&pid);
	p += 3;
	for (int i = 1; i < F_COUNT; i++) {
		while (*p == ' ' || *p == '-')
			p++;
		if (*p < '0' || *p > '9')
			return false;
		f[i] = watch_number(&p);
	}
	ret->ppid = (pid_t)f[F_PPID];
	ret->faults = f[F_MINFLT] + f[F_MAJFLT];
	ret->self_us = (f[F_UTIME] + f[F_STIME]) * tick_us;
	ret->child_us = (f[F_CUTIME] + f[F_CSTIME]) * tick_us;
	ret->threads = (uint32_t)f[F_THREADS];
	ret->start = f[F_START];
	ret->rss = f[F_RSS];
	return true;
}
