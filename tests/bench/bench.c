/* SPDX-License-Identifier: Apache-2.0 */
/* make bench: what a start of sbx takes, beside the floor and its peers. */
#include "tests/bench/bench.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"

struct scene {
	const char *name;
	void (*run)(struct bench *b);
};

static const struct scene scenes[] = {
	{ "idle", scene_idle },
	{ "load", scene_load },
	{ "mounts-1000", scene_mounts_1000 },
	{ "mounts-4000", scene_mounts_4000 },
	{ "throughput", scene_throughput },
	{ "drift", scene_drift },
	{ "memory", scene_memory },
};

struct opts {
	const char *sbx, *floor, *scene;
	size_t rounds;
	bool json;
};

static const struct option options[] = {
	{ "sbx", required_argument, NULL, 'x' },
	{ "floor", required_argument, NULL, 'f' },
	{ "rounds", required_argument, NULL, 'r' },
	{ "scene", required_argument, NULL, 's' },
	{ "json", no_argument, NULL, 'j' },
	{ 0 },
};

static void usage(void)
{
	fprintf(stderr, "usage: bench --sbx FILE --floor FILE [--rounds N] "
			"[--scene NAME] [--json]\nscenes:");
	for (size_t i = 0; i < ARRAY_LEN(scenes); i++)
		fprintf(stderr, " %s", scenes[i].name);
	fputc('\n', stderr);
	exit(125);
}

static void parse(struct opts *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'x')
			o->sbx = optarg;
		else if (c == 'f')
			o->floor = optarg;
		else if (c == 'r')
			o->rounds = strtoul(optarg, NULL, 10);
		else if (c == 's')
			o->scene = optarg;
		else if (c == 'j')
			o->json = true;
		else
			usage();
	}
	if (optind < argc || !o->sbx || !o->floor || o->rounds < 1 ||
	    o->rounds > 100000)
		usage();
}

int main(int argc, char **argv)
{
	struct opts o = { .rounds = 100 };
	struct bench b = { 0 };
	size_t ran = 0;

	parse(&o, argc, argv);
	srandom((unsigned)time(NULL));
	b.rounds = o.rounds;
	b.prio = prio_set(PRIO_REAL_TIME);
	scratch_init(&b.scratch, o.sbx, o.floor);
	cmds_init(&b.cmds, &b.scratch);
	if (cmds_find(&b.cmds, "floor")->absent[0])
		errx(125, "floor: %s", cmds_find(&b.cmds, "floor")->absent);
	report_init(&b.report, o.json);
	for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
		if (o.scene && strcmp(o.scene, scenes[i].name) != 0)
			continue;
		scenes[i].run(&b);
		ran++;
	}
	report_done(&b.report);
	cmds_done(&b.cmds);
	scratch_done(&b.scratch);
	if (!ran)
		usage();
	return 0;
}
