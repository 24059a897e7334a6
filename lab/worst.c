/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "worst.h"

#include <string.h>

void worst_note(struct worst *w, state_id s, const struct trail *way)
{
	struct move tail[WORST_TAIL];
	unsigned n = reduction_way(way, tail, WORST_TAIL);

	if (w->state && (w->state < s || (w->state == s && w->n <= n)))
		return;
	w->state = s;
	w->n = n;
	memcpy(w->tail, tail, sizeof(tail));
	memcpy(w->what, machine.violation, sizeof(machine.violation));
}
