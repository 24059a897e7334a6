/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "printable.h"

#include <stdio.h>
#include <string.h>

void printable(char *s, size_t size)
{
	for (; size--; s++)
		if (((unsigned char)*s < ' ' && *s != '\t') || (unsigned char)*s >= 0x7f)
			*s = '?';
}

char *printable_copy(char *to, size_t room, const char *s)
{
	snprintf(to, room, "%s", s);
	printable(to, strlen(to));
	return to;
}
