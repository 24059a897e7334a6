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

/*
 * The same for what is named in a message, as a file is: letters of other scripts, in UTF-8, stay.
 * What turns the direction of a text, or is not to be seen, does not.
 */
void printable_name(char *s, size_t size);

/* A copy, cut where there is no room. */
char *printable_copy(char *to, size_t room, const char *s);

#endif
