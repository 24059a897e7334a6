/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * trace.dat files: recorded ones in dat/, compared with trace-cmd's own report; generated ones for
 * other events; and damaged ones, which must end with a message.
 */
#include "dat_file.h"
#include "tests/tool/run.h"
#include "input/dat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TEXT_SIZE (128 * 1024)

static char text[TEXT_SIZE], wanted[TEXT_SIZE];
static char error[1000];
static struct dat_file file;

/* The text as one string; false if the file is refused, at the beginning or later. */
static bool read_text(const void *bytes, size_t size)
{
	FILE *f = tmpfile();
	struct dat *d;
	size_t used = 0;
	long n;

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	fflush(f);
	d = dat_open(fileno(f));
	assert_non_null(d);
	while ((n = dat_read(d, text + used, TEXT_SIZE - 1 - used)) > 0)
		used += n;
	text[used] = '\0';
	snprintf(error, sizeof(error), "%s", dat_error(d));
	dat_close(d);
	fclose(f);
	assert_true(n < 0 ? error[0] : !error[0]);
	return n == 0;
}

/* ---- recorded ones ---- */

static const char *const recorded[] = { "nvme-v6", "nvme-v7-zstd", "nvme-v7-instance" };

static size_t command_output(const char *command, void *to, size_t size)
{
	FILE *p = popen(command, "r");
	size_t n;

	assert_non_null(p);
	n = fread(to, 1, size, p);
	assert_int_equal(pclose(p), 0);
	return n;
}

/* trace-cmd's report of qi_submit in our layout: trace-cmd puts more blanks after the name. */
static void reported(const char *path)
{
	char command[1000];
	size_t n;

	snprintf(command, sizeof(command),
		 "trace-cmd report -q %s 2>/dev/null | grep -v second: | grep qi_submit: |"
		 " tr -s ' '",
		 path);
	n = command_output(command, wanted, TEXT_SIZE - 1);
	wanted[n] = '\0';
}

static void squeeze(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (*s != ' ' || s[1] != ' ')
			*to++ = *s;
	*to = '\0';
}

static void drop_others(char *s)
{
	char *to = s, *line = s, *end;

	for (; *line; line = end) {
		end = strchr(line, '\n') + 1;
		if (!memmem(line, end - line, "qi_submit:", 10))
			continue;
		memmove(to, line, end - line);
		to += end - line;
	}
	*to = '\0';
}

static void as_trace_cmd_reports(void **state)
{
	static char bytes[256 * 1024];
	char command[500];
	size_t size;

	(void)state;
	for (unsigned i = 0; i < sizeof(recorded) / sizeof(*recorded); i++) {
		char path[200];

		snprintf(path, sizeof(path), "tests/input/dat/%s.dat.xz", recorded[i]);
		snprintf(command, sizeof(command), "xz -dc %s", run_source(path));
		size = command_output(command, bytes, sizeof(bytes));
		assert_true(read_text(bytes, size));
		drop_others(text);
		squeeze(text);
		reported(run_file("recorded.dat", bytes, size));
		/* The columns are wider where there are instances. */
		assert_string_equal(text + strspn(text, " "), wanted + strspn(wanted, " "));
		assert_true(strlen(text) > 1000);
	}
}

/* As a file, from a pipe, compressed: the same invalidations. */
static void replayed(void **state)
{
	static struct run r;
	const char *args[] = { "replay", NULL, NULL };
	char command[2000];

	(void)state;
	args[1] = run_source("tests/input/dat/nvme-v7-zstd.dat.xz");
	run_qinval(&r, args, NULL);
	assert_int_equal(r.code, 0);
	assert_non_null(strstr(r.out, "24 submissions: nothing lost"));
	assert_non_null(strstr(r.out, "62 other events passed over"));
	snprintf(command, sizeof(command), "xz -dc %s | %s replay - | grep -q '^24 submissions'",
		 args[1], getenv("QINVAL"));
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command),
		 "xz -dc %s > %s/plain.dat && %s replay %s/plain.dat | grep -q '^24 submissions'",
		 args[1], run_directory(), getenv("QINVAL"), run_directory());
	assert_int_equal(system(command), 0);
}

/* The text report of trace-cmd gives the same. */
static void report_replayed(void **state)
{
	char command[1000];

	(void)state;
	snprintf(command, sizeof(command),
		 "xz -dc %s > %s/plain.dat && trace-cmd report %s/plain.dat 2>/dev/null |"
		 " %s replay - | grep -q '^90 submissions: nothing lost'",
		 run_source("tests/input/dat/nvme-v6.dat.xz"), run_directory(), run_directory(),
		 getenv("QINVAL"));
	assert_int_equal(system(command), 0);
}

