/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "graph.h"

#include <stdlib.h>
#include <string.h>

#include "table.h"

/* Double the array's room, or make it n if that is more; false: no memory. */
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
 * Most graphs are small, but the table may have grown for a large one. So entries are removed one
 * by one, in reverse order of insertion.
 */
void graph_clear(struct graph *g)
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

bool graph_node(struct graph *g, uint64_t root, uint64_t key, const struct trail *way,
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
	/* The first node has no moves, and there may be no memory for them yet. */
	if (way->n)
		memcpy(g->move + g->nmoves, way->move, way->n * sizeof(*g->move));
	g->nmoves += way->n;
	*at = g->n;
	return true;
}

bool graph_edge(struct graph *g, uint32_t from, uint32_t to)
{
	if (from == to)
		return true;
	if (!make_room(&g->edge, &g->edge_room, g->nedges + 1, sizeof(*g->edge)))
		return false;
	g->edge[g->nedges++] = (struct edge){ from, to };
	return true;
}

unsigned graph_way(const struct graph *g, uint32_t to, struct move *moves, unsigned room)
{
	uint32_t node, i;
	unsigned n = 0, k;

	for (node = to; node; node = g->node[node].parent)
		n += g->node[node].nmoves;
	if (n > room)
		return 0;
	k = n;
	for (node = to; node; node = g->node[node].parent) {
		k -= g->node[node].nmoves;
		for (i = 0; i < g->node[node].nmoves; i++)
			moves[k + i] = g->move[g->node[node].move + i];
	}
	return n;
}

/* ---- back along the edges ---- */

/* Compute the predecessors of each node: before[first[node] .. first[node + 1]]. */
bool graph_turn_round(struct graph *g)
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
	/*
	 * first[] now says where to write a node's next predecessor; in the end this is where the
	 * next node's begin.
	 */
	for (e = 0; e < g->nedges; e++)
		g->before[g->first[g->edge[e].to]++] = g->edge[e].from;
	memmove(g->first + 1, g->first, g->n * sizeof(*g->first));
	g->first[0] = 0;
	return true;
}

void graph_spread_good(struct graph *g, uint32_t from)
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

void graph_spread_all_good(struct graph *g)
{
	uint32_t i;

	for (i = 0; i < g->n; i++) {
		if (g->node[i].good)
			graph_spread_good(g, i);
	}
}

/* A node is worked on again whenever its set of what may follow has grown. */
void graph_spread_touched(struct graph *g)
{
	uint32_t n = g->n, node, i, to;
	bool grown;

	for (i = 0; i < g->n; i++) {
		g->work[i] = i;
		g->node[i].waits = true;
	}
	while (n) {
		node = g->work[--n];
		g->node[node].waits = false;
		for (i = g->first[node]; i < g->first[node + 1]; i++) {
			to = g->before[i];
			grown = footprint_add(&g->node[to].touched, &g->node[node].touched);
			grown |= needs_merge(&g->node[to].needs, &g->node[node].needs);
			if (!grown || g->node[to].waits)
				continue;
			g->node[to].waits = true;
			g->work[n++] = to;
		}
	}
}
