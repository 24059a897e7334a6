/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "slice.h"

#include "clock.h"

#include <hosts/waiting.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The buffers have room for so many submissions of all threads per second; no driver is faster. */
#define MOST_PER_SECOND 8e6
/* One thread may submit this many times its fair share. */
#define MOST_UNFAIR 4

#define WARM_UP 0.1    /* as a part of a slice */
#define LEAD_NS 300000 /* from the moment when the last thread is ready to the start */
#define TICK_NS 1000000

struct span {
	uint64_t start, end; /* of one submission */
};

struct submitter {
	struct slice *slice;
	unsigned number;
	pthread_t thread;
	struct qi_desc *desc;
	struct span *span;
	size_t n;
	int error;
	struct bench_accesses accesses;
	uint64_t preempted;
};

struct slice {
	const struct bench_slice_config *cfg;
	struct bench_unit *unit;
	void *queue;
	struct submitter *submitter;
	unsigned threads; /* threads that were created */
	size_t room;	  /* submissions per thread */
	uint64_t start, end;
	uint32_t ready, returned;
	uint32_t go; /* 1: begin at `start`; 2: do not begin */
	uint32_t unpinned;
};

/* ---- submitting ---- */

static void submit(struct submitter *s)
{
	const struct slice *slice = s->slice;
	const struct bench_slice_config *cfg = slice->cfg;
	const struct bench_engine *e = cfg->engine;
	struct qi_desc *desc = cfg->count ? s->desc : NULL;
	uint64_t page = 0, end = 0;
	size_t n = 0;
	int err = 0;
	unsigned i;

	while (ticks_now() < slice->start)
		;
	while (n < slice->room && end < slice->end && !err) {
		for (i = 0; i < cfg->count; i++)
			desc[i] = bench_desc(s->number, page++, i + 1 == cfg->count);
		s->span[n].start = ticks_after();
		err = e->submit(slice->queue, desc, cfg->count, 0);
		s->span[n].end = end = ticks_after();
		n += !err;
	}
	/* Written only now, as the cache line also holds other submitters. */
	s->n = n;
	s->error = err;
}