/* Output of perf script and tracefs in the same guest. */
static void texts_replayed(void **state)
{
	static const struct {
		const char *path, *says;
	} texts[] = {
		{ "tests/decode/samples/trace/03-perf-script-6.1.txt",
		  "36 submissions: nothing lost" },
		{ "tests/decode/samples/trace/04-tracefs-6.1.txt", "12 submissions: nothing lost" },
	};
	static struct run r;
	const char *args[] = { "replay", NULL, NULL };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		args[1] = run_source(texts[i].path);
		run_qinval(&r, args, NULL);
		assert_int_equal(r.code, 0);
		assert_non_null(strstr(r.out, texts[i].says));
		assert_null(strstr(r.out, "passed over"));
	}
}

/* The decoder gets the same lines, and an unreadable file is exit code 1 there, too. */
static void decoded(void **state)
{
	static struct run r;
	const char *args[] = { "decode", NULL, NULL };

	(void)state;
	args[1] = run_source("tests/input/dat/nvme-v7-zstd.dat.xz");
	run_qinval(&r, args, NULL);
	assert_int_equal(r.code, 0);
	assert_non_null(strstr(r.out, "IOTLB Invalidation: page, DID 5"));
	args[1] = run_file("cut.dat", "\x17\x08\x44tracing6\0\0\10", 14);
	run_qinval(&r, args, NULL);
	assert_int_equal(r.code, 1);
	assert_non_null(
		strstr(r.err, "cut.dat: is a trace.dat file that libtracecmd does not read"));
}

/* ---- generated ones ---- */

#define U64(name, offset) "\tfield:u64 " name ";\toffset:" offset ";\tsize:8;\tsigned:0;\n"
#define U32(name, offset) "\tfield:u32 " name ";\toffset:" offset ";\tsize:4;\tsigned:0;\n"
#define U16(name, offset) "\tfield:u16 " name ";\toffset:" offset ";\tsize:2;\tsigned:0;\n"
#define STR(name, offset) \
	"\tfield:__data_loc char[] " name ";\toffset:" offset ";\tsize:4;\tsigned:1;\n"

static const char qi_submit[] =
	U64("qw0", "8") U64("qw1", "16") U64("qw2", "24") U64("qw3", "32") STR("iommu", "40");

static const struct dat_format formats[] = {
	{ "intel_iommu", "qi_submit", 10, qi_submit },
	{ "intel_iommu", "prq_report", 11,
	  U64("dw0", "8") U64("dw1", "16") U64("dw2", "24") U64(
		  "dw3",
		  "32") "\tfield:unsigned long seq;\toffset:40;\tsize:8;\tsigned:0;\n" STR("iommu",
											   "48")
		  STR("dev", "52") },
	{ "intel_iommu", "cache_tag_assign", 12,
	  STR("iommu", "8") STR("dev", "12") U16("type", "16") U16("domain_id", "18")
		  U32("pasid", "20") U32("users", "24") },
	{ "intel_iommu", "cache_tag_flush_range", 13,
	  STR("iommu", "8") STR("dev", "12") U16("type", "16") U16("domain_id", "18")
		  U32("pasid", "20") U64("start", "24") U64("end", "32") U64("addr", "40")
			  U64("pages", "48") U64("mask", "56") },
	/* As of 7.x. */
	{ "intel_iommu", "cache_tag_flush_range_np", 14,
	  STR("iommu", "8") STR("dev", "12") U16("type", "16") U16("domain_id", "18")
		  U32("pasid", "20") U64("start", "24") U64("end", "32") U64("addr", "40")
			  U64("mask", "48") },
	{ "sched", "sched_switch", 20, U64("whatever", "8") },
	{ NULL, NULL, 0, NULL },
};

static unsigned char payload[256];
static size_t used;

static void put(uint64_t value, unsigned size)
{
	dat_file_put(&file, payload + used, value, size);
	used += size;
}

/* A string that the kernel would put after the fields, here at @at in the payload. */
static void put_string(unsigned at, const char *s)
{
	put((strlen(s) + 1) << 16 | (at + 8), 4);
	strcpy((char *)payload + at, s);
}

static void record(int id, size_t size)
{
	dat_file_record(&file, id, payload, size);
	memset(payload, 0, sizeof(payload));
	used = 0;
}

static void submit(uint64_t qw0, uint64_t qw1, const char *unit)
{
	put(qw0, 8);
	put(qw1, 8);
	used += 16;
	put_string(36, unit);
	record(10, 36 + strlen(unit) + 1);
}

static void tags(void)
{
	put_string(20, "dmar1");
	put_string(28, "0000:00:0a.0");
	put(1, 2);
	put(7, 2);
	put(0xffffffff, 4);
	put(2, 4);
	record(12, 48);
	for (int id = 13; id <= 14; id++) {
		put_string(64, "dmar1");
		put_string(72, "0000:00:0a.0");
		put(2, 2);
		put(8, 2);
		put(3, 4);
		put(0x1000, 8);
		put(0x2fff, 8);
		put(0x1000, 8);
		if (id == 13)
			put(2, 8);
		put(1, 8);
		record(id, 96);
	}
}

