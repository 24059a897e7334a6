/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* report_text.h - the parts of a report for people. */
#ifndef DECODE_REPORT_TEXT_H
#define DECODE_REPORT_TEXT_H

#include "decode.h"

#define TEXT_WIDTH 100

/* Words from @text, wrapped, each line but the first behind @indent blanks; @at: the column. */
void text_wrapped(FILE *to, const char *text, int at, int indent);
/* What was recognised at one place. */
void text_block(FILE *to, const struct decode *d, const struct block *b);

#endif
