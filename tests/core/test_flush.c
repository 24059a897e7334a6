/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What an IOMMU driver calls: the right descriptors, no more of them than needed, and their effect.
 */
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
	unsigned slot = (unsigned)((rig_tail(r) - back) & r->q.mask);
	const uint64_t *at = (const uint64_t *)r->ring + slot * (r->cfg.width / 64);
	struct qi_desc d = { at[0], at[1], 0, 0 };

	if (r->cfg.width == 256) {
		d.qw2 = at[2];
		d.qw3 = at[3];
	}
	return d;
}

/*
 * The call has put these two quadwords, and one wait behind them, into the ring; and executed them.
 */
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
		put(r, qi_flush_iotlb(q, 0x1234, 0, 0, false, QI_IOTLB_DOMAIN), 0x00000000123400e2,
		    0);
		put(r, qi_flush_iotlb(q, 0, 0, 0, false, QI_IOTLB_GLOBAL), 0x00000000000000d2, 0);
		put(r, qi_flush_dev_iotlb(q, 0xabcd, 0x9875, 5, 0x7000, 0), 0x9870abcd00055003,
		    0x7000);
		put(r, qi_flush_dev_iotlb(q, 0xabcd, 0, 32, 0x123454000, 2), 0x0000abcd00000003,
		    0x123455001);
		put(r, qi_flush_dev_iotlb(q, 1, 0, 0, 0, QI_DEV_TLB_ALL), 0x0000000100000003,
		    0x7ffffffffffff001);
		put(r, qi_flush_piotlb(q, 0x1234, 0x56789, 0, UINT64_MAX, true), 0x0005678912340026,
		    0);
		put(r, qi_flush_piotlb(q, 0x1234, 0x56789, 0x8000, 8, true), 0x0005678912340036,
		    0x8043);
		put(r, qi_flush_pasid_cache(q, 0x1234, QI_PC_PASID, 0x56789), 0x0005678912340017,
		    0);
		put(r, qi_flush_pasid_cache(q, 0x1234, QI_PC_DOMAIN, 0), 0x0000000012340007, 0);
		put(r, qi_flush_pasid_cache(q, 0, QI_PC_GLOBAL, 0), 0x0000000000000037, 0);
		put(r, qi_flush_dev_iotlb_pasid(q, 0xabcd, 0x9875, 0x56789, 5, 0x6fff, 1),
		    0x98756789abcd5058, 0x6800);
		put(r, qi_global_iec(q), 0x4, 0);
		put(r, qi_flush_iec_index(q, 0x1230, 4), 0x0000123020000014, 0);
		put(r,
		    qi_page_group_response(q, 0xabcd, true, 0x56789, QI_RESP_INVALID, 0x155, true),
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
	assert_int_equal(qi_flush_piotlb(&r->q, 1, 1, 0, (1ULL << 52) + 1, false), -QI_ERR_INVALID);
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
	static const unsigned mamv[] = { 0, 1, 2, 3, 4, 5, 6, 9, 18, 63 },
			      max[] = { 1, 2, 3, 4, 8, 32, 80 };
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
	/* pfn 0x17f with 3 pages: two descriptors, or one that needs AM 8 and not 2. */
	one_range(RIG_CAP, 0x17f, 3, 3, 2, 0);
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

/* The calls go by range_descs, and both kinds of IOTLB by the same rule. */
static void the_calls_go_by_the_configured_number(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);

	(void)state;
	r->steps = 64;
	r->cfg.range_descs = 2;
	rig_start(r);
	assert_int_equal(qi_flush_iotlb_range(&r->q, 7, 0x17f000, 3, false), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 2);
	assert_int_equal(qi_flush_piotlb(&r->q, 7, 9, 0x17f000, 3, false), 0);
	assert_int_equal(r->executed[QI_EIOTLB_TYPE], 2);
	assert_int_equal(in_ring(r, 3).qw1, 0x17f000);
	assert_int_equal(in_ring(r, 2).qw1, 0x180001);
	assert_int_equal(qi_flush_piotlb(&r->q, 7, 9, 0x17f000, 4, true), 0);
	assert_int_equal(r->executed[QI_EIOTLB_TYPE], 3);
	assert_int_equal(in_ring(r, 2).qw1, 0x100048);
	/* Too wide for any: all of the PASID. */
	assert_int_equal(qi_flush_piotlb(&r->q, 7, 9, 0x1000, 1ULL << 30, true), 0);
	assert_int_equal(in_ring(r, 2).qw0, 0x900070026);
	assert_int_equal(in_ring(r, 2).qw1, 0);
	assert_int_equal(r->doorbells, 4);
	rig_free(r);

	/* CAP.PSI is not about this kind. */
	r = start(128, RIG_CAP & ~VTD_CAP_PSI);
	put(r, qi_flush_piotlb(&r->q, 7, 9, 0x1000, 1, false), 0x900070036, 0x1000);
	put(r, qi_flush_iotlb_range(&r->q, 7, 0x1000, 1, false), 0x700e2, 0);
	rig_free(r);
}

