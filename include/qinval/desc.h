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

/* Fields, by the specification's names: QI_F_DID is "DID". */
enum qi_field_id {
	QI_F_NONE,
	QI_F_G,
	QI_F_DID,
	QI_F_SID,
	QI_F_FM,
	QI_F_DW,
	QI_F_DR,
	QI_F_AM,
	QI_F_IH,
	QI_F_ADDR,
	QI_F_PFSID,
	QI_F_MIP,
	QI_F_S,
	QI_F_IM,
	QI_F_IIDX,
	QI_F_IF,
	QI_F_SW,
	QI_F_FN,
	QI_F_PD,
	QI_F_STATUS_DATA,
	QI_F_STATUS_ADDR,
	QI_F_PASID,
	QI_F_PP,
	QI_F_RC,
	QI_F_RID,
	QI_F_LPIG,
	QI_F_PRGI,
	QI_F_RESERVED,
	QI_FIELDS
};

/*
 * ---- Builders ----
 *
 * Each puts its arguments into the fields of the descriptor that it is named for. The section is
 * that of the specification, revision 3 and later; what the unit must have for it to be valid is
 * qi_desc_valid()'s business.
 *
 * Nothing is cut. Where an argument does not fit its field the result is no descriptor: it has type
 * 0, which the core, and any unit, refuses, and qi_desc_refusal() names the field. So the results
 * may be passed on unseen, and the call that submits them fails with -QI_ERR_DESC. To look at once:
 * qi_desc_misfit().
 *
 * DID, SID, RID and PFSID are of 16 bits, PASIDs of 20.
 */

#define QI_MISFIT 0x6d69736669740000ULL /* in qw2, plus the field */

static inline struct qi_desc qi_desc_none(enum qi_field_id misfit)
{
	struct qi_desc d = { 0, 0, QI_MISFIT + (uint64_t)misfit, 0 };
	return d;
}

/* The field that an argument of its builder did not fit; QI_F_NONE: there is none. */
static inline enum qi_field_id qi_desc_misfit(const struct qi_desc *d)
{
	const uint64_t field = d->qw2 - QI_MISFIT;

	return field < QI_FIELDS && !(d->qw0 | d->qw1) ? (enum qi_field_id)field : QI_F_NONE;
}

/* The first that does not fit counts. */
static inline void qi_desc_fit(struct qi_desc *d, enum qi_field_id field, bool fits)
{
	if (!fits && !d->qw2)
		*d = qi_desc_none(field);
}

/* Into bits @high to @low of qw0 or qw1. */
static inline void qi_desc_put(struct qi_desc *d, enum qi_field_id field, unsigned word,
			       unsigned high, unsigned low, uint64_t value)
{
	qi_desc_fit(d, field, !(value >> (high - low) >> 1));
	if (d->qw2)
		return;
	if (word)
		d->qw1 |= value << low;
	else
		d->qw0 |= value << low;
}

/*
 * 6.5.2.1 Context-cache Invalidate. @granu: QI_CC_*. @fm: of the function number, 0 all bits count,
 * 1 all but bit 2, 2 all but bits 2:1, 3 none.
 */
static inline struct qi_desc qi_desc_context(unsigned granu, unsigned did, unsigned sid,
					     unsigned fm)
{
	struct qi_desc d = { QI_CC_TYPE, 0, 0, 0 };

	qi_desc_put(&d, QI_F_G, 0, 5, 4, granu);
	qi_desc_put(&d, QI_F_DID, 0, 31, 16, did);
	qi_desc_put(&d, QI_F_SID, 0, 47, 32, sid);
	qi_desc_put(&d, QI_F_FM, 0, 49, 48, fm);
	return d;
}

/*
 * 6.5.2.3 IOTLB Invalidate. @granu: QI_IOTLB_*. @addr: any byte of the first page. @am: 2^am pages,
 * 0 to CAP.MAMV; @addr must be aligned to that, or the descriptor is not valid. Both count with
 * QI_IOTLB_PAGE only. @ih: only leaf entries have changed. @drain: QI_IOTLB_DR | QI_IOTLB_DW.
 */
