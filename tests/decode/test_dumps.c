/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Dumps of rings, lines of traces, raw words: what is read, and which conclusions are drawn. */
#include "said.h"
#include "tests/tool/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- rings ---- */

enum { FREE, IN_USE, DONE, ABORT };

static struct slot {
	uint64_t qw0, qw1;
	unsigned status;
} ring[256];

/* A ring as Linux leaves it: requests in even slots, their waits in odd ones. */
static void fill(void)
{
	for (unsigned i = 0; i < 256; i++)
		ring[i] = i & 1 ? (struct slot){ 0x200000025, 0x476a400 + 4 * i, FREE }
				: (struct slot){ 0x500f2, 0xfff7f000, FREE };
}

static void submission(unsigned first, uint64_t qw0, uint64_t qw1, unsigned request, unsigned wait)
{
	ring[first] = (struct slot){ qw0, qw1, request };
	ring[first + 1].status = wait;
}

static char *print(char *s, unsigned head, unsigned tail)
{
	s += sprintf(s,
		     "Invalidation queue on IOMMU: dmar0\n Base: 0x4769000\tHead: %u\tTail: %u\n"
		     "Index\t\tqw0\t\t\tqw1\t\t\tstatus\n",
		     head, tail);
	for (unsigned i = 0; i < 256; i++)
		s += sprintf(s, "%5u\t%016llx\t%016llx\t%016x\n", i,
			     (unsigned long long)ring[i].qw0, (unsigned long long)ring[i].qw1,
			     ring[i].status);
	return s;
}

static void dump(unsigned head, unsigned tail)
{
	char *text = malloc(32768);

	print(text, head, tail);
	said_of_text(text);
	free(text);
	assert_int_equal(said_rows("invalidation_queue", 0), 256);
}

static void check_found(const char *id, unsigned times)
{
	if (said_found(id) != times)
		fail_msg("%s: %u times, not %u", id, said_found(id), times);
}

static void check_says(const char *id, const char *words)
{
	if (!strstr(said_finding(id), words))
		fail_msg("%s says \"%s\", not \"%s\"", id, said_finding(id), words);
}

static void an_idle_ring(void **state)
{
	(void)state;
	fill();
	dump(102, 102);
	assert_int_equal(said_findings(), 1);
	check_says("ring-idle", "Head = Tail = 102, all slots are free");
}

static void a_busy_ring(void **state)
{
	(void)state;
	fill();
	for (unsigned i = 98; i < 102; i += 2)
		submission(i, 0x500f2, 0x1000, IN_USE, IN_USE);
	dump(98, 102);
	check_says("ring-busy", "4 descriptors, from slot 98 on");
	check_found("completion-missing", 0);
	check_found("reclaim-held-back", 0);
	assert_int_equal(said_findings(), 1);
}

static void a_missing_completion(void **state)
{
	(void)state;
	fill();
	submission(254, 0x30000100003, 0x7ffffffffffff001, IN_USE, IN_USE);
	submission(0, 0x500f2, 0x1000, FREE, FREE);
	submission(2, 0x500f2, 0x2000, IN_USE, IN_USE);
	dump(4, 4);
	check_found("completion-missing", 2);
	check_says("completion-missing", "slot 255");
	check_says("completion-missing", "SID 03:00.0");
	check_says("reclaim-held-back", "Slot 254 (in use)");
	check_found("ring-idle", 0);
}

static void a_plain_drain_is_missing(void **state)
{
	(void)state;
	fill();
	ring[100] = ring[101];
	ring[100].qw1 -= 4;
	ring[101].status = IN_USE;
	dump(102, 102);
	check_says("completion-missing", "a plain drain");
}

/* The requests before a wait, after the previous wait, belong to it, in any state. */
static void requests_of_a_wait(void **state)
{
	(void)state;
	fill();
	ring[100] = (struct slot){ 0x30000100003, 0x7ffffffffffff001, FREE };
	ring[101].status = IN_USE;
	dump(102, 102);
	check_says("completion-missing", "SID 03:00.0");
}

/* bug-history 33: the owner has left, and the unit has written the status nevertheless. */
static void a_leaked_slot(void **state)
{
	(void)state;
	fill();
	ring[51].status = DONE;
	dump(102, 102);
	check_says("slot-leaked", "Slot 51");
	check_says("reclaim-held-back", "Slot 51 (done)");
	check_found("ring-full", 0);
	/* One lap later no CPU can submit. */
	dump(49, 49);
	check_found("slot-leaked", 1);
	check_says("ring-full", "254 of 256");
	/* It is no leak while other slots of the owner are in use. */
	ring[50].status = IN_USE;
	dump(102, 102);
	check_found("slot-leaked", 0);
	check_found("completion-not-collected", 1);
}

