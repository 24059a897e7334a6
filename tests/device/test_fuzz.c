/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Random register accesses with random ring contents. The unit must read only the ring that IQA
 * names, write only what a wait contains, and become idle. The argument may be a seed.
 */
#include "rig.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 3000
#define ACTIONS 1000 /* in each round */
#define TOLD 128     /* more waits than can be complete with their writes pending */

static uint64_t seed = 1;

static struct {
	struct vtd_unit u;
	struct vtd_entry cache[32];
	struct qi_desc recent[TOLD]; /* the last waits that completed */
	unsigned nrecent;
	bool faults; /* in this round faults may be armed */
	uint64_t status[16];
	uint64_t written, done, reached;
} f;

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static unsigned below(unsigned n)
{
	return (unsigned)(rnd() >> 20) % n;
}

/* Random bits with a random density, so that all ones and almost none occur, too. */
static uint64_t bits(void)
{
	switch (below(4)) {
	case 0:
		return rnd();
	case 1:
		return rnd() & rnd() & rnd();
	case 2:
		return rnd() | rnd() | rnd();
	default:
		return 0;
	}
}

static struct qi_desc random_desc(void)
{
	uint64_t a = bits();
	unsigned order = below(53);
	uint64_t block = order < 52 ? a & ~0ULL << (order + 12) : 0;
	struct qi_desc d;

	if (!below(30))
		return (struct qi_desc){ bits(), bits(), bits(), bits() };
	switch (1 + below(10)) {
	case 1:
		d = qi_desc_context(1 + below(3), below(4), below(4), below(4));
		break;
	case 2:
		d = qi_desc_iotlb(1 + below(3), below(4), a << 31, below(20), true,
				  a & (QI_IOTLB_DR | QI_IOTLB_DW));
		break;
	case 3:
		d = qi_desc_dev_tlb(below(4), below(2), below(32), block, order);
		break;
	case 4:
		d = qi_desc_iec(below(2), (uint16_t)below(32), below(16));
		break;
	case 5:
		d = qi_desc_piotlb(2 + below(2), below(4), below(4), a << 31, below(20), false);
		break;
	case 6:
		d = qi_desc_pasid_cache(below(2), below(4), below(4));
		break;
	case 7:
		d = qi_desc_dev_tlb_pasid(below(4), 0, 0, below(4), below(2), block, order);
		break;
	case 8:
		d = qi_desc_page_response(below(4), below(2), below(4), below(2), below(9), true);
		break;
	default:
		d = qi_desc_wait(below(16) << 4, (uintptr_t)f.status + 4 * below(32), (uint32_t)a);
		break;
	}
	if (!below(30))
		*(below(2) ? &d.qw0 : &d.qw1) ^= 1ULL << below(64);
	return d;
}

static bool wide(void)
{
	return f.u.iqa & VTD_IQA_DW &&
	       (f.u.cfg.profile == VTD_SPEC || f.u.cfg.ecap & VTD_ECAP_SMTS);
}

static uint64_t ring_bytes(void)
{
	if (f.u.cfg.slots)
		return f.u.cfg.slots * (wide() ? 32ULL : 16ULL);
	return 0x1000ULL << (f.u.iqa & 7);
}

static bool dma_read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	uint64_t base = f.u.iqa & VTD_IQA_ADDR_MASK;
	struct qi_desc d = random_desc();

	assert_ptr_equal(ctx, &f);
	assert_int_equal(len, wide() ? 32 : 16);
	assert_int_equal(addr % len, 0);
	assert_true(addr - base <= ring_bytes() - len);
	memcpy(buf, &d, len);
	return below(100);
}

static bool dma_write32(void *ctx, uint64_t addr, uint32_t value)
{
	unsigned i;

	assert_ptr_equal(ctx, &f);
	f.written++;
	for (i = 0; i < TOLD; i++) {
		if (f.recent[i].qw1 == addr && f.recent[i].qw0 >> 32 == value)
			return below(20);
	}
	fail_msg("nobody asked for a write of %" PRIx32 " to %" PRIx64, value, addr);
	return false;
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
	assert_ptr_equal(ctx, &f);
	assert_int_equal(addr & 3, 0);
	(void)data;
}

static unsigned choose(void *ctx, unsigned n)
{
	assert_ptr_equal(ctx, &f);
	assert_true(n >= 2);
	return below(n);
}

static void executed(void *ctx, const struct vtd_event *ev)
{
	assert_ptr_equal(ctx, &f);
	f.done++;
	f.reached |= 1ULL << (ev->qw[0] & 0xf);
	if ((ev->qw[0] & 0xf) == QI_IWD_TYPE && ev->qw[0] & QI_IWD_SW)
		f.recent[f.nrecent++ % TOLD] = (struct qi_desc){ ev->qw[0], ev->qw[1], 0, 0 };
}

static const struct vtd_ops all_ops = { dma_read, dma_write32, msi, choose, executed, NULL };
static const struct vtd_ops few_ops = { dma_read, dma_write32, msi, NULL, executed, NULL };

