/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * life.c - the queue is turned on, off, and revived.
 *
 * These calls exclude each other (the embedder sees to that) but not submitters, waiters and
 * interrupts. A thread that changes the unit's state holds `repair`, so that no other takes the
 * half-programmed unit's registers for a fault.
 */
#include "queue.h"

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
		qi_check_fault(q, false);
}

/* False if the queue has died, or was not in `from` in the first place. */
static bool qi_change_mode(struct qi *q, enum qi_mode from, enum qi_mode to)
{
	unsigned long irq = qi_irq_save(q), flags = qi_lock(q);
	bool is = qi_mode_of(q->epoch) == from;
	struct qi_dispatched d = { 0, 0 };

	if (is) {
		qi_set_mode(q, to);
		d = qi_dispatch(q, NULL, false); /* opens the ring, or closes it */
	}
	qi_unlock(q, flags);
	qi_dispatched(q, NULL, d);
	qi_irq_restore(q, irq);
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
		if (qi_time_is_up(qi_round_ns(q, NULL), &late, now, end))
			return -QI_ERR_TIMEOUT;
		qi_relax(q);
	}
}

/*
 * Errors of before, which no thread will handle any more, would keep the new queue from starting.
 */
static void qi_clear_errors(struct qi *q)
{
	uint32_t fsts = qi_read32(q, DMAR_FSTS_REG) & VTD_FSTS_QI;

	if (fsts)
		qi_write32(q, DMAR_FSTS_REG, fsts);
}

/*
 * Turn off a queue whose contents are not wanted any more. The tail goes back to the head first: a
 * unit whose error has just been cleared would go on with the next descriptor.
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
 * In that slot, a wait that changes nothing: the submission which began there last, if one did, is
 * complete or not as it was. What stands there may be of any earlier lap, and is not to come late.
 */
static void qi_write_last_wait(struct qi *q, uint64_t slot)
{
	unsigned long flags = qi_lock(q);
	uint64_t last = q->closed - 2, at = last - ((last - slot) & q->mask);

	qi_replace(q, at, at, qi_tag(q, at) - (qi_load_relaxed(qi_status(q, at)) != qi_tag(q, at)));
	qi_unlock(q, flags);
}

/*
 * True if the unit stands still because it has done its work, or because an error keeps it from
 * going on. A unit that only seems to, or does not answer, may go on at any moment. *iqh: where.
 */
static bool qi_stands_still(struct qi *q, uint64_t end, uint64_t *iqh)
{
	uint32_t fsts;
	uint64_t iqt;

	for (;; qi_relax(q)) {
		fsts = qi_read32(q, DMAR_FSTS_REG); /* before the head, which an error stops */
		*iqh = qi_read64(q, DMAR_IQH_REG);
		iqt = qi_read64(q, DMAR_IQT_REG);
		if (fsts == QI_ALL_ONES32 || *iqh == QI_ALL_ONES64 || iqt == QI_ALL_ONES64)
			return false;
		if (*iqh == iqt || fsts & (VTD_FSTS_IQE | VTD_FSTS_ITE))
			return true;
		if (qi_now(q) >= end)
			return false;
	}
}

/*
 * QEMU's unit does not let go of QIE unless the last descriptor that it read was a wait. So let a
 * dead queue of our own, which no thread uses any more, end with one, if the unit still reads at
 * all. One that was not dead goes on to the tail by itself: only when it stands still may its next
 * slot be written, and the tail moved back, or a submission would lose a descriptor and yet
 * complete.
 */
static void qi_end_with_wait(struct qi *q)
{
	uint64_t end = qi_now(q) + q->cfg.timeout_ns, iqh, next;

	if (!(qi_read32(q, DMAR_GSTS_REG) & VTD_GSTS_QIES) || !qi_stands_still(q, end, &iqh))
		return;
	iqh = (iqh & VTD_IQ_OFFSET_MASK) >> q->shift & q->mask;
	next = ((iqh + 1) & q->mask) << q->shift;
	qi_write_last_wait(q, iqh);
	/* The tail once before, so that no more is read; once after, as QEMU's looks only then. */
	qi_write64(q, DMAR_IQT_REG, next);
	qi_clear_errors(q);
	qi_write64(q, DMAR_IQT_REG, next);
	while (qi_read64(q, DMAR_IQH_REG) != next && qi_now(q) < end &&
	       !(qi_read32(q, DMAR_FSTS_REG) & VTD_FSTS_QI))
		qi_relax(q);
}

