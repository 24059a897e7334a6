/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "drive.h"
#include "timeline.h"
#include "timing.h"

#include <describe/describe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Submissions of one event, where a dead queue has to be revived in between. */
#define MAX_TRIES 16
/* Each lost submission takes the time-out; after so many there is nothing more to learn. */
#define MAX_LOST 8
/* qi_reset() of a queue whose tickets others have not collected yet. */
#define MAX_RESETS 8

#define TICK_NS 200000000

#define ERROR_SIZE 600

struct drive;

struct unit {
	struct drive *d;
	unsigned number;
	void *device;
	struct qi q;
	struct qi_stats stats;
	struct injector injector;
	pthread_mutex_t life;	     /* serialises qi_reset() */
	uint32_t lives;		     /* atomic: how often it was revived */
	struct device_counts before; /* when the queue had been enabled */
	bool started, injecting, enabled;
};

struct worker {
	struct drive *d;
	pthread_t thread;
	unsigned number;
	uint64_t random;
	uint64_t progress;     /* atomic: outcomes */
	uint32_t busy;	       /* atomic: line of the event that is being submitted, 0: none */
	uint32_t finished;     /* atomic */
	uint32_t asleep;       /* atomic: waits for the next event's time */
	struct drive_result r; /* its share of the counters */
};

struct drive {
	const struct trace *t;
	const struct drive_config *cfg;
	struct unit unit[TRACE_UNITS];
	struct worker *worker;
	unsigned workers; /* that run */
	pthread_mutex_t lock;
	pthread_cond_t some_finished;
	unsigned finished; /* under lock */
	uint32_t lost;	   /* atomic */
	uint32_t stop;	   /* atomic: submit no more, as a device has failed or nobody wants it */
	bool interrupted;
	uint64_t start_ns; /* before the threads are */
	uint64_t end_ns;   /* under lock: when the last one finished */
};

/* One event as it goes to the core. */
struct job {
	const struct trace_event *event;
	const struct qi_desc *desc; /* NULL: a plain drain */
	unsigned options;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

unsigned group_of(const struct qi_desc *d)
{
	struct qi_field field[QI_DESC_MAX_FIELDS];
	unsigned n = qi_desc_fields(d, field), granu = 0;

	for (unsigned i = 0; i < n; i++)
		if (!strcmp(field[i].name, "G"))
			granu = field[i].value;
	return qi_desc_type(d) * 4 + granu;
}

/* ---- judging one submission ---- */

static void add_problem(struct worker *w, enum problem_kind kind, uint32_t line,
			const struct qi_error *e)
{
	struct drive_result *r = &w->r;

	if (r->problems < PROBLEMS)
		r->problem[r->problems++] = (struct problem){ kind, line, *e };
}

void latency_count(struct latency *l, uint64_t ns)
{
	l->count++;
	l->max = ns > l->max ? ns : l->max;
	l->histogram.bucket[qi_hist_bucket(ns)]++;
}

/* Success: is it true? */
static void verify(struct worker *w, struct unit *u, const struct job *j, const struct qi_ticket *t,
		   struct look *l)
{
	const struct drive_config *cfg = w->d->cfg;
	/* The slot is all that is taken from the core: the wait's, or the one in front of it. */
	uint64_t at = t->first + t->n - !!j->desc;
	unsigned found = cfg->device->after(u->device, l, at % cfg->slots, j->desc);

