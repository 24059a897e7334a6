/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* screen.h - shows an interval on a terminal, full screen, and handles keys. */
#ifndef LIVE_SCREEN_H
#define LIVE_SCREEN_H

#include "view.h"

struct screen;

/* Returns NULL if the terminal lacks what is needed, or the program was built without ncurses. */
struct screen *screen_open(void);
void screen_close(struct screen *s);

/* What a key asks for. */
enum screen_wish {
	SCREEN_NOTHING,
	SCREEN_QUIT,
	SCREEN_SLOWER, /* intervals */
	SCREEN_FASTER,
};

/*
 * Draw @v. The rows are arranged again if a key has changed their order or the filter. The pointer
 * is not kept. @interval: in seconds, to be shown.
 */
void screen_draw(struct screen *s, struct view *v, double interval);

/* Wait at most @ms milliseconds for a key, and do what it asks for. */
enum screen_wish screen_keys(struct screen *s, struct view *v, int ms);

/* True if the interval shown must not be replaced. */
bool screen_is_paused(const struct screen *s);

#endif
