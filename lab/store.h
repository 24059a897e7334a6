/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * store.h - all states that have been seen, each once.
 *
 * A state has many bytes, and a move changes few of them. So it is kept as the root of a tree over
 * its parts (content.h), and only new parts need room. States are compared exactly, not by hash.
 *
 * The tables are shared by the processes of an exploration. They grow only between its rounds, when
 * no process uses them.
 */
#ifndef LAB_STORE_H
#define LAB_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t state_id; /* the first is 1 */

#define STATE_NONE 0

/* Marks of a state. */
#define STATE_EXPANDED 1 /* its successors are known */
#define STATE_FINISHED 2 /* all actors have returned */
#define STATE_DOOMED 4	 /* no schedule from here ends */
#define STATE_SAFE 8	 /* some schedule ends, or may end; used by doom.c */

bool store_open(void); /* before fork(); false: no memory */
bool store_reset(void);

/* Call it in each process before a round, as another process may have called store_reset(). */
void store_catch_up(void);

/* Make room for so many more states, between rounds; false: no memory. */
bool store_grow(uint64_t states);

/* True if there may be no room for so many more states: call store_grow(). */
bool store_crowded(uint64_t states);

/* The number of the machine's present state, a new one if necessary. STATE_NONE: no room. */
state_id store_state(void);

/*
 * store_number(): the number of the state with this root (content.h). store_root(): the reverse. A
 * lookup is faster if store_fetch_line() and then store_fetch() are called some time before.
 */
state_id store_number(uint64_t root);
void store_fetch_line(uint64_t root);
void store_fetch(uint64_t root);
uint64_t store_root(state_id s);

/*
 * store_queue(): as store_state(), but the state only enters a queue of this process, and its place
 * in the table is prefetched. store_next() takes the oldest state from the queue and tells whose
 * successor it is. False: no room.
 */
#define STORE_QUEUE 16 /* states in the queue */
bool store_queue(state_id from);
unsigned store_queued(void);
state_id store_next(state_id *from);

/*
 * Call it in each process after a round: its edges can be read then, and it gives back unused
 * numbers if possible. False: no room.
 */
bool store_end_round(void);

/* States that are found from now on are one move farther from the first one. False: no memory. */
bool store_begin_level(void);

/* store_load(): put the machine into this state. store_is_loaded(): true if it is in this state. */
void store_load(state_id s);
bool store_is_loaded(state_id s);

/* A predecessor of this state in the level before. */
state_id store_parent(state_id s);
uint8_t *store_mark(state_id s);
uint64_t store_states(void);
state_id store_count(void); /* the highest number in use */

/*
 * A number need not be a state: two processes may have found the same state, or not used all of
 * their numbers.
 */
bool store_exists(state_id s);

/*
 * Successors of a state that has been expanded; see edges.h. store_next_edge(): start with *at = 0,
 * and repeat as long as it returns true.
 */
bool store_set_edges(state_id s, state_id *to, unsigned n); /* EDGES_MOST at most */
bool store_next_edge(state_id s, uint32_t *at, state_id *to);

/* True if one of its successors has this mark. */
bool store_leads_to(state_id s, uint8_t mark);

uint64_t store_bytes(void); /* memory in use */
uint64_t store_bytes_on_disk(void);

#endif
