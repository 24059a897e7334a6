/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What an IOMMU driver calls: the right descriptors, no more of them than needed, and their effect. */
#include "rig.h"

#include <string.h>

#define SLOTS 256
#define CAP_NO_DRAIN (RIG_CAP & ~(VTD_CAP_DWD | VTD_CAP_DRD))

/* ---- one call, one descriptor ---- */

static struct rig *start(unsigned width, uint64_t cap)
{
	struct rig *r = rig_new(SLOTS, width);

	r->cfg.cap = r->unit.cap = cap;
	r->steps = 64;
	rig_start(r);
	return r;
}

/* As it stands in the ring, `back` slots before the next free one. */
static struct qi_desc in_ring(const struct rig *r, unsigned back)
{
	unsigned slot = (unsigned)((r->q.tail - back) & r->q.mask);
	const uint64_t *at = (const uint64_t *)r->ring + slot * (r->cfg.width / 64);
	struct qi_desc d = { at[0], at[1], 0, 0 };

	if (r->cfg.width == 256) {
		d.qw2 = at[2];
		d.qw3 = at[3];
	}
	return d;
}

/* The call has put these two quadwords, and one wait behind them, into the ring; and executed them. */
static void put(struct rig *r, int ret, uint64_t qw0, uint64_t qw1)
{
	struct qi_desc d = in_ring(r, 2), wait = in_ring(r, 1);

	assert_int_equal(ret, 0);
	assert_int_equal(d.qw0, qw0);
	assert_int_equal(d.qw1, qw1);
	assert_int_equal(d.qw2 | d.qw3, 0);
	assert_int_equal(wait.qw0 & 0xffffffff, QI_IWD_TYPE | QI_IWD_SW);
	assert_int_equal(r->executed[qw0 & 0xf], 1);
	assert_int_equal(r->doorbells, 1);
	r->executed[qw0 & 0xf] = r->doorbells = 0;
}

static void each_call_puts_its_descriptor(void **state)
{
	unsigned width;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		struct rig *r = start(width, RIG_CAP);
		struct qi *q = &r->q;

		put(r, qi_flush_context(q, 0x1234, 0xabcd, 2, QI_CC_DEVICE), 0x0002abcd12340031, 0);
		put(r, qi_flush_context(q, 0x1234, 0, 0, QI_CC_DOMAIN), 0x0000000012340021, 0);
		put(r, qi_flush_context(q, 0, 0, 0, QI_CC_GLOBAL), 0x0000000000000011, 0);
		put(r, qi_flush_iotlb(q, 0x1234, 0xfedcba9870000, 4, true, QI_IOTLB_PAGE),
		    0x00000000123400f2, 0x000fedcba9870044);
		put(r, qi_flush_iotlb(q, 0x1234, 0, 0, false, QI_IOTLB_DOMAIN), 0x00000000123400e2, 0);
		put(r, qi_flush_iotlb(q, 0, 0, 0, false, QI_IOTLB_GLOBAL), 0x00000000000000d2, 0);
		put(r, qi_flush_dev_iotlb(q, 0xabcd, 0x9875, 5, 0x7000, 0), 0x987abcd00055003 - 0x987abcd00055003 + 0x9870abcd00055003,
		    0x7000);
		put(r, qi_flush_dev_iotlb(q, 0xabcd, 0, 32, 0x123456000, 2), 0x0000abcd00000003,
		    0x123455001);
		put(r, qi_flush_dev_iotlb(q, 1, 0, 0, 0, QI_DEV_TLB_ALL), 0x0000000100000003,
		    0x7ffffffffffff001);
		put(r, qi_flush_piotlb(q, 0x1234, 0x56789, 0, UINT64_MAX, true), 0x0005678912340026, 0);
		put(r, qi_flush_piotlb(q, 0x1234, 0x56789, 0x8000, 8, true), 0x0005678912340036, 0x8043);
		put(r, qi_flush_pasid_cache(q, 0x1234, QI_PC_PASID, 0x56789), 0x0005678912340017, 0);
		put(r, qi_flush_pasid_cache(q, 0x1234, QI_PC_DOMAIN, 0), 0x0000000012340007, 0);
		put(r, qi_flush_pasid_cache(q, 0, QI_PC_GLOBAL, 0), 0x0000000000000037, 0);
		put(r, qi_flush_dev_iotlb_pasid(q, 0xabcd, 0x9875, 0x56789, 5, 0x7000, 1),
		    0x98756789abcd5058, 0x7800);
		put(r, qi_global_iec(q), 0x4, 0);
		put(r, qi_flush_iec_index(q, 0x1230, 4), 0x0000123020000014, 0);
		put(r, qi_page_group_response(q, 0xabcd, true, 0x56789, QI_RESP_INVALID, 0x155, true),
		    0x00056789abcd1019, 0xaac);
		assert_int_equal(qi_disable(q), 0);
		assert_int_equal(qi_global_iec(q), -QI_ERR_OFF);
		rig_free(r);
	}
}

