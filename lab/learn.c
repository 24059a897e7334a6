/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "learn.h"

#include "chance.h"
#include "setup.h"

#define LONG 3000   /* moves of a walk */
#define IN_VAIN 300 /* walks without new knowledge, after which learning ends */
#define MOST 20000

static bool step(void)
{
	struct move moves[MACHINE_MOVES];
	unsigned n = machine_moves(moves);
	struct move *m;

	if (!n)
		return false;
	m = &moves[chance_number() % n];
	chance_choose(m);
	return machine_make(m) <= MOVE_NOTHING;
}

void learn_shared_words(void)
{
	unsigned walk, vain = 0, i;

	lab_memory.learning = true;
	chance_begin(0x9e3779b97f4a7c15ULL);
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
