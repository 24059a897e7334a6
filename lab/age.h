/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * age.h - for tests: memory that is not zero, and a queue that has been in use for long.
 *
 * The one place outside of core/ that knows how the core counts. Tests say how often the ring has
 * been round, and mean: as if so many submissions had come and gone, and each slot's words were
 * what the last one that used the slot so had left there, which may be long ago.
 */
#ifndef LAB_AGE_H
#define LAB_AGE_H

#include <qinval/qi.h>

/* splitmix64 */
static inline uint64_t age_random(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/*
 * Laps at which counters of any usual width start anew or change their sign, and two more; what
 * @n-th of them: modulo AGES. The last one is random.
 */
#define AGES 18

static inline uint64_t age_nth(unsigned n, uint64_t seed)
{
	n %= AGES;
	if (n < 2)
		return n;
	if (n == AGES - 1)
		return age_random(&seed) >> 16;
	n -= 2;
	return (1ULL << (30 + n / 5)) - 2 + n % 5;
}

/* What an allocator may hand out. For ring, status words, slots and queue, before qi_init(). */
static inline void age_fill(void *memory, size_t bytes, uint64_t seed)
{
	unsigned char *p = memory;
	size_t i;

	for (i = 0; i < bytes; i++)
		p[i] = (unsigned char)age_random(&seed);
}

/* A lap before `lap`: the last one, any, one about half the numbers' range ago, or the first. */
static inline uint64_t age_lap(uint64_t lap, uint64_t *seed)
{
	uint64_t r = age_random(seed), half = 1ULL << (30 + r / 8 % 2), at;

	switch (r % 8) {
	case 0:
		return 1;
	case 1:
	case 2:
		return 1 + age_random(seed) % (lap - 1);
	case 3:
	case 4:
		at = lap - half - 2 + r / 16 % 5;
		return lap > half + 3 ? at : 1;
	default:
		return lap - 1;
	}
}

/* What the slot's last user left, in a lap before `lap`. */
static inline void age_slot(struct qi *q, uint32_t slot, uint64_t lap, uint64_t *seed)
{
	uint32_t *status = (uint32_t *)q->cfg.status.virt + ((size_t)slot << q->spread);
	struct qi_slot *s = &q->cfg.slot[slot];
	uint64_t wait = age_lap(lap, seed) << q->order | slot;
	uint64_t first = age_lap(lap, seed) << q->order | slot;

	if (lap < 2)
		return;
	*status = age_random(seed) % 8 ? (uint32_t)(wait >> q->order) | 1U << 31 : 0;
	s->state = wait >> q->order << 2 | QI_FREE;
	s->wait = age_random(seed) % 8 ? first + age_random(seed) % q->mask : 0;
	s->ticket = (struct qi_ticket *)(uintptr_t)age_random(seed);
	s->flags = (uint8_t)age_random(seed);
}

/* A submission that has not been taken back yet: as it is, but so much later. */
static inline void age_live_slot(struct qi *q, uint64_t pos, uint64_t laps)
{
	uint32_t *status = (uint32_t *)q->cfg.status.virt + ((pos & q->mask) << q->spread);
	struct qi_slot *s = &q->cfg.slot[pos & q->mask];

	if (*status == ((uint32_t)(pos >> q->order) | 1U << 31))
		*status = (uint32_t)((pos >> q->order) + laps) | 1U << 31;
	if (s->state >> 2 == pos >> q->order)
		s->state += laps << 2;
	if (s->wait >= pos)
		s->wait += laps << q->order;
}

/*
 * As if the ring had been round @laps times more. Behind qi_init(), or when all that was submitted
 * is over, collected or not.
 */
static inline void age_queue(struct qi *q, uint64_t laps, uint64_t seed)
{
	uint64_t by = laps << q->order, pos;

	if (!laps)
		return;
	for (pos = q->tail - q->mask - 1; pos != q->tail; pos++) {
		if (pos < q->head)
			age_slot(q, (uint32_t)(pos & q->mask), (pos + by + q->mask + 1) >> q->order,
				 &seed);
		else
			age_live_slot(q, pos, laps);
	}
	q->tail += by;
	q->head += by;
	q->rung += by;
	q->fetched += by;
	q->completed += by;
	q->watch = q->older = q->newer = q->ripe = 0;
}

#endif
