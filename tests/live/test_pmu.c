/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Counters of units: how the kernel shows a PMU in sysfs, here a folder with the same files for
 * another PMU of this machine; and their text.
 */
#include "live/pmu.h"
#include "live/source.h"
#include "live/view.h"

#include "tests/tool/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGES 1000

static char directory[200];

static void put(const char *unit, const char *file, const char *text)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", unit, file);
	run_put(directory, path, text);
}

static int begin(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "%s/devices", run_directory());
	return mkdir(directory, 0700);
}

/* The formats of the kernel's driver. */
static void put_formats(const char *unit)
{
	put(unit, "format/event", "config:0-27\n");
	put(unit, "format/event_group", "config:28-31\n");
	put(unit, "format/filter_domain", "config1:32-47\n");
	put(unit, "format/filter_pasid", "config2:0-21\n");
}

static void numbers_go_where_the_formats_say(void **state)
{
	char unit[300];
	uint64_t config[3];

	(void)state;
	put_formats("dmar0");
	put("dmar0", "format/split", "config1:0-3,60-63\n");
	put("dmar0", "format/bit", "config:63\n");
	put("dmar0", "format/other", "config3:0-7\n");
	snprintf(unit, sizeof(unit), "%s/dmar0", directory);
	assert_true(pmu_config(unit, "event_group=0x3,event=0x001\n", config));
	assert_int_equal(config[0], 0x30000001);
	assert_int_equal(config[1], 0);
	assert_true(
		pmu_config(unit, "event=0xfffffff,filter_domain=7,filter_pasid=0x3fffff", config));
	assert_int_equal(config[0], 0xfffffff);
	assert_int_equal(config[1], 7ULL << 32);
	assert_int_equal(config[2], 0x3fffff);
	assert_true(pmu_config(unit, "split=0xab,bit", config));
	assert_int_equal(config[0], 1ULL << 63);
	assert_int_equal(config[1], 0xaULL << 60 | 0xb);
	assert_false(pmu_config(unit, "event=1,unknown=2", config));
	assert_false(pmu_config(unit, "other=2", config));
	assert_false(pmu_config(unit, "../type=2", config));
	assert_false(pmu_config(unit, "", config));
}

static void a_machine_without_them_has_none(void **state)
{
	char error[SOURCE_ERROR];

	(void)state;
	put("cpu", "type", "4\n");
	put("dmarx", "type", "4\n");
	put("dmar1", "type", "4\n"); /* and no events */
	assert_null(pmu_open(directory, error));
	assert_string_equal(error, "");
	assert_null(pmu_open("/nonexistent", error));
	assert_string_equal(error, "");
	assert_int_equal(pmu_read(NULL, NULL), 0);
	pmu_close(NULL);
}

/* Page faults of all CPUs, which can be caused on purpose. */
static void put_unit(const char *unit)
{
	char cpus[30];

	snprintf(cpus, sizeof(cpus), "0-%ld\n", sysconf(_SC_NPROCESSORS_ONLN) - 1);
	put_formats(unit);
	put(unit, "type", "1\n");
	put(unit, "cpumask", cpus);
	put(unit, "events/fault_hit", "event=0x2\n");
	put(unit, "events/fault_lookup", "event=0x2\n");
	put(unit, "events/nothing", "event=0x9\n");
	put(unit, "events/bad", "nonsense=0x9\n");
}

static void touch_pages(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *at = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);

	assert_true(at != MAP_FAILED);
	madvise(at, PAGES * page, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < PAGES; i++)
		((volatile char *)at)[i * page] = 1;
	munmap(at, PAGES * page);
}

