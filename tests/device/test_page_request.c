/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Page requests: the queue, its interrupt, overflow, groups and responses, and PD, which drains
 * them.
 */
#include "scene.h"

#include <string.h>

#define PASID 0x47
#define PQH 0xc0
#define PQT 0xc8
#define PQA 0xd0
#define PRS 0xdc
#define PECTL 0xe0
#define PEDATA 0xe4
#define PEADDR 0xe8
#define PPR 1
#define PRO 2

static struct scene s;

static const struct vtd_page_request example = {
	.addr = 0x7fff12345000,
	.pasid = PASID,
	.sid = SID,
	.group = 0x155,
	.access = VTD_READ | VTD_WRITE,
	.last = true,
};

static void start(void)
{
	uint64_t *e;

	scene_start(&s, 1 << 10);
	e = scene_pasid(&s, SID, PASID);
	e[0] = 1 << 6 | 1;
	e[2] = scene_page(&s);
	scene_scalable_context(&s, SID)[0] |= 1 << 3 | 1 << 4; /* PASIDE, PRE */
	scene_write(&s, PQA, SCENE_PRQ);
	scene_write(&s, PEDATA, 0x51);
	scene_write(&s, PEADDR, 0xfee02000);
	scene_write(&s, PECTL, 0);
}

static void start_plain(void)
{
	scene_config(&s);
	start();
}

static void ask(struct vtd_page_request p)
{
	assert_true(vtd_page_request(&s.t, &p));
}

static uint64_t *queued(unsigned i)
{
	return scene_at(&s, SCENE_PRQ + i * 32);
}

static void check_queued(void **state)
{
	struct vtd_page_request p = example;

	(void)state;
	start_plain();
	ask(p);
	assert_int_equal(scene_read(&s, PQT), 0); /* it is on its way */
	scene_run(&s);
	assert_int_equal(scene_read(&s, PQT), 32);
	assert_int_equal(queued(0)[0], 1ULL | 1 << 8 | SID << 16 | (uint64_t)PASID << 32);
	assert_int_equal(queued(0)[1], 0x7fff12345000 | 0x155 << 3 | 1 << 2 | 3);
	assert_int_equal(queued(0)[2] | queued(0)[3], 0);
	assert_int_equal(scene_read(&s, PRS), PPR);
	assert_int_equal(s.nmsi, 1);
	assert_int_equal(s.msi[0].addr, 0xfee02000);
	assert_int_equal(s.msi[0].data, 0x51);
	/* All other fields of a request; no second message while PPR is set. */
	p.last = false;
	p.has_private_data = p.privileged = true;
	p.private_data[0] = 0x1234;
	p.private_data[1] = 0x5678;
	p.access = VTD_READ | VTD_EXECUTE;
	scene_pasid(&s, SID, PASID)[2] |= 3; /* SRE, ERE */
	scene_submit(&s, qi_desc_pasid_cache(QI_PC_GLOBAL, 0, 0));
	ask(p);
	scene_run(&s);
	assert_int_equal(queued(1)[0] & ~0xffff0000ffffffff, (uint64_t)PASID << 32);
	assert_int_equal(queued(1)[0] >> 52, 3);
	assert_int_equal(queued(1)[0] & 0x3ff, 0x301);
	assert_int_equal(queued(1)[1] & 7, 1);
	assert_int_equal(queued(1)[2], 0x1234);
	assert_int_equal(queued(1)[3], 0x5678);
	assert_int_equal(s.nmsi, 1);
	scene_write(&s, PRS, PPR);
	ask(example);
	scene_run(&s);
	assert_int_equal(s.nmsi, 2);
	assert_int_equal(s.nresponse, 0);
}

/* A request without PASID uses RID_PASID. */
static void check_without_pasid(void **state)
{
	struct vtd_page_request p = example;

	(void)state;
	start_plain();
	scene_scalable_context(&s, SID)[1] = PASID;
	p.pasid = VTD_NO_PASID;
	ask(p);
	scene_run(&s);
	assert_int_equal(queued(0)[0], 1ULL | SID << 16);
}

