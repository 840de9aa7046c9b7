/* SPDX-License-Identifier: Apache-2.0 */
/* Which limits are set, and who holds each of them on this host. */
#include "runtime/core/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/cleanup.h"

#define AT(field) offsetof(struct pol_limits, field)

static const struct limit_row rows[] = {
	{ "limits.cpu", AT(cpu), CG_CPU, "watchdog", "thousandths of a core",
	  "CPU rate", SBX_CAUSE_NONE },
	{ "limits.cpu_weight", AT(cpu_weight), CG_CPU, NULL, "weight",
	  "CPU weight", SBX_CAUSE_NONE },
	{ "limits.memory", AT(memory), CG_MEMORY, "watchdog", "bytes", "memory",
	  SBX_CAUSE_OOM },
	{ "limits.memory_high", AT(memory_high), CG_MEMORY, NULL, "bytes",
	  "memory", SBX_CAUSE_NONE },
	{ "limits.swap", AT(swap), CG_MEMORY, "watchdog", "bytes", "swap",
	  SBX_CAUSE_NONE },
	{ "limits.pids", AT(pids), CG_PIDS, "rlimit and watchdog",
	  "processes and threads", "process", SBX_CAUSE_PIDS },
	{ "limits.disk", AT(disk), 0, "watchdog and tmpfs", "bytes", "disk",
	  SBX_CAUSE_DISK },
	{ "limits.tmp", AT(tmp), 0, "tmpfs", "bytes", "temporary space",
	  SBX_CAUSE_NONE },
	{ "limits.time", AT(time), 0, "supervisor", "ms", "time",
	  SBX_CAUSE_TIMEOUT },
	{ "limits.idle", AT(idle), 0, "supervisor", "ms", "idle time",
	  SBX_CAUSE_IDLE },
	{ "limits.cpu_time", AT(cpu_time), 0, "watchdog and rlimit", "ms",
	  "CPU time", SBX_CAUSE_CPU },
	{ "limits.output", AT(output), 0, "supervisor", "bytes", "output",
	  SBX_CAUSE_OUTPUT },
	{ "limits.open_files", AT(open_files), 0, "rlimit", "descriptors",
	  "open file", SBX_CAUSE_NONE },
	{ "limits.file_size", AT(file_size), 0, "rlimit", "bytes", "file size",
	  SBX_CAUSE_NONE },
	{ "limits.io_read", AT(io_read), CG_IO, NULL, "bytes per second",
	  "read rate", SBX_CAUSE_NONE },
	{ "limits.io_write", AT(io_write), CG_IO, NULL, "bytes per second",
	  "write rate", SBX_CAUSE_NONE },
};

const struct limit_row *limit_rows(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(rows);
	return rows;
}

uint64_t limit_value(const struct limit_row *row, const struct pol_limits *lim)
{
	uint64_t v;

	memcpy(&v, (const char *)lim + row->offset, sizeof(v));
	return v;
}

const char *limit_holder(const struct limit_row *row, const struct cgroup *cg)
{
	if (row->controller & cg->controllers)
		return "cgroup";
	return row->otherwise;
}

static void print_bytes(uint64_t v, char *ret, size_t size)
{
	static const char suffix[] = { 'E', 'P', 'T', 'G', 'M', 'K' };

	for (unsigned i = 0; v && i < sizeof(suffix); i++) {
		unsigned shift = 60 - 10 * i;

		if (v >> shift && !(v & ((UINT64_C(1) << shift) - 1))) {
			(void)snprintf(ret, size, "%llu%c",
				       (unsigned long long)(v >> shift),
				       suffix[i]);
			return;
		}
	}
	(void)snprintf(ret, size, "%llu", (unsigned long long)v);
}

static void print_ms(uint64_t v, char *ret, size_t size)
{
	unsigned long long n = v;

	if (n % 60000 == 0 && n)
		(void)snprintf(ret, size, "%llum", n / 60000);
	else if (n % 1000 == 0)
		(void)snprintf(ret, size, "%llus", n / 1000);
	else
		(void)snprintf(ret, size, "%llums", n);
}

void limit_print(const struct limit_row *row, uint64_t value, char *ret,
		 size_t size)
{
	if (strncmp(row->unit, "bytes", 5) == 0)
		print_bytes(value, ret, size);
	else if (strcmp(row->unit, "ms") == 0)
		print_ms(value, ret, size);
	else
		(void)snprintf(ret, size, "%llu", (unsigned long long)value);
}

const struct limit_row *limit_of_cause(enum sbx_cause cause)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (cause != SBX_CAUSE_NONE && rows[i].cause == cause)
			return &rows[i];
	return NULL;
}

int limits_check(const struct pol_limits *lim, const struct cgroup *cg,
		 bool best_effort, struct strv *warnings, struct sbx_err *err)
{
	char *text;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (limit_value(&rows[i], lim) == POL_NONE ||
		    limit_holder(&rows[i], cg))
			continue;
		if (!best_effort)
			return sbx_failx(err, ENOTSUP,
					 "%s: nothing on this host can hold it"
					 " (%s); set it to none, or run with "
					 "--best-effort",
					 rows[i].key, cg->why_not);
		if (asprintf(&text, "%s is not enforced: %s", rows[i].key,
			     cg->why_not) < 0 ||
		    strv_take(warnings, text) < 0)
			return sbx_fail(err, ENOMEM, "warnings");
	}
	return 0;
}
