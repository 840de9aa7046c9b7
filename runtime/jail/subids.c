/* SPDX-License-Identifier: Apache-2.0 */
/* Subordinate ids: the ranges root has given a user, mapped by root's tools. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/spawn.h"

/* Three ranges of three numbers, the pid, the tool and the end. */
#define MAX_ARGS 12

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
				 "user.subids: '%s' refused the ranges that "
				 "/etc/subuid and /etc/subgid name",
				 tool);
	return 0;
}

/* newuidmap PID INSIDE OUTSIDE COUNT... (newuidmap(1)) */
static int map_kind(pid_t pid, const char *map, const char *tool,
		    struct sbx_err *err)
{
	char number[16], text[sizeof(((struct jail_plan *)0)->uid_map)];
	char *argv[MAX_ARGS] = { (char *)(uintptr_t)tool, number };
	char *save = NULL, *word;
	size_t n = 2;

	(void)snprintf(number, sizeof(number), "%d", (int)pid);
	(void)snprintf(text, sizeof(text), "%s", map);
	for (word = strtok_r(text, " \n", &save); word;
	     word = strtok_r(NULL, " \n", &save)) {
		BUG_ON(n + 1 >= MAX_ARGS);
		argv[n++] = word;
	}
	argv[n] = NULL;
	return run_tool(tool, argv, err);
}

int subids_map(pid_t pid, const struct jail_plan *plan, struct sbx_err *err)
{
	int r = map_kind(pid, plan->uid_map, "/usr/bin/newuidmap", err);

	if (r < 0)
		return r;
	return map_kind(pid, plan->gid_map, "/usr/bin/newgidmap", err);
}
