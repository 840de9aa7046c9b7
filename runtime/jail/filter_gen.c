/* SPDX-License-Identifier: Apache-2.0 */
/* Build-time program: the default profile, compiled, as a C array. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/io.h"
#include "runtime/jail/filter.h"

static void put_array(struct buf *out, const struct sock_fprog *prog)
{
	buf_puts(out, "/* Made by filter_gen from filter_rows.c. */\n"
		      "static const struct sock_filter default_insns[] = {\n");
	for (unsigned i = 0; i < prog->len; i++) {
		const struct sock_filter *f = &prog->filter[i];

		buf_printf(out, "\t{ 0x%02x, %u, %u, 0x%08x },\n", f->code,
			   f->jt, f->jf, f->k);
	}
	buf_puts(out, "};\n");
}

int main(void)
{
	_autobuf struct buf out = { 0 };
	struct sock_fprog prog = { 0 };
	struct filter_set set;
	struct sbx_err err = { 0 };

	filter_defaults(&set);
	if (filter_compile(&set, &prog, &err) < 0) {
		(void)io_write_all(STDERR_FILENO, err.msg, strlen(err.msg));
		return 1;
	}
	put_array(&out, &prog);
	free(prog.filter);
	if (out.failed)
		return 1;
	return io_write_all(STDOUT_FILENO, out.data, out.len) < 0;
}