static void aborted_waits(void **state)
{
	(void)state;
	fill();
	for (unsigned i = 80; i < 100; i += 2)
		submission(i, 0x500f2, 0x1000, IN_USE, ABORT);
	dump(100, 100);
	/* Three of them in detail, and how many there are. */
	check_found("waits-aborted", 4);
	check_says("waits-aborted", "slot 81");
}

static void a_status_of_nobody(void **state)
{
	(void)state;
	fill();
	ring[7].status = 0x1234;
	dump(102, 102);
	check_found("status-unknown", 1);
	assert_string_equal(said_of_row("invalidation_queue", 0, 7, "status"), "4660");
	ring[7].status = 0xffffffff;
	dump(102, 102);
	check_found("status-unknown", 1);
	assert_string_equal(said_of_row("invalidation_queue", 0, 7, "status"), "4294967295");
}

static void status_addresses(void **state)
{
	(void)state;
	fill();
	ring[41].qw1 += 4;
	dump(102, 102);
	check_found("status-address-wrong", 1);
	check_says("status-address-wrong", "slot 41");
	/* An allocator for debugging does not align the array. */
	fill();
	for (unsigned i = 1; i < 256; i += 2)
		ring[i].qw1 += 0x40;
	dump(102, 102);
	check_found("status-address-wrong", 0);
	check_found("slot-rule-fails", 1);
}

static void two_dumps(void **state)
{
	char *text = malloc(65536);

	(void)state;
	fill();
	strcpy(print(text, 60, 102), "\n");
	print(text + strlen(text), 60, 104);
	said_of_text(text);
	check_found("queue-stuck", 2);
	check_says("queue-stuck", "stays at slot 60");
	strcpy(print(text, 60, 102), "\n");
	print(text + strlen(text), 62, 104);
	said_of_text(text);
	check_found("queue-stuck", 0);
	ring[51].status = IN_USE;
	strcpy(print(text, 102, 102), "\n");
	print(text + strlen(text), 104, 104);
	said_of_text(text);
	check_says("queue-stuck", "Slot 51");
	free(text);
}

static void wide_and_folded(void **state)
{
	(void)state;
	said_of_text("> Invalidation queue on IOMMU: dmar7\n>  Base: 0x10022e000      Head: 20     "
		     "  Tail: 20\n"
		     "> Index           qw0                  qw1                     qw2\n"
		     ">                 qw3                  status\n"
		     ">   0    0000000000000014   0000000000000000        0000000000000000\n"
		     ">        0000000000000000   0000000000000000\n"
		     ">   1    0000000200000025   0000000100059c04        0000000000000000\n"
		     ">        0000000000000000   0000000000000001\n> [...]\n>\n"
		     "> Invalidation queue on IOMMU: dmar8\n");
	assert_int_equal(said_blocks("invalidation_queue"), 2);
	assert_int_equal(said_rows("invalidation_queue", 0), 2);
	assert_string_equal(said_word("invalidation_queue", 0, 1, 1), "0x100059c04");
	assert_string_equal(said_word("invalidation_queue", 0, 1, 3), "0x0");
	assert_string_equal(said_of_row("invalidation_queue", 0, 1, "state"), "in use");
	assert_string_equal(said_value("invalidation_queue", 0, "descriptor bits"), "256");
	assert_string_equal(said_of_block("invalidation_queue", 1, "unit"), "dmar8");
}

static void cut_rows(void **state)
{
	(void)state;
	said_of_text("Invalidation queue on IOMMU: dmar0\n Base: 0x4769000\tHead: 2\tTail: 2\n"
		     "Index\t\tqw0\t\t\tqw1\t\t\tstatus\n"
		     "    0\t00000000000500f2\t00000000fff7f000\t0000000000000000\n"
		     "    1\t0000000200000025\t000000000476");
	assert_int_equal(said_rows("invalidation_queue", 0), 2);
	assert_null(said_word("invalidation_queue", 0, 1, 1));
	said_of_text("Invalidation queue on IOMMU: dmar0\n Base: 0x4769000\tHead: 2\tTail: 2\n"
		     "    0\t00000000000500f2\t00000000fff7f000\t0000000000000000\n"
		     "    1\t0000000200000025\n");
	assert_int_equal(said_rows("invalidation_queue", 0), 2);
	assert_null(said_word("invalidation_queue", 0, 1, 1));
	assert_true(said_found("input-cut") > 0);
	/* The head of the dump is missing: rows alone, at the beginning. */
	said_of_text("    4\t00000000000500f2\t00000000fff7f000\t0000000000000001\n"
		     "    5\t0000000200000025\t000000000476a404\t0000000000000001\n");
	assert_int_equal(said_rows("invalidation_queue", 0), 2);
	assert_string_equal(said_of_row("invalidation_queue", 0, 1, "slot"), "5");
	assert_int_equal(said_findings(), 0);
}

