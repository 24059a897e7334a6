/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* stop.h - signals that end a program which has to clean up first. */
#ifndef LIVE_STOP_H
#define LIVE_STOP_H

#include <stdbool.h>

/*
 * Ctrl-C, kill, and the end of the terminal. If the reader of a pipe goes away, write() fails
 * instead.
 */
void stop_on_signals(void);

/* True if one of these signals has come. */
bool stop_wanted(void);

#endif
