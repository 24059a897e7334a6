/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* printable.h - makes foreign text safe for a terminal, which would obey control characters. */
#ifndef PRINTABLE_H
#define PRINTABLE_H

#include <stddef.h>

/* Replace everything but printable ASCII and tabs by '?', in place. */
void printable(char *s, size_t size);

/*
 * The same for names in messages, such as file names: letters of other scripts stay if they are in
 * UTF-8. Invisible characters and characters that change the direction of text are replaced.
 */
void printable_name(char *s, size_t size);

/* A copy, cut if there is not enough room. */
char *printable_copy(char *to, size_t room, const char *s);

#endif
