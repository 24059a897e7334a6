/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fault.c - the fault register: what it says goes into the log, and the unit goes on.
 *
 * Any waiter, and the fault interrupt, may look. One at a time does (`repair`); the others do not
 * wait for it but go on polling their own words. Registers are read without the lock. While an
 * error bit is set the unit fetches nothing, so the head stands still until the repairing thread
 * clears the bit; by then the log has its entry and `epoch` has grown, and each owner finds out for
 * itself whether the fault concerns it (ticket.c).
 */
#include "queue.h"

#define QI_LOOKS 4

void qi_wake(struct qi *q)
{
	/* E0, pairs with E1 in qi_wait(): sleepers see what they are woken for. */
	qi_add_release(&q->events, 1);
	if (q->host->wake)
		q->host->wake(q->ctx, &q->events);
}

void qi_report(struct qi *q, const struct qi_error *e)
{
	if (q->host->report)
		q->host->report(q->ctx, e);
}

/* D0, pairs with D1: what was noted before is seen by those that see the new epoch. */
void qi_set_mode(struct qi *q, enum qi_mode mode)
{
	qi_store_release(&q->epoch, (q->epoch & ~QI_EPOCH_MODE) + QI_EPOCH_STEP + mode);
}

void qi_log_fault(struct qi *q, const struct qi_fault *f)
{
	struct qi_fault *entry = &q->log[q->faults++ % QI_FAULT_LOG];

	if (q->faults > QI_FAULT_LOG)
		q->forgotten = entry->epoch;
	*entry = *f;
	entry->epoch = q->epoch + QI_EPOCH_STEP;
	qi_set_mode(q, qi_mode_of(q->epoch));
}

void qi_kill(struct qi *q, int code)
{
	struct qi_error e = { .code = code };
	unsigned long flags = qi_lock(q);
	enum qi_mode mode;

	mode = qi_mode_of(q->epoch);
	/*
	 * The first cause stands. And a unit may have lost its power since the queue was turned
	 * off.
	 */
	if (mode != QI_MODE_ON && mode != QI_MODE_DRAINING) {
		qi_unlock(q, flags);
		return;
	}
	/* A submitter may be reading why it died the last time. */
	qi_store_relaxed(&q->dead, code);
	qi_set_mode(q, QI_MODE_DEAD);
	qi_close(q);
	qi_unlock(q, flags);
	qi_wake(q);
	qi_report(q, &e);
}

/*
 * The position of the slot that the head register names. `head` is read before the register, so the
 * unit's position is not below it; if that is a lap or more ahead already, the answer is too low by
 * whole laps, which is on the safe side.
 */
static uint64_t qi_head_position(const struct qi *q, uint64_t head, uint64_t iqh)
{
	uint64_t slot = (iqh & VTD_IQ_OFFSET_MASK) >> q->shift;

	return head + ((slot - head) & q->mask);
}

uint64_t qi_read_head(struct qi *q)
{
	uint64_t head = qi_load_acquire(&q->head); /* A2, before the register */
	uint64_t iqh = qi_read64(q, DMAR_IQH_REG);

	if (iqh != QI_ALL_ONES64)
		return qi_head_position(q, head, iqh);
	qi_kill(q, -QI_ERR_GONE);
	return 0;
}

void qi_note_fetched(struct qi *q, uint64_t at)
{
	if (at > q->fetched)
		q->fetched = at;
}

bool qi_is_fetched(struct qi *q, uint64_t at)
{
	uint64_t head = qi_read_head(q);
	unsigned long flags = qi_lock(q);

	qi_note_fetched(q, head);
	qi_unlock(q, flags);
	return head > at;
}

/*
 * ITE: everything that was fetched and is not complete is aborted. Owners that have to repeat
 * something are counted, so that qi_disable() waits for them. Where a late status write hides
 * whether it was complete, there may be no owner any more: that one is not waited for.
 */
