/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Faults of translation: records, FSTS, the fault event and its mask. */
#include "scene.h"

#define IOVA 0x12345000ULL
#define FRCD 0x400
#define F (1ULL << 63)

static struct scene s;
static uint64_t table;

static void start(void)
{
	scene_config(&s);
	scene_start(&s, 0);
	table = scene_page(&s);
	scene_attach(&s, SID, DID, table, 1);
	scene_write(&s, DMAR_FEDATA_REG, 0x41);
	scene_write(&s, DMAR_FEADDR_REG, 0xfee01000);
}

static uint64_t low(unsigned i)
{
	return scene_read(&s, FRCD + 16 * i);
}

static uint64_t high(unsigned i)
{
	return scene_read(&s, FRCD + 16 * i + 8);
}

static void clear(unsigned i)
{
	vtd_write(&s.u, FRCD + 16 * i + 12, F >> 32, 4);
}

static uint32_t fsts(void)
{
	return (uint32_t)scene_read(&s, DMAR_FSTS_REG);
}

static void check_record(void **state)
{
	(void)state;
	start();
	assert_true(scene_dma(&s, IOVA | 0x123, VTD_WRITE).recorded);
	assert_int_equal(low(0), IOVA);
	assert_int_equal(high(0), F | 5ULL << 32 | SID);
	assert_int_equal(fsts(), VTD_FSTS_PPF);
	scene_dma(&s, IOVA, VTD_READ);
	assert_int_equal(high(1), F | 1ULL << 62 | 6ULL << 32 | SID);
	scene_dma(&s, IOVA, VTD_READ | VTD_WRITE);
	assert_int_equal(high(2), F | 1ULL << 62 | 1ULL << 28 | 5ULL << 32 | SID);
}

/* A request with PASID in legacy mode: PP, PASID, EXE and PRIV are recorded. */
static void check_record_pasid(void **state)
{
	const struct vtd_request q = { .addr = IOVA,
				       .pasid = 0x54321,
				       .sid = SID,
				       .access = VTD_READ | VTD_EXECUTE,
				       .privileged = true };

	(void)state;
	start();
	assert_int_equal(scene_request(&s, q).reason, 0x31);
	assert_int_equal(high(0),
			 F | 1ULL << 62 | 0x54321ULL << 40 | 0x31ULL << 32 | 7ULL << 29 | SID);
}

/* AT is recorded of requests that come with it. */
static void check_record_at(void **state)
{
	struct vtd_request q = { .addr = IOVA,
				 .pasid = VTD_NO_PASID,
				 .sid = SID,
				 .access = VTD_READ,
				 .at = VTD_TRANSLATED };

	(void)state;
	start();
	assert_int_equal(scene_request(&s, q).reason, 0xd);
	assert_int_equal(high(0), F | 1ULL << 62 | 2ULL << 60 | 0xdULL << 32 | SID);
	q.at = VTD_TRANSLATION;
	assert_int_equal(scene_request(&s, q).reason, 0xd);
	assert_int_equal(high(1) >> 60 & 3, 1);
}

/*
 * Four records are filled one after the other; a fifth fault is lost; FRI names the first record.
 */
static void check_overflow(void **state)
{
	unsigned i;

	(void)state;
	start();
	for (i = 0; i < 4; i++)
		scene_dma(&s, IOVA + i * 0x1000, VTD_READ);
	assert_int_equal(fsts(), VTD_FSTS_PPF);
	scene_dma(&s, IOVA + 4 * 0x1000, VTD_READ);
	assert_int_equal(fsts(), VTD_FSTS_PPF | VTD_FSTS_PFO);
	for (i = 0; i < 4; i++)
		assert_int_equal(low(i), IOVA + i * 0x1000);
	/* Until PFO is cleared faults are not recorded, even if there is room. */
	clear(0);
	assert_false(high(0) & F);
	scene_dma(&s, IOVA + 5 * 0x1000, VTD_READ);
	assert_false(high(0) & F);
	scene_write(&s, DMAR_FSTS_REG, VTD_FSTS_PFO);
	scene_dma(&s, IOVA + 6 * 0x1000, VTD_READ);
	assert_int_equal(low(0), IOVA + 6 * 0x1000);
	for (i = 1; i < 4; i++)
		clear(i);
	assert_int_equal(fsts(), VTD_FSTS_PPF);
	clear(0);
	assert_int_equal(fsts(), 0);
	/* The next one goes into record 1. */
	scene_dma(&s, IOVA + 7 * 0x1000, VTD_READ);
	assert_int_equal(low(1), IOVA + 7 * 0x1000);
	assert_int_equal(fsts(), VTD_FSTS_PPF | 1 << 8);
}

