/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The validator against the unit: qi_desc_valid() must say of every descriptor what the unit in
 * device/ does with it, whatever the unit's capabilities. The two share no code but the registers'
 * names; the generator below knows neither's tables.
 *
 * With one exception, which is no matter of opinion either: of a page-selective ADDR the unit
 * ignores the bits below AM. The validator refuses such a descriptor, and says of the aligned one
 * what the unit does with this one.
 *
 * An argument is the first seed; a failure prints the one to repeat it with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qinval/desc.h>
#include <qinval/regs.h>

#include "device/vtd.h"

#define UNITS 1500
#define DESCS_PER_UNIT 1000
#define RING_BYTES 4096
#define RING_ADDR 0x100000ULL
#define STEPS 64 /* more than a single descriptor can need */

static uint64_t first_seed = 1;
static uint64_t random_state;

/* SplitMix64 */
static uint64_t random64(void)
{
	uint64_t x = random_state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static unsigned below(unsigned n)
{
	return (unsigned)(random64() >> 32) % n;
}

static uint64_t bits(unsigned n)
{
	return n ? random64() >> (64 - n) : 0;
}

/* ---- The unit, with a ring that is fed one descriptor at a time ---- */

struct bench {
	struct vtd_unit unit;
	struct vtd_entry cache[4];
	struct qi_rules rules;
	uint64_t cap, ecap;
	unsigned width, slots, slot;
	unsigned char ring[RING_BYTES];
	unsigned executed; /* since the descriptor was fed */
	uint64_t executed_qw[4];
	uint64_t seed;
	unsigned long accepted[16], refused[16]; /* by qw0[3:0] */
	unsigned long unaligned;		 /* of those accepted: not by the validator */
};

static bool dma_read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	struct bench *b = ctx;

	if (addr < RING_ADDR || addr + len > RING_ADDR + sizeof(b->ring))
		return false;
	memcpy(buf, b->ring + (addr - RING_ADDR), len);
	return true;
}

static bool dma_write32(void *ctx, uint64_t addr, uint32_t value)
{
	(void)ctx;
	(void)addr;
	(void)value;
	return true;
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
	(void)ctx;
	(void)addr;
	(void)data;
}

static void executed(void *ctx, const struct vtd_event *ev)
{
	struct bench *b = ctx;

	b->executed++;
	memcpy(b->executed_qw, ev->qw, sizeof(b->executed_qw));
}

static const struct vtd_ops ops = {
	.dma_read = dma_read,
	.dma_write32 = dma_write32,
	.msi = msi,
	.executed = executed,
};

static void expect(const struct bench *b, bool so, const char *what)
{
	if (!so)
		fail_msg("seed %llu: not so: %s", (unsigned long long)b->seed, what);
}

static void run(struct bench *b)
{
	unsigned i;

	for (i = 0; i < STEPS; i++)
		if (vtd_step(&b->unit) == VTD_IDLE)
			return;
	expect(b, false, "the unit comes to rest");
}

static void bench_start(struct bench *b, uint64_t cap, uint64_t ecap, unsigned width)
{
	const struct vtd_config cfg = {
		.profile = VTD_SPEC,
		.cap = cap,
		.ecap = ecap,
		.ops = &ops,
		.ctx = b,
		.cache = b->cache,
		.cache_room = sizeof(b->cache) / sizeof(b->cache[0]),
	};

	b->cap = cap;
	b->ecap = ecap;
	b->width = width;
	b->slots = RING_BYTES / (width / 8);
	b->slot = 0;
	qi_rules_init(&b->rules, cap, ecap, width);
	expect(b, vtd_init(&b->unit, &cfg), "the unit can be had");
	vtd_write(&b->unit, DMAR_IQT_REG, 0, 8);
	vtd_write(&b->unit, DMAR_IQA_REG, RING_ADDR | (width == 256 ? VTD_IQA_DW : 0), 8);
	vtd_write(&b->unit, DMAR_GCMD_REG, VTD_GCMD_QIE, 4);
	run(b);
	expect(b, vtd_read(&b->unit, DMAR_GSTS_REG, 4) & VTD_GSTS_QIES, "the queue is on");
}

static void store(struct bench *b, const struct qi_desc *d)
{
	memcpy(b->ring + b->slot * (b->width / 8), d, b->width / 8);
}

