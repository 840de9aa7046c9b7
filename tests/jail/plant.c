/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a host rich in secrets and open doors, runs a command in it, and looks
 * afterwards whether anything was touched.
 *
 *   plant DIR REPORT -- COMMAND...
 *
 * DIR holds (made here): ws/ (the workspace, where COMMAND starts), secret,
 * out and err (files, COMMAND's outputs), in (its input). "@ctx" among the
 * arguments is replaced by the KEY=VALUE list that probe wants. REPORT gets
 * one line for each plant, "intact NAME" or "TOUCHED NAME what". The command's
 * exit status is ours; 99 where the planting failed.
 *
 * It is one process, so that the command inherits what a careless caller
 * hands on: open descriptors, a session keyring, the environment.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET "SBX-PROBE-a41c7e90d2\n"
#define N_FILES 6
#define N_SOCKS 7

struct planted_file {
	const char *name;
	char path[512];
	const char *text;
};

struct planted_sock {
	const char *name;
	int type, fd;
	unsigned hits;
};

struct plant {
	char dir[256], abstract[64], mq[64], hostname[128], key[64];
	char link[512];
	struct planted_file files[N_FILES];
	struct planted_sock socks[N_SOCKS];
	int port, shmid, semid, msgid;
	key_t shmkey;
	mqd_t queue;
	pid_t decoy;
	FILE *report;
};

static void die(const char *what)
{
	perror(what);
	exit(99);
}

static void put_file(struct planted_file *f)
{
	int fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, f->text, strlen(f->text)) < 0)
		die(f->path);
	(void)close(fd);
}

static void plant_files(struct plant *p)
{
	static const struct {
		const char *name, *format, *text;
	} rows[N_FILES] = {
		{ "beside", "%s/secret", SECRET },
		{ "home", "%s/home/.ssh/id_secret", SECRET },
		{ "tmpfile", "/tmp/sbx-probe-%d", SECRET },
		{ "shm", "/dev/shm/sbx-probe-%d", SECRET },
		{ "stdout", "%s/out", "before\n" },
		{ "stdin", "%s/in", "input\n" },
	};
	char sub[300];

	for (const char *const *s =
		     (const char *const[]){ "ws", "home", "home/.ssh", NULL };
	     *s; s++) {
		(void)snprintf(sub, sizeof(sub), "%s/%s", p->dir, *s);
		if (mkdir(sub, 0700) < 0 && errno != EEXIST)
			die(sub);
	}
	for (int i = 0; i < N_FILES; i++) {
		struct planted_file *f = &p->files[i];

		f->name = rows[i].name;
		f->text = rows[i].text;
		if (i == 2 || i == 3)
			(void)snprintf(f->path, sizeof(f->path),
				       i == 2 ? "/tmp/sbx-probe-%d"
					      : "/dev/shm/sbx-probe-%d",
				       (int)getpid());
		else
			(void)snprintf(f->path, sizeof(f->path), "%s%s", p->dir,
				       strchr(rows[i].format, '/'));
		put_file(f);
	}
	(void)snprintf(p->link, sizeof(p->link), "%s/ws/planted", p->dir);
	(void)unlink(p->link);
	if (symlink(p->files[0].path, p->link) < 0)
		die(p->link);
}

static int unix_server(int type, const char *path, bool abstract)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	size_t len = strlen(path);

	if (len + 2 > sizeof(sa.sun_path))
		die("socket path too long");
	memcpy(sa.sun_path + abstract, path, len);
	if (!abstract)
		(void)unlink(path);
	if (bind(fd, (struct sockaddr *)&sa,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + abstract +
			     len)) < 0)
		die(path);
	if (type == SOCK_STREAM && listen(fd, 16) < 0)
		die(path);
	return fd;
}

static int inet_server(int family, int type, int port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons((uint16_t)port),
				    .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	void *sa = family == AF_INET ? (void *)&in : (void *)&in6;

	if (fd < 0 ||
	    bind(fd, sa, family == AF_INET ? sizeof(in) : sizeof(in6)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 16) < 0))
		return -1;
	return fd;
}

