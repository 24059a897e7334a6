/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "stress.h"

#include "../patience.h"

#include <argp.h>
#include <describe/describe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <lab/age.h>

/* Time limits are in real time, and a sanitizer slows everything down. */
#define SLOWDOWN (PATIENCE_SANITIZED ? 5 : 1)

#define HOUR_NS 3600000000000ULL

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* ---- violations ---- */

static const char *const violation_name[VIOLATIONS] = {
	[LOST] = "lost",
	[STALE] = "stale",
	[FALSE_COMPLETION] = "false completion",
	[MISBLAMED] = "wrongly blamed",
	[UNEXPECTED] = "unexpected",
};

void violated(struct stress *s, enum violation v, const char *format, ...)
{
	uint32_t none = 0;
	va_list args;

	if (!__atomic_compare_exchange_n(&s->violation, &none, v + 1, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return;
	fprintf(stderr, "%s: ", violation_name[v]);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	store(&s->stop, 1);
}

static const char *kind_name(unsigned kind)
{
	switch (kind) {
	case CHAOS_REMOVED:
		return "removed";
	case CHAOS_RESET:
		return "reset";
	case CHAOS_DISABLE:
		return "disable";
	case CHAOS_SUSPEND:
		return "suspend";
	default:
		return vtd_fault_name(kind);
	}
}

/* ---- the watchdog ---- */

static void dump_slots(const struct qi_snapshot *snap)
{
	static const char *const state[] = { "FREE", "IN_USE", "DONE", "ABORT" };
	char text[160];

	for (unsigned i = 0; i < snap->slots; i++) {
		const struct qi_slot_view *v = &snap->slot[i];

		qi_desc_text(&v->desc, text, sizeof(text));
		fprintf(stderr, "%3u %-6s status %08x tag %08x  %s\n", i, state[v->state],
			v->status, v->tag, text);
	}
}

static void dump(struct stress *s)
{
	struct qi_slot_view view[MAX_SLOTS];
	struct qi_snapshot snap = { .slot = view, .slots = MAX_SLOTS };
	uint64_t end = load(&s->opened);

	qi_snapshot(&s->q, &snap);
	fprintf(stderr,
		"mode %d dead %d head %u tail %u used %u queued %u\n"
		"FSTS %x IQH %llx IQT %llx IQERCD %llx\n",
		snap.mode, snap.dead, snap.head, snap.tail, snap.used, snap.queued, snap.fsts,
		(unsigned long long)snap.iqh, (unsigned long long)snap.iqt,
		(unsigned long long)snap.iqercd);
	dump_slots(&snap);
	for (uint64_t i = end < 16 ? 0 : end - 16; i < end; i++) {
		const struct injected *in = log_at(s, i);
		uint64_t closed = load(&in->closed_ns);

		fprintf(stderr, "fault %s sid 0x%x count %u, %llu ms ago, %s\n",
			kind_name(in->kind), in->fault.sid, in->fault.count,
			(unsigned long long)(now_ns() - load(&in->opened_ns)) / 1000000,
			closed ? "over" : "armed");
	}
}

/* False: a thread is in a call that should have returned long ago, so nothing can be freed. */
static bool watch(struct stress *s)
{
	uint64_t end = now_ns() + s->cfg.seconds * 1000000000, now, deadline;
	struct timespec tick = { 0, 20000000 };
	unsigned finished;

	do {
		nanosleep(&tick, NULL);
		now = now_ns();
		if (s->cfg.seconds && now > end)
			store(&s->stop, 1);
		finished = 0;
		for (unsigned i = 0; i < s->cfg.threads; i++) {
			deadline = load(&s->worker[i].call_deadline);
			finished += load(&s->worker[i].finished);
			if (deadline && now > deadline) {
				violated(s, LOST, "a call of thread %u does not return", i);
				return false;
			}
		}
	} while (finished < s->cfg.threads);
	return true;
}

/* ---- the report ---- */

static void sum_up(const struct stress *s, struct figures *sum)
{
	for (unsigned i = 0; i < s->cfg.threads; i++) {
		const struct figures *f = &s->worker[i].figures;

		sum->submissions += load(&f->submissions);
		sum->descriptors += load(&f->descriptors);
		sum->succeeded += load(&f->succeeded);
		sum->failed += load(&f->failed);
		sum->abandoned += load(&f->abandoned);
	}
}

#define SHOW(name, value) printf(" %s=%llu", name, (unsigned long long)(value))

/* One line, also for scripts/campaign. Stuck threads may still be counting. */
static void report(const struct stress *s, double seconds)
{
	struct figures f = { 0 };

	sum_up(s, &f);
	printf("%s:", s->violation ? violation_name[s->violation - 1] : "ok");
	SHOW("threads", s->cfg.threads);
	SHOW("width", s->cfg.width);
	SHOW("slots", s->cfg.slots);
	SHOW("budget", s->cfg.budget);
	SHOW("retries", s->cfg.retries);
	SHOW("seed", s->cfg.seed);
	SHOW("laps", s->cfg.laps);
	SHOW("submissions", f.submissions);
	SHOW("descriptors", f.descriptors);
	SHOW("per-second", f.submissions / seconds);
	SHOW("succeeded", f.succeeded);
	SHOW("failed", f.failed);
	SHOW("abandoned", f.abandoned);
	for (unsigned i = VTD_FAULT_NONE + 1; i < CHAOS_KINDS && !s->cfg.calm; i++)
		SHOW(kind_name(i), load(&s->injected[i]));
	SHOW("iqe", load(&s->stats.iqe));
	SHOW("ite", load(&s->stats.ite));
	SHOW("ice", load(&s->stats.ice));
	SHOW("retried", load(&s->stats.retries));
	SHOW("aborts", load(&s->stats.aborts));
	SHOW("resets", load(&s->resets));
	SHOW("busy", load(&s->busy));
	SHOW("full-waits", load(&s->stats.full_waits));
	putchar('\n');
	fflush(stdout);
}

/* ---- set-up ---- */

/* Memory is never zero, and the ring has been through some laps. */
static int start_old_queue(struct stress *s, const char **why)
{
	struct qi_config *c = &s->qc;

	age_fill(c->ring.virt, c->ring.size, s->cfg.seed);
	age_fill(c->status.virt, c->status.size, s->cfg.seed + 1);
	age_fill(c->slot, c->slots * sizeof(*c->slot), s->cfg.seed + 2);
	if (qi_init_why(&s->q, c, why))
		return -QI_ERR_INVALID;
	age_queue(&s->q, s->cfg.laps, s->cfg.seed);
	return qi_enable(&s->q);
}

static bool start_queue(struct stress *s)
{
	struct threads_config host = {
		.profile = VTD_SPEC,
		.slots = s->cfg.slots,
		.width = s->cfg.width,
		.seed = s->cfg.seed,
		.q = &s->q,
		.device_present = chaos_present,
		.executed = s->cfg.plant == PLANT_STALE ? plant_executed : judge_executed,
		.fetched = s->cfg.plant == PLANT_STALE ? plant_fetched : NULL,
		.ctx = s,
	};
	struct qi_config *qc = &s->qc;
	const char *why = "out of memory or threads";

	qc->stats = &s->stats;
	qc->timeout_ns = patience_ns(s->cfg.timeout_ms / 1e3) * SLOWDOWN;
	qc->ats_timeout_ns = qc->timeout_ns * 3 / 2;
	qc->retries = s->cfg.retries ? s->cfg.retries : QI_NO_RETRY;
	qc->poll_budget = s->cfg.budget;
	/* Beyond the core's deadlines, as threads wait for a processor. */
	s->bound_ns =
		(s->cfg.retries + 3) * qc->ats_timeout_ns + patience_ns(PATIENCE_S) * SLOWDOWN;
	s->part_ns = qc->ats_timeout_ns;
	if (s->cfg.plant == PLANT_HANG) {
		/* Beyond the core's deadlines, as threads wait for a processor. */
		s->bound_ns = qc->timeout_ns;
		s->part_ns = 0;
		qc->timeout_ns = qc->ats_timeout_ns = HOUR_NS;
	}
	s->host = threads_start(&host);
	if (s->host)
		threads_configure(s->host, qc);
	if (s->host && !start_old_queue(s, &why))
		return true;
	fprintf(stderr, "no queue of %u slots of %u bits: %s\n", s->cfg.slots, s->cfg.width, why);
	return false;
}

static bool start_workers(struct stress *s)
{
	for (unsigned i = 0; i < s->cfg.threads; i++) {
		struct worker *w = &s->worker[i];

		w->s = s;
		w->number = i;
		w->random = s->cfg.seed * 1000003 + i;
		w->now.desc = calloc(MAX_DESCS, sizeof(struct qi_desc));
		for (unsigned k = 0; k < HELD; k++) {
			w->held[k] = &w->ticket[k];
			w->ticket[k].desc = calloc(MAX_DESCS, sizeof(struct qi_desc));
		}
	}
	for (unsigned i = 0; i < s->cfg.threads; i++)
		if (pthread_create(&s->worker[i].thread, NULL, worker_thread, &s->worker[i]))
			return false;
	return true;
}

static void free_all(struct stress *s)
{
	threads_stop(s->host);
	for (unsigned i = 0; i < s->cfg.threads; i++) {
		free(s->worker[i].now.desc);
		for (unsigned k = 0; k < HELD; k++)
			free(s->worker[i].ticket[k].desc);
	}
	free(s);
}

/* Everything has been collected or given up, so the ring must become free. */
static void end_queue(struct stress *s)
{
	int err;

	life_revive(s, load(&s->life), false);
	err = qi_disable(&s->q);
	if (err)
		violated(s, LOST, "the queue cannot be turned off at the end: %s",
			 qi_strerror(err));
}

static int verdict(const struct stress *s)
{
	if (s->cfg.plant == PLANT_NONE)
		return s->violation ? 2 : 0;
	return s->violation == plant_expects(s->cfg.plant) + 1 ? 0 : 2;
}

static int run(struct stress *s)
{
	uint64_t start = now_ns();
	pthread_t chaos;
	bool chaotic = !s->cfg.calm || s->cfg.plant;
	void *(*body)(void *) = s->cfg.plant ? plant_thread : chaos_thread;

	if (!start_workers(s) || (chaotic && pthread_create(&chaos, NULL, body, s))) {
		fprintf(stderr, "cannot start %u threads\n", s->cfg.threads);
		_exit(1);
	}
	if (!watch(s)) {
		/*
		 * Memory of threads that have finished meanwhile must not look leaked to a
		 * sanitizer.
		 */
		for (unsigned i = 0; i < s->cfg.threads; i++)
			pthread_detach(s->worker[i].thread);
		if (chaotic)
			pthread_detach(chaos);
		dump(s);
		report(s, (now_ns() - start) / 1e9);
		_exit(verdict(s));
	}
	for (unsigned i = 0; i < s->cfg.threads; i++)
		pthread_join(s->worker[i].thread, NULL);
	store(&s->stop, 1);
	if (chaotic)
		pthread_join(chaos, NULL);
	if (!s->violation)
		end_queue(s);
	else if (!s->cfg.plant)
		dump(s);
	report(s, (now_ns() - start) / 1e9);
	return verdict(s);
}

/* ---- arguments ---- */

static const struct argp_option options[] = {
	{ "threads", 't', "N", 0, "submitting threads (12)", 0 },
	{ "slots", 'n', "N", 0, "of the ring (16)", 0 },
	{ "width", 'w', "BITS", 0, "of a descriptor: 128 (default) or 256", 0 },
	{ "budget", 'b', "TURNS", 0, "before the core looks for a fault (4096)", 0 },
	{ "retries", 'r', "N", 0, "of a device that timed out (3)", 0 },
	{ "seed", 's', "N", 0, "(1)", 0 },
	{ "laps", 'l', "N", 0, "how often the ring has been round before (the seed says)", 0 },
	{ "submissions", 'c', "N", 0, "to make (1000000)", 0 },
	{ "seconds", 'd', "N", 0, "end then, if there are submissions left", 0 },
	{ "timeout", 'T', "MS", 0,
	  "the core's; times $QINVAL_TIMEOUT_MULTIPLIER, and 5 under a sanitizer (1000)", 0 },
	{ "peace", 'f', "N", 0, "submissions between faults, at most (200)", 0 },
	{ "calm", 'q', NULL, 0, "no faults", 0 },
	{ "plant", 'p', "DEFECT", 0,
	  "lost, hang, stale, false-completion, misblamed: succeed if that is what is found", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct stress_config *cfg = state->input;
	uint64_t value = arg ? strtoull(arg, NULL, 0) : 0;

	switch (key) {
	case 't':
		cfg->threads = value;
		return 0;
	case 'n':
		cfg->slots = value;
		return 0;
	case 'w':
		cfg->width = value;
		return 0;
	case 'b':
		cfg->budget = value;
		return 0;
	case 'r':
		cfg->retries = value;
		return 0;
	case 's':
		cfg->seed = value;
		return 0;
	case 'l':
		cfg->laps = value;
		return 0;
	case 'c':
		cfg->submissions = value;
		return 0;
	case 'd':
		cfg->seconds = value;
		return 0;
	case 'T':
		cfg->timeout_ms = value;
		return 0;
	case 'f':
		cfg->peace = value;
		return 0;
	case 'q':
		cfg->calm = true;
		return 0;
	case 'p':
		cfg->plant = plant_find(arg);
		if (!cfg->plant)
			argp_error(state, "no such defect: %s", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, NULL, "Many threads, one queue, and a unit that misbehaves.",
		NULL,	 NULL,	NULL
	};
	struct stress *s = calloc(1, sizeof(*s));
	int result;

	if (!s)
		return 1;
	s->cfg = (struct stress_config){ .threads = 12,
					 .slots = 16,
					 .width = 128,
					 .budget = 4096,
					 .retries = 3,
					 .seed = 1,
					 .submissions = 1000000,
					 .timeout_ms = 1000,
					 .laps = UINT64_MAX,
					 .peace = 200 };
	argp_parse(&argp, argc, argv, 0, NULL, &s->cfg);
	if (!s->cfg.threads || s->cfg.threads > MAX_THREADS || s->cfg.slots > MAX_SLOTS) {
		fprintf(stderr, "1 to %d threads, up to %d slots\n", MAX_THREADS, MAX_SLOTS);
		return 1;
	}
	if (s->cfg.laps == UINT64_MAX)
		s->cfg.laps = age_nth(s->cfg.seed % AGES, s->cfg.seed);
	pthread_mutex_init(&s->log_lock, NULL);
	pthread_mutex_init(&s->life_lock, NULL);
	if (!start_queue(s))
		return 1;
	result = run(s);
	free_all(s);
	return result;
}
