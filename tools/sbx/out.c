/* SPDX-License-Identifier: Apache-2.0 */
/* What the program prints: messages, results, JSON strings. */
#include "tools/sbx/out.h"

#include <errno.h>
#include <sbx/sbx.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/sbx/utf8.h"

/* Characters that would move, hide or reorder what is on the screen. */
static bool harmless(uint32_t c, bool lines)
{
	static const struct {
		uint32_t first, last;
	} harmful[] = {
		{ 0x00, 0x1f },	    { 0x7f, 0x9f },	{ 0xad, 0xad },
		{ 0x61c, 0x61c },   { 0x200b, 0x200f }, { 0x2028, 0x202e },
		{ 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xe0000, 0xe007f },
	};

	if (lines && (c == '\n' || c == '\t'))
		return true;
	for (size_t i = 0; i < sizeof(harmful) / sizeof(harmful[0]); i++)
		if (c >= harmful[i].first && c <= harmful[i].last)
			return false;
	return true;
}

/* The next character as it may be shown; moves *text behind it. */
static size_t next_safe(const unsigned char **text, bool lines, char ret[4])
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *s = *text;
	uint32_t c;
	size_t len = utf8_next(s, &c);

	if (len && harmless(c, lines)) {
		memcpy(ret, s, len);
		*text = s + len;
		return len;
	}
	ret[0] = '\\';
	ret[1] = 'x';
	ret[2] = hex[*s >> 4];
	ret[3] = hex[*s & 15];
	*text = s + 1;
	return 4;
}

size_t out_escape(char *dst, size_t size, const char *text, bool lines)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = 0;

	while (*s) {
		char piece[4];
		size_t len = next_safe(&s, lines, piece);

		if (n + len >= size)
			break;
		memcpy(dst + n, piece, len);
		n += len;
	}
	dst[n] = '\0';
	return n;
}

void out_name(FILE *f, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		char piece[4];
		size_t len = next_safe(&s, false, piece);

		fwrite(piece, 1, len, f);
	}
}

/* 0 or -errno; through short writes. */
static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

void out_msg(const struct cli *cli, const char *fmt, ...)
{
	char raw[2048], line[4096];
	size_t n;
	va_list ap;

	n = out_escape(line, 256, cli->name, false);
	n += (size_t)snprintf(line + n, sizeof(line) - n, ": ");
	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	n += out_escape(line + n, sizeof(line) - n - 1, raw, false);
	line[n++] = '\n';
	/* nobody is left to be told where standard error fails */
	(void)write_all(STDERR_FILENO, line, n);
}

int out_err(const struct cli *cli, const struct sbx_err *err)
{
	out_msg(cli, "%s", err->msg);
	return SBX_EXIT_FAILED;
}

int out_misuse(const struct cli *cli, const struct sbx_err *err)
{
	const char *verb = cli->verb ? cli->verb_name : "";

	out_msg(cli, "%s%s%s (see: %s%s%s --help)", verb, *verb ? ": " : "",
		err->msg, cli->name, *verb ? " " : "", verb);
	return SBX_EXIT_FAILED;
}

static int lost(const struct cli *cli, int code)
{
	struct sbx_err err = { 0 };

	/* the reader has gone: it knows */
	if (code == EPIPE)
		return SBX_EXIT_FAILED;
	(void)sbx_fail(&err, code, "standard output");
	return out_err(cli, &err);
}

int out_text(const struct cli *cli, const char *text)
{
	size_t len = strlen(text);
	char *safe = NULL;
	int r;

	if (isatty(STDOUT_FILENO)) {
		safe = malloc(4 * len + 5);
		if (!safe)
			return lost(cli, ENOMEM);
		len = out_escape(safe, 4 * len + 5, text, true);
	}
	r = write_all(STDOUT_FILENO, safe ? safe : text, len);
	free(safe);
	return r < 0 ? lost(cli, -r) : 0;
}

int out_flush(const struct cli *cli)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return lost(cli, errno ? errno : EIO);
}

void out_json(FILE *f, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	putc('"', f);
	while (*s) {
		uint32_t c;
		size_t len = utf8_next(s, &c);

		if (!len) { /* JSON has no bytes: show them as text */
			fprintf(f, "\\\\x%02x", *s++);
			continue;
		}
		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", (int)c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(f, "\\u%04x", (unsigned)c);
		else
			fwrite(s, 1, len, f);
		s += len;
	}
	putc('"', f);
}

bool out_colour(int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && term && strcmp(term, "dumb") != 0 && isatty(fd);
}
