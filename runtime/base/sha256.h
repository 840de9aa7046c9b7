/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4), in pieces. */
#ifndef SBX_BASE_SHA256_H
#define SBX_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32
#define SHA256_HEX (2 * SHA256_BYTES + 1)

struct sha256 {
	uint32_t h[8];
	uint64_t len; /* bytes so far */
	unsigned char block[64];
	bool portable; /* true: use no instructions of this processor's own */
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t len);
/* The sum of all that was added; then s must be initialised again. */
void sha256_sum(struct sha256 *s, unsigned char ret[SHA256_BYTES]);
/* The same in lower-case hexadecimal, with a NUL. */
void sha256_hex(struct sha256 *s, char ret[SHA256_HEX]);

#endif
