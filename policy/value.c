/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes, durations, cpus, numbers and words, from text and to text. */
#include "policy/value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"
#include "runtime/base/cleanup.h"

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * A decimal number in units, "1.5" of 1024 being 1536; what is finer than the
 * unit is dropped. No sign, no needless zero in front, at most 9 decimals.
 */
static int decimal(const char **s, uint64_t unit, uint64_t *ret)
{
	unsigned __int128 v = 0, part = 0, scale = 1;
	const char *p = *s;

	if (*p == '-' && digit(p[1]))
		return -ERANGE;
	if (!digit(*p) || (*p == '0' && digit(p[1])))
		return -EINVAL;
	for (; digit(*p); p++) {
		v = v * 10 + (unsigned)(*p - '0');
		if (v > UINT64_MAX)
			return -ERANGE;
	}
	if (*p == '.') {
		for (p++; digit(*p); p++) {
			part = part * 10 + (unsigned)(*p - '0');
			scale *= 10;
			if (scale > 1000000000)
				return -EINVAL;
		}
		if (scale == 1)
			return -EINVAL;
	}
	v = v * unit + part * unit / scale;
	if (v >= POL_NONE)
		return -ERANGE;
	*s = p;
	*ret = (uint64_t)v;
	return 0;
}

static int parse_number(const char *text, const char *range, uint64_t *ret)
{
	int r;

	if (strchr(text, '.'))
		return -EINVAL;
	r = decimal(&text, 1, ret);
	if (r < 0)
		return r;
	return *text ? -EINVAL : 0;
}

static void print_number(uint64_t v, const char *range, struct buf *out)
{
	buf_printf(out, "%llu", (unsigned long long)v);
}

static const char size_letters[] = "KMGTPE";

/* What a suffix multiplies by; 0: there is no such suffix. */
static uint64_t size_unit(const char *suffix)
{
	const char *at;
	char upper = *suffix;

	if (!upper)
		return 1;
	if (upper >= 'a' && upper <= 'z')
		upper = (char)(upper - 'a' + 'A');
	at = strchr(size_letters, upper);
	if (!at || (suffix[1] && strcmp(suffix + 1, "iB") != 0))
		return 0;
	return 1024ull << (10 * (at - size_letters));
}

static int parse_size(const char *text, const char *range, uint64_t *ret)
{
	uint64_t unit = size_unit(text + strspn(text, "-.0123456789"));
	int r;

	if (!unit || (unit == 1 && strchr(text, '.')))
		return -EINVAL;
	r = decimal(&text, unit, ret);
	if (r < 0)
		return r;
	return size_unit(text) == unit ? 0 : -EINVAL;
}

static void print_size(uint64_t v, const char *range, struct buf *out)
{
	size_t i = 0;

	while (v && v % 1024 == 0 && size_letters[i]) {
		v /= 1024;
		i++;
	}
	buf_printf(out, "%llu", (unsigned long long)v);
	if (i)
		buf_add(out, &size_letters[i - 1], 1);
}

/* Largest first: the order in which they may stand. */
static const struct {
	const char *name;
	uint64_t ms;
} durations[] = {
	{ "d", 86400000 }, { "h", 3600000 }, { "m", 60000 },
	{ "s", 1000 },	   { "ms", 1 },
};

/* The row, from `from` on, whose name the text begins with as a word. */
static size_t duration_unit(const char *text, size_t from)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz");

	for (size_t i = from; i < ARRAY_LEN(durations); i++)
		if (n == strlen(durations[i].name) &&
		    strncmp(text, durations[i].name, n) == 0)
			return i;
	return ARRAY_LEN(durations);
}

static int parse_duration(const char *text, const char *range, uint64_t *ret)
{
	uint64_t sum = 0, v;
	size_t unit = 0;
	int r;

	do {
		unit = duration_unit(text + strspn(text, "-.0123456789"), unit);
		if (unit == ARRAY_LEN(durations))
			return -EINVAL;
		r = decimal(&text, durations[unit].ms, &v);
		if (r < 0)
			return r;
		if (__builtin_add_overflow(sum, v, &sum) || sum == POL_NONE)
			return -ERANGE;
		text += strlen(durations[unit].name);
		unit++;
	} while (*text);
	*ret = sum;
	return 0;
}

static void print_duration(uint64_t v, const char *range, struct buf *out)
{
	uint64_t n;

	if (!v)
		buf_puts(out, "0s");
	for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
		n = v / durations[i].ms;
		v %= durations[i].ms;
		if (n)
			buf_printf(out, "%llu%s", (unsigned long long)n,
				   durations[i].name);
	}
}

