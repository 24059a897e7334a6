/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "chance.h"

static uint64_t state;

void chance_begin(uint64_t seed)
{
	state = seed;
}

uint64_t chance_number(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

void chance_choose(struct move *m)
{
	unsigned i;

	if (m->kind != MOVE_UNIT || chance_number() % 2)
		return;
	m->nchoices = 2;
	for (i = 0; i < m->nchoices; i++)
		m->choice[i] = (uint8_t)(chance_number() % 3);
}