	w->r.looked += l->executed;
	w->r.translations += l->translations;
	if (found & LOOK_FALSE_COMPLETION) {
		w->r.false_completions++;
		add_problem(w, PROBLEM_FALSE_COMPLETION, j->event->line, &t->error);
	}
	if (found & LOOK_STALE) {
		w->r.stale++;
		add_problem(w, PROBLEM_STALE, j->event->line, &t->error);
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
		add_problem(w, PROBLEM_LOST, j->event->line, e);
		break;
	case -QI_ERR_IQE:
	case -QI_ERR_DEVICE:
		r->misblamed++;
		add_problem(w, PROBLEM_MISBLAMED, j->event->line, e);
		break;
	default:
		add_problem(w, PROBLEM_ERROR, j->event->line, e);
	}
}

/* ---- reviving ---- */

/* The first thread that comes revives the queue; the others find that it has been done. */
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

/* By the thread that has armed it, before it gives the injector to the next one. */
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

/* A unit takes a descriptor: in its thread, or of QEMU's in the one that rings. */
static void note_taken(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw)
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

/* Until it has succeeded, or failed for good. */
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

/* A traced wait is a drain that somebody asked for: the core makes its own wait for it. */
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
	/* The fault is not over before the queue lives again, whoever revives it. */
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

static void *worker_thread(void *arg)
{
	struct worker *w = arg;
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

/* ---- units ---- */

/* Faults that will be armed in this unit. */
static size_t sites_of(const struct drive *d, unsigned unit)
{
	size_t n = 0;

	for (size_t i = 0; i < d->t->count; i++)
		n += d->cfg->site[i] && d->t->event[i].unit == unit;
	return n * d->cfg->repeat;
}

static bool start_unit(struct drive *d, struct unit *u, unsigned number, char *error, size_t size)
{
	const struct drive_config *cfg = d->cfg;
	const struct device_config device = {
		.profile = cfg->profile,
		.slots = cfg->slots,
		.width = cfg->width,
		.seed = cfg->seed + number,
		.q = &u->q,
		.trace = d->t,
		.unit = number,
		.threads = cfg->threads,
		.fetched = cfg->timeline ? note_taken : cfg->fetched,
		.ctx = cfg->timeline ? u : cfg->ctx,
	};
	struct qi_config qc = {
		.stats = &u->stats,
		.timeout_ns = cfg->timeout_ns,
		.ats_timeout_ns = cfg->timeout_ns,
		.poll_budget = cfg->poll_budget,
	};
	char why_not[ERROR_SIZE];
	const char *why;
	int err;

	u->d = d;
	u->number = number;
	pthread_mutex_init(&u->life, NULL);
	u->device = cfg->device->start(&device, why_not, sizeof(why_not));
	if (!u->device) {
		snprintf(error, size, "cannot start unit %s: %s", d->t->unit[number], why_not);
		return false;
	}
	u->started = true;
	if (cfg->site) {
		u->injecting =
			injector_init(&u->injector, u->device, cfg->profile, sites_of(d, number));
		if (!u->injecting) {
			snprintf(error, size, "out of memory");
			return false;
		}
	}
	cfg->device->configure(u->device, &qc);
	if (qi_init_why(&u->q, &qc, &why)) {
		snprintf(error, size, "no queue of %u slots of %u bits: %s", cfg->slots, cfg->width,
			 why);
		return false;
	}
	err = qi_enable(&u->q);
	if (err) {
		snprintf(error, size, "the queue of unit %s does not start: %s", d->t->unit[number],
			 qi_strerror(err));
		return false;
	}
	u->enabled = true;
	if (cfg->device->prepare && !cfg->device->prepare(u->device, error, size))
		return false;
	u->before = cfg->device->counts(u->device);
	return true;
}

static void stop_unit(struct drive *d, struct unit *u, struct drive_result *r)
{
	struct device_counts c = d->cfg->device->counts(u->device);
	struct qi_error e = { 0 };

	r->doorbells += c.doorbells - u->before.doorbells;
	r->mmio_reads += c.reads - u->before.reads;
	r->executed += c.executed - u->before.executed;
	r->interrupts += c.interrupts - u->before.interrupts;
	r->retries += __atomic_load_n(&u->stats.retries, __ATOMIC_RELAXED);
	r->iqe += __atomic_load_n(&u->stats.iqe, __ATOMIC_RELAXED);
	r->ite += __atomic_load_n(&u->stats.ite, __ATOMIC_RELAXED);
	r->ice += __atomic_load_n(&u->stats.ice, __ATOMIC_RELAXED);
	if (r->stuck)
		return;
	e.code = u->enabled ? qi_disable(&u->q) : 0;
	/* A queue that has not kept its word so far owes nobody an orderly end. */
	if (e.code && !r->lost) {
		r->errors++;
		add_problem(&d->worker[0], PROBLEM_ERROR, 0, &e);
	}
	d->cfg->device->stop(u->device);
	if (u->injecting)
		injector_free(&u->injector);
}

/* ---- the whole ---- */

static uint64_t progress_of(const struct drive *d)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < d->workers; i++)
		sum += __atomic_load_n(&d->worker[i].progress, __ATOMIC_RELAXED);
	return sum;
}

/* Somebody only waits for what the trace did next: nothing has to move. */
static bool waits_for_time(const struct drive *d)
{
	for (unsigned i = 0; i < d->workers; i++)
		if (__atomic_load_n(&d->worker[i].asleep, __ATOMIC_RELAXED))
			return true;
	return false;
}

/* Until all threads have finished. False: nothing has moved for as long as the watchdog allows. */
static bool watch(struct drive *d, uint64_t start)
{
	uint64_t seen = 0, since = start, now, until, sum;
	double whole = (double)d->t->count * d->cfg->repeat;
	struct timespec ts;
	bool all = false;

	pthread_mutex_lock(&d->lock);
	while (!(all = d->finished == d->workers)) {
		until = now_ns() + TICK_NS;
		ts = (struct timespec){ until / 1000000000, until % 1000000000 };
		pthread_cond_timedwait(&d->some_finished, &d->lock, &ts);
		now = now_ns();
		sum = progress_of(d);
		if (sum != seen || waits_for_time(d))
			since = now;
		seen = sum;
		if (now - since > d->cfg->watchdog_ns)
			break;
		if (d->cfg->progress && !d->cfg->progress(sum / whole)) {
			d->interrupted = sum < whole;
			__atomic_store_n(&d->stop, 1, __ATOMIC_RELAXED);
		}
	}
	pthread_mutex_unlock(&d->lock);
	return all;
}

