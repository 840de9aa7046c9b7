/* SPDX-License-Identifier: Apache-2.0 */
/* What the writers of completion scripts and manual pages share. */
#ifndef SBX_TOOLS_COMPLETE_H
#define SBX_TOOLS_COMPLETE_H

#include <stdio.h>

#include "tools/sbx/verb.h"

/* The program's name as part of a shell function's. */
void complete_word(char *dst, size_t size, const char *name);

/*
 * The next kind of word ("FILE", "PRESET", "bash") in a usage text; moves
 * *text behind it. False at its end.
 */
bool complete_kind(const char **text, char *dst, size_t size);

/* Lists with a blank between the words. */
void complete_presets(FILE *f);
void complete_keys(FILE *f);
void complete_verbs(FILE *f, const struct verb *const *table);

/* Calls fn for every verb and those below it, until it returns not 0. */
int complete_each(int (*fn)(const struct verb *verb, const char *verb_name,
			    void *arg),
		  void *arg);

/* The whole scripts, for a program of this name. */
void complete_bash(FILE *f, const char *name);
void complete_zsh(FILE *f, const char *name);

#endif
