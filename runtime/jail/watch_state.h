/* SPDX-License-Identifier: Apache-2.0 */
/* What the watch_*.c files share; watch.h is for the others. */
#ifndef SBX_JAIL_WATCH_STATE_H
#define SBX_JAIL_WATCH_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/jail/watch.h"

#define WATCH_TASKS 4096
#define WATCH_PERIOD_MS 250 /* the longest */
#define WATCH_INODES 8192   /* a power of two */

/* A process as one pass over /proc has seen it. */
struct watch_task {
	pid_t pid, ppid;
	char state;	/* 'R', 'S', 'D', 'Z', 'T', ... */
	bool held;	/* stood still before we stopped it */
	bool forgetful; /* does not collect its children's times */
	uint32_t threads;
	uint64_t start;		 /* with pid: who it is */
	uint64_t self_us;	 /* CPU of its own threads */
	uint64_t child_us;	 /* of children it has waited for, and theirs */
	uint64_t child_first_us; /* the same when it was first seen */
	uint64_t gone_us;	 /* seen in children of it that are gone */
	uint64_t hidden_us;	 /* that they had beyond what was seen */
	uint64_t rss;		 /* pages, all kinds */
	uint64_t faults;
};

struct watch_table {
	struct watch_task v[WATCH_TASKS];
	size_t n;
	size_t over; /* processes there was no room for */
};

/* An inode that several processes may hold. */
struct watch_inode {
	uint64_t key; /* 0: free */
	uint64_t bytes;
	bool exact; /* from the inode itself, not from a mapping */
};

/* What a search through descriptors and mappings has found. */
struct watch_found {
	uint64_t exact;	   /* bytes of memory files, by descriptor */
	uint64_t mapped;   /* bytes at most of those only mapped */
	uint64_t unlinked; /* bytes on disk of overlay files without name */
	size_t sockets, pipes;
	bool blind; /* there is something we cannot look into */
	uint64_t at_ns, cost_ns;
};

struct watch_state {
	struct watch_table tables[2];
	int cur;	       /* which one is the latest */
	uint64_t next_full_ns; /* when all is to be looked at again */
	uint64_t last_pid,
		pids;	  /* of the namespace, as of the last full look */
	uint64_t scan_ns; /* when it was made */
	uint64_t tick_us, page;
	unsigned cpus;

	uint64_t lost_us;  /* CPU of the gone that nobody collected */
	uint64_t total_us; /* never falls */

	dev_t shm_dev;	     /* where the kernel keeps memory files */
	uint64_t shm_base;   /* the host's shared memory that is not ours */
	uint64_t avail_base; /* the host's most available memory */
	struct watch_found found;
	uint64_t hidden_then; /* growth when that search was made */
	bool blind_before;
	struct watch_inode inodes[WATCH_INODES];
	size_t n_inodes;

	uint64_t shared_anon; /* counted twice, by the last look at Pss */
	uint64_t pss_ns, pss_cost_ns, pss_faults;

	uint64_t tokens_ns;  /* throttle: when tokens were last added */
	int64_t tokens_us;   /* CPU time that may still be used */
	uint64_t spent_us;   /* total_us when it was last taken off */
	uint64_t stopped_us; /* total_us when all was last stopped */
	bool defiant;
};

/* watch_proc.c: reading /proc without malloc or stdio. */

/* Nanoseconds of processor time that we ourselves have used: what looking
 * costs, also where others keep us waiting. */
uint64_t watch_effort(void);

/* "PID/file", for openat(2) below w->procfd. */
#define WATCH_PATH 40
void watch_path(char *buf, pid_t pid, const char *file);

/* A file's beginning, NUL-terminated, "" where it cannot be read: what is
 * sought comes first in all of them, and how long they are is not ours to say.
 * Returns whether there is any. */
bool watch_read(const struct watch *w, const char *path, char *buf,
		size_t size);

/* Directory entries, in pieces. */
struct watch_dir {
	int fd;
	long len, pos;
	_Alignas(8) char buf[8192];
};
void watch_dir_init(struct watch_dir *d, int fd);
/* The next name, or NULL. */
const char *watch_dir_next(struct watch_dir *d);

/* Lines of a file of any length; one that is too long is skipped. */
struct watch_lines {
	int fd;
	size_t len, pos;
	bool eof;
	char buf[8192];
};
void watch_lines_init(struct watch_lines *l, int fd);
char *watch_lines_next(struct watch_lines *l);

/* The number at *p, past blanks; *p goes behind it. */
uint64_t watch_number(const char **p);
/* Bytes of a line "key:   N kB", 0 where it is not there. */
uint64_t watch_kb(const char *text, const char *key);

/* The text of /proc/PID/stat. False where it is not one. */
bool watch_parse_stat(const char *text, uint64_t tick_us,
		      struct watch_task *ret);

/* watch_cpu.c: one pass over all processes; updates total_us. */
int watch_scan(struct watch *w);
static inline struct watch_table *watch_tasks(const struct watch *w)
{
	return &w->state->tables[w->state->cur];
}
/* By pid, in a table that is sorted by it; NULL: not there. */
struct watch_task *watch_find(struct watch_table *t, pid_t pid);
/* Take over from the pass before: who has gone, and with how much. Exposed
 * for the test. */
void watch_account(struct watch_state *s, struct watch_table *old,
		   struct watch_table *now, uint64_t dt_us);

/* The host's figures; zero where they are not to be seen. */
struct watch_host {
	uint64_t shmem, available;
};

struct watch_parts {
	uint64_t private; /* each process by itself */
	uint64_t swap;
	uint64_t tmpfs, inodes, sysv;
	uint64_t descriptors; /* how many there are */
	uint64_t faults;
	uint64_t hidden_max; /* the host's growth that is not accounted for */
};

/* watch_memory.c */
void watch_read_host(const struct watch *w, struct watch_host *ret);
/* Bytes in tmpfs mounts; *ret_inodes: and what their inodes take. */
uint64_t watch_tmpfs_bytes(const struct watch *w, uint64_t *ret_inodes);
/* The sum, after watch_scan(). SBX_UNKNOWN where a cgroup has it. */
uint64_t watch_measure(struct watch *w, struct watch_parts *p);

/* watch_shm.c: memory that no process's figures show. */
void watch_search(struct watch *w, struct watch_found *ret);

#endif
