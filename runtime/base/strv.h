/* SPDX-License-Identifier: Apache-2.0 */
/* A growable, NULL-terminated vector of owned strings. */
#ifndef SBX_BASE_STRV_H
#define SBX_BASE_STRV_H

#include <stdbool.h>
#include <stddef.h>

struct strv {
	char **v; /* NULL, or n strings and a NULL */
	size_t n;
	size_t cap;
};

/* 0 or -ENOMEM. The copy belongs to the vector. */
int strv_add(struct strv *s, const char *text);
/* Takes ownership of text, also when it fails. text NULL gives -ENOMEM. */
int strv_take(struct strv *s, char *text);
bool strv_has(const struct strv *s, const char *text);
void strv_done(struct strv *s);

#endif
