/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the measurement: a table for people, or JSON. */
#include "tests/bench/bench.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

void report_init(struct report *out, bool json)
{
	*out = (struct report){ .rows = json ? json_array() : NULL };
}

void report_scene(struct report *out, const char *name, const char *how)
{
	out->scene = name;
	if (!out->rows)
		printf("\n%s: %s\n", name, how);
	(void)fflush(stdout);
}

static void append(struct report *out, json_t *row)
{
	(void)json_object_set_new(row, "scene", json_string(out->scene));
	(void)json_array_append_new(out->rows, row);
}

/* "", or the aim and whether it was met. */
static const char *verdict(struct report *out, double aim, bool met)
{
	static char text[32];

	out->missed += aim > 0 && !met;
	text[0] = '\0';
	if (aim > 0)
		(void)snprintf(text, sizeof(text), "%5.2f %s", aim,
			       met ? "met" : "MISSED");
	return text;
}

void report_time(struct report *out, const char *name, const struct stats *st,
		 double floor, double aim)
{
	double ratio = floor > 0 ? st->median / floor : 0;
	bool met = ratio > 0 && ratio <= aim;
	const char *text = verdict(out, aim, met);

	if (!out->rows) {
		printf("  %-14s %9.0f us  (%.0f - %.0f) %8.2f x floor  %s\n",
		       name, st->median, st->p10, st->p90, ratio, text);
		(void)fflush(stdout);
		return;
	}
	append(out,
	       json_pack("{s:s, s:f, s:f, s:f, s:i, s:f, s:o, s:o}", "name",
			 name, "median_us", st->median, "p10_us", st->p10,
			 "p90_us", st->p90, "n", (int)st->n, "ratio", ratio,
			 "aim", aim > 0 ? json_real(aim) : json_null(), "met",
			 aim > 0 ? json_boolean(met) : json_null()));
}

void report_absent(struct report *out, const char *name, const char *why)
{
	if (!out->rows)
		printf("  %-14s absent: %s\n", name, why);
	else
		append(out,
		       json_pack("{s:s, s:s}", "name", name, "absent", why));
}

void report_figure(struct report *out, const struct figure *f)
{
	bool met = f->at_least ? f->ratio >= f->aim : f->ratio <= f->aim;
	const char *text = verdict(out, f->aim, met);
	char ratio[32] = "";

	if (f->ratio >= 0)
		(void)snprintf(ratio, sizeof(ratio), "%8.2f", f->ratio);
	if (!out->rows) {
		printf("  %-24s %9.0f %-10s %s  %s\n", f->name, f->value,
		       f->unit, ratio, text);
		(void)fflush(stdout);
		return;
	}
	append(out,
	       json_pack("{s:s, s:f, s:s, s:o, s:o, s:o}", "name", f->name,
			 "value", f->value, "unit", f->unit, "ratio",
			 f->ratio >= 0 ? json_real(f->ratio) : json_null(),
			 "aim", f->aim > 0 ? json_real(f->aim) : json_null(),
			 "met", f->aim > 0 ? json_boolean(met) : json_null()));
}

void report_done(struct report *out)
{
	if (out->rows) {
		(void)json_dumpf(out->rows, stdout, JSON_INDENT(1));
		putchar('\n');
		json_decref(out->rows);
	} else {
		printf("\n%zu aims missed\n", out->missed);
	}
}
