/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Ranges: no more descriptors than needed, against a judge that knows nothing of how they are cut.
 */
#include "flush_rig.h"

#include <string.h>

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
	assert_int_equal(flush_in_ring(r, 3).qw1, 0x17f000);
	assert_int_equal(flush_in_ring(r, 2).qw1, 0x180001);
	assert_int_equal(qi_flush_piotlb(&r->q, 7, 9, 0x17f000, 4, true), 0);
	assert_int_equal(r->executed[QI_EIOTLB_TYPE], 3);
	assert_int_equal(flush_in_ring(r, 2).qw1, 0x100048);
	/* Too wide for any: all of the PASID. */
	assert_int_equal(qi_flush_piotlb(&r->q, 7, 9, 0x1000, 1ULL << 30, true), 0);
	assert_int_equal(flush_in_ring(r, 2).qw0, 0x900070026);
	assert_int_equal(flush_in_ring(r, 2).qw1, 0);
	assert_int_equal(r->doorbells, 4);
	rig_free(r);

	/* CAP.PSI is not about this kind. */
	r = flush_start(128, RIG_CAP & ~VTD_CAP_PSI);
	flush_put(r, qi_flush_piotlb(&r->q, 7, 9, 0x1000, 1, false), 0x900070036, 0x1000);
	flush_put(r, qi_flush_iotlb_range(&r->q, 7, 0x1000, 1, false), 0x700e2, 0);
	rig_free(r);
}

/* As one descriptor that is refused, a range of several is told of, once. */
static void a_refused_range_is_told_of(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	unsigned npages;

	(void)state;
	r->cfg.ecap = r->unit.ecap = RIG_ECAP & ~VTD_ECAP_SMTS;
	r->cfg.cap = r->unit.cap = RIG_CAP;
	rig_start(r);
	for (npages = 1; npages <= 3; npages += 2) {
		r->reports = 0;
		assert_int_equal(qi_flush_piotlb(&r->q, 1, 5, 0x1000, npages, false), -QI_ERR_DESC);
		assert_int_equal(r->reports, 1);
		assert_int_equal(r->report.code, -QI_ERR_DESC);
		assert_non_null(r->report.field);
		assert_int_equal(rig_stats(r)->errors[QI_ERR_DESC], 1 + npages / 3);
	}
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_small_range_is_cut_right),
		cmocka_unit_test(ranges_that_have_gone_wrong_elsewhere),
		cmocka_unit_test(the_calls_go_by_the_configured_number),
		cmocka_unit_test(a_refused_range_is_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
