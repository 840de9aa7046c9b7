/* SPDX-License-Identifier: Apache-2.0 */
/* A jail's root without the rest of a jail: build it and look around in it. */
#ifndef SBX_TESTS_JAIL_INSIDE_H
#define SBX_TESTS_JAIL_INSIDE_H

#include <sbx/err.h>

#include "runtime/jail/plan.h"

/*
 * One look: a verb, what it looks at, and what is to be seen. Verbs give "ok"
 * or the name of the error, or:
 *   read      open and read one byte        write   open for writing
 *   make      create a file                 cat     its text
 *   ls        names, sorted, by commas      link    readlink(2)
 *   stat      type, mode, size: "f 644 12"  chmod   to 777
 *   connect   to a socket                   remove  unlink or rmdir
 *   mkdir     a directory                   dev     "1:3" of a device
 *   fill      until it is full: MiB, in fours
 *   rename    "FROM TO"
 *   mounts    how many are at that place
 *   top       "same" where /.. is /
 */
struct look {
	const char *verb, *what, *want;
	const char *name; /* of the test; NULL: made of the others */
};

/* Build the root in new namespaces, without any capability left look at each
 * row, and make a test of it. prefix: the scene, part of each test's name. */
void inside(const char *prefix, const struct jail_plan *plan, int rundir,
	    const struct look *looks);

/* Build only: 0 or the error's code, with the message in err. swap, if not
 * NULL, is called between the clone and the build. */
int inside_fails(const struct jail_plan *plan, int rundir,
		 void (*swap)(void *arg), void *arg, struct sbx_err *err);

/* Build, and add to *hits whether the file can be read inside. Whether it was
 * built. */
bool inside_sees(const struct jail_plan *plan, int rundir, const char *path,
		 int *hits);

#endif
