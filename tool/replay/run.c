/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "submit.h"
#include "timeline.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_NS 200000000

static uint64_t progress_of(const struct drive *d)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < d->workers; i++)
		sum += __atomic_load_n(&d->worker[i].progress, __ATOMIC_RELAXED);
	return sum;
}

/* True if the thread only waits for the time of its next event, so that no progress is due. */
static bool waits_for_time(const struct drive *d)
{
	for (unsigned i = 0; i < d->workers; i++)
		if (__atomic_load_n(&d->worker[i].asleep, __ATOMIC_RELAXED))
			return true;
	return false;
}

/* Wait until all threads have finished. False: there was no progress within the watchdog's time. */
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
		if (pthread_create(&w->thread, NULL, submit_all, w))
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
		if (!unit_start(d, &d->unit[i], i, error, size))
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
			unit_stop(d, &d->unit[i], r);
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