void latency_add(struct latency *to, const struct latency *from)
{
	to->count += from->count;
	to->max = from->max > to->max ? from->max : to->max;
	for (unsigned i = 0; i < QI_HIST_BUCKETS; i++)
		to->histogram.bucket[i] += from->histogram.bucket[i];
}

static void merge(struct drive_result *r, const struct drive_result *w)
{
	r->submissions += w->submissions;
	r->looked += w->looked;
	r->translations += w->translations;
	r->descriptors += w->descriptors;
	r->lost += w->lost;
	r->stale += w->stale;
	r->false_completions += w->false_completions;
	r->errors += w->errors;
	r->errors_expected += w->errors_expected;
	r->misblamed += w->misblamed;
	r->resets += w->resets;
	r->halted |= w->halted;
	r->latest_ns = w->latest_ns > r->latest_ns ? w->latest_ns : r->latest_ns;
	for (unsigned i = 0; i < FAULT_ITEMS; i++)
		r->struck[i] += w->struck[i];
	latency_add(&r->all, &w->all);
	for (unsigned i = 0; i < GROUPS; i++)
		latency_add(&r->latency[i], &w->latency[i]);
	for (unsigned i = 0; i < w->problems && r->problems < PROBLEMS; i++)
		r->problem[r->problems++] = w->problem[i];
}

/* A thread that is still in the core may be writing its counters: only the loss is counted. */
static void collect(struct drive *d, struct drive_result *r)
{
	for (unsigned i = 0; i < d->workers; i++) {
		struct worker *w = &d->worker[i];

		if (__atomic_load_n(&w->finished, __ATOMIC_ACQUIRE)) {
			merge(r, &w->r);
			continue;
		}
		r->lost++;
		r->submissions += __atomic_load_n(&w->progress, __ATOMIC_RELAXED) + 1;
		if (r->problems < PROBLEMS)
			r->problem[r->problems++] = (struct problem){
				.kind = PROBLEM_LOST,
				.line = __atomic_load_n(&w->busy, __ATOMIC_RELAXED),
			};
	}
}

static void start_workers(struct drive *d)
{
	for (unsigned i = 0; i < d->cfg->threads; i++) {
		struct worker *w = &d->worker[i];

		w->d = d;
		w->number = i;
		w->random = d->cfg->seed * 1000003 + i;
		if (pthread_create(&w->thread, NULL, worker_thread, w))
			break;
		d->workers++;
	}
}

static bool device_failed(struct drive *d, char *error, size_t size)
{
	for (unsigned i = 0; i < d->t->units && d->cfg->device->failure; i++) {
		const char *why = d->cfg->device->failure(d->unit[i].device);

		if (why) {
			snprintf(error, size, "unit %s: %s", d->t->unit[i], why);
			return true;
		}
	}
	return false;
}

static bool run(struct drive *d, struct drive_result *r, char *error, size_t size)
{
	uint64_t start;

	for (unsigned i = 0; i < d->t->units; i++)
		if (!start_unit(d, &d->unit[i], i, error, size))
			return false;
	start = d->start_ns = now_ns();
	if (d->cfg->timeline)
		__atomic_store_n(&d->cfg->timeline->zero, start, __ATOMIC_RELAXED);
	start_workers(d);
	r->stuck = !watch(d, start);
	r->interrupted = d->interrupted;
	for (unsigned i = 0; i < d->workers && !r->stuck; i++)
		pthread_join(d->worker[i].thread, NULL);
	r->seconds_ns = (r->stuck ? now_ns() : d->end_ns) - start;
	if (d->workers < d->cfg->threads)
		snprintf(error, size, "cannot start %u threads", d->cfg->threads);
	return d->workers == d->cfg->threads && !device_failed(d, error, size);
}

bool drive(const struct trace *t, const struct drive_config *cfg, struct drive_result *r,
	   char *error, size_t size)
{
	struct drive *d = calloc(1, sizeof(*d));
	pthread_condattr_t attr;
	bool ok = false;

	memset(r, 0, sizeof(*r));
	if (d)
		d->worker = calloc(cfg->threads, sizeof(*d->worker));
	if (!d || !d->worker) {
		snprintf(error, size, "out of memory");
		free(d);
		return false;
	}
	d->t = t;
	d->cfg = cfg;
	pthread_mutex_init(&d->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&d->some_finished, &attr);
	pthread_condattr_destroy(&attr);
	ok = run(d, r, error, size);
	for (unsigned i = 0; i < t->units; i++)
		if (d->unit[i].started)
			stop_unit(d, &d->unit[i], r);
	collect(d, r);
	if (!r->stuck) {
		free(d->worker);
		free(d);
	}
	return ok;
}

bool drive_failed(const struct drive_result *r)
{
	return r->lost || r->stale || r->false_completions || r->misblamed ||
	       r->errors > r->errors_expected;
}
