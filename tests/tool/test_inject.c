/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Faults of a replay: lists, where they strike, and which failures they explain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <qinval/regs.h>

#include "tool/replay/inject.h"

static char error[2000];

/* ---- lists ---- */

static void lists(void **state)
{
	struct fault_list list;

	(void)state;
	assert_true(fault_list_parse(&list, "stall", VTD_SPEC, error, sizeof(error)));
	assert_int_equal(list.count, 1);
	assert_int_equal(list.item[0].kind, VTD_FAULT_STALL);
	assert_true(fault_list_parse(&list, "late-ite,late:ff:1f.7,twice", VTD_SPEC, error,
				     sizeof(error)));
	assert_int_equal(list.count, 3);
	assert_int_equal(list.item[0].kind, VTD_FAULT_LATE_ITE);
	assert_int_equal(list.item[0].sid, VTD_ANY_SID);
	assert_int_equal(list.item[1].kind, VTD_FAULT_LATE);
	assert_int_equal(list.item[1].sid, 0xffff);
	assert_int_equal(list.item[2].kind, VTD_FAULT_TWICE);
	assert_true(fault_list_parse(&list, "silent:02:03.1", VTD_SPEC, error, sizeof(error)));
	assert_int_equal(list.item[0].sid, 0x0219);
}

static void bad_lists(void **state)
{
	static const char *const bad[] = { "",
					   "none",
					   "stall,",
					   ",stall",
					   "silen",
					   "silent2",
					   "silent:",
					   "silent:2",
					   "silent:2:3",
					   "silent:02:03.1x",
					   "stall:2:3.1",
					   "silent:02:20.0" };
	struct fault_list list;
	char many[33 * 6 + 1] = "";

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (fault_list_parse(&list, bad[i], VTD_SPEC, error, sizeof(error)))
			fail_msg("\"%s\"", bad[i]);
	for (unsigned i = 0; i < 33; i++)
		strcat(many, i ? ",stall" : "stall");
	assert_false(fault_list_parse(&list, many, VTD_SPEC, error, sizeof(error)));
	assert_string_equal(error, "at most 32 faults");
}

/* ---- plans ---- */

#define EVENTS 1000

static struct trace_event event[EVENTS];

/* Half device TLB, alternating between two devices, half IOTLB. */
static struct trace make_trace(void)
{
	for (unsigned i = 0; i < EVENTS; i++)
		event[i].desc = i % 2 ? qi_desc_dev_tlb(i % 4 == 1 ? 0x100 : 0x200, 0, 1, 0, 0)
				      : qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0);
	return (struct trace){ .event = event, .count = EVENTS };
}

static unsigned strikes(const uint8_t *site, unsigned item)
{
	unsigned n = 0;

	for (unsigned i = 0; i < EVENTS; i++)
		n += site[i] == item;
	return n;
}

static void plans(void **state)
{
	struct trace t = make_trace();
	uint8_t site[EVENTS] = { 0 }, again[EVENTS] = { 0 };
	struct fault_list list;

	(void)state;
	assert_true(fault_list_parse(&list, "refuse,silent:02:00.0,stall", VTD_SPEC, error,
				     sizeof(error)));
	assert_true(inject_plan(&t, &list, 1, site, error, sizeof(error)));
	assert_int_equal(strikes(site, 1), 4);
	assert_int_equal(strikes(site, 2), 1);
	assert_int_equal(strikes(site, 3), 2);
	for (unsigned i = 0; i < EVENTS; i++)
		if (site[i] == 2)
			assert_int_equal(event[i].desc.qw0 >> 32 & 0xffff, 0x200);
	/* The same seed gives the same plan, another seed another one. */
	assert_true(inject_plan(&t, &list, 1, again, error, sizeof(error)));
	assert_memory_equal(site, again, EVENTS);
	memset(again, 0, EVENTS);
	assert_true(inject_plan(&t, &list, 2, again, error, sizeof(error)));
	assert_memory_not_equal(site, again, EVENTS);
}

static void impossible_plans(void **state)
{
	struct trace t = make_trace();
	uint8_t site[EVENTS] = { 0 };
	struct fault_list list;

	(void)state;
	assert_true(fault_list_parse(&list, "wrong:03:00.0", VTD_SPEC, error, sizeof(error)));
	assert_false(inject_plan(&t, &list, 1, site, error, sizeof(error)));
	assert_string_equal(error, "wrong:03:00.0: the trace has no device-TLB invalidation of "
				   "this device, but of 01:00.0, 02:00.0");
	for (unsigned i = 0; i < 9; i++)
		event[i].desc = qi_desc_dev_tlb(0x100 + i, 0, 1, 0, 0);
	t.count = 9;
	assert_false(inject_plan(&t, &list, 1, site, error, sizeof(error)));
	assert_non_null(strstr(error, " 01:00.0, 01:00.1, 01:00.2, 01:00.3, 01:00.4, 01:00.5, "
				      "01:00.6, 01:00.7, ..."));
	for (unsigned i = 0; i < 9; i++)
		event[i].desc = qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0);
	assert_false(inject_plan(&t, &list, 1, site, error, sizeof(error)));
	assert_string_equal(error, "wrong:03:00.0 strikes device-TLB invalidations, and the trace "
				   "has none");
	t.count = 1;
	memset(site, 0, sizeof(site));
	assert_true(fault_list_parse(&list, "refuse,refuse", VTD_SPEC, error, sizeof(error)));
	assert_false(inject_plan(&t, &list, 1, site, error, sizeof(error)));
	assert_non_null(strstr(error, "no further event"));
}

