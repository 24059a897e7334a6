/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "oracle.h"

#include <describe/describe.h>

#define PASID_MASK 0xfffffU
#define PAGE_MASK (~0xfffULL)

/* Entries for global and domain invalidations lie anywhere in a guest's 48-bit address space. */
#define ANYWHERE 0xfffffffff000ULL

/* splitmix64 */
uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static uint64_t any_page(const struct qi_desc *d, uint64_t *random)
{
	uint64_t first, last;

	if (!qi_desc_range(d, &first, &last))
		return random_next(random) & ANYWHERE;
	/* The whole space has 2^52 pages, and ranges are aligned to their size. */
	return first + (random_next(random) & (last - first) & PAGE_MASK);
}

static void choose_context(struct vtd_entry *e, const struct qi_desc *d, uint64_t *random)
{
	static const uint16_t masked[] = { 0, 4, 6, 7 }; /* function bits that FM ignores */
	unsigned granu = d->qw0 >> 4 & 3;

	e->kind = VTD_CONTEXT;
	e->did = granu == QI_CC_GLOBAL ? random_next(random) : d->qw0 >> 16;
	e->sid = random_next(random);
	if (granu == QI_CC_DEVICE) {
		e->sid &= masked[d->qw0 >> 48 & 3];
		e->sid |= (uint16_t)(d->qw0 >> 32) & ~masked[d->qw0 >> 48 & 3];
	}
}

static void choose_iotlb(struct vtd_entry *e, const struct qi_desc *d, uint64_t *random)
{
	bool global = (d->qw0 >> 4 & 3) == QI_IOTLB_GLOBAL;

	e->kind = VTD_IOTLB;
	e->did = global ? random_next(random) : d->qw0 >> 16;
	/* Legacy invalidations cover translations with any PASID and without. */
	e->pasid = random_next(random) & 1 ? VTD_NO_PASID : random_next(random) & PASID_MASK;
	e->addr = any_page(d, random);
}

static void choose_iec(struct vtd_entry *e, const struct qi_desc *d, uint64_t *random)
{
	uint64_t low = (1ULL << (d->qw0 >> 27 & 0x1f)) - 1;

	e->kind = VTD_IEC;
	e->addr = random_next(random) & 0xffff;
	if ((d->qw0 >> 4 & 1) == QI_IEC_INDEX)
		e->addr = (e->addr & low) | ((d->qw0 >> 32 & 0xffff) & ~low);
}

static void choose_pasid_cache(struct vtd_entry *e, const struct qi_desc *d, uint64_t *random)
{
	unsigned granu = d->qw0 >> 4 & 3;

	e->kind = VTD_PASID;
	e->did = granu == QI_PC_GLOBAL ? random_next(random) : d->qw0 >> 16;
	e->pasid = granu == QI_PC_PASID ? d->qw0 >> 32 : random_next(random);
	e->pasid &= PASID_MASK;
}

static void choose_dev_tlb_pasid(struct vtd_entry *e, const struct qi_desc *d, uint64_t *random)
{
	bool all_pasids = d->qw1 & 1;

	e->kind = VTD_DEVTLB;
	e->sid = d->qw0 >> 16;
	e->pasid = (all_pasids ? random_next(random) : d->qw0 >> 32) & PASID_MASK;
	e->addr = any_page(d, random);
}

static bool choose_entry(struct vtd_entry *e, const struct qi_desc *d, uint64_t *random)
{
	*e = (struct vtd_entry){ 0 };
	switch (qi_desc_type(d)) {
	case QI_CC_TYPE:
		choose_context(e, d, random);
		return true;
	case QI_IOTLB_TYPE:
		choose_iotlb(e, d, random);
		return true;
	case QI_DIOTLB_TYPE:
		e->kind = VTD_DEVTLB;
		e->sid = d->qw0 >> 32;
		e->pasid = VTD_NO_PASID;
		e->addr = any_page(d, random);
		return true;
	case QI_IEC_TYPE:
		choose_iec(e, d, random);
		return true;
	case QI_EIOTLB_TYPE:
		e->kind = VTD_IOTLB;
		e->did = d->qw0 >> 16;
		e->pasid = d->qw0 >> 32 & PASID_MASK;
		e->addr = any_page(d, random);
		return true;
	case QI_PC_TYPE:
		choose_pasid_cache(e, d, random);
		return true;
	case QI_DEIOTLB_TYPE:
		choose_dev_tlb_pasid(e, d, random);
		return true;
	default:
		return false;
	}
}

struct oracle_touch oracle_touch(struct threads_host *h, const struct qi_desc *d, uint64_t *random)
{
	struct oracle_touch t = { .touched = false };

	if (choose_entry(&t.entry, d, random)) {
		t.entry.stamp = threads_touch(h, &t.entry);
		t.touched = t.entry.stamp;
	}
	return t;
}

bool oracle_stale(struct threads_host *h, const struct oracle_touch *t)
{
	return t->touched && threads_stale(h, &t->entry);
}