static void qi_abort(struct qi *q, uint64_t at, uint16_t sid)
{
	struct qi_fault f = {
		.kind = QI_FAULT_ITE, .at = at, .from = q->head, .alone = q->isolated, .sid = sid
	};
	uint64_t first, word, unheard = 0;

	for (first = q->head; first < at; first = qi_behind(word)) {
		word = qi_published(q, first);
		if (!qi_is_published(word, first))
			break;
		if (f.from == first && qi_is_over(q, first, word))
			f.from = qi_behind(word);
		if (qi_is_complete(q, first) ||
		    word & (QI_SLOT_LEFT | QI_SLOT_CORE | QI_SLOT_OWED) ||
		    (qi_wait_of(word) >= at && !(word & QI_SLOT_ATS)))
			continue;
		qi_count(q, aborts, 1);
		if (qi_wait_of(word) < at && qi_is_overwritten(q, first)) {
			unheard = first + 1;
			continue;
		}
		qi_or_relaxed(&qi_slot(q, first)->published, QI_SLOT_OWED);
		q->owed++;
	}
	qi_log_fault(q, &f);
	qi_note_unheard(q, unheard);
	qi_store_release(&q->aborted, at);
	if (q->careful < first)
		q->careful = first;
}

/* True if the code is about the descriptor, not about the ring, the tail or the width. */
static bool qi_is_about_desc(unsigned iqei)
{
	return iqei == VTD_IQEI_NONE || iqei == VTD_IQEI_TYPE || iqei == VTD_IQEI_RESERVED ||
	       iqei == VTD_IQEI_TTM;
}

/*
 * IQE: the unit refuses the descriptor at `at`. In its place goes the one descriptor that every
 * unit takes, a wait with a status write (QEMU's refuses one with neither SW nor IF). False: beyond
 * repair.
 */
static bool qi_refuse_desc(struct qi *q, uint64_t at, unsigned iqei)
{
	const struct qi_fault f = { .kind = QI_FAULT_IQE, .at = at, .iqei = (uint8_t)iqei };
	uint64_t first = q->head, word = qi_published(q, first);

	if (at != q->iqe_at) {
		q->iqe_at = at;
		q->iqe_replaced = false;
		q->iqe_count = 0;
	}
	while (qi_is_published(word, first) && qi_wait_of(word) < at) {
		first = qi_behind(word);
		word = qi_published(q, first);
	}
	/* Not about a descriptor, or about one that the unit has not been told of. */
	if (!qi_is_about_desc(iqei) || q->iqe_replaced || !qi_is_published(word, first))
		return q->iqe_count++ < q->cfg.retries;
	qi_log_fault(q, &f);
	qi_count(q, descriptors[*qi_ring_at(q, at) & 0xf], 1);
	qi_count(q, aborts, 1);
	/* In place of the wait another one; else "not yet", once more. */
	qi_replace(q, at, first, qi_tag(q, first) - (at != qi_wait_of(word)));
	q->iqe_replaced = true;
	return true;
}

static void qi_report_faults(struct qi *q, uint32_t faults, uint64_t record, uint64_t at)
{
	const struct qi_error iqe = { .code = -QI_ERR_IQE,
				      .index = (unsigned)(at & q->mask),
				      .iqei = (uint8_t)VTD_IQERCD_IQEI(record) };
	const struct qi_error ite = { .code = -QI_ERR_DEVICE,
				      .sid = (uint16_t)VTD_IQERCD_ITESID(record) };
	const struct qi_error ice = { .sid = (uint16_t)VTD_IQERCD_ICESID(record) };

	qi_trace(q, .kind = QI_TRACE_FAULT, .fsts = faults, .at = at);
	if (faults & VTD_FSTS_IQE)
		qi_report(q, &iqe);
	if (faults & VTD_FSTS_ITE)
		qi_report(q, &ite);
	if (faults & VTD_FSTS_ICE)
		qi_report(q, &ice);
}

