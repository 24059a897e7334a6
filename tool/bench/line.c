/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "line.h"

#include "clock.h"
#include "unit.h"

#include <pthread.h>

/* The fastest of so many tries counts, as other programs may disturb some. */
#define TRIES 20
#define TRANSFERS 200 /* per try */

struct pair {
	_Alignas(64) uint32_t word; /* even: this thread's turn, odd: the other's */
	uint32_t pinned;	    /* both wait for this before they begin */
	unsigned cpu[2];
	double ticks;
};

static void await(uint32_t *word, uint32_t value)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value)
		;
}

/* Bind both threads. False: one of them could not be bound. */
static bool pin_both(struct pair *p, unsigned who)
{
	uint32_t all;

	__atomic_fetch_add(&p->pinned, bench_pin(p->cpu[who]) ? 1 : 0x100, __ATOMIC_RELEASE);
	do {
		all = __atomic_load_n(&p->pinned, __ATOMIC_ACQUIRE);
	} while ((all & 0xff) + (all >> 8) < 2);
	return all == 2;
}

static void *answer(void *arg)
{
	struct pair *p = arg;

	if (!pin_both(p, 1))
		return NULL;
	for (uint32_t i = 1; i < 2 * TRIES * TRANSFERS; i += 2) {
		await(&p->word, i);
		__atomic_store_n(&p->word, i + 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void *ask(void *arg)
{
	struct pair *p = arg;
	uint64_t best = UINT64_MAX, ticks;
	uint32_t i = 0;

	if (!pin_both(p, 0))
		return NULL;
	for (unsigned try = 0; try < TRIES; try++) {
		ticks = ticks_after();
		for (unsigned n = 0; n < TRANSFERS; n++) {
			__atomic_store_n(&p->word, ++i, __ATOMIC_RELEASE);
			await(&p->word, ++i);
		}
		ticks = ticks_after() - ticks;
		best = ticks < best ? ticks : best;
	}
	p->ticks = best / 2.0 / TRANSFERS;
	return NULL;
}

bool bench_line(unsigned cpu, unsigned other, double *ticks)
{
	struct pair p = { .cpu = { cpu, other } };
	pthread_t asking, answering;

	if (pthread_create(&answering, NULL, answer, &p))
		return false;
	/* Two new threads, as the caller's thread must not be bound. */
	if (pthread_create(&asking, NULL, ask, &p)) {
		__atomic_fetch_add(&p.pinned, 0x100, __ATOMIC_RELEASE);
		pthread_join(answering, NULL);
		return false;
	}
	pthread_join(asking, NULL);
	pthread_join(answering, NULL);
	*ticks = p.ticks;
	return p.pinned == 2;
}
