/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * queue.h - what the parts of the core share: positions, words, the host.
 *
 * Slots are counted by 64-bit positions that only grow, over laps of the ring and over restarts of
 * the queue. The slot is the position modulo the ring's length, the lap is the rest. A submission
 * is desc, desc, ..., wait at consecutive positions, and is named by the position of its first
 * slot. Position 0 is never used.
 */
#ifndef QI_QUEUE_H
#define QI_QUEUE_H

#include <qinval/qi.h>
#include <qinval/regs.h>

#include "atomic.h"
#include "bind.h"

#define qi_likely(x) __builtin_expect(!!(x), 1)
#define qi_unlikely(x) __builtin_expect(!!(x), 0)

/* On the way of every submission; a call would cost as much as what is done. */
#define qi_inline static inline __attribute__((always_inline))

/*
 * qi.epoch: enum qi_mode, and above it a number that grows with each fault and each change of the
 * mode. Written under the lock. An owner that finds it as it was before its submission knows that
 * nothing has happened since.
 */
#define QI_EPOCH_MODE 7ULL
#define QI_EPOCH_STEP 8ULL

/*
 * qi_slot.published, at a submission's first slot: the position of its wait above these bits. A
 * slot that is not published yet has an older lap's position there, or its own with
 * QI_SLOT_DOORBELL alone.
 */
#define QI_SLOT_PUBLISHED 1ULL
#define QI_SLOT_DOORBELL 2ULL /* the right to ring the doorbell lies here */
#define QI_SLOT_POLLED 4ULL   /* its owner polls, and would see the doorbell here */
#define QI_SLOT_ATS 8ULL      /* it has a device-TLB invalidation */
#define QI_SLOT_DRAIN 16ULL   /* its wait drains page requests: a later wait proves nothing of it */
#define QI_SLOT_NEW 32ULL     /* a call's first part: counted as a submission */
#define QI_SLOT_LEFT 64ULL    /* its owner has given it up. Set under the lock */
#define QI_SLOT_OWED 128ULL   /* aborted, and its owner has not heard of it. Under the lock */
#define QI_SLOT_CORE 256ULL   /* the core's own drain, without an owner */
#define QI_SLOT_SHIFT 9

/*
 * The room in `space` while the ring is closed. Each thread that still tries takes away at most
 * 2^15, once, and then comes to the lock, where qi_close() puts that right: so it never wraps.
 */
#define QI_SPACE_CLOSED 0xe0000000ULL

/* qi.way */
enum {
	QI_WAY_PLAIN,
	QI_WAY_WIDE, /* 256 bits */
	QI_WAY_ODD,  /* statistics, tracing, or slots to be flushed; of either width */
};

/* qi_ticket.phase */
enum {
	QI_PHASE_FINISHED,
	QI_PHASE_QUEUED,
	QI_PHASE_NEXT, /* queued, and first in line */
	QI_PHASE_FLIGHT,
};

#define QI_ALL_ONES32 0xffffffffU
#define QI_ALL_ONES64 0xffffffffffffffffULL

static inline enum qi_mode qi_mode_of(uint64_t epoch)
{
	return (enum qi_mode)(epoch & QI_EPOCH_MODE);
}

/* D1, pairs with D0 in qi_set_mode(): where it is DEAD, `dead` says why. */
static inline enum qi_mode qi_mode(const struct qi *q)
{
	return qi_mode_of(qi_load_acquire(&q->epoch));
}

/*
 * K1, pairs with K0 in qi_read_caps(): true if the unit's capabilities, and so the rules, are
 * known.
 */
static inline bool qi_known(const struct qi *q)
{
	return qi_load_acquire(&q->known);
}

/* ---- positions and slots ---- */

static inline struct qi_slot *qi_slot(const struct qi *q, uint64_t pos)
{
	return &q->slot[pos & q->mask];
}

static inline uint32_t *qi_status(const struct qi *q, uint64_t first)
{
	return (uint32_t *)(void *)(q->status + ((first & q->mask) << q->spread));
}