/* One number that is free for TCP and for UDP. */
static void plant_ports(struct plant *p, struct planted_sock *s)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);

	for (int tries = 0; tries < 50; tries++) {
		int tcp = inet_server(AF_INET, SOCK_STREAM, 0);

		len = sizeof(in);
		if (tcp < 0 || getsockname(tcp, (struct sockaddr *)&in, &len))
			die("listen on the loopback");
		p->port = ntohs(in.sin_port);
		s[0] = (struct planted_sock){ "tcp", SOCK_STREAM, tcp, 0 };
		s[1] = (struct planted_sock){
			"udp", SOCK_DGRAM,
			inet_server(AF_INET, SOCK_DGRAM, p->port), 0
		};
		if (s[1].fd >= 0)
			break;
		(void)close(tcp);
	}
	/* Where the host has no IPv6, nothing is there to be reached. */
	s[2] = (struct planted_sock){
		"tcp6", SOCK_STREAM,
		inet_server(AF_INET6, SOCK_STREAM, p->port), 0
	};
}

static void plant_sockets(struct plant *p)
{
	char path[300], dgram[80];

	(void)snprintf(p->abstract, sizeof(p->abstract), "sbx-probe-%d",
		       (int)getpid());
	(void)snprintf(dgram, sizeof(dgram), "%s-d", p->abstract);
	p->socks[0] = (struct planted_sock){
		"abstract", SOCK_STREAM,
		unix_server(SOCK_STREAM, p->abstract, true), 0
	};
	p->socks[1] =
		(struct planted_sock){ "abstract-datagram", SOCK_DGRAM,
				       unix_server(SOCK_DGRAM, dgram, true),
				       0 };
	(void)snprintf(path, sizeof(path), "%s/host.sock", p->dir);
	p->socks[2] = (struct planted_sock){
		"path", SOCK_STREAM, unix_server(SOCK_STREAM, path, false), 0
	};
	(void)snprintf(path, sizeof(path), "%s/ws/agent.sock", p->dir);
	p->socks[3] =
		(struct planted_sock){ "path-in-workspace", SOCK_STREAM,
				       unix_server(SOCK_STREAM, path, false),
				       0 };
	plant_ports(p, &p->socks[4]);
}

static void plant_ipc(struct plant *p)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 64 };
	char *at;

	p->shmkey = 0x5b0b0000 | (getpid() & 0xffff);
	p->shmid = shmget(p->shmkey, 4096, IPC_CREAT | 0600);
	p->semid = semget(p->shmkey, 1, IPC_CREAT | 0600);
	p->msgid = msgget(p->shmkey, IPC_CREAT | 0600);
	at = p->shmid < 0 ? (void *)-1 : shmat(p->shmid, NULL, 0);
	if (at == (void *)-1 || p->semid < 0 || p->msgid < 0)
		die("System V IPC");
	memcpy(at, SECRET, sizeof(SECRET));
	(void)shmdt(at);
	(void)snprintf(p->mq, sizeof(p->mq), "/sbx-probe-%d", (int)getpid());
	p->queue = mq_open(p->mq, O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attr);
	if (p->queue == (mqd_t)-1)
		die("message queue");
}

/* A session keyring of its own with one key, which a child inherits. */
static void plant_key(struct plant *p)
{
	(void)snprintf(p->key, sizeof(p->key), "sbx-probe-%d", (int)getpid());
	if (syscall(SYS_keyctl, 1 /* JOIN_SESSION_KEYRING */, NULL) < 0 ||
	    syscall(SYS_add_key, "user", p->key, SECRET, strlen(SECRET),
		    -3 /* KEY_SPEC_SESSION_KEYRING */) < 0)
		die("session keyring");
}

/*
 * A process of the same user that only waits; a signal would end it. Its number
 * must not be one that the jail, which counts from 1, reaches as well.
 */
static void plant_decoy(struct plant *p)
{
	for (int i = 0; i < 6000; i++) {
		p->decoy = fork();
		if (p->decoy != 0 && p->decoy > 3000)
			return;
		if (p->decoy == 0)
			break;
		(void)kill(p->decoy, SIGKILL);
		(void)waitpid(p->decoy, NULL, 0);
	}
	if (p->decoy == 0) {
		for (int fd = 1; fd < 64; fd++)
			(void)close(fd);
		for (int s = 1; s < NSIG; s++)
			(void)signal(s, SIG_DFL);
		for (;;)
			(void)pause();
	}
	if (p->decoy < 0)
		die("fork");
}

