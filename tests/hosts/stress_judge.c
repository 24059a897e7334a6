/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "stress.h"

#define relaxed(p) __atomic_load_n((p), __ATOMIC_RELAXED)

/* ---- what the unit has done ---- */

static bool matches(const struct record *r, const uint64_t *qw)
{
	return relaxed(&r->qw0) == qw[0] && (relaxed(&r->any_qw1) || relaxed(&r->qw1) == qw[1]);
}

/* Relaxed stores: the status write that follows publishes them to the submission's owner. */
void judge_executed(void *ctx, const struct vtd_event *ev)
{
	struct stress *s = ctx;
	struct record *r = &s->record[id_of(ev->qw)];
	uint64_t order = relaxed(&s->order) + 1;

	__atomic_store_n(&s->order, order, __ATOMIC_RELAXED);
	if ((ev->qw[0] & 0xf) == QI_IWD_TYPE) {
		__atomic_store_n(&s->wait_names[ev->slot],
				 ev->qw[0] >> 32 << 32 |
					 (ev->qw[1] - s->qc.status.phys) >> s->q.spread,
				 __ATOMIC_RELAXED);
		__atomic_store_n(&s->wait_order[ev->slot], order, __ATOMIC_RELAXED);
		__atomic_store_n(&s->last_wait, order, __ATOMIC_RELAXED);
	} else if (matches(r, ev->qw)) {
		__atomic_store_n(&r->order, order, __ATOMIC_RELAXED);
		add(&r->executed, 1);
	}
}

/* ---- before a submission ---- */

static void expect(struct stress *s, unsigned id, const struct qi_desc *d, bool any_qw1)
{
	struct record *r = &s->record[id];

	/* While it changes, it matches nothing. */
	__atomic_store_n(&r->qw0, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&r->executed, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&r->order, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&r->any_qw1, any_qw1, __ATOMIC_RELAXED);
	__atomic_store_n(&r->qw1, d->qw1, __ATOMIC_RELAXED);
	__atomic_store_n(&r->qw0, d->qw0, __ATOMIC_RELEASE);
}

static unsigned record_of(const struct submission *sub, unsigned i)
{
	unsigned base = sub->first & ~(IDS_PER_THREAD - 1U);

	return base | (sub->first + (sub->shared_id ? 0 : i)) % IDS_PER_THREAD;
}

void judge_begin(struct worker *w, struct submission *sub)
{
	struct stress *s = w->s;

	sub->mark = load(&s->closed);
	sub->life_mark = load(&s->life_mark);
	sub->life = load(&s->life);
	sub->epoch = relaxed(&s->q.epoch);
	for (unsigned i = 0; i < (sub->shared_id ? 1 : sub->count); i++)
		expect(s, record_of(sub, i), &sub->desc[i], sub->shared_id);
	for (unsigned i = 0; i < TOUCHES; i++) {
		sub->touch[i].touched = false;
		if (sub->count && roll(&w->random, 2))
			sub->touch[i] = oracle_touch(
				s->host, &sub->desc[roll(&w->random, sub->count)], &w->random);
	}
	add(&w->figures.submissions, 1);
	add(&w->figures.descriptors, sub->count);
	sub->start_ns = now_ns();
	sub->since = relaxed(&s->order);
}

/* ---- after success ---- */

static bool judge_descs(struct stress *s, const struct submission *sub, uint64_t *newest)
{
	unsigned n = sub->shared_id ? 1 : sub->count, each = sub->shared_id ? sub->count : 1;

	for (unsigned i = 0; i < n; i++) {
		const struct record *r = &s->record[record_of(sub, i)];
		uint64_t order = relaxed(&r->order);

		if (relaxed(&r->executed) < each) {
			violated(s, FALSE_COMPLETION,
				 "success, but descriptor %u of %u (0x%llx 0x%llx) was executed %u "
				 "times",
				 i, sub->count, (unsigned long long)sub->desc[i].qw0,
				 (unsigned long long)sub->desc[i].qw1, relaxed(&r->executed));
			return false;
		}
		*newest = order > *newest ? order : *newest;
	}
	return true;
}

/*
 * True if the submission of that wait is later than this one: in a later lap, which is in the data,
 * or in a later slot of the same lap.
 */