static void a_waiter_and_an_idle_ring(void **state)
{
	(void)state;
	said_of_text("watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [kworker/3:1:77]\n"
		     "RIP: 0010:qi_submit_sync+0x2c0/0x490\n\n"
		     "Invalidation queue on IOMMU: dmar0\n Base: 0x4769000\tHead: 2\tTail: 2\n"
		     "Index\t\tqw0\t\t\tqw1\t\t\tstatus\n"
		     "    0\t0000000200000025\t00000000fff7f000\t0000000000000000\n");
	check_says("stuck-in-queue", "CPU 3");
	check_found("wait-slot-reclaimed", 2);
	/* If its own invalidation had kept the slot, it is not bug-history 1. */
	said_of_text("watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [kworker/3:1:77]\n"
		     "RIP: 0010:qi_submit_sync+0x2c0/0x490\nCall Trace:\n"
		     " qi_flush_iotlb+0x6a/0x90\n\n"
		     "Invalidation queue on IOMMU: dmar0\n Base: 0x4769000\tHead: 2\tTail: 2\n"
		     "Index\t\tqw0\t\t\tqw1\t\t\tstatus\n"
		     "    0\t0000000200000025\t00000000fff7f000\t0000000000000000\n");
	check_found("wait-slot-reclaimed", 0);
	check_found("ring-idle-elsewhere", 2);
}

/* ---- traces ---- */

static void submissions(void **state)
{
	(void)state;
	said_of_text("# tracer: nop\n"
		     " kworker/u8:1-31 [001] d..2.  7.5: qi_submit: iotlb_inv dmar1: 0x100e2 0x0 "
		     "0x0 0x0\n"
		     "dd-1 [001] 7.6: intel_iommu:qi_submit: 0xf dmar0: 0xf 0x0 0x0 0x0\n"
		     "dd-1 [001] 7.6: qi_submit: iotlb_inv dmar0: 0x100e2 0x0\n"
		     "dd-1 [001] 7.6: qi_submit: iec_inv dmar0: 0x100e2 0x0 0x0 0x0\n"
		     "dd-1 [001] 7.6: not_qi_submit: iec_inv dmar0: 0x100e2 0x0 0x0 0x0\n");
	assert_int_equal(said_blocks("qi_submit"), 1);
	assert_int_equal(said_rows("qi_submit", 0), 4);
	assert_string_equal(said_of_row("qi_submit", 0, 0, "unit"), "dmar1");
	assert_string_equal(said_of_row("qi_submit", 0, 0, "line"), "2");
	assert_non_null(strstr(said_of_row("qi_submit", 0, 1, "note"), "no such type"));
	assert_string_equal(said_of_row("qi_submit", 0, 2, "note"), "the line is cut off");
	assert_non_null(strstr(said_of_row("qi_submit", 0, 3, "note"), "damaged line"));
	check_found("trace-shows-submissions", 1);
}

static void words_of_128_bit_rings(void **state)
{
	(void)state;
	/* Garbage in qw2 and qw3 was never in the ring, unless it has 256 bits. */
	said_of_text("qi_submit: iotlb_inv dmar1: 0x100e2 0x0 0x77 0x88\n");
	check_found("descriptor-refused", 0);
}

static void submitted_again(void **state)
{
	char text[4000] = "";

	(void)state;
	for (unsigned i = 0; i < 30; i++)
		strcat(text,
		       "qi_submit: dev_tlb_inv dmar1: 0x1000000003 0x7ffffffffffff001 0x0 0x0\n");
	said_of_text(text);
	check_says("submitted-again", "00:02.0");
}