static void plant_all(struct plant *p, const char *dir)
{
	(void)snprintf(p->dir, sizeof(p->dir), "%s", dir);
	(void)gethostname(p->hostname, sizeof(p->hostname) - 1);
	plant_files(p);
	plant_sockets(p);
	plant_ipc(p);
	plant_key(p);
	plant_decoy(p);
}

static void add(char **list, size_t *n, const char *key, const char *value)
{
	if (asprintf(&list[(*n)++], "%s=%s", key, value) < 0)
		die("asprintf");
}

static void add_int(char **list, size_t *n, const char *key, int value)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d", value);
	add(list, n, key, text);
}

static void add_ctx(const struct plant *p, char **list, size_t *n)
{
	char path[300];

	for (int i = 0; i < 4; i++)
		add(list, n, p->files[i].name, p->files[i].path);
	(void)snprintf(path, sizeof(path), "%s/ws", p->dir);
	add(list, n, "hostdir", path);
	add(list, n, "abstract", p->abstract);
	(void)snprintf(path, sizeof(path), "%s/host.sock", p->dir);
	add(list, n, "sock", path);
	add(list, n, "wssock", "agent.sock");
	add(list, n, "planted", "planted");
	add(list, n, "hostname", p->hostname);
	add(list, n, "mq", p->mq);
	add(list, n, "key", p->key);
	add_int(list, n, "port", p->port);
	add_int(list, n, "shmkey", p->shmkey);
	add_int(list, n, "hostpid", (int)p->decoy);
}

static char **command(const struct plant *p, char **argv)
{
	char **list = calloc(256, sizeof(*list));
	size_t n = 0;

	if (!list)
		die("calloc");
	for (; *argv && n < 200; argv++)
		if (!strcmp(*argv, "@ctx"))
			add_ctx(p, list, &n);
		else if (!strcmp(*argv, "@init"))
			add_int(list, &n, "init", (int)p->decoy);
		else
			list[n++] = *argv;
	return list;
}

/* In the child: what a careless caller leaves open. */
static void start(const struct plant *p, char **argv)
{
	char path[300];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/err", p->dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	(void)dup2(fd, 2);
	fd = open(p->files[4].path, O_RDWR | O_APPEND);
	(void)dup2(fd, 1);
	fd = open(p->files[5].path, O_RDONLY);
	(void)dup2(fd, 0);
	fd = open("/", O_RDONLY | O_DIRECTORY);
	(void)dup2(fd, 7);
	fd = open(p->files[0].path, O_RDWR);
	(void)dup2(fd, 9);
	(void)snprintf(path, sizeof(path), "%s/ws", p->dir);
	if (chdir(path) < 0)
		_exit(99);
	(void)execvp(argv[0], argv);
	perror(argv[0]);
	_exit(99);
}

static void serve(struct planted_sock *s)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	char buf[64];
	int fd;

	if (s->type == SOCK_DGRAM) {
		ssize_t n = recvfrom(s->fd, buf, sizeof(buf), 0, (void *)&from,
				     &len);
		if (n < 0)
			return;
		(void)sendto(s->fd, SECRET, 4, 0, (void *)&from, len);
	} else {
		fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			return;
		(void)close(fd);
	}
	s->hits++;
}

static void serve_for(struct plant *p, int timeout)
{
	struct pollfd fds[N_SOCKS];

	for (int i = 0; i < N_SOCKS; i++)
		fds[i] = (struct pollfd){ p->socks[i].fd, POLLIN, 0 };
	if (poll(fds, N_SOCKS, timeout) <= 0)
		return;
	for (int i = 0; i < N_SOCKS; i++)
		if (fds[i].revents)
			serve(&p->socks[i]);
}

