/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4). */
#include "runtime/base/sha256.h"

#include <endian.h>
#include <string.h>

/* What the processor has is asked of glibc, which has asked once. */
#if defined(__x86_64__) && defined(__GLIBC__) && __GLIBC_MINOR__ >= 33
#include <immintrin.h>
#include <sys/platform/x86.h>
#define HAVE_SHA_NI 1
#endif

static const uint32_t k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

static uint32_t ror(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static uint32_t load_be(const unsigned char *p)
{
	uint32_t x;

	memcpy(&x, p, sizeof(x));
	return be32toh(x);
}

static void schedule(uint32_t w[64], const unsigned char *p)
{
	for (size_t t = 0; t < 16; t++)
		w[t] = load_be(p + 4 * t);
	for (size_t t = 16; t < 64; t++) {
		uint32_t a = w[t - 15], b = w[t - 2];

		w[t] = w[t - 16] + (ror(a, 7) ^ ror(a, 18) ^ a >> 3) +
		       w[t - 7] + (ror(b, 17) ^ ror(b, 19) ^ b >> 10);
	}
}

/* The eight variables of the standard are v[-t & 7] and on in round t: nothing
 * moves, the names do. */
static void block(uint32_t h[8], const unsigned char *p)
{
	uint32_t w[64], v[8];

	schedule(w, p);
	memcpy(v, h, sizeof(v));
	for (unsigned t = 0; t < 64; t++) {
		uint32_t a = v[(0 - t) & 7], b = v[(1 - t) & 7];
		uint32_t c = v[(2 - t) & 7], e = v[(4 - t) & 7];
		uint32_t f = v[(5 - t) & 7], g = v[(6 - t) & 7];
		uint32_t x = v[(7 - t) & 7] + k[t] + w[t] +
			     (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) +
			     ((e & f) ^ (~e & g));

		v[(3 - t) & 7] += x;
		v[(7 - t) & 7] = x + (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) +
				 ((a & b) ^ (a & c) ^ (b & c));
	}
	for (size_t i = 0; i < 8; i++)
		h[i] += v[i];
}

#ifdef HAVE_SHA_NI
#define SHA_NI __attribute__((target("sha,sse4.1,ssse3")))

/* Four words of the message, most significant byte first. */
SHA_NI static __m128i ni_load(const unsigned char *p)
{
	const __m128i order =
		_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

	return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)p), order);
}

/* The next four words after the sixteen in a, b, c, d. */
SHA_NI static __m128i ni_next(__m128i a, __m128i b, __m128i c, __m128i d)
{
	__m128i x = _mm_add_epi32(_mm_sha256msg1_epu32(a, b),
				  _mm_alignr_epi8(d, c, 4));

	return _mm_sha256msg2_epu32(x, d);
}

/* Four rounds on the variables a, b, e, f and c, d, g, h. */
SHA_NI static void ni_rounds(__m128i *abef, __m128i *cdgh, __m128i w, size_t t)
{
	w = _mm_add_epi32(w, _mm_loadu_si128((const __m128i *)(k + t)));
	*cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, w);
	w = _mm_shuffle_epi32(w, 0x0e);
	*abef = _mm_sha256rnds2_epu32(*abef, *cdgh, w);
}

SHA_NI static void ni_block(__m128i *abef, __m128i *cdgh,
			    const unsigned char *p)
{
	__m128i a = ni_load(p), b = ni_load(p + 16);
	__m128i c = ni_load(p + 32), d = ni_load(p + 48);
	__m128i old_abef = *abef, old_cdgh = *cdgh;

	ni_rounds(abef, cdgh, a, 0);
	ni_rounds(abef, cdgh, b, 4);
	ni_rounds(abef, cdgh, c, 8);
	ni_rounds(abef, cdgh, d, 12);
	for (size_t t = 16; t < 64; t += 16) {
		a = ni_next(a, b, c, d);
		ni_rounds(abef, cdgh, a, t);
		b = ni_next(b, c, d, a);
		ni_rounds(abef, cdgh, b, t + 4);
		c = ni_next(c, d, a, b);
		ni_rounds(abef, cdgh, c, t + 8);
		d = ni_next(d, a, b, c);
		ni_rounds(abef, cdgh, d, t + 12);
	}
	*abef = _mm_add_epi32(*abef, old_abef);
	*cdgh = _mm_add_epi32(*cdgh, old_cdgh);
}

SHA_NI static void ni_blocks(uint32_t h[8], const unsigned char *p, size_t n)
{
	uint32_t lo[4], hi[4];
	__m128i abef =
		_mm_set_epi32((int)h[0], (int)h[1], (int)h[4], (int)h[5]);
	__m128i cdgh =
		_mm_set_epi32((int)h[2], (int)h[3], (int)h[6], (int)h[7]);

	for (; n; n--, p += 64)
		ni_block(&abef, &cdgh, p);
	_mm_storeu_si128((__m128i *)lo, abef);
	_mm_storeu_si128((__m128i *)hi, cdgh);
	for (size_t i = 0; i < 2; i++) {
		h[i] = lo[3 - i];
		h[i + 2] = hi[3 - i];
		h[i + 4] = lo[1 - i];
		h[i + 6] = hi[1 - i];
	}
}

static bool has_ni(void)
{
	return CPU_FEATURE_ACTIVE(SHA) && CPU_FEATURE_ACTIVE(SSE4_1) &&
	       CPU_FEATURE_ACTIVE(SSSE3);
}
#endif

static void blocks(struct sha256 *s, const unsigned char *p, size_t n)
{
#ifdef HAVE_SHA_NI
	if (!s->portable) {
		ni_blocks(s->h, p, n);
		return;
	}
#endif
	for (; n; n--, p += 64)
		block(s->h, p);
}

void sha256_init(struct sha256 *s)
{
	static const uint32_t h[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372,
				       0xa54ff53a, 0x510e527f, 0x9b05688c,
				       0x1f83d9ab, 0x5be0cd19 };

	*s = (struct sha256){ .portable = true };
	memcpy(s->h, h, sizeof(h));
#ifdef HAVE_SHA_NI
	s->portable = !has_ni();
#endif
}

void sha256_add(struct sha256 *s, const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t used = s->len % 64, n;

	s->len += len;
	if (used) {
		n = len < 64 - used ? len : 64 - used;
		if (n)
			memcpy(s->block + used, p, n);
		if (used + n < 64)
			return;
		blocks(s, s->block, 1);
		p += n;
		len -= n;
	}
	if (len >= 64)
		blocks(s, p, len / 64);
	if (len % 64)
		memcpy(s->block, p + len / 64 * 64, len % 64);
}

void sha256_sum(struct sha256 *s, unsigned char ret[SHA256_BYTES])
{
	static const unsigned char pad[64] = { 0x80 };
	uint64_t bits = htobe64(s->len * 8);
	size_t used = s->len % 64;

	sha256_add(s, pad, used < 56 ? 56 - used : 120 - used);
	sha256_add(s, &bits, sizeof(bits));
	for (size_t i = 0; i < 8; i++) {
		uint32_t x = htobe32(s->h[i]);

		memcpy(ret + 4 * i, &x, sizeof(x));
	}
}

void sha256_hex(struct sha256 *s, char ret[SHA256_HEX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[SHA256_BYTES];

	sha256_sum(s, sum);
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		ret[2 * i] = digits[sum[i] >> 4];
		ret[2 * i + 1] = digits[sum[i] & 15];
	}
	ret[SHA256_HEX - 1] = '\0';
}
