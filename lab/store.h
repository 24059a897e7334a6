/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * store.h - all states that have been seen, each once.
 *
 * A state is many bytes, of which a move changes few. It is kept as the root of a tree over its
 * parts (content.h), of which only what is new is kept. Equality is of the bytes themselves, not of
 * hashes.
 *
 * The tables are shared by the processes of an exploration, and grow only between its rounds, when
 * nobody uses them.
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
#define STATE_SAFE 8	 /* some schedule ends, or may: work of doom.c */

bool store_open(void); /* before anything is forked; false: no memory */
bool store_reset(void);

/* In each process before a round: another one may have called store_reset(). */
void store_catch_up(void);

/* Make room for so many more states; false: there is none. Between rounds only. */
bool store_grow(uint64_t states);

/* Is there hardly room for so many? Then it is time for store_grow(). */
bool store_crowded(uint64_t states);

/* Number of the state that the machine is in, a new one perhaps. STATE_NONE: no room. */
state_id store_state(void);

/*
 * Number of the state with this root, see content.h; and back. It is found sooner if it was fetched
 * from memory some time before, first its line, then the other.
 */
state_id store_number(uint64_t root);
void store_fetch_line(uint64_t root);
void store_fetch(uint64_t root);
uint64_t store_root(state_id s);

/*
 * As store_state(), but the state only goes into a queue of each process, and its place in the
 * table is fetched from memory meanwhile. store_next() takes the oldest, of which it says whose
 * successor it is. False: no room.
 */
#define STORE_QUEUE 16 /* that it holds */
bool store_queue(state_id from);
unsigned store_queued(void);
state_id store_next(state_id *from);

/*
 * In each process after a round: its edges can be read now, and it gives back the numbers that it
 * has not used, if it can. False: no room.
 */
bool store_end_round(void);

/* The states that are found from now on are one move farther from the first. False: no memory. */
bool store_begin_level(void);

/* Put the machine into this state; is it in this state? */
void store_load(state_id s);
bool store_is_loaded(state_id s);

/* A state of the level before that leads there. */
state_id store_parent(state_id s);
uint8_t *store_mark(state_id s);
uint64_t store_states(void);
state_id store_count(void); /* highest number in use */

/*
 * Not every number is a state: two processes may have found the same one, or not used all of
 * theirs.
 */
bool store_exists(state_id s);

/*
 * Successors of a state, once it has been expanded; see edges.h. To walk over them: *at = 0, then
 * as long as it returns true.
 */
bool store_set_edges(state_id s, state_id *to, unsigned n); /* EDGES_MOST at most */
bool store_next_edge(state_id s, uint32_t *at, state_id *to);

/* Has one of its successors this mark? */
bool store_leads_to(state_id s, uint8_t mark);

uint64_t store_bytes(void); /* memory in use */
uint64_t store_bytes_on_disk(void);

#endif
