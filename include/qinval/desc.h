/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * desc.h - invalidation descriptors: building, judging.
 *
 * A descriptor is two quadwords in a 128-bit queue and four in a 256-bit queue. struct qi_desc
 * holds four always; a 128-bit queue neither writes nor looks at qw2 and qw3.
 *
 * Nothing here touches a unit or waits; every function may be called in any context.
 */
#ifndef QINVAL_DESC_H
#define QINVAL_DESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct qi_desc {
	uint64_t qw0, qw1, qw2, qw3;
};

/* Descriptor types, qw0[3:0] (qw0[11:9] are the type's upper bits, zero for all of these). */
#define QI_CC_TYPE 1	    /* context cache */
#define QI_IOTLB_TYPE 2	    /* IOTLB */
#define QI_DIOTLB_TYPE 3    /* device TLB */
#define QI_IEC_TYPE 4	    /* interrupt entry cache */
#define QI_IWD_TYPE 5	    /* invalidation wait */
#define QI_EIOTLB_TYPE 6    /* PASID-based IOTLB */
#define QI_PC_TYPE 7	    /* PASID cache */
#define QI_DEIOTLB_TYPE 8   /* PASID-based device TLB */
#define QI_PGRP_RESP_TYPE 9 /* page group response */
#define QI_TYPES 10	    /* size of an array indexed by type; [0] is no type */

/* Granularities, by type. */
#define QI_CC_GLOBAL 1
#define QI_CC_DOMAIN 2
#define QI_CC_DEVICE 3
#define QI_IOTLB_GLOBAL 1
#define QI_IOTLB_DOMAIN 2
#define QI_IOTLB_PAGE 3
#define QI_IEC_GLOBAL 0
#define QI_IEC_INDEX 1
#define QI_PIOTLB_PASID 2 /* all of the PASID */
#define QI_PIOTLB_PAGE 3
#define QI_PC_DOMAIN 0 /* all PASIDs of the domain */
#define QI_PC_PASID 1
#define QI_PC_GLOBAL 3

/* Bits of the wait descriptor's qw0. */
#define QI_IWD_IF (1ULL << 4) /* raise the completion interrupt */
#define QI_IWD_SW (1ULL << 5) /* write the status data */
#define QI_IWD_FN (1ULL << 6) /* fence */
#define QI_IWD_PD (1ULL << 7) /* drain page requests */

/* Bits of the IOTLB descriptor's qw0. */
#define QI_IOTLB_DW (1ULL << 6) /* drain writes */
#define QI_IOTLB_DR (1ULL << 7) /* drain reads */

/* Size that stands for a device's whole address space: 2^52 pages. */
#define QI_DEV_TLB_ALL 52

/* Page responses. */
#define QI_RESP_SUCCESS 0
#define QI_RESP_INVALID 1
#define QI_RESP_FAILURE 15
#define QI_RESP_DEFINED (1U << QI_RESP_SUCCESS | 1U << QI_RESP_INVALID | 1U << QI_RESP_FAILURE)

#define QI_PAGE_SHIFT 12

/* ---- Builders: put each value into its field, cut to the field's width; nothing is judged ---- */

static inline struct qi_desc qi_desc_context(unsigned granu, uint16_t did, uint16_t sid,
					     unsigned fm)
{
	struct qi_desc d = { QI_CC_TYPE | (uint64_t)(granu & 3) << 4 | (uint64_t)did << 16 |
				     (uint64_t)sid << 32 | (uint64_t)(fm & 3) << 48,
			     0, 0, 0 };
	return d;
}

/* @addr: bytes; its low 12 bits are dropped. @am: 2^am pages. @drain: QI_IOTLB_DR | QI_IOTLB_DW. */
static inline struct qi_desc qi_desc_iotlb(unsigned granu, uint16_t did, uint64_t addr, unsigned am,
					   bool ih, uint64_t drain)
{
	struct qi_desc d = { QI_IOTLB_TYPE | (uint64_t)(granu & 3) << 4 |
				     (drain & (QI_IOTLB_DR | QI_IOTLB_DW)) | (uint64_t)did << 16,
			     (addr & ~0xfffULL) | (uint64_t)ih << 6 | (am & 0x3f), 0, 0 };
	return d;
}

/*
 * Address and S bit of the two device-TLB types: 2^order pages at @addr, which is rounded down to
 * that size. order 0 is one page; QI_DEV_TLB_ALL is everything.
 */
