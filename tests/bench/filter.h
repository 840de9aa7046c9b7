/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp filter that the floor and bubblewrap get in the measurement. */
#ifndef SBX_TESTS_BENCH_FILTER_H
#define SBX_TESTS_BENCH_FILTER_H

#include <linux/filter.h>
#include <stddef.h>

enum { FILTER_MAX = 256 };

/*
 * 66 calls refused by number, found by a binary search, and five by argument.
 * Writes the program to insns[FILTER_MAX] and returns its length. It is put
 * together in the two microseconds before it is loaded; nothing is parsed.
 */
unsigned short filter_build(struct sock_filter *insns);

#endif
