/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "expand.h"

#include "content.h"

#define SURE 128   /* after each move from one of the first states, compare all of memory */
#define SAMPLE 256 /* and then for one state in so many */

/* True if memory changed without an access that was reported to the lab. */
static bool is_unseen(state_id s, const struct move *m, const struct expander *e)
{
	uintptr_t at = s < SURE || s % SAMPLE == 0 ? content_unseen_change() : 0;

	if (!at)
		return false;
	e->unseen(at, m->actor);
	return true;
}

static void note_promotion(const struct expander *e)
{
	e->promoted();
	reduction.promoted = false;
}

/* Make a move, and the moves that must follow it. */
static enum outcome make(state_id s, const struct chosen *chosen, struct move *m,
			 const struct expander *e)
{
	struct trail way = { .n = 0 };
	struct footprint touched;
	enum outcome outcome;

	memset(&touched, 0, sizeof(touched));
	store_load(s);
	outcome = reduction_make(0, chosen, m, &way, &touched);
	if (reduction.promoted)
		note_promotion(e);
	if (outcome == MOVE_VIOLATION)
		e->violated(&way);
	return outcome;
}

static bool make_moves(state_id s, struct chosen *chosen, const struct expander *e)
{
	bool any = false;
	struct move *m;

	for (m = chosen->move; m < chosen->move + chosen->n; m++) {
		do {
			if (make(s, chosen, m, e) != MOVE_DONE)
				continue;
			if (is_unseen(s, m, e) || !e->found(s))
				return false;
			any = true;
		} while (m->kind == MOVE_UNIT && machine_next_choice(m));
	}
	if (!any)
		*store_mark(s) |= STATE_EXPANDED;
	return true;
}

bool expand(state_id s, const struct expander *e)
{
	const struct trail way = { 0 };
	struct chosen chosen;
	bool go_on;

	store_load(s);
	if (machine_finished())
		*store_mark(s) |= STATE_FINISHED;
	reduction_choose(0, LAB_THE_UNIT, &way, NULL, &chosen);
	reduction.reduced += !chosen.all;
	go_on = make_moves(s, &chosen, e);
	if (reduction.promoted)
		note_promotion(e);
	return go_on && !reduction.failed && !reduction.wrong;
}
