/* SPDX-License-Identifier: Apache-2.0 */
/* Subordinate ids: the ranges root has given a user, mapped by root's tools. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"
#include "runtime/jail/spawn.h"

#define FILE_MAX (1024 * 1024)

struct range {
	uint64_t first, count;
};

/* The text of a small root-owned table, or NULL. The caller frees it. */
static char *read_table(const char *path)
{
	_autobuf struct buf b = { 0 };
	_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || buf_read_fd(&b, fd, FILE_MAX) < 0)
		return NULL;
	return buf_take(&b);
}

/* The login name of a uid by passwd(5); a static program has no NSS. */
static void name_of(uid_t uid, char *ret, size_t size)
{
	_autofree char *text = read_table("/etc/passwd");
	char *save = NULL, *line, *id;

	ret[0] = '\0';
	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		id = strchr(line, ':');
		id = id ? strchr(id + 1, ':') : NULL;
		if (id && strtoul(id + 1, NULL, 10) == uid) {
			(void)snprintf(ret, size, "%.*s",
				       (int)strcspn(line, ":"), line);
			return;
		}
	}
}

/* The first range of a uid in /etc/subuid or /etc/subgid (subuid(5)). */
static int find_range(const char *path, uid_t uid, struct range *ret)
{
	_autofree char *text = read_table(path);
	char name[256], number[16], *save = NULL, *line, *who;

	name_of(uid, name, sizeof(name));
	(void)snprintf(number, sizeof(number), "%u", uid);
	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		who = strsep(&line, ":");
		if (!line || (strcmp(who, number) && strcmp(who, name)))
			continue;
		if (sscanf(line, "%" SCNu64 ":%" SCNu64, &ret->first,
			   &ret->count) == 2 &&
		    ret->count)
			return 0;
	}
	return -ENOENT;
}

static int run_tool(const char *tool, char *const *argv, struct sbx_err *err)
{
	static char *const env[] = { NULL };
	pid_t pid;
	int status, r;

	r = posix_spawn(&pid, tool, NULL, NULL, argv, env);
	if (r)
		return sbx_fail(err, r, "user.subids: '%s'", tool);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return sbx_fail(err, errno, "user.subids: '%s'", tool);
	if (status)
		return sbx_failx(err, EPERM,
				 "user.subids: '%s' refused the ranges of "
				 "/etc/subuid and /etc/subgid",
				 tool);
	return 0;
}

/* Own id to `inside`, the range to the ids around it. */
static int map_kind(pid_t pid, uint32_t inside, uint32_t outside,
		    const struct range *r, const char *tool,
		    struct sbx_err *err)
{
	char text[10][24];
	char *argv[12];
	uint64_t below = inside < r->count ? inside : r->count;
	uint64_t v[9] = { inside,     outside,		1,
			  0,	      r->first,		below,
			  inside + 1, r->first + below, r->count - below };
	size_t n = 0;

	argv[n++] = (char *)(uintptr_t)tool;
	(void)snprintf(text[9], sizeof(text[9]), "%d", (int)pid);
	argv[n++] = text[9];
	for (size_t i = 0; i < 9; i++) {
		if (!v[i - i % 3 + 2])
			continue;
		(void)snprintf(text[i], sizeof(text[i]), "%" PRIu64, v[i]);
		argv[n++] = text[i];
	}
	argv[n] = NULL;
	return run_tool(tool, argv, err);
}

int subids_map(pid_t pid, const struct jail_plan *plan, struct sbx_err *err)
{
	struct range u, g;
	int r;

	if (find_range("/etc/subuid", geteuid(), &u) < 0 ||
	    find_range("/etc/subgid", geteuid(), &g) < 0)
		return sbx_failx(err, ENOENT,
				 "user.subids: /etc/subuid and /etc/subgid "
				 "have no range for uid %u; as root: "
				 "usermod --add-subuids 100000-165535 "
				 "--add-subgids 100000-165535 USER",
				 geteuid());
	r = map_kind(pid, plan->uid, geteuid(), &u, "/usr/bin/newuidmap", err);
	if (r < 0)
		return r;
	return map_kind(pid, plan->gid, getegid(), &g, "/usr/bin/newgidmap",
			err);
}
