/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "stress.h"

#define SPACE 0xfffffffff000ULL /* a guest's 48 bits */

bool is_dev_tlb(const struct qi_desc *d)
{
	return qi_desc_type(d) == QI_DIOTLB_TYPE || qi_desc_type(d) == QI_DEIOTLB_TYPE;
}

uint16_t dev_tlb_sid(const struct qi_desc *d)
{
	return d->qw0 >> (qi_desc_type(d) == QI_DIOTLB_TYPE ? 32 : 16);
}

/* Never 0, which as a source id means "not reported". */
uint16_t device_sid(unsigned device)
{
	return (device + 1) << 8 | device << 3;
}

/* The id is in the domain, the source of a page request, the interrupt's index, or PFSID. */
unsigned id_of(const uint64_t qw[2])
{
	switch (qw[0] & 0xf) {
	case QI_DIOTLB_TYPE:
	case QI_DEIOTLB_TYPE:
		return (qw[0] >> 12 & 0xf) | (qw[0] >> 52 & 0xfff) << 4;
	case QI_IEC_TYPE:
		return qw[0] >> 32 & 0xffff;
	default:
		return qw[0] >> 16 & 0xffff;
	}
}

/* Wide granularities are rare, as they hide defects of narrow ones. */
static unsigned granularity(uint64_t *random, unsigned narrow, unsigned wide, unsigned widest)
{
	unsigned r = roll(random, 64);

	return r == 0 ? widest : r < 6 ? wide : narrow;
}

#define PASIDS 0xfffff

static struct qi_desc random_iotlb(uint64_t *random, unsigned id)
{
	unsigned am = roll(random, 8);
	uint64_t addr = random_next(random) & SPACE & ~0ULL << (am + QI_PAGE_SHIFT);

	return qi_desc_iotlb(granularity(random, QI_IOTLB_PAGE, QI_IOTLB_DOMAIN, QI_IOTLB_GLOBAL),
			     id, addr, am, roll(random, 2),
			     random_next(random) & (QI_IOTLB_DR | QI_IOTLB_DW));
}

static struct qi_desc random_piotlb(uint64_t *random, unsigned id)
{
	unsigned am = roll(random, 8);
	uint64_t addr = random_next(random) & SPACE & ~0ULL << (am + QI_PAGE_SHIFT);

	return qi_desc_piotlb(roll(random, 8) ? QI_PIOTLB_PAGE : QI_PIOTLB_PASID, id,
			      random_next(random) & PASIDS, addr, am, roll(random, 2));
}

static struct qi_desc random_dev_tlb(uint64_t *random, unsigned id)
{
	uint16_t sid = device_sid(roll(random, DEVICES));
	unsigned order = roll(random, 32) ? roll(random, 10) : QI_DEV_TLB_ALL;
	unsigned qdep = 1 + roll(random, 32);
	uint64_t addr =
		order < QI_DEV_TLB_ALL ? random_next(random) & ~0ULL << (order + QI_PAGE_SHIFT) : 0;

	if (roll(random, 2))
		return qi_desc_dev_tlb(sid, id, qdep, addr, order);
	return qi_desc_dev_tlb_pasid(sid, id, qdep, random_next(random) & PASIDS, !roll(random, 8),
				     addr, order);
}

static struct qi_desc random_response(uint64_t *random, unsigned id)
{
	static const unsigned code[] = { QI_RESP_SUCCESS, QI_RESP_INVALID, QI_RESP_FAILURE };

	return qi_desc_page_response(id, roll(random, 2), random_next(random) & PASIDS,
				     code[roll(random, 3)], random_next(random) & 0x1ff,
				     roll(random, 2));
}

/* All types that the unit accepts; frequent invalidations of drivers are frequent here, too. */
struct qi_desc random_desc(uint64_t *random, unsigned id)
{
	switch (roll(random, 16)) {
	case 0:
		return qi_desc_context(granularity(random, QI_CC_DEVICE, QI_CC_DOMAIN,
						   QI_CC_GLOBAL),
				       id, random_next(random) & 0xffff, roll(random, 4));
	case 1:
		return qi_desc_iec(granularity(random, QI_IEC_INDEX, QI_IEC_INDEX, QI_IEC_GLOBAL),
				   id, roll(random, 16));
	case 2:
		return qi_desc_pasid_cache(granularity(random, QI_PC_PASID, QI_PC_DOMAIN,
						       QI_PC_GLOBAL),
					   id, random_next(random) & PASIDS);
	case 3:
		return random_response(random, id);
	case 4:
	case 5:
	case 6:
	case 7:
		return random_dev_tlb(random, id);
	case 8:
	case 9:
	case 10:
		return random_piotlb(random, id);
	default:
		return random_iotlb(random, id);
	}
}
