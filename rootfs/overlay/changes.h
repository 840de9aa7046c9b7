/* SPDX-License-Identifier: Apache-2.0 */
/* What an overlay's upper layer says was changed. */
#ifndef SBX_ROOTFS_OVERLAY_CHANGES_H
#define SBX_ROOTFS_OVERLAY_CHANGES_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum ovl_change_kind { OVL_ADDED, OVL_MODIFIED, OVL_DELETED };

struct ovl_change {
	enum ovl_change_kind kind;
	char *path;  /* relative to the mount, bytes as they are */
	mode_t mode; /* of the new file; 0 where deleted */
	uint64_t size;
};

struct ovl_changes {
	struct ovl_change *v;
	size_t n, cap;
	uint64_t bytes; /* disk space the upper layer takes */
	bool truncated; /* more than max */
};

/*
 * Walk the upper layer (made by a hostile guest: whiteouts as 0:0 character
 * devices or user.overlay.whiteout, opaque directories by user.overlay.opaque,
 * any depth, any name) against the lower directory. Directories that only
 * lead to changes are not listed; a deleted or replaced directory is, its old
 * contents are listed only where there is a directory again. A file that was
 * only opened for writing counts as modified: nothing that tells otherwise
 * cannot be forged. Never follows a link, opens no file for reading, at most
 * max entries and 200 levels. The walk is by descriptor, not by path. The list
 * is in the order of the paths' bytes.
 */
int ovl_changes_scan(int upperfd, int lowerfd, size_t max,
		     struct ovl_changes *ret, struct sbx_err *err);
void ovl_changes_done(struct ovl_changes *c);

/* Remove everything below dirfd/name, and name, whatever modes and depth a
 * guest has left; never leaves dirfd's file system, never follows a link. */
int ovl_remove_tree(int dirfd, const char *name, struct sbx_err *err);

#endif
