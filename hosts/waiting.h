/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * waiting.h - how threads of this process wait for each other.
 *
 * They do not call sched_yield(): schedulers take it as a wish to run later, and after some
 * thousand calls a thread with work to do waits for the time slices of all others.
 */
#ifndef WAITING_H
#define WAITING_H

#include <stdint.h>

/* The turns of a wait loop for which spinning pays: some microseconds. 0 on a single processor. */
unsigned waiting_pauses(void);

void waiting_pause(void);

uint64_t waiting_now(void); /* monotonic, nanoseconds */

/* Sleep while *word is @value, for at most @ns (0: for ever). It may return early. */
void waiting_sleep(const uint32_t *word, uint32_t value, uint64_t ns);
void waiting_wake(const uint32_t *word);

/*
 * A turn of this thread's wait loop: the first @pauses turns spin, the others sleep for longer and
 * longer times. waiting_restart() begins a new loop; waiting_resume() begins one that does not spin
 * again if the last one has already done so.
 */
void waiting_turn(unsigned pauses);
void waiting_restart(void);
void waiting_resume(unsigned pauses);

#endif