static void what_happens_is_counted(void **state)
{
	static struct pmu_count count[PMU_COUNTS];
	char error[SOURCE_ERROR];
	struct pmu *p;

	(void)state;
	put_unit("dmar2");
	put_unit("dmar10");
	p = pmu_open(directory, error);
	if (!p) {
		print_message("not here: %s\n", error);
		skip();
	}
	assert_string_equal(error, "");
	touch_pages();
	assert_int_equal(pmu_read(p, count), 6);
	assert_string_equal(count[0].unit, "dmar2");
	assert_string_equal(count[0].event, "fault_hit");
	assert_string_equal(count[1].event, "fault_lookup");
	assert_string_equal(count[2].event, "nothing");
	assert_string_equal(count[3].unit, "dmar10");
	for (unsigned i = 0; i < 6; i++) {
		assert_true(count[i].share > 0.999);
		assert_true(i % 3 == 2 ? !count[i].count : count[i].count >= PAGES);
	}
	/* Counted since the last read; counters that were not asked for are gone. */
	touch_pages();
	pmu_read(p, NULL);
	pmu_read(p, count);
	assert_int_equal(count[2].count, 0);
	pmu_close(p);
}

static void a_kernel_that_refuses_is_quoted(void **state)
{
	char error[SOURCE_ERROR];

	(void)state;
	put_unit("dmar2");
	put("dmar2", "type", "4000000000\n");
	assert_null(pmu_open(directory, error));
	assert_non_null(strstr(error, "the units' own counters cannot be had: "));
}

/* ---- text ---- */

static struct view v;

static void count(const char *event, uint64_t n, double share)
{
	struct pmu_count *c = &v.pmu[v.pmus++];

	strcpy(c->unit, "dmar0");
	strcpy(c->event, event);
	c->count = n;
	c->share = share;
}

static void has(const char *line, const char *part)
{
	if (!strstr(line, part))
		fail_msg("no \"%s\" in: %s", part, line);
}

static void hits_are_told_as_a_share_of_lookups(void **state)
{
	char line[VIEW_LINE];

	(void)state;
	v = (struct view){ .seconds = 2 };
	count("ctxt_cache_hit", 0, 1);
	count("ctxt_cache_lookup", 6, 1);
	count("int_cache_hit_posted", 0, 1);
	count("int_cache_lookup", 0, 1);
	count("iommu_requests", 4000, 0.25);
	count("iotlb_hit", 1500, 0.5);
	count("iotlb_lookup", 2000, 0.5);
	count("pg_req_posted", 0, 0);
	view_pmu_of(&v, "dmar0", line);
	assert_string_equal(line, "dmar0 counts ctxt_cache_lookup 3/s, iommu_requests 2000/s, "
				  "iotlb 75 % of 1000/s");
	view_pmu_of(&v, "dmar1", line);
	assert_string_equal(line, "dmar1 counts nothing");
	view_pmu(&v, 0, line);
	has(line, "0.0  0.0 %");
	view_pmu(&v, 5, line);
	has(line, "iotlb_hit");
	has(line, "750  75.0 %  (counted 50 % of the time)");
	view_pmu(&v, 7, line);
	has(line, "not counted in this interval");
}

/* With as many counters as possible a line stays one line. */
static void a_line_takes_what_fits(void **state)
{
	char line[VIEW_LINE];

	(void)state;
	v = (struct view){ .seconds = 1 };
	for (unsigned i = 0; i < 100; i++)
		count("an_event_whose_name_is_long", i + 1, 1);
	view_pmu_of(&v, "dmar0", line);
	assert_true(strlen(line) > VIEW_LINE - 50 && strlen(line) < VIEW_LINE);
	assert_true(line[strlen(line) - 1] == 's');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(numbers_go_where_the_formats_say, begin, run_end),
		cmocka_unit_test_setup_teardown(a_machine_without_them_has_none, begin, run_end),
		cmocka_unit_test_setup_teardown(what_happens_is_counted, begin, run_end),
		cmocka_unit_test_setup_teardown(a_kernel_that_refuses_is_quoted, begin, run_end),
		cmocka_unit_test(hits_are_told_as_a_share_of_lookups),
		cmocka_unit_test(a_line_takes_what_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
