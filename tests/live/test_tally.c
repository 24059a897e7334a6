/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Sums by row, the definition of rows, and their display. */
#include "live/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct live_desc desc(struct qi_desc d)
{
	return (struct live_desc){ d.qw0, d.qw1 };
}

static struct live_call call(const char *unit, uint64_t took)
{
	struct live_call c = { .took = took };

	strcpy(c.unit, unit);
	return c;
}

static void add(struct live_call *c, struct qi_desc d)
{
	c->desc[c->descs++] = desc(d);
	c->count++;
}

static void check_key(struct qi_desc d, uint32_t device, uint32_t domain, const char *type)
{
	struct live_desc l = desc(d);
	const struct tally_row row = { .key = tally_key("dmar0", &l) };
	char text[40];

	assert_int_equal(row.key.device, device);
	assert_int_equal(row.key.domain, domain);
	view_type(&row, text, sizeof(text));
	assert_string_equal(text, type);
}

static void each_type_says_whom_it_concerns(void **state)
{
	(void)state;
	check_key(qi_desc_context(QI_CC_GLOBAL, 7, 0x10, 0), TALLY_NONE, TALLY_NONE,
		  "context global");
	check_key(qi_desc_context(QI_CC_DOMAIN, 7, 0x10, 0), TALLY_NONE, 7, "context domain");
	check_key(qi_desc_context(QI_CC_DEVICE, 7, 0x10, 0), 0x10, 7, "context device");
	check_key(qi_desc_iotlb(QI_IOTLB_GLOBAL, 7, 0, 0, false, 0), TALLY_NONE, TALLY_NONE,
		  "IOTLB global");
	check_key(qi_desc_iotlb(QI_IOTLB_PAGE, 7, 0, 0, false, 0), TALLY_NONE, 7, "IOTLB page");
	check_key(qi_desc_dev_tlb(0x1234, 0xfff, 31, 0x1000, 0), 0x1234, TALLY_NONE, "device TLB");
	check_key(qi_desc_iec(QI_IEC_GLOBAL, 5, 3), TALLY_NONE, TALLY_NONE, "interrupts global");
	check_key(qi_desc_iec(QI_IEC_INDEX, 5, 3), TALLY_NONE, TALLY_NONE, "interrupts index");
	check_key(qi_desc_piotlb(QI_PIOTLB_PASID, 9, 1, 0, 0, false), TALLY_NONE, 9,
		  "PASID IOTLB PASID");
	check_key(qi_desc_pasid_cache(QI_PC_DOMAIN, 9, 1), TALLY_NONE, 9, "PASID cache domain");
	check_key(qi_desc_pasid_cache(QI_PC_GLOBAL, 9, 1), TALLY_NONE, TALLY_NONE,
		  "PASID cache global");
	check_key(qi_desc_dev_tlb_pasid(0x4321, 0, 31, 1, false, 0, 0), 0x4321, TALLY_NONE,
		  "PASID dev TLB");
	check_key(qi_desc_page_response(0x2222, true, 1, 0, 0, true), 0x2222, TALLY_NONE,
		  "page response");
	check_key((struct qi_desc){ 0xf, 0, 0, 0 }, TALLY_NONE, TALLY_NONE, "type 0xf");
}

static const struct tally_row *find(const struct tally *g, unsigned type)
{
	unsigned rows;
	const struct tally_row *row = tally_rows(g, &rows);

	for (unsigned i = 0; i < rows; i++)
		if (row[i].key.type == type)
			return &row[i];
	fail_msg("no row of type %u", type);
	return NULL;
}

static void a_batch_counts_once_in_each_row_and_once_in_all(void **state)
{
	struct live_call c = call("dmar0", 1000);
	struct tally *g = tally_new();

	(void)state;
	add(&c, qi_desc_iotlb(QI_IOTLB_PAGE, 7, 0x10000, 4, false, 0));
	add(&c, qi_desc_dev_tlb(0x10, 0, 31, 0x10000, 4));
	add(&c, qi_desc_iotlb(QI_IOTLB_PAGE, 7, 0x20000, 0, false, 0));
	c.retries = 2;
	c.ret = -110;
	tally_call(g, &c);
	assert_int_equal(tally_all(g)->calls, 1);
	assert_int_equal(tally_all(g)->descs, 3);
	assert_int_equal(tally_all(g)->pages, 33);
	assert_int_equal(tally_all(g)->failed, 1);
	assert_int_equal(find(g, QI_IOTLB_TYPE)->sums.calls, 1);
	assert_int_equal(find(g, QI_IOTLB_TYPE)->sums.descs, 2);
	assert_int_equal(find(g, QI_IOTLB_TYPE)->sums.pages, 17);
	assert_int_equal(find(g, QI_DIOTLB_TYPE)->sums.calls, 1);
	assert_int_equal(find(g, QI_DIOTLB_TYPE)->sums.pages, 16);
	assert_int_equal(find(g, QI_DIOTLB_TYPE)->sums.retries, 2);
	tally_free(g);
}