static inline uint64_t qi_dev_tlb_addr(uint64_t addr, unsigned order, uint64_t s_bit)
{
	uint64_t ones;

	if (!order)
		return addr & ~0xfffULL;
	if (order >= QI_DEV_TLB_ALL)
		return (~0ULL >> 1 & ~0xfffULL) | s_bit;
	ones = (1ULL << (order - 1 + QI_PAGE_SHIFT)) - 1;
	return (((addr & ~(ones << 1 | 1)) | ones) & ~0xfffULL) | s_bit;
}

/* @pfsid: source id of the physical function, 0 without ECAP.DIT. @qdep: 1..32 pending, 32 is 0. */
static inline struct qi_desc qi_desc_dev_tlb(uint16_t sid, uint16_t pfsid, unsigned qdep,
					     uint64_t addr, unsigned order)
{
	struct qi_desc d = { QI_DIOTLB_TYPE | (uint64_t)(pfsid & 0xf) << 12 |
				     (uint64_t)(qdep & 0x1f) << 16 | (uint64_t)sid << 32 |
				     (uint64_t)(pfsid >> 4) << 52,
			     qi_dev_tlb_addr(addr, order, 1), 0, 0 };
	return d;
}

/* @im: 2^im interrupt remapping entries from @iidx on. */
static inline struct qi_desc qi_desc_iec(unsigned granu, uint16_t iidx, unsigned im)
{
	struct qi_desc d = { QI_IEC_TYPE | (uint64_t)(granu & 1) << 4 |
				     (uint64_t)(im & 0x1f) << 27 | (uint64_t)iidx << 32,
			     0, 0, 0 };
	return d;
}

/* @flags: QI_IWD_*. @status: physical address of the status word, a multiple of 4. */
static inline struct qi_desc qi_desc_wait(uint64_t flags, uint64_t status, uint32_t data)
{
	struct qi_desc d = { QI_IWD_TYPE | (flags & 0xf0) | (uint64_t)data << 32, status & ~3ULL, 0,
			     0 };
	return d;
}

static inline struct qi_desc qi_desc_piotlb(unsigned granu, uint16_t did, uint32_t pasid,
					    uint64_t addr, unsigned am, bool ih)
{
	struct qi_desc d = { QI_EIOTLB_TYPE | (uint64_t)(granu & 3) << 4 | (uint64_t)did << 16 |
				     (uint64_t)(pasid & 0xfffff) << 32,
			     (addr & ~0xfffULL) | (uint64_t)ih << 6 | (am & 0x3f), 0, 0 };
	return d;
}

static inline struct qi_desc qi_desc_pasid_cache(unsigned granu, uint16_t did, uint32_t pasid)
{
	struct qi_desc d = { QI_PC_TYPE | (uint64_t)(granu & 3) << 4 | (uint64_t)did << 16 |
				     (uint64_t)(pasid & 0xfffff) << 32,
			     0, 0, 0 };
	return d;
}

/* @global: all PASIDs of the device. */
static inline struct qi_desc qi_desc_dev_tlb_pasid(uint16_t sid, uint16_t pfsid, unsigned qdep,
						   uint32_t pasid, bool global, uint64_t addr,
						   unsigned order)
{
	struct qi_desc d = { QI_DEIOTLB_TYPE | (uint64_t)(qdep & 0x1f) << 4 |
				     (uint64_t)(pfsid & 0xf) << 12 | (uint64_t)sid << 16 |
				     (uint64_t)(pasid & 0xfffff) << 32 |
				     (uint64_t)(pfsid >> 4) << 52,
			     qi_dev_tlb_addr(addr, order, 1ULL << 11) | global, 0, 0 };
	return d;
}

/* @resp: QI_RESP_*. @prgi: page request group index. @last: LPIG, last page in group. */
static inline struct qi_desc qi_desc_page_response(uint16_t rid, bool pasid_present, uint32_t pasid,
						   unsigned resp, unsigned prgi, bool last)
{
	struct qi_desc d = { QI_PGRP_RESP_TYPE | (uint64_t)pasid_present << 4 |
				     (uint64_t)(resp & 0xf) << 12 | (uint64_t)rid << 16 |
				     (uint64_t)(pasid & 0xfffff) << 32,
			     (uint64_t)last << 2 | (uint64_t)(prgi & 0x1ff) << 3, 0, 0 };
	return d;
}

