/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * printable.h - what comes from outside and goes to a terminal: no control character of it may get
 * there, as a terminal obeys them.
 */
#ifndef PRINTABLE_H
#define PRINTABLE_H

#include <stddef.h>

/* What is not printable ASCII becomes '?'; tabs stay. In place. */
void printable(char *s, size_t size);

/* A copy, cut where there is no room. */
char *printable_copy(char *to, size_t room, const char *s);

#endif
