/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * watch.c - at each step of the lab, the words of the core and the unit are compared with
 * slots.model.
 *
 * A step must be one of the model's transitions, or leave everything in the model unchanged; after
 * it each invariant must hold. This ties the model, and what is proved of it, to the code.
 *
 * The comparison pauses while the model does not apply: from the removal of the doorbell, when the
 * queue is turned off or reset, until the queue is on again and all that is in the ring is
 * published.
 *
 * For tests: the environment variable QINVAL_WATCH_LOG names a file, to which each process appends
 * the name of a transition when it first makes it.
 */
#include "watch.h"

#include <core/queue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lab/lab.h>

#define SLOTS_MOST 16
#define SLOTS_HIDDEN INT64_MIN /* at present no word shows it */

#include "slots_model.h"

#define TRANSITIONS (sizeof(slots_transitions) / sizeof(slots_transitions[0]))
#define WORDS (sizeof(slots_words) / sizeof(slots_words[0]))
#define TYPES 0xfULL

/*
 * The model's variables that no word in memory shows, one after the other. They belong to the lab's
 * state.
 */
struct ghost {
	int64_t on; /* 0: the comparison pauses */
	int64_t word[];
};

/*
 * Actors alone may change the variables of an object after setup(), so what the watcher changes is
 * in memory of its own.
 */
static const struct qi *queue;
static const struct vtd_unit *unit;
static struct scratch {
	struct slots is; /* the state after the last step */
	char why[200];
	FILE *log;
	bool logged[TRANSITIONS];
} * scratch;

static int64_t slots_tag(const struct slots *s, int64_t p)
{
	(void)s;
	return qi_tag(queue, (uint64_t)p);
}

static int64_t slots_not_yet(const struct slots *s, int64_t p)
{
	return (uint32_t)(slots_tag(s, p) - 1);
}

static bool slots_before(const struct slots *s, int64_t a, int64_t b)
{
	(void)s;
	return (int32_t)((uint32_t)a - (uint32_t)b) < 0;
}

/* ---- what memory and registers show ---- */

static void see_tail(struct slots *s)
{
	int32_t room = (int32_t)queue->space;

	s->room = room < 0 ? -1 : room;
	s->closed = !!queue->closed;
	s->tail = SLOTS_HIDDEN;
	if (room >= 0) {
		s->tail = (int64_t)(queue->base + (uint32_t)((uint32_t)(queue->space >> 32) -
							     (uint32_t)queue->base));
	} else if (queue->closed) {
		s->tail = (int64_t)queue->closed - 1;
	}
}

/* The first position from `from` on that is in this slot. */
static int64_t position(const struct slots *s, int64_t from, uint64_t reg)
{
	int64_t slot = (int64_t)((reg & VTD_IQ_OFFSET_MASK) >> queue->shift);

	return from + ((slot - from) & s->mask);
}

static void see_descriptor(struct slots *s, unsigned i)
{
	const uint64_t *qw = qi_ring_at(queue, i);
	uint64_t offset = qw[1] - queue->status_phys;

	s->kind[i] = (qw[0] & TYPES) == QI_IWD_TYPE;
	s->dst[i] = -1;
	s->val[i] = 0;
	if (s->kind[i] && qw[0] & QI_IWD_SW && offset >> queue->spread <= queue->mask) {
		s->dst[i] = (int64_t)(offset >> queue->spread);
		s->val[i] = (int64_t)(qw[0] >> 32);
	}
	s->body[i] = (int64_t)(qw[0] * 0x9e3779b97f4a7c15ULL + qw[1]);
	if (queue->shift == 5)
		s->body[i] += (int64_t)(qw[2] * 0xbf58476d1ce4e5b9ULL + qw[3] * 3);
}

/*
 * If two descriptors are in the same slot, the later one counts. A wait whose status is written no
 * longer counts, even if its interrupt is still to come.
 */
static void see_pending(struct slots *s)
{
	int64_t size = s->mask + 1, at = (s->iqh & s->mask) + size * unit->lap, pos, *to;
	unsigned i;

	for (i = 0; i < unit->npending; i++) {
		const struct vtd_pending *p = &unit->pending[i];

		pos = s->iqh - (at - (p->slot + size * p->lap));
		to = (p->qw[0] & TYPES) == QI_IWD_TYPE ? s->wait : s->pend;
		if (to[p->slot] < pos && !(to == s->wait && p->state))
			to[p->slot] = pos;
	}
}