/*
 * A queue that firmware or an older kernel left on. Let it finish what it has. An error in it
 * concerns no thread any more, and a queue that does not finish in time never will.
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
	if (!(ecap & VTD_ECAP_C)) {
		if (!q->host->flush)
			return -QI_ERR_INVALID;
		/* A submitter of a queue that is off may be reading them. */
		if (!q->flushes)
			q->flushes = true;
		if (q->way != QI_WAY_ODD)
			q->way = QI_WAY_ODD;
	}
	if (q->shift == 5)
		return ecap & VTD_ECAP_SMTS ? 0 : -QI_ERR_INVALID;
	/* In scalable mode a unit refuses every 128-bit descriptor (IQEI 5). */
	if (ecap & VTD_ECAP_SMTS &&
	    VTD_RTADDR_TTM(qi_read64(q, DMAR_RTADDR_REG)) == VTD_TTM_SCALABLE)
		return -QI_ERR_INVALID;
	return 0;
}

/*
 * Under the lock: no owner will repeat what is aborted in this ring. Returns where the first begins
 * that is not over.
 */
static uint64_t qi_forget_slots(struct qi *q, uint64_t tail)
{
	uint64_t first, from = q->head, word;

	for (first = q->head; first != tail; first = qi_behind(word)) {
		word = qi_published(q, first);
		if (word & QI_SLOT_OWED)
			q->owed--;
		if (from == first && qi_is_complete(q, first))
			from = qi_behind(word);
	}
	if (q->cfg.stats)
		qi_stats_reclaimed(q, q->head, tail);
	return from;
}

/* Nor what was: its owners are in doubt, and the log has the reset. */
static void qi_forget_passed(struct qi *q)
{
	while (q->npassed) {
		q->owed--;
		qi_note_unheard(q, q->passed[--q->npassed] + 1);
	}
}

/*
 * The ring starts again at slot 0, in a lap that was never used: a status write that is still to
 * come from before says less than "not yet". Owners that look only now find @reset in the log.
 */
static void qi_restart(struct qi *q, int reset)
{
	unsigned long flags = qi_lock(q);
	uint64_t tail = q->closed - 1, start = (tail + q->mask) & ~(uint64_t)q->mask;
	const struct qi_fault f = {
		.kind = QI_FAULT_RESET, .at = start, .from = qi_forget_slots(q, tail), .code = reset
	};

	if (reset)
		qi_log_fault(q, &f);
	qi_forget_passed(q);
	qi_store_release(&q->head, start);
	qi_store_relaxed(&q->closed, start + 1);
	qi_store_relaxed(&q->base, start);
	q->fetched = q->careful = q->mark = start;
	q->ats_left = 0;
	qi_store_relaxed(&q->ats_newest, 0);
	qi_store_relaxed(&q->aborted, start);
	qi_store_relaxed(&q->older, 0);
	qi_store_relaxed(&q->newer, 0);
	qi_store_relaxed(&q->rung, start);
	qi_store_relaxed(&q->again, 0);
	qi_store_relaxed(&q->room_at, 0);
	qi_store_release(&qi_slot(q, start)->published, start << QI_SLOT_SHIFT | QI_SLOT_DOORBELL);
	q->removed = false;
	q->drain.first = q->isolated = q->iqe_at = 0;
	q->quiet = false;
	qi_unlock(q, flags);
}

static int qi_start(struct qi *q, int reset)
{
	qi_restart(q, reset);
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
		qi_change_mode(q, qi_mode(q), QI_MODE_ON);
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
		err = qi_start(q, 0);
	return qi_end_start(q, err);
}

int qi_enable(struct qi *q)
{
	enum qi_mode mode = qi_mode(q);

	if (mode == QI_MODE_DEAD)
		return -QI_ERR_DEAD;
	return mode == QI_MODE_OFF ? qi_turn_on(q) : -QI_ERR_INVALID;
}

int qi_resume(struct qi *q)
{
	if (qi_mode(q) != QI_MODE_SUSPENDED)
		return -QI_ERR_INVALID;
	return qi_turn_on(q);
}

/* ---- turning off ---- */

/*
 * One look at a queue that is to be emptied: true when it is. A drain of our own completes after
 * everything else, also after what its owner has given up. Parts and repetitions that come after
 * the drain are to be drained as well. *owners: only they can bring matters forward, by a look.
 */
