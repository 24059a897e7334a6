/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* graph.h - the states that a scout has reached, and the edges between them. */
#ifndef LAB_GRAPH_H
#define LAB_GRAPH_H

#include "footprint.h"
#include "reduction.h"
#include "needs.h"

struct node {
	struct footprint touched; /* by its moves; in the end by everything that may follow */
	struct needs needs;	  /* of a CPU that moves alone: all that this depends on */
	uint64_t root, key;	  /* key: what identifies the state here, see content_key() */
	uint32_t parent;
	uint32_t move, nmoves; /* the moves to it from its parent, in graph.move */
	uint32_t depth;	       /* moves from the first node */
	bool expanded;
	bool waits; /* it is in `work` */
	bool good;  /* a path leads to a node with all moves made, or to a known state */
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
	uint32_t *first, *before, *work; /* computed by graph_turn_round() */
	uint32_t first_room, before_room, work_room;
};

/* Make it empty; its memory is kept. */
void graph_clear(struct graph *g);

/*
 * Find or add the node with this key. A new one gets this root, and the moves of `way` from the
 * node at which they begin. False: no room.
 */
bool graph_node(struct graph *g, uint64_t root, uint64_t key, const struct trail *way,
		uint32_t *node);
bool graph_edge(struct graph *g, uint32_t from, uint32_t to); /* false: no room */

/* The moves from the first node to this one. Returns their number; 0: more than `room`. */
unsigned graph_way(const struct graph *g, uint32_t to, struct move *moves, unsigned room);

/* ---- backward along the edges that existed at the last graph_turn_round() ---- */

bool graph_turn_round(struct graph *g); /* false: no room */

/*
 * graph_spread_good(): this node and all its predecessors are good. graph_spread_all_good(): the
 * same for all nodes that are good.
 */
void graph_spread_good(struct graph *g, uint32_t from);
void graph_spread_all_good(struct graph *g);

/* Add what a node's moves may touch to what may be touched after its predecessors. */
void graph_spread_touched(struct graph *g);

#endif
