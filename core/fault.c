/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fault.c - the fault register: who broke it, and how it goes on.
 *
 * Any waiter, and the fault interrupt, may look. One at a time does (`repair`); the others do not
 * wait for it but go on polling their own words. Registers are read without the lock. While an
 * error bit is set the unit fetches nothing, so the head stands still until the repairing thread
 * itself clears the bit; by then every verdict has been given.
 */
#include "core.h"

#define QI_LOOKS 4

void qi_wake(struct qi *q)
{
	/* E0, pairs with E1 in qi_wait(): sleepers see what they are woken for. */
	qi_add_release(&q->events, 1);
	if (q->cfg.host->wake)
		q->cfg.host->wake(q->cfg.ctx, &q->events);
}

void qi_kill(struct qi *q, int code)
{
	struct qi_error e = { .code = code };
	unsigned long flags = qi_lock(q);

	/* The first cause stands. */
	if (q->mode == QI_MODE_DEAD) {
		qi_unlock(q, flags);
		return;
	}
	/* A submitter may be reading why it died the last time. */
	qi_store_relaxed(&q->dead, code);
	/* D0, pairs with D1: whoever sees DEAD sees why. */
	qi_store_release(&q->mode, QI_MODE_DEAD);
	qi_ring_gate(q);
	qi_unlock(q, flags);
	qi_wake(q);
	qi_report(q, &e);
}

/*
 * The position of the slot that the head register names. `head` is a reclaim position read before
 * the register, so the hardware's position is not below it; if it was a lap or more ahead already,
 * the answer is too low by whole laps, which is on the safe side.
 */
static uint64_t qi_head_position(const struct qi *q, uint64_t head, uint64_t iqh)
{
	uint64_t slot = (iqh & VTD_IQ_OFFSET_MASK) >> q->shift;

	return head + ((slot - head) & q->mask);
}

/*
 * The submission that ends at `wait` is not to complete. NULL if it has gone: its owner may be
 * leaving this instant, or have left, and its ticket with it. Once it is ABORT its owner cannot
 * leave without the lock, which is held here, so the verdict can be written into the ticket.
 */
static struct qi_ticket *qi_condemn(struct qi *q, uint64_t wait, uint8_t verdict)
{
	struct qi_slot *w = qi_slot(q, wait);

	if (!qi_swap_release(&w->state, qi_mark(q, wait, QI_IN_USE), qi_mark(q, wait, QI_ABORT)))
		return NULL;
	qi_count(q, aborts, 1);
	w->ticket->verdict = verdict;
	return w->ticket;
}

/* V0, pairs with V1 in qi_poll_once(): all of the verdict is in the ticket. */
static void qi_pronounce(struct qi_ticket *t)
{
	qi_store_release(&t->phase, QI_PHASE_ABORTED);
}

static uint8_t qi_timeout_verdict(uint8_t flags, uint16_t sid)
{
	if (sid || !(flags & QI_SLOT_ATS))
		return QI_VERDICT_DEVICE;
	return flags & QI_SLOT_ISOLATED ? QI_VERDICT_SELF : QI_VERDICT_SUSPECT;
}

/* ITE: everything that was fetched and has not completed is void. */
static void qi_judge_timeout(struct qi *q, uint64_t fetched, uint16_t sid)
{
	uint64_t first, wait;
	struct qi_ticket *t;
	uint8_t flags;

	q->aborted = fetched;
	qi_store_relaxed(&q->voided, fetched);
	for (first = q->head; first != qi_tail(q) && first < fetched; first = wait + 1) {
		wait = qi_wait_of(q, first);
		if (wait < first) /* being written: the unit has not been told */
			break;
		flags = qi_slot(q, wait)->flags;
		if (qi_completed(q, wait))
			continue;
		/*
		 * The wait is still to be fetched, and will complete. But a device-TLB
		 * invalidation before it may be the one that was given up.
		 */
		if (wait >= fetched && !(flags & QI_SLOT_ATS))
			continue;
		t = qi_condemn(q, wait, qi_timeout_verdict(flags, sid));
		if (!t)
			continue;
		t->sid = sid;
		qi_pronounce(t);
	}
}

