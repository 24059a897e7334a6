/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* markup.h - text in HTML and SVG: whatever it holds, it is no markup. */
#ifndef DESCRIBE_MARKUP_H
#define DESCRIBE_MARKUP_H

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
		case '\n':
		case '\t':
			putc(*text, to);
			break;
		default: /* XML has no control characters, however they are written */
			putc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, to);
		}
	}
}

#endif
