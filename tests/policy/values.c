/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, sizes, durations, cpus and words, both ways. */
#include "policy/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/suggest.h"
#include "policy/text.h"
#include "runtime/base/cleanup.h"
#include "tests/policy/policy.h"
#include "tests/tap/tap.h"

#define KiB 1024ull
#define MiB (1024 * KiB)
#define GiB (1024 * MiB)

static size_t row_of(const char *name)
{
	for (size_t row = 0; row < pol_n_rows(); row++)
		if (strcmp(pol_key(row)->name, name) == 0)
			return row;
	exit(99);
}

static const struct {
	const char *key, *text;
	int r;
	uint64_t value;
	const char *printed;
} cases[] = {
	{ "limits.memory", "1073741824", 0, GiB, "1G" },
	{ "limits.memory", "512M", 0, 512 * MiB, "512M" },
	{ "limits.memory", "512m", 0, 512 * MiB, "512M" },
	{ "limits.memory", "1GiB", 0, GiB, "1G" },
	{ "limits.memory", "1.5G", 0, 1536 * MiB, "1536M" },
	{ "limits.memory", "1048577", 0, MiB + 1, "1048577" },
	{ "limits.memory", "1M", 0, MiB, "1M" },
	{ "limits.memory", "4E", 0, 4096 * 1024 * KiB *GiB, "4E" },
	{ "limits.memory", "none", 0, POL_NONE, "none" },
	{ "limits.memory", "4.1E", -ERANGE, 0, NULL },
	{ "limits.memory", "1023K", -ERANGE, 0, NULL },
	{ "limits.memory", "18446744073709551615", -ERANGE, 0, NULL },
	{ "limits.memory", "18446744073709551616", -ERANGE, 0, NULL },
	{ "limits.memory", "16E", -ERANGE, 0, NULL },
	{ "limits.memory", "-0", -ERANGE, 0, NULL },
	{ "limits.memory", "", -EINVAL, 0, NULL },
	{ "limits.memory", "G", -EINVAL, 0, NULL },
	{ "limits.memory", ".5G", -EINVAL, 0, NULL },
	{ "limits.memory", "1.G", -EINVAL, 0, NULL },
	{ "limits.memory", "1..5G", -EINVAL, 0, NULL },
	{ "limits.memory", "1.0000000001G", -EINVAL, 0, NULL },
	{ "limits.memory", "+1G", -EINVAL, 0, NULL },
	{ "limits.memory", "1Gi", -EINVAL, 0, NULL },
	{ "limits.memory", "1gIb", -EINVAL, 0, NULL },
	{ "limits.memory", "1G1M", -EINVAL, 0, NULL },
	{ "limits.memory", "1e9", -EINVAL, 0, NULL },
	{ "limits.memory", "NONE", -EINVAL, 0, NULL },
	{ "limits.swap", "0", 0, 0, "0" },
	{ "limits.time", "90s", 0, 90000, "1m30s" },
	{ "limits.time", "10m", 0, 600000, "10m" },
	{ "limits.time", "1h30m", 0, 5400000, "1h30m" },
	{ "limits.time", "1.5h", 0, 5400000, "1h30m" },
	{ "limits.time", "1d2h3m4s5ms", 0, 93784005, "1d2h3m4s5ms" },
	{ "limits.time", "250ms", 0, 250, "250ms" },
	{ "limits.time", "1ms", 0, 1, "1ms" },
	{ "limits.time", "3650d", 0, 3650 * 86400000ull, "3650d" },
	{ "limits.time", "3651d", -ERANGE, 0, NULL },
	{ "limits.time", "0.1ms", -ERANGE, 0, NULL },
	{ "limits.time", "-1s", -ERANGE, 0, NULL },
	{ "limits.time", "99999999999999999999d", -ERANGE, 0, NULL },
	{ "limits.time", "213503982334d213503982334h", -ERANGE, 0, NULL },
	{ "limits.time", "10", -EINVAL, 0, NULL },
	{ "limits.time", "", -EINVAL, 0, NULL },
	{ "limits.time", "s", -EINVAL, 0, NULL },
	{ "limits.time", "1 h", -EINVAL, 0, NULL },
	{ "limits.time", "1H", -EINVAL, 0, NULL },
	{ "limits.time", "1m1m", -EINVAL, 0, NULL },
	{ "limits.time", "1s1m", -EINVAL, 0, NULL },
	{ "limits.time", "1min", -EINVAL, 0, NULL },
	{ "limits.cpu", "2", 0, 2000, "2" },
	{ "limits.cpu", "1.5", 0, 1500, "1.5" },
	{ "limits.cpu", "150%", 0, 1500, "1.5" },
	{ "limits.cpu", "0.01", 0, 10, "0.01" },
	{ "limits.cpu", "1%", 0, 10, "0.01" },
	{ "limits.cpu", "0.125", 0, 125, "0.125" },
	{ "limits.cpu", "0.001", -ERANGE, 0, NULL },
	{ "limits.cpu", "4097", -ERANGE, 0, NULL },
	{ "limits.cpu", "%", -EINVAL, 0, NULL },
	{ "limits.cpu", "1%%", -EINVAL, 0, NULL },
	{ "limits.cpu", "1.5.1", -EINVAL, 0, NULL },
	{ "limits.pids", "2", 0, 2, "2" },
	{ "limits.pids", "4194304", 0, 4194304, "4194304" },
	{ "limits.pids", "1", -ERANGE, 0, NULL },
	{ "limits.pids", "4194305", -ERANGE, 0, NULL },
	{ "limits.pids", "1K", -EINVAL, 0, NULL },
	{ "limits.pids", "1 ", -EINVAL, 0, NULL },
	{ "limits.pids", "\xd9\xa1", -EINVAL, 0, NULL },
	{ "user.umask", "022", 0, 022, "022" },
	{ "user.umask", "0077", 0, 077, "077" },
	{ "user.umask", "0", 0, 0, "000" },
	{ "user.umask", "777", 0, 0777, "777" },
	{ "user.umask", "1000", -ERANGE, 0, NULL },
	{ "user.umask", "0o22", -EINVAL, 0, NULL },
	{ "user.umask", "000000000", -EINVAL, 0, NULL },
	{ "landlock", "auto", 0, POL_LANDLOCK_AUTO, "auto" },
	{ "landlock", "require", 0, POL_LANDLOCK_REQUIRE, "require" },
	{ "landlock", "auto|require", -EINVAL, 0, NULL },
	{ "landlock", "", -EINVAL, 0, NULL },
	{ "landlock", "requir", -EINVAL, 0, NULL },
	{ "time_namespace", "true", 0, true, "true" },
	{ "time_namespace", "True", -EINVAL, 0, NULL },
};

