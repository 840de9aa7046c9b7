/* SPDX-License-Identifier: Apache-2.0 */
/* What a fuzz target is: a function called with hostile input, never crashing.
 */
#ifndef SBX_TESTS_FUZZ_H
#define SBX_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Always 0. Wrong behaviour that is no crash is made one by FUZZ_CHECK(). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The directory of its inputs below tests/fuzz/corpus; main.c reads them. */
extern const char fuzz_corpus[];

#define FUZZ_CHECK(cond)                  \
	do {                              \
		if (!(cond))              \
			__builtin_trap(); \
	} while (0)

#endif
