/* SPDX-License-Identifier: Apache-2.0 */
/* A bound on processes that holds for root too. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "runtime/base/io.h"
#include "runtime/jail/init.h"

/* Numbers below are not given out a second time (RESERVED_PIDS); the room
 * beyond keeps a number from coming back while somebody still means the process
 * that had it before. */
#define ROOM 1024

/* From Linux 6.14 on it belongs to the pid namespace. Before, it is the whole
 * host's, and a jail that root starts could write it. */
static bool is_per_namespace(void)
{
	unsigned long major, minor = 0;
	struct utsname u;
	char *end;

	if (uname(&u) < 0)
		return false;
	major = strtoul(u.release, &end, 10);
	if (*end == '.')
		minor = strtoul(end + 1, NULL, 10);
	return major > 6 || (major == 6 && minor >= 14);
}

void pidmax_set(uint64_t pids)
{
	char text[24];

	/* more than there can be: no need */
	if (pids > 1000000 || !is_per_namespace())
		return;
	(void)snprintf(text, sizeof(text), "%llu",
		       (unsigned long long)(2 * pids + ROOM));
	(void)io_write_file(AT_FDCWD, "/proc/sys/kernel/pid_max", text);
}
