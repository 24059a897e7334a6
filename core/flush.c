/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * flush.c - what an IOMMU driver calls: one invalidation, a range, a batch.
 */
#include "queue.h"

#define QI_MAX_PAGES (1ULL << (64 - QI_PAGE_SHIFT))

/* ---- one descriptor ---- */

/* Their arguments are the caller's, so they are validated as any others; and told what is wrong. */
static int qi_flush_all(struct qi *q, const struct qi_desc *d, unsigned n)
{
	struct qi_error e = { .code = qi_submit_sync(q, d, n, 0) };
	struct qi_refusal why;

	if (e.code != -QI_ERR_DESC)
		return e.code;
	while (!(why = qi_desc_refusal(&q->rules, &d[e.index])).field && e.index + 1 < n)
		e.index++;
	e.field = why.field;
	e.reason = why.reason;
	qi_report(q, &e);
	return e.code;
}

static int qi_flush(struct qi *q, const struct qi_desc *d)
{
	return qi_flush_all(q, d, 1);
}

/* DR and DW where the unit knows them; without, the bits are reserved. */
static uint64_t qi_drains(const struct qi *q)
{
	return (q->rules.cap & VTD_CAP_DRD ? QI_IOTLB_DR : 0) |
	       (q->rules.cap & VTD_CAP_DWD ? QI_IOTLB_DW : 0);
}

int qi_flush_context(struct qi *q, unsigned did, unsigned sid, unsigned fm, unsigned granu)
{
	const struct qi_desc d = qi_desc_context(granu, did, sid, fm);

	return qi_flush(q, &d);
}

int qi_flush_iotlb(struct qi *q, unsigned did, uint64_t addr, unsigned am, bool ih, unsigned granu)
{
	struct qi_desc d;

	if (!qi_known(q))
		return -QI_ERR_OFF;
	d = qi_desc_iotlb(granu, did, addr, am, ih, qi_drains(q));
	return qi_flush(q, &d);
}

int qi_flush_dev_iotlb(struct qi *q, unsigned sid, unsigned pfsid, unsigned qdep, uint64_t addr,
		       unsigned order)
{
	const struct qi_desc d = qi_desc_dev_tlb(sid, pfsid, qdep, addr, order);

	return qi_flush(q, &d);
}

int qi_flush_pasid_cache(struct qi *q, unsigned did, unsigned granu, uint32_t pasid)
{
	const struct qi_desc d = qi_desc_pasid_cache(granu, did, pasid);

	return qi_flush(q, &d);
}

int qi_flush_dev_iotlb_pasid(struct qi *q, unsigned sid, unsigned pfsid, uint32_t pasid,
			     unsigned qdep, uint64_t addr, unsigned order)
{
	const struct qi_desc d = qi_desc_dev_tlb_pasid(sid, pfsid, qdep, pasid, false, addr, order);

	return qi_flush(q, &d);
}

int qi_global_iec(struct qi *q)
{
	const struct qi_desc d = qi_desc_iec(QI_IEC_GLOBAL, 0, 0);

	return qi_flush(q, &d);
}

int qi_flush_iec_index(struct qi *q, unsigned iidx, unsigned im)
{
	const struct qi_desc d = qi_desc_iec(QI_IEC_INDEX, iidx, im);

	return qi_flush(q, &d);
}

int qi_page_group_response(struct qi *q, unsigned rid, bool pasid_present, uint32_t pasid,
			   unsigned resp, unsigned prgi, bool last)
{
	const struct qi_desc d = qi_desc_page_response(rid, pasid_present, pasid, resp, prgi, last);

	return qi_flush(q, &d);
}

/* ---- ranges ---- */

/* What is left of a range, to be covered block by block. */
struct qi_range {
	uint64_t pfn, npages;
	unsigned most;	     /* log2 of the largest block's pages */
	struct qi_desc desc; /* all but ADDR and AM */
};

/*
 * The largest aligned power of two, up to 2^most pages, that starts at the range's first and fits.
 */