static void page_requests(void **state)
{
	(void)state;
	said_of_text("a-1 [0] 1.5: prq_report: dmar0/0000:00:0a.0 seq# 2: rid=0x50 "
		     "addr=0x559ef6f9c rw--l pasid=0x2 index=0x1\n");
	assert_string_equal(said_value("prq_report", 0, "address"), "0x559ef6f9c000");
	assert_string_equal(said_meaning("prq_report", 0, "RID"), "00:0a.0");
	assert_non_null(strstr(said_value("prq_report", 0, "flags"), "last of its group"));
	assert_string_equal(said_value("prq_report", 0, "PRGI"), "0x1");
	said_of_text("a-1 [0] 1.5: prq_report: dmar0/0000:00:0a.0 seq# 2: rid=0x50 addr=");
	assert_true(said_cut("prq_report", 0, "address"));
}

static void cache_tags(void **state)
{
	(void)state;
	said_of_text("a-1 [0] 1.5: cache_tag_flush_range: dmar0 0000:00:02.0[3] type devtlb did 5 "
		     "[0x1000-0x1fff] addr 0x1000 pages 0x1 mask 0x0\n"
		     "a-1 [0] 1.5: cache_tag_assign: dmar1/0000:00:02.0 type iotlb did 5 pasid 7 "
		     "ref 1\n");
	assert_string_equal(said_value("cache_tag", 0, "device"), "0000:00:02.0");
	assert_string_equal(said_value("cache_tag", 0, "DID"), "5");
	assert_string_equal(said_value("cache_tag", 0, "last"), "0x1fff");
	assert_string_equal(said_value("cache_tag", 0, "pages"), "0x1");
	assert_string_equal(said_of_block("cache_tag", 1, "unit"), "dmar1");
	assert_string_equal(said_value("cache_tag", 1, "PASID"), "7");
	said_of_text("a-1 [0] 1.5: map_single: dev=0000:00:02.0 dev_addr=0xfff00000 "
		     "phys_addr=0x1000 size=4096\n");
	assert_string_equal(said_value("map", 0, "address"), "0xfff00000");
	assert_string_equal(said_value("map", 0, "size"), "4096");
}

/* ---- words ---- */

static void words_in_a_text(void **state)
{
	(void)state;
	said_of_text("0xaf0300100003 0x7ffffffffffff001\n0x500f2, 0xfff7f000 0x0 0x0\n0x12\nand "
		     "0x1 0x2\n");
	assert_int_equal(said_blocks("words"), 2);
	assert_int_equal(said_rows("words", 0), 1);
	assert_string_equal(said_word("words", 1, 0, 1), "0xfff7f000");
	assert_string_equal(said_word("words", 1, 0, 3), "0x0");
	said_of_text("qw0 = 63:32 and qw0 0x63 are not, the event qi_submit: as it is called, "
		     "neither\n");
	assert_int_equal(said_blocks("words") + said_blocks("qi_submit"), 0);
	said_of_text("The descriptor was qw0 = 0x500f2, qw1 = 0xfff7f000 then.\n");
	assert_string_equal(said_word("words", 0, 0, 1), "0xfff7f000");
}

/* At a truncated end, part of a word is no slot, and part of a number is no value. */
static void a_ring_cut_anywhere(void **state)
{
	static const char text[] =
		"Invalidation queue on IOMMU: dmar0\n Base: 0x4769000\tHead: 9\tTail: 9\n"
		"Index\t\tqw0\t\t\tqw1\t\t\tstatus\n"
		"    0\t00000000000500f2\t00000000fff7f000\t0000000000000001\n"
		"   10\t00000000000500f2\t00000000fff7f000\t0000000000000001\n";
	const size_t all = sizeof(text) - 1, last = all - 57;

	(void)state;
	for (size_t size = last; size <= all; size++) {
		unsigned rows;

		said_of(text, size);
		rows = said_rows("invalidation_queue", 0);
		assert_string_equal(said_of_row("invalidation_queue", 0, 0, "state"), "in use");
		assert_int_equal(rows, size - last < 6 ? 1 : 2);
		if (rows == 2)
			assert_string_equal(said_of_row("invalidation_queue", 0, 1, "slot"), "10");
	}
}

/* A truncated record gives no value that the complete one does not give. */
static void check_cut(const char *kind, const char *text, const char *const *fields)
{
	char *whole[8], cut[300];

	said_of_text(text);
	for (unsigned f = 0; fields[f]; f++) {
		assert_non_null(said_value(kind, 0, fields[f]));
		whole[f] = strdup(said_value(kind, 0, fields[f]));
	}
	for (unsigned ended = 0; ended < 2; ended++)
		for (size_t size = 1; size < strlen(text) - 1; size++) {
			snprintf(cut, sizeof(cut), "%.*s%s", (int)size, text, ended ? "\nx\n" : "");
			said_of_text(cut);
			for (unsigned f = 0; fields[f]; f++) {
				const char *is = said_value(kind, 0, fields[f]);

				if (is && strcmp(is, whole[f]))
					fail_msg("%s is %s: %s", fields[f], is, cut);
			}
		}
	for (unsigned f = 0; fields[f]; f++)
		free(whole[f]);
}

