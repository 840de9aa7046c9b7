/* SPDX-License-Identifier: Apache-2.0 */
/* What PID 1 of a jail and its supervisor say to one another. */
#ifndef SBX_JAIL_WIRE_H
#define SBX_JAIL_WIRE_H

#include <sbx/err.h>
#include <stdint.h>

#include "runtime/jail/watch.h"

/*
 * One message is one SOCK_SEQPACKET record of exactly this struct. PID 1 is
 * our own code, but it lives with the guest: the supervisor believes no value
 * in it without a look.
 */
enum wire_kind {
	/* PID 1 to supervisor */
	WIRE_FAILED = 1, /* set-up failed at err.step */
	WIRE_NOEXEC,	 /* the program could not be executed: err */
	WIRE_TTY,	 /* the terminal's master comes as descriptor */
	WIRE_STOPPED,	 /* the program was stopped by a signal */
	WIRE_SAMPLE,	 /* the watchdog's figures */
	WIRE_EXIT,	 /* the program ended: value is its wait status,
			    and nothing else of the jail is alive */
	/* supervisor to PID 1 */
	WIRE_GO,     /* the id maps are written */
	WIRE_SIGNAL, /* pass signal `value` to the program; negative:
			to its process group; SIGTSTP: stop all */
	WIRE_CONT,   /* continue all */
};

struct wire_msg {
	uint32_t kind;
	int32_t value;
	union {
		struct sbx_err err;
		struct watch_sample sample;
	};
};

#endif
