/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * flush.c - what an IOMMU driver calls: one invalidation, a range, a batch.
 */
#include "queue.h"

#define QI_MAX_PAGES (1ULL << (64 - QI_PAGE_SHIFT))

/* DR and DW where the unit knows them; without, the bits are reserved. */
static uint64_t qi_drains(const struct qi *q)
{
	return (q->rules.cap & VTD_CAP_DRD ? QI_IOTLB_DR : 0) |
	       (q->rules.cap & VTD_CAP_DWD ? QI_IOTLB_DW : 0);
}

int qi_flush_context(struct qi *q, uint16_t did, uint16_t sid, unsigned fm, unsigned granu)
{
	struct qi_desc d = qi_desc_context(granu, did, sid, fm);

	return qi_submit_sync(q, &d, 1, 0);
}

int qi_flush_iotlb(struct qi *q, uint16_t did, uint64_t addr, unsigned am, bool ih, unsigned granu)
{
	struct qi_desc d;

	if (!qi_known(q))
		return -QI_ERR_OFF;
	d = qi_desc_iotlb(granu, did, addr, am, ih, qi_drains(q));
	return qi_submit_sync(q, &d, 1, 0);
}

/* ---- ranges ---- */

/* The largest aligned power of two, up to 2^most pages, that starts at `pfn` and fits. */
static unsigned qi_largest_order(uint64_t pfn, uint64_t npages, unsigned most)
{
	unsigned fits = 63 - (unsigned)__builtin_clzll(npages);
	unsigned aligned = pfn ? (unsigned)__builtin_ctzll(pfn) : 63;
	unsigned order = fits < aligned ? fits : aligned;

	return order < most ? order : most;
}

/* The smallest aligned power of two that covers [pfn, last]. */
static unsigned qi_covering_order(uint64_t pfn, uint64_t last)
{
	return pfn == last ? 0 : 64 - (unsigned)__builtin_clzll(pfn ^ last);
}

static bool qi_range_valid(uint64_t pfn, uint64_t npages)
{
	return npages && npages <= QI_MAX_PAGES && pfn <= QI_MAX_PAGES - npages;
}

/*
 * How many aligned blocks cover the range exactly. Taking the largest each time is minimal: a block
 * that starts here can be no larger, and a smaller one never helps the rest.
 */
static uint64_t qi_exact_count(uint64_t pfn, uint64_t npages, unsigned most)
{
	uint64_t n = 0, size;

	while (npages) {
		size = 1ULL << qi_largest_order(pfn, npages, most);
		/* A long run of largest blocks is counted at once. */
		if (size == 1ULL << most) {
			n += npages >> most;
			size = npages >> most << most;
		} else {
			n++;
		}
		pfn += size;
		npages -= size;
	}
	return n;
}

static struct qi_desc qi_range_desc(const struct qi *q, unsigned type, unsigned granu, uint16_t did,
				    uint32_t pasid, uint64_t pfn, unsigned am, bool ih)
{
	uint64_t addr = pfn >> am << am << QI_PAGE_SHIFT;

	if (type == QI_EIOTLB_TYPE)
		return qi_desc_piotlb(granu, did, pasid, addr, am, ih);
	return qi_desc_iotlb(granu, did, addr, am, ih, qi_drains(q));
}

/* The stated rule of qi_flush_iotlb_range(), for both kinds of IOTLB. */
static unsigned qi_cover(const struct qi *q, unsigned type, uint16_t did, uint32_t pasid,
			 uint64_t addr, uint64_t npages, bool ih, struct qi_desc *out, unsigned max)
{
	uint64_t pfn = addr >> QI_PAGE_SHIFT;
	unsigned most = VTD_CAP_MAMV(q->rules.cap), n = 0, am;
	bool pages = type == QI_EIOTLB_TYPE || q->rules.cap & VTD_CAP_PSI;

	if (!max || !qi_range_valid(pfn, npages))
		return 0;
	if (pages && qi_exact_count(pfn, npages, most) <= max) {
		for (; npages; pfn += 1ULL << am, npages -= 1ULL << am) {
			am = qi_largest_order(pfn, npages, most);
			out[n++] = qi_range_desc(q, type, QI_IOTLB_PAGE, did, pasid, pfn, am, ih);
		}
		return n;
	}
	am = qi_covering_order(pfn, pfn + npages - 1);
	if (pages && am <= most)
		out[0] = qi_range_desc(q, type, QI_IOTLB_PAGE, did, pasid, pfn, am, ih);
	else
		out[0] = qi_range_desc(q, type, QI_IOTLB_DOMAIN, did, pasid, 0, 0, false);
	return 1;
}

