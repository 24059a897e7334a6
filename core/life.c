/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * life.c - the queue is turned on, off, and revived.
 *
 * These calls exclude each other (the embedder sees to that) but not submitters, waiters and
 * interrupts. Whoever changes the unit's state here holds `repair`, so that no one else takes the
 * half-programmed unit's registers for a fault.
 */
#include "core.h"

static void qi_hold_repair(struct qi *q)
{
	while (qi_exchange_seq_cst(&q->repair, 1))
		qi_relax(q);
}

static void qi_drop_repair(struct qi *q)
{
	qi_store_seq_cst(&q->repair, 0);
	/* F1: an interrupt that came meanwhile was for us to see; now for the others. */
	if (qi_load_seq_cst(&q->repair_again))
		qi_check_fault(q);
}

/* False if the queue has died, or was not in `from` in the first place. */
static bool qi_change_mode(struct qi *q, enum qi_mode from, enum qi_mode to)
{
	unsigned long flags = qi_lock(q);
	bool is = q->mode == from;

	if (is) {
		qi_store_release(&q->mode, to); /* D0 */
		qi_ring_gate(q);
	}
	qi_unlock(q, flags);
	return is;
}

/* ---- the registers ---- */

/* Set or clear QIE, leave the rest of GCMD as it is, and see that it has taken effect. */
static int qi_command(struct qi *q, bool on)
{
	uint64_t end = qi_now(q) + q->cfg.timeout_ns, late = 0, now;
	uint32_t gsts = qi_read32(q, DMAR_GSTS_REG);

	if (gsts == QI_ALL_ONES32)
		return -QI_ERR_GONE;
	gsts &= ~(VTD_GCMD_ONESHOT | VTD_GCMD_QIE);
	qi_write32(q, DMAR_GCMD_REG, gsts | (on ? VTD_GCMD_QIE : 0));
	for (;;) {
		now = qi_now(q); /* before the look that is the last */
		gsts = qi_read32(q, DMAR_GSTS_REG);
		if (gsts == QI_ALL_ONES32)
			return -QI_ERR_GONE;
		if (!(gsts & VTD_GSTS_QIES) == !on)
			return 0;
		if (qi_time_is_up(q, &late, now, end))
			return -QI_ERR_TIMEOUT;
		qi_relax(q);
	}
}

/* Errors that nobody will handle any more would keep the new queue from starting. */
static void qi_clear_errors(struct qi *q)
{
	uint32_t fsts = qi_read32(q, DMAR_FSTS_REG) & VTD_FSTS_QI;

	if (fsts)
		qi_write32(q, DMAR_FSTS_REG, fsts);
}

/*
 * Turn off a queue whose contents nobody wants. The tail goes back to the head first: one that has
 * just been freed of an error would go on with the next descriptor.
 */
static int qi_force_off(struct qi *q)
{
	uint64_t iqh = qi_read64(q, DMAR_IQH_REG);

	if (iqh == QI_ALL_ONES64)
		return -QI_ERR_GONE;
	qi_write64(q, DMAR_IQT_REG, iqh & VTD_IQ_OFFSET_MASK);
	qi_clear_errors(q);
	return qi_command(q, false);
}

/*
 * QEMU's unit does not let go of QIE unless the last descriptor that it read was a wait. So let a
 * dead queue of our own, which nobody uses any more, end with one, if the unit still reads at all.
 * One that was not dead goes on to the tail by itself: only when it stands still may its next slot
 * be written, and the tail moved back.
 */
