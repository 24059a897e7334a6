/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* dat_text.h - from a trace.dat file to text; runs in the process that may crash. */
#ifndef DAT_TEXT_H
#define DAT_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#define DAT_ERROR 256 /* bytes of a message */

/*
 * Returns false on an error; then @error says why, as the end of a sentence that begins with the
 * file's name.
 */
bool dat_text(int fd, FILE *out, char error[DAT_ERROR]);

#endif
