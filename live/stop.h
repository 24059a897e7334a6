/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* stop.h - signals that end a program which first has something to put away. */
#ifndef LIVE_STOP_H
#define LIVE_STOP_H

#include <stdbool.h>

/* Ctrl-C, kill, a terminal that goes away. A reader that goes away is an error of the write. */
void stop_on_signals(void);

/* True if one of these signals has come. */
bool stop_wanted(void);

#endif
