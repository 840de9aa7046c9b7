/* SPDX-License-Identifier: Apache-2.0 */
/* Where the overlays' upper layers of runs live on disk. */
#ifndef SBX_CORE_RUNDIR_H
#define SBX_CORE_RUNDIR_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * STATE/live/ID belongs to a run that goes on: its owner holds a lock on it
 * (or STATE/spare/ID, see spare.h).
 * STATE/kept/ID is what an ended run has left to be looked at. Both hold
 * N/upper and N/work for each overlay, and the links N/host and N/guest that
 * say what was mounted where. STATE is
 * $XDG_STATE_HOME/sbx or
 * ~/.local/state/sbx.
 */
struct rundir {
	int state; /* descriptors; -1 where not open */
	int home;  /* STATE/live or STATE/spare */
	int fd;
	bool layered; /* has an empty 0/upper and 0/work already */
	char id[16];
	char *path; /* of the run's directory as it is now */
};

#define RUNDIR_NONE ((struct rundir){ .state = -1, .home = -1, .fd = -1 })

/*
 * The state directory's path (the caller frees it), or NULL with *err filled:
 * neither XDG_STATE_HOME nor HOME is set to an absolute path.
 */
char *rundir_state_path(struct sbx_err *err);

/* Make a run's directory for so many upper layers, or take a spare one, and
 * lock it. */
int rundir_open(unsigned n_uppers, struct rundir *ret, struct sbx_err *err);

/* Say which host directory overlay n covers, and where the guest sees it. */
int rundir_label(const struct rundir *d, unsigned n, const char *host,
		 const char *guest, struct sbx_err *err);
/* Before anything can change in it: let it not say another one. */
int rundir_unlabel(const struct rundir *d, unsigned n, const char *host,
		   struct sbx_err *err);

/* Move it to the kept ones; d->path is then the new place. */
int rundir_keep(struct rundir *d, struct sbx_err *err);
/* Nothing was changed: make it a spare one, or remove it. */
int rundir_retire(struct rundir *d, struct sbx_err *err);
/* Remove it with all it holds. */
int rundir_remove(struct rundir *d, struct sbx_err *err);
/* Close the descriptors, free the path; removes nothing. */
void rundir_done(struct rundir *d);

/*
 * What killed runs left: directories without changes are removed, those with
 * changes become kept ones. Best effort, skipped while another one sweeps.
 */
void rundir_sweep(int state);
/* One of them, locked by the caller: where it has changes, true, and it is a
 * kept one. */
bool rundir_rescue(int state, int home, int run, const char *id);

/* Open a kept run's directory by its id, or -errno (-EBUSY: still live). */
int rundir_open_kept(const char *id, int *ret_kept, struct sbx_err *err);

/* The state directory itself, made where it is missing. */
int rundir_open_state(char **ret_path, struct sbx_err *err);

#endif
