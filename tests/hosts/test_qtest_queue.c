/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The core on QEMU's unit: rings of all sizes, all faults that this unit raises, queues turned off
 * and on, and queues that were left running.
 */
#include "spoil.h"

#include "../patience.h"

#include <hosts/qtest_dma.h>
#include <pthread.h>
#include <qinval/regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define THREADS 6

static struct qi_desc page(unsigned n)
{
	return qi_desc_iotlb(QI_IOTLB_PAGE, 1, n * 4096ULL, 0, false, 0);
}

/* ---- rings ---- */

/* Two laps, with submissions of all sizes that fit. */
static void two_laps(const struct qtest_config *cfg)
{
	struct rig *r = rig_start(cfg);
	struct qi_desc *d = calloc(cfg->slots, sizeof(*d));
	unsigned done = 0, n = 0;

	assert_non_null(d);
	for (unsigned i = 0; i < cfg->slots; i++)
		d[i] = page(i);
	while (done < 2 * cfg->slots) {
		assert_int_equal(qi_submit_sync(&r->q, d, n, 0), 0);
		done += n + 1;
		n = n * 2 + 1 < cfg->slots - 1 ? n * 2 + 1 : 0;
	}
	assert_int_equal(qi_submit_sync(&r->q, d, cfg->slots, 0), 0);
	assert_true(qtest_fetched(r->host) > 3 * (uint64_t)cfg->slots);
	free(d);
	rig_stop(r);
}

static void every_ring(void **state)
{
	(void)state;
	/* How large it is, is nothing to a sanitizer. */
	for (unsigned qs = 0; qs < (PATIENCE_SANITIZED ? 4 : 8); qs++) {
		two_laps(&(struct qtest_config){ .slots = 256U << qs, .width = 128 });
		two_laps(&(struct qtest_config){ .slots = 128U << qs, .width = 256 });
	}
}

/* 256-bit descriptors need scalable mode. */
static void a_unit_without_the_width_is_refused(void **state)
{
	const struct qtest_config cfg = { .slots = 256,
					  .width = 256,
					  .properties = "intremap=on,device-iotlb=on" };
	char error[500];
	struct qtest_host *h = qtest_start(&cfg, error, sizeof(error));
	struct qi_config qc = { .stats = NULL };
	struct qi q;

	(void)state;
	assert_non_null(h);
	qtest_configure(h, &qc);
	assert_int_equal(qi_init(&q, &qc), 0);
	assert_int_equal(qi_enable(&q), -QI_ERR_INVALID);
	qtest_stop(h);
}

/* ---- refused descriptors ---- */

static struct rig *start_spoiled(struct spoiler *s, unsigned width)
{
	const struct qtest_config cfg = {
		.slots = 256, .width = width, .doorbell = spoil, .ctx = s
	};
	struct rig *r = rig_start(&cfg);

	s->r = r;
	return r;
}

/* All that QEMU 7.2 refuses, except what depends on the status address. */
static const struct qi_desc refused[] = {
	{ .qw0 = 0 }, /* type 0, ... */
	{ .qw0 = 8 }, /* and what this unit does not know */
	{ .qw0 = 9 },
	{ .qw0 = 15 },
	{ .qw0 = QI_CC_TYPE },	      /* no granularity */
	{ .qw0 = QI_CC_TYPE | 0x50 }, /* reserved bits */
	{ .qw0 = QI_CC_TYPE | 0x10 | 1ULL << 50 },
	{ .qw0 = QI_CC_TYPE | 0x10, .qw1 = 1 },
	{ .qw0 = QI_IOTLB_TYPE },
	{ .qw0 = QI_IOTLB_TYPE | 0x110 },
	{ .qw0 = QI_IOTLB_TYPE | 0x10 | 1ULL << 32 },
	{ .qw0 = QI_IOTLB_TYPE | 0x30, .qw1 = 1 << 7 },
	{ .qw0 = QI_IOTLB_TYPE | 0x30, .qw1 = 19 }, /* beyond CAP.MAMV */
	{ .qw0 = QI_IOTLB_TYPE | 0x30, .qw1 = 63 },
	{ .qw0 = QI_DIOTLB_TYPE | 1 << 21 },
	{ .qw0 = QI_DIOTLB_TYPE, .qw1 = 4 },
	{ .qw0 = QI_IWD_TYPE }, /* neither status write nor interrupt */
	{ .qw0 = QI_IWD_TYPE | QI_IWD_FN },
	{ .qw0 = QI_IWD_TYPE | QI_IWD_SW | QI_IWD_PD },
	{ .qw0 = QI_IWD_TYPE | QI_IWD_SW, .qw1 = 0x200002 },
	{ .qw0 = QI_IWD_TYPE | QI_IWD_SW, .qw1 = 1ULL << 40 }, /* no memory there */
};

