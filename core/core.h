/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * core.h - what the parts of the core share.
 *
 * Positions: slots are counted by 64-bit positions that only grow, over laps of the ring, restarts
 * of the queue included; the slot is the position modulo the ring's length, the lap the rest. A
 * submission is desc, desc, ..., wait at consecutive positions. Position 0 is never used.
 */
#ifndef QI_CORE_H
#define QI_CORE_H

#include <qinval/qi.h>
#include <qinval/regs.h>

#include "atomic.h"

/* qi_ticket.phase */
enum {
	QI_PHASE_FINISHED,
	QI_PHASE_QUEUED,
	QI_PHASE_NEXT, /* queued, and first in the queue */
	QI_PHASE_FLIGHT,
	QI_PHASE_COMPLETED, /* and its slots have been taken back without the owner */
	QI_PHASE_ABORTED,
};

/* So much less is in qi.room while submitters are to stand in line for the lock. */
#define QI_CLOSED (1LL << 40)

/* So many turns of a wait loop bring most completions: until then no clock is read. */
#define QI_CLOCK_TURNS 16

/* In qi.rung: somebody is writing the tail register. */
#define QI_RINGING (1ULL << 63)

/* qi_slot.flags, at the wait slot */
#define QI_SLOT_ATS 1	   /* the submission has a device-TLB invalidation */
#define QI_SLOT_ISOLATED 2 /* and no other one that has was under way with it */
#define QI_SLOT_WAITS 4	   /* its owner polls it, and does nothing else */

/* qi_ticket.verdict: why a submission is ABORT */
enum {
	QI_VERDICT_IQE,	    /* refused: index, iqei */
	QI_VERDICT_DEVICE,  /* dropped, as device sid did not answer: perhaps somebody else's */
	QI_VERDICT_SELF,    /* dropped, and it was its own device that did not answer */
	QI_VERDICT_SUSPECT, /* dropped, and nobody said for which device */
};

#define QI_ALL_ONES32 0xffffffffU
#define QI_ALL_ONES64 0xffffffffffffffffULL

/* K1, pairs with K0 in qi_read_caps(): are the unit's capabilities, and so the rules, known? */
static inline bool qi_known(const struct qi *q)
{
	return qi_load_acquire(&q->known);
}

static inline bool qi_ticketed(const struct qi *q)
{
	return q->cfg.engine == QI_ENGINE_TICKETED;
}

/* ---- positions and slots ---- */

static inline struct qi_slot *qi_slot(const struct qi *q, uint64_t pos)
{
	return &q->cfg.slot[pos & q->mask];
}

static inline uint32_t *qi_status(const struct qi *q, uint64_t pos)
{
	return (uint32_t *)q->cfg.status.virt + ((pos & q->mask) << q->spread);
}

static inline uint64_t qi_tail(const struct qi *q)
{
	return qi_load_acquire(&q->tail);
}

/*
 * What the hardware writes when the wait at `pos` completes: later than what any earlier wait in
 * that slot made it write, so that a late write completes nobody. The order is that of 31-bit laps,
 * so it holds between any two that are less than 2^30 apart: qi_outdate() sees to the others.
 */
static inline uint32_t qi_tag(const struct qi *q, uint64_t pos)
{
	return (uint32_t)(pos >> q->order) | 1U << 31;
}

/*
 * H1, pairs with the unit's status write H0: what the submission invalidated is gone, and what the
 * repairing thread stored before it let the unit go on (R0) is visible. A later lap's tag says that
 * the slot has been taken back, which it only is when this wait had completed, or was given up, or
 * has a verdict, and the latter two count for more.
 */
static inline bool qi_completed(const struct qi *q, uint64_t wait)
{
	uint32_t status = qi_load_acquire(qi_status(q, wait));

	return status >> 31 && !((status - qi_tag(q, wait)) & 1U << 30);
}

/*
 * What has not been a wait's slot for 2^30 laps, or longer, holds a word that reads as a later
 * lap's. Before the wait at `pos` is published it is made the lap's before. This is the one store
 * of software's to a status word, and the unit cannot be about to store there itself: the last wait
 * in this slot was 2^30 laps ago, which is days at a million submissions a second.
 */
static inline void qi_outdate(struct qi *q, uint64_t pos)
{
	if (qi_completed(q, pos))
		qi_store_relaxed(qi_status(q, pos), qi_tag(q, pos - q->mask - 1));
}

/* The tail as the unit knows it. */
static inline uint64_t qi_rung(const struct qi *q)
{
	return qi_ticketed(q) ? qi_load_relaxed(&q->rung) : qi_tail(q);
}

/* Has the unit so little left to do that a doorbell should follow? */
static inline bool qi_bell_pressing(const struct qi *q)
{
	uint64_t watch = qi_load_relaxed(&q->watch);

	return watch < qi_load_relaxed(&q->voided) || qi_completed(q, watch);
}

/* The state word of a submission whose wait is at this position. */
static inline uint64_t qi_mark(const struct qi *q, uint64_t wait, enum qi_state state)
{
	return wait >> q->order << 2 | state;
}

