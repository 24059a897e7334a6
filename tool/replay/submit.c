/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "submit.h"

#include "timeline.h"
#include "timing.h"

/* Tries of one event, if a dead queue has to be reset in between. */
#define MAX_TRIES 16
/* Calls of qi_reset() while other threads have not collected their tickets. */
#define MAX_RESETS 8

/* One event, as it is submitted to the core. */
struct job {
	const struct trace_event *event;
	const struct qi_desc *desc; /* NULL: a plain drain */
	unsigned options;
};

/* ---- judging one submission ---- */

void submit_problem(struct worker *w, enum problem_kind kind, uint32_t line,
		    const struct qi_error *e)
{
	struct drive_result *r = &w->r;

	if (r->problems < PROBLEMS)
		r->problem[r->problems++] = (struct problem){ kind, line, *e };
}

/* Check that a reported success is true. */
static void verify(struct worker *w, struct unit *u, const struct job *j, const struct qi_ticket *t,
		   struct look *l)
{
	const struct drive_config *cfg = w->d->cfg;
	/*
	 * The slot is the only information taken from the core: the wait's slot, or the one before
	 * it.
	 */
	uint64_t at = t->first + t->n - !!j->desc;
	unsigned found = cfg->device->after(u->device, l, at % cfg->slots, j->desc);

	w->r.looked += l->executed;
	w->r.translations += l->translations;
	if (found & LOOK_FALSE_COMPLETION) {
		w->r.false_completions++;
		submit_problem(w, PROBLEM_FALSE_COMPLETION, j->event->line, &t->error);
	}
	if (found & LOOK_STALE) {
		w->r.stale++;
		submit_problem(w, PROBLEM_STALE, j->event->line, &t->error);
	}
}

static void add_error(struct worker *w, const struct job *j, const struct qi_error *e,
		      bool expected)
{
	struct drive_result *r = &w->r;

	r->errors++;
	if (expected) {
		r->errors_expected++;
		return;
	}
	switch (e->code) {
	case -QI_ERR_TIMEOUT:
	case -QI_ERR_DEAD:
		r->lost++;
		__atomic_fetch_add(&w->d->lost, 1, __ATOMIC_RELAXED);
		submit_problem(w, PROBLEM_LOST, j->event->line, e);
		break;
	case -QI_ERR_IQE:
	case -QI_ERR_DEVICE:
		r->misblamed++;
		submit_problem(w, PROBLEM_MISBLAMED, j->event->line, e);
		break;
	default:
		submit_problem(w, PROBLEM_ERROR, j->event->line, e);
	}
}

/* ---- resetting a dead queue ---- */

/* The first thread resets the queue; the others find it alive. */
static void revive(struct worker *w, struct unit *u, uint32_t lives)
{
	int err = -QI_ERR_BUSY;

	pthread_mutex_lock(&u->life);
	if (u->lives == lives) {
		if (u->injecting)
			inject_revive(&u->injector);
		for (int i = 0; i < MAX_RESETS && err == -QI_ERR_BUSY; i++)
			err = qi_reset(&u->q);
		w->r.resets++;
		__atomic_store_n(&u->lives, lives + 1, __ATOMIC_RELAXED);
	}
	pthread_mutex_unlock(&u->life);
}

/* ---- the time line ---- */

static void note_submission(struct worker *w, const struct trace_event *e, uint64_t start,
			    uint64_t end, int err)
{
	struct timeline *tl = w->d->cfg->timeline;
	const struct timeline_span span = {
		.start = start,
		.end = end,
		.line = e->line,
		.unit = e->unit,
		.type = (uint8_t)qi_desc_type(&e->desc),
		.code = (int8_t)err,
	};

	timeline_span(tl, &tl->worker[w->number], &span);
}

/* Called by the thread that has armed the fault, before another thread may arm one. */
static void note_fault(struct worker *w, const struct trace_event *e, uint64_t start, unsigned item)
{
	struct timeline *tl = w->d->cfg->timeline;
	const struct timeline_span span = {
		.start = start,
		.end = now_ns(),
		.line = e->line,
		.unit = e->unit,
		.item = (uint8_t)item,
	};

	timeline_span(tl, &tl->unit[e->unit], &span);
}

void submit_taken(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw)
{
	struct unit *u = ctx;
	struct timeline *tl = u->d->cfg->timeline;

	(void)h;
	(void)addr;
	timeline_mark(tl, &tl->unit[u->number], now_ns(), qw[0] & 0xf);
}

/* ---- submitting ---- */

static int submit_once(struct worker *w, struct unit *u, const struct job *j, struct qi_ticket *t)
{
	uint64_t start = now_ns(), took;
	int err = qi_submit(&u->q, j->desc, !!j->desc, j->options, t);

	if (!err)
		err = qi_wait(&u->q, t);
	took = now_ns() - start;
	if (w->d->cfg->timeline)
		note_submission(w, j->event, start, start + took, err);
	w->r.submissions++;
	w->r.descriptors += !!j->desc;
	if (!err) {
		latency_count(&w->r.all, took);
		latency_count(&w->r.latency[group_of(&j->event->desc)], took);
	}
	return err;
}

