/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The threads host alone: what it promises to the core, and its reports to observers. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <hosts/threads.h>
#include <qinval/regs.h>

#include "../patience.h"

struct rig {
	struct threads_host *host;
	struct qi q;
	struct qi_config qc;
	struct qi_stats stats;
};

static struct rig *start(struct threads_config cfg)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	cfg.q = &r->q;
	r->host = threads_start(&cfg);
	assert_non_null(r->host);
	r->qc.stats = &r->stats;
	r->qc.timeout_ns = r->qc.ats_timeout_ns = patience_ns(PATIENCE_S);
	threads_configure(r->host, &r->qc);
	assert_int_equal(qi_init(&r->q, &r->qc), 0);
	assert_int_equal(qi_enable(&r->q), 0);
	return r;
}

static void stop(struct rig *r)
{
	assert_int_equal(qi_disable(&r->q), 0);
	threads_stop(r->host);
	free(r);
}

static struct threads_config sized(unsigned slots)
{
	return (struct threads_config){ .slots = slots, .width = 128, .seed = 1 };
}

static struct qi_desc page(unsigned n)
{
	return qi_desc_iotlb(QI_IOTLB_PAGE, 1, n * 4096ULL, 0, false, 0);
}

static double seconds(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void pass(double s)
{
	struct timespec ts = { s, (s - (long)s) * 1e9 };

	nanosleep(&ts, NULL);
}

/* ---- counting and looking on ---- */

static void counts_agree_with_the_cores(void **state)
{
	struct rig *r = start(sized(256));
	struct threads_counts before = threads_counts(r->host), after;
	uint64_t doorbells = r->stats.doorbells, reads = r->stats.register_reads;

	(void)state;
	assert_int_equal(before.reads, reads);
	for (unsigned i = 0; i < 1000; i++) {
		struct qi_desc d = page(i);

		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	}
	after = threads_counts(r->host);
	assert_int_equal(after.doorbells - before.doorbells, 1000);
	assert_int_equal(after.doorbells - before.doorbells, r->stats.doorbells - doorbells);
	assert_int_equal(after.reads - before.reads, r->stats.register_reads - reads);
	assert_int_equal(after.executed - before.executed, 2000);
	stop(r);
}

static void executions_are_remembered_by_slot(void **state)
{
	struct rig *r = start(sized(4));
	uint64_t since = threads_counts(r->host).executed;
	struct qi_desc d = page(7), other = page(8);
	unsigned slot;

	(void)state;
	for (slot = 0; slot < 4; slot++)
		assert_false(threads_executed(r->host, slot, &d, since));
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	assert_true(threads_executed(r->host, 0, &d, since));
	assert_true(threads_executed(r->host, 1, NULL, since));
	assert_false(threads_executed(r->host, 0, NULL, since));
	assert_false(threads_executed(r->host, 0, &other, since));
	assert_false(threads_executed(r->host, 2, &d, since));
	since = threads_counts(r->host).executed;
	assert_false(threads_executed(r->host, 0, &d, since));

	/* Only if the answer may be lost it is "true" without evidence. */
	for (unsigned lap = 0; lap < THREADS_HISTORY; lap++) {
		assert_false(threads_executed(r->host, 2, &other, since));
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	}
	assert_true(threads_executed(r->host, 2, &other, since));
	stop(r);
}

static void touches_are_invalidated(void **state)
{
	struct rig *r = start(sized(256));
	struct vtd_entry e = { .kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = 0x5000 };
	struct qi_desc this = page(5), other = page(6);
	uint64_t stamp = threads_touch(r->host, &e);

	(void)state;
	assert_true(stamp > 0);
	assert_int_equal(threads_touch(r->host, &e), stamp);
	assert_int_equal(qi_submit_sync(&r->q, &other, 1, 0), 0);
	assert_int_equal(threads_cached(r->host, &e), stamp);
	assert_int_equal(qi_submit_sync(&r->q, &this, 1, 0), 0);
	assert_int_equal(threads_cached(r->host, &e), 0);
	assert_true(threads_touch(r->host, &e) > stamp);
	stop(r);
}

/* ---- memory ---- */

static void only_its_memory_is_reached(void **state)
{
	struct rig *r = start(sized(256));
	struct qi_mem m = threads_memory(r->host, 100);

	(void)state;
	assert_non_null(m.virt);
	assert_int_equal(m.phys % 4096, 0);
	assert_ptr_not_equal(m.virt, (void *)(uintptr_t)m.phys);
	assert_ptr_equal(threads_reach(r->host, m.phys, 100), m.virt);
	assert_ptr_equal(threads_reach(r->host, m.phys + 96, 4), (char *)m.virt + 96);
	assert_null(threads_reach(r->host, m.phys + 97, 4));
	assert_null(threads_reach(r->host, m.phys - 4, 4));
	assert_null(threads_reach(r->host, m.phys + 4096, 4));
	assert_null(threads_reach(r->host, (uint32_t)m.phys, 4));
	assert_ptr_equal(threads_reach(r->host, r->qc.ring.phys, 4096), r->qc.ring.virt);
	assert_ptr_equal(threads_reach(r->host, r->qc.status.phys + 1020, 4),
			 (char *)r->qc.status.virt + 1020);
	while (threads_memory(r->host, 1).virt)
		;
	stop(r);
}

/* ---- interrupts ---- */

static void a_sleeper_is_woken(void **state)
{
	struct rig *r = start(sized(256));
	struct qi_desc d = page(1);
	uint64_t sent = threads_counts(r->host).interrupts;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, QI_OPT_INTERRUPT), 0);
	assert_true(threads_counts(r->host).interrupts > sent);
	stop(r);
}

