/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* markup.h - text in HTML and SVG. */
#ifndef LAB_MARKUP_H
#define LAB_MARKUP_H

#include <stdio.h>

static inline void put_text(const char *text, FILE *to)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '&':
			fputs("&amp;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		default:
			putc(*text, to);
		}
	}
}

#endif
