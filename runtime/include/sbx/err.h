/* SPDX-License-Identifier: Apache-2.0 */
/* The error value that every fallible function of sbx fills in. */
#ifndef SBX_ERR_H
#define SBX_ERR_H

#include <stdarg.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Room for one message, its closing NUL included. A longer one is cut. */
#define SBX_ERR_MSG 480

/*
 * A plain value: no pointers, so it can be copied, survive fork(2), and go down
 * a pipe as bytes. All zeroes means "no error".
 */
struct sbx_err {
	int code;	       /* positive errno value, 0 for none */
	char step[24];	       /* the step of a jail's set-up, or "" */
	char msg[SBX_ERR_MSG]; /* one line: lower case, no full stop */
};

#define SBX_PRINTF(f, a) __attribute__((format(printf, f, a)))

/*
 * Fill *err with "MESSAGE: strerror(CODE)" and return -CODE. err may be NULL.
 * Both may be called between fork and exec.
 */
int sbx_fail(struct sbx_err *err, int code, const char *fmt, ...)
	SBX_PRINTF(3, 4);

/* The same without the text of the code: the message says it all. */
int sbx_failx(struct sbx_err *err, int code, const char *fmt, ...)
	SBX_PRINTF(3, 4);

/* Put "CONTEXT: " before the message that is there and return r. */
int sbx_wrap(struct sbx_err *err, int r, const char *fmt, ...) SBX_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif

#endif
