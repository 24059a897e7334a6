/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "reduction.h"

static const struct footprint nothing;

static bool can_move(const struct future *f, uint32_t agents)
{
	for (; agents; agents &= agents - 1) {
		if (agent_has_moves((unsigned)__builtin_ctz(agents), f->moves, f->n))
			return true;
	}
	return false;
}

static const struct footprint *future_of(struct future *f, uint32_t agents)
{
	const struct footprint *touched;
	unsigned i;

	for (i = 0; i < f->nknown; i++) {
		if (f->known[i].agents == agents)
			return f->known[i].touched;
	}
	touched = can_move(f, agents) ? scout(agent_all() & ~agents, f->way) : &nothing;
	if (touched && f->nknown < KNOWN)
		f->known[f->nknown++] = (struct known){ agents, touched };
	return touched;
}

const struct footprint *future_alone(struct future *f, unsigned who)
{
	return future_of(f, 1U << who);
}

static void add_waits(uint32_t agents, struct footprint *f)
{
	for (; agents; agents &= agents - 1)
		agent_waits_for((unsigned)__builtin_ctz(agents), f);
}

unsigned future_after(struct known *known, unsigned n, unsigned who, const struct footprint *step)
{
	struct footprint all;
	unsigned i, k = 0;

	for (i = 0; i < n; i++) {
		if (known[i].agents & 1U << who)
			continue;
		all = *known[i].touched;
		add_waits(known[i].agents, &all);
		if (!footprint_concern(&all, step) || reduction.planted == PLANT_STALE)
			known[k++] = known[i];
	}
	return k;
}

/* Agents that have to be scouted together. */
struct group {
	uint32_t agents;
	const struct footprint *touched;
	struct footprint all; /* and what may let them move */
};

static bool look_at(struct future *f, struct group *g)
{
	g->touched = future_of(f, g->agents);
	if (!g->touched)
		return false;
	g->all = *g->touched;
	add_waits(g->agents, &g->all);
	return true;
}

/* Find two groups that concern each other, i below k. */
static bool find_pair(const struct group *groups, unsigned n, unsigned *i, unsigned *k)
{
	for (*i = 0; *i < n; ++*i) {
		for (*k = *i + 1; *k < n; ++*k) {
			if (footprint_concern(&groups[*i].all, &groups[*k].all))
				return true;
		}
	}
	return false;
}

static unsigned begin(uint32_t agents, struct group *groups)
{
	unsigned n = 0;

	/* lab_watch() can observe the order of independent steps. */
	if (machine.look) {
		groups[0].agents = agents;
		return agents != 0;
	}
	for (; agents; agents &= agents - 1)
		groups[n++].agents = agents & -agents;
	return n;
}

static uint32_t stuck_in(const struct group *g)
{
	uint32_t stuck = 0, left;
	unsigned who;

	if (footprint_reads(g->touched, FOOTPRINT_END))
		return 0;
	for (left = g->agents & ~AGENT_HARDWARE; left; left &= left - 1) {
		who = (unsigned)__builtin_ctz(left);
		stuck |= (uint32_t)agent_has_to_move(who) << who;
	}
	return stuck;
}

bool future_together(struct future *f, uint32_t agents, struct footprint *touched, uint32_t *stuck)
{
	struct group groups[AGENTS];
	unsigned n = begin(agents, groups), i, k;

	for (i = 0; i < n; i++) {
		if (!look_at(f, &groups[i]))
			return false;
	}
	while (reduction.planted != PLANT_ALONE && find_pair(groups, n, &i, &k)) {
		groups[i].agents |= groups[k].agents;
		groups[k] = groups[--n];
		if (!look_at(f, &groups[i]))
			return false;
	}
	memset(touched, 0, sizeof(*touched));
	*stuck = 0;
	for (i = 0; i < n; i++) {
		footprint_add(touched, groups[i].touched);
		*stuck |= stuck_in(&groups[i]);
	}
	return true;
}
