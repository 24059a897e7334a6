/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * scout.c - what others may do while some CPUs stand still.
 *
 * That does not depend on where these stand, but on memory, the unit, the others, and the words of
 * their stacks that others use. So the states that scouts look at are far fewer than those of the
 * exploration. From each they go on until nothing new can be found, or to what is known already,
 * and what is found out then is kept for good: see memo.h.
 *
 * Scouts leave out moves as the exploration does, with more CPUs standing still. A move that is put
 * off for ever would be overlooked; so from every node a way has to lead to one all of whose moves
 * have been made, or to what is known.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "content.h"
#include "memo.h"
#include "part.h"
#include "reduction.h"
#include "store.h"
#include "table.h"

struct node {
	struct footprint touched; /* by its moves; at the end by all that may follow */
	uint64_t root, key;	  /* of the state, and as what it counts: see content_key() */
	uint32_t parent;
	uint32_t move, nmoves; /* from there, in graph.move */
	uint32_t depth;	       /* moves from the first node */
	bool expanded;
	bool waits; /* for its turn in `work` */
	bool good;  /* a way leads to where all moves have been made, or to what is known */
};

struct edge {
	uint32_t from, to;
};

struct graph {
	struct node *node;
	uint32_t n, room;
	uint32_t *table, size; /* numbers + 1, by hash of the key */
	struct edge *edge;
	uint32_t nedges, edge_room;
	struct move *move;
	uint32_t nmoves, move_room;
	uint32_t *first, *before, *work; /* see turn_round() */
	uint32_t first_room, before_room, work_room;
};

#define ROOM 1024 /* states that the store should have room for */

/* A scout sends out another one, with more CPUs frozen. */
static struct graph graphs[LAB_ACTORS + 1];
static unsigned depth;

/* ---- words of stacks that others use ---- */

#define PUBLIC 512

static struct {
	uint32_t publications; /* that it is as old as */
	bool known, too_many;
	uintptr_t addr[LAB_ACTORS][PUBLIC];
	unsigned n[LAB_ACTORS];
} public;

static void find_public_words(uint32_t publications)
{
	uintptr_t at, end;
	unsigned i;

	public.too_many = false;
	for (i = 0; i < machine.nactors; i++) {
		public.n[i] = 0;
		end = (uintptr_t)machine_actor(i);
		for (at = LAB_STACKS + i * LAB_STACK_SIZE + LAB_PAGE; at < end; at += 8) {
			if (!memory_is_public(at))
				continue;
			if (public.n[i] < PUBLIC)
			public.addr[i][public.n[i]++] = at;
			else public.too_many = true;
		}
	}
	public.publications = publications;
	public.known = true;
}

static bool is_old(void)
{
	return public.publications != __atomic_load_n(lab_memory.publications, __ATOMIC_SEQ_CST);
}

/*
 * What others can see of an actor that stands still: those words, or that their frame is gone, and
 * whether it is one that lab_join() waits for.
 */
static unsigned visible(unsigned i, uint64_t *to)
{
	const struct actor *a = machine_actor(i);
	unsigned k, n = 0;

	to[n++] = (a->state == ACTOR_DONE || a->op.kind == OP_JOIN) &&
		  !machine_control()->buffer[i].n;
	for (k = 0; k < public.n[i]; k++) {
		bool gone = public.addr[i][k] < a->sp;

		to[n++] = gone;
		to[n++] = gone ? 0 : machine_load(public.addr[i][k], 8);
	}
	return n;
}

/* Part number of all that; 0: no room. */
static uint32_t all_visible(uint32_t frozen)
{
	static uint64_t words[LAB_ACTORS * (2 * PUBLIC + 1)];
	unsigned i, n = 0;

	for (i = 0; i < machine.nactors; i++) {
		if (frozen & 1U << machine.info[i].cpu)
			n += visible(i, words + n);
	}
	return part_number(words, n * (uint32_t)sizeof(*words));
}

/* Of the state that the machine is in. 0: no room, or it is not there and not to be added. */
static uint64_t key_here(uint32_t frozen, bool add)
{
	uint32_t seen = all_visible(frozen);

	return seen ? content_key(frozen, public.publications, seen, add) : 0;
}

/* What is known of the state that the machine is in. */
static const struct footprint *known_here(uint32_t frozen)
{
	uint64_t key = key_here(frozen, false);

	return key ? memo_find(key) : NULL;
}

/* ---- a graph ---- */