static bool qi_emptied(struct qi *q, struct qi_drain *drain, bool *owners)
{
	unsigned long irq = qi_irq_save(q), flags = qi_lock(q);
	struct qi_dispatched d = qi_dispatch(q, NULL, true);
	bool done = false;

	if (qi_mode_of(q->epoch) == QI_MODE_DRAINING && q->closed && !q->line &&
	    qi_drained(q, drain, &d)) {
		done = drain->first + 2 == q->closed;
		drain->first = done ? drain->first : 0;
	}
	*owners = done && q->owed;
	done = done && !q->owed && q->head + 1 == q->closed && qi_doorbell_remove(q);
	qi_unlock(q, flags);
	qi_dispatched(q, NULL, d);
	qi_irq_restore(q, irq);
	return done;
}

static int qi_stay_on(struct qi *q, struct qi_drain *drain)
{
	unsigned long flags = qi_lock(q);

	qi_drop_drain(q, drain);
	qi_unlock(q, flags);
	return qi_change_mode(q, QI_MODE_DRAINING, QI_MODE_ON) ? -QI_ERR_BUSY : q->dead;
}

/*
 * 0, with the queue still DRAINING; or an error, with the queue ON again or DEAD. Devices may take
 * longer to answer than this call may, so it does not wait for all that they may take.
 */
static int qi_empty(struct qi *q)
{
	uint64_t now = qi_now(q), end = now + 2 * q->cfg.timeout_ns, since = now;
	uint64_t looked = now, late = 0, owners_late = 0, stalled_late = 0;
	struct qi_watch watch = { 0, 0, false };
	struct qi_drain drain = { 0, 0 };
	bool owners = false, were = false;
	unsigned turns = 0;

	while (!qi_emptied(q, &drain, &owners)) {
		if (qi_mode(q) == QI_MODE_DEAD)
			return q->dead;
		qi_relax(q);
		now = qi_now(q);
		/* The owners' time starts when there is nothing else to wait for. */
		if (!owners || !were)
			since = now;
		were = owners;
		if (++turns < q->cfg.poll_budget && now - looked < qi_look_ns(q, NULL))
			continue;
		turns = 0;
		qi_doorbell_look(q, qi_load_relaxed(&q->rung), true);
		qi_check_fault(q, true);
		looked = now;
		qi_watch_head(q, &watch, qi_read_head(q));
		if (qi_has_stalled(q, &watch, now) &&
		    qi_time_is_up(qi_round_ns(q, NULL), &stalled_late, now,
				  watch.since + q->cfg.timeout_ns))
			qi_kill(q, -QI_ERR_DEAD);
		if (owners && qi_time_is_up(qi_round_ns(q, NULL), &owners_late, now,
					    since + q->cfg.timeout_ns))
			return qi_stay_on(q, &drain);
		if (qi_time_is_up(qi_round_ns(q, NULL), &late, now, end))
			return qi_stay_on(q, &drain);
	}
	return 0;
}

static int qi_turn_off(struct qi *q, enum qi_mode mode)
{
	int err;

	if (!qi_change_mode(q, QI_MODE_ON, QI_MODE_DRAINING))
		return qi_mode(q) == QI_MODE_DEAD ? q->dead : -QI_ERR_INVALID;
	err = qi_empty(q);
	if (err)
		return err;
	qi_hold_repair(q);
	err = qi_command(q, false);
	if (err)
		qi_kill(q, err == -QI_ERR_GONE ? err : -QI_ERR_DEAD);
	else
		qi_change_mode(q, QI_MODE_DRAINING, mode);
	qi_drop_repair(q);
	return qi_mode(q) == QI_MODE_DEAD ? q->dead : 0;
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

/*
 * True if no ticket is in line any more, and no thread is about to write into the ring, or to ring
 * the doorbell. Tickets leave the line at their owners' next look, as the queue is dead.
 */
static bool qi_is_deserted(struct qi *q)
{
	unsigned long flags = qi_lock(q);
	uint64_t first = q->head, word;
	bool deserted = qi_close(q) && !q->line;

	while (deserted && first + 1 != q->closed) {
		word = qi_published(q, first);
		deserted = qi_is_published(word, first);
		first = qi_behind(word);
	}
	deserted = deserted && qi_doorbell_remove(q);
	qi_unlock(q, flags);
	return deserted;
}

int qi_reset(struct qi *q)
{
	uint64_t end = qi_now(q) + q->cfg.timeout_ns, late = 0;
	enum qi_mode mode = qi_mode(q);
	int err;

	/* What may be on then is not ours. */
	if (mode == QI_MODE_OFF || mode == QI_MODE_SUSPENDED)
		return -QI_ERR_INVALID;
	qi_kill(q, -QI_ERR_DEAD);
	while (!qi_is_deserted(q)) {
		if (qi_time_is_up(qi_round_ns(q, NULL), &late, qi_now(q), end))
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
		err = qi_start(q, q->dead);
	return qi_end_start(q, err);
}
