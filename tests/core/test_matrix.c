/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What must hold in every configuration, in all of them: slots x width x start lap x descriptors x
 * interrupts x statistics, tracing and rings that have to be flushed. (Twice: also with the host's
 * functions bound when the core is compiled.)
 */
#include "rig.h"

#include <stdlib.h>

struct cell {
	unsigned slots, width, count;
	uint64_t laps;
	enum {
		ON,
		OFF,
		ASLEEP
	} interrupts; /* on, off as irq_save() does it, or the owner sleeps */
	bool stats, traced, flushed;
};

static struct {
	const struct cell *cell;
	struct qi_desc *d;
	unsigned submits, outcomes;
} now;

static void sleep_on(void *ctx, const uint32_t *word, uint32_t value, uint64_t ns)
{
	struct rig *r = ctx;
	uint64_t end = r->now + ns;

	while (*word == value && r->now < end)
		r->host.relax(r);
}

static void wake(void *ctx, const uint32_t *word)
{
	(void)ctx;
	(void)word;
}

static unsigned long leave_on(void *ctx)
{
	(void)ctx;
	return 0;
}

static void was_left_on(void *ctx, unsigned long flags)
{
	(void)ctx;
	(void)flags;
}

static void trace(void *ctx, const struct qi_trace *event)
{
	(void)ctx;
	now.submits += event->kind == QI_TRACE_SUBMIT;
	now.outcomes += event->kind == QI_TRACE_COMPLETE;
}

static struct rig *start(void)
{
	const struct cell *c = now.cell;
	struct rig *r = rig_new(c->slots, c->width);

	r->laps = c->laps;
	if (c->interrupts != OFF) {
		r->host.irq_save = leave_on;
		r->host.irq_restore = was_left_on;
	}
	if (c->interrupts == ASLEEP) {
		r->cfg.interrupt.enable = r->interrupts = true;
		r->host.sleep = sleep_on;
		r->host.wake = wake;
	}
	if (!c->stats)
		r->cfg.stats = NULL;
	if (c->traced)
		r->host.trace = trace;
	if (c->flushed) {
		r->cfg.ecap &= ~VTD_ECAP_C;
		r->host.flush = rig_flush;
	}
	rig_start(r);
	now.submits = now.outcomes = 0;
	return r;
}

static unsigned options(void)
{
	return now.cell->interrupts == ASLEEP ? QI_OPT_INTERRUPT : 0;
}

static void assert_all_succeeds(struct rig *r)
{
	unsigned i, count = now.cell->count;

	rig_run(r); /* what stands behind a refused one */
	for (i = 0; i < 6; i++) {
		unsigned before = r->executed[QI_IOTLB_TYPE];

		assert_int_equal(qi_submit_sync(&r->q, now.d, count, options()), 0);
		assert_int_equal(r->executed[QI_IOTLB_TYPE], before + count);
	}
}

static void end(struct rig *r)
{
	rig_run(r);
	rig_assert_clean(r);
	rig_free(r);
}

static void all_is_executed(void)
{
	struct rig *r = start();

	assert_all_succeeds(r);
	if (now.cell->stats) {
		assert_int_equal(rig_stats(r)->submissions, 6);
		assert_int_equal(rig_stats(r)->descriptors[QI_IOTLB_TYPE], 6 * now.cell->count);
	}
	if (now.cell->traced) {
		assert_true(now.submits >= 6);
		assert_int_equal(now.outcomes, 6);
	}
	assert_true(!now.cell->flushed || r->flushes);
	end(r);
}

/* At the first and at the last place; and then it is over. */
static void a_refused_one_is_named(void)
{
	unsigned last = now.cell->count - 1, at;

	for (at = 0; now.cell->count && at <= last; at += last ? last : 1) {
		struct rig *r = start();
		struct qi_error e;

		rig_refuse(r, at, VTD_IQEI_RESERVED);
		assert_int_equal(qi_submit_within(&r->q, now.d, now.cell->count, options(), 0, &e),
				 -QI_ERR_IQE);
		assert_int_equal(e.index, at);
		assert_int_equal(e.iqei, VTD_IQEI_RESERVED);
		assert_all_succeeds(r);
		end(r);
	}
}

static void a_silent_device_is_named(void)
{
	unsigned last = now.cell->count - 1;
	struct rig *r;
	struct qi_error e;

	if (!now.cell->count)
		return;
	r = start();
	now.d[last] = rig_ats(1);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), now.cell->laps & 1);
	assert_int_equal(qi_submit_within(&r->q, now.d, last + 1, options(), 0, &e),
			 -QI_ERR_DEVICE);
	assert_int_equal(e.index, last);
	assert_int_equal(e.sid, RIG_SID(1));
	now.d[last] = rig_desc(last);
	vtd_fault_clear(&r->u, VTD_FAULT_NONE);
	assert_all_succeeds(r);
	end(r);
}

static void try(const struct cell *c)
{
	unsigned i;

	now.cell = c;
	now.d = malloc((c->count + 1) * sizeof(*now.d));
	assert_non_null(now.d);
	for (i = 0; i <= c->count; i++)
		now.d[i] = rig_desc(i);
	all_is_executed();
	a_refused_one_is_named();
	a_silent_device_is_named();
	free(now.d);
}

/* The rest of the cell by the bits of `way`. */
static void try_ways(struct cell c)
{
	unsigned way;

	for (way = 0; way < 24; way++) {
		c.interrupts = way % 3;
		c.stats = way / 3 & 1;
		c.traced = way / 6 & 1;
		c.flushed = way / 12 & 1;
		try(&c);
	}
}

static void matrix(unsigned slots, unsigned width)
{
	static const uint64_t laps[] = { 0,	     1,		 0x3fffffff, 0x40000000,
					 0x7fffffff, 0x80000000, 0xffffffff, 0x100000001 };
	const unsigned counts[] = { 0, 1, slots / 2, slots - 2, slots - 1, slots, 2 * slots + 1 };
	unsigned i, j;

	for (i = 0; i < sizeof(laps) / sizeof(*laps); i++)
		for (j = 0; j < sizeof(counts) / sizeof(*counts); j++)
			try_ways((struct cell){ .slots = slots,
						.width = width,
						.laps = laps[i],
						.count = counts[j] });
}

static void four_slots(void **state)
{
	(void)state;
	matrix(4, 128);
	matrix(4, 256);
}

static void sixteen_slots(void **state)
{
	(void)state;
	matrix(16, 128);
	matrix(16, 256);
}

static void rings_of_real_units(void **state)
{
	(void)state;
	matrix(256, 128);
	matrix(128, 256);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_slots),
		cmocka_unit_test(sixteen_slots),
		cmocka_unit_test(rings_of_real_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
