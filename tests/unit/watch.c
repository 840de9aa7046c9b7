/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the watchdog's parts that need no jail. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/watch_state.h"
#include "tests/tap/tap.h"

#define MB (1u << 20)

/* The accounting by itself: who was there, and who is. */
static struct watch_task *add(struct watch_table *t, pid_t pid, pid_t ppid,
			      uint64_t self_us, uint64_t child_us)
{
	t->v[t->n] = (struct watch_task){ .pid = pid,
					  .ppid = ppid,
					  .state = 'S',
					  .start = (uint64_t)pid,
					  .self_us = self_us,
					  .child_us = child_us };
	return &t->v[t->n++];
}

static void test_account(void)
{
	struct watch_state *s = calloc(1, sizeof(*s));
	struct watch_table *a = &s->tables[0], *b = &s->tables[1];

	s->tick_us = 10000;
	s->cpus = 2;
	add(a, 1, 0, 5000000, 0);
	add(a, 2, 1, 100000, 0);
	add(a, 3, 2, 1000000, 0);
	watch_account(s, b, a, 0);
	is_int(s->total_us, 1100000, "account: the living, but not PID 1");
	add(b, 1, 0, 5000000, 0);
	add(b, 2, 1, 100000, 1200000);
	watch_account(s, a, b, 10000);
	is_int(s->total_us, 1300000, "account: a child was waited for");
	a->n = 0;
	add(a, 1, 0, 5000000, 0);
	watch_account(s, b, a, 10000);
	is_int(s->total_us, 1300000, "account: it never falls");
	ok(!a->v[0].forgetful, "account: PID 1 is above suspicion");
	free(s);
	s = calloc(1, sizeof(*s));
	a = &s->tables[0];
	b = &s->tables[1];
	s->tick_us = 10000;
	s->cpus = 2;
	add(a, 1, 0, 0, 0);
	add(a, 2, 1, 0, 0);
	add(a, 3, 2, 1000000, 0);
	watch_account(s, b, a, 0);
	add(b, 1, 0, 0, 0);
	add(b, 2, 1, 0, 0);
	add(b, 4, 2, 0, 0)->state = 'R';
	watch_account(s, a, b, 10000);
	is_int(s->total_us, 1000000,
	       "account: nobody waited: it counts, but for what ticks may "
	       "hide");
	ok(b->v[1].forgetful, "account: the parent is known for it");
	a->n = 0;
	add(a, 1, 0, 0, 0);
	add(a, 2, 1, 0, 0);
	add(a, 5, 2, 1000, 0)->state = 'R';
	watch_account(s, b, a, 100000);
	is_int(s->total_us, 960000 + 100000,
	       "account: its running children have run all the while");
	free(s);
}

/* ---- disk -------------------------------------------------------------- */

static char run_dir[] = "/tmp/sbx-watch.XXXXXX";

static void put(int dirfd, const char *path, size_t n)
{
	_autofd int fd =
		openat(dirfd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || posix_fallocate(fd, 0, (off_t)n))
		tap_note("cannot write %s", path);
}

static bool over(struct watch_disk *d, uint64_t limit)
{
	/* more than any walk of these needs */
	for (int i = 0; i < 1000; i++)
		if (watch_disk_step(d, 1000, limit))
			return true;
	return false;
}

