/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * agent.h - an agent is what can move: a CPU with its handlers and its store buffer, or the
 * hardware, which is all units and the clock. A CPU has the number of its actor, the hardware
 * LAB_THE_UNIT; a set of agents has one bit for each.
 */
#ifndef LAB_AGENT_H
#define LAB_AGENT_H

#include "machine.h"

#define AGENTS (LAB_THE_UNIT + 1)
#define AGENT_HARDWARE (1U << LAB_THE_UNIT)

/* What an agent can do next, as far as it is known without a scout. */
struct agent {
	struct footprint next;	/* of all its moves; only if: */
	bool can;		/* others give it no other moves than these */
	struct footprint flush; /* of a CPU's oldest store; only if: */
	bool can_flush;		/* only others can tell when that leaves the buffer */
	unsigned outcomes;	/* of its moves */
};

uint32_t agent_all(void);

static inline unsigned agent_of(const struct move *m)
{
	return m->actor == LAB_THE_UNIT ? LAB_THE_UNIT : machine.info[m->actor].cpu;
}

bool agent_has_moves(unsigned who, const struct move *moves, unsigned n);

/* Store those moves that are theirs in `own`. @flush: only those of stores that leave a buffer. */
unsigned agent_moves(uint32_t agents, const struct move *moves, unsigned n, struct move *own,
		     bool flush);

/* Find out what an agent can do in the present state. The hardware's moves are made for that. */
void agent_next(unsigned who, const struct move *moves, unsigned n, struct agent *a);

/* True if the CPU's actor has not returned yet, and is not about to join the others. */
bool agent_has_to_move(unsigned cpu);

/* Add what, touched by others, could give an agent moves that it does not have now. */
void agent_waits_for(unsigned who, struct footprint *f);

#endif