static void check_masked(void **state)
{
	(void)state;
	start_plain();
	scene_write(&s, PECTL, VTD_IECTL_IM);
	ask(example);
	scene_run(&s);
	assert_int_equal(s.nmsi, 0);
	assert_int_equal(scene_read(&s, PECTL), VTD_IECTL_IM | VTD_IECTL_IP);
	scene_write(&s, PECTL, 0);
	assert_int_equal(s.nmsi, 1);
	scene_write(&s, PECTL, VTD_IECTL_IM);
	scene_write(&s, PRS, PPR);
	ask(example);
	scene_run(&s);
	scene_write(&s, PRS, PPR);
	assert_int_equal(scene_read(&s, PECTL), VTD_IECTL_IM);
}

static void check_answer(void **state)
{
	(void)state;
	start_plain();
	ask(example);
	scene_run(&s);
	scene_submit(&s, qi_desc_page_response(SID, true, PASID, 1, 0x155, true));
	assert_int_equal(s.nresponse, 1);
	assert_int_equal(s.response[0].sid, SID);
	assert_int_equal(s.response[0].pasid, PASID);
	assert_int_equal(s.response[0].group, 0x155);
	assert_int_equal(s.response[0].code, 1);
	assert_false(s.response[0].automatic);
	scene_submit(&s, qi_desc_page_response(SID, false, 0, 0, 3, true));
	assert_int_equal(s.response[1].pasid, VTD_NO_PASID);
}

/* The queue is full with one free slot. From then on the unit responds, until PRO is cleared. */
static void check_overflow(void **state)
{
	struct vtd_page_request p = example;
	unsigned i;

	(void)state;
	start_plain();
	for (i = 0; i < 127; i++) {
		ask(p);
		scene_run(&s);
	}
	assert_int_equal(scene_read(&s, PRS), PPR);
	assert_int_equal(s.nmsi, 1);
	p.last = false;
	ask(p);
	scene_run(&s);
	assert_int_equal(scene_read(&s, PRS), PPR | PRO);
	assert_int_equal(scene_read(&s, PQT), 127 * 32);
	assert_int_equal(scene_read(&s, DMAR_FSTS_REG), VTD_FSTS_PRO);
	assert_int_equal(s.nmsi, 2);
	assert_int_equal(s.nresponse, 0); /* not the last of its group */
	p.last = true;
	ask(p);
	scene_run(&s);
	assert_int_equal(s.nresponse, 1);
	assert_int_equal(s.response[0].code, 0);
	assert_true(s.response[0].automatic);
	/* There is room again, but PRO is not cleared yet. */
	scene_write(&s, PQH, 64 * 32);
	ask(p);
	scene_run(&s);
	assert_int_equal(s.nresponse, 2);
	scene_write(&s, PRS, PRO);
	scene_write(&s, DMAR_FSTS_REG, VTD_FSTS_PRO);
	assert_int_equal(scene_read(&s, DMAR_FSTS_REG), 0);
	ask(p);
	scene_run(&s);
	assert_int_equal(s.nresponse, 2);
	assert_int_equal(scene_read(&s, PQT), 0); /* round the end */
}

static void check_no_memory(void **state)
{
	(void)state;
	start_plain();
	s.hole = SCENE_PRQ;
	ask(example);
	scene_run(&s);
	assert_int_equal(scene_read(&s, PRS), PRO);
	assert_int_equal(s.nresponse, 1);
	s.t.cfg.respond = NULL;
	ask(example);
	scene_run(&s);
}

static void check_refused(void **state)
{
	static const struct {
		uint64_t clear;
		unsigned reason, code;
	} cases[] = { { 1 << 4, 0x47, 1 }, { 1 << 3, 0x45, 15 }, { 1, 0x41, 15 } };
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		start_plain();
		scene_scalable_context(&s, SID)[0] &= ~cases[i].clear;
		ask(example);
		scene_run(&s);
		assert_int_equal(scene_read(&s, PRS), 0);
		assert_int_equal(scene_read(&s, 0x408) >> 32 & 0xff, cases[i].reason);
		assert_int_equal(scene_read(&s, 0x408) >> 62, 2);     /* T1 clear ... */
		assert_int_equal(scene_read(&s, 0x408) >> 28 & 1, 1); /* ... and T2 set */
		assert_int_equal(s.nresponse, 1);
		assert_int_equal(s.response[0].code, cases[i].code);
	}
	start_plain();
	scene_scalable_context(&s, SID)[0] ^= 1 << 4 | 2; /* PRE off, FPD on */
	ask(example);
	scene_run(&s);
	assert_int_equal(scene_read(&s, DMAR_FSTS_REG), 0);
	start_plain();
	scene_write(&s, DMAR_RTADDR_REG, SCENE_ROOT);
	scene_command(&s, VTD_GCMD_SRTP, true);
	ask(example);
	scene_run(&s);
	assert_int_equal(scene_read(&s, 0x408) >> 32 & 0xff, 0x32);
}

