/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * screen.c - text on a VGA text screen or on a framebuffer.
 *
 * The contents of the screen are kept in ordinary memory, because reading them from the screen is
 * slow. When the text scrolls, only the characters that differ are drawn.
 */
#include "console.h"

#include <stdbool.h>

#include "mem.h"
#include "memory.h"

#define COLUMNS 256
#define ROWS 64

#define COLOUR 0xd0d0d0U
#define ATTRIBUTE 0x0700U

static struct screen screen;
static volatile uint8_t *base;
static unsigned columns, rows, column, row;
static unsigned scale_x, scale_y; /* the font's pixels are this many of the screen's */
static char shown[ROWS][COLUMNS];

#define CELL_WIDTH ((FONT_COLUMNS + 1) * scale_x)
#define CELL_HEIGHT ((FONT_ROWS + 1) * scale_y)

static unsigned min(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned max(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static void draw_pixel(volatile uint8_t *to, uint32_t colour)
{
	if (screen.bytes == 4) {
		*(volatile uint32_t *)to = colour;
	} else {
		to[0] = (uint8_t)colour;
		to[1] = (uint8_t)(colour >> 8);
		to[2] = (uint8_t)(colour >> 16);
	}
}

static void draw_glyph(unsigned x, unsigned y, const uint8_t *glyph)
{
	unsigned px, py, fx, fy;
	volatile uint8_t *to;
	bool lit;

	for (py = 0; py < CELL_HEIGHT; py++) {
		fy = py / scale_y;
		to = base + ((uint64_t)y * CELL_HEIGHT + py) * screen.pitch +
		     (uint64_t)x * CELL_WIDTH * screen.bytes;
		for (px = 0; px < CELL_WIDTH; px++, to += screen.bytes) {
			fx = px / scale_x;
			lit = fy < FONT_ROWS && fx < FONT_COLUMNS &&
			      glyph[fy] >> (FONT_COLUMNS - 1 - fx) & 1;
			draw_pixel(to, lit ? COLOUR : 0);
		}
	}
}

static void draw(unsigned x, unsigned y, char c)
{
	char known = c >= FONT_FIRST && c <= FONT_LAST ? c : '?';

	if (shown[y][x] == known)
		return;
	shown[y][x] = known;
	if (screen.kind == SCREEN_TEXT)
		*(volatile uint16_t *)(base + y * screen.pitch + x * 2) =
			(uint16_t)(ATTRIBUTE | (uint8_t)known);
	else
		draw_glyph(x, y, font[known - FONT_FIRST]);
}

static void new_line(void)
{
	unsigned x, y;

	column = 0;
	if (++row < rows)
		return;
	row = rows - 1;
	for (y = 0; y < rows; y++)
		for (x = 0; x < columns; x++)
			draw(x, y, y + 1 < rows ? shown[y + 1][x] : ' ');
}

void screen_init(const struct screen *s)
{
	unsigned x, y;

	screen = *s;
	if (s->kind == SCREEN_NONE)
		return;
	if (s->kind == SCREEN_TEXT) {
		columns = min(s->width, COLUMNS);
		rows = min(s->height, ROWS);
	} else {
		scale_x = max(s->width / 960, 1);
		scale_y = max(s->height / 384, 1);
		columns = min(s->width / CELL_WIDTH, COLUMNS);
		rows = min(s->height / CELL_HEIGHT, ROWS);
	}
	base = memory_map(s->base, (uint64_t)s->pitch * s->height, MAP_COMBINED);
	if (!base || !columns || !rows) {
		screen.kind = SCREEN_NONE;
		return;
	}
	if (s->kind == SCREEN_PIXELS)
		memset((void *)(uintptr_t)base, 0, (size_t)s->pitch * s->height);
	memset(shown, 0, sizeof(shown));
	for (y = 0; y < rows; y++)
		for (x = 0; x < columns; x++)
			draw(x, y, ' ');
}

void screen_write(const char *text, size_t n)
{
	if (screen.kind == SCREEN_NONE)
		return;
	for (; n--; text++) {
		if (*text == '\n') {
			new_line();
			continue;
		}
		if (column == columns)
			new_line();
		draw(column++, row, *text);
	}
}