static void qi_end_with_wait(struct qi *q)
{
	uint64_t end = qi_now(q) + q->cfg.timeout_ns, iqh, next;
	unsigned long flags;

	if (!(qi_read32(q, DMAR_GSTS_REG) & VTD_GSTS_QIES))
		return;
	while (qi_read64(q, DMAR_IQH_REG) != qi_read64(q, DMAR_IQT_REG) && qi_now(q) < end &&
	       !(qi_read32(q, DMAR_FSTS_REG) & (VTD_FSTS_IQE | VTD_FSTS_ITE)))
		qi_relax(q);

	iqh = (qi_read64(q, DMAR_IQH_REG) & VTD_IQ_OFFSET_MASK) >> q->shift & q->mask;
	next = ((iqh + 1) & q->mask) << q->shift;
	flags = qi_lock(q);
	/* The slot's last position before the tail: nobody waits for that, or for a later one. */
	qi_ring_replace(q, qi_tail(q) - 1 - ((qi_tail(q) - 1 - iqh) & q->mask));
	qi_unlock(q, flags);
	/* The tail once before, so that no more is read; once after, as QEMU's looks only then. */
	qi_write64(q, DMAR_IQT_REG, next);
	qi_clear_errors(q);
	qi_write64(q, DMAR_IQT_REG, next);
	while (qi_read64(q, DMAR_IQH_REG) != next && qi_now(q) < end &&
	       !(qi_read32(q, DMAR_FSTS_REG) & VTD_FSTS_QI))
		qi_relax(q);
}

/*
 * A queue that firmware or an older kernel left on. Let it finish what it has. An error in it is
 * nobody's any more, and one that does not finish in time never will.
 */
static int qi_stop_foreign(struct qi *q)
{
	uint64_t end = qi_now(q) + q->cfg.timeout_ns, iqh;
	uint32_t gsts = qi_read32(q, DMAR_GSTS_REG);

	if (gsts == QI_ALL_ONES32)
		return -QI_ERR_GONE;
	if (!(gsts & VTD_GSTS_QIES))
		return 0;
	do {
		iqh = qi_read64(q, DMAR_IQH_REG);
		if (iqh == qi_read64(q, DMAR_IQT_REG))
			return qi_command(q, false);
		qi_relax(q);
	} while (!(qi_read32(q, DMAR_FSTS_REG) & VTD_FSTS_QI) && qi_now(q) < end);
	return qi_force_off(q);
}

static void qi_program_interrupt(struct qi *q)
{
	qi_write32(q, DMAR_IECTL_REG, VTD_IECTL_IM);
	qi_write32(q, DMAR_IEDATA_REG, q->cfg.interrupt.data);
	qi_write32(q, DMAR_IEADDR_REG, q->cfg.interrupt.addr);
	qi_write32(q, DMAR_IEUADDR_REG, q->cfg.interrupt.uaddr);
	qi_write32(q, DMAR_ICS_REG, VTD_ICS_IWC);
	qi_write32(q, DMAR_IECTL_REG, 0);
}

/* The sizes that IQA.QS cannot express are the software unit's to know. */
static uint64_t qi_iqa(const struct qi *q)
{
	unsigned least = q->shift == 5 ? 7 : 8;
	uint64_t qs = q->order > least ? q->order - least : 0;

	return q->cfg.ring.phys | qs | (q->shift == 5 ? VTD_IQA_DW : 0);
}

/* ---- turning on ---- */

/*
 * Where the configuration left the capabilities to the unit, they are read once: submitters may be
 * reading the rules when the queue is turned on for the second time.
 */
static int qi_read_caps(struct qi *q)
{
	uint64_t cap, ecap;

	if (q->known)
		return 0;
	cap = qi_read64(q, DMAR_CAP_REG);
	ecap = qi_read64(q, DMAR_ECAP_REG);
	if (ecap == QI_ALL_ONES64)
		return -QI_ERR_GONE;
	qi_rules_init(&q->rules, cap, ecap, q->cfg.width);
	/* K0, pairs with K1 in qi_known(): the rules are there. */
	qi_store_release(&q->known, 1);
	return 0;
}

/* What qi_init() could not check without the unit's capabilities. */
static int qi_check_caps(struct qi *q)
{
	int err = qi_read_caps(q);
	uint64_t ecap = q->rules.ecap;

	if (err)
		return err;
	if (!(ecap & VTD_ECAP_QI))
		return -QI_ERR_INVALID;
	if (!(ecap & VTD_ECAP_C) && !q->cfg.host->flush)
		return -QI_ERR_INVALID;
	if (q->shift == 5)
		return ecap & VTD_ECAP_SMTS ? 0 : -QI_ERR_INVALID;
	/* In scalable mode a unit refuses every 128-bit descriptor (IQEI 5). */
	if (ecap & VTD_ECAP_SMTS &&
	    VTD_RTADDR_TTM(qi_read64(q, DMAR_RTADDR_REG)) == VTD_TTM_SCALABLE)
		return -QI_ERR_INVALID;
	return 0;
}