static inline unsigned qi_desc_type(const struct qi_desc *d)
{
	return (unsigned)(d->qw0 & 0xf) | (unsigned)(d->qw0 >> 5 & 0x70);
}

/* ---- Validation ---- */

/* What is left to look at when no reserved bit is set. */
enum qi_check {
	QI_CHECK_REFUSE, /* nothing: the unit has no such type or granularity */
	QI_CHECK_NONE,	 /* nothing: valid */
	QI_CHECK_PAGES,	 /* AM is at most `limit`, ADDR is aligned to 2^AM pages */
	QI_CHECK_IM,	 /* IM is at most `limit` */
	QI_CHECK_SIZE,	 /* where S, bit `limit` of qw1, is set, ADDR has a bit that is 0 */
	QI_CHECK_RC,	 /* RC is one of QI_RESP_* */
};

/*
 * What one unit accepts, worked out once from its capabilities so that the check of a descriptor
 * is a table look-up and a few instructions. Indexed by qw0[5:0]: type and, where it has one,
 * granularity.
 */
struct qi_rule {
	uint64_t rsvd0, rsvd1; /* bits of qw0 and qw1 that must be zero */
	uint8_t check;	       /* enum qi_check */
	uint8_t limit;
};

/*
 * What nearly all descriptors pass at once: qw0[5:0], which is the index, is not 0, and none of
 * these bits is set. Then the descriptor is valid, qw2 and qw3 apart, and does not concern a device
 * TLB.
 */
struct qi_quick {
	uint64_t slow0, slow1;
};

struct qi_rules {
	uint64_t cap, ecap;
	uint64_t rsvd23; /* bits of qw2 and qw3 that must be zero: all or, with 128 bits, none */
	struct qi_quick quick[64];
	struct qi_rule rule[64];
};

/* @width: 128 or 256. Cannot fail. */
void qi_rules_init(struct qi_rules *r, uint64_t cap, uint64_t ecap, unsigned width);

/*
 * Would the unit execute @d? True exactly if it would not raise IQE, taking for granted that the
 * queue's width suits the unit and its translation table mode. Exact means: tests run millions of
 * random descriptors through this and through the unit in device/. Inline, because it is on the
 * way of every submission.
 *
 * One exception: a page-selective ADDR that is not aligned to 2^AM pages is refused. A unit takes
 * it and ignores the bits below the mask, so it would invalidate the block around ADDR and report
 * success, while whoever built the descriptor meant 2^AM pages from ADDR on.
 */
static inline bool qi_desc_valid(const struct qi_rules *r, const struct qi_desc *d)
{
	const struct qi_rule *rule = &r->rule[d->qw0 & 0x3f];

	if ((d->qw0 & rule->rsvd0) | (d->qw1 & rule->rsvd1) | ((d->qw2 | d->qw3) & r->rsvd23))
		return false;
	if (rule->check == QI_CHECK_NONE)
		return true;
	if (rule->check == QI_CHECK_PAGES)
		return (d->qw1 & 0x3f) <= rule->limit &&
		       !(d->qw1 >> QI_PAGE_SHIFT & ((1ULL << (d->qw1 & 0x3f)) - 1));
	if (rule->check == QI_CHECK_SIZE)
		return !(d->qw1 >> rule->limit & 1) || ~(d->qw1 | 0xfff);
	if (rule->check == QI_CHECK_IM)
		return (d->qw0 >> 27 & 0x1f) <= rule->limit;
	if (rule->check == QI_CHECK_RC)
		return QI_RESP_DEFINED >> (d->qw0 >> 12 & 0xf) & 1;
	return false;
}

/* See struct qi_quick. False says nothing. */
static inline bool qi_desc_quick(const struct qi_rules *r, const struct qi_desc *d)
{
	unsigned index = d->qw0 & 0x3f;
	const struct qi_quick *quick = &r->quick[index];

	return index && !(d->qw0 & quick->slow0) && !(d->qw1 & quick->slow1);
}

/*
 * Why not: the offending field's name as in the table of the specification ("AM", "reserved",
 * "type", "qw2/qw3", ...) and a reason for people. Both are constant strings; NULL and NULL if @d
 * is valid. Of several faults it names one.
 */
struct qi_refusal {
	const char *field;
	const char *reason;
};
struct qi_refusal qi_desc_refusal(const struct qi_rules *r, const struct qi_desc *d);

#ifdef __cplusplus
}
#endif

#endif
