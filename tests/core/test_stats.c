/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Counters, histograms, snapshots: what is counted is what has happened. */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 8

/* ---- histograms ---- */

static void judge_bucket(uint64_t ns)
{
	unsigned b = qi_hist_bucket(ns);

	assert_in_range(b, 0, QI_HIST_BUCKETS - 1);
	assert_true(qi_hist_bound(b) <= ns);
	if (b < QI_HIST_BUCKETS - 1)
		assert_true(ns < qi_hist_bound(b + 1));
	if (ns)
		assert_in_range(b - qi_hist_bucket(ns - 1), 0, 1);
}

static void every_value_is_in_its_bucket(void **state)
{
	uint64_t v;
	unsigned b, i;

	(void)state;
	for (v = 0; v < 1 << 16; v++)
		judge_bucket(v);
	for (b = 0; b < QI_HIST_BUCKETS; b++) {
		for (i = 0; i < 8; i++)
			judge_bucket(qi_hist_bound(b) + i);
		assert_int_equal(qi_hist_bucket(qi_hist_bound(b)), b);
	}
	for (i = 40; i < 64; i++)
		assert_int_equal(qi_hist_bucket(1ULL << i), QI_HIST_BUCKETS - 1);
	assert_int_equal(qi_hist_bucket(UINT64_MAX), QI_HIST_BUCKETS - 1);
	assert_int_equal(qi_hist_bucket((1ULL << 40) - 1), QI_HIST_BUCKETS - 1);
}

static void bounds_are_within_an_eighth(void **state)
{
	unsigned b;

	(void)state;
	assert_int_equal(qi_hist_bound(0), 0);
	for (b = 1; b < QI_HIST_BUCKETS; b++) {
		uint64_t low = qi_hist_bound(b), high = qi_hist_bound(b + 1) - 1;

		assert_true(high >= low);
		assert_true((high - low) * 8 <= low);
	}
	assert_int_equal(qi_hist_bound(QI_HIST_BUCKETS), 1ULL << 40);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Against a sorted list: no smaller than the true value, and not by more than 12.5 % larger. */
static void quantiles_are_right_to_an_eighth(void **state)
{
	static const unsigned den[] = { 1, 2, 10, 100, 1000 };
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_histogram h;
	uint64_t value[200];
	unsigned n, i, k, num;

	(void)state;
	r->seed = 1;
	for (n = 1; n <= 200; n++) {
		memset(&h, 0, sizeof(h));
		for (i = 0; i < n; i++) {
			value[i] = rig_random(r) >> (25 + rig_random(r) % 39);
			h.bucket[qi_hist_bucket(value[i])]++;
		}
		qsort(value, n, sizeof(value[0]), compare);
		for (k = 0; k < sizeof(den) / sizeof(den[0]); k++) {
			for (num = 1; num <= den[k]; num++) {
				/* The smallest of which num/den of all are not above. */
				uint64_t want =
					value[((uint64_t)n * num + den[k] - 1) / den[k] - 1];
				uint64_t got = qi_hist_quantile(&h, num, den[k]);

				assert_true(got >= want && (got - want) * 8 <= want);
			}
		}
	}
	rig_free(r);
}

static void quantiles_of_few_and_of_many(void **state)
{
	struct qi_histogram h;

	(void)state;
	memset(&h, 0, sizeof(h));
	assert_int_equal(qi_hist_quantile(&h, 1, 2), 0);
	h.bucket[0] = 1;
	assert_int_equal(qi_hist_quantile(&h, 0, 1), 0);
	assert_int_equal(qi_hist_quantile(&h, 1, 1), 0);
	h.bucket[5] = 1;
	assert_int_equal(qi_hist_quantile(&h, 0, 100), 0);
	assert_int_equal(qi_hist_quantile(&h, 50, 100), 0);
	assert_int_equal(qi_hist_quantile(&h, 51, 100), 5);
	h.bucket[0] = 0;
	assert_int_equal(qi_hist_quantile(&h, 0, 100), 5);
	h.bucket[QI_HIST_BUCKETS - 1] = 1;
	assert_int_equal(qi_hist_quantile(&h, 999, 1000), (1ULL << 40) - 1);
	/* So many that total * num overflows. */
	h.bucket[5] = 1ULL << 62;
	h.bucket[6] = (1ULL << 62) + 2;
	assert_int_equal(qi_hist_quantile(&h, 499, 1000), 5);
	assert_int_equal(qi_hist_quantile(&h, 501, 1000), 6);
	assert_int_equal(qi_hist_quantile(&h, 999, 1000), 6);
}

/* ---- counters ---- */

static uint64_t total(const struct qi_histogram *h)
{
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < QI_HIST_BUCKETS; i++)
		n += h->bucket[i];
	return n;
}