/* ---- explanations ---- */

struct explained {
	enum vtd_fault_kind kind;
	struct qi_error e;
	bool by_itself; /* explains a failure of the event for which it was armed */
	bool by_others; /* explains one of another device's event at the same time */
};

static const struct explained cases[] = {
	{ VTD_FAULT_SILENT, { .code = -QI_ERR_DEVICE, .sid = 0x100 }, true, false },
	{ VTD_FAULT_SILENT, { .code = -QI_ERR_DEVICE, .sid = 0x200 }, false, false },
	{ VTD_FAULT_SILENT, { .code = -QI_ERR_DEVICE, .sid = 0x100, .index = 1 }, false, false },
	{ VTD_FAULT_SILENT, { .code = -QI_ERR_TIMEOUT }, false, false },
	{ VTD_FAULT_WRONG, { .code = -QI_ERR_DEVICE, .sid = 0x100 }, true, false },
	{ VTD_FAULT_LATE_ITE, { .code = -QI_ERR_DEVICE, .sid = 0x100 }, true, false },
	{ VTD_FAULT_LATE, { .code = -QI_ERR_DEVICE, .sid = 0x100 }, false, false },
	{ VTD_FAULT_REFUSE, { .code = -QI_ERR_IQE, .iqei = VTD_IQEI_FETCH }, false, false },
	{ VTD_FAULT_REFUSE, { .code = -QI_ERR_DEAD }, false, false },
	{ VTD_FAULT_FETCH, { .code = -QI_ERR_IQE, .iqei = VTD_IQEI_FETCH }, false, false },
	{ VTD_FAULT_STALL, { .code = -QI_ERR_DEAD }, true, true },
	{ VTD_FAULT_STALL, { .code = -QI_ERR_TIMEOUT }, true, true },
	{ VTD_FAULT_STALL, { .code = -QI_ERR_GONE }, false, false },
	{ VTD_FAULT_GONE, { .code = -QI_ERR_GONE }, true, true },
	{ VTD_FAULT_GONE, { .code = -QI_ERR_INVALID }, false, false },
	{ VTD_FAULT_LOSE_WRITE, { .code = -QI_ERR_TIMEOUT }, true, true },
	{ VTD_FAULT_LOSE_WRITE, { .code = -QI_ERR_DEAD }, false, false },
	{ VTD_FAULT_SLOW_WRITE, { .code = -QI_ERR_TIMEOUT }, false, false },
	{ VTD_FAULT_TWICE, { .code = -QI_ERR_TIMEOUT }, false, false },
};

static void explanations(void **state)
{
	const struct threads_config cfg = { .slots = 256, .width = 128 };
	struct qi_desc mine = qi_desc_dev_tlb(0x100, 0, 1, 0, 0);
	struct qi_desc other = qi_desc_dev_tlb(0x200, 0, 1, 0x1000, 0);
	struct threads_host *h = threads_start(&cfg);
	struct injector in;
	uint64_t random = 1;

	(void)state;
	assert_non_null(h);
	assert_true(injector_init(&in, h, VTD_SPEC, sizeof(cases) / sizeof(*cases)));
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct explained *c = &cases[i];
		const struct fault_item item = { c->kind, VTD_ANY_SID };
		uint32_t before = inject_mark(&in), after;

		inject_begin(&in, &item, &mine, &random);
		if (inject_explains(&in, before, &mine, &c->e) != c->by_itself ||
		    inject_explains(&in, before, &other, &c->e) != c->by_others)
			fail_msg("case %u", i);
		inject_end(&in);
		/*
		 * It is over, but was armed during the submission; it does not explain one that
		 * starts now.
		 */
		assert_int_equal(inject_explains(&in, before, &mine, &c->e), c->by_itself);
		after = inject_mark(&in);
		assert_false(inject_explains(&in, after, &mine, &c->e));
	}
	injector_free(&in);
	threads_stop(h);
}

/* The reported code must be the expected one; QEMU's unit reports none. */
static void refusals_explained(void **state)
{
	const struct threads_config cfg = { .slots = 256, .width = 128 };
	const struct fault_item item = { VTD_FAULT_REFUSE, VTD_ANY_SID };
	struct qi_desc d = qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x1000, 0, false, 0);
	struct qi_desc other = qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x2000, 0, false, 0);
	struct threads_host *h = threads_start(&cfg);

	(void)state;
	assert_non_null(h);
	for (int profile = VTD_SPEC; profile <= VTD_QEMU_7_2; profile++) {
		struct qi_error e = { .code = -QI_ERR_IQE };
		uint64_t random = 1;
		struct injector in;

		assert_true(injector_init(&in, h, profile, 1));
		inject_begin(&in, &item, &d, &random);
		assert_int_equal(inject_explains(&in, 0, &d, &e), profile == VTD_QEMU_7_2);
		e.iqei = in.log[0].fault.iqei;
		assert_int_equal(inject_explains(&in, 0, &d, &e), profile == VTD_SPEC);
		assert_false(inject_explains(&in, 0, &other, &e));
		assert_false(inject_explains(&in, 0, NULL, &e));
		e.index = 1;
		assert_false(inject_explains(&in, 0, &d, &e));
		inject_end(&in);
		injector_free(&in);
	}
	threads_stop(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),	cmocka_unit_test(bad_lists),
		cmocka_unit_test(plans),	cmocka_unit_test(impossible_plans),
		cmocka_unit_test(explanations), cmocka_unit_test(refusals_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