static unsigned qi_range_order(const struct qi_range *range)
{
	unsigned fits = 63 - (unsigned)__builtin_clzll(range->npages);
	unsigned aligned = range->pfn ? (unsigned)__builtin_ctzll(range->pfn) : 63;
	unsigned order = fits < aligned ? fits : aligned;

	return order < range->most ? order : range->most;
}

/*
 * The next block, and whether there was one. Taking the largest each time is minimal: a block that
 * starts here can be no larger, and a smaller one never helps the rest.
 */
static bool qi_range_next(struct qi_range *range, struct qi_desc *d)
{
	unsigned order;

	if (!range->npages)
		return false;
	order = qi_range_order(range);
	*d = range->desc;
	d->qw1 |= range->pfn << QI_PAGE_SHIFT | order;
	range->pfn += 1ULL << order;
	range->npages -= 1ULL << order;
	return true;
}

/* True if @max blocks are enough. */
static bool qi_range_exact(struct qi_range range, unsigned max)
{
	struct qi_desc d;
	unsigned n;

	for (n = 0; qi_range_next(&range, &d); n++)
		if (n == max)
			return false;
	return true;
}

/* The smallest aligned power of two that covers [pfn, last]. */
static unsigned qi_covering_order(uint64_t pfn, uint64_t last)
{
	return pfn == last ? 0 : 64 - (unsigned)__builtin_clzll(pfn ^ last);
}

/* For IOTLB or, with @pasid, PASID-based IOTLB invalidations. */
struct qi_range_what {
	unsigned did;
	const uint32_t *pasid;
	bool ih;
};

static struct qi_desc qi_range_desc(const struct qi *q, const struct qi_range_what *what,
				    bool pages)
{
	if (what->pasid)
		return qi_desc_piotlb(pages ? QI_PIOTLB_PAGE : QI_PIOTLB_PASID, what->did,
				      *what->pasid, 0, 0, pages && what->ih);
	return qi_desc_iotlb(pages ? QI_IOTLB_PAGE : QI_IOTLB_DOMAIN, what->did, 0, 0,
			     pages && what->ih, qi_drains(q));
}

/* The stated rule of qi_flush_iotlb_range(), for both kinds. False: there is no such range. */
static bool qi_range_begin(const struct qi *q, const struct qi_range_what *what, uint64_t addr,
			   uint64_t npages, unsigned max, struct qi_range *range)
{
	uint64_t pfn = addr >> QI_PAGE_SHIFT;
	bool pages = what->pasid || q->rules.cap & VTD_CAP_PSI;
	unsigned order;

	if (!max || !npages || npages > QI_MAX_PAGES || pfn > QI_MAX_PAGES - npages)
		return false;
	*range = (struct qi_range){ .pfn = pfn,
				    .npages = npages,
				    .most = VTD_CAP_MAMV(q->rules.cap) };
	if (pages && !qi_range_exact(*range, max)) {
		order = qi_covering_order(pfn, pfn + npages - 1);
		pages = order <= range->most;
		range->pfn = pfn >> order << order;
		range->npages = 1ULL << order;
	}
	/* One block of one page, at 0: AM and ADDR stay empty. */
	if (!pages)
		*range = (struct qi_range){ .npages = 1 };
	range->desc = qi_range_desc(q, what, pages);
	/* A misfit stays what it is, and is refused as such. */
	if (qi_desc_misfit(&range->desc))
		*range = (struct qi_range){ .npages = 1, .desc = range->desc };
	return true;
}

static unsigned qi_list_range(const struct qi *q, const struct qi_range_what *what, uint64_t addr,
			      uint64_t npages, struct qi_desc *out, unsigned max)
{
	struct qi_range range;
	unsigned n = 0;

	if (!qi_known(q) || !qi_range_begin(q, what, addr, npages, max, &range))
		return 0;
	while (qi_range_next(&range, &out[n]))
		n++;
	return n;
}

