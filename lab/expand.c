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
static enum outcome make(state_id s, struct move *m, const struct footprint *others,
			 const struct expander *e)
{
	struct trail way = { .n = 1 };
	struct footprint touched;
	enum outcome outcome;

	memset(&touched, 0, sizeof(touched));
	store_load(s);
	machine.record = others ? &touched : NULL;
	outcome = machine_make(m);
	machine.record = NULL;
	way.move[0] = *m;
	reduction_check(&touched, others);
	if (outcome == MOVE_PROMOTED)
		note_promotion(e);
	if ((outcome == MOVE_DONE || outcome == MOVE_PROMOTED) && !reduction.off)
		outcome = reduction_go_on(0, &way, &touched);
	if (outcome == MOVE_VIOLATION)
		e->violated(&way);
	return outcome;
}

static bool make_moves(state_id s, struct move *moves, unsigned n, const struct footprint *others,
		       const struct expander *e)
{
	bool any = false;
	unsigned i;

	for (i = 0; i < n; i++) {
		do {
			switch (make(s, &moves[i], others, e)) {
			case MOVE_PROMOTED:
			case MOVE_DONE:
				if (is_unseen(s, &moves[i], e) || !e->found(s))
					return false;
				any = true;
				break;
			default:
				break;
			}
		} while (moves[i].kind == MOVE_UNIT && machine_next_choice(&moves[i]));
	}
	if (!any)
		*store_mark(s) |= STATE_EXPANDED;
	return true;
}

bool expand(state_id s, const struct expander *e)
{
	struct move moves[MACHINE_MOVES], own[MACHINE_MOVES];
	const struct trail way = { 0 };
	const struct footprint *others;
	unsigned n, enough = 0;
	bool go_on;

	store_load(s);
	n = machine_moves(moves);
	if (machine_finished())
		*store_mark(s) |= STATE_FINISHED;
	if (!reduction.off)
		enough = reduction_choose(0, LAB_THE_UNIT, &way, moves, n, own, &others);
	reduction.reduced += enough > 0;
	go_on = enough ? make_moves(s, own, enough, others, e) : make_moves(s, moves, n, NULL, e);
	if (reduction.promoted)
		note_promotion(e);
	return go_on && !reduction.failed && !reduction.wrong;
}