static void *submitter_thread(void *arg)
{
	struct submitter *s = arg;
	struct slice *slice = s->slice;
	uint32_t go;

	if (!bench_pin(slice->cfg->cpu[s->number]))
		__atomic_store_n(&slice->unpinned, 1, __ATOMIC_RELAXED);
	bench_unit_accesses();
	__atomic_fetch_add(&slice->ready, 1, __ATOMIC_RELEASE);
	while (!(go = __atomic_load_n(&slice->go, __ATOMIC_ACQUIRE)))
		waiting_pause();
	s->preempted = bench_preempted();
	if (go == 1)
		submit(s);
	s->preempted = bench_preempted() - s->preempted;
	s->accesses = bench_unit_accesses();
	__atomic_fetch_add(&slice->returned, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* ---- running ---- */

static void nap(uint64_t ns)
{
	struct timespec ts = { ns / 1000000000, ns % 1000000000 };

	nanosleep(&ts, NULL);
}

static bool all_return(const struct slice *slice)
{
	uint64_t end = waiting_now() + (slice->cfg->seconds + slice->cfg->patience) * 1e9;

	while (__atomic_load_n(&slice->returned, __ATOMIC_ACQUIRE) < slice->threads) {
		if (waiting_now() > end)
			return false;
		nap(TICK_NS);
	}
	return true;
}

static bool start_threads(struct slice *slice)
{
	for (unsigned i = 0; i < slice->cfg->threads; i++) {
		if (pthread_create(&slice->submitter[i].thread, NULL, submitter_thread,
				   &slice->submitter[i]))
			return false;
		slice->threads++;
	}
	while (__atomic_load_n(&slice->ready, __ATOMIC_ACQUIRE) < slice->threads)
		nap(TICK_NS / 10);
	return true;
}

/* False: a submission did not return. */
static bool run_threads(struct slice *slice, const char **why)
{
	double per_ns = slice->cfg->ticks_per_second / 1e9;
	bool started = start_threads(slice);

	slice->start = ticks_now() + (uint64_t)(LEAD_NS * per_ns);
	slice->end = slice->start + (uint64_t)(slice->cfg->seconds * 1e9 * per_ns);
	if (!started)
		*why = "cannot create the threads";
	else if (slice->unpinned)
		*why = "cannot bind the threads to their processors";
	__atomic_store_n(&slice->go, *why ? 2 : 1, __ATOMIC_RELEASE);
	if (!all_return(slice))
		return false;
	for (unsigned i = 0; i < slice->threads; i++)
		pthread_join(slice->submitter[i].thread, NULL);
	return true;
}

/* ---- comparison with the unit's records ---- */

/*
 * Count false completions. A drain is complete if any wait was executed while it waited, as each
 * submission has one.
 */
static uint64_t judge(const struct slice *slice, const struct submitter *s)
{
	const struct bench_lane *lane = bench_unit_lane(slice->unit, s->number);
	uint64_t bad = 0;
	size_t nwaits, w = 0;
	const uint64_t *wait = bench_unit_waits(slice->unit, &nwaits);

	for (size_t i = 0; i < s->n; i++) {
		const struct span *span = &s->span[i];
		bool executed = !slice->cfg->count || (i < lane->n && lane->done[i] <= span->end);

		while (w < nwaits && wait[w] < span->start)
			w++;
		bad += !executed || w == nwaits || wait[w] > span->end;
	}
	return bad;
}

/* Count descriptors that the unit did not expect: not the next page, or none of ours. */
static uint64_t count_strange(const struct slice *slice)
{
	uint64_t strange = bench_unit_strange(slice->unit);

	for (unsigned i = 0; i < slice->threads; i++)
		strange += bench_unit_lane(slice->unit, i)->strange;
	return strange;
}

/* ---- figures ---- */

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void take_percentiles(uint64_t *ticks, size_t n, double per_second, double *out)
{
	static const double share[BENCH_PERCENTILES] = { 0.5, 0.99, 0.999, 1 };

	qsort(ticks, n, sizeof(*ticks), compare);
	for (unsigned i = 0; i < BENCH_PERCENTILES; i++)
		out[i] = ticks[(size_t)(share[i] * (n - 1))] / per_second;
}

/* The time at which the first thread stopped: until then all were working. */
static uint64_t end_of(const struct slice *slice)
{
	uint64_t end = slice->end;

	for (unsigned i = 0; i < slice->threads; i++) {
		const struct submitter *s = &slice->submitter[i];

		if (s->n && s->span[s->n - 1].end < end)
			end = s->span[s->n - 1].end;
	}
	return end;
}

static bool take_figures(const struct slice *slice, struct bench_slice *out)
{
	double per_second = slice->cfg->ticks_per_second;
	uint64_t end = end_of(slice), *ticks;
	uint64_t start = slice->start + (uint64_t)(WARM_UP * (double)(end - slice->start));
	size_t n = 0, least = SIZE_MAX, most = 0;

	ticks = malloc(slice->threads * slice->room * sizeof(*ticks));
	if (!ticks)
		return false;
	for (unsigned i = 0; i < slice->threads; i++) {
		const struct submitter *s = &slice->submitter[i];
		size_t before = n, own;

		for (size_t k = 0; k < s->n && s->span[k].end <= end; k++)
			if (s->span[k].end > start)
				ticks[n++] = s->span[k].end - s->span[k].start;
		own = n - before;
		least = own < least ? own : least;
		most = own > most ? own : most;
	}
	if (n) {
		out->per_second = n / ((double)(end - start) / per_second);
		out->fairness = (double)least / (double)most;
		take_percentiles(ticks, n, per_second, out->latency);
	}
	free(ticks);
	return true;
}

static void take_counts(const struct slice *slice, struct bench_slice *out)
{
	out->preempted = bench_unit_preempted(slice->unit);
	out->strange = count_strange(slice);
	for (unsigned i = 0; i < slice->threads; i++) {
		const struct submitter *s = &slice->submitter[i];

		out->submissions += s->n;
		out->reads += s->accesses.reads;
		out->doorbells += s->accesses.doorbells;
		out->preempted += s->preempted;
		out->false_completions += judge(slice, s);
		if (s->error && !out->error)
			out->error = s->error;
	}
}

/* ---- a whole slice ---- */

static void *room_for(size_t n, size_t size)
{
	void *p = aligned_alloc(64, (n * size + 63) / 64 * 64);

	/* Touch all pages now, so that there are no page faults during the measurement. */
	if (p)
		memset(p, 0, n * size);
	return p;
}

static bool allocate(struct slice *slice)
{
	const struct bench_slice_config *cfg = slice->cfg;
	size_t all = (size_t)(MOST_PER_SECOND * cfg->seconds) + 1000;
	struct bench_unit_config unit = {
		.slots = cfg->slots,
		.lanes = cfg->threads,
		.cpu = cfg->unit_cpu,
		.costs = cfg->costs,
	};

	slice->room = cfg->threads > MOST_UNFAIR ? all * MOST_UNFAIR / cfg->threads : all;
	unit.room = slice->room;
	slice->unit = bench_unit_new(&unit);
	slice->queue = room_for(1, cfg->engine->size);
	slice->submitter = room_for(cfg->threads, sizeof(*slice->submitter));
	if (!slice->unit || !slice->queue || !slice->submitter)
		return false;
	for (unsigned i = 0; i < cfg->threads; i++) {
		struct submitter *s = &slice->submitter[i];

		s->slice = slice;
		s->number = i;
		s->span = room_for(slice->room, sizeof(*s->span));
		s->desc = room_for(cfg->count + 1, sizeof(*s->desc));
		if (!s->span || !s->desc)
			return false;
	}
	return true;
}

static void release(struct slice *slice)
{
	for (unsigned i = 0; slice->submitter && i < slice->cfg->threads; i++) {
		free(slice->submitter[i].span);
		free(slice->submitter[i].desc);
	}
	free(slice->submitter);
	free(slice->queue);
	if (slice->unit)
		bench_unit_free(slice->unit);
	free(slice);
}

static const char *run(struct slice *slice, struct bench_slice *out)
{
	struct qi_config cfg = { 0 };
	const char *why;

	bench_unit_configure(slice->unit, &cfg);
	if (!bench_unit_start(slice->unit))
		return "cannot start the unit's thread on its processor";
	why = slice->cfg->engine->start(slice->queue, &cfg);
	if (!why)
		out->lost = !run_threads(slice, &why);
	if (out->lost)
		return NULL;
	bench_unit_stop(slice->unit);
	if (why)
		return why;
	take_counts(slice, out);
	return take_figures(slice, out) ? NULL : "out of memory";
}

const char *bench_slice(const struct bench_slice_config *cfg, struct bench_slice *out)
{
	struct slice *slice = calloc(1, sizeof(*slice));
	const char *why = "out of memory";

	*out = (struct bench_slice){ 0 };
	if (!slice)
		return why;
	slice->cfg = cfg;
	if (allocate(slice))
		why = run(slice, out);
	if (!out->lost)
		release(slice);
	return why;
}

bool bench_slice_failed(const struct bench_slice *s)
{
	return s->false_completions || s->strange || s->error || s->lost;
}
