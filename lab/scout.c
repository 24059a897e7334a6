/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * scout.c - what others may touch while some CPUs stand still.
 *
 * The answer does not depend on where these CPUs stand, but on memory, the unit, the other CPUs,
 * and the words of the frozen stacks that others use. So scouts visit far fewer states than the
 * exploration. From each they go on until there is nothing new, or until the answer is known
 * already. The results are kept for good: see memo.h.
 *
 * Scouts use the same reduction, with more CPUs standing still. A move that is postponed for ever
 * would be overlooked. So from every node a path has to lead to a node all of whose moves have been
 * made, or to a known result.
 */
#include <string.h>
#include <sys/param.h>

#include "alone.h"
#include "content.h"
#include "graph.h"
#include "memo.h"
#include "reduction.h"
#include "store.h"
#include "visible.h"

#define ROOM 1024 /* states for which the store should have room */

/* A scout sends out another one, with more CPUs frozen. */
static struct graph graphs[AGENTS + 1];
static unsigned depth;
static bool again; /* what is known does not count */

static uint32_t moving(uint32_t frozen)
{
	return agent_all() & ~frozen;
}

static bool is_by_words(uint32_t frozen)
{
	return alone_apply(moving(frozen));
}

/* The CPU whose future is kept by the words that it depends on. */
static unsigned cpu_of(uint32_t frozen)
{
	return (unsigned)__builtin_ctz(moving(frozen));
}

/* The known result for the present state, or NULL. */
static const struct footprint *known_here(uint32_t frozen)
{
	const struct footprint *known =
		is_by_words(frozen) ? alone_find(cpu_of(frozen), NULL) : NULL;
	uint64_t key = known ? 0 : visible_key(frozen, false);

	return key ? memo_find(key) : known;
}

unsigned scout_way(const struct trail *at, struct move *moves, unsigned room)
{
	return graph_way(at->graph, at->node, moves, room);
}

/* ---- going on ---- */

/*
 * Add the machine's present state as a successor of the node at which `way` begins. False: no room.
 */
static bool arrived(struct graph *g, uint32_t frozen, const struct trail *way)
{
	bool by_words = is_by_words(frozen);
	struct node *from = &g->node[way->node];
	const struct footprint *known = NULL;
	uint64_t root, key;
	uint32_t to;

	if (!again)
		known = by_words ? alone_find(cpu_of(frozen), &from->needs) : known_here(frozen);

	if (known) {
		footprint_add(&from->touched, known);
		from->good = true;
		return true;
	}
	root = content_root();
	/* Here the agents that stand still stay as they are. */
	key = by_words ? root : visible_key(frozen, true);
	if (!root || !key || !graph_node(g, root, key, way, &to))
		return false;
	reduction.deepest = MAX(reduction.deepest, g->node[to].depth);
	return graph_edge(g, way->node, to);
}

/*
 * A single agent has no moves to be left out. Each state on its way is kept, since later scouts
 * begin there.
 */
static bool is_alone(uint32_t frozen)
{
	uint32_t agents = agent_all() & ~frozen;

	return !(agents & (agents - 1));
}

/* False: a violation, or no room. */
static bool make(struct graph *g, uint32_t frozen, struct trail *way, const struct chosen *chosen,
		 struct move *m)
{
	struct footprint touched;
	enum outcome outcome;

	memset(&touched, 0, sizeof(touched));
	reduction.moves++;
	machine.needs = is_by_words(frozen) ? &g->node[way->node].needs : NULL;
	outcome = reduction_make(frozen, chosen, m, way, &touched);
	machine.needs = NULL;
	if (outcome == MOVE_VIOLATION && !reduction.failed) {
		reduction.failed = true;
		reduction.violated(way);
	}
	footprint_add(&g->node[way->node].touched, &touched);
	return !reduction.failed && (outcome == MOVE_NOTHING || arrived(g, frozen, way));
}

static bool make_all(struct graph *g, uint32_t frozen, struct trail *way, struct chosen *chosen)
{
	uint64_t root = g->node[way->node].root;
	unsigned i;

	for (i = 0; i < chosen->n; i++) {
		do {
			content_load(root);
			if (!make(g, frozen, way, chosen, &chosen->move[i]))
				return false;
		} while (chosen->move[i].kind == MOVE_UNIT &&
			 machine_next_choice(&chosen->move[i]));
	}
	return true;
}

