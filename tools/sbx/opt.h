/* SPDX-License-Identifier: Apache-2.0 */
/* Options as rows, and the one parser that reads them. */
#ifndef SBX_TOOLS_OPT_H
#define SBX_TOOLS_OPT_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opt_type {
	OPT_FLAG, /* a bool, set to true */
	OPT_STR,  /* a const char *; may be given once */
	OPT_LIST, /* a struct opt_list; each time adds one */
};

/* Words in the order they were given; they belong to argv. */
struct opt_list {
	const char **v;
	size_t n;
};

/* One option. A table ends with a row without a name. */
struct opt {
	const char *name; /* long, without dashes */
	char letter;	  /* short, or 0 */
	enum opt_type type;
	const char *arg;      /* name of its argument, NULL for OPT_FLAG */
	const char *help;     /* one sentence, no full stop */
	size_t field;	      /* offsetof() in the verb's options */
	const char *not_with; /* name of an option it excludes, or NULL */
	const char *needs;    /* name of an option it is useless without */
};

/* What stands after the options. */
struct operands {
	const char *usage; /* "[--] COMMAND [ARG]..." or "" */
	const char *what;  /* for messages: "command" */
	size_t min, max;
	bool command; /* the first one ends the options */
};

enum opt_found {
	OPT_OK,
	OPT_HELP, /* --help was asked for; nothing else was checked */
};

/*
 * Read argv (which begins after the verb's name, NULL-terminated) by the rows
 * and fill the zeroed struct *fields. Words that are not options are moved to
 * the front of argv and *ret_n tells how many there are. Returns an enum
 * opt_found, or -EINVAL with a line for a person. Either way the caller calls
 * opt_done().
 */
int opt_parse(const struct opt *rows, const struct operands *operands,
	      char **argv, void *fields, size_t *ret_n, struct sbx_err *err);
void opt_done(const struct opt *rows, void *fields);

/*
 * The one of n names (each found at `stride` bytes from the last) that the
 * word was likely meant to be, or NULL.
 */
const char *suggest(const char *word, const char *const *names, size_t stride,
		    size_t n);

#endif