/* The code with which the unit refuses the descriptor; 0 if it has executed it, just once. */
static unsigned feed(struct bench *b, const struct qi_desc *d)
{
	const struct qi_desc nothing = qi_desc_wait(0, 0, 0);
	const unsigned slot_bytes = b->width / 8;
	unsigned next = (b->slot + 1) % b->slots, iqei = 0;

	store(b, d);
	b->executed = 0;
	vtd_write(&b->unit, DMAR_IQT_REG, (uint64_t)next * slot_bytes, 8);
	run(b);
	if (vtd_read(&b->unit, DMAR_FSTS_REG, 4) & VTD_FSTS_IQE) {
		expect(b, !b->executed, "what is refused is not executed");
		expect(b, vtd_read(&b->unit, DMAR_IQH_REG, 8) == b->slot * slot_bytes,
		       "IQH stays at what is refused");
		iqei = VTD_IQERCD_IQEI(vtd_read(&b->unit, DMAR_IQERCD_REG, 8));
		expect(b, iqei, "IQERCD gives a code");
		store(b, &nothing);
		vtd_write(&b->unit, DMAR_FSTS_REG, VTD_FSTS_IQE, 4);
		run(b);
	} else {
		expect(b, !memcmp(b->executed_qw, d, slot_bytes),
		       "what is executed is what was fed");
	}
	expect(b, b->executed == 1, "a descriptor is executed once");
	expect(b, !(vtd_read(&b->unit, DMAR_FSTS_REG, 4) & VTD_FSTS_QI), "no fault is left");
	expect(b, vtd_read(&b->unit, DMAR_IQH_REG, 8) == next * slot_bytes, "IQH is at IQT");
	b->slot = next;
	return iqei;
}

/* The exception: bits of ADDR below the mask. */
static uint64_t ignored_bits(const struct qi_desc *d)
{
	const unsigned type = d->qw0 & 0xf, am = d->qw1 & 0x3f;

	if ((d->qw0 >> 4 & 3) != QI_IOTLB_PAGE || (type != QI_IOTLB_TYPE && type != QI_EIOTLB_TYPE))
		return 0;
	return d->qw1 & ((1ULL << am) - 1) << 12;
}

static void compare(struct bench *b, const struct qi_desc *fed)
{
	const unsigned iqei = feed(b, fed);
	const struct qi_desc aligned = { fed->qw0, fed->qw1 ^ ignored_bits(fed), fed->qw2,
					 fed->qw3 };
	const struct qi_desc *d = ignored_bits(fed) ? &aligned : fed;
	const bool valid = qi_desc_valid(&b->rules, d);
	const struct qi_refusal refusal = qi_desc_refusal(&b->rules, d);
	const unsigned expected = valid				   ? 0
				  : !strcmp(refusal.field, "type") ? VTD_IQEI_TYPE
								   : VTD_IQEI_RESERVED;

	if (iqei != expected || valid != !refusal.field || valid != !refusal.reason)
		fail_msg("seed %llu, %u bits, CAP %#llx ECAP %#llx, qw0 %#llx qw1 %#llx qw2 %#llx "
			 "qw3 %#llx: qi_desc_valid() %d, refusal %s (%s), the unit's IQEI %u",
			 (unsigned long long)b->seed, b->width, (unsigned long long)b->cap,
			 (unsigned long long)b->ecap, (unsigned long long)d->qw0,
			 (unsigned long long)d->qw1, (unsigned long long)d->qw2,
			 (unsigned long long)d->qw3, valid, refusal.field ? refusal.field : "none",
			 refusal.reason ? refusal.reason : "none", iqei);
	if (iqei)
		b->refused[d->qw0 & 0xf]++;
	else
		b->accepted[d->qw0 & 0xf]++;
	if (d == fed)
		return;
	expect(b, !qi_desc_valid(&b->rules, fed), "an unaligned ADDR is not valid");
	if (!iqei) {
		b->unaligned++;
		expect(b, !strcmp(qi_desc_refusal(&b->rules, fed).field, "ADDR"),
		       "it is ADDR that is refused");
	}
}

/* ---- Descriptors ---- */

/* Each capability that matters is mostly there, so that each type is. */
static uint64_t mostly(uint64_t capability)
{
	return below(8) ? capability : 0;
}

static uint64_t random_cap(void)
{
	static const uint8_t usual[] = { 0, 9, 18, 45, 51, 52, 63 };
	const uint64_t mamv = below(2) ? usual[below(sizeof(usual))] : bits(6);

	return (bits(8) & VTD_CAP_CM) | mostly(VTD_CAP_PSI) | mostly(VTD_CAP_DWD) |
	       mostly(VTD_CAP_DRD) | mamv << VTD_CAP_MAMV_SHIFT;
}

static uint64_t random_ecap(unsigned width)
{
	return VTD_ECAP_QI | bits(1) | mostly(VTD_ECAP_DT) | mostly(VTD_ECAP_IR) |
	       mostly(VTD_ECAP_PRS) | mostly(VTD_ECAP_PASID) | mostly(VTD_ECAP_DIT) |
	       mostly(VTD_ECAP_PDS) | (width == 256 ? VTD_ECAP_SMTS : mostly(VTD_ECAP_SMTS)) |
	       bits(4) << VTD_ECAP_MHMV_SHIFT | bits(5) << VTD_ECAP_PSS_SHIFT;
}

