/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * stale.c - the oracle: finds uses of cached translations that had to be invalidated before.
 *
 * A use is stale if (a) the tables now differ from the cached line, and (b) a wait has completed
 * that belongs to a submission which covers the line and whose doorbell came after the tables were
 * changed. Until such a wait completes the use is legal: it is "in the window".
 *
 * The oracle does not need to know when software wrote to which table. At each doorbell it compares
 * each line that a new descriptor covers with the tables. If they differ, software changed the
 * tables before this doorbell, so the line is due: it has to be gone when a wait behind the
 * descriptor completes. A line that is later filled from the tables is a new line, and not due; a
 * line that is filled through a line that is due is as old as that one. A descriptor that is
 * refused, or whose device does not answer, covers nothing, and software learns of this.
 *
 * Descriptors are read as software wrote them, and not as the unit interpreted them: the unit's
 * interpretation is what is being judged.
 */
#include "walk.h"

/* ---- Comparison of a line with the tables ---- */

/* The request that would fill this line, at another address of the line. */
static struct vtd_request request_of(const struct vtd_line *l, uint64_t addr)
{
	return (struct vtd_request){ .addr = addr, .pasid = l->of.via, .sid = l->of.sid };
}

static bool context_differs(struct vtd_walk *w, const struct vtd_line *l)
{
	w->scalable = vtd_table_mode(w->t->cfg.unit) == VTD_TTM_SCALABLE;
	vtd_read_context(w);
	return w->context[0] != l->value[0] || w->context[1] != l->value[1];
}

static bool pasid_differs(struct vtd_walk *w, const struct vtd_line *l)
{
	unsigned i;

	vtd_find_context(w);
	for (i = 0; i < 3; i++) {
		if (w->entry[i] != l->value[i])
			return true;
	}
	return false;
}

#define LASTING (VTD_SS_READ | VTD_SS_WRITE | VTD_FS_WRITE | VTD_FS_USER | VTD_FS_EXECUTE)

/*
 * A line with fewer rights than the tables is harmless, as a request for more goes to the tables.
 */
static bool leads_elsewhere(const struct vtd_line *l, uint64_t addr, const struct vtd_leaf *now)
{
	uint64_t was = l->value[0] | (addr & ((1ULL << l->of.shift) - 1));

	return was != (now->addr | (addr & ((1ULL << now->shift) - 1))) ||
	       l->of.rights & ~now->rights & LASTING;
}

static bool leaf_differs(struct vtd_walk *w, const struct vtd_line *l)
{
	struct vtd_leaf now = { 0 };
	unsigned bad = vtd_find_context(w);

	if (!bad && w->did != l->of.did)
		return true;
	if (!bad && w->stage == VTD_NESTED && l->of.pasid == VTD_NO_PASID)
		bad = vtd_second(w, w->q->addr, 0, 1, &now);
	else if (!bad)
		bad = vtd_resolve(w, &now);
	if (!l->of.rights) /* cached as missing */
		return !bad;
	return bad || leads_elsewhere(l, w->q->addr, &now);
}

static bool table_differs(struct vtd_walk *w, const struct vtd_line *l)
{
	unsigned bad = vtd_find_context(w), level = l->of.shift / 9;
	bool second = l->of.pasid == VTD_NO_PASID;
	struct vtd_leaf now = { 0 };

	if (bad || w->did != l->of.did || level > (second ? w->ss_levels : w->fs_levels))
		return true;
	bad = second ? vtd_second(w, w->q->addr, 0, level, &now)
		     : vtd_first(w, w->q->addr, 0, level, &now);
	return bad || now.shift || now.addr != l->value[0];
}

/* Compare a device's line with what the device would be told now. */
static bool device_differs(struct vtd_walk *w, const struct vtd_line *l)
{
	struct vtd_leaf now = { 0 };
	uint64_t was = l->value[0] | (w->q->addr & ((1ULL << l->of.shift) - 1));

	if (vtd_find_context(w) || vtd_resolve(w, &now))
		return true;
	return was != (now.addr | (w->q->addr & ((1ULL << now.shift) - 1))) ||
	       l->of.rights & ~vtd_permitted(w, now.rights | VTD_SS_DIRTY | VTD_FS_DIRTY);
}

/* Compare the line with the tables, at an address inside the line. */
static bool differs(struct vtd_translation *t, const struct vtd_line *l, uint64_t addr)
{
	struct vtd_request q = request_of(l, addr);
	struct vtd_walk w = { .t = t, .q = &q, .peek = true };

	switch (l->of.kind) {
	case VTD_LINE_CONTEXT:
		return context_differs(&w, l);
	case VTD_LINE_PASID:
		return pasid_differs(&w, l);
	case VTD_LINE_LEAF:
		return leaf_differs(&w, l);
	case VTD_LINE_TABLE:
		return table_differs(&w, l);
	case VTD_LINE_DEVICE:
		return device_differs(&w, l);
	default:
		return !vtd_same_interrupt_entry(t, l);
	}
}

/* ---- Uses ---- */

