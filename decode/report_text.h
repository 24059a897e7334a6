/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* report_text.h - the parts of the text report. */
#ifndef DECODE_REPORT_TEXT_H
#define DECODE_REPORT_TEXT_H

#include "decode.h"

#define TEXT_WIDTH 100

/*
 * Print @text wrapped, with @indent blanks before each line but the first; @at: the present column.
 */
void text_wrapped(FILE *to, const char *text, int at, int indent);
/* Print one block. */
void text_block(FILE *to, const struct decode *d, const struct block *b);

#endif
