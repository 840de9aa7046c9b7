/* SPDX-License-Identifier: Apache-2.0 */
/* What a jail's root shows and hides: rows, and the text of made-up files. */
#ifndef SBX_ROOTFS_SKEL_SKEL_H
#define SBX_ROOTFS_SKEL_SKEL_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/base/buf.h"

/*
 * A name of the host's /etc that is shown, "certs" of "ssl" without the rest of
 * it. Each costs a jail's start a mount, and so skel.c says who misses it.
 */
struct skel_etc {
	const char *name;
	bool net; /* shown only with the host's network */
};
extern const struct skel_etc skel_etc[];
extern const size_t skel_n_etc;

/* Directories of "/" that hold a system's programs, links where they are so. */
extern const char *const skel_system[];
extern const size_t skel_n_system;

struct skel_device {
	const char *name; /* in /dev */
	unsigned major, minor;
};
extern const struct skel_device skel_devices[];
extern const size_t skel_n_devices;

struct skel_link {
	const char *path, *target;
};
extern const struct skel_link skel_links[];
extern const size_t skel_n_links;

/* What of /proc is covered. */
enum skel_cover {
	SKEL_READONLY, /* seen, never written */
	SKEL_FILE,     /* covered by /dev/null */
	SKEL_DIR,      /* covered by an empty directory */
};

struct skel_mask {
	const char *path;
	enum skel_cover cover;
	bool root_only; /* its mode keeps all others than root out anyway */
};
extern const struct skel_mask skel_masks[];
extern const size_t skel_n_masks;

/* Text of made-up files; an out of memory shows in out->failed. */
void skel_passwd(struct buf *out, uid_t uid, gid_t gid, const char *home);
void skel_group(struct buf *out, gid_t gid);
void skel_hosts(struct buf *out, const char *hostname);
extern const char skel_nsswitch[];

#endif
