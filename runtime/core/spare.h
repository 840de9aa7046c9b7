/* SPDX-License-Identifier: Apache-2.0 */
/* Run directories ready for use, so that a start need not wait for a disk. */
#ifndef SBX_CORE_SPARE_H
#define SBX_CORE_SPARE_H

#include <sbx/err.h>
#include <stdbool.h>

/*
 * How this works. An overlay on disk takes five directories to make and as
 * many to remove, and a journalling file system wants a third of a jail's
 * whole start for them. So the directory of a run that changed nothing moves
 * to STATE/spare/ID. The next run empties it while its own jail is being made
 * (what a guest could reach, 0/upper, is made anew), and the one after that
 * moves it to STATE/live as its own. There are few of them at any time.
 *
 * Whoever works on one of them holds a lock on it (flock(2)). What was used
 * and not emptied yet is known by 0/work/work, which the kernel makes when an
 * overlay is mounted, and which goes last.
 */

/*
 * Move a spare to live under its id (written to id). Returns its descriptor,
 * locked, with an empty 0/upper and 0/work; -ENOENT: there is none.
 */
int spare_take(int state, int live, char id[16]);

/* Move the directory of an ended run, locked by the caller, whose only upper
 * layer is empty, from live to the spare ones. -EINVAL: it is not fit. */
int spare_put(int state, int live, int run, const char *id);

/* Empty those that were used; remove what is more than needed. Best effort. */
void spare_tend(int state);

/* Remove all that are not being used. */
int spare_drop(int state, struct sbx_err *err);

#endif