static unsigned pick(unsigned a, unsigned b, unsigned c)
{
	const unsigned of[] = { a, b, c };

	return of[below(3)];
}

static uint32_t good_pasid(const struct bench *b)
{
	const unsigned width = VTD_ECAP_PSS(b->ecap) + 1;

	if (!(b->ecap & VTD_ECAP_PASID))
		return 0;
	return (uint32_t)bits(width < 20 ? width : 20);
}

static uint16_t good_pfsid(const struct bench *b)
{
	return b->ecap & VTD_ECAP_DIT ? (uint16_t)bits(16) : 0;
}

static unsigned good_am(const struct bench *b)
{
	return below(VTD_CAP_MAMV(b->cap) + 1);
}

static uint64_t aligned(unsigned am)
{
	return am < 52 ? random64() >> (am + 12) << (am + 12) : 0;
}

/* One that a unit with these capabilities should execute, if it has the type at all. */
static struct qi_desc good_desc(const struct bench *b, unsigned type)
{
	const uint64_t drain =
		(b->cap & VTD_CAP_DWD ? QI_IOTLB_DW : 0) | (b->cap & VTD_CAP_DRD ? QI_IOTLB_DR : 0);
	const uint64_t wait = b->ecap & VTD_ECAP_PDS ? 0xf0 : 0x70;
	const uint16_t id = (uint16_t)bits(16), other = (uint16_t)bits(16);
	const unsigned am = good_am(b), mhmv = VTD_ECAP_MHMV(b->ecap);
	const unsigned order = below(QI_DEV_TLB_ALL + 1);
	const uint64_t block = aligned(order);

	switch (type) {
	case QI_CC_TYPE:
		return qi_desc_context(1 + below(3), id, other, below(4));
	case QI_IOTLB_TYPE:
		return qi_desc_iotlb(1 + below(b->cap & VTD_CAP_PSI ? 3 : 2), id, aligned(am), am,
				     bits(1), random64() & drain);
	case QI_DIOTLB_TYPE:
		return qi_desc_dev_tlb(id, good_pfsid(b), below(33), block, order);
	case QI_IEC_TYPE:
		return qi_desc_iec(below(2), id, below(mhmv + 1));
	case QI_IWD_TYPE:
		return qi_desc_wait(random64() & wait, random64() & ~3ULL, (uint32_t)random64());
	case QI_EIOTLB_TYPE:
		return qi_desc_piotlb(2 + below(2), id, good_pasid(b), aligned(am), am, bits(1));
	case QI_PC_TYPE:
		return qi_desc_pasid_cache(pick(QI_PC_DOMAIN, QI_PC_PASID, QI_PC_GLOBAL), id,
					   good_pasid(b));
	case QI_DEIOTLB_TYPE:
		return qi_desc_dev_tlb_pasid(id, good_pfsid(b), below(32), good_pasid(b), bits(1),
					     block, order);
	default:
		return qi_desc_page_response(
			id, (b->ecap & VTD_ECAP_PASID) && bits(1), good_pasid(b),
			pick(QI_RESP_SUCCESS, QI_RESP_INVALID, QI_RESP_FAILURE), (unsigned)bits(9),
			bits(1));
	}
}

/* Fields as large as they can be, whatever the unit has. */
static struct qi_desc any_fields(unsigned type)
{
	const uint16_t id = (uint16_t)bits(16), other = (uint16_t)bits(16);
	const unsigned am = below(64), granu = below(4);
	const uint64_t addr = below(2) ? aligned(below(53)) : below(2) ? ~0ULL : random64();
	const uint32_t pasid = (uint32_t)(below(2) ? bits(20) : 1ULL << below(20));
	struct qi_desc d;

	switch (type) {
	case QI_CC_TYPE:
		return qi_desc_context(granu, id, other, below(4));
	case QI_IOTLB_TYPE:
		return qi_desc_iotlb(granu, id, addr, am, bits(1),
				     random64() & (QI_IOTLB_DR | QI_IOTLB_DW));
	case QI_DIOTLB_TYPE:
		d = qi_desc_dev_tlb(id, below(2) ? other : 0, below(32), addr, 0);
		d.qw1 |= bits(1);
		return d;
	case QI_IEC_TYPE:
		return qi_desc_iec(granu & 1, id, below(32));
	case QI_IWD_TYPE:
		d = qi_desc_wait(random64() & 0xf0, addr & ~3ULL, (uint32_t)random64());
		d.qw1 |= bits(2) & bits(2);
		return d;
	case QI_EIOTLB_TYPE:
		return qi_desc_piotlb(granu, id, pasid, addr, am, bits(1));
	case QI_PC_TYPE:
		return qi_desc_pasid_cache(granu, id, pasid);
	case QI_DEIOTLB_TYPE:
		d = qi_desc_dev_tlb_pasid(id, below(2) ? other : 0, below(32), pasid, bits(1), addr,
					  0);
		d.qw1 |= bits(1) << 11;
		return d;
	default:
		return qi_desc_page_response(id, bits(1), pasid, below(16), (unsigned)bits(9),
					     bits(1));
	}
}

