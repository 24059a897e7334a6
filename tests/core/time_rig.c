/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* time_rig.c - a unit that works, and whose commands take effect, when the test says. */
#include "time_rig.h"

#include <string.h>

struct time_test test;

static void take_effect(struct rig *r)
{
	if (test.effect_at && r->now >= test.effect_at) {
		test.effect_at = 0;
		test.host.write32(r, DMAR_GCMD_REG, (uint32_t)test.gcmd);
		rig_run(r);
	}
}

static void write32(void *ctx, unsigned reg, uint32_t value)
{
	struct rig *r = ctx;
	uint64_t delay = reg == DMAR_GCMD_REG ? test.delay[test.writes++ % 4] : 0;

	if (!delay) {
		test.host.write32(ctx, reg, value);
		return;
	}
	test.gcmd = value;
	test.effect_at = delay == UINT64_MAX ? 0 : r->now + delay;
}

void time_on_relax(struct rig *r)
{
	take_effect(r);
	if (test.countdown && !--test.countdown)
		r->now += HOUR_NS;
	if (r->now < test.work_at)
		return;
	if (!test.period) {
		rig_steps(r, 1);
		return;
	}
	test.work_at += test.period;
	rig_run(r);
	if (test.worked)
		test.worked(r);
}

struct rig *time_make(unsigned slots)
{
	struct rig *r = rig_new(slots, 128);

	memset(&test, 0, sizeof(test));
	test.host = r->host;
	r->host.write32 = write32;
	r->steps = 0;
	r->on_relax = time_on_relax;
	return r;
}

struct rig *time_start(unsigned slots)
{
	struct rig *r = time_make(slots);

	rig_start(r);
	return r;
}

void time_arm(struct rig *r, enum vtd_fault_kind kind, uint16_t sid, uint32_t count)
{
	struct vtd_fault f = { .kind = kind, .sid = sid, .count = count };

	assert_true(vtd_fault_arm(&r->u, &f));
}