static void drains_and_unknown_times(void **state)
{
	struct live_call c = call("dmar0", LIVE_UNKNOWN);
	struct tally *g = tally_new();

	(void)state;
	tally_call(g, &c);
	assert_int_equal(find(g, QI_IWD_TYPE)->sums.calls, 1);
	assert_int_equal(find(g, QI_IWD_TYPE)->sums.descs, 0);
	assert_int_equal(tally_all(g)->timed, 0);
	c.took = 0;
	tally_call(g, &c);
	assert_int_equal(tally_all(g)->timed, 1);
	assert_int_equal(tally_all(g)->longest, 0);
	tally_clear(g);
	assert_int_equal(tally_all(g)->calls, 0);
	tally_free(g);
}

/* A descriptor that does not say how much it covers is not counted as a number of pages. */
static void everything_is_no_number_of_pages(void **state)
{
	struct live_call c = call("dmar0", 1);
	struct tally *g = tally_new();

	(void)state;
	add(&c, qi_desc_dev_tlb(0x10, 0, 31, 0, QI_DEV_TLB_ALL));
	add(&c, qi_desc_iotlb(QI_IOTLB_DOMAIN, 7, 0, 0, false, 0));
	tally_call(g, &c);
	assert_int_equal(tally_all(g)->ranged, 0);
	assert_int_equal(tally_all(g)->pages, 0);
	tally_free(g);
}

/* More domains than rows: the total is complete, and the rest is one row. */
static void rows_that_are_too_many_are_the_last_one(void **state)
{
	struct tally *g = tally_new();
	const struct tally_row *row;
	uint64_t sum = 0;
	unsigned rows;

	(void)state;
	for (unsigned i = 0; i < 3 * TALLY_ROWS; i++) {
		struct live_call c = call("dmar0", 100);

		add(&c, qi_desc_iotlb(QI_IOTLB_DOMAIN, i, 0, 0, false, 0));
		c.frame[0] = i;
		c.frames = 1;
		tally_call(g, &c);
	}
	row = tally_rows(g, &rows);
	assert_int_equal(rows, TALLY_ROWS);
	for (unsigned i = 0; i < rows; i++)
		sum += row[i].sums.calls;
	assert_int_equal(sum, 3 * TALLY_ROWS);
	assert_int_equal(row[TALLY_ROWS - 1].key.type, 0);
	assert_int_equal(row[TALLY_ROWS - 1].sums.calls, 2 * TALLY_ROWS + 1);
	tally_callers(g, &rows);
	assert_int_equal(rows, TALLY_CALLERS);
	tally_free(g);
}

static void quantiles_are_upper_bounds_within_an_eighth(void **state)
{
	struct tally *g = tally_new();

	(void)state;
	for (unsigned i = 1; i <= 1000; i++) {
		struct live_call c = call("dmar0", i * 1000);

		tally_call(g, &c);
	}
	assert_in_range(tally_quantile(tally_all(g), 1, 2), 500000, 562500);
	assert_in_range(tally_quantile(tally_all(g), 99, 100), 990000, 1000000);
	assert_int_equal(tally_all(g)->longest, 1000000);
	assert_int_equal(tally_all(g)->took, 500500000);
	tally_free(g);
}

static void rows_are_sorted_and_chosen(void **state)
{
	struct tally *g = tally_new();
	static struct view v;
	const struct tally_row *row;
	unsigned rows;

	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		struct live_call c = call("dmar0", (4 - i) * 1000);

		add(&c, qi_desc_iotlb(QI_IOTLB_DOMAIN, 10 * i, 0, 0, false, 0));
		for (unsigned j = 0; j < i; j++)
			tally_call(g, &c);
	}
	memset(&v, 0, sizeof(v));
	v.tally = g;
	v.seconds = 1;
	row = tally_rows(g, &rows);
	view_arrange(&v);
	assert_int_equal(row[v.order[0]].key.domain, 30);
	v.sort = VIEW_MAX;
	view_arrange(&v);
	assert_int_equal(row[v.order[0]].key.domain, 10);
	v.reverse = true;
	view_arrange(&v);
	assert_int_equal(row[v.order[0]].key.domain, 30);
	strcpy(v.filter, " 20 iotlb DOM");
	view_arrange(&v);
	assert_int_equal(v.rows, 1);
	assert_int_equal(row[v.order[0]].key.domain, 20);
	tally_free(g);
}

static void times_have_two_digits_and_a_unit(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} times[] = {
		{ 0, "0 ns" },	       { 999, "999 ns" },	{ 1000, "1.0 us" },
		{ 9949, "9.9 us" },    { 9960, "10 us" },	{ 999499, "999 us" },
		{ 999500, "1.0 ms" },  { 1500000000, "1.5 s" }, { 86400000000000, "86400 s" },
		{ LIVE_UNKNOWN, "-" },
	};
	char buf[12];

	(void)state;
	for (unsigned i = 0; i < sizeof(times) / sizeof(*times); i++) {
		view_time(times[i].ns, buf);
		assert_string_equal(buf, times[i].text);
	}
}

