/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "levels.h"

#include <stdlib.h>

struct levels levels;

bool levels_begin(void)
{
	unsigned room = levels.room ? 2 * levels.room : 256;
	state_id *more;

	if (levels.n == levels.room) {
		more = realloc(levels.first, room * sizeof(*more));
		if (!more)
			return false;
		levels.first = more;
		levels.room = room;
	}
	levels.first[levels.n++] = store_count() + 1;
	return true;
}

unsigned levels_of(state_id s)
{
	unsigned level = levels.n;

	while (level && levels.first[level - 1] > s)
		level--;
	return level;
}

unsigned levels_last(void)
{
	return levels.n ? levels.n - 1 : 0;
}