static void flip(struct qi_desc *d, unsigned bit)
{
	uint64_t *const qw[] = { &d->qw0, &d->qw1, &d->qw2, &d->qw3 };

	*qw[bit / 64] ^= 1ULL << bit % 64;
}

static struct qi_desc random_desc(const struct bench *b)
{
	const unsigned type = 1 + below(9), manner = below(20);
	struct qi_desc d;
	unsigned i;

	if (manner < 9) {
		d = good_desc(b, type);
	} else if (manner < 14) {
		d = good_desc(b, type);
		for (i = 1 + below(3); i; i--)
			flip(&d, below(b->width));
	} else if (manner < 18) {
		d = any_fields(type);
	} else if (manner < 19) {
		d = (struct qi_desc){ random64() & random64(), random64() & random64(), 0, 0 };
		d.qw0 = (d.qw0 & ~0xfULL) | type;
	} else {
		d = good_desc(b, type);
		d.qw0 = (d.qw0 & ~0xfULL) | bits(4);
	}
	if (b->width == 128) {
		d.qw2 = random64();
		d.qw3 = random64();
	}
	return d;
}

/* ---- The tests ---- */

static void assert_shares(const struct bench *b)
{
	unsigned long all;
	unsigned type;

	print_message("unaligned: %lu executed, and not valid\n", b->unaligned);
	assert_true(b->unaligned > 1000);
	for (type = 0; type < 16; type++) {
		all = b->accepted[type] + b->refused[type];
		print_message("type %2u: %7lu accepted, %7lu refused\n", type, b->accepted[type],
			      b->refused[type]);
		if (type > 0 && type < QI_TYPES) {
			assert_true(b->accepted[type] > all / 5);
			assert_true(b->refused[type] > all / 5);
		} else {
			assert_int_equal(b->accepted[type], 0);
			assert_true(b->refused[type] > 1000);
		}
	}
}

static void test_random(void **state)
{
	static struct bench b;
	struct qi_desc d;
	unsigned unit, i, width;

	(void)state;
	for (unit = 0; unit < UNITS; unit++) {
		b.seed = first_seed + unit;
		random_state = b.seed * 0xd1342543de82ef95ULL;
		width = below(2) ? 256 : 128;
		bench_start(&b, random_cap(), random_ecap(width), width);
		for (i = 0; i < DESCS_PER_UNIT; i++) {
			d = random_desc(&b);
			compare(&b, &d);
		}
	}
	assert_shares(&b);
}

/* Around a good descriptor of every type, every bit by itself, on units that lack one thing. */
static void test_single_bits(void **state)
{
	static const uint64_t lacking[][2] = {
		{ 0, 0 },
		{ VTD_CAP_PSI, 0 },
		{ VTD_CAP_DWD, 0 },
		{ VTD_CAP_DRD, 0 },
		{ 0, VTD_ECAP_DT },
		{ 0, VTD_ECAP_IR },
		{ 0, VTD_ECAP_PRS },
		{ 0, VTD_ECAP_PASID },
		{ 0, VTD_ECAP_DIT },
		{ 0, VTD_ECAP_PDS },
		{ 0, VTD_ECAP_SMTS },
	};
	static struct bench b;
	struct qi_desc d, good;
	unsigned type, bit, round, i, width;

	(void)state;
	for (i = 0; i < 2 * sizeof(lacking) / sizeof(lacking[0]); i++) {
		width = i % 2 ? 256 : 128;
		if (width == 256 && lacking[i / 2][1] & VTD_ECAP_SMTS)
			continue; /* it has no such queue */
		b.seed = first_seed;
		random_state = first_seed + i;
		bench_start(&b, (~0ULL ^ lacking[i / 2][0] ^ bits(6) << VTD_CAP_MAMV_SHIFT),
			    (~0ULL ^ lacking[i / 2][1] ^ bits(4) << VTD_ECAP_MHMV_SHIFT) ^
				    bits(5) << VTD_ECAP_PSS_SHIFT,
			    width);
		for (type = 1; type < QI_TYPES; type++) {
			for (round = 0; round < 4; round++) {
				good = good_desc(&b, type);
				compare(&b, &good);
				for (bit = 0; bit < 256; bit++) {
					d = good;
					flip(&d, bit);
					compare(&b, &d);
				}
			}
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_single_bits),
	};

	if (argc > 1)
		first_seed = strtoull(argv[1], NULL, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