static inline struct qi_desc qi_desc_iotlb(unsigned granu, unsigned did, uint64_t addr, unsigned am,
					   bool ih, uint64_t drain)
{
	struct qi_desc d = { QI_IOTLB_TYPE, 0, 0, 0 };

	qi_desc_put(&d, QI_F_G, 0, 5, 4, granu);
	qi_desc_fit(&d, QI_F_RESERVED, !(drain & ~(QI_IOTLB_DR | QI_IOTLB_DW)));
	qi_desc_put(&d, QI_F_DW, 0, 7, 6, drain >> 6);
	qi_desc_put(&d, QI_F_DID, 0, 31, 16, did);
	qi_desc_put(&d, QI_F_AM, 1, 5, 0, am);
	qi_desc_put(&d, QI_F_IH, 1, 6, 6, ih);
	qi_desc_put(&d, QI_F_ADDR, 1, 63, 12, addr >> QI_PAGE_SHIFT);
	return d;
}

/*
 * Address and S bit of the two device-TLB types, bit @s_bit of qw1: the 2^order pages at @addr,
 * which must be aligned to that. @order: 0 is one page, QI_DEV_TLB_ALL everything.
 */
static inline void qi_desc_put_size(struct qi_desc *d, uint64_t addr, unsigned order,
				    unsigned s_bit)
{
	const uint64_t pfn = addr >> QI_PAGE_SHIFT;

	qi_desc_fit(d, QI_F_ADDR, order <= QI_DEV_TLB_ALL && !(pfn & ((1ULL << order) - 1)));
	if (d->qw2)
		return;
	qi_desc_put(d, QI_F_S, 1, s_bit, s_bit, order > 0);
	/* The ones below the first zero tell the size: none of two pages, 51 of everything. */
	qi_desc_put(d, QI_F_ADDR, 1, 63, 12, pfn | ((1ULL << order >> 1) - (order > 0)));
}

/*
 * 6.5.2.5 Device-TLB Invalidate. @pfsid: source id of the physical function, 0 without ECAP.DIT.
 * @qdep: how many invalidations the device takes at once, 1 to 32; 0 is 32, too. @addr, @order: the
 * 2^order pages at @addr, from one (0) to all (QI_DEV_TLB_ALL). @addr must be aligned to that, but
 * may be any byte of its first page.
 */
static inline struct qi_desc qi_desc_dev_tlb(unsigned sid, unsigned pfsid, unsigned qdep,
					     uint64_t addr, unsigned order)
{
	struct qi_desc d = { QI_DIOTLB_TYPE, 0, 0, 0 };

	qi_desc_put(&d, QI_F_PFSID, 0, 15, 12, pfsid & 0xf);
	qi_desc_put(&d, QI_F_MIP, 0, 20, 16, qdep == 32 ? 0 : qdep);
	qi_desc_put(&d, QI_F_SID, 0, 47, 32, sid);
	qi_desc_put(&d, QI_F_PFSID, 0, 63, 52, pfsid >> 4);
	qi_desc_put_size(&d, addr, order, 0);
	return d;
}

/*
 * 6.5.2.7 Interrupt Entry Cache Invalidate. @granu: QI_IEC_*. @iidx, @im: the 2^im interrupt
 * remapping entries around @iidx, with QI_IEC_INDEX only; @im: 0 to ECAP.MHMV.
 */
static inline struct qi_desc qi_desc_iec(unsigned granu, unsigned iidx, unsigned im)
{
	struct qi_desc d = { QI_IEC_TYPE, 0, 0, 0 };

	qi_desc_put(&d, QI_F_G, 0, 4, 4, granu);
	qi_desc_put(&d, QI_F_IM, 0, 31, 27, im);
	qi_desc_put(&d, QI_F_IIDX, 0, 47, 32, iidx);
	return d;
}