static void a_known_workload_is_counted_exactly(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	const struct qi_stats *s = &r->stats;
	struct qi_desc d[20], bad = { 0, 0, 0, 0 };
	unsigned i;

	(void)state;
	rig_start(r);
	assert_int_equal(s->doorbells, 0); /* not IQT = 0 on the way on */
	for (i = 0; i < 20; i++)
		d[i] = rig_desc(i);
	d[3] = qi_desc_iec(QI_IEC_GLOBAL, 0, 0);
	assert_int_equal(qi_submit_sync(&r->q, d, 3, 0), 0);	 /* IOTLB */
	assert_int_equal(qi_submit_sync(&r->q, d + 3, 1, 0), 0); /* IEC */
	assert_int_equal(qi_submit_sync(&r->q, d, 20, 0), 0);	 /* both, in four parts of six */
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	assert_int_equal(qi_submit_sync(&r->q, &bad, 1, 0), -QI_ERR_DESC);
	assert_int_equal(qi_submit_sync(&r->q, NULL, 1, 0), -QI_ERR_INVALID);
	s = rig_stats(r);
	assert_int_equal(s->submissions, 4);
	assert_int_equal(s->doorbells, 1 + 1 + 4 + 1);
	assert_int_equal(s->descriptors[QI_IOTLB_TYPE], 3 + 19);
	assert_int_equal(s->descriptors[QI_IEC_TYPE], 2);
	assert_int_equal(s->descriptors[QI_IWD_TYPE], 1 + 1 + 4 + 1);
	assert_int_equal(s->errors[QI_ERR_DESC], 1);
	assert_int_equal(s->errors[QI_ERR_INVALID], 1);
	assert_int_equal(s->errors[0], 0);
	assert_int_equal(total(&s->latency[QI_IOTLB_TYPE]), 1);
	assert_int_equal(total(&s->latency[QI_IEC_TYPE]), 1);
	assert_int_equal(total(&s->latency[QI_IWD_TYPE]), 1);
	assert_int_equal(total(&s->latency[0]), 1);
	assert_int_equal(s->retries + s->aborts + s->iqe + s->ite + s->ice, 0);
	assert_int_equal(s->full_waits, 0);
	rig_free(r);
}

/* The rig counts too. */
static void register_accesses_are_counted_exactly(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d[2] = { rig_ats(1), rig_desc(2) };

	(void)state;
	rig_init(r);
	assert_int_equal(qi_enable(&r->q), 0);
	r->doorbells = 0;
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), true);
	rig_refuse(r, 2, VTD_IQEI_TYPE);
	assert_int_equal(qi_submit_sync(&r->q, d, 1, 0), -QI_ERR_DEVICE);
	assert_int_equal(qi_submit_sync(&r->q, d + 1, 1, 0), -QI_ERR_IQE);
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(r->stats.register_reads, r->reads);
	assert_int_equal(r->stats.doorbells, r->doorbells);
	rig_free(r);
}

