/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "selftest.h"

#include <describe/describe.h>
#include <qinval/regs.h>

#include "clock.h"
#include "kinds.h"
#include "qemu.h"
#include "tap.h"
#include "x86.h"

#define SLOTS 256
#define MOST_COUNT 20
#define MS 1000000ULL

bool selftest_expect(const struct unit *u, int got, int want, const char *what)
{
	tap_result(got == want, "unit %u: %s", u->number, what);
	if (got != want)
		tap_note("  expected: %s; got: %s; FSTS %x, IQH %lx, IQT %lx, IQERCD %lx",
			 qi_strerror(want), qi_strerror(got), unit_read32(u, DMAR_FSTS_REG),
			 unit_read64(u, DMAR_IQH_REG), unit_read64(u, DMAR_IQT_REG),
			 unit_read64(u, DMAR_IQERCD_REG));
	return got == want;
}

void selftest_types(struct unit *u)
{
	struct kinds k;
	unsigned type, i;
	int err;

	for (type = QI_CC_TYPE; type < QI_TYPES; type++) {
		kinds_of_type(&k, u, type);
		if (k.n) {
			for (i = 0, err = 0; i < k.n && !err; i++)
				err = qi_submit_sync(&u->q, &k.desc[i], 1, 0);
			selftest_expect(u, err, 0, qi_type_name(type));
		} else if (kinds_left_out(u, type)) {
			tap_skip(kinds_left_out(u, type), "unit %u: %s", u->number,
				 qi_type_name(type));
		}
	}
}

/*
 * Three laps of the ring with each count, so that submissions cross the end of the ring at
 * different places.
 */
static int wrap(struct unit *u, const struct qi_desc *desc)
{
	unsigned count, at;
	int err = 0;

	for (count = 0; count <= MOST_COUNT; count++)
		for (at = 0; at < 3 * u->q.cfg.slots && !err; at += count + 1)
			err = qi_submit_sync(&u->q, desc, count, 0);
	return err;
}

static int tickets(struct unit *u, const struct qi_desc *desc)
{
	struct qi_ticket t[8];
	unsigned i;
	int err = 0, one;

	for (i = 0; i < 8; i++) {
		one = qi_submit(&u->q, desc, i, i & 1 ? QI_OPT_FENCE : 0, &t[i]);
		err = err ? err : one;
	}
	qi_abandon(&u->q, &t[3]);
	/* Collected in reverse order. The result of the abandoned one is an error. */
	for (i = 8; i-- > 0;) {
		one = qi_wait(&u->q, &t[i]);
		if (i != 3 && one)
			err = one;
	}
	return err;
}

static int reads_no_register(struct unit *u, const struct qi_desc *desc)
{
	uint64_t before = u->stats->register_reads;
	unsigned i;
	int err = 0;

	for (i = 0; i < 1000 && !err; i++)
		err = qi_submit_sync(&u->q, desc, i % 3, 0);
	return err ? err : (int)(u->stats->register_reads - before);
}

void selftest_ring(struct unit *u)
{
	static struct qi_desc many[600];
	struct qi_desc wrong;
	struct kinds k;
	unsigned i;

	kinds_of_all(&k, u);
	for (i = 0; i < 600; i++)
		many[i] = k.desc[i % k.n];
	selftest_expect(u, qi_submit_sync(&u->q, NULL, 0, 0), 0, "zero descriptors: a plain drain");
	selftest_expect(u, wrap(u, many), 0, "0 to 20 descriptors at a time, round the ring");
	selftest_expect(u, qi_submit_sync(&u->q, many, 600, 0), 0,
			"600 descriptors in one call, more than the ring has slots");
	selftest_expect(u, qi_flush_iotlb_range(&u->q, 1, 0x17f000, 3, false), 0,
			"a range of pages");
	selftest_expect(u, qi_submit_sync(&u->q, many, 4, QI_OPT_FENCE), 0, "a wait with FN");
	if (u->ecap & VTD_ECAP_PDS)
		selftest_expect(u, qi_submit_sync(&u->q, many, 4, QI_OPT_WAIT_DRAIN), 0,
				"a wait with PD");
	selftest_expect(u, tickets(u, many), 0, "eight submissions under way, one given up");
	selftest_expect(u, reads_no_register(u, many), 0,
			"1000 submissions, and not one register is read");
	wrong = qi_desc_context(QI_CC_GLOBAL, 0, 0, 0);
	wrong.qw1 = 1;
	selftest_expect(u, qi_submit_sync(&u->q, &wrong, 1, 0), -QI_ERR_DESC,
			"a reserved bit is refused before it reaches the unit");
}