/* ---- what is gone afterwards ---- */

static const struct vtd_entry cached[] = {
	{ .kind = VTD_CONTEXT, .did = 1, .sid = 8 },
	{ .kind = VTD_CONTEXT, .did = 1, .sid = 12 },
	{ .kind = VTD_CONTEXT, .did = 2, .sid = 8 },
	{ .kind = VTD_PASID, .did = 1, .pasid = 5 },
	{ .kind = VTD_PASID, .did = 1, .pasid = 6 },
	{ .kind = VTD_PASID, .did = 2, .pasid = 5 },
	{ .kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = 0x1000 },
	{ .kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = 0x4000 },
	{ .kind = VTD_IOTLB, .did = 2, .pasid = VTD_NO_PASID, .addr = 0x1000 },
	{ .kind = VTD_IOTLB, .did = 3, .pasid = 5, .addr = 0x1000 },
	{ .kind = VTD_IOTLB, .did = 3, .pasid = 5, .addr = 0x4000 },
	{ .kind = VTD_IOTLB, .did = 3, .pasid = 6, .addr = 0x1000 },
	{ .kind = VTD_IEC, .addr = 15 },
	{ .kind = VTD_IEC, .addr = 16 },
	{ .kind = VTD_DEVTLB, .sid = 8, .pasid = VTD_NO_PASID, .addr = 0x1000 },
	{ .kind = VTD_DEVTLB, .sid = 8, .pasid = VTD_NO_PASID, .addr = 0x4000 },
	{ .kind = VTD_DEVTLB, .sid = 9, .pasid = VTD_NO_PASID, .addr = 0x1000 },
	{ .kind = VTD_DEVTLB, .sid = 8, .pasid = 5, .addr = 0x1000 },
	{ .kind = VTD_DEVTLB, .sid = 8, .pasid = 6, .addr = 0x1000 },
};
#define CACHED (sizeof(cached) / sizeof(cached[0]))

static int call(struct qi *q, unsigned n)
{
	switch (n) {
	case 0:
		return qi_flush_context(q, 1, 8, 0, QI_CC_DEVICE);
	case 1:
		return qi_flush_context(q, 1, 8, 1, QI_CC_DEVICE); /* FM 1: function 4 too */
	case 2:
		return qi_flush_context(q, 1, 0, 0, QI_CC_DOMAIN);
	case 3:
		return qi_flush_context(q, 0, 0, 0, QI_CC_GLOBAL);
	case 4:
		return qi_flush_pasid_cache(q, 1, QI_PC_PASID, 5);
	case 5:
		return qi_flush_pasid_cache(q, 1, QI_PC_DOMAIN, 0);
	case 6:
		return qi_flush_pasid_cache(q, 0, QI_PC_GLOBAL, 0);
	case 7:
		return qi_flush_iotlb_range(q, 1, 0x1000, 3, false);
	case 8:
		return qi_flush_iotlb_range(q, 1, 0x1fff, 4, false);
	case 9:
		return qi_flush_iotlb(q, 1, 0, 0, false, QI_IOTLB_DOMAIN);
	case 10:
		return qi_flush_iotlb(q, 0, 0, 0, false, QI_IOTLB_GLOBAL);
	case 11:
		return qi_flush_piotlb(q, 3, 5, 0, 4, false);
	case 12:
		return qi_flush_piotlb(q, 3, 5, 0, UINT64_MAX, false);
	case 13:
		return qi_flush_iec_index(q, 16, 1);
	case 14:
		return qi_global_iec(q);
	case 15:
		return qi_flush_dev_iotlb(q, 8, 0, 0, 0, 2);
	case 16:
		return qi_flush_dev_iotlb(q, 8, 0, 0, 0, QI_DEV_TLB_ALL);
	case 17:
		return qi_flush_dev_iotlb_pasid(q, 8, 0, 5, 0, 0x1000, 0);
	default:
		return qi_page_group_response(q, 8, true, 5, QI_RESP_SUCCESS, 1, true);
	}
}

/* Which of them each of the calls removes. */
static const uint32_t gone[] = {
	1U << 0,
	1U << 0 | 1U << 1,
	1U << 0 | 1U << 1,
	1U << 0 | 1U << 1 | 1U << 2,
	1U << 3,
	1U << 3 | 1U << 4,
	1U << 3 | 1U << 4 | 1U << 5,
	1U << 6,
	1U << 6 | 1U << 7,
	1U << 6 | 1U << 7,
	1U << 6 | 1U << 7 | 1U << 8 | 1U << 9 | 1U << 10 | 1U << 11,
	1U << 9,
	1U << 9 | 1U << 10,
	1U << 13,
	1U << 12 | 1U << 13,
	1U << 14,
	1U << 14 | 1U << 15,
	1U << 17,
	0,
};

