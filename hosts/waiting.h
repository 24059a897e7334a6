/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * waiting.h - how threads of this process wait for each other.
 *
 * No thread calls sched_yield(): schedulers take it for a wish to run later, and after some
 * thousand of them a thread that has work to do waits for the time slices of all other threads.
 */
#ifndef WAITING_H
#define WAITING_H

#include <stdint.h>

/* Turns of a wait loop that are worth spinning: some microseconds. 0 on a single processor. */
unsigned waiting_pauses(void);

void waiting_pause(void);

uint64_t waiting_now(void); /* monotonic, nanoseconds */

/* Sleep while *word is @value, for @ns at most (0: for ever), or for no reason. */
void waiting_sleep(const uint32_t *word, uint32_t value, uint64_t ns);
void waiting_wake(const uint32_t *word);

/*
 * A turn of this thread's wait loop: spins in the first @pauses of them and sleeps in the others,
 * longer and longer. The loop's beginning is where one of the other two was called, the one that
 * starts with the spinning or the one that starts with the sleeping.
 */
void waiting_turn(unsigned pauses);
void waiting_restart(void);
void waiting_resume(unsigned pauses);

#endif
