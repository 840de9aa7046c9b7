/* SPDX-License-Identifier: Apache-2.0 */
/* A growable vector of strings. */
#include "runtime/base/strv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int strv_take(struct strv *s, char *text)
{
	char **v;
	size_t cap;

	if (!text)
		return -ENOMEM;
	if (s->n + 2 > s->cap) {
		cap = s->cap ? s->cap * 2 : 8;
		v = reallocarray(s->v, cap, sizeof(*v));
		if (!v) {
			free(text);
			return -ENOMEM;
		}
		s->v = v;
		s->cap = cap;
	}
	s->v[s->n++] = text;
	s->v[s->n] = NULL;
	return 0;
}

int strv_add(struct strv *s, const char *text)
{
	return strv_take(s, strdup(text));
}

bool strv_has(const struct strv *s, const char *text)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i], text) == 0)
			return true;
	return false;
}

void strv_done(struct strv *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
	*s = (struct strv){ 0 };
}
