/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The second stage by PASID, and nesting of the first stage in it. */
#include "pasid.h"

static void check_second_dirty(void **state)
{
	uint64_t *e, *pte;

	(void)state;
	start();
	e = scene_pasid(&s, SID, PASID);
	e[0] = SECOND | AW4 | 1 << 9 | table | 1;
	e[1] = DID;
	pte = scene_entry(&s, table, 4, IOVA, 1);
	*pte = FRAME | PTE_RW;
	assert_int_equal(go(VTD_READ).access, VTD_READ | VTD_EXECUTE);
	assert_int_equal(*pte, FRAME | PTE_RW | SS_A);
	assert_int_equal(go(VTD_WRITE).access, VTD_READ | VTD_WRITE | VTD_EXECUTE);
	assert_int_equal(*pte, FRAME | PTE_RW | SS_A | SS_D);
	/* A write that is blocked makes no page dirty. */
	*pte = FRAME | PTE_R;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_WRITE).reason, 0x85);
	assert_int_equal(*pte, FRAME | PTE_R | SS_A);
	*pte = FRAME | PTE_RW;
	vtd_forget(&s.t, VTD_LINE_FREE);
	s.change = 1 << 9;
	s.changes = 2;
	assert_int_equal(go(VTD_WRITE).reason, 0);
	*pte = FRAME | PTE_RW;
	vtd_forget(&s.t, VTD_LINE_FREE);
	s.changes = 1000;
	assert_int_equal(go(VTD_WRITE).reason, 0x7c);
	s.changes = 0;
	s.t.cfg.dma_swap = NULL;
	assert_int_equal(go(VTD_WRITE).reason, 0x7c);
}

#define GUEST 0x100000000ULL /* the guest's addresses of all memory begin here */

static uint64_t second;

/* The first stage in guest addresses, which are GUEST more than the host's. */
static uint64_t *nested_entry(uint64_t addr, unsigned level)
{
	uint64_t at = table, *entry;
	unsigned l;

	for (l = 4;; l--) {
		entry = scene_at(&s, at + (addr >> (12 + 9 * (l - 1)) & 0x1ff) * 8);
		if (l == level)
			return entry;
		if (!*entry)
			*entry = (scene_page(&s) + GUEST) | P | RW | US;
		at = (*entry & ~0xfffULL) - GUEST;
	}
}

static void start_nested(void)
{
	uint64_t *e, i;

	start();
	second = scene_page(&s);
	for (i = 0; i < SCENE_BYTES; i += 0x1000)
		*scene_entry(&s, second, 4, GUEST + i, 1) = i | PTE_RW;
	*scene_entry(&s, second, 4, 0x77000, 1) = FRAME | PTE_RW;
	e = scene_pasid(&s, SID, PASID);
	e[0] = NESTED | AW4 | second | 1;
	e[1] = DID;
	e[2] = table + GUEST;
	*nested_entry(IOVA, 1) = 0x77000 | P | RW | US;
}

static void check_nested(void **state)
{
	struct vtd_result r;

	(void)state;
	start_nested();
	r = go(VTD_WRITE);
	assert_int_equal(r.reason, 0);
	assert_int_equal(r.addr, FRAME);
	assert_true(r.nested);
	assert_true(go(VTD_WRITE).cached);
	assert_int_equal(go(VTD_WRITE).use, VTD_USE_FRESH);
	/*
	 * The second stage's page changes: invalidating any page of the domain removes the nested
	 * one.
	 */
	*scene_entry(&s, second, 4, 0x77000, 1) = (FRAME + 0x1000) | PTE_RW;
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PASID, DID, PASID + 1, 0, 0, false));
	assert_int_equal(go(VTD_WRITE).addr, FRAME);
	scene_submit(&s, qi_desc_iotlb(QI_IOTLB_PAGE, DID, 0x77000, 0, false, 0));
	assert_int_equal(go(VTD_WRITE).addr, FRAME + 0x1000);
	assert_int_equal(s.judged[VTD_USE_STALE], 0);
}