/* Repeat until it succeeds or fails finally. */
static void submit(struct worker *w, struct unit *u, const struct job *j)
{
	const struct device_ops *device = w->d->cfg->device;
	uint32_t mark = 0, lives;
	struct look l = { 0 };
	struct qi_ticket t;
	int err;

	device->before(u->device, w->number, &j->event->desc, &w->random, &l);
	for (int tries = 0; tries < MAX_TRIES; tries++) {
		if (u->injecting)
			mark = inject_mark(&u->injector);
		lives = __atomic_load_n(&u->lives, __ATOMIC_RELAXED);
		l.since = device->since(u->device);
		err = submit_once(w, u, j, &t);
		if (!err) {
			verify(w, u, j, &t, &l);
			return;
		}
		if (device->failure && device->failure(u->device)) {
			__atomic_store_n(&w->d->stop, 1, __ATOMIC_RELAXED);
			return;
		}
		add_error(w, j, &t.error,
			  u->injecting && inject_explains(&u->injector, mark, j->desc, &t.error));
		if (err == -QI_ERR_DEAD || err == -QI_ERR_GONE || err == -QI_ERR_OFF)
			revive(w, u, lives);
		else if (err != -QI_ERR_TIMEOUT)
			return;
		if (__atomic_load_n(&w->d->lost, __ATOMIC_RELAXED) >= MAX_LOST)
			return;
	}
}

/*
 * A wait in the trace is a drain that a caller asked for: the core makes a wait of its own for it.
 */
static unsigned wait_options(const struct qi_desc *d)
{
	return (d->qw0 & QI_IWD_PD ? QI_OPT_WAIT_DRAIN : 0) |
	       (d->qw0 & QI_IWD_FN ? QI_OPT_FENCE : 0) |
	       (d->qw0 & QI_IWD_IF ? QI_OPT_INTERRUPT : 0);
}

static void submit_faulty(struct worker *w, struct unit *u, const struct job *j,
			  const struct fault_item *item)
{
	unsigned number = (unsigned)(item - w->d->cfg->faults->item);
	uint64_t start;
	uint32_t lives;

	inject_begin(&u->injector, item, &j->event->desc, &w->random);
	start = now_ns();
	lives = __atomic_load_n(&u->lives, __ATOMIC_RELAXED);
	w->r.struck[number]++;
	submit(w, u, j);
	/* The fault stays armed until the queue is alive again, whichever thread resets it. */
	if (item->kind == VTD_FAULT_STALL || item->kind == VTD_FAULT_GONE)
		revive(w, u, lives);
	if (w->d->cfg->timeline)
		note_fault(w, j->event, start, number);
	inject_end(&u->injector);
}

static void replay_event(struct worker *w, size_t n)
{
	const struct trace_event *e = &w->d->t->event[n];
	struct unit *u = &w->d->unit[e->unit];
	unsigned site = w->d->cfg->site ? w->d->cfg->site[n] : 0;
	struct job j = { e, &e->desc, 0 };

	if (qi_desc_type(&e->desc) == QI_IWD_TYPE)
		j = (struct job){ e, NULL, wait_options(&e->desc) };
	__atomic_store_n(&w->busy, e->line, __ATOMIC_RELAXED);
	if (site)
		submit_faulty(w, u, &j, &w->d->cfg->faults->item[site - 1]);
	else
		submit(w, u, &j);
	__atomic_store_n(&w->busy, 0, __ATOMIC_RELAXED);
	__atomic_fetch_add(&w->progress, 1, __ATOMIC_RELAXED);
}

static void wait_for_time(struct worker *w, size_t n, unsigned pass)
{
	struct drive *d = w->d;
	uint64_t late = timing_wait(d->start_ns + timing_due(d->t, n, pass), &w->asleep, &d->stop);

	w->r.latest_ns = late > w->r.latest_ns ? late : w->r.latest_ns;
}

void *submit_all(void *worker)
{
	struct worker *w = worker;
	struct drive *d = w->d;

	for (unsigned pass = 0; pass < d->cfg->repeat; pass++) {
		for (size_t n = 0; n < d->t->count; n++) {
			if (d->t->event[n].cpu % d->cfg->threads != w->number)
				continue;
			if (d->cfg->timing)
				wait_for_time(w, n, pass);
			if (__atomic_load_n(&d->lost, __ATOMIC_RELAXED) >= MAX_LOST ||
			    __atomic_load_n(&d->stop, __ATOMIC_RELAXED))
				w->r.halted = true;
			else
				replay_event(w, n);
		}
	}
	pthread_mutex_lock(&d->lock);
	d->finished++;
	d->end_ns = now_ns();
	pthread_cond_signal(&d->some_finished);
	pthread_mutex_unlock(&d->lock);
	__atomic_store_n(&w->finished, 1, __ATOMIC_RELEASE);
	return NULL;
}
