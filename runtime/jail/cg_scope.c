/* SPDX-License-Identifier: Apache-2.0 */
/* Having systemd put us into a scope whose cgroup it leaves to us. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/cg.h"

/*
 * How this works. A jail's first process can be started in another cgroup only
 * by somebody who may write the directory above both. The session that a
 * person has logged in to belongs to root, so a cgroup in which the user's
 * service manager lets us do as we like is out of reach from there, and it is
 * we ourselves who must move: the manager is asked for a transient scope with
 * this process in it, then the walk of cg_find.c finds that scope. It ends when
 * we end, however we end, and systemd removes what is in it. D-Bus is spoken
 * by a small program of its own, so that the one that starts jails is static.
 */

#define ANSWER_MS 2000

static bool is_socket(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* A socket of the manager: the bus if there is one, or its own. */
static bool find_socket(const char *dir, const char *bus, struct cg_manager *m)
{
	int n = snprintf(m->socket, sizeof(m->socket), "%s/%s", dir, bus);

	m->bus = true;
	if (n < (int)sizeof(m->socket) && is_socket(m->socket))
		return true;
	n = snprintf(m->socket, sizeof(m->socket), "%s/systemd/private", dir);
	m->bus = false;
	return n < (int)sizeof(m->socket) && is_socket(m->socket);
}

static unsigned controllers_at(const struct cg_here *here, const char *path)
{
	_autofd int fd =
		openat(here->mountfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? 0 : cg_read_controllers(fd, "cgroup.controllers");
}

int cg_manager(const struct cg_here *here, struct cg_manager *ret,
	       struct cgroup *why)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	unsigned uid = (unsigned)geteuid();
	char path[160];

	*ret = (struct cg_manager){ 0 };
	if (uid == 0) {
		ret->controllers = controllers_at(here, ".");
		if (find_socket("/run", "dbus/system_bus_socket", ret))
			return 0;
		cg_why(why, "the system's service manager has no socket");
		return 1;
	}
	(void)snprintf(path, sizeof(path), "/run/user/%u", uid);
	if (!dir || dir[0] != '/')
		dir = path;
	if (!find_socket(dir, "bus", ret)) {
		cg_why(why, "no service manager of user %u at %.60s", uid, dir);
		cg_remedy(why, "as root: loginctl enable-linger %u", uid);
		return 1;
	}
	(void)snprintf(path, sizeof(path),
		       "user.slice/user-%u.slice/user@%u.service", uid, uid);
	ret->controllers = controllers_at(here, path);
	return 0;
}

/* Beside this program (in the build tree), or where it was installed. */
static int find_helper(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 16);
	char *slash;

	if (n > 0) {
		path[n] = '\0';
		slash = strrchr(path, '/');
		if (slash) {
			strcpy(slash + 1, "sbx-scope");
			if (access(path, X_OK) == 0)
				return 0;
		}
	}
	if (strlen(SBX_SCOPE) >= size)
		return -ENAMETOOLONG;
	strcpy(path, SBX_SCOPE);
	return access(path, X_OK) < 0 ? -errno : 0;
}

/* Its only tie to us is the pipe it answers on: no terminal, no signals of the
 * keyboard, nothing of our standard streams. */
static int spawn(char *const *argv, int answer, pid_t *ret)
{
	char *const env[] = { NULL };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawn_file_actions_init(&fa))
		return -ENOMEM;
	if (posix_spawnattr_init(&at)) {
		(void)posix_spawn_file_actions_destroy(&fa);
		return -ENOMEM;
	}
	r = posix_spawn_file_actions_adddup2(&fa, answer, 1);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(&fa, 0, "/dev/null",
						     O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(&fa, 2, "/dev/null",
						     O_WRONLY, 0);
	(void)posix_spawnattr_setsigmask(&at, &none);
	(void)posix_spawnattr_setsigdefault(&at, &all);
	(void)posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK |
						    POSIX_SPAWN_SETSIGDEF |
						    POSIX_SPAWN_SETSID);
	if (r == 0)
		r = posix_spawn(ret, argv[0], &fa, &at, argv, env);
	(void)posix_spawn_file_actions_destroy(&fa);
	(void)posix_spawnattr_destroy(&at);
	return -r;
}

/* Its one line. False where it has not ended when time is up. */
static bool hear(int fd, char *text, size_t size)
{
	uint64_t deadline = io_now_ms() + ANSWER_MS, now = io_now_ms();
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	ssize_t n = 1;

	for (; n > 0 && len < size - 1 && now < deadline; now = io_now_ms()) {
		if (poll(&p, 1, (int)(deadline - now)) <= 0)
			continue;
		n = read(fd, text + len, size - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return n <= 0;
}

int cg_scope(const struct cg_manager *m, bool asks, bool *ret_made,
	     struct sbx_err *err)
{
	char path[PATH_MAX], pid[16], unit[48], text[160];
	char *argv[] = { path,
			 pid,
			 unit,
			 (char *)(uintptr_t)m->socket,
			 (char *)(uintptr_t)(m->bus ? "bus" : "manager"),
			 (char *)(uintptr_t)(asks ? "ask" : "make"),
			 NULL };
	_autofd int ours = -1, theirs = -1;
	uint32_t random = (uint32_t)io_now_ns();
	int fds[2], r = find_helper(path, sizeof(path));
	pid_t child;

	if (r < 0)
		return sbx_fail(err, -r, "'%.90s'", path);
	(void)!getrandom(&random, sizeof(random), GRND_NONBLOCK);
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	(void)snprintf(unit, sizeof(unit), "sbx-%s-%08x.scope", pid, random);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return sbx_fail(err, errno, "pipe");
	ours = fds[0];
	theirs = fds[1];
	r = spawn(argv, theirs, &child);
	if (r < 0)
		return sbx_fail(err, -r, "'%.90s'", path);
	close_fd(&theirs);
	if (!hear(ours, text, sizeof(text)))
		(void)kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	*ret_made = strcmp(text, "made") == 0;
	if (*ret_made || strcmp(text, "delegated") == 0)
		return 0;
	return sbx_failx(err, ENOTSUP, "service manager: %.110s",
			 text[0] ? text : "no answer within 2 s");
}
