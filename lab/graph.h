/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* graph.h - the states that a scout has come to, and what leads to what. */
#ifndef LAB_GRAPH_H
#define LAB_GRAPH_H

#include "footprint.h"
#include "reduction.h"

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
	uint32_t *first, *before, *work; /* see graph_turn_round() */
	uint32_t first_room, before_room, work_room;
};

/* An empty one again, with all its room. */
void graph_clear(struct graph *g);

/*
 * The node with this key, new perhaps: then with this root, and the moves of `way` from the node
 * where they begin. False: no room.
 */
bool graph_node(struct graph *g, uint64_t root, uint64_t key, const struct trail *way,
		uint32_t *node);
bool graph_edge(struct graph *g, uint32_t from, uint32_t to); /* false: no room */

/* The moves from the first node to this one; returns their number, 0: there is no room for them. */
unsigned graph_way(const struct graph *g, uint32_t to, struct move *moves, unsigned room);

/* ---- back along the edges, as they were when graph_turn_round() was called ---- */

bool graph_turn_round(struct graph *g); /* false: no room */

/* This node is good, and so are all that lead to it; so with all that are good. */
void graph_spread_good(struct graph *g, uint32_t from);
void graph_spread_all_good(struct graph *g);

/* What a node's moves touch may be touched from all that lead to it. */
void graph_spread_touched(struct graph *g);

#endif