/* Twice as much as before, or enough for n; false: no memory. */
static bool make_room(void *array, uint32_t *room, uint32_t n, size_t size)
{
	uint32_t more = *room ? *room : 256;
	void *p;

	if (n <= *room)
		return true;
	while (more < n)
		more *= 2;
	p = realloc(*(void **)array, more * size);
	if (!p)
		return false;
	*(void **)array = p;
	*room = more;
	return true;
}

static uint32_t *place(const struct graph *g, uint64_t key)
{
	uint32_t at = (uint32_t)(hash_of(&key, sizeof(key)) >> 32) & (g->size - 1);

	while (g->table[at] && g->node[g->table[at] - 1].key != key)
		at = (at + 1) & (g->size - 1);
	return &g->table[at];
}

/*
 * Most graphs are small, and the table may be that of a large one: it is emptied last in, first
 * out.
 */
static void clear(struct graph *g)
{
	for (; g->n; g->n--) {
		if (g->table)
			*place(g, g->node[g->n - 1].key) = 0;
	}
	g->nedges = g->nmoves = 0;
}

static bool grow_table(struct graph *g)
{
	uint32_t size = g->size ? g->size * 2 : 1024, i;

	free(g->table);
	g->table = calloc(size, sizeof(*g->table));
	g->size = g->table ? size : 0;
	for (i = 0; g->table && i < g->n; i++)
		*place(g, g->node[i].key) = i + 1;
	return g->table;
}

/* The node with this key, new perhaps. False: no room. */
static bool node_of(struct graph *g, uint64_t root, uint64_t key, const struct trail *way,
		    uint32_t *node)
{
	uint32_t *at;
	struct node *new;

	if ((g->n + 1) * 2 > g->size && !grow_table(g))
		return false;
	at = place(g, key);
	*node = *at ? *at - 1 : g->n;
	if (*at)
		return true;
	if (!make_room(&g->node, &g->room, g->n + 1, sizeof(*g->node)) ||
	    !make_room(&g->move, &g->move_room, g->nmoves + way->n, sizeof(*g->move)))
		return false;
	new = &g->node[g->n++];
	*new = (struct node){
		.root = root, .key = key, .parent = way->node, .move = g->nmoves, .nmoves = way->n
	};
	/* The first node is its own parent. */
	new->depth = g->node[way->node].depth + way->n;
	reduction.deepest = MAX(reduction.deepest, new->depth);
	/* The first node has no moves, and there may be no room for any yet. */
	if (way->n)
		memcpy(g->move + g->nmoves, way->move, way->n * sizeof(*g->move));
	g->nmoves += way->n;
	*at = g->n;
	return true;
}

static bool add_edge(struct graph *g, uint32_t from, uint32_t to)
{
	if (from == to)
		return true;
	if (!make_room(&g->edge, &g->edge_room, g->nedges + 1, sizeof(*g->edge)))
		return false;
	g->edge[g->nedges++] = (struct edge){ from, to };
	return true;
}

unsigned scout_way(const struct trail *at, struct move *moves, unsigned room)
{
	const struct graph *g = at->graph;
	uint32_t node, i;
	unsigned n = 0, k;

	for (node = at->node; node; node = g->node[node].parent)
		n += g->node[node].nmoves;
	if (n > room)
		return 0;
	k = n;
	for (node = at->node; node; node = g->node[node].parent) {
		k -= g->node[node].nmoves;
		for (i = 0; i < g->node[node].nmoves; i++)
			moves[k + i] = g->move[g->node[node].move + i];
	}
	return n;
}

/* ---- going on ---- */

/* Where the machine is now belongs to the node that `way` comes from. False: no room. */
static bool arrived(struct graph *g, uint32_t frozen, const struct trail *way)
{
	const struct footprint *known = known_here(frozen);
	uint64_t root, key;
	uint32_t to;

	if (known) {
		footprint_add(&g->node[way->node].touched, known);
		g->node[way->node].good = true;
		return true;
	}
	root = content_root();
	key = key_here(frozen, true);
	return root && key && node_of(g, root, key, way, &to) && add_edge(g, way->node, to);
}