static void stacks_are_folded_from_the_callers_on(void **state)
{
	static const char text[] = "0000000000001000 T qi_submit_sync\n"
				   "0000000000002000 t qi_flush_iotlb\n"
				   "0000000000003000 t nvme_unmap\t[nvme]\n"
				   "0000000000003800 d some_data\n"
				   "0000000000004000 t bpf_trampoline_1\n";
	const uint64_t whole[] = { 0x4010, 0x1005, 0x2010, 0x3900, 0x10 };
	const uint64_t above[] = { 0x4010, 0x2010 };
	char path[] = "/tmp/test-live-XXXXXX", buf[200];
	int fd = mkstemp(path);
	struct names *s;
	FILE *f = fdopen(fd, "w");

	(void)state;
	fputs(text, f);
	fclose(f);
	s = names_load(path);
	assert_non_null(s);
	names_fold(s, whole, 5, 10, buf, sizeof(buf));
	assert_string_equal(buf, "0x10;nvme_unmap;qi_flush_iotlb");
	names_fold(s, whole, 5, 1, buf, sizeof(buf));
	assert_string_equal(buf, "qi_flush_iotlb");
	names_fold(s, above, 2, 10, buf, sizeof(buf));
	assert_string_equal(buf, "qi_flush_iotlb");
	assert_int_equal(names_fold(s, whole, 5, 10, buf, 8), 7);
	names_free(s);
	remove(path);
	assert_null(names_load("/nonexistent"));
}

/* A batch that invalidates a domain and then the TLB of a device in it belongs to both rows. */
static void callers_of_a_batch_belong_to_its_domain_and_its_device(void **state)
{
	struct live_call c = call("dmar0", 5000);
	static struct view v;
	struct view_caller caller[VIEW_CALLERS];
	const struct tally_row *row;
	unsigned rows, n;

	(void)state;
	v = (struct view){ .tally = tally_new() };
	add(&c, qi_desc_iotlb(QI_IOTLB_PAGE, 7, 0, 0, false, 0));
	add(&c, qi_desc_dev_tlb(0x100, 0x100, 31, 0x1000, 0));
	c.frames = 1;
	c.frame[0] = 0x1234;
	tally_call((struct tally *)v.tally, &c);
	c = call("dmar0", 5000);
	add(&c, qi_desc_iotlb(QI_IOTLB_PAGE, 8, 0, 0, false, 0));
	c.frames = 1;
	c.frame[0] = 0x5678;
	tally_call((struct tally *)v.tally, &c);
	row = tally_rows(v.tally, &rows);
	assert_int_equal(rows, 3);
	for (unsigned i = 0; i < rows; i++) {
		n = view_callers(&v, i, 8, caller);
		assert_int_equal(n, 1);
		assert_string_equal(caller[0].stack, row[i].key.domain == 8 ? "0x5678" : "0x1234");
		view_callers_free(caller, n);
	}
	n = view_callers(&v, TALLY_NONE, 8, caller);
	assert_int_equal(n, 2);
	assert_int_equal(caller[0].calls + caller[1].calls, 2);
	view_callers_free(caller, n);
	tally_free((struct tally *)v.tally);
}

static void bars_are_as_long_as_their_counts(void **state)
{
	struct tally *g = tally_new();
	char line[VIEW_LINE];

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		struct live_call c = call("dmar0", i < 10 ? 5000 : 20000);

		tally_call(g, &c);
	}
	assert_true(view_bar(tally_all(g), 0, 30, line));
	assert_string_equal(line, "   4.1 us        10 ##########");
	assert_true(view_bar(tally_all(g), 1, 30, line));
	assert_string_equal(line, "   8.2 us         0 ");
	assert_true(view_bar(tally_all(g), 2, 30, line));
	assert_string_equal(line, "    16 us        30 ##############################");
	assert_false(view_bar(tally_all(g), 3, 30, line));
	tally_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_says_whom_it_concerns),
		cmocka_unit_test(a_batch_counts_once_in_each_row_and_once_in_all),
		cmocka_unit_test(drains_and_unknown_times),
		cmocka_unit_test(everything_is_no_number_of_pages),
		cmocka_unit_test(rows_that_are_too_many_are_the_last_one),
		cmocka_unit_test(quantiles_are_upper_bounds_within_an_eighth),
		cmocka_unit_test(rows_are_sorted_and_chosen),
		cmocka_unit_test(times_have_two_digits_and_a_unit),
		cmocka_unit_test(stacks_are_folded_from_the_callers_on),
		cmocka_unit_test(callers_of_a_batch_belong_to_its_domain_and_its_device),
		cmocka_unit_test(bars_are_as_long_as_their_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