/*
 * Each bad descriptor at each position of a submission: its submitter gets the index, and the next
 * submission is not affected.
 */
static void each_refusal_names_its_descriptor(unsigned width)
{
	struct spoiler s = { .r = NULL };
	struct rig *r = start_spoiled(&s, width);
	struct qi_desc d[4] = { page(1), page(2), page(3), page(4) };
	struct qi_ticket t;
	uint64_t iqe = 0;

	for (unsigned i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		for (unsigned at = 0; at <= 4; at++) {
			spoil_arm(&s, &refused[i], at == 4, at == 4 ? 1 : at + 1);
			assert_int_equal(qi_submit(&r->q, d, 4, 0, &t), 0);
			if (qi_wait(&r->q, &t) != -QI_ERR_IQE || t.error.index != at ||
			    t.error.iqei != VTD_IQEI_NONE)
				fail_msg("0x%llx 0x%llx at %u: %s at %u, IQEI %u",
					 (unsigned long long)s.bad.qw0,
					 (unsigned long long)s.bad.qw1, at,
					 qi_strerror(t.error.code), t.error.index, t.error.iqei);
			iqe++;
			assert_int_equal(qi_submit_sync(&r->q, d, 4, 0), 0);
		}
	}
	assert_int_equal(r->stats.iqe, iqe);
	rig_stop(r);
}

static void every_refusal(void **state)
{
	(void)state;
	each_refusal_names_its_descriptor(128);
	each_refusal_names_its_descriptor(256);
}

struct worker {
	struct spoiler *s;
	pthread_t thread;
	unsigned rounds, refused, wrong;
	const bool *enough; /* atomic: there have been enough refusals */
};

static void *submit_for_long(void *arg)
{
	struct worker *w = arg;

	for (unsigned i = 0; i < w->rounds || !__atomic_load_n(w->enough, __ATOMIC_RELAXED); i++) {
		struct qi_desc d[3] = { page(i), page(i + 1), page(i + 2) };
		int err = qi_submit_sync(&w->s->r->q, d, i % 4, 0);

		w->refused += err == -QI_ERR_IQE;
		w->wrong += err && err != -QI_ERR_IQE;
	}
	return NULL;
}

/* Refusals reported equal refusals injected: no other submission fails. */
static void refusals_among_many_threads(void **state)
{
	const struct qi_desc bad = { .qw0 = 15 };
	struct spoiler s = { .r = NULL };
	struct rig *r = start_spoiled(&s, 128);
	struct worker w[THREADS];
	unsigned planted = 0, told = 0;
	bool enough = false;

	(void)state;
	for (unsigned i = 0; i < THREADS; i++) {
		w[i] = (struct worker){ .s = &s, .rounds = 2000, .enough = &enough };
		assert_int_equal(pthread_create(&w[i].thread, NULL, submit_for_long, &w[i]), 0);
	}
	/* However rarely this thread runs: the others continue until there were some. */
	while (planted < 20 || (planted < 200 && qtest_rung(r->host) <= THREADS * 2000)) {
		if (!spoil_is_armed(&s))
			spoil_arm(&s, &bad, false, 10 + planted++);
	}
	__atomic_store_n(&enough, true, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		told += w[i].refused;
		assert_int_equal(w[i].wrong, 0);
	}
	/* The last one may not have been submitted. */
	planted -= spoil_is_armed(&s);
	assert_true(planted > 10);
	assert_int_equal(told, planted);
	assert_int_equal(r->stats.iqe, planted);
	spoil_arm(&s, &bad, false, 0);
	rig_stop(r);
}

