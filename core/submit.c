/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * submit.c - from the caller's descriptors to a queued ticket.
 */
#include "core.h"

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
 * Judge the options and every descriptor. A device that is known to be gone is not asked: that
 * would stall the queue for everybody until it times out.
 */
static int qi_judge(struct qi *q, struct qi_ticket *t)
{
	unsigned i, type, types = 0;

	if (!qi_options_valid(q, t->options))
		return qi_refuse(q, t, -QI_ERR_INVALID);
	for (i = 0; i < t->count; i++) {
		if (!qi_desc_valid(&q->rules, &t->desc[i]))
			return qi_refuse_desc(q, t, i);
		types |= 1U << (t->desc[i].qw0 & 0xf);
	}
	t->ats = types & (1U << QI_DIOTLB_TYPE | 1U << QI_DEIOTLB_TYPE);
	for (i = 0; t->ats && i < t->count; i++) {
		if (!qi_is_ats(&t->desc[i]) || !qi_gone(q, qi_ats_sid(&t->desc[i])))
			continue;
		t->error.index = i;
		t->error.sid = qi_ats_sid(&t->desc[i]);
		return qi_refuse(q, t, -QI_ERR_DEVICE);
	}
	if (q->cfg.stats) {
		type = types ? (unsigned)__builtin_ctz(types) : QI_IWD_TYPE;
		t->type = types & (types - 1) ? 0 : (uint8_t)type;
		t->start = qi_now(q);
	}
	return 0;
}

int qi_submit(struct qi *q, const struct qi_desc *desc, unsigned count, unsigned options,
	      struct qi_ticket *t)
{
	unsigned long flags;
	uint32_t mode;
	int err;

	*t = (struct qi_ticket){ .desc = desc, .count = count, .options = options };
	if (count && !desc)
		return qi_refuse(q, t, -QI_ERR_INVALID);
	/* The rules may not be known before the queue has been on. */
	mode = qi_load_acquire(&q->mode);
	if (mode == QI_MODE_ON) {
		err = qi_judge(q, t);
		if (err)
			return err;
		flags = qi_lock(q);
		mode = q->mode;
		if (mode == QI_MODE_ON) {
			qi_ring_enter(q, t);
			qi_count_locked(q, submissions, 1);
			if (qi_load_relaxed(&t->phase) == QI_PHASE_QUEUED)
				qi_count_locked(q, full_waits, 1);
			qi_unlock(q, flags);
			return 0;
		}
		qi_unlock(q, flags);
	}
	/* Nothing of this caller's keeps the queue from being revived, and from dying again. */
	return qi_refuse(q, t, mode == QI_MODE_DEAD ? qi_load_relaxed(&q->dead) : -QI_ERR_OFF);
}

int qi_submit_sync(struct qi *q, const struct qi_desc *desc, unsigned count, unsigned options)
{
	struct qi_ticket t;
	int err = qi_submit(q, desc, count, options, &t);

	return err ? err : qi_wait(q, &t);
}