static void make(bool big, long lost)
{
	dat_file_begin(&file, big, formats);
	submit(0x100e2, 0, "dmar0");
	submit(0xa, 0xffffffffffffffff, "dmar12");
	record(20, 8);
	put(0x30000000500000, 8);
	put(0x559ef6f9c00f, 8);
	used += 16;
	put(2, 8);
	put_string(52, "dmar0");
	put_string(60, "0000:00:0a.0");
	record(11, 80);
	tags();
	dat_file_end(&file, lost);
}

static const char made[] =
	"            task-77    [000]     1.500000: qi_submit: iotlb_inv dmar0: 0x100e2 "
	"0x0 0x0 0x0\n"
	"            task-77    [000]     1.500001: qi_submit: 0xa dmar12: 0xa "
	"0xffffffffffffffff 0x0 0x0\n"
	"            task-77    [000]     1.500002: sched_switch: \n"
	"            task-77    [000]     1.500003: prq_report: dmar0/0000:00:0a.0 seq# "
	"2: rid=0x50 addr=0x559ef6f9c rwxpl pasid=0x0 index=0x1\n"
	"            task-77    [000]     1.500004: cache_tag_assign: dmar1/0000:00:0a.0 "
	"type devtlb did 7 pasid -1 ref 2\n"
	"            task-77    [000]     1.500005: cache_tag_flush_range: dmar1 "
	"0000:00:0a.0[3] type nesting_iotlb did 8 [0x1000-0x2fff] addr 0x1000 pages 0x2 "
	"mask 0x1\n"
	"            task-77    [000]     1.500006: cache_tag_flush_range_np: dmar1 "
	"0000:00:0a.0[3] type nesting_iotlb did 8 [0x1000-0x2fff] addr 0x1000 mask 0x1\n";

static void every_event(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		make(big, 0);
		assert_true(read_text(file.bytes, file.size));
		assert_string_equal(text, made);
	}
}

static void lost_events(void **state)
{
	(void)state;
	make(false, 1234);
	assert_true(read_text(file.bytes, file.size));
	assert_memory_equal(text, "CPU:0 [LOST 1234 EVENTS]\n", 25);
	make(false, -1);
	assert_true(read_text(file.bytes, file.size));
	assert_memory_equal(text, "CPU:0 [EVENTS DROPPED]\n", 23);
}

/* ---- damaged ones ---- */

static void strings_outside(void **state)
{
	static const uint32_t where[] = { 0xffff0008, 0x000800ff, 0x00010000 + 52, 0 };

	(void)state;
	for (unsigned i = 0; i < sizeof(where) / sizeof(*where); i++) {
		dat_file_begin(&file, false, formats);
		submit(0x100e2, 0, "dmar0");
		used = 32;
		put(where[i], 4);
		record(10, 42);
		dat_file_end(&file, 0);
		assert_false(read_text(file.bytes, file.size));
		assert_non_null(strstr(error, "1 events are unreadable"));
		assert_non_null(strstr(text, "iotlb_inv dmar0"));
	}
}

/* A name with odd characters stays one word in one line. */
static void odd_names(void **state)
{
	(void)state;
	dat_file_begin(&file, false, formats);
	submit(0x100e2, 0, "d\nm a\x80r");
	dat_file_end(&file, 0);
	assert_true(read_text(file.bytes, file.size));
	assert_string_equal(strstr(text, "iotlb_inv"), "iotlb_inv d?m?a?r: 0x100e2 0x0 0x0 0x0\n");
}

static void cut_off(void **state)
{
	(void)state;
	make(false, 0);
	for (size_t size = DAT_MAGIC_SIZE; size < file.size; size += size < 600 ? 13 : 331) {
		assert_false(read_text(file.bytes, size));
		assert_non_null(strstr(error, "cut off"));
	}
}

static void any_byte_wrong(void **state)
{
	unsigned refused = 0;

	(void)state;
	make(false, 0);
	for (size_t at = DAT_MAGIC_SIZE; at < 3500; at += 29) {
		unsigned char was = file.bytes[at];

		file.bytes[at] = ~was;
		refused += !read_text(file.bytes, file.size);
		file.bytes[at] = was;
	}
	assert_true(refused > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_trace_cmd_reports),
		cmocka_unit_test(replayed),
		cmocka_unit_test(report_replayed),
		cmocka_unit_test(texts_replayed),
		cmocka_unit_test(decoded),
		cmocka_unit_test(every_event),
		cmocka_unit_test(lost_events),
		cmocka_unit_test(strings_outside),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(any_byte_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, run_end);
}