/* ---- errors that belong to no submission ---- */

/*
 * Other software has written a tail beyond the ring's end. If no thread submits, the error is
 * cleared and forgotten. Otherwise the first submission is blamed, once, as this unit's IQERCD does
 * not say that it was the tail.
 */
static void a_foreign_tail_passes(void **state)
{
	const struct qtest_config cfg = { .slots = 256, .width = 128 };
	struct rig *r = rig_start(&cfg);
	struct qi_desc d = page(1);
	struct qi_ticket t;

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		qtest_store(r->host, QTEST_UNIT + DMAR_IQT_REG, 256 * 16 + 16 * i, 8);
		assert_int_equal(qtest_read32(r->host, DMAR_FSTS_REG), VTD_FSTS_IQE);
		if (i % 2) {
			qi_fault_interrupt(&r->q);
		} else {
			assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
			assert_int_equal(qi_wait(&r->q, &t), -QI_ERR_IQE);
			assert_int_equal(t.error.index, 0);
		}
		assert_int_equal(qtest_read32(r->host, DMAR_FSTS_REG), 0);
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	}
	rig_stop(r);
}

/* A ring that the unit cannot read: the call ends in bounded time, with the reason. */
static void a_ring_out_of_reach_ends_in_a_dead_queue(void **state)
{
	const struct qtest_config cfg = { .slots = 256, .width = 128 };
	struct rig *r = rig_start(&cfg);
	struct qi_desc d = page(1);
	struct qi_config qc = r->qc;

	(void)state;
	assert_int_equal(qi_disable(&r->q), 0);
	qc.ring.phys = 1ULL << 40;
	assert_int_equal(qi_init(&r->q, &qc), 0);
	assert_int_equal(qi_enable(&r->q), 0);
	assert_int_not_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_DEAD);
	/* Here QIE of a dead queue stays on, unless it is given a ring that can be read. */
	qtest_stop(r->host);
	free(r);
}

/* Errors of DMA are in the same register, and are left to the embedder. */
static void dma_faults_are_left_alone(void **state)
{
	const struct qi_desc bad = { .qw0 = 15 };
	struct spoiler s = { .r = NULL };
	const char **probe = qtest_probe_arguments(1);
	const struct qtest_config cfg = {
		.slots = 256, .width = 128, .arguments = probe, .doorbell = spoil, .ctx = &s
	};
	struct rig *r = rig_start(&cfg);
	struct qtest_tables tables;
	struct qtest_probe p;
	struct qi_desc d = page(1);
	uint64_t space;
	uint32_t faults;

	(void)state;
	s.r = r;
	assert_true(qtest_tables_init(&tables, r->host, false));
	space = qtest_space(&tables);
	qtest_probe_init(&p, r->host, 0);
	assert_true(qtest_attach(&tables, p.sid, 1, space));
	qtest_tables_enable(&tables);
	for (unsigned i = 0; i < 20; i++)
		qtest_probe_reach(&p, 0x5000 + 0x1000 * i);
	faults = qtest_read32(r->host, DMAR_FSTS_REG);
	assert_true(faults & VTD_FSTS_PPF);
	assert_false(faults & VTD_FSTS_QI);
	spoil_arm(&s, &bad, false, 1);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_IQE);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	assert_int_equal(qtest_read32(r->host, DMAR_FSTS_REG), faults);
	rig_stop(r);
	free(probe);
}

/* ---- life ---- */

