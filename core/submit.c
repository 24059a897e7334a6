/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * submit.c - from the caller's descriptors to a queued ticket.
 */
#include "insert.h"

static int qi_refuse(struct qi *q, struct qi_ticket *t, int code)
{
	t->phase = QI_PHASE_FINISHED;
	t->error.code = code;
	qi_count(q, errors[-code], 1);
	return code;
}

static int qi_refuse_desc(struct qi *q, struct qi_ticket *t, unsigned index)
{
	struct qi_refusal why = qi_desc_refusal(&q->rules, &t->desc[index]);

	t->error.index = index;
	t->error.field = why.field;
	t->error.reason = why.reason;
	return qi_refuse(q, t, -QI_ERR_DESC);
}

static bool qi_options_valid(const struct qi *q, unsigned options)
{
	if (options & ~(QI_OPT_WAIT_DRAIN | QI_OPT_FENCE | QI_OPT_INTERRUPT))
		return false;
	if (options & QI_OPT_WAIT_DRAIN && !(q->rules.ecap & VTD_ECAP_PDS))
		return false;
	return !(options & QI_OPT_INTERRUPT) || q->cfg.interrupt.enable;
}

/*
 * Those of device TLBs. One that is known to be gone is not asked: all would wait for its time-out.
 */
static int qi_judge_devices(struct qi *q, struct qi_ticket *t)
{
	unsigned i;

	for (i = 0; i < t->count; i++) {
		if (!qi_is_ats(&t->desc[i]))
			continue;
		t->ats = true;
		if (!qi_gone(q, qi_ats_sid(&t->desc[i])))
			continue;
		t->error.index = i;
		t->error.sid = qi_ats_sid(&t->desc[i]);
		return qi_refuse(q, t, -QI_ERR_DEVICE);
	}
	return 0;
}

/* One that is not as plain as most, or a 256-bit queue. */
static int qi_judge_all(struct qi *q, struct qi_ticket *t)
{
	unsigned i;

	for (i = 0; i < t->count; i++) {
		if (!qi_desc_valid(&q->rules, &t->desc[i]))
			return qi_refuse_desc(q, t, i);
	}
	return qi_judge_devices(q, t);
}

static inline int qi_judge(struct qi *q, struct qi_ticket *t)
{
	unsigned i;

	if (t->options && !qi_options_valid(q, t->options))
		return qi_refuse(q, t, -QI_ERR_INVALID);
	if (q->rules.rsvd23)
		return qi_judge_all(q, t);
	for (i = 0; i < t->count; i++) {
		if (!qi_desc_quick(&q->rules, &t->desc[i]))
			return qi_judge_all(q, t);
	}
	return 0;
}

/* For the latency. */
static void qi_stamp(struct qi *q, struct qi_ticket *t)
{
	unsigned i, type, types = 0;

	for (i = 0; i < t->count; i++)
		types |= 1U << (t->desc[i].qw0 & 0xf);
	type = types ? (unsigned)__builtin_ctz(types) : QI_IWD_TYPE;
	t->type = types & (types - 1) ? 0 : (uint8_t)type;
	t->start = qi_now(q);
}

/* By way of the lock. Interrupts off: a handler on this CPU might wait for room that is kept. */
static int qi_line_up(struct qi *q, struct qi_ticket *t)
{
	unsigned long irq = qi_irq_save(q), flags = qi_lock(q);
	uint32_t mode = q->mode;
	bool kept = mode == QI_MODE_ON && qi_ring_keep_room(q, t);

	if (mode == QI_MODE_ON && !kept) {
		qi_ring_enter(q, t);
		if (qi_is_queued(t))
			qi_count(q, full_waits, 1);
	}
	qi_unlock(q, flags);
	if (kept)
		qi_ring_insert_at(q, t, qi_add_seq_cst(&q->tail, t->n + 1));
	qi_irq_restore(q, irq);
	if (mode == QI_MODE_ON) {
		qi_count(q, submissions, 1);
		return 0;
	}
	/* Nothing of this caller's keeps the queue from being revived, and from dying again. */
	return qi_refuse(q, t, mode == QI_MODE_DEAD ? qi_load_relaxed(&q->dead) : -QI_ERR_OFF);
}

/*
 * Interrupts off: slots that have been taken keep everybody behind them waiting until they are
 * written, a handler on this CPU too.
 */
static inline int qi_enter(struct qi *q, struct qi_ticket *t)
{
	unsigned long flags;
	bool inserted;
	int64_t room;

	if (!qi_ticketed(q) || t->count >= q->mask)
		return qi_line_up(q, t);
	flags = qi_irq_save(q);
	inserted = qi_insert(q, t, &room);
	qi_irq_restore(q, flags);
	if (!inserted)
		return qi_line_up(q, t);
	qi_count(q, submissions, 1);
	/* While the unit works: nobody waits for this but who would wait anyway. */
	if (room < q->mask / 2)
		qi_ring_tidy(q);
	return 0;
}

/* Once in each of its callers: a call would cost a tenth of what it does. */
static inline __attribute__((always_inline)) int qi_start(struct qi *q, const struct qi_desc *desc,
							  unsigned count, unsigned options,
							  struct qi_ticket *t, bool waits)
{
	uint32_t mode = qi_load_acquire(&q->mode);
	int err;

	t->desc = desc;
	t->count = count;
	t->options = options;
	t->base = 0;
	t->n = count;
	t->turns = t->attempts = 0;
	t->clock_at = QI_CLOCK_TURNS;
	t->ats = t->slow = t->suspect = t->front = false;
	t->waits = waits;
	t->since = t->looked = t->deadline = t->late = t->asleep = 0;
	t->nsilent = 0;
	if (count && !desc)
		return qi_refuse(q, t, -QI_ERR_INVALID);
	/* The rules may not be known before the queue has been on. */
	if (mode != QI_MODE_ON)
		return qi_refuse(q, t,
				 mode == QI_MODE_DEAD ? qi_load_relaxed(&q->dead) : -QI_ERR_OFF);
	err = qi_judge(q, t);
	if (err)
		return err;
	if (q->cfg.stats)
		qi_stamp(q, t);
	return qi_enter(q, t);
}

int qi_submit(struct qi *q, const struct qi_desc *desc, unsigned count, unsigned options,
	      struct qi_ticket *t)
{
	t->error = (struct qi_error){ 0 };
	return qi_start(q, desc, count, options, t, false);
}

/* Nobody sees the error of this ticket but its code. One who may sleep does not count as there. */
int qi_submit_sync(struct qi *q, const struct qi_desc *desc, unsigned count, unsigned options)
{
	struct qi_ticket t;
	int err = qi_start(q, desc, count, options, &t, !(options & QI_OPT_INTERRUPT));

	return err ? err : qi_wait(q, &t);
}
