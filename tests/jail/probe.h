/* SPDX-License-Identifier: Apache-2.0 */
/* Ways out of a jail, tried from the inside: rows of tables. */
#ifndef SBX_TESTS_JAIL_PROBE_H
#define SBX_TESTS_JAIL_PROBE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What the test outside has planted, told to the program by KEY=VALUE
 * arguments. A probe never knows the secret itself: everything secret begins
 * with the mark of secret_mark().
 */
struct ctx {
	const char *beside;   /* secret file beside the workspace */
	const char *home;     /* secret file in the caller's home */
	const char *tmpfile;  /* secret file in the host's /tmp */
	const char *shm;      /* secret file in the host's /dev/shm */
	const char *hostdir;  /* the workspace, as the host knows it */
	const char *abstract; /* name of a listening abstract socket */
	const char *sock;     /* path of a listening socket outside */
	const char *wssock;   /* the same inside the workspace, relative */
	const char *planted;  /* link in the workspace to `beside` */
	const char *hostname; /* of the host */
	const char *mq;	      /* POSIX message queue */
	const char *key;      /* description of a key in the session keyring */
	int port;	      /* TCP and UDP on the host's loopback */
	int shmkey;	      /* SysV shared memory, semaphore, messages */
	int hostpid;	      /* process of the same user on the host */
	int init;	      /* whom to attack as PID 1 */
};

/*
 * Where the attempt succeeds without any jail: that is checked too, because a
 * probe that can only hold shows nothing.
 */
enum bare {
	BARE_ANY,   /* always */
	BARE_ROOT,  /* where the caller is root */
	BARE_MAYBE, /* depends on the host's kernel or settings */
};

struct probe {
	const char *class, *name;
	/* NULL: it was held. Else what was possible, for a person. */
	const char *(*fn)(const struct ctx *c, const struct probe *p);
	enum bare bare;
	const char *text; /* argument of fn, where it wants one */
	long arg[4];
};

extern const struct probe probes_file[], probes_proc[], probes_mount[],
	probes_call[], probes_ipc[], probes_net[], probes_tty[];

/* A line for the reader, in one static buffer. */
const char *say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What every planted secret begins with; not a literal in this program. */
const char *secret_mark(void);
/* Reads up to 64 KiB of fd and tells whether the mark is in it. */
bool fd_has_secret(int fd);
/* Opens path for reading: what it gave away, or NULL. */
const char *try_read(const char *path);
/* The errno values that a refusal has; others mean that it was reached. */
bool refused(int err);

#endif