static void start(void)
{
	static const unsigned slots[] = { 0, 4, 8, 16 };
	struct vtd_config cfg = {
		.profile = (enum vtd_profile)below(VTD_PROFILES),
		.ops = below(2) ? &all_ops : &few_ops,
		.ctx = &f,
		.cache = f.cache,
		.cache_room = below(33),
		.window = below(VTD_WINDOW + 1),
		.slots = slots[below(4)],
	};

	if (!below(4)) {
		cfg.cap = rnd();
		cfg.ecap = rnd() | VTD_ECAP_QI;
	}
	memset(f.recent, 0, sizeof(f.recent));
	f.faults = below(2);
	assert_true(vtd_init(&f.u, &cfg));
}

static void check(void)
{
	assert_true(f.u.npending <= f.u.cfg.window);
	assert_true(f.u.nlate <= VTD_LATE);
	assert_true(f.u.nfault <= VTD_FAULTS);
	assert_true(f.u.ncache <= f.u.cfg.cache_room);
	assert_true(f.u.iqh < ring_bytes());
	assert_int_equal(f.u.iqh % (wide() ? 32 : 16), 0);
	if (!(f.u.gsts & VTD_GSTS_QIES))
		assert_int_equal(f.u.npending | f.u.iqh | f.u.lap, 0);
}

static void access_register(void)
{
	static const unsigned size[] = { 4, 8, 4, 8, 1, 2 };
	unsigned reg = below(0xc8), s = size[below(6)];

	if (below(4))
		reg &= ~(s - 1);
	if (below(2))
		vtd_write(&f.u, reg, bits(), s);
	else
		vtd_read(&f.u, reg, s);
}

/* Actions of a driver, as random accesses alone rarely get far. */
static void drive(void)
{
	if (!below(10))
		vtd_fault_clear(&f.u, VTD_FAULT_GONE);
	vtd_write(&f.u, DMAR_FSTS_REG, below(4) ? VTD_FSTS_QI : below(8) << 4, 4);
	vtd_write(&f.u, DMAR_ICS_REG, below(2), 4);
	if (!below(16))
		vtd_write(&f.u, DMAR_RTADDR_REG, below(4) << 10, 8);
	if (!below(4))
		vtd_write(&f.u, DMAR_IQA_REG, (uint64_t)below(2) << 11 | below(8) | rnd() << 20, 8);
	vtd_write(&f.u, DMAR_GCMD_REG, below(16) ? VTD_GCMD_QIE : VTD_GCMD_SRTP, 4);
	vtd_write(&f.u, DMAR_IQT_REG, (f.u.iqh + below(40) * 32) % ring_bytes(), 8);
}

static void arm_or_clear(void)
{
	struct vtd_fault fault = {
		.kind = (enum vtd_fault_kind)below(VTD_FAULT_KINDS + 1),
		.sid = below(5) ? (uint16_t)below(4) : VTD_ANY_SID,
		.no_sid = below(2),
		.iqei = (uint8_t)below(16),
		.type = (uint8_t)below(10),
		.qw1 = bits(),
		.qw1_mask = bits(),
		.count = below(4),
		.steps = below(12),
	};

	if (below(2))
		vtd_fault_arm(&f.u, &fault);
	else
		vtd_fault_clear(&f.u, fault.kind);
}

static void touch(void)
{
	struct vtd_entry e = {
		.kind = (uint8_t)below(VTD_CACHES),
		.did = (uint16_t)below(4),
		.sid = (uint16_t)below(4),
		.pasid = below(4) ? below(4) : VTD_NO_PASID,
		.addr = bits(),
	};
	uint64_t stamp = vtd_touch(&f.u, &e);

	assert_int_equal(vtd_cached(&f.u, &e), stamp);
	assert_int_equal(stamp != 0, f.u.cfg.cache_room != 0);
}

static void rest(void)
{
	unsigned i = 0;

	while (vtd_step(&f.u) != VTD_IDLE) {
		check();
		assert_true(++i <
			    /* Four steps for each slot of the largest ring, and some more. */
			    200000);
	}
	if (!f.faults && !f.u.gone)
		assert_int_equal(f.u.npending | f.u.nlate | f.u.qie_pending, 0);
}

static void act(void)
{
	unsigned what = below(40);

	if (what == 0)
		access_register();
	else if (what == 1 && f.faults)
		arm_or_clear();
	else if (what == 2)
		touch();
	else if (what < 10)
		drive();
	else
		vtd_step(&f.u);
	if (!below(100))
		rest();
}

static void test_random(void **state)
{
	uint64_t first = seed;
	unsigned round, i;

	(void)state;
	print_message("seed %" PRIu64 "\n", first);
	for (round = 0; round < ROUNDS; round++) {
		start();
		for (i = 0; i < ACTIONS; i++) {
			act();
			check();
		}
		rest();
	}
	print_message("%" PRIu64 " executed, %" PRIu64 " status writes\n", f.done, f.written);
	assert_int_equal(f.reached, 0x3fe); /* every type */
	assert_true(f.done > 250000);
	assert_true(f.written > 25000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0);
	return seed ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