static int parse_cpus(const char *text, const char *range, uint64_t *ret)
{
	size_t n = strlen(text);
	bool percent = n && text[n - 1] == '%';
	int r = decimal(&text, percent ? 10 : 1000, ret);

	if (r < 0)
		return r;
	return strcmp(text, percent ? "%" : "") == 0 ? 0 : -EINVAL;
}

static void print_cpus(uint64_t v, const char *range, struct buf *out)
{
	char frac[8];
	size_t n;

	(void)snprintf(frac, sizeof(frac), ".%03u", (unsigned)(v % 1000));
	for (n = strlen(frac); n > 1 && frac[n - 1] == '0'; n--)
		;
	buf_printf(out, "%llu", (unsigned long long)(v / 1000));
	if (n > 1)
		buf_add(out, frac, n);
}

static int parse_octal(const char *text, const char *range, uint64_t *ret)
{
	uint64_t v = 0;
	size_t n = strspn(text, "01234567");

	if (!n || n > 8 || text[n])
		return -EINVAL;
	for (; *text; text++)
		v = v * 8 + (unsigned)(*text - '0');
	*ret = v;
	return 0;
}

static void print_octal(uint64_t v, const char *range, struct buf *out)
{
	buf_printf(out, "%03llo", (unsigned long long)v);
}

static int parse_word(const char *text, const char *range, uint64_t *ret)
{
	size_t len = strlen(text), n;

	for (uint64_t i = 0;; i++) {
		n = strcspn(range, "|");
		if (n == len && memcmp(range, text, n) == 0) {
			*ret = i;
			return 0;
		}
		if (!range[n])
			return -EINVAL;
		range += n + 1;
	}
}

static void print_word(uint64_t v, const char *range, struct buf *out)
{
	for (; v; v--) {
		range = strchr(range, '|');
		BUG_ON(!range);
		range++;
	}
	buf_add(out, range, strcspn(range, "|"));
}

static const struct pol_number numbers[POL_N_KINDS] = {
	[POL_NUMBER] = { "a whole number", parse_number, print_number },
	[POL_SIZE] = { "a size (512M, 1GiB or plain bytes)", parse_size,
		       print_size },
	[POL_DURATION] = { "a duration (90s, 10m, 1h30m)", parse_duration,
			   print_duration },
	[POL_CPUS] = { "a number of cpus (2, 1.5, 150%)", parse_cpus,
		       print_cpus },
	[POL_OCTAL] = { "an octal number (022)", parse_octal, print_octal },
	[POL_ENUM] = { "a word", parse_word, print_word },
	[POL_BOOL] = { "true or false", parse_word, print_word },
};

const struct pol_number *pol_number(enum pol_kind kind)
{
	return numbers[kind].parse ? &numbers[kind] : NULL;
}

bool pol_allows_none(size_t row)
{
	return strstr(pol_key(row)->range, " or none") != NULL;
}

/* "LOW..HIGH", with anything behind a space left out. */
static bool within(const struct pol_number *num, const char *range, uint64_t v)
{
	const char *dots = strstr(range, "..");
	uint64_t low, high;
	char text[24];
	size_t n;

	BUG_ON(!dots || (size_t)(dots - range) >= sizeof(text));
	memcpy(text, range, (size_t)(dots - range));
	text[dots - range] = '\0';
	BUG_ON(num->parse(text, "", &low) < 0);
	n = strcspn(dots + 2, " ");
	BUG_ON(n >= sizeof(text));
	memcpy(text, dots + 2, n);
	text[n] = '\0';
	BUG_ON(num->parse(text, "", &high) < 0);
	return v >= low && v <= high;
}

int pol_parse(size_t row, const char *text, uint64_t *ret)
{
	const struct pol_number *num = pol_number(pol_row(row)->kind);
	const char *range = pol_key(row)->range;
	uint64_t v;
	int r;

	if (pol_allows_none(row) && strcmp(text, "none") == 0) {
		*ret = POL_NONE;
		return 0;
	}
	r = num->parse(text, range, &v);
	if (r < 0)
		return r;
	if (num->parse != parse_word && !within(num, range, v))
		return -ERANGE;
	*ret = v;
	return 0;
}

int pol_parse_in(const char *range, const char *text, uint64_t *ret)
{
	uint64_t v;
	int r = parse_number(text, range, &v);

	if (r < 0)
		return r;
	if (!within(&numbers[POL_NUMBER], range, v))
		return -ERANGE;
	*ret = v;
	return 0;
}

void pol_print(size_t row, uint64_t v, struct buf *out)
{
	if (v == POL_NONE)
		buf_puts(out, "none");
	else
		pol_number(pol_row(row)->kind)
			->print(v, pol_key(row)->range, out);
}
