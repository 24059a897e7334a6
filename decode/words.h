/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* words.h - raw words, as on a command line: 2 or 4 for each descriptor. */
#ifndef DECODE_WORDS_H
#define DECODE_WORDS_H

#include "decode.h"

void words_block(struct decode *d, const uint64_t *word, unsigned count);

#endif