static void faults_are_counted_exactly(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d[3] = { rig_desc(1), rig_ats(1), rig_desc(2) };
	struct vtd_fault f = { .kind = VTD_FAULT_WRONG, .sid = RIG_SID(1), .count = 1 };
	const struct qi_stats *s = &r->stats;
	struct qi_ticket t[3];
	unsigned i;

	(void)state;
	rig_start(r);
	rig_refuse(r, 2, VTD_IQEI_TYPE);
	assert_int_equal(qi_submit_sync(&r->q, &d[2], 1, 0), -QI_ERR_IQE);
	assert_int_equal(s->iqe, 1);
	assert_int_equal(s->aborts, 1);
	assert_int_equal(s->errors[QI_ERR_IQE], 1);

	/* A wrong answer is an ICE, then an ITE; one more try does. */
	assert_true(vtd_fault_arm(&r->u, &f));
	assert_int_equal(qi_submit_sync(&r->q, &d[1], 1, 0), 0);
	assert_int_equal(s->ice, 1);
	assert_int_equal(s->ite, 1);
	assert_int_equal(s->retries, 1);
	assert_int_equal(s->aborts, 2);
	s = rig_stats(r);
	assert_int_equal(s->submissions, 2);
	assert_int_equal(total(&s->latency[QI_DIOTLB_TYPE]), 1);

	/* Three of three slots each are one too many for eight slots. */
	for (i = 0; i < 3; i++)
		assert_int_equal(qi_submit(&r->q, d, 2, 0, &t[i]), 0);
	assert_int_equal(r->stats.full_waits, 1);
	for (i = 0; i < 3; i++)
		assert_int_equal(qi_wait(&r->q, &t[i]), 0);
	assert_int_equal(total(&rig_stats(r)->latency[0]), 3);
	rig_free(r);
}

static void latency_is_from_submission_to_seeing(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	rig_run(r);
	r->now += 123456789;
	assert_int_equal(qi_poll(&r->q, &t), 0);
	assert_int_equal(rig_stats(r)->latency[QI_IOTLB_TYPE].bucket[qi_hist_bucket(123456789)], 1);
	/* A clock that differs between two CPUs. */
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	rig_run(r);
	r->now -= 1000;
	assert_int_equal(qi_poll(&r->q, &t), 0);
	assert_int_equal(rig_stats(r)->latency[QI_IOTLB_TYPE].bucket[0], 1);
	rig_free(r);
}

static uint64_t no_clock(void *ctx)
{
	(void)ctx;
	fail_msg("the clock was read");
	return 0;
}

static void without_statistics_no_clock_is_read(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_snapshot s = { .slot = NULL };
	struct qi_stats zero;
	struct qi_desc d[20];
	unsigned i;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	r->cfg.stats = NULL;
	r->cfg.poll_budget = 1000;
	rig_start(r);
	r->host.now = no_clock;
	for (i = 0; i < 20; i++)
		d[i] = rig_desc(i);
	for (i = 0; i <= 20; i++)
		assert_int_equal(qi_submit_sync(&r->q, d, i, 0), 0);
	qi_snapshot(&r->q, &s);
	assert_memory_equal(&s.stats, &zero, sizeof(zero));
	assert_memory_equal(&r->stats, &zero, sizeof(zero));
	rig_free(r);
}

/* ---- snapshots ---- */