static int wait_for(struct plant *p, pid_t pid)
{
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0)
		serve_for(p, 20);
	for (int i = 0; i < 5; i++)
		serve_for(p, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void verdict(struct plant *p, const char *name, bool intact,
		    const char *what)
{
	if (intact)
		fprintf(p->report, "intact %s\n", name);
	else
		fprintf(p->report, "TOUCHED %s %.*s\n", name,
			(int)strcspn(what, "\n"), what);
}

static void check_file(struct plant *p, const struct planted_file *f)
{
	size_t want = strlen(f->text);
	char text[64] = "";
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	struct stat st = { 0 };
	bool good = fd >= 0 && read(fd, text, want) == (ssize_t)want &&
		    !strcmp(text, f->text) && !fstat(fd, &st) &&
		    (st.st_mode & 07777) == 0600;

	/* The command appends to its output: the rest is its own. */
	if (strcmp(f->name, "stdout") != 0)
		good = good && st.st_size == (off_t)want;
	verdict(p, f->name, good, text);
	if (fd >= 0)
		(void)close(fd);
}

static void check_ipc(struct plant *p)
{
	struct shmid_ds ds;
	struct mq_attr attr = { 0 };
	char *at;

	verdict(p, "sysv-shm-attached",
		!shmctl(p->shmid, IPC_STAT, &ds) && ds.shm_lpid == getpid(),
		"by another process");
	at = shmat(p->shmid, NULL, 0);
	verdict(p, "sysv-shm",
		at != (void *)-1 && !memcmp(at, SECRET, sizeof(SECRET)),
		"content");
	(void)shmdt(at);
	(void)mq_getattr(p->queue, &attr);
	verdict(p, "posix-mq", attr.mq_curmsgs == 0, "messages");
}

static void check_decoy(struct plant *p)
{
	int status;
	bool lives = waitpid(p->decoy, &status, WNOHANG | WUNTRACED) == 0;
	cpu_set_t mine, its;

	verdict(p, "host-process", lives, "it got a signal");
	verdict(p, "host-process-priority",
		getpriority(PRIO_PROCESS, (id_t)p->decoy) ==
			getpriority(PRIO_PROCESS, 0),
		"changed");
	(void)sched_getaffinity(0, sizeof(mine), &mine);
	verdict(p, "host-process-affinity",
		!sched_getaffinity(p->decoy, sizeof(its), &its) &&
			CPU_EQUAL(&mine, &its),
		"changed");
}

static void check_rest(struct plant *p)
{
	char name[128] = "";

	(void)gethostname(name, sizeof(name) - 1);
	verdict(p, "hostname", !strcmp(name, p->hostname), name);
	for (int i = 0; i < N_SOCKS; i++)
		verdict(p, p->socks[i].name, p->socks[i].hits == 0,
			"was connected to");
}

static void uproot(struct plant *p)
{
	(void)kill(p->decoy, SIGKILL);
	(void)waitpid(p->decoy, NULL, 0);
	(void)shmctl(p->shmid, IPC_RMID, NULL);
	(void)semctl(p->semid, 0, IPC_RMID);
	(void)msgctl(p->msgid, IPC_RMID, NULL);
	(void)mq_unlink(p->mq);
	(void)unlink(p->files[2].path);
	(void)unlink(p->files[3].path);
}

int main(int argc, char **argv)
{
	static struct plant p;
	int status;
	pid_t pid;

	if (argc < 5 || strcmp(argv[3], "--")) {
		fputs("usage: plant DIR REPORT -- COMMAND...\n", stderr);
		return 99;
	}
	/* In the environment that /proc shows, too: hence once more. */
	if (!getenv("SBX_TEST_SECRET")) {
		(void)setenv("SBX_TEST_SECRET", SECRET, 1);
		(void)execv("/proc/self/exe", argv);
		die("exec");
	}
	(void)alarm(300);
	p.report = fopen(argv[2], "we");
	if (!p.report)
		die(argv[2]);
	plant_all(&p, argv[1]);
	pid = fork();
	if (pid == 0) {
		(void)alarm(0);
		start(&p, command(&p, argv + 4));
	}
	status = pid < 0 ? 99 : wait_for(&p, pid);
	for (int i = 0; i < N_FILES; i++)
		check_file(&p, &p.files[i]);
	check_ipc(&p);
	check_decoy(&p);
	check_rest(&p);
	uproot(&p);
	return fclose(p.report) ? 99 : status;
}
