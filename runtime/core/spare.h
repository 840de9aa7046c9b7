/* SPDX-License-Identifier: Apache-2.0 */
/* Run directories ready for use, so that a start need not wait for a disk. */
#ifndef SBX_CORE_SPARE_H
#define SBX_CORE_SPARE_H

#include <sbx/err.h>

/*
 * How this works. An overlay on disk takes several directories to make and as
 * many to remove, and a journalling file system wants a third of a jail's
 * whole start for them. So the directory of a run that changed nothing stays,
 * in STATE/spare/ID. The next run takes another one that is ready, and empties
 * this one while its own jail is being made; so there are two, and more where
 * runs overlap.
 *
 * Whoever uses or empties one holds a lock on it (flock(2)). What was used is
 * known by 0/work/work, which the kernel makes when an overlay is mounted, and
 * which goes last; what a guest could reach, 0/upper, is made anew where it is
 * not just as it was made. A run that was killed in one and left changes is
 * moved to the kept ones like any other.
 */

/*
 * Take one that is ready, and say its id and the directory it lies in. Returns
 * its descriptor, locked, with an empty 0/upper and 0/work; -ENOENT: there is
 * none.
 */
int spare_take(int state, int *ret_home, char id[16]);

/* Move the directory of an ended run, locked by the caller, whose only upper
 * layer is empty, from home to the spare ones. -EINVAL: it is not fit. */
int spare_put(int state, int home, int run, const char *id);

/* Empty those that were used; remove what is more than needed. Best effort. */
void spare_tend(int state);

/* Remove all that are not being used. */
int spare_drop(int state, struct sbx_err *err);

#endif