static void a_snapshot_shows_every_state(void **state)
{
	unsigned width;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		struct rig *r = rig_new(SLOTS, width);
		struct qi_desc d[2] = { rig_desc(1), rig_desc(2) }, wide = rig_desc(3);
		struct qi_slot_view v[SLOTS];
		struct qi_snapshot s = { .slot = v, .slots = SLOTS };
		struct qi_ticket done, bad, use, late;
		uint64_t base;
		unsigned i;

		rig_start(r);
		base = rig_tail(r);
		rig_refuse(r, 2, VTD_IQEI_RESERVED);
		assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &done), 0); /* slot 0 */
		assert_int_equal(qi_submit(&r->q, d, 2, 0, &bad), 0);	  /* 1, 2, 3 */
		rig_run(r);
		qi_fault_interrupt(&r->q);
		assert_int_equal(qi_submit(&r->q, &wide, 1, 0, &use), 0); /* 4, 5 */
		qi_snapshot(&r->q, &s);

		assert_int_equal(s.slots, SLOTS);
		assert_int_equal(s.width, width);
		assert_int_equal(s.mode, QI_MODE_ON);
		assert_int_equal(s.head, 1); /* completed slots are reclaimed */
		assert_int_equal(s.tail, 6);
		assert_int_equal(s.used, 5);
		assert_int_equal(s.queued, 0);
		assert_int_equal(s.iqt, 6 * width / 8);
		assert_int_equal(s.iqh, 2 * width / 8);
		assert_int_equal(s.fsts & VTD_FSTS_QI, 0);
		assert_int_equal(s.stats.submissions, 3);
		assert_int_equal(s.stats.iqe, 1);
		assert_int_equal(v[0].state, QI_FREE);
		assert_int_equal(v[0].status, v[0].tag);
		assert_int_equal(v[1].state, QI_ABORT);
		assert_int_equal(v[2].state, QI_ABORT);
		assert_int_equal(v[2].desc.qw0 & 0xf, QI_IWD_TYPE); /* replaced */
		assert_int_equal(v[3].state, QI_ABORT);
		assert_int_equal(v[4].state, QI_IN_USE);
		assert_int_equal(v[4].desc.qw1, wide.qw1);
		assert_int_equal(v[5].state, QI_IN_USE);
		assert_int_equal(v[5].status, v[5].tag - 1); /* not yet */
		assert_int_equal(v[5].desc.qw0 >> 32, v[5].tag);
		assert_int_equal(v[6].state, QI_FREE);
		assert_int_equal(v[7].state, QI_FREE);
		assert_int_equal(v[7].tag, 0); /* nothing to come */
		assert_int_equal(rig_tail(r), base + 6);

		/* There is no room for three slots, though the one that is done is taken back. */
		assert_int_equal(qi_submit(&r->q, d, 2, 0, &late), 0);
		qi_snapshot(&r->q, &s);
		assert_int_equal(s.queued, 1);
		assert_int_equal(s.head, 1);
		assert_int_equal(v[0].state, QI_FREE);

		rig_run(r);
		qi_snapshot(&r->q, &s);
		for (i = 0; i < 6; i++)
			assert_int_equal(v[i].state, QI_FREE);

		assert_int_equal(qi_wait(&r->q, &done), 0);
		assert_int_equal(qi_wait(&r->q, &bad), -QI_ERR_IQE);
		assert_int_equal(qi_wait(&r->q, &use), 0);
		assert_int_equal(qi_wait(&r->q, &late), 0);
		qi_snapshot(&r->q, &s);
		assert_int_equal(s.used, 0);
		assert_int_equal(s.queued, 0);
		rig_free(r);
	}
}

static void qw2_and_qw3_are_shown_as_they_stand(void **state)
{
	struct rig *r = rig_new(SLOTS, 256);
	struct qi_slot_view v[SLOTS];
	struct qi_snapshot s = { .slot = v, .slots = SLOTS };
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	((uint64_t *)r->ring)[2] = 22;
	((uint64_t *)r->ring)[3] = 33;
	qi_snapshot(&r->q, &s);
	assert_int_equal(v[0].desc.qw2, 22);
	assert_int_equal(v[0].desc.qw3, 33);
	/* Free slots are not shown, because another CPU may be writing there. */
	assert_int_equal(v[5].desc.qw0 | v[5].desc.qw1 | v[5].desc.qw2 | v[5].desc.qw3, 0);
	qi_abandon(&r->q, &t);
	rig_free(r);
}

/* Every room, in every rotation of the ring, leaves alone what is not its own. */
static void a_small_room_is_not_exceeded(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_slot_view v[SLOTS], untouched;
	unsigned room, turn, i;

	(void)state;
	memset(&untouched, 0xee, sizeof(untouched));
	rig_start(r);
	for (turn = 0; turn < SLOTS; turn++) {
		struct qi_desc d[2] = { rig_desc(1), rig_desc(2) };
		struct qi_ticket t;

		assert_int_equal(qi_submit(&r->q, d, 2, 0, &t), 0);
		for (room = 0; room <= SLOTS; room++) {
			struct qi_snapshot s = { .slot = room ? v : NULL, .slots = room };

			for (i = 0; i < SLOTS; i++)
				v[i] = untouched;
			qi_snapshot(&r->q, &s);
			assert_int_equal(s.slots, SLOTS);
			assert_int_equal(s.used, 3);
			for (i = 0; i < SLOTS; i++) {
				bool mine = ((i - s.head) & (SLOTS - 1)) < 3;

				if (i >= room)
					assert_memory_equal(&v[i], &untouched, sizeof(v[i]));
				else
					assert_int_equal(v[i].state, mine ? QI_IN_USE : QI_FREE);
			}
		}
		assert_int_equal(qi_wait(&r->q, &t), 0);
	}
	rig_free(r);
}

