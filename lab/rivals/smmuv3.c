/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "smmuv3.h"

#include <string.h>

#define EXCLUSIVE INT32_MIN

static void relax(struct smmuv3_queue *q)
{
	q->ring.host->relax(q->ring.ctx);
}

/* ---- indices ---- */

static unsigned slot_of(const struct smmuv3_queue *q, uint32_t index)
{
	return index & (q->ring.slots - 1);
}

static uint32_t after(const struct smmuv3_queue *q, uint32_t index, unsigned n)
{
	return (index + n) & (2 * q->ring.slots - 1);
}

static unsigned room(const struct smmuv3_queue *q, union smmuv3_index index)
{
	return q->ring.slots - 1 - ((index.prod - index.cons) & (2 * q->ring.slots - 1));
}

/* ---- waiters ---- */

static void enter(struct smmuv3_queue *q)
{
	int32_t n;

	/* The counter is negative while the index is read: then this waiter is not counted. */
	if (__atomic_fetch_add(&q->waiters, 1, __ATOMIC_ACQUIRE) >= 0)
		return;
	do {
		while ((n = __atomic_load_n(&q->waiters, __ATOMIC_RELAXED)) < 0)
			relax(q);
	} while (!__atomic_compare_exchange_n(&q->waiters, &n, n + 1, false, __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
}

static union smmuv3_index look(struct smmuv3_queue *q)
{
	return (union smmuv3_index){ .both = __atomic_load_n(&q->index.both, __ATOMIC_ACQUIRE) };
}

/*
 * Only one thread may do this, while others move the producer index. C has no atomic store to half
 * of a word.
 */
static void set_cons(struct smmuv3_queue *q, uint32_t index)
{
	union smmuv3_index by = { .cons = index - look(q).cons };

	__atomic_fetch_add(&q->index.both, by.both, __ATOMIC_RELEASE);
}

/*
 * The last waiter frees all slots before @index, as all submissions there have been seen complete:
 * later ones become valid only later.
 */
static void leave(struct smmuv3_queue *q, uint32_t index)
{
	if (__atomic_load_n(&q->waiters, __ATOMIC_ACQUIRE) == 1)
		set_cons(q, index);
	__atomic_fetch_sub(&q->waiters, 1, __ATOMIC_RELEASE);
}

/* ---- slots ---- */

static union smmuv3_index make_room(struct smmuv3_queue *q, union smmuv3_index index)
{
	int32_t nobody = 0;
	uint32_t cons;

	if (__atomic_compare_exchange_n(&q->waiters, &nobody, EXCLUSIVE, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED)) {
		cons = look(q).cons;
		set_cons(q,
			 after(q, cons, slot_of(q, rival_slot_in(&q->ring, DMAR_IQH_REG) - cons)));
		__atomic_store_n(&q->waiters, 0, __ATOMIC_RELEASE);
	} else if (look(q).both == index.both) {
		relax(q);
	}
	return look(q);
}

/* Returns the first index. *owner: the caller has to ring the doorbell. */
static uint32_t reserve(struct smmuv3_queue *q, unsigned n, bool *owner)
{
	union smmuv3_index was = look(q), next;

	do {
		while (room(q, was) < n)
			was = make_room(q, was);
		next.prod = after(q, was.prod, n) | SMMUV3_OWNED;
		next.cons = was.cons;
	} while (!__atomic_compare_exchange_n(&q->index.both, &was.both, next.both, false,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	*owner = !(was.prod & SMMUV3_OWNED);
	return was.prod & ~SMMUV3_OWNED;
}

/* ---- bits for written slots ---- */

/*
 * The bits, in one word of q->valid, of the slots from *at on and before @end. *at moves past them.
 */
static uint64_t bits_from(const struct smmuv3_queue *q, uint32_t *at, uint32_t end)
{
	unsigned first = slot_of(q, *at) % 64, word = q->ring.slots < 64 ? q->ring.slots : 64;
	unsigned n = (end - *at) & (2 * q->ring.slots - 1);

	if (n > word - first)
		n = word - first;
	*at = after(q, *at, n);
	return ~0ULL >> (64 - n) << first;
}

static void set_valid(struct smmuv3_queue *q, uint32_t first, uint32_t end)
{
	uint64_t *word;

	while (first != end) {
		word = &q->valid[slot_of(q, first) / 64];
		__atomic_fetch_xor(word, bits_from(q, &first, end), __ATOMIC_RELEASE);
	}
}

static void wait_valid(struct smmuv3_queue *q, uint32_t first, uint32_t end)
{
	uint64_t *word, bits, odd;

	while (first != end) {
		word = &q->valid[slot_of(q, first) / 64];
		odd = first & q->ring.slots ? ~0ULL : 0;
		bits = bits_from(q, &first, end);
		while (((__atomic_load_n(word, __ATOMIC_ACQUIRE) ^ odd) & bits) != bits)
			relax(q);
	}
}

/* ---- submission ---- */

static uint32_t *status_of(const struct smmuv3_queue *q, uint32_t index)
{
	return (uint32_t *)q->ring.status.virt + slot_of(q, index);
}

static void put(struct smmuv3_queue *q, uint32_t at, const struct qi_desc *desc, unsigned count,
		unsigned options)
{
	uint32_t wait = after(q, at, count);
	struct qi_desc wd =
		rival_wait(QI_IWD_SW | options,
			   q->ring.status.phys + slot_of(q, wait) * sizeof(uint32_t), QI_DONE);
	unsigned i;

	for (i = 0; i < count; i++)
		rival_put(&q->ring, slot_of(q, at + i), &desc[i]);
	rival_put(&q->ring, slot_of(q, wait), &wd);
	__atomic_store_n(status_of(q, wait), QI_IN_USE, __ATOMIC_RELAXED);
}

/* Ring for all submissions since @first, which is the owner's own. */
static void ring_for_all(struct smmuv3_queue *q, uint32_t first)
{
	const union smmuv3_index owned = { .prod = SMMUV3_OWNED };
	union smmuv3_index was;
	uint32_t end;

	while (__atomic_load_n(&q->rung, __ATOMIC_ACQUIRE) != first)
		relax(q);
	was.both = __atomic_fetch_and(&q->index.both, ~owned.both, __ATOMIC_RELAXED);
	end = was.prod & ~SMMUV3_OWNED;
	wait_valid(q, first, end);
	rival_doorbell(&q->ring, slot_of(q, end));
	__atomic_store_n(&q->rung, end, __ATOMIC_RELEASE);
}

/*
 * Interrupts are off all the time, as others wait for an owner and for submitters that hold slots.
 */
int smmuv3_submit_sync(struct smmuv3_queue *q, const struct qi_desc *desc, unsigned count,
		       unsigned options)
{
	const struct qi_host *host = q->ring.host;
	unsigned long flags = host->irq_save ? host->irq_save(q->ring.ctx) : 0;
	bool owner;
	uint32_t first = reserve(q, count + 1, &owner), end = after(q, first, count + 1);

	put(q, first, desc, count, options);
	enter(q);
	set_valid(q, first, end);
	if (owner)
		ring_for_all(q, first);
	while (__atomic_load_n(status_of(q, first + count), __ATOMIC_ACQUIRE) != QI_DONE)
		relax(q);
	leave(q, end);
	if (host->irq_restore)
		host->irq_restore(q->ring.ctx, flags);
	return 0;
}

void smmuv3_start(struct smmuv3_queue *q, const struct qi_config *cfg)
{
	memset(q, 0, sizeof(*q));
	rival_ring_start(&q->ring, cfg);
}
