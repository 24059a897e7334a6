/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Traces that tell when calls returned: what is summed up, concluded and drawn. */
#include "said.h"
#include "tests/tool/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

static char *text;
static size_t used;

static int begin(void **state)
{
	(void)state;
	text = calloc(1, 1 << 20);
	used = 0;
	return !text;
}

static int end(void **state)
{
	(void)state;
	free(text);
	return 0;
}

__attribute__((format(printf, 3, 4))) static void event(unsigned task, double time,
							const char *format, ...)
{
	va_list ap;

	used += sprintf(text + used, "            dd-%u   [%03u]  %.6f: ", task, task % 4, time);
	va_start(ap, format);
	used += vsprintf(text + used, format, ap);
	va_end(ap);
	used += sprintf(text + used, "\n");
}

static void enter(unsigned task, double time, unsigned count)
{
	event(task, time,
	      "qi_enter: (qi_submit_sync+0x4/0x840) iommu=0xffff888000000000 "
	      "count=%u options=0x0",
	      count);
}

static void iotlb(unsigned task, double time, unsigned domain)
{
	event(task, time, "qi_submit: iotlb_inv dmar0: 0x%x00f2 0x1000 0x0 0x0", domain);
}

static void device_tlb(unsigned task, double time, unsigned bus)
{
	event(task, time, "qi_submit: dev_tlb_inv dmar0: 0x%x0000000003 0x1000 0x0 0x0", bus);
}

static void leave(unsigned task, double time, int ret)
{
	event(task, time, "qi_leave: (qi_flush_dev_iotlb+0x12/0x40 <- qi_submit_sync) ret=%d", ret);
}

static void of_device(unsigned task, double time, double took, unsigned bus, int ret)
{
	enter(task, time, 1);
	device_tlb(task, time, bus);
	leave(task, time + took, ret);
}

static void check_value(const char *field, const char *value)
{
	const char *has = said_value("calls", 0, field);

	if (!has || strcmp(has, value))
		fail_msg("%s is %s, not %s", field, has ? has : "missing", value);
}

static void check_says(const char *id, const char *words)
{
	if (!strstr(said_finding(id), words))
		fail_msg("%s says \"%s\", not \"%s\"", id, said_finding(id), words);
}

static void calls_are_summed_up(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		enter(1, i, 2);
		iotlb(1, i, 3);
		device_tlb(1, i, 1);
		leave(1, i + 5e-6, 0);
	}
	enter(2, 10, 0);
	leave(2, 10.000020, 0);
	said_of_text(text);
	assert_int_equal(said_blocks("calls"), 1);
	check_value("calls", "11");
	check_value("failed", "0");
	check_value("not returned", "0");
	check_value("longest ns", "20000");
	check_value("dmar0 IOTLB", "10");
	check_value("dmar0 device TLB 01:00.0", "10");
	check_value("dmar0 drain", "1");
	assert_string_equal(said_meaning("calls", 0, "dmar0 IOTLB"),
			    "p50 5.0 us, p99 5.0 us, longest 5.0 us");
	/* There is no problem, it is no profile, and it has completions. */
	assert_int_equal(said_findings(), 0);
	assert_int_equal(said_rows("qi_submit", 0), 20);
}

static void what_fails_is_said_with_its_device(void **state)
{
	(void)state;
	of_device(1, 1, 5e-6, 1, 0);
	of_device(1, 2, 5e-6, 2, -110);
	of_device(1, 3, 5e-6, 1, -22);
	said_of_text(text);
	check_value("failed", "2");
	assert_int_equal(said_found("call-failed"), 2);
	check_says("call-failed", "-110 (ETIMEDOUT");
	check_says("call-failed", "the device TLB of 02:00.0");
	assert_non_null(
		strstr(said_meaning("calls", 0, "dmar0 device TLB 02:00.0"), "; 1 failed, "));
	assert_true(said_of_text(text)->problem);
}

static void what_is_repeated_or_slow_is_said(void **state)
{
	(void)state;
	enter(1, 1, 1);
	device_tlb(1, 1, 3);
	device_tlb(1, 1.5, 3);
	leave(1, 2.5, 0);
	said_of_text(text);
	check_value("repeated", "1");
	check_says("call-repeated", "the device TLB of 03:00.0");
	check_says("call-slow", "the device TLB of 03:00.0");
	assert_int_equal(said_found("call-failed"), 0);
	/* Known facts are not inferred as well. */
	assert_int_equal(said_found("submitted-again"), 0);
}

static void what_never_returns_is_said(void **state)
{
	(void)state;
	enter(1, 1, 1);
	device_tlb(1, 1, 4);
	of_device(2, 1.5, 1e-6, 1, 0);
	said_of_text(text);
	/* The call may be about to return. */
	check_value("not returned", "1");
	assert_int_equal(said_findings(), 0);
	of_device(2, 3, 1e-6, 1, 0);
	said_of_text(text);
	check_says("call-unfinished", "more than a second");
	check_says("call-unfinished", "the device TLB of 04:00.0");
	of_device(2, 12, 1e-6, 1, 0);
	said_of_text(text);
	check_says("call-unfinished", "more than ten seconds");
	assert_true(said_of_text(text)->problem);
}