static void test_disk(void)
{
	struct watch_disk *d = NULL;
	struct sbx_err err = { 0 };
	_autofd int dir = -1;
	char path[128];

	if (!mkdtemp(run_dir))
		return;
	dir = open(run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	is_int(watch_disk_new(&d, dir, 1, &err), -ENOENT, "disk: no upper");
	has_str(err.msg, "0/upper", "disk: it is named");
	(void)mkdirat(dir, "0", 0755);
	(void)mkdirat(dir, "0/upper", 0755);
	(void)mkdirat(dir, "1", 0755);
	(void)mkdirat(dir, "1/upper", 0755);
	is_int(watch_disk_new(&d, dir, 2, &err), 0, "disk: two uppers");
	ok(!over(d, MB), "disk: empty");
	put(dir, "0/upper/a", 2 * MB);
	(void)mkdirat(dir, "1/upper/deep", 0755);
	put(dir, "1/upper/deep/b", 2 * MB);
	ok(over(d, 3 * MB), "disk: both count");
	ok(!over(d, 5 * MB), "disk: and nothing else");
	is_int(linkat(dir, "0/upper/a", dir, "1/upper/c", 0), 0, "disk: link");
	ok(!over(d, 5 * MB), "disk: a second name is no second file");
	(void)snprintf(path, sizeof(path), "%s/1/upper/out", run_dir);
	is_int(symlink("/usr", path), 0, "disk: symbolic link");
	ok(!over(d, 5 * MB), "disk: a link is not followed");
	(void)unlinkat(dir, "0/upper/a", 0);
	(void)unlinkat(dir, "1/upper/c", 0);
	(void)over(d, UINT64_MAX);
	ok(!over(d, 3 * MB), "disk: what is gone does not count");
	watch_disk_free(d);
	watch_disk_free(NULL);
	(void)snprintf(path, sizeof(path), "rm -rf %s", run_dir);
	ok(system(path) == 0, "disk: the tree is gone");
}

/* ---- reading and judging
 * -------------------------------------------------------- */

static void test_parse(void)
{
	struct watch_task t;
	char path[WATCH_PATH];

	watch_path(path, 1234567, "stat");
	is_str(path, "1234567/stat", "path");
	watch_path(path, 0, "x");
	is_str(path, "0/x", "path: zero");
	ok(watch_parse_stat("42 (a) R 1) R 7 1 1 0 -1 4194304 5 0 6 0 11 22 33 "
			    "44 20 0 3 0 999 1000 77 18446744073709551615",
			    10000, &t),
	   "stat: a name that tries");
	ok(t.pid == 42 && t.ppid == 7 && t.state == 'R' && t.threads == 3 &&
		   t.start == 999 && t.rss == 77 && t.faults == 11,
	   "stat: fields");
	is_int(t.self_us, 330000, "stat: its time");
	is_int(t.child_us, 770000, "stat: its children's");
	ok(!watch_parse_stat("42 (a) R 7 1", 10000, &t), "stat: cut");
	ok(!watch_parse_stat("42 (a", 10000, &t), "stat: no end of name");
	ok(!watch_parse_stat("", 10000, &t), "stat: empty");
	is_int(watch_kb("Name:\tx\nRssAnon:\t     12 kB\n", "RssAnon"), 12288,
	       "status: a line");
	is_int(watch_kb("RssAnonX: 1 kB\nx RssAnon: 2 kB\n", "RssAnon"), 0,
	       "status: only a whole key at a line's start");
}

static void test_judge(void)
{
	const struct pol_limits none = { .memory = POL_NONE,
					 .swap = POL_NONE,
					 .pids = POL_NONE,
					 .cpu_time = POL_NONE,
					 .disk = POL_NONE };
	const struct pol_limits all = { .memory = 100,
					.swap = 10,
					.pids = 5,
					.cpu_time = 2,
					.disk = 1000 };
	static const struct {
		struct watch_sample s;
		enum sbx_cause want;
		const char *name;
	} rows[] = {
		{ { .memory = 100, .swap = 10, .pids = 5, .cpu_us = 2999 },
		  SBX_CAUSE_NONE,
		  "all at their limits" },
		{ { .memory = 101 }, SBX_CAUSE_OOM, "memory" },
		{ { .memory = 100, .swap = 11 }, SBX_CAUSE_OOM, "swap" },
		{ { .memory = SBX_UNKNOWN, .swap = 11 },
		  SBX_CAUSE_NONE,
		  "memory that a cgroup holds" },
		{ { .pids = 6 }, SBX_CAUSE_PIDS, "pids" },
		{ { .cpu_us = 3000 }, SBX_CAUSE_CPU, "cpu time" },
		{ { .defiant = true }, SBX_CAUSE_CPU, "cpu rate" },
		{ { .unlinked = 1001 }, SBX_CAUSE_DISK, "disk" },
		{ { .memory = 101, .pids = 6 }, SBX_CAUSE_OOM, "the first" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		is_int(watch_judge(&all, &rows[i].s), rows[i].want, "judge: %s",
		       rows[i].name);
		if (!rows[i].s.defiant)
			is_int(watch_judge(&none, &rows[i].s), SBX_CAUSE_NONE,
			       "judge: %s, no limit", rows[i].name);
	}
}

int main(void)
{
	test_parse();
	test_judge();
	test_account();
	test_disk();
	return tap_done();
}