/*
 * The ring starts again at slot 0, in a lap that was never used: a status write that is still to
 * come from before meets a tag that is not its own.
 */
static void qi_restart(struct qi *q)
{
	unsigned long flags = qi_lock(q);
	uint64_t start = (qi_tail(q) + q->mask) & ~(uint64_t)q->mask;

	/*
	 * Somebody who has come too late may be about to give back what he took: so add, not set.
	 */
	if (qi_ticketed(q))
		qi_add_seq_cst(&q->room, (int64_t)(qi_tail(q) - q->head));
	qi_store_relaxed(&q->tail, start);
	q->fetched = start;
	q->completed = start - 1;
	q->ats_left = 0;
	q->older = q->newer = q->watch = 0;
	q->deep = false;
	qi_store_relaxed(&q->head, start);
	qi_store_relaxed(&q->rung, start);
	qi_store_relaxed(&q->kick, 0);
	q->drain.wait = q->isolated = 0;
	q->quiet = false;
	qi_unlock(q, flags);
	q->stall_since = q->still_since = 0;
	q->iqe_at = 0;
}

static int qi_start(struct qi *q)
{
	qi_restart(q);
	qi_clear_errors(q);
	qi_write64(q, DMAR_IQT_REG, 0);
	qi_write64(q, DMAR_IQA_REG, qi_iqa(q));
	if (q->cfg.interrupt.enable)
		qi_program_interrupt(q);
	return qi_command(q, true);
}

/*
 * What began with qi_hold_repair(). The queue is open only when `repair` has been given back: a
 * handler that submits on this CPU would wait for the repair that it holds up.
 */
static int qi_end_start(struct qi *q, int err)
{
	qi_drop_repair(q);
	if (!err)
		qi_change_mode(q, (enum qi_mode)q->mode, QI_MODE_ON);
	return err;
}

static int qi_turn_on(struct qi *q)
{
	int err;

	qi_hold_repair(q);
	err = qi_check_caps(q);
	if (!err)
		err = qi_stop_foreign(q);
	if (!err)
		err = qi_start(q);
	return qi_end_start(q, err);
}

int qi_enable(struct qi *q)
{
	uint32_t mode = qi_load_acquire(&q->mode);

	if (mode == QI_MODE_DEAD)
		return -QI_ERR_DEAD;
	return mode == QI_MODE_OFF ? qi_turn_on(q) : -QI_ERR_INVALID;
}

int qi_resume(struct qi *q)
{
	if (qi_load_acquire(&q->mode) != QI_MODE_SUSPENDED)
		return -QI_ERR_INVALID;
	return qi_turn_on(q);
}

/* ---- turning off ---- */

/*
 * Wait position of the oldest submission in the ring that its owner has not freed, or 0; of one
 * that is still being written, its first.
 */
static uint64_t qi_oldest(const struct qi *q)
{
	uint64_t first, wait;

	for (first = q->head; first != qi_tail(q); first = wait + 1) {
		wait = qi_wait_of(q, first);
		if (wait < first)
			return first;
		if (qi_state(q, wait) != QI_FREE)
			return wait;
	}
	return 0;
}

/* Is it its owner's turn, and nobody else's, as there is an outcome to take? */
static bool qi_uncollected(const struct qi *q, uint64_t wait)
{
	return qi_state(q, wait) == QI_ABORT || qi_completed(q, wait);
}

/*
 * One look at a queue that is to be emptied: true when it is. A drain of our own completes after
 * everything else, also after what its owner has given up. *oldest is what qi_oldest() says,
 * *owners whether only that one's owner can bring matters forward.
 */
static bool qi_emptied(struct qi *q, struct qi_drain *drain, uint64_t *oldest, bool *owners)
{
	unsigned long flags = qi_lock(q);
	bool done = false, empty = false;
	uint64_t tail;

	if (q->mode == QI_MODE_DRAINING) {
		qi_ring_pump(q, NULL, NULL);
		tail = qi_tail(q);
		/* Parts and repetitions that came after the drain are to be drained as well. */
		if (!q->queued && qi_ring_drained(q, drain)) {
			done = drain->wait + 1 == qi_tail(q);
			drain->wait = done ? drain->wait : 0;
		}
		/*
		 * Whoever was ringing may have stopped before the drain: nobody else looks after
		 * it.
		 */
		if (qi_tail(q) != tail || qi_ticketed(q))
			qi_bell(q);
		empty = done && qi_ring_room(q) == q->mask && !q->owed;
		*oldest = qi_oldest(q);
		*owners = q->owed || (*oldest && (done || qi_uncollected(q, *oldest)));
	}
	qi_unlock(q, flags);
	return empty;
}