/* DR and DW are reserved in a unit that does not have them. */
static void drains_are_asked_for_where_there_are_any(void **state)
{
	static const uint64_t caps[] = { 0, VTD_CAP_DWD, VTD_CAP_DRD, VTD_CAP_DWD | VTD_CAP_DRD };
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct rig *r = start(128, CAP_NO_DRAIN | caps[i]);
		uint64_t drain = 0;

		drain |= caps[i] & VTD_CAP_DWD ? QI_IOTLB_DW : 0;
		drain |= caps[i] & VTD_CAP_DRD ? QI_IOTLB_DR : 0;
		put(r, qi_flush_iotlb(&r->q, 1, 0, 0, false, QI_IOTLB_GLOBAL), 0x10012 | drain, 0);
		put(r, qi_flush_iotlb_range(&r->q, 1, 0x5000, 1, false), 0x10032 | drain, 0x5000);
		/* The PASID-based one has no such bits. */
		put(r, qi_flush_piotlb(&r->q, 1, 2, 0x5000, 1, false), 0x200010036, 0x5000);
		rig_free(r);
	}
}

static void what_the_unit_would_refuse_is_refused(void **state)
{
	struct rig *r = start(128, RIG_CAP);

	(void)state;
	assert_int_equal(qi_flush_context(&r->q, 1, 1, 0, 0), -QI_ERR_DESC);
	assert_int_equal(qi_flush_iotlb(&r->q, 1, 0x1000, 1, false, QI_IOTLB_PAGE), -QI_ERR_DESC);
	assert_int_equal(qi_flush_iotlb(&r->q, 1, 0, 19, false, QI_IOTLB_PAGE), -QI_ERR_DESC);
	assert_int_equal(qi_page_group_response(&r->q, 1, false, 0, 7, 0, false), -QI_ERR_DESC);
	assert_int_equal(qi_flush_iotlb_range(&r->q, 1, 0, 0, false), -QI_ERR_INVALID);
	assert_int_equal(qi_flush_iotlb_range(&r->q, 1, 0, UINT64_MAX, false), -QI_ERR_INVALID);
	assert_int_equal(qi_flush_piotlb(&r->q, 1, 1, 0, 0, false), -QI_ERR_INVALID);
	assert_int_equal(r->doorbells, 0);
	rig_free(r);
}

/* ---- ranges, against a judge that knows nothing of how they are cut ---- */

#define PAGES 88 /* 40 + 40 and a little */

/* The fewest aligned blocks of up to 2^most pages that cover [start, start + n) exactly. */
static unsigned fewest(unsigned start, unsigned n, unsigned most)
{
	unsigned best[PAGES + 1], at, m;

	best[start + n] = 0;
	for (at = start + n; at-- > start;) {
		best[at] = PAGES;
		for (m = 0; m <= most && m < 7; m++) {
			unsigned end = at + (1U << m);

			if (!(at & ((1U << m) - 1)) && end <= start + n && best[end] + 1 < best[at])
				best[at] = best[end] + 1;
		}
	}
	return best[start];
}

/* The smallest aligned power of two around the range. */
static unsigned around(uint64_t start, uint64_t n)
{
	unsigned m = 0;

	while (start >> m != (start + n - 1) >> m)
		m++;
	return m;
}

struct range_case {
	struct rig *r;
	uint64_t start, n;
	unsigned most, max;
	bool psi;
};

static void judge_domain(const struct qi_desc *d, unsigned n)
{
	assert_int_equal(n, 1);
	assert_int_equal(d->qw0, 0x700e2);
	assert_int_equal(d->qw1, 0);
}

static void judge_exact(const struct range_case *c, const struct qi_desc *d, unsigned n)
{
	unsigned hit[PAGES] = { 0 }, i, page;

	for (i = 0; i < n; i++) {
		unsigned first = (unsigned)(d[i].qw1 >> 12), m = d[i].qw1 & 0x3f;

		assert_in_range(m, 0, c->most);
		assert_int_equal(first & ((1U << m) - 1), 0);
		for (page = first; page < first + (1U << m); page++)
			hit[page]++;
	}
	for (page = 0; page < PAGES; page++)
		assert_int_equal(hit[page], page >= c->start && page < c->start + c->n);
}

