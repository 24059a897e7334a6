/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "walk.h"

#include "setup.h"

#define LONG 3000   /* moves of a walk */
#define IN_VAIN 300 /* walks that teach nothing new, after which it is enough */
#define MOST 20000

static uint64_t seed;

static uint64_t random_number(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Of the unit's alternatives the plainest one, or any: as if tried in turn. */
static void random_choices(struct move *m)
{
	unsigned i;

	if (m->kind != MOVE_UNIT || random_number() % 2)
		return;
	m->nchoices = 2;
	for (i = 0; i < m->nchoices; i++)
		m->choice[i] = (uint8_t)(random_number() % 3);
}

static bool step(void)
{
	struct move moves[MACHINE_MOVES];
	unsigned n = machine_moves(moves);
	struct move *m;

	if (!n)
		return false;
	m = &moves[random_number() % n];
	random_choices(m);
	return machine_make(m) <= MOVE_NOTHING;
}

void walk_learn(void)
{
	unsigned walk, vain = 0, i;

	lab_memory.learning = true;
	seed = 0x9e3779b97f4a7c15ULL;
	for (walk = 0; walk < MOST && vain < IN_VAIN; walk++, vain++) {
		setup_again();
		if (machine_start() != MOVE_DONE)
			break;
		for (i = 0; i < LONG && step(); i++) {
			if (machine.promoted)
				vain = 0;
		}
	}
	lab_memory.learning = false;
}