static inline uint64_t *qi_ring_at(const struct qi *q, uint64_t pos)
{
	return (uint64_t *)(void *)(q->ring + ((pos & q->mask) << q->shift));
}

/*
 * What the unit writes when the submission that begins at `first` has completed. One less stands
 * there before. Both grow with the lap.
 */
static inline uint32_t qi_tag(const struct qi *q, uint64_t first)
{
	return (uint32_t)(first >> q->order) * 2;
}

/*
 * What stands in the status word, seen from this submission: 0, it is complete; -1, not yet; less,
 * an earlier lap's wait has written late. A later lap's word is above 0.
 */
static inline int32_t qi_progress(const struct qi *q, uint64_t first)
{
	return (int32_t)(qi_load_acquire(qi_status(q, first)) - qi_tag(q, first));
}

/*
 * True if the unit has completed this submission. A word of a later lap says so too: a slot is used
 * again only when its submission is over. H1, pairs with the unit's status write H0: what the
 * submission invalidated is gone, and what was stored before the unit was let go on (R0) is
 * visible.
 *
 * Which values can stand there is shown in docs/design/core.md, "What stands in a status word".
 */
static inline bool qi_is_complete(const struct qi *q, uint64_t first)
{
	return qi_progress(q, first) >= 0;
}

/*
 * True if the late wait of an earlier lap, which was given up, has written over this submission's
 * word. Then it may have completed before, or will yet. For one that was not found complete.
 */
static inline bool qi_is_overwritten(const struct qi *q, uint64_t first)
{
	return qi_progress(q, first) < -1;
}

/* W1, pairs with W0 in qi_publish(): the submission that begins there is written. */
static inline uint64_t qi_published(const struct qi *q, uint64_t first)
{
	return qi_load_acquire(&qi_slot(q, first)->published);
}

static inline bool qi_is_published(uint64_t word, uint64_t first)
{
	return word & QI_SLOT_PUBLISHED && word >> QI_SLOT_SHIFT >= first;
}

static inline uint64_t qi_wait_of(uint64_t word)
{
	return word >> QI_SLOT_SHIFT;
}

/*
 * True if the unit has done with this submission, whose word that is: it has completed, or its wait
 * was under way at a time-out error. False if only what precedes the wait was: the rest goes on.
 */
static inline bool qi_is_over(const struct qi *q, uint64_t first, uint64_t word)
{
	return qi_wait_of(word) < qi_load_relaxed(&q->aborted) || qi_is_complete(q, first);
}

/*
 * Its wait will not complete. Or its owner has given it up, and the unit is past it: then a status
 * write that still comes does no harm.
 */
static inline bool qi_is_void(const struct qi *q, uint64_t word)
{
	uint64_t wait = qi_wait_of(word);

	return wait < q->aborted || (word & QI_SLOT_LEFT && wait < q->fetched);
}

/*
 * For a hint, where the word may be another submission's already: true if it is no use to wait for
 * that one's completion, as it has completed, or never will.
 */
static inline bool qi_is_past(const struct qi *q, uint64_t first)
{
	return first < qi_load_relaxed(&q->aborted) || qi_is_complete(q, first);
}

/*
 * True if the unit has work enough, so that the doorbell can wait for more to come. False if a
 * later mark has completed: then the older one's completion is late, or lost.
 */
static inline bool qi_may_defer(const struct qi *q)
{
	uint64_t older = qi_load_relaxed(&q->older);

	return !qi_is_past(q, older) && !qi_is_past(q, qi_load_relaxed(&q->newer));
}

/* Where the next submission begins. */
static inline uint64_t qi_behind(uint64_t word)
{
	return qi_wait_of(word) + 1;
}

static inline bool qi_crosses_grain(const struct qi *q, uint64_t first, uint64_t end)
{
	return (first ^ end) & q->grain;
}

/* ---- the host, with its calls counted ---- */

/* For counters that any thread may add to at any time. Submissions are counted in reclaim.c. */
#define qi_count(q, member, n)                                                  \
	do {                                                                    \
		if ((q)->cfg.stats)                                             \
			qi_add_relaxed(&(q)->cfg.stats->member, (uint64_t)(n)); \
	} while (0)