/* For some states. While others work, too, growing has to wait for the end of the round. */
static bool has_room(void)
{
	if (!store_crowded(ROOM) && !memo_crowded(ROOM))
		return true;
	return !reduction.helped && store_grow(8 * ROOM) && memo_grow(8 * ROOM);
}

/* Whether a CPU can move may depend on locks. */
static void add_locks(unsigned cpu, struct needs *w)
{
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		const struct op *op = &machine_actor(i)->op;

		if (machine.info[i].cpu == cpu && op->kind == OP_LOCK)
			needs_add(w, op->addr, sizeof(uint32_t));
	}
}

static bool expand(struct graph *g, uint32_t frozen, struct trail *way, bool fully)
{
	struct node *node = &g->node[way->node];
	struct chosen chosen;

	way->n = 0;
	if (visible_is_old() || !has_room() || (reduction.enough && reduction.enough()))
		return false;
	content_load(node->root);
	if (is_by_words(frozen))
		add_locks(cpu_of(frozen), &node->needs);
	if (fully || reduction.plain_scouts || is_alone(frozen)) {
		chosen.n = agent_moves(agent_all() & ~frozen, chosen.move,
				       machine_moves(chosen.move), chosen.move, false);
		chosen.all = true;
		chosen.keep = !fully;
		chosen.can_sleep = 0;
		chosen.nknown = 0;
	} else {
		reduction_choose(frozen, LAB_THE_UNIT, way, NULL, &chosen);
	}
	if (reduction.failed)
		return false;
	node->expanded = true;
	node->good |= chosen.all;
	return make_all(g, frozen, way, &chosen);
}

/* ---- the end of a search ---- */

/* A node that was not visited may touch anything. */
static void assume_the_worst(struct graph *g)
{
	uint32_t i;

	for (i = 0; i < g->n; i++)
		g->node[i].good |= !g->node[i].expanded;
	graph_spread_all_good(g);
	for (i = 0; i < g->n; i++) {
		/* The same holds for nodes at which a move is postponed for ever. */
		if (!g->node[i].expanded || !g->node[i].good)
			footprint_anything(&g->node[i].touched);
	}
}

/*
 * If no path leads from some nodes to one with all moves made, make all moves at one of them, then
 * at one of those that are left, and so on. False: no room.
 */
static bool remember_all(struct graph *g, uint32_t frozen, struct trail *way)
{
	uint32_t i;

	graph_spread_all_good(g);
	/* Late nodes usually lead back to early ones. */
	for (i = g->n; i--;) {
		if (g->node[i].good)
			continue;
		graph_spread_good(g, i);
		way->node = i;
		if (!expand(g, frozen, way, true))
			return false;
	}
	return true;
}

/*
 * What two or more CPUs may do together is mostly too much to be looked at, and brings little: the
 * moves of more agents can be chosen instead. So what was in vain costs half of what these agents'
 * scouts may look at from then on, and what was not gives them a little more.
 */
#define FIRST 64U
#define LEAST 16U
#define REWARD 1U

static uint32_t budgets[1U << AGENTS]; /* by who stands still; 0: not learnt yet */

static uint32_t budget_of(uint32_t frozen)
{
	uint32_t budget = budgets[frozen];

	if (!budget)
		budget = __builtin_popcount(agent_all() & ~frozen & ~AGENT_HARDWARE) > 1
				 ? FIRST
				 : reduction.budget;
	return MIN(MAX(budget, LEAST), reduction.budget);
}

static void learn_from(uint32_t frozen, uint32_t n, uint32_t budget)
{
	reduction.in_vain += n > budget;
	budgets[frozen] = n > budget ? budget / 2 : budget + REWARD * n;
}