/* Is it the descriptor, rather than the ring, the tail or the width, that the code complains of? */
static bool qi_is_about_desc(unsigned iqei)
{
	return iqei == VTD_IQEI_NONE || iqei == VTD_IQEI_TYPE || iqei == VTD_IQEI_RESERVED ||
	       iqei == VTD_IQEI_TTM;
}

/*
 * IQE: the descriptor at `at` was refused. Its owner gets the verdict at once; in its place goes a
 * plain wait for the slot's own, otherwise unused, status word: the one descriptor that every unit
 * takes (QEMU's refuses a wait with neither SW nor IF). False: beyond repair.
 */
static bool qi_judge_desc(struct qi *q, uint64_t at, unsigned iqei)
{
	uint64_t first = q->head, wait;
	struct qi_ticket *t;

	if (at != q->iqe_at) {
		q->iqe_at = at;
		q->iqe_replaced = false;
		q->iqe_count = 0;
	}
	if (!qi_is_about_desc(iqei) || at >= qi_tail(q) || q->iqe_replaced)
		return q->iqe_count++ < q->cfg.retries;

	while (at > (wait = qi_wait_of(q, first)) && wait >= first)
		first = wait + 1;
	if (wait < first) /* being written: the unit has not been told */
		return q->iqe_count++ < q->cfg.retries;
	/* An earlier verdict, of which the owner has not heard yet, stands. */
	t = qi_condemn(q, wait, QI_VERDICT_IQE);
	if (t) {
		t->index = (uint16_t)(at - first);
		t->iqei = (uint8_t)iqei;
		qi_pronounce(t);
	}
	qi_ring_replace(q, at);
	q->iqe_replaced = true;
	return true;
}

/* R0: all that was stored before is visible to the unit, and thus behind H1, before it goes on. */
static void qi_resume_fetch(struct qi *q, uint32_t handled)
{
	qi_write32(q, DMAR_FSTS_REG, handled);
	qi_bell_again(q); /* some models go on only when the tail is written */
}

static void qi_report_completion_error(struct qi *q, uint64_t record)
{
	struct qi_error e = { .sid = (uint16_t)VTD_IQERCD_ICESID(record) };

	qi_report(q, &e);
}

static void qi_repair(struct qi *q, uint32_t faults)
{
	uint64_t head = qi_load_acquire(&q->head); /* before the register */
	uint64_t record = qi_read64(q, DMAR_IQERCD_REG);
	uint64_t iqh = qi_read64(q, DMAR_IQH_REG), at;
	unsigned long flags;
	bool alive = true;

	if (record == QI_ALL_ONES64 || iqh == QI_ALL_ONES64) {
		qi_kill(q, -QI_ERR_GONE);
		return;
	}
	flags = qi_lock(q);
	at = qi_head_position(q, head, iqh);
	if (at > q->fetched && at <= qi_tail(q))
		q->fetched = at;
	if (faults & VTD_FSTS_ITE)
		qi_judge_timeout(q, at, (uint16_t)VTD_IQERCD_ITESID(record));
	if (faults & VTD_FSTS_IQE)
		alive = qi_judge_desc(q, at, VTD_IQERCD_IQEI(record));
	qi_unlock(q, flags);

	qi_count(q, ite, !!(faults & VTD_FSTS_ITE));
	qi_count(q, iqe, !!(faults & VTD_FSTS_IQE));
	qi_count(q, ice, !!(faults & VTD_FSTS_ICE));
	if (faults & VTD_FSTS_ICE)
		qi_report_completion_error(q, record);
	if (!alive) {
		qi_kill(q, -QI_ERR_DEAD);
		return;
	}
	qi_resume_fetch(q, faults);
	qi_wake(q);
}

/*
 * A unit that was reset behind our back reads QIES 0, whatever is outstanding. To look for it costs
 * a register read, so only when the head has not moved for a while, for whatever reason.
 */
static bool qi_is_off(struct qi *q, uint64_t iqh, uint64_t now)
{
	uint32_t gsts;

	if (iqh != q->still_at || !q->still_since) {
		q->still_at = iqh;
		q->still_since = now;
		return false;
	}
	if (now < q->still_since + q->cfg.timeout_ns / 2)
		return false;
	gsts = qi_read32(q, DMAR_GSTS_REG);
	if (gsts != QI_ALL_ONES32 && gsts & VTD_GSTS_QIES)
		return false;
	qi_kill(q, gsts == QI_ALL_ONES32 ? -QI_ERR_GONE : -QI_ERR_DEAD);
	return true;
}