static int qi_flush_range(struct qi *q, const struct qi_range_what *what, uint64_t addr,
			  uint64_t npages)
{
	uint64_t epoch = qi_load_acquire(&q->epoch);
	struct qi_desc d[QI_RANGE_MAX];
	unsigned n = qi_list_range(q, what, addr, npages, d, q->cfg.range_descs);

	if (!n)
		return qi_known(q) ? -QI_ERR_INVALID : -QI_ERR_OFF;
	/* The others differ in ADDR and AM only, which are right. */
	if (qi_mode_of(epoch) == QI_MODE_ON && n < q->mask && qi_desc_valid(&q->rules, d))
		return qi_submit_valid(q, d, n, epoch);
	return qi_flush_all(q, d, n);
}

unsigned qi_iotlb_range(const struct qi *q, unsigned did, uint64_t addr, uint64_t npages, bool ih,
			struct qi_desc *out, unsigned max)
{
	const struct qi_range_what what = { did, NULL, ih };

	return qi_list_range(q, &what, addr, npages, out, max);
}

unsigned qi_piotlb_range(const struct qi *q, unsigned did, uint32_t pasid, uint64_t addr,
			 uint64_t npages, bool ih, struct qi_desc *out, unsigned max)
{
	const struct qi_range_what what = { did, &pasid, ih };

	return qi_list_range(q, &what, addr, npages, out, max);
}

int qi_flush_iotlb_range(struct qi *q, unsigned did, uint64_t addr, uint64_t npages, bool ih)
{
	const struct qi_range_what what = { did, NULL, ih };

	return qi_flush_range(q, &what, addr, npages);
}

int qi_flush_piotlb(struct qi *q, unsigned did, uint32_t pasid, uint64_t addr, uint64_t npages,
		    bool ih)
{
	const struct qi_range_what what = { did, &pasid, ih };
	struct qi_desc d;

	if (npages != UINT64_MAX)
		return qi_flush_range(q, &what, addr, npages);
	d = qi_range_desc(q, &what, false);
	return qi_flush(q, &d);
}

/* ---- batches ---- */

int qi_batch_init(struct qi_batch *b, struct qi *q, struct qi_desc *room, unsigned nroom)
{
	if (!b)
		return -QI_ERR_INVALID;
	/* Without room there is no queue either, and whatever is done with the batch fails. */
	*b = (struct qi_batch){ 0 };
	if (!q || !room || !nroom)
		return -QI_ERR_INVALID;
	*b = (struct qi_batch){ .q = q, .desc = room, .room = nroom };
	return 0;
}

/* The first error is the batch's. Returns it. */
static int qi_batch_fail(struct qi_batch *b, int err)
{
	if (!b->error)
		b->error = err;
	return b->error;
}

static void qi_batch_flush(struct qi_batch *b, unsigned options)
{
	int err = -QI_ERR_INVALID;

	if (b->room)
		err = qi_submit_sync(b->q, b->desc, b->count, options);
	b->count = 0;
	if (err)
		qi_batch_fail(b, err);
}

int qi_batch_add(struct qi_batch *b, const struct qi_desc *d)
{
	if (!b)
		return -QI_ERR_INVALID;
	if (!d || !b->room)
		return qi_batch_fail(b, -QI_ERR_INVALID);
	if (b->count == b->room)
		qi_batch_flush(b, 0);
	b->desc[b->count++] = *d;
	return b->error;
}

int qi_batch_add_range(struct qi_batch *b, unsigned did, uint64_t addr, uint64_t npages, bool ih)
{
	const struct qi_range_what what = { did, NULL, ih };
	struct qi_range range;
	struct qi_desc d;

	if (!b)
		return -QI_ERR_INVALID;
	if (!b->room)
		return qi_batch_fail(b, -QI_ERR_INVALID);
	if (!qi_known(b->q))
		return qi_batch_fail(b, -QI_ERR_OFF);
	if (!qi_range_begin(b->q, &what, addr, npages, b->q->cfg.range_descs, &range))
		return qi_batch_fail(b, -QI_ERR_INVALID);
	while (qi_range_next(&range, &d))
		qi_batch_add(b, &d);
	return b->error;
}

int qi_batch_submit(struct qi_batch *b, unsigned options)
{
	int err;

	if (!b)
		return -QI_ERR_INVALID;
	qi_batch_flush(b, options);
	err = b->error;
	b->error = 0;
	return err;
}