static void test_numbers(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t row = row_of(cases[i].key);
		_autobuf struct buf printed = { 0 };
		uint64_t v = 1;
		int r = pol_parse(row, cases[i].text, &v);

		ok(r == cases[i].r && (r < 0 || v == cases[i].value), "%s '%s'",
		   cases[i].key, cases[i].text);
		if (r < 0 || !cases[i].printed)
			continue;
		pol_print(row, v, &printed);
		is_str(printed.data, cases[i].printed, "%s '%s' printed",
		       cases[i].key, cases[i].text);
	}
}

/* Each row's default is a value that the row itself accepts. */
static void test_defaults(void)
{
	uint64_t v;

	for (size_t row = 0; row < pol_n_rows(); row++)
		if (pol_number(pol_row(row)->kind) && pol_key(row)->dflt[0])
			is_int(pol_parse(row, pol_key(row)->dflt, &v), 0,
			       "the default of %s is in its range",
			       pol_key(row)->name);
}

/* What a person must know of a key is there, and reads like the others. */
static void test_rows(void)
{
	size_t n;
	const struct sbx_policy_key *keys = policy_keys(&n);
	size_t len;
	bool good;

	for (size_t i = 0; i < n; i++) {
		len = strlen(keys[i].help);
		good = len > 10 && keys[i].help[len - 1] != '.' &&
		       keys[i].type[0] && keys[i].merge[0];
		for (size_t k = 0; k < i; k++)
			good = good && strcmp(keys[i].name, keys[k].name) != 0;
		ok(good, "the row of %s is whole", keys[i].name);
	}
}

static void suggested(const char *word, const char *want)
{
	size_t len = 0;
	const char *best = pol_suggest("limits.", word, &len);
	_autofree char *got = best ? strndup(best, len) : NULL;

	is_str(got, want, "suggestion for limits.%s", word);
}

static void test_suggest(void)
{
	suggested("memroy", "memory");
	suggested("memry", "memory");
	suggested("memoryy", "memory");
	suggested("pid", "pids");
	suggested("PIDS", "pids");
	suggested("open-files", "open_files");
	suggested("base", "rootfs.base");
	suggested("x", NULL);
	suggested("", NULL);
	suggested("somethingelse", NULL);
	suggested("memorymemorymemorymemorymemorymemorymemory", NULL);
}

static void quote(const char *text, const char *want)
{
	is_str(Q(text), want, "quoted: %s", want);
}

static void test_quote(void)
{
	quote("plain \xc3\xa4", "plain \xc3\xa4");
	quote("\x1b[0m\n\t\r\x7f", "\\x1b[0m\\n\\t\\r\\x7f");
	quote("\xff\xc3", "\\xff\\xc3");
	quote("\xe2\x80\xae", "\\xe2\\x80\\xae");
	quote("0123456789012345678901234567890123456789"
	      "01234567890123456789012345678901234567890123456789",
	      "0123456789012345678901234567890123456789"
	      "012345678901234567890123456789012345...");
}

static void utf8(const char *text, int want)
{
	const char *p = text;

	is_int(text_next(&p, text + strlen(text)), want, "character U+%04X",
	       (unsigned)want);
}

static void test_utf8(void)
{
	utf8("a", 'a');
	utf8("\xc3\xa4", 0xe4);
	utf8("\xe2\x82\xac", 0x20ac);
	utf8("\xf0\x9f\x98\x80", 0x1f600);
	utf8("\xf4\x8f\xbf\xbf", 0x10ffff);
	utf8("\xc0\x80", -1);
	utf8("\xe0\x80\xaf", -1);
	utf8("\xed\xa0\x80", -1);
	utf8("\xf4\x90\x80\x80", -1);
	utf8("\xf8\x88\x80\x80\x80", -1);
	utf8("\xe2\x82", -1);
	utf8("\x80", -1);
}

int main(void)
{
	test_numbers();
	test_defaults();
	test_rows();
	test_suggest();
	test_quote();
	test_utf8();
	return tap_done();
}