/*
 * 6.5.2.8 Invalidation Wait. The core makes its own: qi_submit_sync() and its like need none.
 * @flags: QI_IWD_*. @status: physical address of the status word, a multiple of 4. @data: what is
 * written.
 */
static inline struct qi_desc qi_desc_wait(uint64_t flags, uint64_t status, uint32_t data)
{
	struct qi_desc d = { QI_IWD_TYPE, 0, 0, 0 };

	qi_desc_fit(&d, QI_F_RESERVED, !(flags & ~(QI_IWD_IF | QI_IWD_SW | QI_IWD_FN | QI_IWD_PD)));
	qi_desc_put(&d, QI_F_IF, 0, 7, 4, flags >> 4);
	qi_desc_put(&d, QI_F_STATUS_DATA, 0, 63, 32, data);
	qi_desc_fit(&d, QI_F_STATUS_ADDR, !(status & 3));
	qi_desc_put(&d, QI_F_STATUS_ADDR, 1, 63, 2, status >> 2);
	return d;
}

/* 6.5.2.4 PASID-based-IOTLB Invalidate. @granu: QI_PIOTLB_*. The rest as in qi_desc_iotlb(). */
static inline struct qi_desc qi_desc_piotlb(unsigned granu, unsigned did, uint32_t pasid,
					    uint64_t addr, unsigned am, bool ih)
{
	struct qi_desc d = { QI_EIOTLB_TYPE, 0, 0, 0 };

	qi_desc_put(&d, QI_F_G, 0, 5, 4, granu);
	qi_desc_put(&d, QI_F_DID, 0, 31, 16, did);
	qi_desc_put(&d, QI_F_PASID, 0, 51, 32, pasid);
	qi_desc_put(&d, QI_F_AM, 1, 5, 0, am);
	qi_desc_put(&d, QI_F_IH, 1, 6, 6, ih);
	qi_desc_put(&d, QI_F_ADDR, 1, 63, 12, addr >> QI_PAGE_SHIFT);
	return d;
}

/* 6.5.2.2 PASID-cache Invalidate. @granu: QI_PC_*; @pasid counts with QI_PC_PASID only. */
static inline struct qi_desc qi_desc_pasid_cache(unsigned granu, unsigned did, uint32_t pasid)
{
	struct qi_desc d = { QI_PC_TYPE, 0, 0, 0 };

	qi_desc_put(&d, QI_F_G, 0, 5, 4, granu);
	qi_desc_put(&d, QI_F_DID, 0, 31, 16, did);
	qi_desc_put(&d, QI_F_PASID, 0, 51, 32, pasid);
	return d;
}

/*
 * 6.5.2.6 PASID-based-Device-TLB Invalidate. @global: for all PASIDs of the device. The rest as in
 * qi_desc_dev_tlb().
 */
static inline struct qi_desc qi_desc_dev_tlb_pasid(unsigned sid, unsigned pfsid, unsigned qdep,
						   uint32_t pasid, bool global, uint64_t addr,
						   unsigned order)
{
	struct qi_desc d = { QI_DEIOTLB_TYPE, 0, 0, 0 };

	qi_desc_put(&d, QI_F_MIP, 0, 8, 4, qdep == 32 ? 0 : qdep);
	qi_desc_put(&d, QI_F_PFSID, 0, 15, 12, pfsid & 0xf);
	qi_desc_put(&d, QI_F_SID, 0, 31, 16, sid);
	qi_desc_put(&d, QI_F_PASID, 0, 51, 32, pasid);
	qi_desc_put(&d, QI_F_PFSID, 0, 63, 52, pfsid >> 4);
	qi_desc_put(&d, QI_F_G, 1, 0, 0, global);
	qi_desc_put_size(&d, addr, order, 11);
	return d;
}

/*
 * 7.7 Page Group Response. @resp: QI_RESP_*. @prgi: page request group index, 0 to 511. @last:
 * LPIG, last page in group.
 */