/* False: a violation, or no room. */
static bool make(struct graph *g, uint32_t frozen, struct trail *way, struct move *m,
		 const struct footprint *others)
{
	struct footprint touched;
	enum outcome outcome;

	memset(&touched, 0, sizeof(touched));
	machine.record = &touched;
	outcome = machine_make(m);
	machine.record = NULL;
	reduction.moves++;
	way->move[0] = *m;
	way->n = 1;
	if (outcome == MOVE_PROMOTED)
		reduction.promoted = true;
	if (outcome == MOVE_NOTHING)
		return true;
	reduction_check(&touched, others);
	if (outcome != MOVE_VIOLATION && !reduction.plain_scouts)
		outcome = reduction_go_on(frozen, way, &touched);
	if (outcome == MOVE_VIOLATION && !reduction.failed) {
		reduction.failed = true;
		reduction.violated(way);
	}
	footprint_add(&g->node[way->node].touched, &touched);
	return !reduction.failed && arrived(g, frozen, way);
}

static bool make_all(struct graph *g, uint32_t frozen, struct trail *way, struct move *moves,
		     unsigned n, const struct footprint *others)
{
	uint64_t root = g->node[way->node].root;
	unsigned i;

	for (i = 0; i < n; i++) {
		do {
			content_load(root);
			if (!make(g, frozen, way, &moves[i], others))
				return false;
		} while (moves[i].kind == MOVE_UNIT && machine_next_choice(&moves[i]));
	}
	return true;
}

static unsigned without_frozen(uint32_t frozen, struct move *moves, unsigned n)
{
	unsigned i, k = 0;

	for (i = 0; i < n; i++) {
		if (!(frozen & 1U << reduction_cpu(&moves[i])))
			moves[k++] = moves[i];
	}
	return k;
}

/* For some states. While others work, too, growing has to wait for the end of the round. */
static bool has_room(void)
{
	if (!store_crowded(ROOM) && !memo_crowded(ROOM))
		return true;
	return !reduction.helped && store_grow(8 * ROOM) && memo_grow(8 * ROOM);
}

static bool expand(struct graph *g, uint32_t frozen, struct trail *way, bool fully)
{
	struct move moves[MACHINE_MOVES], own[MACHINE_MOVES];
	struct node *node = &g->node[way->node];
	const struct footprint *others;
	unsigned n, k = 0;

	way->n = 0;
	if (is_old() || !has_room() || (reduction.enough && reduction.enough()))
		return false;
	content_load(node->root);
	n = without_frozen(frozen, moves, machine_moves(moves));
	if (!fully && !reduction.plain_scouts)
		k = reduction_choose(frozen, LAB_THE_UNIT, way, moves, n, own, &others);
	if (reduction.failed)
		return false;
	node->expanded = true;
	node->good |= !k;
	return k ? make_all(g, frozen, way, own, k, others)
		 : make_all(g, frozen, way, moves, n, NULL);
}

/* ---- back along the edges ---- */

/* Of each node those that lead to it: before[first[node] .. first[node + 1]]. */
static bool turn_round(struct graph *g)
{
	uint32_t e, i, sum = 0;

	if (!make_room(&g->first, &g->first_room, g->n + 2, sizeof(*g->first)) ||
	    !make_room(&g->before, &g->before_room, g->nedges + 1, sizeof(*g->before)) ||
	    !make_room(&g->work, &g->work_room, g->n + 1, sizeof(*g->work)))
		return false;
	memset(g->first, 0, (g->n + 2) * sizeof(*g->first));
	for (e = 0; e < g->nedges; e++)
		g->first[g->edge[e].to + 1]++;
	for (i = 0; i <= g->n; i++) {
		sum += g->first[i];
		g->first[i] = sum;
	}
	/* Each is where its next one goes, and in the end where the next node's begin. */
	for (e = 0; e < g->nedges; e++)
		g->before[g->first[g->edge[e].to]++] = g->edge[e].from;
	memmove(g->first + 1, g->first, g->n * sizeof(*g->first));
	g->first[0] = 0;
	return true;
}

static void spread_good(struct graph *g, uint32_t from)
{
	uint32_t n = 0, node, i, to;

	g->node[from].good = true;
	g->work[n++] = from;
	while (n) {
		node = g->work[--n];
		for (i = g->first[node]; i < g->first[node + 1]; i++) {
			to = g->before[i];
			if (g->node[to].good)
				continue;
			g->node[to].good = true;
			g->work[n++] = to;
		}
	}
}

static void spread_all_good(struct graph *g)
{
	uint32_t i;

	for (i = 0; i < g->n; i++) {
		if (g->node[i].good)
			spread_good(g, i);
	}
}