static int qi_give_drain_up(struct qi *q)
{
	return qi_change_mode(q, QI_MODE_DRAINING, QI_MODE_ON) ? -QI_ERR_BUSY : q->dead;
}

/*
 * 0, with the queue still DRAINING; or an error, with the queue ON again or DEAD. Devices may take
 * longer to answer than this call may, so it does not wait for all that they may take.
 */
static int qi_drain(struct qi *q)
{
	uint64_t now = qi_now(q), end = now + 2 * q->cfg.timeout_ns, late = 0, owners_late = 0;
	uint64_t since = now, looked = now, oldest = 0, seen = 0;
	struct qi_drain drain = { 0, 0 };
	bool owners = false, were = false;
	unsigned turns = 0;

	while (!qi_emptied(q, &drain, &oldest, &owners)) {
		if (qi_load_acquire(&q->mode) == QI_MODE_DEAD) /* D1 */
			return q->dead;
		qi_relax(q);
		now = qi_now(q);
		if (++turns < q->cfg.poll_budget && now - looked < qi_look_ns(q))
			continue;
		turns = 0;
		qi_check_fault(q);
		looked = now = qi_now(q);
		/* The owner's time starts when there is something for it to take. */
		if (oldest != seen || owners != were)
			since = now;
		seen = oldest;
		were = owners;
		if (owners && qi_time_is_up(q, &owners_late, now, since + q->cfg.timeout_ns))
			return qi_give_drain_up(q);
		if (qi_time_is_up(q, &late, now, end))
			return qi_give_drain_up(q);
	}
	return 0;
}

static int qi_turn_off(struct qi *q, enum qi_mode mode)
{
	int err;

	if (!qi_change_mode(q, QI_MODE_ON, QI_MODE_DRAINING))
		return qi_load_acquire(&q->mode) == QI_MODE_DEAD ? q->dead : -QI_ERR_INVALID;
	err = qi_drain(q);
	if (err)
		return err;
	qi_hold_repair(q);
	err = qi_command(q, false);
	if (err)
		qi_kill(q, err == -QI_ERR_GONE ? err : -QI_ERR_DEAD);
	else
		qi_change_mode(q, QI_MODE_DRAINING, mode);
	qi_drop_repair(q);
	return qi_load_acquire(&q->mode) == QI_MODE_DEAD ? q->dead : 0;
}

int qi_disable(struct qi *q)
{
	return qi_turn_off(q, QI_MODE_OFF);
}

int qi_suspend(struct qi *q)
{
	return qi_turn_off(q, QI_MODE_SUSPENDED);
}

/* ---- reviving ---- */

/* Has every owner left? They do at their next look, as the queue is dead. */
static bool qi_deserted(struct qi *q)
{
	unsigned long flags = qi_lock(q);
	bool deserted = !q->queued && !q->owed && qi_ring_still(q) && !qi_oldest(q);

	qi_unlock(q, flags);
	return deserted;
}

int qi_reset(struct qi *q)
{
	uint64_t end = qi_now(q) + q->cfg.timeout_ns, late = 0;
	uint32_t mode = qi_load_acquire(&q->mode);
	int err;

	/* What may be on then is not ours. */
	if (mode == QI_MODE_OFF || mode == QI_MODE_SUSPENDED)
		return -QI_ERR_INVALID;
	qi_kill(q, -QI_ERR_DEAD);
	while (!qi_deserted(q)) {
		if (qi_time_is_up(q, &late, qi_now(q), end))
			return -QI_ERR_BUSY;
		qi_relax(q);
	}
	qi_hold_repair(q);
	err = qi_check_caps(q);
	if (!err) {
		qi_end_with_wait(q);
		err = qi_force_off(q);
	}
	if (!err)
		err = qi_start(q);
	return qi_end_start(q, err);
}