/* FREE, IN_USE or ABORT. A slot that has been taken back is free as far as its old owner goes. */
static inline enum qi_state qi_state(const struct qi *q, uint64_t wait)
{
	/* S1, pairs with S0. */
	uint64_t word = qi_load_acquire(&qi_slot(q, wait)->state);

	return word >> 2 == qi_mark(q, wait, QI_FREE) >> 2 ? (enum qi_state)(word & 3) : QI_FREE;
}

/*
 * The wait of the submission that begins at this position. Below it: it is not written yet, and
 * what stands there is of an earlier lap. W1, pairs with W0 in qi_publish(): otherwise all of it
 * is.
 */
static inline uint64_t qi_wait_of(const struct qi *q, uint64_t first)
{
	return qi_load_acquire(&qi_slot(q, first)->wait);
}

/* ---- the host, with its calls counted ---- */

#define qi_count(q, member, n)                                                  \
	do {                                                                    \
		if ((q)->cfg.stats)                                             \
			qi_add_relaxed(&(q)->cfg.stats->member, (uint64_t)(n)); \
	} while (0)

static inline uint32_t qi_read32(struct qi *q, unsigned reg)
{
	qi_count(q, register_reads, 1);
	return q->cfg.host->read32(q->cfg.ctx, reg);
}

static inline uint64_t qi_read64(struct qi *q, unsigned reg)
{
	qi_count(q, register_reads, 1);
	return q->cfg.host->read64(q->cfg.ctx, reg);
}

static inline void qi_write32(struct qi *q, unsigned reg, uint32_t value)
{
	q->cfg.host->write32(q->cfg.ctx, reg, value);
}

static inline void qi_write64(struct qi *q, unsigned reg, uint64_t value)
{
	q->cfg.host->write64(q->cfg.ctx, reg, value);
}

static inline unsigned long qi_lock(struct qi *q)
{
	return q->cfg.host->lock(q->cfg.ctx);
}

static inline void qi_unlock(struct qi *q, unsigned long flags)
{
	q->cfg.host->unlock(q->cfg.ctx, flags);
}

static inline unsigned long qi_irq_save(struct qi *q)
{
	return q->cfg.host->irq_save ? q->cfg.host->irq_save(q->cfg.ctx) : 0;
}

static inline void qi_irq_restore(struct qi *q, unsigned long flags)
{
	if (q->cfg.host->irq_restore)
		q->cfg.host->irq_restore(q->cfg.ctx, flags);
}

static inline uint64_t qi_now(struct qi *q)
{
	return q->cfg.host->now(q->cfg.ctx);
}

static inline void qi_relax(struct qi *q)
{
	q->cfg.host->relax(q->cfg.ctx);
}

static inline void qi_report(struct qi *q, const struct qi_error *e)
{
	if (q->cfg.host->report)
		q->cfg.host->report(q->cfg.ctx, e);
}

/* Has the device been removed, as far as the host knows? */
static inline bool qi_gone(struct qi *q, uint16_t sid)
{
	return q->cfg.host->device_present && !q->cfg.host->device_present(q->cfg.ctx, sid);
}

/* ---- time ---- */

/* A waiter looks at the unit this often at least: with the longest of time-outs, too. */
#define QI_LOOK_NS 10000000ULL

/* The last round of looks takes this share of the time-out. */
#define QI_LAST_ROUND 16

static inline uint64_t qi_look_ns(const struct qi *q)
{
	uint64_t round = q->cfg.timeout_ns / QI_LAST_ROUND;

	return round < QI_LOOK_NS ? round : QI_LOOK_NS;
}

/*
 * Asked by one who has just looked, and seen nothing: is time up? A machine that stood still, or a
 * clock that jumped, makes it look so. So there is a last round of looks, in which the unit has
 * time to do what it could not. *late: when that began, 0: not yet.
 */
static inline bool qi_time_is_up(const struct qi *q, uint64_t *late, uint64_t now, uint64_t end)
{
	uint64_t round = q->cfg.timeout_ns / QI_LAST_ROUND;

	if (now + round < end) {
		*late = 0;
		return false;
	}
	if (!*late) {
		*late = now;
		return false;
	}
	return now >= end && now >= *late + round;
}

/* When a submission must be over, whatever has come between. */
static inline uint64_t qi_limit(const struct qi *q, const struct qi_ticket *t)
{
	if (!t->slow)
		return t->since + 2 * q->cfg.timeout_ns;
	return t->since + (q->cfg.retries + 2ULL + t->nsilent) * q->cfg.ats_timeout_ns;
}

/* ---- descriptors, as far as the core looks into them ---- */

static inline bool qi_is_ats(const struct qi_desc *d)
{
	unsigned type = d->qw0 & 0xf;

	return type == QI_DIOTLB_TYPE || type == QI_DEIOTLB_TYPE;
}

/* Source id of a device-TLB invalidation. */
static inline uint16_t qi_ats_sid(const struct qi_desc *d)
{
	return (uint16_t)(d->qw0 >> ((d->qw0 & 0xf) == QI_DIOTLB_TYPE ? 32 : 16));
}