/* F is cleared by writing 1 to the highest bit of the record, and in no other way. */
static void check_clearing(void **state)
{
	(void)state;
	start();
	scene_dma(&s, IOVA, VTD_READ);
	scene_write(&s, FRCD, ~0ULL);
	vtd_write(&s.u, FRCD + 8, 0xffffffff, 4);
	vtd_write(&s.u, FRCD + 12, 0x7fffffff, 4);
	scene_write(&s, DMAR_FSTS_REG, 0xffff);
	assert_int_equal(high(0), F | 1ULL << 62 | 6ULL << 32 | SID);
	assert_int_equal(fsts(), VTD_FSTS_PPF);
	clear(0);
	assert_int_equal(high(0), 1ULL << 62 | 6ULL << 32 | SID);
	clear(0); /* again: nothing */
	assert_int_equal(fsts(), 0);
}

/* The first fault sends a message; further ones do not. */
static void check_event(void **state)
{
	(void)state;
	start();
	scene_dma(&s, IOVA, VTD_READ);
	assert_int_equal(s.nmsi, 1);
	assert_int_equal(s.msi[0].addr, 0xfee01000);
	assert_int_equal(s.msi[0].data, 0x41);
	scene_dma(&s, IOVA, VTD_READ);
	assert_int_equal(s.nmsi, 1);
	clear(0);
	clear(1);
	scene_dma(&s, IOVA, VTD_READ);
	assert_int_equal(s.nmsi, 2);
	/* Nor does an error of the queue meanwhile. */
	scene_put(&s, (struct qi_desc){ .qw0 = 0xf });
	scene_ring(&s);
	scene_run(&s);
	assert_int_equal(fsts() & VTD_FSTS_IQE, VTD_FSTS_IQE);
	assert_int_equal(s.nmsi, 2);
}

static void check_event_masked(void **state)
{
	(void)state;
	start();
	scene_write(&s, DMAR_FECTL_REG, VTD_IECTL_IM);
	scene_dma(&s, IOVA, VTD_READ);
	assert_int_equal(s.nmsi, 0);
	assert_int_equal(scene_read(&s, DMAR_FECTL_REG), VTD_IECTL_IM | VTD_IECTL_IP);
	scene_write(&s, DMAR_FECTL_REG, 0);
	assert_int_equal(s.nmsi, 1);
	assert_int_equal(scene_read(&s, DMAR_FECTL_REG), 0);
	clear(0);
	/* Software polled and cleared the cause: the event is no longer pending. */
	scene_write(&s, DMAR_FECTL_REG, VTD_IECTL_IM);
	scene_dma(&s, IOVA, VTD_READ);
	clear(1);
	assert_int_equal(scene_read(&s, DMAR_FECTL_REG), VTD_IECTL_IM);
}

/* FPD of a context suppresses its faults' records, but not those of the root table. */
static void check_fpd(void **state)
{
	struct vtd_result r;

	(void)state;
	start();
	scene_context(&s, SID)[0] |= 2;
	r = scene_dma(&s, IOVA, VTD_READ);
	assert_int_equal(r.reason, 6);
	assert_false(r.recorded);
	scene_dma(&s, IOVA, VTD_READ); /* by way of the cached context */
	scene_context(&s, SID)[0] = 2; /* not present */
	vtd_forget(&s.t, VTD_LINE_CONTEXT);
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 2);
	assert_int_equal(fsts(), 0);
	*scene_at(&s, SCENE_ROOT + (SID >> 8) * 16) = 0;
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 1);
	assert_int_equal(fsts(), VTD_FSTS_PPF);
	assert_int_equal(s.t.faults, 4);
}

/* The records are where CAP says, and as many as it says. */
static void check_place(void **state)
{
	(void)state;
	start();
	scene_dma(&s, IOVA, VTD_READ);
	assert_int_equal(vtd_read(&s.u, FRCD, 4), (uint32_t)IOVA);
	assert_int_equal(vtd_read(&s.u, FRCD + 8, 4), SID);
	s.t.frcd[4][0] = 0x77;
	assert_int_equal(low(4), 0);
	assert_int_equal(scene_read(&s, FRCD - 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_record),	      cmocka_unit_test(check_record_pasid),
		cmocka_unit_test(check_record_at),    cmocka_unit_test(check_overflow),
		cmocka_unit_test(check_clearing),     cmocka_unit_test(check_event),
		cmocka_unit_test(check_event_masked), cmocka_unit_test(check_fpd),
		cmocka_unit_test(check_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
