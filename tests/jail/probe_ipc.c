/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: sockets by name and path, System V and POSIX IPC, keyrings. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/jail/probe.h"

static bool connects(int type, const char *path, bool abstract)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	size_t len = strlen(path);
	bool done;

	if (fd < 0 || len + 2 > sizeof(sa.sun_path))
		return false;
	memcpy(sa.sun_path + abstract, path, len);
	done = connect(fd, (struct sockaddr *)&sa,
		       (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				   abstract + len)) == 0;
	if (done)
		(void)!write(fd, "MARK", 4);
	(void)close(fd);
	return done;
}

static const char *to_abstract(const struct ctx *c, const struct probe *p)
{
	char name[128];

	(void)snprintf(name, sizeof(name), "%s%s", c->abstract,
		       p->text ? p->text : "");
	return connects((int)p->arg[0], name, true) ? "connected" : NULL;
}

static const char *to_outside(const struct ctx *c, const struct probe *p)
{
	return connects(SOCK_STREAM, c->sock, false) ? "connected" : NULL;
}

static const char *to_workspace(const struct ctx *c, const struct probe *p)
{
	return connects(SOCK_STREAM, c->wssock, false) ? "connected" : NULL;
}

static const char *to_service(const struct ctx *c, const struct probe *p)
{
	return connects(SOCK_STREAM, p->text, false) ? "connected" : NULL;
}

static const char *shared_memory(const struct ctx *c, const struct probe *p)
{
	int id = shmget(c->shmkey, 0, 0);
	char *at = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	if (id < 0 || at == (void *)-1)
		return NULL;
	memcpy(at, "MARK", 4);
	return "attached";
}

/* By number instead of by key: what ipcs would list. */
static const char *shared_listed(const struct ctx *c, const struct probe *p)
{
	struct shmid_ds ds;

	for (int i = 0; i < 64; i++)
		if (shmctl(i, SHM_STAT, &ds) >= 0)
			return "a segment is listed";
	return NULL;
}

static const char *semaphore(const struct ctx *c, const struct probe *p)
{
	int id = semget(c->shmkey, 0, 0);

	return id < 0 ? NULL : "found";
}

static const char *messages(const struct ctx *c, const struct probe *p)
{
	int id = msgget(c->shmkey, 0);

	return id < 0 ? NULL : "found";
}

static const char *posix_queue(const struct ctx *c, const struct probe *p)
{
	mqd_t q = mq_open(c->mq, O_RDWR);

	if (q == (mqd_t)-1)
		return NULL;
	(void)mq_send(q, "MARK", 4, 0);
	return "opened";
}

static const char *session_key(const struct ctx *c, const struct probe *p)
{
	/* KEYCTL_SEARCH in KEY_SPEC_SESSION_KEYRING (or the user's) */
	long id = syscall(SYS_keyctl, 10, p->arg[0], "user", c->key, 0);

	return id < 0 ? NULL : "found the caller's key";
}

static const char *requested_key(const struct ctx *c, const struct probe *p)
{
	long id = syscall(SYS_request_key, "user", c->key, NULL, 0);

	return id < 0 ? NULL : "found the caller's key";
}

const struct probe probes_ipc[] = {
	{ "socket",
	  "abstract-stream",
	  to_abstract,
	  BARE_ANY,
	  NULL,
	  { SOCK_STREAM } },
	{ "socket",
	  "abstract-datagram",
	  to_abstract,
	  BARE_ANY,
	  "-d",
	  { SOCK_DGRAM } },
	{ "socket", "path-outside", to_outside, BARE_ANY },
	{ "socket", "path-in-workspace", to_workspace, BARE_ANY },
	{ "socket", "docker", to_service, BARE_MAYBE, "/run/docker.sock" },
	{ "socket", "dbus", to_service, BARE_MAYBE,
	  "/run/dbus/system_bus_socket" },
	{ "socket", "systemd", to_service, BARE_MAYBE, "/run/systemd/private" },
	{ "socket", "journal", to_service, BARE_MAYBE,
	  "/run/systemd/journal/stdout" },
	{ "socket", "containerd", to_service, BARE_MAYBE,
	  "/run/containerd/containerd.sock" },
	{ "ipc", "sysv-shm", shared_memory, BARE_ANY },
	{ "ipc", "sysv-shm-listed", shared_listed, BARE_ANY },
	{ "ipc", "sysv-sem", semaphore, BARE_ANY },
	{ "ipc", "sysv-msg", messages, BARE_ANY },
	{ "ipc", "posix-mq", posix_queue, BARE_ANY },
	{ "ipc", "session-keyring", session_key, BARE_ANY, NULL, { -3 } },
	{ "ipc", "user-keyring", session_key, BARE_MAYBE, NULL, { -4 } },
	{ "ipc", "request_key", requested_key, BARE_ANY },
	{ 0 },
};
