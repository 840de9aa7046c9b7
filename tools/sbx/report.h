/* SPDX-License-Identifier: Apache-2.0 */
/* Where `sbx run --report` writes. */
#ifndef SBX_TOOLS_REPORT_H
#define SBX_TOOLS_REPORT_H

#include <sbx/err.h>

/*
 * A file is written under another name in its directory and renamed, so that a
 * reader sees the old report or the new one. The directory is opened before
 * the run: a program that may write next to it cannot lead us elsewhere.
 * "-", a FIFO, /dev/stderr, /dev/fd/3 and such are written to directly.
 */
struct report {
	const char *path; /* NULL: no report is wanted */
	const char *name; /* last part of path */
	int dirfd;	  /* -1 where fd is written to directly */
	int fd;
};

/*
 * path NULL: none. After a failure ret is a report that is not wanted. The
 * caller calls report_done() either way.
 */
int report_open(struct report *ret, const char *path, struct sbx_err *err);
int report_write(struct report *rep, const char *text, struct sbx_err *err);
void report_done(struct report *rep);

#endif
