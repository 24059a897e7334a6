/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "stress.h"

#include <qinval/regs.h>

#include "apic.h"
#include "clock.h"
#include "idt.h"
#include "vectors.h"
#include "kinds.h"
#include "mem.h"
#include "memory.h"
#include "random.h"
#include "selftest.h"
#include "smp.h"
#include "tap.h"

#define USUAL_COUNT 8
#define MOST_COUNT 250 /* one submission in BIG_ONE_IN may have so many */
#define BIG_ONE_IN 4
#define BAD_ONE_IN 256
#define US 1000ULL
#define SECOND 1000000000UL

/*
 * Few, so that large submissions often find the ring full, also with descriptors of an interrupted
 * submission.
 */
#define SLOTS 256

/* Submissions of one CPU's main loop, or of its handler. */
struct side {
	uint64_t random;
	uint64_t submissions, descriptors, bad, wrong;
	int got, want; /* of the first wrong result */
	struct qi_desc desc[MOST_COUNT];
};

struct worker {
	struct side loop, handler;
	uint64_t within; /* submissions that the handler made during one of the loop's */
	bool calling;
} __attribute__((aligned(128)));

static struct run {
	struct unit *const *units;
	struct kinds *kinds;
	unsigned n;
	uint64_t end;
	bool timers;
	struct worker *worker;
} run;

static void judge(struct side *s, int got, int want)
{
	if (got == want)
		return;
	if (!s->wrong++) {
		s->got = got;
		s->want = want;
	}
}

/* One submission to a random unit. */
static void submit(struct side *s)
{
	unsigned most = random_below(&s->random, BIG_ONE_IN) ? USUAL_COUNT : MOST_COUNT;
	unsigned at = random_below(&s->random, run.n), n = random_below(&s->random, most + 1), i;
	const struct kinds *k = &run.kinds[at];
	struct qi_desc *d = s->desc;
	struct qi_ticket t;
	int want = 0, got;
	unsigned bad = 0;

	for (i = 0; i < n; i++)
		d[i] = k->desc[random_below(&s->random, k->n)];
	if (n && !random_below(&s->random, BAD_ONE_IN)) {
		bad = random_below(&s->random, n);
		d[bad] = plant_desc();
		want = -QI_ERR_IQE;
		s->bad++;
	}
	s->submissions++;
	s->descriptors += n;
	got = qi_submit(&run.units[at]->q, d, n, random_below(&s->random, 4) ? 0 : QI_OPT_FENCE,
			&t);
	if (!got)
		got = qi_wait(&run.units[at]->q, &t);
	judge(s, got, want);
	if (got == -QI_ERR_IQE)
		judge(s, (int)t.error.index, (int)bad);
}

static void arm(struct worker *w)
{
	apic_timer(20 * US + random_below(&w->handler.random, 200) * US);
}

static void timer(void *arg)
{
	struct worker *w = &run.worker[this_cpu()->number];

	(void)arg;
	if (clock_now() > run.end)
		return;
	w->within += __atomic_load_n(&w->calling, __ATOMIC_RELAXED);
	submit(&w->handler);
	arm(w);
}

static void work(void *arg)
{
	struct worker *w = &run.worker[this_cpu()->number];

	(void)arg;
	if (run.timers)
		arm(w);
	while (clock_now() < run.end) {
		__atomic_store_n(&w->calling, true, __ATOMIC_RELAXED);
		submit(&w->loop);
		__atomic_store_n(&w->calling, false, __ATOMIC_RELAXED);
	}
	apic_timer(0);
}

static void add(struct side *sum, const struct side *s, unsigned cpu)
{
	sum->submissions += s->submissions;
	sum->descriptors += s->descriptors;
	sum->bad += s->bad;
	sum->wrong += s->wrong;
	if (s->wrong)
		tap_note("CPU %u: %lu not as expected; the first: %d instead of %d", cpu, s->wrong,
			 s->got, s->want);
}

static uint64_t full_waits(void)
{
	uint64_t sum = 0;
	unsigned i;

	for (i = 0; i < run.n; i++)
		sum += run.units[i]->stats->full_waits;
	return sum;
}

static void report(unsigned cpus, uint64_t ns)
{
	struct side all = { 0 }, handlers = { 0 };
	uint64_t within = 0;
	unsigned i;

	for (i = 0; i < cpus; i++) {
		add(&all, &run.worker[i].loop, i);
		add(&handlers, &run.worker[i].handler, i);
		within += run.worker[i].within;
	}
	all.submissions += handlers.submissions;
	all.descriptors += handlers.descriptors;
	all.bad += handlers.bad;
	all.wrong += handlers.wrong;
	tap_result(!all.wrong && all.submissions,
		   "stress%s%s: CPUs %u, units %u: %lu submissions, %lu descriptors, "
		   "%lu bad ones",
		   run.timers ? " with interrupts" : "", run.units[0]->scalable ? ", 256 bits" : "",
		   cpus, run.n, all.submissions, all.descriptors, all.bad);
	if (run.timers)
		tap_result(
			within,
			"stress: %lu of them in timer interrupts, %lu into the middle of another",
			handlers.submissions, within);
	tap_note("%lu submissions a second, %lu found the ring full", all.submissions * SECOND / ns,
		 full_waits());
}

static void run_once(uint64_t ns, bool timers)
{
	unsigned cpus = smp_cpus(), i;
	int err;

	for (i = 0; i < run.n; i++) {
		err = unit_open(run.units[i], SLOTS, run.units[i]->scalable ? 256 : 128,
				UNIT_STATS | UNIT_INTERRUPTS);
		if (!selftest_expect(run.units[i], err, 0, "the queue is on"))
			return;
		kinds_of_all(&run.kinds[i], run.units[i]);
		plant_start(run.units[i]);
	}
	memset(run.worker, 0, cpus * sizeof(*run.worker));
	for (i = 0; i < cpus; i++) {
		run.worker[i].loop.random = i * 2 + 1;
		run.worker[i].handler.random = i * 2 + 2;
	}
	run.timers = timers;
	run.end = clock_now() + ns;
	smp_run(cpus, work, NULL, ns + 10 * SECOND);
	report(cpus, ns);
	for (i = 0; i < run.n; i++) {
		plant_stop(run.units[i]);
		selftest_expect(run.units[i], unit_close(run.units[i]), 0, "the queue is off");
	}
}

static void stress_units(struct unit *const *units, unsigned n, uint64_t ns)
{
	run.units = units;
	run.n = n;
	run_once(ns, false);
	run_once(ns, true);
}

void stress(struct unit *const *units, unsigned n, uint64_t ns)
{
	static struct unit *wide[ACPI_UNITS];
	unsigned i, nwide = 0;

	run.kinds = memory_alloc(n * sizeof(*run.kinds));
	run.worker = memory_alloc(smp_cpus() * sizeof(*run.worker));
	idt_handle(VECTOR_TIMER, timer, NULL);
	stress_units(units, n, ns);
	for (i = 0; i < n; i++)
		if (units[i]->ecap & VTD_ECAP_SMTS && unit_set_scalable(units[i], true))
			wide[nwide++] = units[i];
	if (nwide)
		stress_units(wide, nwide, ns);
	for (i = 0; i < nwide; i++)
		unit_set_scalable(wide[i], false);
}