static void check_room(void **state)
{
	unsigned i;

	(void)state;
	start_plain();
	for (i = 0; i < VTD_PAGE_ROOM; i++)
		assert_true(vtd_page_request(&s.t, &example));
	assert_false(vtd_page_request(&s.t, &example));
	scene_run(&s);
	assert_int_equal(scene_read(&s, PQT), VTD_PAGE_ROOM * 32);
}

static void check_registers(void **state)
{
	(void)state;
	start_plain();
	scene_write(&s, PQA, ~0ULL);
	assert_int_equal(scene_read(&s, PQA), ~0xff8ULL);
	scene_write(&s, PQH, ~0ULL);
	assert_int_equal(scene_read(&s, PQH), 0x7ffe0);
	scene_write(&s, PQT, ~0ULL);
	assert_int_equal(scene_read(&s, PQT), 0x7ffe0);
	vtd_write(&s.u, PEADDR, ~0ULL, 8);
	assert_int_equal(vtd_read(&s.u, PEADDR, 8), ~3ULL);
	assert_int_equal(scene_read(&s, PEDATA), 0x51);
	vtd_write(&s.u, 0xf8, ~0ULL, 8);
	assert_int_equal(vtd_read(&s.u, 0xf8, 8), 0);
	/* A unit without page requests has none of these. */
	s.u.cfg.ecap &= ~VTD_ECAP_PRS;
	assert_int_equal(scene_read(&s, PQA), 0);
	scene_write(&s, PQA, 0);
	assert_int_equal(s.t.pqa, ~0xff8ULL);
}

/* ---- PD ---- */

/*
 * For every order in which the unit may act: when the wait with PD completes, the three earlier
 * requests are in the queue. Without PD, one of the possible orders leaves a request out.
 */
static bool left_out;

static void play(bool drains)
{
	unsigned i;

	start();
	for (i = 0; i < 3; i++)
		ask(example);
	scene_put(&s, scene_wait(&s, drains ? QI_IWD_PD : 0));
	scene_ring(&s);
	for (i = 0; i < 1000 && !scene_waited(&s); i++)
		vtd_step(&s.u);
	assert_true(scene_waited(&s));
	left_out = left_out || scene_read(&s, PQT) < 3 * 32;
}

static void play_drained(struct scene *sc)
{
	(void)sc;
	play(true);
}

static void play_not_drained(struct scene *sc)
{
	(void)sc;
	play(false);
}

static void check_drain(void **state)
{
	(void)state;
	left_out = false;
	assert_true(scene_explore(&s, play_drained) > 3);
	assert_false(left_out);
	assert_true(scene_explore(&s, play_not_drained) > 3);
	assert_true(left_out);
}

/* A wait has drained when its status is written: later requests do not delay its interrupt. */
static void play_late(struct scene *sc)
{
	unsigned i;

	(void)sc;
	start();
	scene_write(&s, DMAR_IECTL_REG, 0);
	scene_put(&s, scene_wait(&s, QI_IWD_PD | QI_IWD_IF));
	scene_ring(&s);
	for (i = 0; i < 1000 && !scene_waited(&s); i++)
		vtd_step(&s.u);
	assert_true(scene_waited(&s));
	ask(example);
	s.nmsi = 0;
	scene_run(&s);
	assert_true(s.nmsi > 0);
}

static void check_late(void **state)
{
	(void)state;
	assert_true(scene_explore(&s, play_late) > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_queued),	   cmocka_unit_test(check_without_pasid),
		cmocka_unit_test(check_masked),	   cmocka_unit_test(check_answer),
		cmocka_unit_test(check_overflow),  cmocka_unit_test(check_no_memory),
		cmocka_unit_test(check_refused),   cmocka_unit_test(check_room),
		cmocka_unit_test(check_registers), cmocka_unit_test(check_drain),
		cmocka_unit_test(check_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
