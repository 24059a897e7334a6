/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * faults.h - faults of DMA and interrupts in hypervisors' words. They come from the same unit as
 * the queue's errors, and have nothing to do with the queue.
 */
#ifndef DECODE_FAULTS_H
#define DECODE_FAULTS_H

#include "decode.h"

/* A block for one, with its source. */
struct block *fault_block(const struct line *l, bool interrupt, unsigned segment, unsigned sid);
void fault_find(struct decode *d, uint64_t line, bool interrupt, unsigned sid);

/* @s: its text, up to the end of the line that it stands in. */
void fault_reason(struct block *b, const char *s, uint64_t reason);

#endif