static void off_and_on(void **state)
{
	const struct qtest_config cfg = { .slots = 256, .width = 128 };
	struct rig *r = rig_start(&cfg);
	struct qi_desc d[3] = { page(1), page(2), page(3) };

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		assert_int_equal(qi_submit_sync(&r->q, d, i % 4, 0), 0);
		assert_int_equal(qi_disable(&r->q), 0);
		assert_false(qtest_read32(r->host, DMAR_GSTS_REG) & VTD_GSTS_QIES);
		assert_int_equal(qi_submit_sync(&r->q, d, 1, 0), -QI_ERR_OFF);
		assert_int_equal(qi_enable(&r->q), 0);
		assert_int_equal(qi_submit_sync(&r->q, d, i % 3, 0), 0);
		assert_int_equal(qi_suspend(&r->q), 0);
		assert_int_equal(qi_resume(&r->q), 0);
		assert_int_equal(qi_submit_sync(&r->q, d, i % 2, 0), 0);
		assert_int_equal(qi_reset(&r->q), 0);
	}
	assert_int_equal(qi_submit_sync(&r->q, d, 1, 0), 0);
	rig_stop(r);
}

/* Turn on another system's queue with this size and width, and let it execute these descriptors. */
static void leave_running(struct qtest_host *h, unsigned qs, bool wide, unsigned executed)
{
	struct qi_mem ring = qtest_memory(h, 4096ULL << qs << wide);
	struct qi_mem status = qtest_memory(h, 4);
	unsigned bytes = wide ? 32 : 16;

	for (unsigned i = 0; i < executed; i++) {
		struct qi_desc d = i % 2 ? qi_desc_wait(QI_IWD_SW, status.phys, 2) : page(i);

		memcpy((char *)ring.virt + i * bytes, &d, bytes);
	}
	qtest_write64(h, DMAR_IQT_REG, 0);
	qtest_write64(h, DMAR_IQA_REG, ring.phys | (wide ? VTD_IQA_DW : 0) | qs);
	qtest_write32(h, DMAR_GCMD_REG, VTD_GCMD_QIE);
	qtest_write64(h, DMAR_IQT_REG, executed * bytes);
	assert_int_equal(qtest_read64(h, DMAR_IQH_REG), executed * bytes);
}

/* QEMU 7.2 keeps its queue on for ever, unless the last descriptor that it has read is a wait. */
static void a_queue_left_running_is_taken_over(void **state)
{
	static const unsigned executed[] = { 6, 254, 5, 0 };
	char error[500];

	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		const struct qtest_config cfg = { .slots = 256, .width = i & 1 ? 256 : 128 };
		struct qtest_host *h = qtest_start(&cfg, error, sizeof(error));
		struct qi_config qc = { .timeout_ns = i < 8 ? patience_ns(PATIENCE_S) : 300000000 };
		struct qi_desc d = page(1);
		struct qi q;
		int err;

		assert_non_null(h);
		leave_running(h, 1 + i % 3, i & 2, executed[i / 4]);
		qtest_configure(h, &qc);
		assert_int_equal(qi_init(&q, &qc), 0);
		err = qi_enable(&q);
		if (i < 8 || err)
			assert_int_equal(err, i < 8 ? 0 : -QI_ERR_TIMEOUT);
		for (unsigned n = 0; n < 300 && !err; n++)
			assert_int_equal(qi_submit_sync(&q, &d, n % 2, 0), 0);
		if (!err)
			assert_int_equal(qi_disable(&q), 0);
		assert_null(qtest_failure(h));
		qtest_stop(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_ring),
		cmocka_unit_test(a_unit_without_the_width_is_refused),
		cmocka_unit_test(every_refusal),
		cmocka_unit_test(refusals_among_many_threads),
		cmocka_unit_test(a_foreign_tail_passes),
		cmocka_unit_test(a_ring_out_of_reach_ends_in_a_dead_queue),
		cmocka_unit_test(dma_faults_are_left_alone),
		cmocka_unit_test(off_and_on),
		cmocka_unit_test(a_queue_left_running_is_taken_over),
	};

	if (!qemu_is_here())
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