/* A node is worked on again whenever what may follow has become more. */
static void spread_touched(struct graph *g)
{
	uint32_t n = g->n, node, i, to;

	for (i = 0; i < g->n; i++) {
		g->work[i] = i;
		g->node[i].waits = true;
	}
	while (n) {
		node = g->work[--n];
		g->node[node].waits = false;
		for (i = g->first[node]; i < g->first[node + 1]; i++) {
			to = g->before[i];
			if (!footprint_add(&g->node[to].touched, &g->node[node].touched) ||
			    g->node[to].waits)
				continue;
			g->node[to].waits = true;
			g->work[n++] = to;
		}
	}
}

/* What has not been looked at may touch anything. */
static void assume_the_worst(struct graph *g)
{
	uint32_t i;

	for (i = 0; i < g->n; i++)
		g->node[i].good |= !g->node[i].expanded;
	spread_all_good(g);
	for (i = 0; i < g->n; i++) {
		/* And so may what a move is put off for ever from. */
		if (!g->node[i].expanded || !g->node[i].good)
			footprint_anything(&g->node[i].touched);
	}
}

/*
 * From some nodes no way leads to where all moves have been made: then they are made at one of
 * them, and at one of those that are left, and so on. False: no room.
 */
static bool remember_all(struct graph *g, uint32_t frozen, struct trail *way)
{
	uint32_t i;

	spread_all_good(g);
	/* What was found late leads back to what was found early. */
	for (i = g->n; i--;) {
		if (g->node[i].good)
			continue;
		spread_good(g, i);
		way->node = i;
		if (!expand(g, frozen, way, true))
			return false;
	}
	return true;
}

/*
 * Where three or more CPUs go on, most of what others may do is too much to be looked at. So what
 * was in vain costs half of what these CPUs' scouts may look at from then on, and what was not
 * gives them more: both together take about as long.
 */
#define FIRST 2048U
#define LEAST 64U
#define REWARD 4U

static uint32_t budgets[1U << LAB_ACTORS]; /* by who stands still; 0: not learnt yet */

static unsigned cpus_left(uint32_t frozen)
{
	unsigned i, n = 0;

	for (i = 0; i < machine.nactors; i++)
		n += machine.info[i].cpu == i && !(frozen & 1U << i);
	return n;
}

static uint32_t budget_of(uint32_t frozen)
{
	uint32_t budget = budgets[frozen];

	if (!budget)
		budget = cpus_left(frozen) > 1 ? FIRST : reduction.budget;
	return MIN(MAX(budget, LEAST), reduction.budget);
}

static void learn_from(uint32_t frozen, uint32_t n, uint32_t budget)
{
	reduction.in_vain += n > budget;
	budgets[frozen] = n > budget ? budget / 2 : budget + REWARD * n;
}

/* All that follows the first node. False: a violation, or no room. */
static bool explore(struct graph *g, uint32_t frozen, struct trail *way)
{
	uint32_t next = 0, budget = budget_of(frozen);

	do {
		for (; next < g->n && next < budget; next++) {
			way->node = next;
			if (!expand(g, frozen, way, false))
				return false;
		}
		if (!turn_round(g) || (g->n <= budget && !remember_all(g, frozen, way)))
			return false;
	} while (next < g->n && g->n <= budget);
	if (!turn_round(g))
		return false;
	learn_from(frozen, g->n, budget);
	if (g->n > budget)
		assume_the_worst(g);
	spread_touched(g);
	return true;
}

static bool keep(const struct graph *g)
{
	bool ok = reduction.helped || memo_grow(g->n);
	uint32_t i;

	memo_begin();
	for (i = 0; i < g->n && ok; i++)
		ok = memo_keep(g->node[i].key, &g->node[i].touched);
	memo_end();
	return ok;
}

/* What is found out from the first node on is kept for all of them. */
static bool find_out(uint32_t frozen, const struct trail *from, uint64_t root)
{
	struct graph *g = &graphs[depth++];
	struct trail way = { .before = from, .graph = g };
	uint64_t key = key_here(frozen, true);
	uint32_t first;
	bool ok;

	clear(g);
	ok = key && node_of(g, root, key, &way, &first) && explore(g, frozen, &way) && !is_old() &&
	     keep(g);
	depth--;
	return ok;
}

#define TRIES 4 /* as words become public meanwhile */

const struct footprint *scout(uint32_t frozen, const struct trail *way)
{
	const struct footprint *known = NULL;
	uint64_t here = 0;
	unsigned tries;

	for (tries = 0; tries < TRIES && !known && !reduction.failed; tries++) {
		if (!depth && (!public.known || is_old()))
			find_public_words(
				__atomic_load_n(lab_memory.publications, __ATOMIC_SEQ_CST));
		if (public.too_many)
			return NULL;
		known = known_here(frozen);
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