static inline uint32_t qi_read32(struct qi *q, unsigned reg)
{
	qi_count(q, register_reads, 1);
	return QI_HOST(q, read32)(q->ctx, reg);
}

static inline uint64_t qi_read64(struct qi *q, unsigned reg)
{
	qi_count(q, register_reads, 1);
	return QI_HOST(q, read64)(q->ctx, reg);
}

/* True if the device has been removed, as far as the host knows. */
static inline bool qi_gone(struct qi *q, uint16_t sid)
{
	return q->host->device_present && !q->host->device_present(q->ctx, sid);
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

static inline bool qi_is_response(const struct qi_desc *d)
{
	return (d->qw0 & 0xf) == QI_PGRP_RESP_TYPE;
}

/* ---- submit.c ---- */

/* Slots of the open ring. False: there is too little room, and it is closed from now on. */
bool qi_reserve_open(struct qi *q, unsigned slots, uint64_t *first);

/* Valid descriptors of no device TLB, fewer than the ring holds; `epoch` was that, and ON. */
int qi_submit_valid(struct qi *q, const struct qi_desc *desc, unsigned count, uint64_t epoch);

/* ---- submit.c: interrupts off ---- */

/*
 * Write the ticket's part and a wait into the slots that are reserved for it, and publish them.
 * True: with that the doorbell has come to the caller, which has to ring it or lay it down.
 */
bool qi_insert(struct qi *q, const struct qi_ticket *t);

/* Over the descriptor at `at`: a wait that does nothing but store @data in that status word. */
void qi_replace(struct qi *q, uint64_t at, uint64_t status, uint32_t data);

/* ---- doorbell.c ---- */

/* For its holder: ring it for all that is published from `at` on. `last` is what precedes `at`. */
void qi_doorbell_ring(struct qi *q, uint64_t last, uint64_t at);

/* For its holder: leave it at `first`, if the owner there polls, and it can wait; or ring it. */
void qi_doorbell_settle(struct qi *q, uint64_t first);

/* Ring it if it lies at `at` and there is something to tell. @now: even if it could wait. */
void qi_doorbell_look(struct qi *q, uint64_t at, bool now);

/* Ring once more though nothing is new: after an error some units go on only then. */
void qi_doorbell_again(struct qi *q);

/* Under the lock: take it away until the ring starts anew. False: a thread holds it, try again. */
bool qi_doorbell_remove(struct qi *q);

void qi_doorbell_mark(struct qi *q, uint64_t last, uint64_t at);

/*
 * For the host's eyes: a struct qi_trace of these members, made only if it looks. The lock may be
 * held.
 */
#define qi_trace(q, ...)                                                                     \
	do {                                                                                 \
		if (qi_unlikely((q)->host->trace))                                           \
			(q)->host->trace((q)->ctx, &(const struct qi_trace){ __VA_ARGS__ }); \
	} while (0)

/*
 * For its holder: the unit is to know of everything before `at`. @shift: log2 of a descriptor's
 * bytes; @odd: see qi_sync().
 */
qi_inline void qi_doorbell_write(struct qi *q, uint64_t last, uint64_t at, unsigned shift, bool odd)
{
	qi_write64(q, DMAR_IQT_REG, (at & q->mask) << shift);
	if (qi_unlikely(at - q->mark >= q->backlog))
		qi_doorbell_mark(q, last, at);
	qi_store_relaxed(&q->rung, at);
	if (!odd)
		return;
	if (q->counts)
		qi_store_relaxed(&q->cfg.stats->doorbells, q->cfg.stats->doorbells + 1);
	qi_trace(q, .kind = QI_TRACE_DOORBELL, .at = at);
}

/* ---- reclaim.c: under the lock, but for qi_reclaim_behind(), which takes it ---- */

/* An owner whose submission ends before `end` and is complete: so is everything before it. */
void qi_reclaim_behind(struct qi *q, uint64_t end);

/*
 * Take back what is over, up to `tail`. @need: though an owner has not heard that it is to repeat
 * it. @deep: what has not completed, too, if something behind it has.
 */
void qi_reclaim(struct qi *q, uint64_t tail, bool need, bool deep);

/*
 * Owners of what begins before @before cannot tell what has become of it, unless they have looked
 * since the last fault. 0: there is none.
 */
void qi_note_unheard(struct qi *q, uint64_t before);

/* ---- line.c ---- */

/* What is to be done when the lock has been given back, interrupts still off. */
struct qi_dispatched {
	uint64_t doorbell; /* it has come with this submission, 0: it has not */
	uint64_t mine;	   /* slots for the caller's own ticket, 0: none */
};

/* The ticket's next part goes into the ring, or into the line. 0, or why it goes nowhere. */
int qi_line_enter(struct qi *q, struct qi_ticket *t);

/* Those in line go into the ring as far as there is room. @mine: the caller's ticket, or NULL. */
void qi_line_dispatch(struct qi *q, struct qi_ticket *mine, bool deep);

/* Under the lock: the same, in two steps. */
struct qi_dispatched qi_dispatch(struct qi *q, struct qi_ticket *mine, bool deep);
void qi_dispatched(struct qi *q, struct qi_ticket *mine, struct qi_dispatched d);

/* Under the lock: out of line, if it is there. */
bool qi_line_leave(struct qi *q, struct qi_ticket *t);

/* Under the lock: from now on slots are reserved under the lock only. False: not yet, try again. */
bool qi_close(struct qi *q);

/*
 * Under the lock and closed: true if everything in the ring has been executed. Puts a drain behind
 * it to find out.
 */
bool qi_drained(struct qi *q, struct qi_drain *drain, struct qi_dispatched *d);

/* Under the lock: no thread waits for it any more. */
void qi_drop_drain(struct qi *q, struct qi_drain *drain);

static inline bool qi_is_queued(const struct qi_ticket *t)
{
	uint32_t phase = qi_load_acquire(&t->phase); /* T1, pairs with T0 in qi_insert_ticket() */

	return phase == QI_PHASE_QUEUED || phase == QI_PHASE_NEXT;
}

/* ---- isolate.c: under the lock ---- */

static inline bool qi_isolating(const struct qi *q)
{
	return q->suspects || q->isolated;
}

void qi_isolate_step(struct qi *q, struct qi_dispatched *d);
bool qi_isolate_admits(const struct qi *q, const struct qi_ticket *t);
unsigned qi_isolate_cut(const struct qi_ticket *t, unsigned n);

/* ---- ticket.c: the lock is not held ---- */

/* The call is over. */
int qi_finish(struct qi *q, struct qi_ticket *t, int code);

/* Given up. What was held back on its account may go now. */
int qi_leave(struct qi *q, struct qi_ticket *t, int code);

/* The unit has completed the part. */
int qi_part_complete(struct qi *q, struct qi_ticket *t);

/* `epoch` has changed since the submission. */
int qi_look_into(struct qi *q, struct qi_ticket *t);

/* ---- clock.c ---- */

/*
 * How long the last round of looks takes, before time is up. @t: a ticket, or NULL: of the queue.
 */
uint64_t qi_round_ns(const struct qi *q, const struct qi_ticket *t);

/* Between two looks at the unit there are at most so many nanoseconds. */
uint64_t qi_look_ns(const struct qi *q, const struct qi_ticket *t);

/*
 * True if with this turn there have been so many, or so much time, that a look at the unit is due.
 */
bool qi_look_is_due(struct qi *q, struct qi_ticket *t, bool polled);

/*
 * For a thread that has just looked, and seen nothing: true if time is up at `now`, where it ends
 * at `end`. *late: when the last round of looks began, 0: not yet.
 */
bool qi_time_is_up(uint64_t round, uint64_t *late, uint64_t now, uint64_t end);

/* When the whole call must be over, whatever has come between. */
uint64_t qi_limit(const struct qi *q, const struct qi_ticket *t);

/* A part has waited for its owner, not for the unit: that is not to cost the others their time. */
void qi_forgive_absence(struct qi *q, struct qi_ticket *t);

/*
 * The unit's head has just been read. Notes since when it stands still though there is work to do.
 * This thread may lose its CPU anywhere, so where the head has moved the time counts from after
 * that reading.
 */
void qi_watch_head(struct qi *q, struct qi_watch *w, uint64_t head);

/* At `now`, which was before the head was read: true if it has stood still longer than it may. */
bool qi_has_stalled(struct qi *q, struct qi_watch *w, uint64_t now);

/*
 * True if it is time to read the unit's head again. @told: the unit knows of the submission. The
 * time of the first look, which `now` may be, is noted.
 */
bool qi_check_is_due(struct qi *q, struct qi_ticket *t, bool told, uint64_t now);

/*
 * Before that: true if half a time-out has passed since the last time, so that it is time to see
 * whether the unit still knows its queue.
 */
bool qi_is_half_time(const struct qi *q, const struct qi_ticket *t, uint64_t now);

/* Then: QI_PENDING; -QI_ERR_TIMEOUT, time is up; -QI_ERR_DEAD, and the unit has stalled. */
int qi_look_at_clock(struct qi *q, struct qi_ticket *t, bool told, uint64_t now);

/* ---- retry.c: the owner of a part that a time-out error has aborted; the lock is not held ---- */

/* The error that ends the call, as a device of its own was to blame too often; 0: it goes on. */
int qi_blame(struct qi *q, struct qi_ticket *t, const struct qi_fault *f);

/* Everything in the part has been fetched: it is repeated, but for its page responses. */
int qi_retry(struct qi *q, struct qi_ticket *t);

/* Once more with the part, if there is time. */
int qi_repeat(struct qi *q, struct qi_ticket *t);

/* The part's page responses have been sent, and are not to be sent again. */
static inline void qi_note_sent(struct qi_ticket *t)
{
	if (t->sent < t->base + t->n)
		t->sent = t->base + t->n;
}

/*
 * True if the part has, from desc[from] on, a page response that has not been sent. Then it cannot
 * be repeated before the unit has fetched that.
 */
bool qi_responds(const struct qi_ticket *t, unsigned from);

/* Into the ring with the ticket's part again, or with the one that follows it. */
int qi_resubmit(struct qi *q, struct qi_ticket *t);

/* ---- fault.c ---- */

/*
 * Look at the fault register, unless another thread is doing so, and repair what it shows.
 * @overdue: and whether the unit still knows that the queue is on.
 */
void qi_check_fault(struct qi *q, bool overdue);

/* The position of the unit's head; 0: it does not answer, and so the queue is dead. */
uint64_t qi_read_head(struct qi *q);

/* Under the lock: the unit has fetched everything before `at`. */
void qi_note_fetched(struct qi *q, uint64_t at);

/* True if the unit has fetched what stands there. Reads the head register, and notes it. */
bool qi_is_fetched(struct qi *q, uint64_t at);

/* Under the lock: whom it concerns finds it by its epoch. */
void qi_log_fault(struct qi *q, const struct qi_fault *f);

/* Give the queue up: all submissions end with `code`. */
void qi_kill(struct qi *q, int code);

/* Under the lock. */
void qi_set_mode(struct qi *q, enum qi_mode mode);

void qi_wake(struct qi *q);

/* For the host's log. The lock is not held. */
void qi_report(struct qi *q, const struct qi_error *e);

/* ---- stats.c ---- */

unsigned qi_stats_type(const struct qi_desc *desc, unsigned count);
void qi_stats_sample(struct qi *q, uint64_t first, unsigned type, uint64_t start);

/* Under the lock: count what is about to be reclaimed. */
void qi_stats_reclaimed(struct qi *q, uint64_t from, uint64_t end);

/* Under the lock, for a snapshot: count all latencies; and what is still in the ring, elsewhere. */
void qi_stats_collect(struct qi *q);
void qi_stats_add(const struct qi *q, struct qi_stats *to, uint64_t from, uint64_t end);

#endif