static void check_nested_rights(void **state)
{
	(void)state;
	start_nested();
	*scene_entry(&s, second, 4, 0x77000, 1) = FRAME | PTE_R;
	assert_int_equal(go(VTD_READ).addr, FRAME);
	assert_int_equal(go(VTD_WRITE).reason, 0x85);
	*scene_entry(&s, second, 4, 0x77000, 1) = FRAME | PTE_W;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x86);
	*scene_entry(&s, second, 4, 0x77000, 1) = 0;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x79);
	/* The second stage does not let a first-stage table be read; the upper table first. */
	*scene_entry(&s, second, 4, 0x77000, 1) = FRAME | PTE_RW;
	*scene_entry(&s, second, 4, *nested_entry(IOVA, 4) & ~0xfffULL, 1) = PTE_W;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x76);
	*scene_entry(&s, second, 4, table + GUEST, 1) = PTE_W;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x75);
	*scene_entry(&s, second, 4, table + GUEST, 1) = 0;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x75);
}

/* A large page of the guest on small pages of the host, and the reverse. */
static void check_nested_sizes(void **state)
{
	struct vtd_request q = request(VTD_READ);
	struct vtd_result r;

	(void)state;
	start_nested();
	*scene_entry(&s, second, 4, 0x40203000, 1) = 0x7000000 | PTE_RW;
	*nested_entry(0x60200000, 2) = 0x40200000 | P | RW | US | 0x80;
	q.addr = 0x60203123;
	r = scene_request(&s, q);
	assert_int_equal(r.addr, 0x7000123);
	assert_int_equal(r.shift, 12);
	start_nested();
	*scene_entry(&s, second, 4, 0x40000000, 3) = 0x80000000 | PTE_RW | PTE_LARGE;
	*nested_entry(0x61005000, 1) = 0x40203000 | P | RW | US;
	q.addr = 0x61005123;
	r = scene_request(&s, q);
	assert_int_equal(r.addr, 0x80203123);
	assert_int_equal(r.shift, 12);
	assert_true(scene_request(&s, q).cached);
}

/*
 * Faults of the second stage on a table's address, other than permissions: they have their own
 * reasons.
 */
static void check_nested_reasons(void **state)
{
	(void)state;
	start_nested();
	*scene_entry(&s, second, 4, table + GUEST, 1) |= 1ULL << 50;
	assert_int_equal(go(VTD_READ).reason, 0x7a);
}

/*
 * The rights of both stages with supervisor privilege: without WPE the first stage's W is ignored.
 */
static void check_nested_privileged(void **state)
{
	uint64_t *e;

	(void)state;
	start_nested();
	e = scene_pasid(&s, SID, PASID);
	e[2] |= SRE | ERE;
	*nested_entry(IOVA, 1) = 0x77000 | P;
	assert_int_equal(go_privileged(VTD_WRITE).addr, FRAME);
	*scene_entry(&s, second, 4, 0x77000, 1) = FRAME | PTE_R;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go_privileged(VTD_WRITE).reason, 0x85);
	/* Execution needs read permission. */
	*nested_entry(IOVA, 1) |= US;
	*scene_entry(&s, second, 4, 0x77000, 1) = FRAME | PTE_W;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ | VTD_EXECUTE).reason, 0x86);
}

/* Invalidations of a domain include nested pages. */
static void check_nested_domain(void **state)
{
	(void)state;
	start_nested();
	assert_int_equal(go(VTD_WRITE).addr, FRAME);
	*scene_entry(&s, second, 4, 0x77000, 1) = (FRAME + 0x1000) | PTE_RW;
	scene_submit(&s, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID + 1, 0, 0, false, 0));
	assert_int_equal(go(VTD_WRITE).addr, FRAME);
	scene_submit(&s, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
	assert_int_equal(go(VTD_WRITE).addr, FRAME + 0x1000);
	assert_int_equal(s.judged[VTD_USE_STALE], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_second_dirty),	cmocka_unit_test(check_nested),
		cmocka_unit_test(check_nested_rights),	cmocka_unit_test(check_nested_sizes),
		cmocka_unit_test(check_nested_reasons), cmocka_unit_test(check_nested_privileged),
		cmocka_unit_test(check_nested_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