uint8_t vtd_judge_use(struct vtd_translation *t, const struct vtd_line *l, uint64_t addr,
		      uint16_t sid)
{
	struct vtd_judgement j = { .use = VTD_USE_FRESH, .addr = addr, .sid = sid, .line = l };
	struct vtd_line copy = *l;

	if (!t->cfg.judge)
		return VTD_USE_FRESH;
	/*
	 * Compare with the tables of the requester, which need not be the one that filled the line.
	 */
	copy.of.sid = sid;
	if (differs(t, &copy, addr))
		j.use = l->due && l->due < t->completed ? VTD_USE_STALE : VTD_USE_WINDOW;
	t->used[j.use]++;
	if (j.use != VTD_USE_FRESH && t->cfg.judged)
		t->cfg.judged(t->cfg.unit->cfg.ctx, &j);
	return (uint8_t)j.use;
}

void vtd_judge_walk(struct vtd_walk *w, const struct vtd_line *l, uint64_t addr)
{
	uint8_t use;

	if (l->due && (!w->due || l->due < w->due))
		w->due = l->due;
	use = vtd_judge_use(w->t, l, addr, w->q->sid);
	if (use > w->use)
		w->use = use;
}

/* Without tables the caller vouches that the line differs, and that a wait has completed. */
bool vtd_stale(const struct vtd_unit *u, const struct vtd_entry *e)
{
	uint64_t stamp = e->stamp ? vtd_cached(u, e) : 0;

	return stamp && stamp <= e->stamp;
}

/* ---- Submissions ---- */

#define COMPARED 512 /* steps of the next smaller page size in a large line */

/* True if the line differs from the tables at an address that the descriptor covers. */
static bool differs_within(struct vtd_translation *t, const uint64_t qw[4],
			   const struct vtd_line *l)
{
	struct vtd_line page = *l;
	uint64_t addr = l->key << l->of.shift;
	unsigned i, step = l->of.shift > 21 ? l->of.shift - 9U : 12;

	if (l->of.shift <= 12 || l->of.kind == VTD_LINE_TABLE)
		return differs(t, l, addr);
	for (i = 0; i < COMPARED; i++, addr += 1ULL << step) {
		page.of.shift = (uint8_t)step;
		page.key = addr >> step;
		if (vtd_line_goes(t, qw, &page) && differs(t, l, addr))
			return true;
	}
	return false;
}

void vtd_stale_covered(struct vtd_translation *t, const uint64_t qw[4], uint64_t position)
{
	struct vtd_line *l = t->cfg.line, *end = l + t->cfg.lines;

	if (!t->cfg.judge || vtd_type(qw) == VTD_T_WAIT)
		return;
	for (; l < end; l++) {
		if (l->of.kind != VTD_LINE_FREE && !l->due && !vtd_line_spared(qw, l) &&
		    vtd_line_goes(t, qw, l) && differs_within(t, qw, l))
			l->due = position + 1;
	}
}

static bool peek(const struct vtd_translation *t, uint64_t addr, void *buf, size_t len)
{
	if (t->cfg.peek)
		return t->cfg.peek(t->cfg.unit->cfg.ctx, addr, buf, len);
	return vtd_dma(t, addr, buf, len);
}

/*
 * A line that was filled through a line that is due holds the old contents of that one. So the
 * tables were changed before the doorbell of that one, and before all later doorbells: the first
 * later descriptor that covers the new line makes it due, too. Descriptors that have left the ring
 * are complete, and are not considered.
 */
static uint64_t due_by(struct vtd_translation *t, uint64_t position, const struct vtd_line *l)
{
	const struct vtd_unit *u = t->cfg.unit;
	unsigned shift = vtd_wide(u) ? 5 : 4;
	uint64_t slots = vtd_ring_slots(u), qw[4] = { 0 };

	if (t->submitted > slots && position < t->submitted - slots)
		position = t->submitted - slots;
	for (; position < t->submitted; position++) {
		if (peek(t, (u->iqa & VTD_ADDR) + (position % slots << shift), qw,
			 (size_t)1 << shift) &&
		    vtd_type(qw) != VTD_T_WAIT && !vtd_line_spared(qw, l) &&
		    vtd_line_goes(t, qw, l))
			return position + 1;
	}
	return 0;
}

uint64_t vtd_stale_due(struct vtd_walk *w, const struct vtd_line *line)
{
	return w->t->cfg.unit->gsts & VTD_GSTS_QIES ? due_by(w->t, w->due - 1, line) : 0;
}

void vtd_stale_started(struct vtd_translation *t)
{
	struct vtd_line *l = t->cfg.line, *end = l + t->cfg.lines;

	for (; l < end; l++)
		l->due = 0;
	t->submitted = t->completed = 0;
}

/* The tail moved; slots have 2^shift bytes. */
void vtd_stale_submitted(struct vtd_translation *t, uint64_t tail, uint64_t slots, unsigned shift)
{
	const struct vtd_unit *u = t->cfg.unit;
	uint64_t slot, qw[4] = { 0 };

	if (!t->cfg.judge || tail >= slots)
		return;
	while ((slot = t->submitted % slots) != tail) {
		if (peek(t, (u->iqa & VTD_ADDR) + (slot << shift), qw, (size_t)1 << shift))
			vtd_stale_covered(t, qw, t->submitted);
		t->submitted++;
	}
}

void vtd_stale_wait(struct vtd_translation *t, uint64_t position)
{
	if (position + 1 > t->completed)
		t->completed = position + 1;
}

void vtd_stale_refused(struct vtd_translation *t, uint64_t position)
{
	struct vtd_line *l = t->cfg.line, *end = l + t->cfg.lines;

	if (!t->cfg.judge)
		return;
	for (; l < end; l++) {
		if (l->due == position + 1)
			l->due = 0;
	}
}
