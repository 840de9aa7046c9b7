/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the start-up measurement and what they hand to each other. */
#ifndef SBX_TESTS_BENCH_BENCH_H
#define SBX_TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- scratch.c: the files that the commands need ---------------------- */

/* Named places; a command's word "@name" stands for one of them. */
struct place {
	const char *name;
	char path[256];
};

struct scratch {
	char dir[128];
	struct place places[16];
	size_t n;
};

/* Makes a directory of its own with a small working tree, policies, the
 * filter and an OCI bundle, and makes the tree the current directory. Prints
 * and exits where it cannot. */
void scratch_init(struct scratch *s, const char *sbx, const char *floor);
void scratch_done(struct scratch *s);
/* NULL: no place of that name. */
const char *scratch_find(const struct scratch *s, const char *name, size_t len);

/* ---- rows.c: the commands that are compared --------------------------- */

enum { CMD_MAX_ARGS = 64 };

enum cmd_group {
	CMD_OURS = 1 << 0, /* what the aims speak of */
	CMD_PEER = 1 << 1, /* the nearest other program */
	CMD_REST = 1 << 2, /* measured when idle only */
};

struct cmd {
	const char *name;
	char *argv[CMD_MAX_ARGS];
	bool filter; /* the filter's file is descriptor 9 */
	double aim;  /* times the floor; 0: none */
	enum cmd_group group;
	char absent[200]; /* why it cannot be measured, or "" */
};

struct cmds {
	struct cmd *v;
	size_t n;
};

/* Fills in the places, looks for the programs and tries each once. */
void cmds_init(struct cmds *c, const struct scratch *s);
void cmds_done(struct cmds *c);
const struct cmd *cmds_find(const struct cmds *c, const char *name);

/* ---- sample.c: running and timing ------------------------------------- */

/* Start, wait, return microseconds; -1 where it did not exit with 0. What it
 * says on standard error goes to errfd, or nowhere (-1). */
double sample_once(const struct cmd *cmd, const struct scratch *s, int errfd);

struct stats {
	double median, p10, p90;
	size_t n; /* 0: nothing was measured */
};

/* Sorts v. */
void stats_of(double *v, size_t n, struct stats *ret);

/* Rounds of all commands whose group is in groups, in another order each
 * round; one at a time. ret[i] belongs to c->v[i]. */
void sample_rounds(const struct cmds *c, const struct scratch *s,
		   unsigned groups, size_t rounds, struct stats *ret);

enum prio { PRIO_REAL_TIME, PRIO_NICE, PRIO_PLAIN };
/* The best of them that is permitted, at most `want`. */
enum prio prio_set(enum prio want);
const char *prio_name(enum prio p);

/* ---- report.c: printing ----------------------------------------------- */

struct report {
	void *rows; /* JSON so far; NULL: a table is printed */
	const char *scene;
	size_t missed;
};

void report_init(struct report *r, bool json);
void report_scene(struct report *r, const char *name, const char *how);
/* A command's time against the floor's; aim 0: none. */
void report_time(struct report *r, const char *name, const struct stats *st,
		 double floor, double aim);
void report_absent(struct report *r, const char *name, const char *why);

/* One figure that is not a time of a command. */
struct figure {
	const char *name;
	double value;
	const char *unit;
	double ratio;  /* negative: none */
	double aim;    /* of the ratio; 0: none */
	bool at_least; /* the ratio has to be that much, not at most */
};
void report_figure(struct report *r, const struct figure *f);
/* Prints what is left to print. */
void report_done(struct report *r);

/* ---- scenes.c, load.c: the circumstances ------------------------------- */

struct bench {
	struct report report;
	struct scratch scratch;
	struct cmds cmds;
	size_t rounds;
	enum prio prio; /* what is permitted */
};

void scene_idle(struct bench *b);
void scene_load(struct bench *b);
void scene_mounts_1000(struct bench *b);
void scene_mounts_4000(struct bench *b);
void scene_throughput(struct bench *b);
void scene_drift(struct bench *b);
void scene_memory(struct bench *b);

#endif
