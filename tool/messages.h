/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* messages.h - makes stderr safe for a terminal. */
#ifndef TOOL_MESSAGES_H
#define TOOL_MESSAGES_H

/*
 * From now on no control character is written to stderr, whatever prints, including argp and
 * getopt: names of files and arguments may contain any, and a terminal obeys them. The exceptions
 * are "\r" and "\033[K" at the beginning and end of a progress line.
 */
void messages_guard(void);

#endif