/* No room but a number: then the number does not count. */
static void without_room_the_number_does_not_count(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_snapshot s = { .slot = NULL, .slots = 1000 };

	(void)state;
	rig_start(r);
	qi_snapshot(&r->q, &s);
	assert_int_equal(s.slots, SLOTS);
	rig_free(r);
}

static void registers_are_read_in_the_modes_that_have_them(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_snapshot s = { .slot = NULL };

	(void)state;
	rig_init(r);
	qi_snapshot(&r->q, &s);
	assert_int_equal(s.mode, QI_MODE_OFF);
	assert_int_equal(r->reads, 0);
	assert_int_equal(qi_enable(&r->q), 0);
	assert_int_equal(qi_suspend(&r->q), 0);
	r->reads = 0;
	qi_snapshot(&r->q, &s);
	assert_int_equal(s.mode, QI_MODE_SUSPENDED);
	assert_int_equal(r->reads, 0);
	assert_int_equal(qi_resume(&r->q), 0);
	rig_arm(r, VTD_FAULT_GONE, 0, false);
	qi_fault_interrupt(&r->q);
	qi_snapshot(&r->q, &s);
	assert_int_equal(s.mode, QI_MODE_DEAD);
	assert_int_equal(s.dead, -QI_ERR_GONE);
	assert_int_equal(s.fsts, 0xffffffff);
	assert_true(s.iqh == UINT64_MAX && s.iqt == UINT64_MAX && s.iqercd == UINT64_MAX);
	rig_free(r);
}

static void (*plain_write64)(void *ctx, unsigned reg, uint64_t value);
static bool quick;

/* A unit that has done everything when the doorbell has been written. */
static void write64_and_run(void *ctx, unsigned reg, uint64_t value)
{
	plain_write64(ctx, reg, value);
	if (quick && reg == DMAR_IQT_REG)
		rig_run(ctx);
}

/*
 * A lap of submissions that have to wait, and one of others, in turn: in the slots where some are
 * reclaimed by their own owner, the latency of neither takes the other's place.
 */
static void every_latency_of_one_thread_is_counted(void **state)
{
	struct rig *r = rig_new(256, 128);
	struct qi_desc d = rig_desc(1);
	const struct qi_stats *stats;
	uint64_t latencies = 0;
	unsigned i, type, bucket;

	(void)state;
	plain_write64 = r->host.write64;
	r->host.write64 = write64_and_run;
	rig_start(r);
	for (i = 0; i < 1024; i++) {
		quick = i / 128 % 2;
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	}
	stats = rig_stats(r);
	for (type = 0; type < QI_TYPES; type++)
		for (bucket = 0; bucket < QI_HIST_BUCKETS; bucket++)
			latencies += stats->latency[type].bucket[bucket];
	assert_int_equal(stats->submissions, 1024);
	assert_int_equal(latencies, 1024);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_is_in_its_bucket),
		cmocka_unit_test(bounds_are_within_an_eighth),
		cmocka_unit_test(quantiles_are_right_to_an_eighth),
		cmocka_unit_test(quantiles_of_few_and_of_many),
		cmocka_unit_test(a_known_workload_is_counted_exactly),
		cmocka_unit_test(register_accesses_are_counted_exactly),
		cmocka_unit_test(faults_are_counted_exactly),
		cmocka_unit_test(latency_is_from_submission_to_seeing),
		cmocka_unit_test(without_statistics_no_clock_is_read),
		cmocka_unit_test(a_snapshot_shows_every_state),
		cmocka_unit_test(qw2_and_qw3_are_shown_as_they_stand),
		cmocka_unit_test(a_small_room_is_not_exceeded),
		cmocka_unit_test(without_room_the_number_does_not_count),
		cmocka_unit_test(registers_are_read_in_the_modes_that_have_them),
		cmocka_unit_test(every_latency_of_one_thread_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