static void events_cut_anywhere(void **state)
{
	static const char *const request[] = { "device", "RID", "page", "address", "PASID", NULL };
	static const char *const map[] = { "device", "address", "physical address", NULL };
	static const char *const tag[] = { "device", "type", "first", "last", "pages", NULL };

	(void)state;
	check_cut("prq_report",
		  "a-1 [000] 5.1: prq_report: dmar0/0000:00:0a.0 seq# 50: rid=0x50 "
		  "addr=0x559ef6f97 r---- pasid=0x23 index=0x1\n",
		  request);
	check_cut("map",
		  "a-1 [000] 5.1: map_single: dev=0000:3f:00.0 dev_addr=0xfffef000 "
		  "phys_addr=0x1234000 size=4096\n",
		  map);
	check_cut("cache_tag",
		  "a-1 [000] 5.1: cache_tag_flush_range: dmar2 0000:3f:00.0[0] type devtlb did 1 "
		  "[0xf9a00000-0xf9a0ffff] addr 0xf9a00000 pages 0x10 mask 0x4\n",
		  tag);
	/* Three of four words: the third may be half of one. */
	said_of_text("a-1 [000] 5.1: qi_submit: iotlb_inv dmar0: 0x100d2 0x0 0x12\n");
	assert_string_equal(said_word("qi_submit", 0, 0, 1), "0x0");
	assert_null(said_word("qi_submit", 0, 0, 2));
}

/* The end of a line that was wrapped looks like raw words. */
static void a_wrapped_end_is_no_descriptor(void **state)
{
	(void)state;
	said_of_text("a-1 [000] 5.1: qi_submit: iotlb_inv dmar0: 0x100f2 \n0xfff20004 0x0\n");
	assert_int_equal(said_blocks("words"), 0);
	said_of_text("so be it\n0xfff20004 0x0 0x0\n");
	assert_int_equal(said_blocks("words"), 0);
	said_of_text("so be it\n0x100d2 0x0\n");
	assert_int_equal(said_blocks("words"), 1);
}

static void events_that_were_lost(void **state)
{
	static const char event[] =
		"a-1 [003] d..1. 5.1: qi_submit: iotlb_inv dmar0: 0x100d2 0x0 0x0 0x0\n";
	char text[300];

	(void)state;
	snprintf(text, sizeof(text), "%sCPU:3 [LOST 132 EVENTS]\n%sCPU:1 [EVENTS DROPPED]\n", event,
		 event);
	said_of_text(text);
	assert_int_equal(said_found("trace-events-lost"), 2);
	assert_false(said_of_text(event)->problem);
	assert_int_equal(said_found("trace-events-lost"), 0);
	said_of_text("CPU: 3 LOST 3 EVENTS\n");
	assert_int_equal(said_found("trace-events-lost"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_ring),
		cmocka_unit_test(a_busy_ring),
		cmocka_unit_test(a_missing_completion),
		cmocka_unit_test(a_plain_drain_is_missing),
		cmocka_unit_test(requests_of_a_wait),
		cmocka_unit_test(a_leaked_slot),
		cmocka_unit_test(aborted_waits),
		cmocka_unit_test(a_status_of_nobody),
		cmocka_unit_test(status_addresses),
		cmocka_unit_test(two_dumps),
		cmocka_unit_test(wide_and_folded),
		cmocka_unit_test(cut_rows),
		cmocka_unit_test(a_waiter_and_an_idle_ring),
		cmocka_unit_test(submissions),
		cmocka_unit_test(words_of_128_bit_rings),
		cmocka_unit_test(submitted_again),
		cmocka_unit_test(page_requests),
		cmocka_unit_test(cache_tags),
		cmocka_unit_test(words_in_a_text),
		cmocka_unit_test(a_ring_cut_anywhere),
		cmocka_unit_test(events_cut_anywhere),
		cmocka_unit_test(a_wrapped_end_is_no_descriptor),
		cmocka_unit_test(events_that_were_lost),
	};

	return cmocka_run_group_tests(tests, NULL, said_clean);
}
