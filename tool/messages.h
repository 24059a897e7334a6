/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* messages.h - what goes to stderr, and with it what others have named. */
#ifndef TOOL_MESSAGES_H
#define TOOL_MESSAGES_H

/*
 * From here on no byte of stderr is a control character, whatever prints it, argp and getopt
 * included: names of files and arguments may hold any, and a terminal obeys them. What a progress
 * line begins and ends with ("\r", "\033[K") passes there and nowhere else.
 */
void messages_guard(void);

#endif
