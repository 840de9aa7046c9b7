/* SPDX-License-Identifier: Apache-2.0 */
/* What the program prints: messages, results, JSON strings. */
#ifndef SBX_TOOLS_OUT_H
#define SBX_TOOLS_OUT_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stdio.h>

#include "tools/sbx/verb.h"

/*
 * Copy text so that it does nothing to a terminal: control characters, bytes
 * that are no UTF-8 and marks that reorder a line become \xNN. Newlines and
 * tabs stay where `lines` is set. Cuts at size; returns the length.
 */
size_t out_escape(char *dst, size_t size, const char *text, bool lines);

/* The same onto a stream, on one line and of any length: a file's name. */
void out_name(FILE *f, const char *text);

/* "NAME: text" on standard error, escaped, in one write. */
void out_msg(const struct cli *cli, const char *fmt, ...) SBX_PRINTF(2, 3);

/* The line of a malformed command line, and where to read more. Returns 125. */
int out_misuse(const struct cli *cli, const struct sbx_err *err);

/* "NAME: message" of an error. Returns 125. */
int out_err(const struct cli *cli, const struct sbx_err *err);

/*
 * A result on standard output: as it is, or escaped where it goes to a
 * terminal. Returns 0, or 125 having said why.
 */
int out_text(const struct cli *cli, const char *text);

/* End of what was written to stdout by stdio. Returns 0, or 125 likewise. */
int out_flush(const struct cli *cli);

/* A string as JSON writes it, with its quotes. */
void out_json(FILE *f, const char *text);

/* Colours are wanted on this descriptor: a terminal, and NO_COLOR unset. */
bool out_colour(int fd);

#endif