static void qi_repair(struct qi *q, uint32_t faults)
{
	uint64_t record = qi_read64(q, DMAR_IQERCD_REG), at = qi_read_head(q);
	unsigned long flags;
	bool alive = true;

	if (record == QI_ALL_ONES64)
		qi_kill(q, -QI_ERR_GONE);
	if (!at || record == QI_ALL_ONES64)
		return;
	flags = qi_lock(q);
	qi_note_fetched(q, at);
	if (faults & VTD_FSTS_ITE)
		qi_abort(q, at, (uint16_t)VTD_IQERCD_ITESID(record));
	if (faults & VTD_FSTS_IQE)
		alive = qi_refuse_desc(q, at, VTD_IQERCD_IQEI(record));
	qi_unlock(q, flags);

	qi_count(q, ite, !!(faults & VTD_FSTS_ITE));
	qi_count(q, iqe, !!(faults & VTD_FSTS_IQE));
	qi_count(q, ice, !!(faults & VTD_FSTS_ICE));
	qi_report_faults(q, faults, record, at);
	if (!alive) {
		qi_kill(q, -QI_ERR_DEAD);
		return;
	}
	/* R0: all that was noted is visible to owners that see what the unit does from now on. */
	qi_write32(q, DMAR_FSTS_REG, faults);
	qi_doorbell_again(q); /* some models go on only when the tail is written */
	qi_wake(q);
}

/* A unit that has lost its registers has lost the queue. */
static void qi_check_enabled(struct qi *q)
{
	uint32_t gsts = qi_read32(q, DMAR_GSTS_REG);

	if (gsts == QI_ALL_ONES32)
		qi_kill(q, -QI_ERR_GONE);
	else if (!(gsts & VTD_GSTS_QIES))
		qi_kill(q, -QI_ERR_DEAD);
}

/* True if there was something to repair. */
static bool qi_look(struct qi *q, bool overdue)
{
	enum qi_mode mode = qi_mode(q);
	uint32_t fsts;

	if (mode != QI_MODE_ON && mode != QI_MODE_DRAINING)
		return false;
	fsts = qi_read32(q, DMAR_FSTS_REG);
	if (fsts == QI_ALL_ONES32) {
		qi_kill(q, -QI_ERR_GONE);
		return false;
	}
	if (!(fsts & VTD_FSTS_QI)) {
		if (overdue)
			qi_check_enabled(q);
		return false;
	}
	qi_repair(q, fsts & VTD_FSTS_QI);
	return true;
}

/*
 * What came while other error bits were set has sent no message of its own, so a repair is followed
 * by another look; but a bit that cannot be cleared must not keep this thread for ever.
 */
static void qi_look_until_clean(struct qi *q, bool overdue)
{
	unsigned looks = 0;

	while (qi_look(q, overdue) && ++looks < QI_LOOKS)
		;
}

static bool qi_sees_fault(struct qi *q)
{
	enum qi_mode mode = qi_mode(q);

	return (mode == QI_MODE_ON || mode == QI_MODE_DRAINING) &&
	       qi_read32(q, DMAR_FSTS_REG) & VTD_FSTS_QI;
}

/*
 * F0/F1: a thread that finds `repair` taken leaves `repair_again` set, and the one that gives
 * `repair` back then looks at it. Sequentially consistent, as each side stores one word and loads
 * the other. Nearly all looks end before `repair` is taken: they write nothing that others read.
 */
void qi_check_fault(struct qi *q, bool overdue)
{
	unsigned long flags;
	uint32_t taken;

	do {
		if (qi_load_seq_cst(&q->repair) || (!overdue && !qi_sees_fault(q)))
			return;
		/* A handler that submits on this CPU would wait for the repair that it holds up. */
		flags = qi_irq_save(q);
		taken = qi_exchange_seq_cst(&q->repair, 1);
		if (!taken) {
			qi_store_seq_cst(&q->repair_again, 0);
			qi_look_until_clean(q, overdue);
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
	qi_check_fault(q, false);
}

/* Cleared first: a wait that completes after this raises the interrupt again. */
void qi_completion_interrupt(struct qi *q)
{
	qi_write32(q, DMAR_ICS_REG, VTD_ICS_IWC);
	qi_wake(q);
}
