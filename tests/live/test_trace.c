/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Lines of traces: what must be read from them, and what must not be guessed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "live/trace.h"

#define GOOD "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar0: 0x100e2 0x0 0x0 0x0\n"

static char error[5000];

static bool read_bytes(struct trace *t, const void *bytes, size_t size)
{
	char path[] = "/tmp/qinval-trace-XXXXXX";
	int fd = mkstemp(path);
	bool ok;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
	error[0] = '\0';
	ok = trace_read(t, path, error, sizeof(error));
	unlink(path);
	return ok;
}

static bool read_text(struct trace *t, const char *text)
{
	return read_bytes(t, text, strlen(text));
}

/* ---- lines that are events ---- */

static const struct {
	const char *line, *unit;
	unsigned cpu;
	uint64_t qw0, qw1;
} events[] = {
	{ "          <idle>-0       [002] d.s3.    13.434270: qi_submit: iotlb_inv dmar0: 0xb00f2 "
	  "0xffeb6000 0x0 0x0\n",
	  "dmar0", 2, 0xb00f2, 0xffeb6000 },
	{ "swapper     0 [013]    13.434270: intel_iommu:qi_submit: dev_tlb_inv dmar12: "
	  "0x20000000003 "
	  "0x7ffffffffffff001 0x0 0x0\n",
	  "dmar12", 13, 0x20000000003, 0x7ffffffffffff001 },
	{ "a [b] [1] c: d-12 [000] d..2. 1.5: qi_submit: iec_inv dmar0: 0x4 0x0 0x0 0x0\n", "dmar0",
	  0, 4, 0 },
	{ "[007]-9 [003] 1.5: qi_submit:            cc_inv dmar0: 0x11 0x0 0x0 0x0\n", "dmar0", 3,
	  0x11, 0 },
	{ "qi_submit: x-9 [003] 1.5: qi_submit: cc_inv dmar0: 0x11 0x0 0x0 0x0\n", "dmar0", 3, 0x11,
	  0 },
	{ "x-9 [003] 18446744073.709551615: qi_submit: cc_inv dmar0: 0x11 0x0 0x0 0x0\n", "dmar0",
	  3, 0x11, 0 },
	{ "x-9 [003] 18446744073709551615: qi_submit: cc_inv dmar0: 0x11 0x0 0x0 0x0\n", "dmar0", 3,
	  0x11, 0 },
	{ "a-1 [255] d... 12345: qi_submit: inv_wait dmar0: 0x45 0x0 0x0 0x0\n", "dmar0", 255, 0x45,
	  0 },
	{ "a-1 [001] d... 1.5: qi_submit: pc_inv dmar0: 0x37 0x0 0x0 0x0\r\n", "dmar0", 1, 0x37,
	  0 },
	{ "a-1 [001] d... 1.5: qi_submit: page_grp_resp dmar0: 0x9 0xfffffffffffff000 0x0 0x0",
	  "dmar0", 1, 9, 0xfffffffffffff000 },
	/* Types without a name in the kernel. Whether a unit accepts them does not matter here. */
	{ "a-1 [001] d... 1.5: qi_submit: 0xa dmar0: 0xa 0x0 0x0 0x0\n", "dmar0", 1, 0xa, 0 },
};

static void events_are_read(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(events) / sizeof(*events); i++) {
		struct trace t;

		if (!read_text(&t, events[i].line))
			fail_msg("%s%s", events[i].line, error);
		assert_int_equal(t.count, 1);
		assert_int_equal(t.damaged + t.foreign + t.unknown + t.lost, 0);
		assert_int_equal(t.cpu[0], events[i].cpu);
		assert_string_equal(t.unit[0], events[i].unit);
		assert_int_equal(t.event[0].desc.qw0, events[i].qw0);
		assert_int_equal(t.event[0].desc.qw1, events[i].qw1);
		assert_int_equal(t.event[0].line, 1);
		trace_free(&t);
	}
}

/* ---- lines that look like events and are none ---- */