/* With the core's rules: fault.c, qi_is_about_desc(). */
static void see_errors(struct slots *s)
{
	unsigned iqei = VTD_IQERCD_IQEI(unit->iqercd);

	s->iqe = !!(unit->fsts & VTD_FSTS_IQE);
	s->ite_set = !!(unit->fsts & VTD_FSTS_ITE);
	s->about = s->iqe && (iqei == VTD_IQEI_NONE || iqei == VTD_IQEI_TYPE ||
			      iqei == VTD_IQEI_RESERVED || iqei == VTD_IQEI_TTM);
	s->epoch = (int64_t)(queue->epoch / QI_EPOCH_STEP);
}

static void see(struct slots *s)
{
	unsigned i;

	memset(s, 0, sizeof(*s));
	s->mask = queue->mask;
	s->head = (int64_t)queue->head;
	see_tail(s);
	s->iqh = position(s, s->head, unit->iqh);
	s->iqt = position(s, s->iqh, unit->iqt);
	s->aborted = (int64_t)queue->aborted;
	for (i = 0; i <= queue->mask; i++) {
		uint64_t word = queue->slot[i].published;

		s->bit[i] = !!(word & QI_SLOT_PUBLISHED);
		s->bell[i] = !!(word & QI_SLOT_DOORBELL);
		s->left[i] = !!(word & QI_SLOT_LEFT);
		s->pub[i] = (int64_t)qi_wait_of(word);
		s->status[i] = *qi_status(queue, i);
		see_descriptor(s, i);
	}
	see_pending(s);
	see_errors(s);
}

/* ---- what the model remembers ---- */

static unsigned length(const struct slots *s, unsigned word)
{
	return slots_words[word].array ? (unsigned)s->mask + 1 : 1;
}

static int64_t *word(const struct slots *s, unsigned i)
{
	return (int64_t *)((uintptr_t)s + slots_words[i].at);
}

static void recall(struct slots *s, const struct ghost *g)
{
	const int64_t *from = g->word;
	unsigned i, n;

	for (i = 0; i < WORDS; i++) {
		if (slots_words[i].real)
			continue;
		n = length(s, i);
		memcpy(word(s, i), from, n * sizeof(*from));
		from += n;
	}
}

static void note(struct ghost *g, const struct slots *s)
{
	int64_t *to = g->word;
	unsigned i, n;

	for (i = 0; i < WORDS; i++) {
		if (slots_words[i].real)
			continue;
		n = length(s, i);
		memcpy(to, word(s, i), n * sizeof(*to));
		to += n;
	}
}

static size_t ghost_bytes(const struct qi *q)
{
	struct slots s = { .mask = q->mask };
	size_t n = 0;
	unsigned i;

	for (i = 0; i < WORDS; i++) {
		if (!slots_words[i].real)
			n += length(&s, i);
	}
	return sizeof(struct ghost) + n * sizeof(int64_t);
}

/* False from the removal of the doorbell until the ring starts again: the model does not apply. */
static bool is_on(const struct ghost *g)
{
	enum qi_mode mode = qi_mode_of(queue->epoch);

	if (queue->removed || mode == QI_MODE_OFF || mode == QI_MODE_SUSPENDED)
		return false;
	return g->on || (mode == QI_MODE_ON && !(unit->fsts & (VTD_FSTS_IQE | VTD_FSTS_ITE)));
}

/*
 * Begin the comparison if the words show all that the model has to know. It starts with what they
 * show.
 */
static bool begin(struct slots *s, struct ghost *g)
{
	int64_t p, i;

	if (s->room < 0 || ((const struct lab_lock *)queue->ctx)->holder)
		return false;
	for (p = s->head; p < s->tail; p = s->pub[p & s->mask] + 1) {
		if (!s->bit[p & s->mask] || s->pub[p & s->mask] < p ||
		    s->val[s->pub[p & s->mask] & s->mask] != slots_tag(s, p))
			return false;
		if (!slots_before(s, s->status[p & s->mask], slots_tag(s, p)))
			s->done[p & s->mask] = p;
		s->mark[p & s->mask] = s->sent[p & s->mask] = p;
		s->wat[p & s->mask] = s->pub[p & s->mask];
	}
	if (p != s->tail)
		return false;
	s->gift = s->mask - s->room - (s->tail - s->head);
	s->holder = !s->bell[s->iqt & s->mask];
	for (i = 0; i <= s->mask; i++)
		s->since[i] = s->epoch;
	g->on = 1;
	note(g, s);
	return true;
}

