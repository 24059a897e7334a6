/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "stress.h"

#include "apic.h"
#include "clock.h"
#include "idt.h"
#include "kinds.h"
#include "memory.h"
#include "random.h"
#include "selftest.h"
#include "smp.h"
#include "tap.h"

#define MOST_COUNT 8
#define BAD_ONE_IN 256
#define US 1000ULL
#define SECOND 1000000000UL

/*
 * In the run with interrupts a handler may be the one that needs space in the ring, and the CPU
 * that it has interrupted the one that has to give it back. So the ring must never be full there:
 * nobody gets further ahead of the slowest than that.
 */
#define INTERRUPT_SLOTS 32768U
#define SLOTS_EACH (MOST_COUNT + 1U)

/* What one CPU does, in its main loop or in its handler. */
struct side {
	uint64_t random;
	uint64_t submissions, descriptors, bad, wrong;
	int got, want; /* of the first wrong one */
};

struct worker {
	struct side loop, handler;
	uint64_t within; /* submissions of the handler while one of the loop was under way */
	bool calling;
	uint64_t begun; /* submissions; UINT64_MAX when it has finished */
	uint64_t limit; /* for `begun`, as last worked out */
} __attribute__((aligned(128)));

static struct run {
	struct unit *const *units;
	struct kinds *kinds;
	unsigned n;
	uint64_t end;
	bool timer;
	uint64_t window; /* how far anybody may be ahead */
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

/* Not too far ahead of the slowest? */
static bool may_go(struct worker *w)
{
	uint64_t least = UINT64_MAX, begun;
	unsigned i;

	if (w->begun < w->limit)
		return true;
	for (i = 0; i < smp_cpus(); i++) {
		begun = __atomic_load_n(&run.worker[i].begun, __ATOMIC_RELAXED);
		least = begun < least ? begun : least;
	}
	w->limit = least + run.window;
	return w->begun < w->limit;
}

/* One submission of up to @most descriptors to any unit. */
static void submit(struct worker *w, struct side *s, unsigned most)
{
	unsigned at = random_below(&s->random, run.n), n = random_below(&s->random, most + 1), i;
	const struct kinds *k = &run.kinds[at];
	struct qi_desc d[MOST_COUNT];
	struct qi_ticket t;
	int want = 0, got;
	unsigned bad = 0;

	__atomic_fetch_add(&w->begun, 1, __ATOMIC_RELAXED);
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
	if (may_go(w)) {
		w->within += __atomic_load_n(&w->calling, __ATOMIC_RELAXED);
		submit(w, &w->handler, MOST_COUNT / 2);
	}
	arm(w);
}

static void work(void *arg)
{
	struct worker *w = &run.worker[this_cpu()->number];

	(void)arg;
	if (run.timer)
		arm(w);
	while (clock_now() < run.end) {
		if (!may_go(w))
			continue;
		__atomic_store_n(&w->calling, true, __ATOMIC_RELAXED);
		submit(w, &w->loop, MOST_COUNT);
		__atomic_store_n(&w->calling, false, __ATOMIC_RELAXED);
	}
	apic_timer(0);
	__atomic_store_n(&w->begun, UINT64_MAX, __ATOMIC_RELAXED);
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
		   "stress%s: CPUs %u, units %u: %lu submissions, %lu descriptors, %lu bad ones",
		   run.timer ? " with interrupts" : "", cpus, run.n, all.submissions,
		   all.descriptors, all.bad);
	if (run.timer)
		tap_result(
			within,
			"stress: %lu of them in timer interrupts, %lu into the middle of another",
			handlers.submissions, within);
	tap_note("%lu submissions a second", all.submissions * SECOND / ns);
}

static void run_once(uint64_t ns, unsigned slots, bool timers)
{
	unsigned cpus = smp_cpus(), i;
	uint64_t window = INTERRUPT_SLOTS / (2 * SLOTS_EACH * cpus);
	int err;

	for (i = 0; i < run.n; i++) {
		err = unit_open(run.units[i], slots, 128, UNIT_STATS | UNIT_INTERRUPTS);
		if (!selftest_expect(run.units[i], err, 0, "the queue is on"))
			return;
		kinds_of_all(&run.kinds[i], run.units[i]);
		plant_start(run.units[i]);
	}
	run.worker = memory_alloc(cpus * sizeof(*run.worker));
	for (i = 0; i < cpus; i++) {
		run.worker[i].loop.random = i * 2 + 1;
		run.worker[i].handler.random = i * 2 + 2;
	}
	run.timer = timers;
	run.window = !timers ? UINT64_MAX / 2 : window ? window : 1;
	run.end = clock_now() + ns;
	smp_run(cpus, work, NULL, ns + 10 * SECOND);
	report(cpus, ns);
	for (i = 0; i < run.n; i++) {
		plant_stop(run.units[i]);
		selftest_expect(run.units[i], unit_close(run.units[i]), 0, "the queue is off");
	}
}

void stress(struct unit *const *units, unsigned n, uint64_t ns)
{
	run.units = units;
	run.n = n;
	run.kinds = memory_alloc(n * sizeof(*run.kinds));
	idt_handle(VECTOR_TIMER, timer, NULL);
	run_once(ns, 256, false);
	run_once(ns, INTERRUPT_SLOTS, true);
}