static const struct {
	const char *line, *what;
} damaged[] = {
	{ "| qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0\n", "no CPU" },
	{ "sh-1 [x01] d..2. 1.5: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0\n", "no CPU" },
	{ "sh-1 [99999] d..2. 1.5: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0\n", "no CPU" },
	{ "sh-1 [001] d..2. qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0\n", "no time" },
	{ "sh-1 [001] d..2. 1.5.2: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0\n", "no time" },
	{ "sh-1 [001] d..2. .: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0\n", "no time" },
	{ "sh-1 [001] d..2. 1.: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0\n", "no time" },
	{ "sh-1 [001] d..2. .5: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0\n", "no time" },
	/* One more than fits into 64 bits of nanoseconds, or of another clock's units. */
	{ "a-1 [1] 18446744073.709551616: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0\n",
	  "no time" },
	{ "a-1 [1] 18446744074.0: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0\n", "no time" },
	{ "a-1 [1] 18446744073709551616: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0\n",
	  "no time" },
	{ "a-1 [1] 99999999999999999999999.56: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0\n",
	  "no time" },
	{ "sh-1 [001] d..2. 1.5: qi_submit:\n", "a type and a unit" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv\n", "a type and a unit" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar1 0x100e2 0x0 0x0 0x0\n",
	  "a type and a unit" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar1:\n", "a type and a unit" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0\n", "four words" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar1: 100e2 0x0 0x0 0x0\n", "four words" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar1: 0x100E2 0x0 0x0 0x0\n", "four words" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar1: 0x0100e2 0x0 0x0 0x0\n",
	  "four words" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar1: 0x 0x0 0x0 0x0\n", "four words" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar1: 0x100e2 0x12345678123456789 0x0 0x0\n",
	  "four words" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0 0x0\n",
	  "line's end" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0=\n",
	  "line's end" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar1: 0x100e3 0x0 0x0 0x0\n",
	  "do not agree" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb dmar1: 0x100e2 0x0 0x0 0x0\n", "do not agree" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dm sh-1 [001] d..2. 1.5: qi_submit: "
	  "iotlb_inv "
	  "dmar1: 0x100e2 0x0 0x0 0x0\n",
	  "two events" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv qi_submit: x sh-1 [001] d..2. 1.5: "
	  "qi_submit: "
	  "iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0\n",
	  "two events" },
	{ "sh-1 [001] d..2. 1.5: qi_submit: 0xb dmar1: 0xa 0x0 0x0 0x0\n", "do not agree" },
};

static void damaged_lines_are_left_out(void **state)
{
	char text[400];

	(void)state;
	for (unsigned i = 0; i < sizeof(damaged) / sizeof(*damaged); i++) {
		struct trace t;

		snprintf(text, sizeof(text), GOOD "%s" GOOD, damaged[i].line);
		assert_true(read_text(&t, text));
		if (t.count != 2 || t.damaged != 1 || !strstr(t.note[0].what, damaged[i].what))
			fail_msg("%s%zu events, %u damaged: %s", damaged[i].line, t.count,
				 (unsigned)t.damaged, t.note[0].what);
		assert_int_equal(t.note[0].line, 2);
		trace_free(&t);
	}
}

/* A last line without a newline may have lost digits of its last number, unless that is 0. */
static void a_cut_last_line_is_damaged(void **state)
{
	static const char line[] =
		"sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x0 0x12";
	char text[400];
	struct trace t;

	(void)state;
	/* Truncated anywhere after "[001]". */
	for (size_t cut = 11; cut < sizeof(line); cut++) {
		snprintf(text, sizeof(text), GOOD "%.*s", (int)cut, line);
		assert_true(read_text(&t, text));
		if (t.count != 1 || t.damaged != 1)
			fail_msg("%s: %zu events, %u damaged", text, t.count, (unsigned)t.damaged);
		trace_free(&t);
	}
}

static void only_the_first_few_are_described(void **state)
{
	char text[4000] = GOOD;
	struct trace t;

	(void)state;
	for (unsigned i = 0; i < 2 * TRACE_NOTES; i++)
		strcat(text, "x qi_submit: \n");
	assert_true(read_text(&t, text));
	assert_int_equal(t.damaged, 2 * TRACE_NOTES);
	assert_int_equal(t.note[TRACE_NOTES - 1].line, TRACE_NOTES + 1);
	trace_free(&t);
}

/* ---- other lines ---- */

