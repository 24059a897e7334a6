/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * snapshot.c - what a dump shows, while other CPUs go on.
 */
#include "queue.h"

/* Word by word, as a refused descriptor may be replaced, and a status word be written. */
static void qi_view_slot(const struct qi *q, uint64_t first, uint64_t pos, enum qi_state state,
			 struct qi_slot_view *out)
{
	const uint64_t *at = qi_ring_at(q, pos);

	*out = (struct qi_slot_view){
		.desc = { qi_load_relaxed(&at[0]), qi_load_relaxed(&at[1]), 0, 0 },
		.state = state,
		.status = qi_load_relaxed(qi_status(q, first)),
		.tag = qi_tag(q, first),
	};
	if (q->shift == 5) {
		out->desc.qw2 = qi_load_relaxed(&at[2]);
		out->desc.qw3 = qi_load_relaxed(&at[3]);
	}
}

static bool qi_view_refused(const struct qi *q, uint64_t first, uint64_t wait)
{
	unsigned i;

	for (i = 0; i < QI_FAULT_LOG; i++)
		if (q->log[i].kind == QI_FAULT_IQE && q->log[i].at >= first && q->log[i].at <= wait)
			return true;
	return false;
}

static enum qi_state qi_view_state(const struct qi *q, uint64_t first, uint64_t word)
{
	if (qi_view_refused(q, first, qi_wait_of(word)))
		return QI_ABORT;
	if (qi_is_complete(q, first))
		return QI_DONE;
	return qi_wait_of(word) < q->aborted ? QI_ABORT : QI_IN_USE;
}

/*
 * Slots of submissions that are published; `out` has all, by slot number. Returns their end, and in
 * *head where the first begins that is not over.
 */
static uint64_t qi_view_published(const struct qi *q, struct qi_snapshot *out, unsigned room,
				  uint64_t *head)
{
	uint64_t first, pos, word;
	enum qi_state state;

	*head = q->head;
	for (first = q->head; first - q->head <= q->mask; first = qi_behind(word)) {
		word = qi_published(q, first);
		if (!qi_is_published(word, first))
			break;
		state = qi_view_state(q, first, word);
		/* It has not been reclaimed only because there was no need. */
		if (*head == first && (qi_is_complete(q, first) || qi_is_void(q, word))) {
			*head = qi_behind(word);
			state = QI_FREE;
		}
		for (pos = first; pos != qi_behind(word); pos++)
			if ((pos & q->mask) < room)
				qi_view_slot(q, first, pos, state, &out->slot[pos & q->mask]);
	}
	return first;
}

static void qi_view_registers(struct qi *q, struct qi_snapshot *out)
{
	enum qi_mode mode = qi_mode(q);

	if (mode == QI_MODE_OFF || mode == QI_MODE_SUSPENDED)
		return;
	out->fsts = qi_read32(q, DMAR_FSTS_REG);
	out->iqh = qi_read64(q, DMAR_IQH_REG);
	out->iqt = qi_read64(q, DMAR_IQT_REG);
	out->iqercd = qi_read64(q, DMAR_IQERCD_REG);
}

static void qi_copy_stats(struct qi_stats *to, struct qi_stats *from)
{
	uint64_t *t = (uint64_t *)(void *)to, *f = (uint64_t *)(void *)from;
	size_t i;

	for (i = 0; i < sizeof(*to) / sizeof(*t); i++)
		t[i] = qi_load_relaxed(&f[i]);
}

/*
 * Under the lock nothing is reclaimed, so what is published stays as it is; what is being written
 * beyond that is shown as it was before, or as free.
 */
void qi_snapshot(struct qi *q, struct qi_snapshot *out)
{
	struct qi_slot_view *slot = out->slot;
	unsigned room = slot ? out->slots : 0, i;
	const struct qi_ticket *t;
	unsigned long flags;
	uint64_t head, tail;

	*out = (struct qi_snapshot){ .slot = slot, .slots = q->mask + 1U, .width = q->cfg.width };
	qi_view_registers(q, out);
	/* Beyond these a thread may be writing. */
	for (i = 0; i < room && i <= q->mask; i++)
		slot[i] = (struct qi_slot_view){ .status = qi_load_relaxed(qi_status(q, i)) };
	flags = qi_lock(q);
	out->mode = qi_mode_of(q->epoch);
	tail = qi_view_published(q, out, room, &head);
	out->dead = q->dead;
	out->head = (unsigned)(head & q->mask);
	out->tail = (unsigned)(tail & q->mask);
	out->used = (unsigned)(tail - head);
	for (t = q->line; t; t = t->next)
		out->queued++;
	if (q->cfg.stats) {
		qi_stats_collect(q);
		qi_copy_stats(&out->stats, q->cfg.stats);
		qi_stats_add(q, &out->stats, q->head, tail);
	}
	qi_unlock(q, flags);
}
