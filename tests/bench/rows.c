/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that are compared, all of them starting the same program. */
#include "tests/bench/bench.h"

#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"

#define PROGRAM "/usr/bin/true"

struct row {
	const char *name;
	const char *const *words; /* "@work" is replaced by the place */
	enum cmd_group group;
	double aim;
	bool filter;
	bool cgroup2; /* would touch a v1 hierarchy, or refuses one */
};

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct row rows[] = {
	{ "plain", WORDS(PROGRAM), CMD_PEER },
	{ "floor", WORDS("@floor", PROGRAM), CMD_OURS },
	{ "floor-overlay", WORDS("@floor", "--overlay", PROGRAM), CMD_PEER },
	{ "floor-hostnet", WORDS("@floor", "--netns", "none", PROGRAM),
	  CMD_REST },
	{ "sbx-binds",
	  WORDS("@sbx", "run", "--policy", "@binds", "--", PROGRAM), CMD_OURS,
	  1.15 },
	{ "sbx", WORDS("@sbx", "run", "--", PROGRAM), CMD_OURS, 1.25 },
	{ "sbx-memory",
	  WORDS("@sbx", "run", "--policy", "@memory", "--", PROGRAM), CMD_REST,
	  1.25 },
	{ "sbx-policy",
	  WORDS("@sbx", "run", "--policy", "@policy", "--", PROGRAM), CMD_REST,
	  1.25 },
	{ "bwrap",
	  WORDS("bwrap", "--unshare-user", "--unshare-pid", "--unshare-net",
		"--unshare-ipc", "--unshare-uts", "--unshare-cgroup",
		"--die-with-parent", "--new-session", "--clearenv",
		"--cap-drop", "ALL", "--ro-bind", "/usr", "/usr", "--ro-bind",
		"/etc", "/etc", "--symlink", "usr/bin", "/bin", "--symlink",
		"usr/sbin", "/sbin", "--symlink", "usr/lib", "/lib",
		"--symlink", "usr/lib64", "/lib64", "--bind", "@work",
		"/workspace", "--dev", "/dev", "--proc", "/proc", "--tmpfs",
		"/tmp", "--chdir", "/workspace", "--seccomp", "9", PROGRAM),
	  CMD_PEER, 0, true },
	{ "minijail0",
	  WORDS("minijail0", "-U", "-v", "-p", "-l", "-e", "-N", "--uts", "-n",
		"-P", "@root", "-b", "/usr,/usr", "-b", "/etc,/etc", "-b",
		"@work,/workspace,1", "-b", "/proc,/proc", "-k",
		"tmpfs,/tmp,tmpfs", PROGRAM),
	  CMD_REST },
	{ "nsjail",
	  WORDS("nsjail", "-Mo", "-Q", "-R", "/usr", "-R", "/etc", "-s",
		"usr/bin:/bin", "-s", "usr/lib:/lib", "-s", "usr/lib64:/lib64",
		"-B", "@work:/workspace", "-T", "/tmp", "-R", "/dev/null", "-R",
		"/dev/zero", "-R", "/dev/urandom", "--cwd", "/workspace",
		"--iface_no_lo", "--", PROGRAM),
	  CMD_REST },
	{ "crun",
	  WORDS("crun", "--root", "@oci", "run", "--bundle", "@bundle",
		"sbx-bench"),
	  CMD_REST, .cgroup2 = true },
	{ "runc",
	  WORDS("runc", "--root", "@oci", "run", "--bundle", "@bundle",
		"sbx-bench"),
	  CMD_REST, .cgroup2 = true },
};

/* A word with its place filled in; the caller frees it. */
static char *fill(const char *word, const struct scratch *s)
{
	size_t len = word[0] == '@'
			     ? strspn(word + 1, "abcdefghijklmnopqrstuvwxyz")
			     : 0;
	const char *place = len ? scratch_find(s, word + 1, len) : NULL;
	char *ret = NULL;

	if (asprintf(&ret, "%s%s", place ? place : "",
		     place ? word + 1 + len : word) < 0)
		abort();
	return ret;
}

/* The program's path in argv[0], or why not. */
static void look_up(struct cmd *c)
{
	static const char *const dirs[] = { "/usr/local/bin", "/usr/bin",
					    "/usr/sbin", "/sbin" };
	char *path = NULL;

	if (strchr(c->argv[0], '/')) {
		if (access(c->argv[0], X_OK) < 0)
			(void)snprintf(c->absent, sizeof(c->absent),
				       "not built");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		if (asprintf(&path, "%s/%s", dirs[i], c->argv[0]) < 0)
			abort();
		if (access(path, X_OK) == 0) {
			free(c->argv[0]);
			c->argv[0] = path;
			return;
		}
		free(path);
	}
	(void)snprintf(c->absent, sizeof(c->absent), "not installed");
}

/* Run it once, keeping what it says, to be shown where it does not work. */
static void try_once(struct cmd *c, const struct scratch *s)
{
	_autobuf struct buf said = { 0 };
	_autofd int fd = memfd_create("stderr", MFD_CLOEXEC);

	if (fd < 0 || sample_once(c, s, fd) >= 0)
		return;
	if (lseek(fd, 0, SEEK_SET) == 0)
		(void)buf_read_fd(&said, fd, 65536);
	(void)snprintf(c->absent, sizeof(c->absent), "does not run here: %.*s",
		       (int)strcspn(said.data ? said.data : "", "\n"),
		       said.data ? said.data : "");
}

static bool host_is_cgroup2(void)
{
	struct statfs fs;

	return statfs("/sys/fs/cgroup", &fs) == 0 &&
	       fs.f_type == CGROUP2_SUPER_MAGIC;
}

void cmds_init(struct cmds *c, const struct scratch *s)
{
	c->n = ARRAY_LEN(rows);
	c->v = calloc(c->n, sizeof(*c->v));
	if (!c->v)
		abort();
	for (size_t i = 0; i < c->n; i++) {
		struct cmd *cmd = &c->v[i];

		cmd->name = rows[i].name;
		cmd->group = rows[i].group;
		cmd->aim = rows[i].aim;
		cmd->filter = rows[i].filter;
		for (size_t j = 0; rows[i].words[j]; j++) {
			BUG_ON(j + 1 >= CMD_MAX_ARGS);
			cmd->argv[j] = fill(rows[i].words[j], s);
		}
		look_up(cmd);
		if (!cmd->absent[0] && rows[i].cgroup2 && !host_is_cgroup2())
			(void)snprintf(cmd->absent, sizeof(cmd->absent),
				       "needs a host with cgroup v2 alone");
		if (!cmd->absent[0])
			try_once(cmd, s);
	}
}

void cmds_done(struct cmds *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t j = 0; c->v[i].argv[j]; j++)
			free(c->v[i].argv[j]);
	free(c->v);
	*c = (struct cmds){ 0 };
}

const struct cmd *cmds_find(const struct cmds *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->v[i].name, name) == 0)
			return &c->v[i];
	return NULL;
}
