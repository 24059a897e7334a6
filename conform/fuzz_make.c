/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* fuzz_make.c - random operations: mostly like those of drivers, some mutated, some senseless. */
#include "fuzz_internal.h"

#include <qinval/desc.h>
#include <qinval/regs.h>

/*
 * SplitMix64. Do not call it twice in one expression: compilers evaluate the calls in different
 * orders, so the meaning of a seed would depend on the compiler.
 */
static uint64_t next(struct fuzz_maker *m)
{
	uint64_t x = m->random += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static unsigned below(struct fuzz_maker *m, unsigned n)
{
	return (unsigned)(next(m) % n);
}

static bool chance(struct fuzz_maker *m, unsigned percent)
{
	return below(m, 100) < percent;
}

/* A few random bits, or many, or those of a small number. */
static uint64_t some_bits(struct fuzz_maker *m)
{
	switch (below(m, 3)) {
	case 0:
		return next(m);
	case 1:
		return next(m) & next(m) & next(m) & next(m);
	default:
		return next(m) & 0xff;
	}
}

/* ---- Descriptors ---- */

#define STATUS_WORDS 1023
#define PASIDS 0xfffffU

static struct qi_desc make_wait(struct fuzz_maker *m)
{
	static const uint64_t usual[] = { QI_IWD_SW, QI_IWD_SW, QI_IWD_SW | QI_IWD_FN, QI_IWD_IF,
					  QI_IWD_IF | QI_IWD_FN };
	uint64_t flags = usual[below(m, 5)], x = next(m);

	if (chance(m, 2))
		flags = x & 0xf0;
	return qi_desc_wait(flags, m->status, (uint32_t)(x >> 32));
}

static struct qi_desc make_range(struct fuzz_maker *m, bool pasid)
{
	unsigned am = below(m, VTD_CAP_MAMV(m->cap) + 1), granu = below(m, 3);
	uint64_t addr = next(m) & ~0xfffULL, number = some_bits(m), x = next(m);
	uint16_t did = (uint16_t)x;
	bool ih = x >> 16 & 1;

	if (chance(m, 90))
		addr &= ~((0x1000ULL << am) - 1);
	if (pasid)
		return qi_desc_piotlb(2 + granu % 2, did, number & PASIDS, addr, am, ih);
	return qi_desc_iotlb(1 + granu, did, addr, am, ih,
			     chance(m, 80) ? 0 : x & (QI_IOTLB_DR | QI_IOTLB_DW));
}

static struct qi_desc make_valid(struct fuzz_maker *m)
{
	unsigned kind = below(m, 13), small = below(m, 64), order = below(m, QI_DEV_TLB_ALL + 1);
	uint64_t addr = next(m), number = some_bits(m), x = next(m);
	uint16_t did = (uint16_t)x, sid = (uint16_t)(x >> 16);

	addr &= order < QI_DEV_TLB_ALL ? ~0ULL << (order + QI_PAGE_SHIFT) : 0;
	switch (kind) {
	case 0:
		return qi_desc_context(1 + small % 3, did, sid, small >> 4);
	case 1:
		return qi_desc_dev_tlb(sid, 0, small & 0x1f, addr, order);
	case 2:
		return qi_desc_iec(small & 1, sid, (small >> 1) % (VTD_ECAP_MHMV(m->ecap) + 1));
	case 3:
		return make_range(m, true);
	case 4:
		return qi_desc_pasid_cache(small & 3, did, number & PASIDS);
	case 5:
		return qi_desc_dev_tlb_pasid(sid, 0, small & 0x1f, 1, did & 1, addr, order);
	case 6:
		return qi_desc_page_response(sid, false, 0, small & 1, did & 0x1ff, small & 2);
	case 7:
	case 8:
	case 9:
		return make_wait(m);
	default:
		return make_range(m, false);
	}
}

static void flip_bits(struct fuzz_maker *m, struct qi_desc *d, unsigned n)
{
	while (n--) {
		uint64_t *const word[] = { &d->qw0, &d->qw0, &d->qw1, &d->qw2, &d->qw3 };
		unsigned which = below(m, 5), bit = below(m, 64);

		*word[which] ^= 1ULL << bit;
	}
}

/*
 * A status write goes to a word of its own, to no memory, or to an unaligned address, whatever else
 * is wrong with the descriptor: it must not hit other memory.
 */
static void confine(struct fuzz_maker *m, struct qi_desc *d)
{
	uint64_t addr = m->status + 4 * (m->words++ % STATUS_WORDS);

	/* After a change of the queue's width the upper half is a descriptor of its own. */
	if ((d->qw2 & 0xf) == QI_IWD_TYPE)
		d->qw2 ^= 8;
	if ((d->qw0 & 0xf) != QI_IWD_TYPE)
		return;
	if (m->nowhere && chance(m, 1))
		addr = m->nowhere + (next(m) & 0xffc);
	if (chance(m, 1))
		addr |= 1 + below(m, 3);
	d->qw1 = addr;
}

static struct qi_desc make_descriptor(struct fuzz_maker *m)
{
	struct qi_desc d = make_valid(m);
	unsigned dice = below(m, 100);

	if (dice < 6) {
		flip_bits(m, &d, 1 + dice % 3);
	} else if (dice < 9) {
		d.qw0 = some_bits(m);
		d.qw1 = some_bits(m);
		d.qw2 = dice < 8 ? 0 : some_bits(m);
		d.qw3 = dice < 8 ? 0 : some_bits(m);
	}
	confine(m, &d);
	return d;
}

/* ---- Operations ---- */

static struct fuzz_op *add(struct fuzz_stream *s, enum fuzz_kind kind)
{
	struct fuzz_op *op = &s->op[s->ops++];

	*op = (struct fuzz_op){ .kind = kind };
	return op;
}

static void add_write(struct fuzz_stream *s, unsigned reg, unsigned size, uint64_t value)
{
	struct fuzz_op *op = add(s, FUZZ_WRITE);

	op->reg = reg;
	op->size = size;
	op->value = value;
}

static void add_put(struct fuzz_maker *m, struct fuzz_stream *s)
{
	struct qi_desc d = make_descriptor(m);
	struct fuzz_op *op = add(s, FUZZ_PUT);

	op->qw[0] = d.qw0;
	op->qw[1] = d.qw1;
	op->qw[2] = d.qw2;
	op->qw[3] = d.qw3;
}

static void add_batch(struct fuzz_maker *m, struct fuzz_stream *s)
{
	unsigned n = chance(m, 5) ? 20 + below(m, 60) : 1 + below(m, 20);

	while (n--)
		add_put(m, s);
	if (chance(m, 95))
		add(s, FUZZ_RING);
}

static uint64_t mask(struct fuzz_maker *m)
{
	return chance(m, 50) ? VTD_IECTL_IM : 0;
}

static void add_tail(struct fuzz_maker *m, struct fuzz_stream *s)
{
	unsigned size = chance(m, 80) ? 8 : 4, shift = chance(m, 50) ? 4 : 0;

	add_write(s, DMAR_IQT_REG, size, some_bits(m) << shift);
}

static void add_on(struct fuzz_maker *m, struct fuzz_stream *s)
{
	bool wide = m->ecap & VTD_ECAP_SMTS && chance(m, 50);
	unsigned largest = chance(m, 10) ? 8 : 3, qs = below(m, largest);
	uint64_t ring = m->nowhere && chance(m, 2) ? m->nowhere : m->ring;

	if (chance(m, 5))
		add_write(s, DMAR_IQT_REG, 8, (uint64_t)below(m, 8) << 4);
	else
		add_write(s, DMAR_IQT_REG, 8, 0);
	add_write(s, DMAR_IQA_REG, 8, ring | qs | (wide ? VTD_IQA_DW : 0));
	add_write(s, DMAR_GCMD_REG, 4, VTD_GCMD_QIE);
}

static void add_other(struct fuzz_maker *m, struct fuzz_stream *s)
{
	switch (below(m, 8)) {
	case 0:
		add_tail(m, s);
		break;
	case 1:
		add_write(s, DMAR_GCMD_REG, 4, 0);
		break;
	case 2:
		add_write(s, DMAR_GCMD_REG, 4, VTD_GCMD_QIE);
		break;
	case 3:
		add_write(s, DMAR_FSTS_REG, 4, chance(m, 50) ? VTD_FSTS_IQE : next(m) & 0xf0);
		break;
	case 4:
		add_write(s, DMAR_FECTL_REG, 4, mask(m));
		break;
	case 5:
		add_write(s, DMAR_IECTL_REG, 4, mask(m));
		break;
	default:
		add_write(s, DMAR_ICS_REG, 4, chance(m, 90) ? VTD_ICS_IWC : next(m) & ~1U);
		break;
	}
}

void fuzz_begin(struct fuzz_maker *m, struct fuzz_stream *s)
{
	s->ops = 0;
	m->words = 0;
	add_write(s, DMAR_FEDATA_REG, 4, 0x42);
	add_write(s, DMAR_FEADDR_REG, 4, 0xfee00000);
	add_write(s, DMAR_IEDATA_REG, 4, 0x41);
	add_write(s, DMAR_IEADDR_REG, 4, 0xfee01000);
	add_write(s, DMAR_FECTL_REG, 4, mask(m));
	add_write(s, DMAR_IECTL_REG, 4, mask(m));
	if (chance(m, 5))
		add_write(s, DMAR_RTADDR_REG, 8, (uint64_t)below(m, 4) << 10);
	if (chance(m, 5))
		add_write(s, DMAR_GCMD_REG, 4, VTD_GCMD_SRTP);
	add_on(m, s);
	if (chance(m, 10)) { /* turn it off, and on with another configuration */
		add_put(m, s);
		add(s, FUZZ_RING);
		add_write(s, DMAR_GCMD_REG, 4, 0);
		add_on(m, s);
	}
}

#define LONGEST 100 /* operations added at once */

bool fuzz_continue(struct fuzz_maker *m, uint32_t fsts, bool on, struct fuzz_stream *s)
{
	if (s->ops + LONGEST > FUZZ_OPS)
		return false;
	if (!on && chance(m, 80))
		return false;
	if (fsts & VTD_FSTS_IQE && chance(m, 80))
		add(s, FUZZ_REPAIR);
	else if (chance(m, 85))
		add_batch(m, s);
	else
		add_other(m, s);
	return true;
}
