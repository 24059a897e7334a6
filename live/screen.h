/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* screen.h - an interval on a terminal, full screen, and the keys that go with it. */
#ifndef LIVE_SCREEN_H
#define LIVE_SCREEN_H

#include "view.h"

struct screen;

/* NULL: the terminal can do too little, or the program was built without ncurses. */
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
 * Draw @v, which is arranged anew if keys have changed how. The pointer is not kept. @interval: in
 * seconds, to be shown.
 */
void screen_draw(struct screen *s, struct view *v, double interval);

/* Wait for a key, @ms at most, and do what it says. */
enum screen_wish screen_keys(struct screen *s, struct view *v, int ms);

/* The interval stays as it is. */
bool screen_is_paused(const struct screen *s);

#endif
