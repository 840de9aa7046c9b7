/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256: the standard's vectors, in pieces, and sha256sum(1). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/sha256.h"
#include "tests/tap/tap.h"

/* Text in pieces of step bytes. */
static const char *sum(const char *text, size_t len, size_t step, bool portable)
{
	static char hex[SHA256_HEX];
	struct sha256 s;

	sha256_init(&s);
	s.portable = s.portable || portable;
	for (size_t at = 0; at < len; at += step)
		sha256_add(&s, text + at, len - at < step ? len - at : step);
	sha256_hex(&s, hex);
	return hex;
}

static const struct {
	const char *text, *want;
} vectors[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b"
	      "7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
		 "f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd4"
	  "19db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac4503"
	  "7afee9d1" },
};

static void test_vectors(void)
{
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		const char *text = vectors[i].text;

		is_str(sum(text, strlen(text), 1000, false), vectors[i].want,
		       "vector %zu", i + 1);
		is_str(sum(text, strlen(text), 3, true), vectors[i].want,
		       "vector %zu, portably and in pieces", i + 1);
	}
}

static void test_million(void)
{
	static const char want[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a49"
				   "7200e046d39ccc7112cd0";
	_autofree char *text = malloc(1000000);

	if (!text)
		return;
	memset(text, 'a', 1000000);
	is_str(sum(text, 1000000, 1000000, false), want, "a million times a");
	is_str(sum(text, 1000000, 4099, true), want, "and portably");
}

/* All lengths around the block, all ways to cut them. */
static void test_pieces(void)
{
	char text[200], whole[SHA256_HEX];
	int wrong = 0;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 37);
	for (size_t len = 0; len <= sizeof(text); len++) {
		strcpy(whole, sum(text, len, sizeof(text), true));
		for (size_t step = 1; step < 130; step += 7)
			wrong += strcmp(whole, sum(text, len, step, false)) !=
				 0;
	}
	is_int(wrong, 0, "pieces do not matter, nor does the processor");
}

static void test_program(void)
{
	char name[] = "/tmp/sbx-sha256-XXXXXX", want[SHA256_HEX] = "";
	_autofree char *command = NULL;
	_autofd int fd = mkstemp(name);
	char text[70000];
	FILE *p;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * i >> 7);
	if (fd < 0 || write(fd, text, sizeof(text)) != sizeof(text) ||
	    asprintf(&command, "sha256sum <%s", name) < 0)
		return;
	p = popen(command, "re");
	if (p && fgets(want, sizeof(want), p))
		is_str(sum(text, sizeof(text), 999, false), want,
		       "as sha256sum has it");
	else
		tap_skip("as sha256sum has it", "there is no sha256sum");
	if (p)
		(void)pclose(p);
	(void)unlink(name);
}

int main(void)
{
	test_vectors();
	test_million();
	test_pieces();
	test_program();
	return tap_done();
}