static inline struct qi_desc qi_desc_page_response(unsigned rid, bool pasid_present, uint32_t pasid,
						   unsigned resp, unsigned prgi, bool last)
{
	struct qi_desc d = { QI_PGRP_RESP_TYPE, 0, 0, 0 };

	qi_desc_put(&d, QI_F_PP, 0, 4, 4, pasid_present);
	qi_desc_put(&d, QI_F_RC, 0, 15, 12, resp);
	qi_desc_put(&d, QI_F_RID, 0, 31, 16, rid);
	qi_desc_put(&d, QI_F_PASID, 0, 51, 32, pasid);
	qi_desc_put(&d, QI_F_LPIG, 1, 2, 2, last);
	qi_desc_put(&d, QI_F_PRGI, 1, 11, 3, prgi);
	return d;
}

static inline unsigned qi_desc_type(const struct qi_desc *d)
{
	return (unsigned)(d->qw0 & 0xf) | (unsigned)(d->qw0 >> 5 & 0x70);
}

/* ---- Validation ---- */

/* What reserved bits do not express. */
enum qi_check {
	QI_CHECK_REFUSE, /* the unit has no such type or granularity */
	QI_CHECK_NONE,	 /* nothing */
	QI_CHECK_LOW,	 /* qw1[5:0] is not an AM, and ignored or something else */
	QI_CHECK_IM,	 /* IM is at most ECAP.MHMV */
	QI_CHECK_SIZE,	 /* where S is set, ADDR has a bit that is 0 */
	QI_CHECK_RC,	 /* RC is one of QI_RESP_* */
};

/*
 * What one unit accepts, worked out once from its capabilities. look0 and look1 are indexed by
 * qw0[5:0], type and, where it has one, granularity; am_look by qw1[5:0], where AM is.
 *
 * They are the bits of qw0 and qw1 of which none is set in nearly all descriptors: those that are
 * reserved, and those that leave something to check. Where there always is, or nothing is valid,
 * bits of the type itself are among them. An AM adds the bits of ADDR below it, or all bits, if it
 * is too large.
 */
struct qi_rules {
	uint64_t cap, ecap;
	uint64_t rsvd23; /* bits of qw2 and qw3 that must be zero: all or, with 128 bits, none */
	uint64_t look0[64], look1[64], am_look[64];
	uint8_t check[64]; /* enum qi_check; by qw0[5:0] */
};

/* @width: 128 or 256. Cannot fail. */
void qi_rules_init(struct qi_rules *r, uint64_t cap, uint64_t ecap, unsigned width);

/*
 * True: valid, qw2 and qw3 apart, and of no device TLB. False says nothing. A dozen instructions,
 * as every descriptor comes by here.
 */
static inline bool qi_desc_quick(const struct qi_rules *r, const struct qi_desc *d)
{
	const uint64_t index = d->qw0 & 0x3f;

	return index && !((d->qw0 & r->look0[index]) |
			  (d->qw1 & (r->look1[index] | r->am_look[d->qw1 & 0x3f])));
}

/*
 * True exactly if the unit would execute @d, without raising IQE, taking for granted that the
 * queue's width suits the unit and its translation table mode. Exact means: tests run millions of
 * random descriptors through this and through the unit in device/.
 *
 * One exception: a page-selective ADDR that is not aligned to 2^AM pages is refused. A unit takes
 * it and ignores the bits below the mask, so it would invalidate the block around ADDR and report
 * success, while its author meant 2^AM pages from ADDR on.
 */
bool qi_desc_valid(const struct qi_rules *r, const struct qi_desc *d);

/*
 * Why not: the offending field's name as in the table of the specification ("AM", "reserved",
 * "type", "qw2/qw3", ...) and a reason for people. Both are constant strings; NULL and NULL if @d
 * is valid. If there are several faults it names one. If a builder's argument did not fit its
 * field, it names that field.
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
