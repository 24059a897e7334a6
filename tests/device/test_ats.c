/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* ATS: translation requests, translated requests, TLBs of devices; which DMA DR and DW drain. */
#include "scene.h"

#define IOVA 0x12345000ULL
#define FRAME 0x40000000ULL

static struct scene s;
static uint64_t table;

static void start(void)
{
	scene_config(&s);
	scene_start(&s, 0);
	table = scene_page(&s);
	scene_attach(&s, SID, DID, table, 1);
	scene_context(&s, SID)[0] |= 1 << 2;
	*scene_entry(&s, table, 3, IOVA, 1) = FRAME | PTE_RW;
}

static struct vtd_request request(enum vtd_at at, unsigned access)
{
	return (struct vtd_request){ .addr = IOVA,
				     .pasid = VTD_NO_PASID,
				     .sid = SID,
				     .at = (uint8_t)at,
				     .access = (uint8_t)access };
}

static struct vtd_result device(uint64_t addr, unsigned access)
{
	struct vtd_request q = request(VTD_UNTRANSLATED, access);
	struct vtd_result r;

	q.addr = addr;
	vtd_device_translate(&s.t, &q, &r);
	return r;
}

static void check_translation_request(void **state)
{
	struct vtd_result r;

	(void)state;
	start();
	r = scene_request(&s, request(VTD_TRANSLATION, VTD_READ | VTD_WRITE));
	assert_int_equal(r.addr, FRAME);
	assert_int_equal(r.access, VTD_READ | VTD_WRITE);
	/* The device does not ask for writes. */
	r = scene_request(&s, request(VTD_TRANSLATION, VTD_READ));
	assert_int_equal(r.access, VTD_READ);
	/* It gets the rights that there are; a lack of rights is no fault. */
	*scene_entry(&s, table, 3, IOVA, 1) = FRAME | PTE_R;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(scene_request(&s, request(VTD_TRANSLATION, VTD_READ | VTD_WRITE)).access,
			 VTD_READ);
	*scene_entry(&s, table, 3, IOVA, 1) = 0;
	vtd_forget(&s.t, VTD_LINE_FREE);
	r = scene_request(&s, request(VTD_TRANSLATION, VTD_READ));
	assert_int_equal(r.access | r.reason, 0);
	assert_int_equal(scene_read(&s, DMAR_FSTS_REG), 0);
	/* Reserved bits are a fault. */
	*scene_entry(&s, table, 3, IOVA, 1) = FRAME | PTE_RW | 1ULL << 50;
	assert_int_equal(scene_request(&s, request(VTD_TRANSLATION, VTD_READ)).reason, 0xc);
	assert_int_equal(scene_read(&s, DMAR_FSTS_REG), VTD_FSTS_PPF);
}

/* TT 00 and 10 block both. */
static void check_blocked(void **state)
{
	unsigned at, tt;

	(void)state;
	for (at = VTD_TRANSLATION; at <= VTD_TRANSLATED; at++) {
		for (tt = 0; tt < 3; tt++) {
			start();
			scene_context(&s, SID)[0] = table | 1 | tt << 2;
			assert_int_equal(scene_request(&s, request(at, VTD_READ)).reason,
					 tt == 1 ? 0 : 0xd);
		}
	}
}

static void check_translated(void **state)
{
	struct vtd_request q = request(VTD_TRANSLATED, VTD_WRITE);

	(void)state;
	start();
	q.addr = 0x7777000;
	assert_int_equal(scene_request(&s, q).addr, 0x7777000);
}