static void judge_range(const struct range_case *c)
{
	unsigned few = fewest((unsigned)c->start, (unsigned)c->n, c->most), n, i;
	unsigned m = around(c->start, c->n);
	struct qi_desc d[PAGES];

	n = qi_iotlb_range(&c->r->q, 7, c->start << 12 | 0xabc, c->n, true, d, c->max);
	if (!c->psi || (few > c->max && m > c->most)) {
		judge_domain(d, n);
		return;
	}
	for (i = 0; i < n; i++) {
		assert_int_equal(d[i].qw0, 0x700f2);
		assert_int_equal(d[i].qw1 & 0xfc0, 0x40);
		assert_true(qi_desc_valid(&c->r->q.rules, &d[i]));
	}
	if (few <= c->max) {
		assert_int_equal(n, few);
		judge_exact(c, d, n);
		return;
	}
	assert_int_equal(n, 1);
	assert_int_equal(d[0].qw1, c->start >> m << m << 12 | 0x40 | m);
}

static void every_small_range_is_cut_right(void **state)
{
	static const unsigned mamv[] = { 0, 1, 2, 3, 4, 5, 6, 9, 18, 63 }, max[] = { 1, 2, 3, 4, 8, 32, 80 };
	struct range_case c;
	unsigned i, k;

	(void)state;
	for (i = 0; i < sizeof(mamv) / sizeof(mamv[0]) + 1; i++) {
		c.psi = i < sizeof(mamv) / sizeof(mamv[0]);
		c.most = c.psi ? mamv[i] : 18;
		c.r = rig_new(SLOTS, 128);
		c.r->cfg.cap = (c.psi ? VTD_CAP_PSI : 0) | VTD_CAP_DWD | VTD_CAP_DRD |
			       (uint64_t)c.most << VTD_CAP_MAMV_SHIFT;
		rig_init(c.r);
		for (k = 0; k < sizeof(max) / sizeof(max[0]); k++) {
			c.max = max[k];
			for (c.start = 0; c.start <= 40; c.start++) {
				for (c.n = 1; c.n <= 40; c.n++)
					judge_range(&c);
			}
		}
		rig_free(c.r);
	}
}

static void one_range(uint64_t cap, uint64_t pfn, uint64_t npages, unsigned max, unsigned want,
		      uint64_t qw1)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d[QI_RANGE_MAX];

	r->cfg.cap = cap;
	rig_init(r);
	memset(d, 0, sizeof(d));
	assert_int_equal(qi_iotlb_range(&r->q, 7, pfn << 12, npages, false, d, max), want);
	if (want == 1)
		assert_int_equal(d[0].qw1, qw1);
	rig_free(r);
}

static void ranges_that_have_gone_wrong_elsewhere(void **state)
{
	const uint64_t all = 1ULL << 52, wide = VTD_CAP_PSI | 63ULL << VTD_CAP_MAMV_SHIFT;

	(void)state;
	/* pfn 0x17f with 3 pages: three descriptors, or one that needs AM 8 and not 2. */
	one_range(RIG_CAP, 0x17f, 3, 3, 2 + 0, 0);
	one_range(RIG_CAP, 0x17f, 3, 1, 1, 0x100008);
	/* Huge: AM at its limit, and everything. */
	one_range(RIG_CAP, 0, 1ULL << 18, 1, 1, 18);
	one_range(RIG_CAP, 1ULL << 18, 8ULL << 18, 8, 8, 0);
	one_range(RIG_CAP, 1ULL << 18, 9ULL << 18, 8, 1, 0); /* the domain */
	one_range(RIG_CAP, 0, all, 32, 1, 0);		     /* the domain */
	one_range(wide, 0, all, 32, 1, 52);
	one_range(wide, 0, all - 1, 32, 1, 52); /* 52 blocks are too many */
	one_range(wide, all / 2, all / 2, 1, 1, 1ULL << 63 | 51);
	/* The last page, and over the end. */
	one_range(RIG_CAP, all - 1, 1, 8, 1, ~0xfffULL);
	one_range(RIG_CAP, all - 1, 2, 8, 0, 0);
	one_range(RIG_CAP, 1, all, 8, 0, 0);
	one_range(RIG_CAP, 0, all + 1, 8, 0, 0);
	one_range(RIG_CAP, 0, UINT64_MAX, 8, 0, 0);
	one_range(RIG_CAP, 5, 0, 8, 0, 0);
	one_range(RIG_CAP, 5, 1, 0, 0, 0);
}
