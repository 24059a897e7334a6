/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qinval top with recordings, and the messages of top and record about what is impossible. */
#include "tests/tool/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <unistd.h>

static struct run r;

static void top(const char *file, const char *option, const char *more)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s", run_source(file));
	run_qinval(&r, (const char *[]){ "top", "--input", path, option, more, NULL }, NULL);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void a_real_recording_as_tables(void **state)
{
	(void)state;
	top("tests/live/traces/linux-6.12-ats.txt", "--once", NULL);
	assert_int_equal(r.code, 0);
	has(r.out, "10 submissions in ");
	has(r.out, "2.00 descriptors, 1.0 pages each; p50 6.1 us, p99 842 us, max 842 us\n");
	has(r.out, "0 under way; 0 retries, 0 failed; 0 events lost\n");
	has(r.out, "\nUNIT    DEVICE   DOMAIN TYPE ");
	has(r.out, "\ndmar0   01:00.0       - device TLB ");
	has(r.out, "\ndmar0   -             7 IOTLB page ");
	assert_string_equal(r.err, "");
}

/* Retries, failures, drains, nested calls, lost events: each is counted in its place. */
static void what_goes_wrong_is_counted(void **state)
{
	(void)state;
	top("tests/live/traces/made.txt", "--once", NULL);
	assert_int_equal(r.code, 0);
	has(r.out, "8 submissions in 2.0 s");
	has(r.out, "1 retry, 1 failed (1 timed out, 0 refused); 7 events lost, 1 without a time\n");
	has(r.out,
	    "02:00.0       - device TLB             0.5  1.00     2.0   1.0 s   1.0 s   1.0 s"
	    "      1      1\n");
	has(r.out, " 2 IOTLB page             0.5  1.00     1.0  100 us  100 us  100 us      0 ");
	has(r.out, " 3 IOTLB page             0.5  1.00     8.0   10 us   10 us   10 us      0 ");
	has(r.out, "- drain                  0.5  0.00       -  8.0 us  8.0 us  8.0 us      0 ");
	has(r.out, "interrupts index       1.0  1.00       -   10 us   20 us   20 us      0 ");
	has(r.out, "100.0 %  8.0 us  qi_flush_drain\n");
}

static void a_trace_without_completions_has_no_times(void **state)
{
	(void)state;
	top("examples/traces/net_ats_strict_smp4.trace.txt.xz", "--once", NULL);
	assert_int_equal(r.code, 0);
	has(r.out, "97222 submissions in 5.2 s");
	has(r.out, "p50 -, p99 -, max -\n");
}

static json_t *get(json_t *o, const char *name)
{
	json_t *value = json_object_get(o, name);

	if (!value)
		fail_msg("no key %s", name);
	return value;
}

static void json_has_the_same(void **state)
{
	json_t *o, *row, *latency;
	size_t i;

	(void)state;
	top("tests/live/traces/made.txt", "--json", NULL);
	o = answer(&r, 0);
	answer_has(o, "submissions 8, descriptors 8, retries 1, failed 1, "
		      "timed_out 1, refused 0, lost 7, untimed 1");
	assert_string_equal(json_string_value(get(o, "source")), "recording");
	latency = get(o, "latency_ns");
	answer_has(latency, "count 7, max 1000000000");
	assert_int_equal(json_array_size(get(o, "rows")), 8);
	json_array_foreach(get(o, "rows"), i, row)
	{
		if (strcmp(json_string_value(get(row, "type")), "cc_inv"))
			continue;
		assert_string_equal(json_string_value(get(row, "device")), "02:00.0");
		assert_int_equal(answer_integer(row, "domain"), 4);
		assert_true(json_is_null(get(row, "latency_ns")));
	}
	json_decref(o);
}

/* Each interval is a line, and their sums equal the total. */
static void intervals_are_cut_by_recorded_time(void **state)
{
	json_int_t sum = 0;
	unsigned lines = 0;
	char *line, *next;
	json_t *o;

	(void)state;
	top("tests/live/traces/made.txt", "--json", "--interval=0.5");
	for (line = r.out; *line; line = next) {
		next = strchr(line, '\n') + 1;
		next[-1] = '\0';
		o = json_loads(line, 0, NULL);
		assert_non_null(o);
		sum += answer_integer(o, "submissions");
		lines++;
		json_decref(o);
	}
	assert_int_equal(sum, 8);
	assert_int_equal(lines, 5); /* 2.000001 s */
}

static void standard_input_and_bad_input(void **state)
{
	const char *path;

	(void)state;
	run_qinval(&r, (const char *[]){ "top", "--input=-", "--once", NULL },
		   "x-1 [000] 1.0: qi_submit: iec_inv dmar0: 0x4 0x0 0x0 0x0\n");
	assert_int_equal(r.code, 0);
	has(r.out, "1 submission in 0.0 s");
	run_qinval(&r, (const char *[]){ "top", "--input=/nonexistent", "--once", NULL }, NULL);
	assert_int_equal(r.code, 1);
	has(r.err, "qinval top: /nonexistent: No such file");
	path = run_file("empty", "", 0);
	run_qinval(&r, (const char *[]){ "top", "--input", path, NULL }, NULL);
	assert_int_equal(r.code, 1);
	has(r.err, "the file is empty");
	/* Entries and returns alone do not name a unit. */
	run_qinval(&r, (const char *[]){ "top", "--input=-", "--once", NULL },
		   "x-1 [000] 1.0: qi_enter: (0) iommu=0x1 count=1 options=0x0\n"
		   "x-1 [000] 1.1: qi_leave: (0 <- 0) ret=0\n");
	assert_int_equal(r.code, 1);
	has(r.err, "no qi_submit event");
	run_clean();
}

static void bad_usage_is_a_sentence(void **state)
{
	static const struct {
		const char *args[5], *says;
	} cases[] = {
		{ { "top", "--interval=0", NULL }, "--interval 0: expected seconds" },
		{ { "top", "--interval=nan", NULL }, "--interval nan: expected seconds" },
		{ { "top", "--interval=1x", NULL }, "--interval 1x: expected seconds" },
		{ { "top", "trace.dat", NULL }, "trace.dat: a recording is given by --input" },
		{ { "top", "--by=magic", NULL }, "there are bpf, kprobes and tracepoint" },
		{ { "top", "--by=bpf", "--input=x", NULL }, "one of the two" },
		{ { "record", "--by=bpf", NULL }, "there are kprobes and tracepoint" },
		{ { "record", "-o", "/nonexistent/x.dat", "true", NULL },
		  "/nonexistent/x.dat: No such file" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run_qinval(&r, cases[i].args, NULL);
		assert_int_equal(r.code, 1);
		has(r.err, cases[i].says);
	}
}

static void a_full_disk_is_said(void **state)
{
	char path[4096];

	(void)state;
	snprintf(path, sizeof(path), "%s", run_source("tests/live/traces/made.txt"));
	run_qinval_on_full_disk(&r, (const char *[]){ "top", "--once", "--input", path, NULL });
	assert_int_equal(r.code, 1);
	has(r.err, "No space left");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_real_recording_as_tables),
		cmocka_unit_test(what_goes_wrong_is_counted),
		cmocka_unit_test(a_trace_without_completions_has_no_times),
		cmocka_unit_test(json_has_the_same),
		cmocka_unit_test(intervals_are_cut_by_recorded_time),
		cmocka_unit_test(standard_input_and_bad_input),
		cmocka_unit_test(bad_usage_is_a_sentence),
		cmocka_unit_test(a_full_disk_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
