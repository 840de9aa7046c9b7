/* SPDX-License-Identifier: Apache-2.0 */
/* Errors as plain values. */
#include <sbx/err.h>

#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 0))) static void
put(struct sbx_err *err, const char *fmt, va_list ap)
{
	int n = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);

	if (n < 0)
		err->msg[0] = '\0';
}

/* strerrordesc_np() has no locale and no buffer: safe after fork. */
static void add_code(struct sbx_err *err, int code)
{
	const char *text = strerrordesc_np(code);
	size_t n = strlen(err->msg);

	if (!text)
		text = "unknown error";
	(void)snprintf(err->msg + n, sizeof(err->msg) - n, "%s%s",
		       n ? ": " : "", text);
}

int sbx_fail(struct sbx_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -code;
	va_start(ap, fmt);
	put(err, fmt, ap);
	va_end(ap);
	err->code = code;
	err->step[0] = '\0';
	add_code(err, code);
	return -code;
}

int sbx_failx(struct sbx_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -code;
	va_start(ap, fmt);
	put(err, fmt, ap);
	va_end(ap);
	err->code = code;
	err->step[0] = '\0';
	return -code;
}

int sbx_wrap(struct sbx_err *err, int r, const char *fmt, ...)
{
	char old[SBX_ERR_MSG];
	size_t n;
	va_list ap;

	if (!err || r >= 0)
		return r;
	memcpy(old, err->msg, sizeof(old));
	va_start(ap, fmt);
	put(err, fmt, ap);
	va_end(ap);
	n = strlen(err->msg);
	(void)snprintf(err->msg + n, sizeof(err->msg) - n, ": %s", old);
	return r;
}