static void exactly_what_is_covered_is_gone(void **state)
{
	struct rig *r = start(256, RIG_CAP);
	unsigned n, i;

	(void)state;
	for (n = 0; n < sizeof(gone) / sizeof(gone[0]); n++) {
		for (i = 0; i < CACHED; i++)
			assert_int_not_equal(vtd_touch(&r->u, &cached[i]), 0);
		assert_int_equal(call(&r->q, n), 0);
		for (i = 0; i < CACHED; i++)
			assert_int_equal(!vtd_cached(&r->u, &cached[i]), gone[n] >> i & 1);
	}
	rig_free(r);
}

/* ---- batches ---- */

static void batches_need_a_queue_and_room(void **state)
{
	struct rig *r = start(128, RIG_CAP);
	struct qi_desc room[2], d = rig_desc(1);
	struct qi_batch b;

	(void)state;
	assert_int_equal(qi_batch_init(NULL, &r->q, room, 2), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_init(&b, NULL, room, 2), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_init(&b, &r->q, NULL, 2), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_init(&b, &r->q, room, 0), -QI_ERR_INVALID);
	/* It is not used by mistake all the same. */
	assert_int_equal(qi_batch_add(&b, &d), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_add_range(&b, 1, 0, 1, false), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_init(&b, &r->q, room, 2), 0);
	assert_int_equal(qi_batch_add(NULL, &d), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_add_range(NULL, 1, 0, 1, false), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_submit(NULL, 0), -QI_ERR_INVALID);
	assert_int_equal(b.count, 0);
	assert_int_equal(r->doorbells, 0);
	/* Nothing gathered: a plain drain. */
	assert_int_equal(qi_batch_submit(&b, QI_OPT_FENCE), 0);
	assert_int_equal(r->executed[QI_IWD_TYPE], 1);
	assert_int_equal(in_ring(r, 1).qw0 & 0xffffffff, QI_IWD_TYPE | QI_IWD_SW | QI_IWD_FN);
	rig_free(r);
}

static void a_batch_is_one_submission_until_it_is_full(void **state)
{
	struct rig *r = start(128, RIG_CAP);
	struct qi_desc room[10], d;
	struct qi_batch b;
	unsigned n, i;

	(void)state;
	for (n = 0; n <= 35; n++) {
		unsigned before = r->executed[QI_IOTLB_TYPE];

		r->doorbells = 0;
		assert_int_equal(qi_batch_init(&b, &r->q, room, 10), 0);
		for (i = 0; i < n; i++) {
			d = rig_desc(i);
			assert_int_equal(qi_batch_add(&b, &d), 0);
			/* Full, it waits for the next one before it submits. */
			assert_int_equal(r->executed[QI_IOTLB_TYPE] - before, i / 10 * 10);
		}
		assert_int_equal(qi_batch_submit(&b, 0), 0);
		assert_int_equal(b.count, 0);
		assert_int_equal(r->executed[QI_IOTLB_TYPE] - before, n);
		assert_int_equal(r->doorbells, n ? (n + 9) / 10 : 1);
	}
	rig_free(r);
}

static void a_batch_takes_ranges(void **state)
{
	struct rig *r = start(128, RIG_CAP);
	struct qi_desc room[2];
	struct qi_batch b;
	unsigned i;

	(void)state;
	assert_int_equal(qi_batch_init(&b, &r->q, room, 2), 0);
	for (i = 6; i <= 8; i++)
		vtd_touch(&r->u, &cached[i]);
	/* 1 + 2 + 4: more than the room at once. */
	assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 7, false), 0);
	assert_int_equal(qi_batch_submit(&b, 0), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 3);
	assert_int_equal(vtd_cached(&r->u, &cached[6]), 0);
	assert_int_equal(vtd_cached(&r->u, &cached[7]), 0);
	assert_int_not_equal(vtd_cached(&r->u, &cached[8]), 0);
	rig_free(r);
}

/* The first error of several is the result, once; what was gathered with good ones is executed. */
static void the_first_error_sticks_to_a_batch(void **state)
{
	struct rig *r = start(128, RIG_CAP);
	struct qi_desc room[1], good = rig_desc(1), bad = rig_desc(2), worse = { 0, 0, 0, 0 };
	struct qi_batch b;

	(void)state;
	rig_refuse(r, 2, VTD_IQEI_TYPE);
	assert_int_equal(qi_batch_init(&b, &r->q, room, 1), 0);
	assert_int_equal(qi_batch_add(&b, &bad), 0);
	assert_int_equal(qi_batch_add(&b, &worse), -QI_ERR_IQE);
	assert_int_equal(qi_batch_add(&b, &good), -QI_ERR_IQE);
	assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 1, false), -QI_ERR_IQE);
	assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_IQE);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 2);
	assert_int_equal(qi_batch_submit(&b, 0), 0);
	assert_int_equal(qi_batch_submit(&b, QI_OPT_INTERRUPT), -QI_ERR_INVALID);
	rig_free(r);
}

