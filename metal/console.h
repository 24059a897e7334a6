/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* console.h - prints text on the serial line and on the screen, if they exist. */
#ifndef METAL_CONSOLE_H
#define METAL_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

/* A screen, as the boot loader left it. */
struct screen {
	enum { SCREEN_NONE, SCREEN_TEXT, SCREEN_PIXELS } kind;
	uint64_t base;
	uint32_t pitch;		/* bytes a line */
	uint32_t width, height; /* characters or pixels */
	uint32_t bytes;		/* for each pixel: 3 or 4 */
};

void console_write(const char *text, size_t n);

/* The first serial line is always tried, too. @port: the one that firmware names. */
void serial_init(uint16_t port);
void serial_write(const char *text, size_t n);

void screen_init(const struct screen *s);
void screen_write(const char *text, size_t n);

/* font.c: ' ' to '~', each in eight rows of five pixels, the leftmost in bit 4. */
#define FONT_FIRST ' '
#define FONT_LAST '~'
#define FONT_ROWS 8
#define FONT_COLUMNS 5
extern const uint8_t font[FONT_LAST - FONT_FIRST + 1][FONT_ROWS];

#endif