static void check_device_tlb(void **state)
{
	struct vtd_result r;

	(void)state;
	start();
	r = device(IOVA | 5, VTD_READ | VTD_WRITE);
	assert_int_equal(r.addr, FRAME | 5);
	assert_false(r.cached);
	r = device(IOVA | 6, VTD_READ);
	assert_int_equal(r.addr, FRAME | 6);
	assert_true(r.cached);
	/*
	 * An IOTLB invalidation does not reach the device's TLB; an invalidation for the device
	 * does.
	 */
	*scene_entry(&s, table, 3, IOVA, 1) = (FRAME + 0x1000) | PTE_RW;
	scene_submit(&s, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
	r = device(IOVA, VTD_READ);
	assert_int_equal(r.addr, FRAME);
	assert_int_equal(r.use, VTD_USE_WINDOW);
	scene_submit(&s, qi_desc_dev_tlb(SID + 1, 0, 0, IOVA, 0));
	scene_submit(&s, qi_desc_dev_tlb(SID, 0, 0, IOVA + 0x1000, 0));
	assert_int_equal(device(IOVA, VTD_READ).addr, FRAME);
	scene_submit(&s, qi_desc_dev_tlb(SID, 0, 0, IOVA, 0));
	assert_int_equal(device(IOVA, VTD_READ).addr, FRAME + 0x1000);
	assert_int_equal(s.judged[VTD_USE_STALE], 0);
}

/* A cached translation is not requested again, even if translated requests are blocked. */
static void check_device_refused(void **state)
{
	(void)state;
	start();
	*scene_entry(&s, table, 3, IOVA, 1) = FRAME | PTE_R;
	assert_int_equal(device(IOVA, VTD_WRITE).access, VTD_READ);
	assert_int_equal(device(IOVA, VTD_READ).addr, FRAME);
	scene_context(&s, SID)[0] ^= 1 << 2;
	vtd_forget(&s.t, VTD_LINE_CONTEXT);
	assert_int_equal(device(IOVA, VTD_READ).reason, 0xd); /* from its TLB, translated */
	vtd_forget(&s.t, VTD_LINE_DEVICE);
	assert_int_equal(device(IOVA, VTD_READ).reason, 0xd);
	assert_true(device(0xfee00000, VTD_WRITE).interrupt);
}

/* Large pages are kept as such. */
static void check_device_large(void **state)
{
	const uint64_t iova = 0x40200000;

	(void)state;
	start();
	*scene_entry(&s, table, 3, iova, 2) = FRAME | PTE_RW | PTE_LARGE;
	assert_int_equal(device(iova, VTD_READ).shift, 21);
	assert_true(device(iova + 0x1ff000, VTD_READ).cached);
	assert_int_equal(s.t.count[VTD_LINE_DEVICE], 1);
	scene_submit(&s, qi_desc_dev_tlb(SID, 0, 0, iova + 0x5000, 0));
	assert_int_equal(s.t.count[VTD_LINE_DEVICE], 0);
}

/* A device that does not answer keeps its translations; the unit reports it. */
/* If its TLB lacks the needed right the device asks again, and replaces the entry. */
static void check_device_upgrade(void **state)
{
	(void)state;
	start();
	*scene_entry(&s, table, 3, IOVA, 1) = FRAME | PTE_R;
	assert_int_equal(device(IOVA, VTD_READ).access, VTD_READ);
	*scene_entry(&s, table, 3, IOVA, 1) = FRAME | PTE_RW;
	assert_int_equal(device(IOVA, VTD_READ | VTD_WRITE).access, VTD_READ | VTD_WRITE);
	assert_int_equal(s.t.count[VTD_LINE_DEVICE], 1);
	assert_true(device(IOVA, VTD_WRITE).cached);
}

static void check_silent(void **state)
{
	const struct vtd_fault silent = { .kind = VTD_FAULT_SILENT, .sid = SID };

	(void)state;
	start();
	device(IOVA, VTD_READ);
	*scene_entry(&s, table, 3, IOVA, 1) = (FRAME + 0x1000) | PTE_RW;
	assert_true(vtd_fault_arm(&s.u, &silent));
	scene_put(&s, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
	scene_put(&s, qi_desc_dev_tlb(SID, 0, 0, IOVA, 0));
	scene_put(&s, scene_wait(&s, 0));
	scene_ring(&s);
	scene_run(&s);
	assert_false(scene_waited(&s));
	assert_int_equal(scene_read(&s, DMAR_FSTS_REG), VTD_FSTS_ITE);
	/* Software was told that this was not done: a later wait vouches for nothing of it. */
	scene_write(&s, DMAR_FSTS_REG, VTD_FSTS_ITE);
	scene_put(&s, scene_wait(&s, 0));
	scene_ring(&s);
	scene_run(&s);
	assert_true(scene_waited(&s));
	assert_int_equal(device(IOVA, VTD_READ).use, VTD_USE_WINDOW);
}

/* ---- DMA under way ---- */

static unsigned begin(unsigned access)
{
	struct vtd_request q = request(VTD_UNTRANSLATED, access);
	struct vtd_result r = scene_request(&s, q);

	return vtd_hold(&s.t, &q, &r);
}

static bool drains(struct qi_desc d, unsigned access)
{
	unsigned hold;
	bool waited;

	start();
	hold = begin(access);
	scene_put(&s, d);
	scene_put(&s, scene_wait(&s, 0));
	scene_ring(&s);
	scene_run(&s);
	waited = scene_waited(&s);
	/* A DMA that begins later does not delay it. */
	begin(access);
	vtd_release(&s.t, hold);
	scene_run(&s);
	assert_true(scene_waited(&s));
	return !waited;
}

static void check_drains(void **state)
{
	const uint64_t far = IOVA + 0x1000;

	(void)state;
	assert_true(
		drains(qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, QI_IOTLB_DR), VTD_READ));
	assert_true(
		drains(qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, QI_IOTLB_DW), VTD_WRITE));
	assert_true(
		drains(qi_desc_iotlb(QI_IOTLB_PAGE, DID, IOVA, 0, true, QI_IOTLB_DW), VTD_WRITE));
	assert_true(
		drains(qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, QI_IOTLB_DR | QI_IOTLB_DW),
		       VTD_READ | VTD_WRITE));
	assert_false(
		drains(qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, QI_IOTLB_DR), VTD_WRITE));
	assert_false(
		drains(qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, QI_IOTLB_DW), VTD_READ));
	assert_false(drains(qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0), VTD_READ));
	assert_false(drains(qi_desc_iotlb(QI_IOTLB_DOMAIN, DID + 1, 0, 0, false, QI_IOTLB_DR),
			    VTD_READ));
	assert_false(
		drains(qi_desc_iotlb(QI_IOTLB_PAGE, DID, far, 0, false, QI_IOTLB_DR), VTD_READ));
	assert_false(drains(qi_desc_context(QI_CC_GLOBAL, 0, 0, 0), VTD_READ));
}