/* A call that was open when events were lost may have returned meanwhile. */
static void nothing_is_concluded_across_a_hole(void **state)
{
	(void)state;
	enter(1, 1, 1);
	device_tlb(1, 1, 4);
	used += sprintf(text + used, "CPU:1 [LOST 7 EVENTS]\n");
	of_device(2, 30, 1e-6, 1, 0);
	said_of_text(text);
	check_value("not returned", "0");
	assert_int_equal(said_found("call-unfinished"), 0);
	assert_int_equal(said_found("trace-events-lost"), 1);
}

static void many_devices_share_the_last_lane(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 30; i++)
		of_device(1, i, 1e-6, i, i == 30 ? -110 : 0);
	said_of_text(text);
	check_value("dmar0 device TLB 0b:00.0", "1");
	assert_null(said_value("calls", 0, "dmar0 device TLB 0c:00.0"));
	check_value("others", "19");
	check_says("call-failed", "1e:00.0");
}

/* ---- the figure ---- */

static char *page(void)
{
	char path[300], file[300], *html = calloc(1, 1 << 20);
	static struct run r;
	FILE *f;

	snprintf(path, sizeof(path), "%s/page.html", run_directory());
	snprintf(file, sizeof(file), "%s/calls.txt", run_directory());
	f = fopen(file, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	run_qinval(&r, (const char *[]){ "decode", file, "--html", path, NULL }, NULL);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(html);
	assert_true(fread(html, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	unlink(path);
	unlink(file);
	return html;
}

static void has(const char *html, const char *part)
{
	const char *figure = strstr(html, "<figure>");

	assert_non_null(figure);
	if (!strstr(figure, part))
		fail_msg("no %s in %s", part, figure);
}

static void time_lines_show_when_and_how_long(void **state)
{
	char *html;

	(void)state;
	/* 700 columns from 0 to the last event: each is some milliseconds. */
	of_device(1, 100, 10e-6, 1, 0);
	of_device(1, 100.1, 0.2, 2, -110);
	of_device(1, 100.5, 1e-6, 1, 0);
	enter(2, 100.6, 1);
	device_tlb(2, 100.6, 3);
	of_device(1, 101, 1e-6, 1, 0);
	html = page();
	/* 1 us, doubled until 700 of them are a second, is 2.048 ms. */
	has(html, "<text x=\"0\" y=\"40\">dmar0 device TLB 01:00.0</text>");
	has(html, "stroke=\"#3b7dd8\" d=\"M190.5 44v-10.5M434.5 44v-6.2M678.5 44v-6.2\"");
	/* Red, at column 48, and 97.7 columns long. */
	has(html, "stroke=\"#d03030\" d=\"M238.5 88v-28.0h97.7\"");
	/* From column 293 to the end. */
	has(html, "not returned: 1");
	has(html, "d=\"M483.0 132H678.3\"");
	free(html);
}

static void a_trace_of_hours_is_as_wide(void **state)
{
	const char *s;
	char *html;

	(void)state;
	for (unsigned i = 0; i < 2000; i++)
		of_device(1, 5.0 * i, 10e-6, 1, 0);
	html = page();
	s = strstr(html, "d=\"M190.5 44v-10.5M191.5");
	assert_non_null(s);
	has(html, ">10000 s<");
	free(html);
}

static void names_are_no_markup(void **state)
{
	char *html;

	(void)state;
	enter(1, 1, 1);
	event(1, 1, "qi_submit: iotlb_inv <b>&\": 0x100f2 0x1000 0x0 0x0");
	leave(1, 1.1, 0);
	html = page();
	has(html, ">?b??? IOTLB<");
	assert_null(strstr(html, "<b>&\""));
	free(html);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(calls_are_summed_up, begin, end),
		cmocka_unit_test_setup_teardown(what_fails_is_said_with_its_device, begin, end),
		cmocka_unit_test_setup_teardown(what_is_repeated_or_slow_is_said, begin, end),
		cmocka_unit_test_setup_teardown(what_never_returns_is_said, begin, end),
		cmocka_unit_test_setup_teardown(nothing_is_concluded_across_a_hole, begin, end),
		cmocka_unit_test_setup_teardown(many_devices_share_the_last_lane, begin, end),
		cmocka_unit_test_setup_teardown(time_lines_show_when_and_how_long, begin, end),
		cmocka_unit_test_setup_teardown(a_trace_of_hours_is_as_wide, begin, end),
		cmocka_unit_test_setup_teardown(names_are_no_markup, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, said_clean);
}