static bool is_behind(const struct stress *s, uint64_t names, const struct submission *sub)
{
	uint32_t data = (uint32_t)(names >> 32), own = (uint32_t)(sub->t.first >> s->q.order) * 2;
	uint32_t slot = (uint32_t)names;

	return data == own ? slot > sub->t.first % s->cfg.slots : (int32_t)(data - own) > 0;
}

/*
 * True if a later wait has completed, possibly before the submission's own: then slots are taken
 * back.
 */
static bool a_later_wait_says_so(const struct stress *s, const struct submission *sub,
				 uint64_t newest)
{
	if (sub->t.first >= relaxed(&s->q.head))
		return false;
	for (unsigned i = 0; i < s->cfg.slots; i++)
		if (relaxed(&s->wait_order[i]) > newest &&
		    is_behind(s, relaxed(&s->wait_names[i]), sub))
			return true;
	return false;
}

/*
 * The wait's slot is the only information taken from the core. If it is unknown, any wait counts.
 */
static bool judge_wait(struct stress *s, const struct submission *sub, uint64_t newest)
{
	uint64_t wait = sub->coarse
				? relaxed(&s->last_wait)
				: relaxed(&s->wait_order[(sub->t.first + sub->t.n) % s->cfg.slots]);

	if (wait > newest || a_later_wait_says_so(s, sub, newest))
		return true;
	violated(s, FALSE_COMPLETION,
		 "success, but no wait has completed behind its %u descriptors", sub->count);
	return false;
}

static void judge_success(struct worker *w, struct submission *sub)
{
	struct stress *s = w->s;
	uint64_t newest = sub->since;

	if (sub->invalid >= 0) {
		violated(s, UNEXPECTED, "descriptor %d is invalid and was not refused",
			 sub->invalid);
		return;
	}
	if (!judge_descs(s, sub, &newest) || !judge_wait(s, sub, newest))
		return;
	for (unsigned i = 0; i < TOUCHES; i++)
		if (oracle_stale(s->host, &sub->touch[i]))
			violated(s, STALE,
				 "success, but kind %u did 0x%x sid 0x%x addr 0x%llx is cached",
				 sub->touch[i].entry.kind, sub->touch[i].entry.did,
				 sub->touch[i].entry.sid,
				 (unsigned long long)sub->touch[i].entry.addr);
}

/*
 * A plain drain has completed: so has everything that this thread submitted before and that the
 * ring can hold at the same time. This does not apply while there are faults: a descriptor that is
 * repeated, or held back while a silent device is searched, may come after the drain.
 */
static void judge_drain(struct worker *w, const struct submission *drain)
{
	struct stress *s = w->s;

	for (unsigned i = 0; i < w->nheld; i++) {
		struct submission *sub = w->held[i];
		uint64_t newest = 0;

		if (sub != drain && sub->start_ns < drain->start_ns &&
		    sub->count <= s->cfg.slots - 2)
			judge_descs(s, sub, &newest);
	}
}

/* ---- after a failure ---- */

static enum violation unexplained(int code)
{
	switch (code) {
	case -QI_ERR_TIMEOUT:
	case -QI_ERR_DEAD:
	case -QI_ERR_GONE:
		return LOST;
	case -QI_ERR_IQE:
	case -QI_ERR_DEVICE:
		return MISBLAMED;
	default:
		return UNEXPECTED;
	}
}

static void judge_failure(struct worker *w, const struct submission *sub, const struct qi_error *e)
{
	if (explained(w->s, sub, e))
		return;
	violated(w->s, unexplained(e->code),
		 "\"%s\" of %u descriptors: index %u, iqei %u, sid 0x%x, after %llu ms%s",
		 qi_strerror(e->code), sub->count, e->index, e->iqei, e->sid,
		 (unsigned long long)(now_ns() - sub->start_ns) / 1000000,
		 sub->coarse ? " (no details)" : "");
}

void judge_end(struct worker *w, struct submission *sub, int result)
{
	struct qi_error e = { .code = result };

	if (result) {
		add(&w->figures.failed, 1);
		judge_failure(w, sub, sub->coarse ? &e : &sub->t.error);
		return;
	}
	add(&w->figures.succeeded, 1);
	judge_success(w, sub);
	if (!sub->count && w->s->cfg.calm)
		judge_drain(w, sub);
}