static void other_lines_are_counted(void **state)
{
	struct trace t;

	(void)state;
	assert_true(read_text(&t, "# " GOOD "\n   \n" GOOD
				  "CPU:3 [LOST 12 EVENTS]\nCPU:0 [LOST 30 EVENTS]\n"
				  "sh-1 [001] d..2. 1.6: sched_switch: prev_prio=[120] ==> x\n"
				  "sh-1 [001] d..2. 1.6: sched_wakeup: qi_submit: no, it is not\n"
				  "sh-1 [001] d..2. 1.6: qi_submit_sync <-iommu_flush\n"
				  "sh-1 [001] d..2. 1.6: bprint: not_qi_submit: x\n"
				  "no event at all\n"));
	assert_int_equal(t.count, 1);
	assert_int_equal(t.damaged, 0);
	assert_int_equal(t.lost, 42);
	assert_int_equal(t.foreign, 4);
	assert_int_equal(t.others, 3);
	assert_string_equal(t.other[0], "sched_switch");
	assert_string_equal(t.other[1], "sched_wakeup");
	assert_string_equal(t.other[2], "bprint");
	assert_int_equal(t.unknown, 1);
	assert_int_equal(t.lines, 11);
	trace_free(&t);
}

static void cpus_units_and_times(void **state)
{
	struct trace t;

	(void)state;
	assert_true(read_text(
		&t, "a-1 [005] d... 7.000000001: qi_submit: iec_inv dmar1: 0x4 0x0 0x0 0x0\n"
		    "a-1 [001] d... 9.5: qi_submit: iec_inv dmar0: 0x4 0x0 0x0 0x0\n"
		    "a-1 [005] d... 8.5: qi_submit: iec_inv dmar1: 0x4 0x0 0x0 0x0\n"));
	assert_int_equal(t.cpus, 2);
	assert_int_equal(t.cpu[0], 5);
	assert_int_equal(t.cpu[1], 1);
	assert_int_equal(t.event[2].cpu, 0);
	assert_int_equal(t.units, 2);
	assert_string_equal(t.unit[1], "dmar0");
	assert_int_equal(t.event[2].unit, 0);
	assert_true(t.timed);
	assert_int_equal(t.first, 7000000001);
	assert_int_equal(t.last, 9500000000);
	trace_free(&t);

	/* Another clock than one of seconds. */
	assert_true(
		read_text(&t, "a-1 [005] d... 70: qi_submit: iec_inv dmar1: 0x4 0x0 0x0 0x0\n"));
	assert_false(t.timed);
	trace_free(&t);
}

static void too_many_units(void **state)
{
	char *text = calloc(TRACE_UNITS + 1, 100), *end = text;
	struct trace t;

	(void)state;
	for (unsigned i = 0; i <= TRACE_UNITS; i++)
		end += sprintf(end, "a-1 [0] 1.5: qi_submit: iec_inv dmar%u: 0x4 0x0 0x0 0x0\n", i);
	assert_false(read_text(&t, text));
	assert_non_null(strstr(error, ":65: more than 64 units"));
	trace_free(&t);
	free(text);
}

static void lines_up_to_the_longest(void **state)
{
	size_t size = 70000;
	char *text = malloc(size + sizeof(GOOD));
	struct trace t;

	(void)state;
	memset(text, 'x', size);
	text[65535] = '\n';
	memcpy(text + 65536, GOOD, sizeof(GOOD));
	assert_true(read_text(&t, text));
	assert_int_equal(t.unknown, 1);
	assert_int_equal(t.event[0].line, 2);
	trace_free(&t);

	text[65535] = 'x';
	text[65536] = '\n';
	assert_false(read_bytes(&t, text, size));
	assert_non_null(strstr(error, ":1: a line of more than 65535 bytes"));
	trace_free(&t);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_read),
		cmocka_unit_test(damaged_lines_are_left_out),
		cmocka_unit_test(a_cut_last_line_is_damaged),
		cmocka_unit_test(only_the_first_few_are_described),
		cmocka_unit_test(other_lines_are_counted),
		cmocka_unit_test(cpus_units_and_times),
		cmocka_unit_test(too_many_units),
		cmocka_unit_test(lines_up_to_the_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
