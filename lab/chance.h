/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* chance.h - random moves, which are the same for the same seed. */
#ifndef LAB_CHANCE_H
#define LAB_CHANCE_H

#include "machine.h"

void chance_begin(uint64_t seed); /* not 0 */
uint64_t chance_number(void);

/* Let the unit choose the plainest alternative or a random one. */
void chance_choose(struct move *m);

#endif
