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

/* The number of bytes of a readable UTF-8 character beyond ASCII at @s; 0 if there is none. */
static size_t letter(const char *s, size_t size)
{
	const unsigned char lead = (unsigned char)*s;
	const size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
	unsigned long c = lead & (0xffU >> (n + 1));

	if (lead < 0xc2 || lead > 0xf4 || n > size)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	}
	if (c < 0xa0 || (n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff ||
	    (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
			       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff
		       ? 0
		       : n;
}

void printable_name(char *s, size_t size)
{
	for (size_t i = 0; i < size;) {
		const size_t n = letter(s + i, size - i);

		if (!n)
			printable(s + i, 1);
		i += n ? n : 1;
	}
}

char *printable_copy(char *to, size_t room, const char *s)
{
	snprintf(to, room, "%s", s);
	printable_name(to, strlen(to));
	return to;
}
