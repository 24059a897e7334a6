/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* judge.h - decides whether some unit, and whether this unit, would accept a descriptor. */
#ifndef DECODE_JUDGE_H
#define DECODE_JUDGE_H

#include "decode.h"

/* Add to the rows' notes, and find contradictions between descriptors and capabilities. */
void judge_block(struct decode *d, struct block *b);

/*
 * All capabilities of the specification: a descriptor that these refuse is refused by every unit.
 */
void judge_any_caps(uint64_t *cap, uint64_t *ecap);

#endif
