/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* story_wait.c - what stuck actors wait for. */
#include <stdlib.h>
#include <string.h>

#include "story.h"

/* NULL: it does not stand still. */
static const char *waits_for(unsigned i, char *text, size_t room)
{
	const struct actor *a = machine_actor(i);
	char name[STORY_TEXT];

	if (a->handler) {
		snprintf(text, room, "is interrupted by %s, which does not return",
			 story_lane(a->handler - 1U));
	} else if (a->state == ACTOR_ASLEEP) {
		story_address(a->op.addr, name);
		snprintf(text, room, "sleeps on %s, and no actor wakes it", name);
	} else if (a->state == ACTOR_READY && a->op.kind == OP_LOCK && !machine_can_run(i)) {
		uint32_t holder = ((const struct lab_lock *)a->op.addr)->holder;

		story_address(a->op.addr, name);
		snprintf(text, room, "waits for %s, which %s holds", name,
			 holder == i + 1 ? "it"
			 : holder	 ? story_lane(holder - 1)
					 : "nobody");
	} else if (a->state == ACTOR_READY && a->op.kind == OP_JOIN && !machine_can_run(i)) {
		snprintf(text, room, "waits until all others have returned");
	} else {
		return NULL;
	}
	return text;
}

void story_find_waits(struct story *s)
{
	char text[2 * STORY_TEXT];
	const char *what;
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		what = waits_for(i, text, sizeof(text));
		s->waits[i] = what ? strdup(what) : NULL;
	}
}
