/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* chance.h - moves at random, the same ones from the same seed. */
#ifndef LAB_CHANCE_H
#define LAB_CHANCE_H

#include "machine.h"

void chance_begin(uint64_t seed); /* not 0 */
uint64_t chance_number(void);

/* Of the unit's alternatives the plainest one, or any: as if tried in turn. */
void chance_choose(struct move *m);

#endif