/* The poll budget lasts longer than the test waits, so only the interrupt can be in time. */
static void a_fault_interrupts(void **state)
{
	const struct vtd_fault refuse = { .kind = VTD_FAULT_REFUSE,
					  .type = QI_IOTLB_TYPE,
					  .iqei = VTD_IQEI_RESERVED,
					  .count = 1 };
	struct qi_desc d = page(1);
	struct qi_ticket t;
	struct rig *r = start(sized(256));
	uint64_t end;

	(void)state;
	assert_int_equal(qi_disable(&r->q), 0);
	r->qc.poll_budget = 1000000000;
	r->qc.timeout_ns = r->qc.ats_timeout_ns = 3 * patience_ns(PATIENCE_S);
	assert_int_equal(qi_init(&r->q, &r->qc), 0);
	assert_int_equal(qi_enable(&r->q), 0);
	assert_true(threads_fault_arm(r->host, &refuse));
	end = patience_begin();
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	assert_int_equal(qi_wait(&r->q, &t), -QI_ERR_IQE);
	assert_true(patience_lasts(end));
	assert_int_equal(t.error.iqei, VTD_IQEI_RESERVED);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	stop(r);
}

static bool second_bus_is_there(void *ctx, uint16_t sid)
{
	assert_string_equal(ctx, "context");
	return sid >> 8 == 2;
}

static void devices_may_be_gone(void **state)
{
	struct threads_config cfg = sized(256);
	struct qi_desc there = qi_desc_dev_tlb(0x0200, 0, 32, 0, QI_DEV_TLB_ALL);
	struct qi_desc gone = qi_desc_dev_tlb(0x0300, 0, 32, 0, QI_DEV_TLB_ALL);
	struct rig *r;

	(void)state;
	cfg.device_present = second_bus_is_there;
	cfg.ctx = "context";
	r = start(cfg);
	assert_int_equal(qi_submit_sync(&r->q, &there, 1, 0), 0);
	assert_int_equal(qi_submit_sync(&r->q, &gone, 1, 0), -QI_ERR_DEVICE);
	stop(r);
}