static void look_away(struct ghost *g)
{
	memset(g, 0, ghost_bytes(queue));
}

/* The model's transition of that name, for all slots to which it applies. */
static void forget(struct slots *s)
{
	int64_t p;
	unsigned i;

	for (p = s->head; p <= s->head + s->mask; p++) {
		if (p < s->tail && s->mark[p & s->mask] == p)
			continue;
		for (i = 0; i < WORDS; i++) {
			if (slots_words[i].array && !slots_words[i].real)
				word(s, i)[p & s->mask] = 0;
		}
	}
	if (!s->ite_set)
		s->logged = 0;
}

/* ---- violations of the model ---- */

static const char *broken(const struct slots *s, const char *step)
{
	unsigned i;

	for (i = 0; i < sizeof(slots_invariants) / sizeof(slots_invariants[0]); i++) {
		if (slots_invariants[i].holds(s))
			continue;
		snprintf(scratch->why, sizeof(scratch->why), "invariant %s, after %s: not so: %s",
			 slots_invariants[i].name, step, slots_invariants[i].text);
		return scratch->why;
	}
	return NULL;
}

/* The state after the step; NULL: the model has no such transition. */
static const char *make(const struct slots *s, const struct slots *seen, struct slots *to)
{
	unsigned i;

	for (i = 0; i < TRANSITIONS && !slots_transitions[i].fits(s, seen, to); i++)
		;
	if (i == TRANSITIONS)
		return NULL;
	if (scratch->log && !scratch->logged[i])
		fprintf(scratch->log, "%s\n", slots_transitions[i].name);
	scratch->logged[i] = true;
	return slots_transitions[i].name;
}

static const char *none(const struct slots *s, const struct slots *seen)
{
	unsigned i, k;

	for (i = 0; i < WORDS; i++) {
		for (k = 0; k < length(s, i) && word(s, i)[k] == word(seen, i)[k]; k++)
			;
		if (!slots_words[i].real || k == length(s, i))
			continue;
		snprintf(scratch->why, sizeof(scratch->why),
			 "no transition of slots.model: %s[%u] %lld -> %lld, head %lld, tail %lld",
			 slots_words[i].name, k, (long long)word(s, i)[k],
			 (long long)word(seen, i)[k], (long long)s->head, (long long)s->tail);
		return scratch->why;
	}
	return "no transition of slots.model: the tail";
}

static const char *look(void *memory, bool anew)
{
	struct slots *is = &scratch->is, seen, to;
	struct ghost *g = memory;
	const char *step;

	if (!is_on(g)) {
		if (g->on)
			look_away(g);
		return NULL;
	}
	see(&seen);
	if (!g->on) {
		if (!begin(&seen, g))
			return NULL;
		*is = seen;
		return broken(is, "the beginning");
	}
	if (anew) {
		recall(&seen, g);
		*is = seen;
		return NULL;
	}
	if (slots_agree(is, &seen))
		return NULL;
	step = make(is, &seen, &to);
	if (!step)
		return none(is, &seen);
	*is = to;
	forget(is);
	note(g, is);
	return broken(is, step);
}

bool protocol_watch(const struct qi *q, const struct vtd_unit *u)
{
	const char *log = getenv("QINVAL_WATCH_LOG");
	size_t bytes = ghost_bytes(q);
	struct ghost *g = lab_alloc(bytes);

	queue = q;
	unit = u;
	scratch = calloc(1, sizeof(*scratch));
	if (!g || !scratch || q->mask >= SLOTS_MOST)
		return false;
	if (log)
		scratch->log = fopen(log, "a");
	if (scratch->log)
		setvbuf(scratch->log, NULL, _IOLBF, 0);
	lab_watch(look, g, bytes);
	lab_watched(&q->epoch, sizeof(q->epoch));
	lab_watched(&q->aborted, sizeof(q->aborted));
	lab_watched(&q->space, sizeof(q->space));
	lab_watched(&q->head, sizeof(q->head));
	lab_watched(&q->closed, sizeof(q->closed));
	lab_watched(q->slot, (q->mask + 1U) * sizeof(*q->slot));
	lab_watched(q->status, (q->mask + 1UL) << q->spread);
	lab_watched(q->ring, (q->mask + 1UL) << q->shift);
	return true;
}