/* ---- ring.c: all under the lock ---- */

void qi_ring_reclaim(struct qi *q);

/* Take some slots back before there is need, unless somebody else is at it. Takes the lock. */
void qi_ring_tidy(struct qi *q);

/* Take slots back until there are so many, if that can be. */
bool qi_ring_make_room(struct qi *q, uint64_t slots);

/* Is everything over that was in the ring at the first call? Puts a drain there to find out. */
bool qi_ring_drained(struct qi *q, struct qi_drain *d);

bool qi_ring_slow(struct qi *q);

/* The same, of what is ahead of this ticket. */
bool qi_ring_slow_ahead(struct qi *q, const struct qi_ticket *t);

/* Write a harmless wait over the descriptor that the unit refuses. */
void qi_ring_replace(struct qi *q, uint64_t pos);

/*
 * Put the next part of a ticket into the ring, or, if it may not go there yet, into the queue of
 * tickets; and take from that queue whatever may go now. Both ring the doorbell if need be.
 *
 * True: @mine, or NULL, has got the slots from *first on, and the caller, its owner, calls
 * qi_ring_insert_at() when it has given the lock back, interrupts still off. To insert takes longer
 * than all else here, and many may stand in line for the lock.
 */
void qi_ring_enter(struct qi *q, struct qi_ticket *t);
bool qi_ring_pump(struct qi *q, const struct qi_ticket *mine, uint64_t *first);

/*
 * While the queue is open, for one that is not queued: keep room for all of it. Its owner likewise
 * takes the slots without the lock, and inserts it.
 */
bool qi_ring_keep_room(struct qi *q, const struct qi_ticket *t);

/* qi_insert_at(), not inline: by way of the lock nobody is in such a hurry. Without the lock. */
void qi_ring_insert_at(struct qi *q, struct qi_ticket *t, uint64_t first);

/* Out of the queue again. */
void qi_ring_unqueue(struct qi *q, struct qi_ticket *t);

/* Shut those who insert without the lock out, or let them in, as the state of things demands. */
void qi_ring_gate(struct qi *q);

/*
 * Under the lock: slots that nobody has. One always stays empty. May be less than that for a
 * moment, on account of somebody who finds that there are not enough for him, but never more.
 */
static inline uint64_t qi_ring_room(const struct qi *q)
{
	int64_t room;

	if (!qi_ticketed(q))
		return q->mask - (q->tail - q->head);
	room = qi_load_acquire(&q->room) + (q->closed ? QI_CLOSED : 0);
	return room > 0 ? (uint64_t)room : 0;
}

/* While the queue is closed: has everybody who took slots got them, at the tail? */
static inline bool qi_ring_still(const struct qi *q)
{
	return qi_ring_room(q) == q->mask - (qi_tail(q) - q->head);
}

static inline bool qi_is_queued(const struct qi_ticket *t)
{
	uint32_t phase = qi_load_relaxed(&t->phase);

	return phase == QI_PHASE_QUEUED || phase == QI_PHASE_NEXT;
}

/* ---- bell.c: interrupts off, and with the locked engine under the lock ---- */

/* Tell the unit of all that has been written, unless somebody else is about to. */
void qi_bell(struct qi *q);
void qi_bell_for_all(struct qi *q); /* of the ticketed engine */

/* The same, even if nothing is new: a unit may go on after an error only then. Takes the lock. */
void qi_bell_again(struct qi *q);

/* ---- isolate.c: under the lock ---- */

static inline bool qi_isolating(const struct qi *q)
{
	return q->suspects || q->isolated;
}

void qi_isolate_step(struct qi *q);
bool qi_isolate_admits(const struct qi *q, const struct qi_ticket *t);
unsigned qi_isolate_cut(const struct qi_ticket *t, unsigned n);

/* ---- wait.c ---- */

int qi_finish(struct qi *q, struct qi_ticket *t, int code);

/*
 * The owner has the outcome: leave the slots, and if they have been taken back already, say so.
 * False: from IN_USE, if there is a verdict after all.
 */
bool qi_free_or_owed(struct qi *q, const struct qi_ticket *t, enum qi_state from);

/* Free the ticket's slots and queue a part of it, as one step for qi_disable(). */
int qi_requeue(struct qi *q, struct qi_ticket *t, enum qi_state from);

/* ---- retry.c: the owner acts on a verdict ---- */

int qi_aborted(struct qi *q, struct qi_ticket *t);

/* ---- fault.c ---- */

/* Look at the fault register, unless somebody is doing so, and repair what it shows. */
void qi_check_fault(struct qi *q);

/* Give the queue up: everybody's submissions end with `code`. */
void qi_kill(struct qi *q, int code);

void qi_wake(struct qi *q);

/* ---- stats.c ---- */

void qi_stats_insert(struct qi *q, const struct qi_ticket *t);
void qi_stats_latency(struct qi *q, const struct qi_ticket *t);

#endif