bool selftest_comes(const uint32_t *counter, uint32_t before)
{
	uint64_t end = clock_now() + 500 * MS;

	while (__atomic_load_n(counter, __ATOMIC_RELAXED) == before)
		if (clock_now() > end)
			return false;
		else
			pause();
	return true;
}

static void completion(struct unit *u)
{
	uint32_t before = u->completion_interrupts;

	if (qemu()) {
		tap_skip("QEMU ends at a wait with both SW and IF",
			 "unit %u: a wait with SW and IF", u->number);
		return;
	}
	selftest_expect(u, qi_submit_sync(&u->q, NULL, 0, QI_OPT_INTERRUPT), 0, "a wait with IF");
	tap_result(selftest_comes(&u->completion_interrupts, before),
		   "unit %u: the completion interrupt", u->number);
}

void selftest_interrupts(struct unit *u)
{
	uint32_t before = u->fault_interrupts;

	if (u->interrupts)
		completion(u);
	selftest_faults(u);
	if (u->interrupts)
		tap_result(selftest_comes(&u->fault_interrupts, before),
			   "unit %u: the fault interrupt", u->number);
	else
		tap_skip("the first CPU's APIC id does not fit into a message",
			 "unit %u: interrupts", u->number);
}

/* A refused descriptor must fail its own submission, with the right index, and no other. */
void selftest_faults(struct unit *u)
{
	struct qi_desc d[4], bad[4];
	struct qi_ticket t[3];
	struct kinds k;
	unsigned i;
	int err[3];

	kinds_of_all(&k, u);
	for (i = 0; i < 4; i++)
		d[i] = bad[i] = k.desc[i % k.n];
	bad[2] = plant_desc();
	plant_start(u);
	for (i = 0; i < 3; i++)
		qi_submit(&u->q, i == 1 ? bad : d, 4, 0, &t[i]);
	for (i = 0; i < 3; i++)
		err[i] = qi_wait(&u->q, &t[i]);
	plant_stop(u);

	if (selftest_expect(u, err[1], -QI_ERR_IQE, "a reserved type stops the queue"))
		tap_result(t[1].error.index == 2 && (t[1].error.iqei == VTD_IQEI_TYPE ||
						     t[1].error.iqei == VTD_IQEI_NONE),
			   "unit %u: its owner learns which one: index %u, IQEI %u", u->number,
			   t[1].error.index, t[1].error.iqei);
	selftest_expect(u, err[0] ? err[0] : err[2], 0, "those before and behind it succeed");
	selftest_expect(u, qi_submit_sync(&u->q, d, 4, 0), 0, "the queue goes on");
}

void selftest(struct unit *u)
{
	bool found_on = unit_read32(u, DMAR_GSTS_REG) & VTD_GSTS_QIES;
	int err = unit_open(u, SLOTS, 128, UNIT_STATS | UNIT_INTERRUPTS);

	if (!selftest_expect(u, err, 0,
			     found_on ? "taken over from firmware, and on" : "the queue is on"))
		return;
	selftest_types(u);
	selftest_ring(u);
	selftest_interrupts(u);
	if (selftest_expect(u, unit_close(u), 0, "the queue is off"))
		selftest_life(u);
	if (!u->broken)
		selftest_sizes(u);
	if (!u->broken && u->ecap & VTD_ECAP_SMTS)
		selftest_scalable(u);
}
