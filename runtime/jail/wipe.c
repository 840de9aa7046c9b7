/* SPDX-License-Identifier: Apache-2.0 */
/* Taking the caller's command line and environment out of PID 1's memory. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

#include "runtime/jail/init.h"

/*
 * How this works. PID 1 is a fork of the supervisor, and so its stack still
 * holds the strings the kernel put there at the supervisor's exec: arguments,
 * environment, file name, one after the other (see execve(2), and
 * /proc/PID/cmdline in proc(5), which anyone may read, dumpable or not). Where
 * they start is told to constructors by the C library; where they end, by the
 * auxiliary vector. This is the one variable of the jail: it is written before
 * main() and only read later.
 */
static char *first_argument;

__attribute__((constructor)) static void remember(int argc, char **argv)
{
	if (argc > 0)
		first_argument = argv[0];
}

void wipe_arguments(void)
{
	char *end = (char *)(uintptr_t)getauxval(AT_EXECFN);

	if (!first_argument || !end || end < first_argument)
		return;
	explicit_bzero(first_argument, (size_t)(end - first_argument));
}