/* No fault: does the unit get on with its work? A head that does not move is a dead one. */
static void qi_watch_head(struct qi *q)
{
	uint64_t now = qi_now(q), head = qi_load_acquire(&q->head); /* before the register */
	uint64_t iqh = qi_read64(q, DMAR_IQH_REG), at, allowed, rung;
	unsigned long flags;
	bool busy, slow;

	if (iqh == QI_ALL_ONES64) {
		qi_kill(q, -QI_ERR_GONE);
		return;
	}
	if (qi_is_off(q, iqh, now))
		return;
	flags = qi_lock(q);
	at = qi_head_position(q, head, iqh);
	/*
	 * Too low by laps, as others got on while this thread had no CPU: no sign of a stall. Nor
	 * is it that somebody is only about to tell the unit.
	 */
	rung = qi_rung(q);
	busy = at < rung && !(rung & QI_RINGING) && at >= q->head && at >= q->fetched;
	if (at > q->fetched && at <= qi_tail(q))
		q->fetched = at;
	/* A unit whose requests to devices are all unanswered may stop fetching for as long. */
	slow = qi_ring_slow(q);
	allowed = slow ? q->cfg.ats_timeout_ns : q->cfg.timeout_ns;
	qi_unlock(q, flags);

	/*
	 * This thread may lose its CPU anywhere. The head has stood still at least from the clock's
	 * second reading of the first look to the first reading of this one. Once the last device
	 * has answered, the unit's own time starts anew.
	 */
	if (!busy || at != q->stall_at || slow != q->stall_slow || !q->stall_since) {
		q->stall_at = at;
		q->stall_slow = slow;
		q->stall_since = busy ? qi_now(q) : 0;
		q->stall_late = 0;
	} else if (qi_time_is_up(q, &q->stall_late, now, q->stall_since + allowed)) {
		qi_kill(q, -QI_ERR_DEAD);
	}
}

/* True if there was something to repair. */
static bool qi_look(struct qi *q)
{
	uint32_t mode = qi_load_acquire(&q->mode), fsts;

	if (mode != QI_MODE_ON && mode != QI_MODE_DRAINING)
		return false;
	fsts = qi_read32(q, DMAR_FSTS_REG);
	if (fsts == QI_ALL_ONES32) {
		qi_kill(q, -QI_ERR_GONE);
		return false;
	}
	if (!(fsts & VTD_FSTS_QI)) {
		qi_watch_head(q);
		return false;
	}
	qi_repair(q, fsts & VTD_FSTS_QI);
	return true;
}

/*
 * What came while other error bits were set has sent no message of its own, so a repair is followed
 * by another look; but a bit that cannot be cleared must not keep this thread for ever.
 */
static void qi_look_until_clean(struct qi *q)
{
	unsigned looks = 0;

	while (qi_look(q) && ++looks < QI_LOOKS)
		;
}

/*
 * F0/F1: whoever finds `repair` taken leaves `repair_again` set, and whoever gives `repair` back
 * then looks at it. Sequentially consistent, as each side stores one word and loads the other. The
 * first look only spares those who poll a write.
 */
void qi_check_fault(struct qi *q)
{
	unsigned long flags;
	uint32_t taken;

	do {
		if (qi_load_seq_cst(&q->repair))
			return;
		/* A handler that submits on this CPU would wait for the repair that it holds up. */
		flags = qi_irq_save(q);
		taken = qi_exchange_seq_cst(&q->repair, 1);
		if (!taken) {
			qi_store_seq_cst(&q->repair_again, 0);
			qi_look_until_clean(q);
			qi_store_seq_cst(&q->repair, 0);
		}
		qi_irq_restore(q, flags);
		if (taken)
			return;
	} while (qi_load_seq_cst(&q->repair_again));
}

void qi_fault_interrupt(struct qi *q)
{
	qi_store_seq_cst(&q->repair_again, 1);
	qi_check_fault(q);
}

/* Cleared first: a wait that completes after this raises the interrupt again. */
void qi_completion_interrupt(struct qi *q)
{
	qi_write32(q, DMAR_ICS_REG, VTD_ICS_IWC);
	qi_wake(q);
}