/* Whatever an add refuses, what was to be invalidated is not: no batch says that it has been. */
static void what_an_add_refuses_fails_the_batch(void **state)
{
	static const struct {
		uint64_t addr, npages; /* 0 and 0: no descriptor, NULL */
	} refused[] = {
		{ 0, 0 },	   { 0x1000, 0 },	   { ~0xfffULL, 2 },
		{ 0x1000, ~0ULL }, { 0x1000, 1ULL << 60 }, { 0x1000, 1ULL << 52 },
	};
	struct rig *r = start(128, RIG_CAP);
	struct qi_desc room[4], d = rig_desc(1);
	struct qi_batch b;
	unsigned i, before, after;

	(void)state;
	assert_int_equal(qi_batch_init(&b, &r->q, room, 4), 0);
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		/* First, in between, and behind what is submitted by itself as the room is full. */
		for (before = 0; before <= 5; before++) {
			for (after = 0; after < before; after++)
				assert_int_equal(qi_batch_add(&b, &d), 0);
			assert_int_equal(refused[i].addr
						 ? qi_batch_add_range(&b, 1, refused[i].addr,
								      refused[i].npages, false)
						 : qi_batch_add(&b, NULL),
					 -QI_ERR_INVALID);
			assert_int_equal(qi_batch_add(&b, &d), -QI_ERR_INVALID);
			assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 1, false),
					 -QI_ERR_INVALID);
			assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_INVALID);
			assert_int_equal(r->executed[QI_IOTLB_TYPE], before + 2);
			r->executed[QI_IOTLB_TYPE] = 0;
			/* Once: the next batch has a slate of its own. */
			assert_int_equal(qi_batch_submit(&b, 0), 0);
		}
	}
	rig_free(r);
}

/* Whether to drain, and how large a range may be, is not known before the unit has been asked. */
static void before_the_capabilities_are_known(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc room[4];
	struct qi_batch b;

	(void)state;
	r->cfg.cap = r->cfg.ecap = 0;
	rig_init(r);
	assert_int_equal(qi_batch_init(&b, &r->q, room, 4), 0);
	assert_int_equal(qi_flush_iotlb(&r->q, 1, 0, 0, false, QI_IOTLB_GLOBAL), -QI_ERR_OFF);
	assert_int_equal(qi_flush_iotlb_range(&r->q, 1, 0x1000, 3, false), -QI_ERR_OFF);
	assert_int_equal(qi_flush_piotlb(&r->q, 1, 2, 0x1000, 3, false), -QI_ERR_OFF);
	assert_int_equal(qi_iotlb_range(&r->q, 1, 0x1000, 3, false, room, 4), 0);
	assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 3, false), -QI_ERR_OFF);
	assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_OFF);
	assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 3, false), -QI_ERR_OFF);

	assert_int_equal(qi_enable(&r->q), 0);
	r->steps = 64;
	assert_int_equal(qi_flush_iotlb(&r->q, 1, 0, 0, false, QI_IOTLB_GLOBAL), 0);
	assert_int_equal(qi_flush_iotlb_range(&r->q, 1, 0x1000, 3, false), 0);
	assert_int_equal(qi_iotlb_range(&r->q, 1, 0x1000, 3, false, room, 4), 2);
	/* It was refused before, and so it has not been invalidated. */
	assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 3, false), -QI_ERR_OFF);
	assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_OFF);
	assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 3, false), 0);
	assert_int_equal(qi_batch_submit(&b, 0), 0);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_puts_its_descriptor),
		cmocka_unit_test(drains_are_asked_for_where_there_are_any),
		cmocka_unit_test(what_the_unit_would_refuse_is_refused),
		cmocka_unit_test(every_small_range_is_cut_right),
		cmocka_unit_test(ranges_that_have_gone_wrong_elsewhere),
		cmocka_unit_test(the_calls_go_by_the_configured_number),
		cmocka_unit_test(exactly_what_is_covered_is_gone),
		cmocka_unit_test(batches_need_a_queue_and_room),
		cmocka_unit_test(a_batch_is_one_submission_until_it_is_full),
		cmocka_unit_test(a_batch_takes_ranges),
		cmocka_unit_test(the_first_error_sticks_to_a_batch),
		cmocka_unit_test(what_an_add_refuses_fails_the_batch),
		cmocka_unit_test(before_the_capabilities_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
