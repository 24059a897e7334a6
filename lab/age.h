/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * age.h - for tests: memory that is not zero, and a queue that has been in use for a long time.
 *
 * This is the only place outside core/ that knows how the core counts. Tests say how many laps the
 * ring has been through. The queue then looks as after as many submissions: each slot's words hold
 * what the last submission that used the slot left there, in the lap before or long ago.
 */
#ifndef LAB_AGE_H
#define LAB_AGE_H

#include <qinval/qi.h>

/* As in core/queue.h, which users of the public headers do not have. */
#define AGE_POSITION_SHIFT 9
#define AGE_PUBLISHED 1ULL
#define AGE_DOORBELL 2ULL

/* splitmix64 */
static inline uint64_t age_random(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/*
 * Laps at which counters of the usual widths wrap or change their sign, and the laps around these.
 * @n: modulo AGES. The last one is random.
 */
#define AGES 18

static inline uint64_t age_nth(unsigned n, uint64_t seed)
{
	n %= AGES;
	if (n < 2)
		return n;
	if (n == AGES - 1)
		return age_random(&seed) >> 25; /* a position has 55 bits */
	n -= 2;
	return (1ULL << (30 + n / 5)) - 2 + n % 5;
}

/*
 * Fill memory with arbitrary bytes, as an allocator may return it: ring, status words, slots and
 * queue, before qi_init().
 */
static inline void age_fill(void *memory, size_t bytes, uint64_t seed)
{
	unsigned char *p = memory;
	size_t i;

	for (i = 0; i < bytes; i++)
		p[i] = (unsigned char)age_random(&seed);
}

/*
 * A lap before `lap`: the previous one, a random one, one about half the numbers' range ago, or the
 * first.
 */
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

/*
 * Write what earlier submissions left in a slot: struct qi_slot, and the status word. The two need
 * not be of the same lap, as a late status write may have overwritten the "not yet" of the last
 * submission.
 */
static inline void age_slot(struct qi *q, uint32_t slot, uint64_t lap, uint64_t *seed)
{
	uint32_t *status = (uint32_t *)(void *)(q->status + ((size_t)slot << q->spread));
	struct qi_slot *s = &q->slot[slot];
	uint64_t first = age_lap(lap, seed) << q->order | slot;
	uint64_t wait = first + age_random(seed) % q->mask;

	if (lap < 2)
		return;
	*status = (uint32_t)age_lap(lap, seed) * 2 - age_random(seed) % 4 / 3;
	s->published = age_random(seed) % 8
			       ? wait << AGE_POSITION_SHIFT | AGE_PUBLISHED |
					 (age_random(seed) & ((1U << AGE_POSITION_SHIFT) - 1) &
					  ~AGE_DOORBELL)
			       : 0;
	s->sample = 0;
}

/* Move a slot that is in use, by a submission or as the doorbell's, to a later lap. */
static inline void age_live_slot(struct qi *q, uint64_t pos, uint64_t laps)
{
	uint32_t *status = (uint32_t *)(void *)(q->status + ((pos & q->mask) << q->spread));
	uint64_t *published = &q->slot[pos & q->mask].published;

	if (*status == (uint32_t)(pos >> q->order) * 2)
		*status += (uint32_t)laps * 2;
	if (*published >> AGE_POSITION_SHIFT >= pos)
		*published += laps << q->order << AGE_POSITION_SHIFT;
}

/*
 * Make the queue look as if the ring had been through @laps more laps. Call it after qi_init(), or
 * when all submissions are over, whether their tickets were collected or not.
 */
static inline void age_queue(struct qi *q, uint64_t laps, uint64_t seed)
{
	uint64_t by = laps << q->order, tail, pos;

	if (!laps)
		return;
	tail = q->closed ? q->closed - 1 : q->base + (uint32_t)((q->space >> 32) - q->base);
	for (pos = tail - q->mask; pos != tail; pos++) {
		if (pos < q->head)
			age_slot(q, (uint32_t)(pos & q->mask), (pos + by + q->mask + 1) >> q->order,
				 &seed);
		else
			age_live_slot(q, pos, laps);
	}
	/* If the queue is on, the doorbell is in this slot. */
	if (q->slot[tail & q->mask].published >> AGE_POSITION_SHIFT == tail)
		age_live_slot(q, tail, laps);
	else
		age_slot(q, (uint32_t)(tail & q->mask), (tail + by) >> q->order, &seed);
	if (q->closed)
		q->closed += by;
	else
		q->space += by << 32;
	q->base += by;
	q->head += by;
	q->rung += by;
	q->mark += by;
	q->fetched += by;
	q->careful += by;
	q->aborted += by;
	q->older = q->newer = q->room_at = 0;
}

#endif
