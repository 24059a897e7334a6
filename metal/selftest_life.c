/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* selftest_life.c - turns queues on and off, in all sizes and both widths. */
#include <qinval/regs.h>

#include "kinds.h"
#include "memory.h"
#include "selftest.h"
#include "tap.h"

#define SLOTS 256

static int drain(struct unit *u)
{
	return qi_submit_sync(&u->q, NULL, 0, 0);
}

/*
 * A queue as other software would leave it: turned on a moment ago, with descriptors to execute.
 * Its wait asks only for an interrupt, which the core's own waits never do.
 */
static bool leave_on(struct unit *u)
{
	struct qi_desc d[2];
	uint64_t *at = memory_alloc(4096);

	d[0] = qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0);
	d[1] = qi_desc_wait(QI_IWD_IF, 0, 0);
	at[0] = d[0].qw0;
	at[2] = d[1].qw0;
	metal_host.flush(u, at, 32);
	/* The interrupt's message is still the one that unit_open() programmed. */
	unit_write32(u, DMAR_IECTL_REG, u->interrupts ? 0 : VTD_IECTL_IM);
	unit_write64(u, DMAR_IQT_REG, 0);
	unit_write64(u, DMAR_IQA_REG, (uintptr_t)at);
	if (!unit_command(u, VTD_GCMD_QIE))
		return false;
	unit_write64(u, DMAR_IQT_REG, 32);
	return true;
}

static void take_over(struct unit *u)
{
	uint32_t before = u->completion_interrupts;
	int err;

	if (!leave_on(u)) {
		tap_result(false, "unit %u: a queue by hand", u->number);
		return;
	}
	if (u->interrupts)
		tap_result(selftest_comes(&u->completion_interrupts, before),
			   "unit %u: the completion interrupt of a wait with IF alone", u->number);
	err = unit_open(u, SLOTS, 128, UNIT_PLAIN);
	selftest_expect(u, err ? err : drain(u), 0, "a queue that was left on is taken over");
	if (!err)
		selftest_expect(u, unit_close(u), 0, "and off");
}

void selftest_life(struct unit *u)
{
	struct qi *q = &u->q;
	int err;

	selftest_expect(u, drain(u), -QI_ERR_OFF, "a queue that is off refuses");
	err = qi_enable(q);
	selftest_expect(u, err ? err : drain(u), 0, "on again");
	err = qi_suspend(q);
	err = err ? err : qi_resume(q);
	selftest_expect(u, err ? err : drain(u), 0, "suspend, resume");
	err = qi_reset(q);
	selftest_expect(u, err ? err : drain(u), 0, "reset");
	if (selftest_expect(u, unit_close(u), 0, "off again"))
		take_over(u);
}

/* Two laps of the ring. */
static int laps(struct unit *u)
{
	static struct qi_desc many[100];
	struct kinds k;
	unsigned i;
	int err = 0;

	kinds_of_all(&k, u);
	for (i = 0; i < 100; i++)
		many[i] = k.desc[i % k.n];
	for (i = 0; i < 2 * u->q.cfg.slots && !err; i += 101)
		err = qi_submit_sync(&u->q, many, 100, 0);
	return err;
}

static int sizes(struct unit *u, unsigned least, unsigned width)
{
	unsigned slots;
	int err = 0;

	for (slots = least; slots <= least << 7 && !err; slots *= 2) {
		err = unit_open(u, slots, width, UNIT_PLAIN);
		if (!err)
			err = laps(u);
		if (!u->broken && unit_close(u) && !err)
			err = -QI_ERR_DEAD;
	}
	return err;
}

void selftest_sizes(struct unit *u)
{
	selftest_expect(u, sizes(u, 256, 128), 0, "rings of 256 to 32768 slots, twice round each");
}

/* The types with a PASID exist in scalable mode only. */
void selftest_scalable(struct unit *u)
{
	int err;

	if (!unit_set_scalable(u, true)) {
		tap_result(false, "unit %u: scalable mode", u->number);
		return;
	}
	err = unit_open(u, SLOTS, 256, UNIT_STATS | UNIT_INTERRUPTS);
	if (selftest_expect(u, err, 0, "scalable mode, a queue with 256-bit descriptors")) {
		selftest_types(u);
		selftest_ring(u);
		selftest_interrupts(u);
		selftest_expect(u, unit_close(u), 0, "the queue is off");
	}
	if (!u->broken)
		selftest_expect(u, sizes(u, 128, 256), 0,
				"rings of 128 to 16384 slots, twice round each");
	unit_set_scalable(u, false);
}