static void check_holds(void **state)
{
	struct vtd_request q = request(VTD_UNTRANSLATED, 0);
	struct vtd_result r = { 0 };
	unsigned i;

	(void)state;
	start();
	assert_int_equal(vtd_hold(&s.t, &q, &r), 0); /* it accesses no memory */
	for (i = 0; i < VTD_HELD; i++)
		assert_int_equal(begin(VTD_READ), i + 1);
	assert_int_equal(begin(VTD_READ), 0);
	vtd_release(&s.t, 0);
	vtd_release(&s.t, VTD_HELD + 1);
	vtd_release(&s.t, 3);
	assert_int_equal(begin(VTD_READ), 3);
}

/* For every choice of the unit, a drained DMA is over before the wait completes. */
static unsigned held;
static bool early;

static void play_drain(struct scene *sc)
{
	unsigned i;

	(void)sc;
	scene_start(&s, 0);
	table = scene_page(&s);
	scene_attach(&s, SID, DID, table, 1);
	*scene_entry(&s, table, 3, IOVA, 1) = FRAME | PTE_RW;
	held = begin(VTD_WRITE);
	scene_put(&s, qi_desc_iotlb(QI_IOTLB_PAGE, DID, IOVA, 0, true, QI_IOTLB_DW));
	scene_put(&s, qi_desc_iotlb(QI_IOTLB_PAGE, DID, IOVA, 0, true, 0));
	scene_put(&s, scene_wait(&s, 0));
	scene_ring(&s);
	for (i = 0; i < 6; i++)
		vtd_step(&s.u);
	early = early || scene_waited(&s);
	vtd_release(&s.t, held);
	scene_run(&s);
	assert_true(scene_waited(&s));
}

static void check_drain_explored(void **state)
{
	(void)state;
	assert_true(scene_explore(&s, play_drain) > 4);
	assert_false(early);
}

/* Each invalidation waits only for DMA of its own domain. */
static void check_drains_apart(void **state)
{
	const uint16_t other = SID + 1;
	struct vtd_request q = request(VTD_UNTRANSLATED, VTD_READ);
	struct vtd_result r;
	unsigned first, second;

	(void)state;
	start();
	scene_attach(&s, other, DID + 1, table, 1);
	first = begin(VTD_READ);
	q.sid = other;
	r = scene_request(&s, q);
	second = vtd_hold(&s.t, &q, &r);
	scene_put(&s, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, QI_IOTLB_DR));
	scene_put(&s, scene_wait(&s, 0));
	scene_put(&s, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID + 1, 0, 0, false, QI_IOTLB_DR));
	scene_put(&s, scene_wait(&s, 0));
	scene_ring(&s);
	scene_run(&s);
	assert_int_equal(*scene_at(&s, SCENE_STATUS), 0);
	vtd_release(&s.t, first);
	scene_run(&s);
	assert_int_equal(*scene_at(&s, SCENE_STATUS), 1);
	vtd_release(&s.t, second);
	scene_run(&s);
	assert_int_equal(*scene_at(&s, SCENE_STATUS), 2);
}

/*
 * The device's entry is correct, but the context through which it is used differs from the table.
 */
static void check_device_context(void **state)
{
	struct vtd_result r;

	(void)state;
	start();
	device(IOVA, VTD_READ);
	scene_context(&s, SID)[0] |= 2; /* FPD */
	r = device(IOVA, VTD_READ);
	assert_int_equal(r.addr, FRAME);
	assert_int_equal(r.use, VTD_USE_WINDOW);
	assert_int_equal(s.judged_kind, VTD_LINE_CONTEXT);
	scene_submit(&s, qi_desc_context(QI_CC_DEVICE, DID, SID, 0));
	assert_int_equal(device(IOVA, VTD_READ).use, VTD_USE_FRESH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_translation_request),
		cmocka_unit_test(check_blocked),
		cmocka_unit_test(check_translated),
		cmocka_unit_test(check_device_tlb),
		cmocka_unit_test(check_device_refused),
		cmocka_unit_test(check_device_large),
		cmocka_unit_test(check_device_upgrade),
		cmocka_unit_test(check_silent),
		cmocka_unit_test(check_drains),
		cmocka_unit_test(check_holds),
		cmocka_unit_test(check_drain_explored),
		cmocka_unit_test(check_drains_apart),
		cmocka_unit_test(check_device_context),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