static void a_dead_queue_is_revived(void **state)
{
	const struct vtd_fault gone = { .kind = VTD_FAULT_GONE };
	struct rig *r = start(sized(8));
	struct qi_desc d = page(1);

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
		assert_true(threads_fault_arm(r->host, &gone));
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_GONE);
		threads_fault_clear(r->host, VTD_FAULT_GONE);
		assert_int_equal(qi_reset(&r->q), 0);
	}
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	stop(r);
}

static void nonsense_is_refused(void **state)
{
	struct threads_config cfg = sized(256);

	(void)state;
	cfg.profile = VTD_PROFILES;
	assert_null(threads_start(&cfg));
}

/* ---- threads and processors ---- */

struct crowd {
	struct rig *r;
	unsigned rounds, failed;
};

static void *one_of_a_crowd(void *arg)
{
	struct crowd *c = arg;

	for (unsigned i = 0; i < c->rounds; i++) {
		struct qi_desc d[2] = { page(i), page(i + 1) };

		if (qi_submit_sync(&c->r->q, d, i % 3, 0))
			__atomic_fetch_add(&c->failed, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Returns the processor time that it took. */
static double crowd(unsigned threads, unsigned slots, unsigned rounds)
{
	struct crowd c = { start(sized(slots)), rounds, 0 };
	struct qi_snapshot snapshot = { .slot = NULL };
	pthread_t thread[threads];
	double start_time = seconds(CLOCK_PROCESS_CPUTIME_ID), took;

	for (unsigned i = 0; i < threads; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, one_of_a_crowd, &c), 0);
	for (unsigned i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	took = seconds(CLOCK_PROCESS_CPUTIME_ID) - start_time;
	assert_int_equal(c.failed, 0);
	qi_snapshot(&c.r->q, &snapshot);
	assert_int_equal(snapshot.stats.submissions, threads * rounds);
	stop(c.r);
	return took;
}

static void many_threads(void **state)
{
	(void)state;
	crowd(32, 256, 200);
	crowd(16, 4, 200);
}

/*
 * 24 threads and the unit's share one processor. If waiting threads did not yield it, each
 * submission would take a time slice of several milliseconds, and all together more than a minute
 * of processor time.
 */
static void many_threads_on_one_processor(void **state)
{
	cpu_set_t all, one;
	double took;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	took = crowd(24, 256, 1000);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	if (took > 30)
		fail_msg("24000 submissions took %.1f s of the processor's time", took);
}

static void an_idle_unit_rests(void **state)
{
	struct rig *r = start(sized(256));
	struct qi_desc d = page(1);
	double before;

	(void)state;
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	pass(0.01);
	before = seconds(CLOCK_PROCESS_CPUTIME_ID);
	pass(0.5);
	assert_true(seconds(CLOCK_PROCESS_CPUTIME_ID) - before < 0.1);
	stop(r);
}

/* It answers from its sleep in well under a millisecond, at least sometimes. */
static void a_resting_unit_wakes_fast(void **state)
{
	struct rig *r = start(sized(256));
	struct qi_desc d = page(1);
	uint64_t end = patience_begin();
	double best = 1, before, took;

	(void)state;
	while (best >= 0.001 && patience_lasts(end)) {
		pass(0.005);
		before = seconds(CLOCK_MONOTONIC);
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
		took = seconds(CLOCK_MONOTONIC) - before;
		best = took < best ? took : best;
	}
	assert_true(best < 0.001);
	stop(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_agree_with_the_cores),
		cmocka_unit_test(executions_are_remembered_by_slot),
		cmocka_unit_test(touches_are_invalidated),
		cmocka_unit_test(only_its_memory_is_reached),
		cmocka_unit_test(a_sleeper_is_woken),
		cmocka_unit_test(a_fault_interrupts),
		cmocka_unit_test(devices_may_be_gone),
		cmocka_unit_test(a_dead_queue_is_revived),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(many_threads),
		cmocka_unit_test(many_threads_on_one_processor),
		cmocka_unit_test(an_idle_unit_rests),
		cmocka_unit_test(a_resting_unit_wakes_fast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