unsigned qi_iotlb_range(const struct qi *q, uint16_t did, uint64_t addr, uint64_t npages, bool ih,
			struct qi_desc *out, unsigned max)
{
	return qi_known(q) ? qi_cover(q, QI_IOTLB_TYPE, did, 0, addr, npages, ih, out, max) : 0;
}

static int qi_flush_range(struct qi *q, unsigned type, uint16_t did, uint32_t pasid, uint64_t addr,
			  uint64_t npages, bool ih)
{
	struct qi_desc d[QI_RANGE_MAX];
	unsigned n;

	if (!qi_known(q))
		return -QI_ERR_OFF;
	n = qi_cover(q, type, did, pasid, addr, npages, ih, d, q->cfg.range_descs);
	return n ? qi_submit_sync(q, d, n, 0) : -QI_ERR_INVALID;
}

int qi_flush_iotlb_range(struct qi *q, uint16_t did, uint64_t addr, uint64_t npages, bool ih)
{
	return qi_flush_range(q, QI_IOTLB_TYPE, did, 0, addr, npages, ih);
}

int qi_flush_piotlb(struct qi *q, uint16_t did, uint32_t pasid, uint64_t addr, uint64_t npages,
		    bool ih)
{
	struct qi_desc d = qi_desc_piotlb(QI_PIOTLB_PASID, did, pasid, 0, 0, false);

	if (npages == UINT64_MAX)
		return qi_submit_sync(q, &d, 1, 0);
	return qi_flush_range(q, QI_EIOTLB_TYPE, did, pasid, addr, npages, ih);
}

/* ---- the rest, one descriptor each ---- */

int qi_flush_dev_iotlb(struct qi *q, uint16_t sid, uint16_t pfsid, unsigned qdep, uint64_t addr,
		       unsigned order)
{
	struct qi_desc d = qi_desc_dev_tlb(sid, pfsid, qdep, addr, order);

	return qi_submit_sync(q, &d, 1, 0);
}

int qi_flush_pasid_cache(struct qi *q, uint16_t did, unsigned granu, uint32_t pasid)
{
	struct qi_desc d = qi_desc_pasid_cache(granu, did, pasid);

	return qi_submit_sync(q, &d, 1, 0);
}

int qi_flush_dev_iotlb_pasid(struct qi *q, uint16_t sid, uint16_t pfsid, uint32_t pasid,
			     unsigned qdep, uint64_t addr, unsigned order)
{
	struct qi_desc d = qi_desc_dev_tlb_pasid(sid, pfsid, qdep, pasid, false, addr, order);

	return qi_submit_sync(q, &d, 1, 0);
}

int qi_global_iec(struct qi *q)
{
	struct qi_desc d = qi_desc_iec(QI_IEC_GLOBAL, 0, 0);

	return qi_submit_sync(q, &d, 1, 0);
}

int qi_flush_iec_index(struct qi *q, uint16_t iidx, unsigned im)
{
	struct qi_desc d = qi_desc_iec(QI_IEC_INDEX, iidx, im);

	return qi_submit_sync(q, &d, 1, 0);
}

int qi_page_group_response(struct qi *q, uint16_t rid, bool pasid_present, uint32_t pasid,
			   unsigned resp, unsigned prgi, bool last)
{
	struct qi_desc d = qi_desc_page_response(rid, pasid_present, pasid, resp, prgi, last);

	return qi_submit_sync(q, &d, 1, 0);
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

int qi_batch_add_range(struct qi_batch *b, uint16_t did, uint64_t addr, uint64_t npages, bool ih)
{
	struct qi_desc d[QI_RANGE_MAX];
	unsigned n, i;

	if (!b)
		return -QI_ERR_INVALID;
	if (!b->room)
		return qi_batch_fail(b, -QI_ERR_INVALID);
	if (!qi_known(b->q))
		return qi_batch_fail(b, -QI_ERR_OFF);
	n = qi_iotlb_range(b->q, did, addr, npages, ih, d, b->q->cfg.range_descs);
	if (!n)
		return qi_batch_fail(b, -QI_ERR_INVALID);
	for (i = 0; i < n; i++)
		qi_batch_add(b, &d[i]);
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