/* Visit all nodes that follow the first one. False: a violation, or no room. */
static bool explore(struct graph *g, uint32_t frozen, struct trail *way)
{
	uint32_t next = 0, budget = budget_of(frozen);

	do {
		for (; next < g->n && next < budget; next++) {
			way->node = next;
			if (!expand(g, frozen, way, false))
				return false;
		}
		if (!graph_turn_round(g) || (g->n <= budget && !remember_all(g, frozen, way)))
			return false;
	} while (next < g->n && g->n <= budget);
	if (!graph_turn_round(g))
		return false;
	learn_from(frozen, g->n, budget);
	if (g->n > budget)
		assume_the_worst(g);
	graph_spread_touched(g);
	return true;
}

static bool keep_by_words(const struct graph *g, uint32_t frozen)
{
	bool ok = reduction.helped || memo_grow(2UL * g->n);
	const struct node *node;
	uint64_t key;
	uint32_t i;

	/* Backward, as neighbours differ little. */
	for (i = g->n; i-- && ok;) {
		node = &g->node[i];
		content_load(node->root);
		if (alone_keep(cpu_of(frozen), &node->needs, &node->touched))
			continue;
		key = visible_key(frozen, true);
		memo_begin();
		ok = key && memo_keep(key, &node->touched);
		memo_end();
	}
	return ok;
}

static bool keep(const struct graph *g, uint32_t frozen)
{
	bool ok = reduction.helped || memo_grow(g->n);
	uint32_t i;

	if (is_by_words(frozen))
		return keep_by_words(g, frozen);
	memo_begin();
	for (i = 0; i < g->n && ok; i++)
		ok = memo_keep(g->node[i].key, &g->node[i].touched);
	memo_end();
	return ok;
}

/* Search from the present state, and keep the results for all nodes. */
static bool find_out(uint32_t frozen, const struct trail *from, uint64_t root)
{
	struct graph *g = &graphs[depth++];
	struct trail way = { .before = from, .graph = g };
	uint64_t key = is_by_words(frozen) ? root : visible_key(frozen, true);
	uint32_t first;
	bool ok;

	graph_clear(g);
	ok = key && graph_node(g, root, key, &way, &first) && explore(g, frozen, &way) &&
	     !visible_is_old() && keep(g, frozen);
	depth--;
	return ok;
}

/*
 * Find out again what one CPU may touch, and compare. In an exploration that is void, as a word has
 * proved to be shared, the two may differ.
 */
static void check(uint32_t frozen, const struct trail *from, const struct footprint *known)
{
	struct graph *g = &graphs[depth++];
	struct trail way = { .before = from, .graph = g };
	uint64_t root = content_root();
	uint32_t first;

	again = true;
	graph_clear(g);
	if (root && graph_node(g, root, root, &way, &first) && explore(g, frozen, &way) &&
	    !footprint_is_anything(&g->node[first].touched))
		reduction.wrong |= memcmp(&g->node[first].touched, known, sizeof(*known)) != 0;
	again = false;
	if (root)
		content_load(root);
	depth--;
}

/* True for one in so many results that were known by their words. */
static bool is_to_be_checked(uint32_t frozen)
{
	static unsigned n;

	return is_by_words(frozen) && ++n % reduction.again == 0;
}

#define TRIES 4 /* repeated if words become public meanwhile */

const struct footprint *scout(uint32_t frozen, const struct trail *way)
{
	const struct footprint *known = NULL;
	uint64_t here = 0;
	unsigned tries;

	for (tries = 0; tries < TRIES && !known && !reduction.failed; tries++) {
		if (!depth)
			visible_update();
		if (visible_too_many())
			return NULL;
		known = known_here(frozen);
		if (known && is_to_be_checked(frozen))
			check(frozen, way, known);
		if (known)
			continue;
		here = content_root();
		if (!here)
			return NULL;
		find_out(frozen, way, here);
		content_load(here);
		known = known_here(frozen);
	}
	return known;
}

void scout_remember(const struct known *known)
{
	uint64_t key;

	/* The words that they depend on have not changed. */
	if (alone_apply(known->agents))
		return;
	if (!depth)
		visible_update();
	if (visible_too_many() || visible_is_old() || store_crowded(ROOM) || memo_crowded(ROOM))
		return;
	key = visible_key(agent_all() & ~known->agents, true);
	if (!key || memo_find(key))
		return;
	memo_begin();
	memo_keep(key, known->touched);
	memo_end();
}
