/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The rest of Linux's log: units, faults of all versions, lockups and their registers. */
#include "decode/code_bytes.h"
#include "said.h"
#include "tests/tool/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check_found(const char *id, unsigned times)
{
	if (said_found(id) != times)
		fail_msg("%s: %u times, not %u", id, said_found(id), times);
}

/* ---- boot ---- */

static void units(void **state)
{
	(void)state;
	said_of_text("[    0.000000] Linux version 6.1.192 (root@vm) (gcc 12) #1 SMP\n"
		     "[    0.166047] DMAR: dmar0: reg_base_addr d97fc000 ver 6:0 cap "
		     "19ed008c40780c66 ecap 3ee9e86f050df\n"
		     "dmar: IOMMU 1: reg_base_addr fed91000 ver 1:0 cap d2008c22260206 ecap\n");
	assert_string_equal(said_value("kernel", 0, "version"), "6.1.192");
	assert_string_equal(said_of_block("unit", 0, "unit"), "dmar0");
	assert_string_equal(said_value("unit", 0, "descriptor bits"), "256");
	assert_non_null(strstr(said_meaning("unit", 0, "CAP"), "MAMV 45"));
	check_found("no-pasid", 1);
	assert_true(said_cut("unit", 1, "reg_base_addr, ver, cap, ecap"));
	said_of_text(
		"dmar: IOMMU 1: reg_base_addr fed91000 ver 1:0 cap d2008c22260206 ecap f0101a\n"
		"DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap d2008c22260206 ecap f0101");
	assert_string_equal(said_of_block("unit", 0, "unit"), "dmar1");
	assert_string_equal(said_value("unit", 0, "ECAP"), "0xf0101a");
	assert_true(said_cut("unit", 1, "reg_base_addr, ver, cap, ecap"));
	said_of_text("Your BIOS is broken; DMAR reported at address fed64000 returns all ones!\n");
	check_found("unit-not-answering", 1);
}

/* ---- faults ---- */

static const struct {
	const char *text;
	const char *kind, *sid, *access, *pasid, *address, *reason;
} faults[] = {
	{ "dmar: DMAR:[DMA Read] Request device [00:02.0] fault addr 1a45aa9000 \nDMAR:[fault "
	  "reason 12] non-zero reserved fields in PTE\n",
	  "dma-fault", "00:02.0", "read", NULL, "0x1a45aa9000", "0xc" },
	{ "DMAR: [DMA Write] Request device [00:02.0] PASID ffffffff fault addr 0 [fault reason "
	  "02] Present bit in context entry is clear\n",
	  "dma-fault", "00:02.0", "write", "0xffffffff", "0x0", "0x2" },
	{ "DMAR: [DMA Read PASID 0x2] Request device [6a:01.0] fault addr 0x7fe0c9943000 [fault "
	  "reason 0x3a] SM: Non-zero reserved field set in Root Entry\n",
	  "dma-fault", "6a:01.0", "read", "0x2", "0x7fe0c9943000", "0x3a" },
	{ "DMAR: [DMA Write NO_PASID] Request device [00:1a.0] fault addr 0x0 [fault reason 0x05] "
	  "PTE Write access is not set\n",
	  "dma-fault", "00:1a.0", "write", NULL, "0x0", "0x5" },
	{ "DMAR: [DMA Write NO_PASID] Request device\n[00:1a.0] fault addr 0x1000 [fault "
	  "reason\n0x05] PTE Write access is not set\n",
	  "dma-fault", "00:1a.0", "write", NULL, "0x1000", "0x5" },
};

static void check_word(const char *is, const char *wanted, const char *text)
{
	if (!is != !wanted || (is && strcmp(is, wanted)))
		fail_msg("%s: %s, not %s", text, is, wanted);
}

static void faults_in_all_spellings(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		const char *text = faults[i].text;

		said_of_text(text);
		assert_int_equal(said_blocks("dma-fault"), 1);
		check_word(said_meaning("dma-fault", 0, "SID"), faults[i].sid, text);
		check_word(said_value("dma-fault", 0, "access"), faults[i].access, text);
		check_word(said_value("dma-fault", 0, "PASID"), faults[i].pasid, text);
		check_word(said_value("dma-fault", 0, "fault address"), faults[i].address, text);
		check_word(said_value("dma-fault", 0, "fault reason"), faults[i].reason, text);
		check_found("dma-fault", 1);
	}
}

/* Findings about the queue come before others, wherever they were in the log. */
static void faults_come_behind_errors(void **state)
{
	const struct said *said =
		said_of_text("[ 1.0] DMAR: [DMA Read NO_PASID] Request device [3a:00.0] fault addr "
			     "0x1000 [fault "
			     "reason 0x06] PTE Read access is not set\n"
			     "[ 2.0] DMAR: VT-d detected Invalidation Time-out Error: SID 3a00\n");
	const json_t *first = json_array_get(json_object_get(said->all, "findings"), 0);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(first, "id")), "device-timeout");
	check_found("dma-fault", 1);
}

static void interrupt_faults(void **state)
{
	(void)state;
	said_of_text(
		"DMAR: INTR-REMAP: Request device [[f0:1f.0] fault index 0 \n"
		"INTR-REMAP:[fault reason 37] Blocked a compatibility format interrupt request\n"
		"DMAR: [INTR-REMAP] Request device [f0:1f.0] fault index 0x1b [fault reason 0x22] "
		"Present field in the IRTE entry is clear\n");
	assert_int_equal(said_blocks("interrupt-fault"), 2);
	assert_string_equal(said_value("interrupt-fault", 0, "fault reason"), "0x25");
	assert_string_equal(said_value("interrupt-fault", 1, "fault index"), "0x1b");
	assert_string_equal(said_value("interrupt-fault", 1, "fault reason"), "0x22");
	check_found("interrupt-remapping-fault", 2);
}

static void cut_faults(void **state)
{
	static const char whole[] = "DMAR: [DMA Write NO_PASID] Request device [00:1a.0] fault "
				    "addr 0x1000 [fault reason 0x05] PTE";
	char text[200];

	(void)state;
	for (size_t n = strlen("DMAR: [DMA Write NO_PASID] Request device "); n < sizeof(whole);
	     n++) {
		const char *address;

		snprintf(text, sizeof(text), "%.*s\n", (int)n, whole);
		said_of_text(text);
		address = said_value("dma-fault", 0, "fault address");
		if (address && !strstr(text, address))
			fail_msg("%s: %s", text, address);
		if (!strchr(text, ']'))
			assert_int_equal(said_blocks("dma-fault"), 0);
	}
}

/* A dump of the tables follows; a line of something else does not stop it. */
static void table_entries(void **state)
{
	(void)state;
	said_of_text("DMAR: [DMA Write NO_PASID] Request device [00:1a.0] fault addr 0x0 [fault "
		     "reason 0x05] x\n"
		     "DMAR: Dump dmar0 table entries for IOVA 0x0\nDMAR: root entry: "
		     "0x0000000127f42001\n"
		     "DMAR: context entry: hi 0x0000000000001502, low 0x000000012d8ab001\n"
		     "DMAR: pte level: 4, pte value: 0x000000010b9b8003\n");
	assert_string_equal(said_value("dma-fault", 0, "root entry"), "0x127f42001");
	assert_string_equal(said_of_block("dma-fault", 0, "last_line"), "5");
}

static void cut_table_entries(void **state)
{
	static const char fault[] = "DMAR: [DMA Read NO_PASID] Request device [3a:00.0] fault addr "
				    "0x1000 [fault reason "
				    "0x06] PTE Read access is not set\n";
	char text[400];

	(void)state;
	snprintf(text, sizeof(text), "%sDMAR: context entry: hi 0x0000000000001502, low 0x000\n",
		 fault);
	said_of_text(text);
	assert_true(said_cut("dma-fault", 0, "context entry"));
	/* "0x3a" without its bracket */
	said_of_text("DMAR: [DMA Read NO_PASID] Request device [3a:00.0] fault addr 0x1000 [fault "
		     "reason 0x3\n");
	assert_true(said_cut("dma-fault", 0, "fault reason"));
}

static void other_lines(void **state)
{
	(void)state;
	said_of_text("dmar_fault: 26 callbacks suppressed\nIOMMU: dmar0: PRQ overflow detected\n");
	check_found("messages-suppressed", 26);
	check_found("page-requests-lost", 1);
	said_of_text(
		"DMAR: DRHD: handling fault status reg 2\nDMAR: DRHD: handling fault status reg");
	assert_string_equal(said_value("fault-status", 0, "FSTS"), "0x2");
	assert_true(said_cut("fault-status", 1, "FSTS"));
	/* A line that only looks similar. */
	said_of_text("scsi: Request device [00:1a.0] fault addr\n");
	assert_int_equal(said_blocks("dma-fault"), 0);
}

/* ---- lockups ---- */

static void ways_to_the_queue(void **state)
{
	static const struct {
		const char *frames, *way;
	} cases[] = {
		{ " qi_flush_dev_iotlb+0xb1/0xd0\n __dmar_remove_one_dev_info+0x1/0x2\n "
		  "pciehp_ist+0x1/0x2\n",
		  "device-TLB invalidation, when a device is released, by PCIe hotplug" },
		{ " qi_flush_dev_iotlb+0x1/0x2\n __context_flush_dev_iotlb.part.0+0x1/0x2\n",
		  "device-TLB invalidation, legacy mode" },
		{ " modify_irte.isra.0+0x191/0x2c0\n", "interrupt entry cache invalidation" },
		{ " qi_flush_iotlb+0x1/0x2\n intel_iommu_unmap+0x1/0x2\n", "IOTLB invalidation" },
		{ " devtlb_invalidation_with_pasid+0x1/0x2\n intel_pasid_tear_down_entry+0x1/0x2\n "
		  "vfio_iommu_type1_release+0x1/0x2\n",
		  "device-TLB invalidation in a PASID teardown, for a virtual machine (VFIO or "
		  "KVM), scalable mode" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[600];

		snprintf(text, sizeof(text),
			 "watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [kworker/3:1:77]\n"
			 "RIP: 0010:qi_submit_sync+0x2c0/0x490\nCall Trace:\n <TASK>\n%s </TASK>\n",
			 cases[i].frames);
		said_of_text(text);
		assert_string_equal(said_value("call-trace", 0, "way"), cases[i].way);
		check_found("stuck-in-queue", 1);
	}
}

static void old_frames(void **state)
{
	(void)state;
	said_of_text("INFO: task kworker/0:1:77 blocked for more than 120 seconds.\nCall Trace:\n"
		     " [<ffffffff8148a3c2>] qi_submit_sync+0x2c2/0x490\n"
		     " [<ffffffff8148a3c2>] ? irq_x+0x2/0x4\n [<ffffffff8148a3c2>] "
		     "qi_flush_iec+0x2/0x4\n");
	assert_string_equal(said_value("call-trace", 0, "calls"), "qi_submit_sync <- qi_flush_iec");
	said_of_text(" #4 [ffffc4f074f0bbb8] qi_submit_sync at ffffffff8148a3c2\n"
		     " #5 [ffffc4f074f0bbc8] qi_flush_iec at ffffffff8148a3f2\n");
	assert_string_equal(said_value("call-trace", 0, "calls"), "qi_submit_sync <- qi_flush_iec");
	/* On one line, as in prose. */
	said_of_text("Call Trace: qi_submit_sync qi_flush_dev_iotlb "
		     "__context_flush_dev_iotlb.part.0 pciehp_ist\n");
	check_found("trace-through-queue", 1);
	check_found("surprise-removal", 1);
}

static void a_lock_is_not_the_unit(void **state)
{
	(void)state;
	said_of_text("watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [x:77]\nRIP: "
		     "0010:native_queued_spin_lock_slowpath+0x1/0x2\nCall Trace:\n"
		     " _raw_spin_lock+0x1/0x2\n qi_submit_sync+0x1/0x2\n qi_flush_iotlb+0x1/0x2\n");
	assert_non_null(strstr(said_finding("stuck-in-queue"), "for the queue's lock"));
	said_of_text("watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [x:77]\nRIP: "
		     "0010:qi_submit_sync+0x1/0x2\nCall Trace:\n"
		     " qi_flush_iotlb+0x1/0x2\n _raw_spin_lock+0x1/0x2\n");
	assert_non_null(strstr(said_finding("stuck-in-queue"), "for the unit to complete"));
}

static void a_question_mark_is_no_call(void **state)
{
	(void)state;
	said_of_text("watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [x:77]\nRIP: "
		     "0010:foo_bar+0x1/0x2\n"
		     "Call Trace:\n ? qi_submit_sync+0x2c0/0x490\n other_call+0x1/0x2\n");
	check_found("mentioned-only", 1);
	check_found("stuck-in-queue", 0);
	/* Nor does it begin another trace. */
	said_of_text("watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [x:77]\nRIP: "
		     "0010:qi_submit_sync+0x1/0x2\n"
		     "Call Trace:\n qi_flush_iotlb+0x1/0x2\n other_call+0x1/0x2\n"
		     " third_call+0x1/0x2\n ? qi_submit_sync+0x2c0/0x490\n");
	check_found("stuck-in-queue", 1);
	check_found("mentioned-only", 0);
	assert_int_equal(said_blocks("call-trace"), 1);
	assert_false(said_of_text("Call Trace:\n foo_bar+0x1/0x2\n")->problem);
	assert_int_equal(said_blocks("call-trace"), 0);
	said_of_text("The function qi_submit_sync spins with a lock held, I think.\n");
	assert_int_equal(said_blocks("call-trace"), 0);
}

static void modules_are_no_calls(void **state)
{
	(void)state;
	said_of_text("watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [a:1]\nModules linked in: "
		     "kvm_intel\n snd_hda_intel\n"
		     "RIP: 0010:qi_submit_sync+0x1/0x2\nCall Trace:\n qi_flush_iec+0x1/0x2\n");
	assert_string_equal(said_value("call-trace", 0, "calls"), "qi_submit_sync <- qi_flush_iec");
}

static void two_reports(void **state)
{
	(void)state;
	said_of_text("watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [a:1]\nRIP: "
		     "0010:qi_submit_sync+0x1/0x2\n"
		     "Call Trace:\n qi_flush_iec+0x1/0x2\n free_irte+0x1/0x2\n"
		     "watchdog: BUG: soft lockup - CPU#5 stuck for 22s! [b:1]\nRIP: "
		     "0010:qi_submit_sync+0x1/0x2\n");
	assert_int_equal(said_blocks("call-trace"), 2);
	assert_string_equal(said_value("call-trace", 1, "CPU"), "5");
}

static void panics(void **state)
{
	(void)state;
	said_of_text("Kernel panic - not syncing: DMAR hardware is malfunctioning\nCall Trace:\n "
		     "panic+0x1/0x2\n"
		     " iommu_enable_translation.cold+0xc/0xc\n");
	check_found("register-handshake", 1);
	assert_int_equal(said_findings(), 1);
}

/* ---- code bytes ---- */

#define REGISTERS                                                                                  \
	"RDX: ffff9f3841315800 RBX: 0000000000000014 RSI: 0000000000000040 R12: 0000000000000008 " \
	"R13: ffff9f3841315c00"

static void slots_in_registers(void **state)
{
	static const struct {
		const char *code;
		int slot; /* -1: cannot be determined */
	} cases[] = {
		{ "83 3c 1a 03 0f", 5 },       /* (%rdx,%rbx) */
		{ "83 3c 9a 03 0f", 20 },      /* (%rdx,%rbx,4) */
		{ "83 3c 13 03 0f", 5 },       /* (%rbx,%rdx) */
		{ "43 83 3c 25 03 0f", -1 },   /* no base */
		{ "43 83 7c 25 00 03 0f", 2 }, /* (%r13,%r12) */
		{ "83 3c 1a 02 0f", -1 },      /* another value */
		{ "83 3c 1a", -1 },	       /* cut */
		{ "83 3c 19 03 0f", -1 },      /* RCX is not known */
		{ "", -1 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct code c = { .at = -1 };
		unsigned slot;
		bool told;

		code_read(&c, cases[i].code);
		code_registers(&c, REGISTERS);
		told = code_slot(&c, &slot);
		if (told != (cases[i].slot >= 0) || (told && (int)slot != cases[i].slot))
			fail_msg("%s: %d, %u", cases[i].code, told, slot);
	}
}

/* lea 0xfe(%rax),%eax; movl $3,(%rdi,%rax,4); cmp %eax,%ecx; jne: a head and a tail. */
#define WALK "8d 80 fe 00 00 00 c7 04 87 03 00 00 00 39 c1 75 "

static void the_walk_that_aborts(void **state)
{
	struct code c = { .at = -1 };
	unsigned head, tail;

	(void)state;
	code_registers(&c, "RAX: 0000000000000007 RCX: 0000000000000004");
	code_read(&c, WALK "e4");
	assert_true(code_abort_walk(&c, &head, &tail));
	assert_int_equal(head + tail, 11);
	code_read(&c, WALK "14"); /* a jump ahead is no loop */
	assert_false(code_abort_walk(&c, &head, &tail));
	code_read(&c, "c7 04 87 03 00 00 00 39 c1 75 e4");
	assert_false(code_abort_walk(&c, &head, &tail));
	/* Between the addition and the modulo a slot exceeds 255. */
	code_registers(&c, "RAX: 0000000000000107");
	code_read(&c, WALK "e4");
	assert_true(code_abort_walk(&c, &head, &tail));
	assert_int_equal(head + tail, 11);
	/* c7 04 87: movl $3; 41 81 c4: addl $254, %r12d; the comparison comes too late. */
	code_registers(&c, "R12: 0000000000000031");
	code_read(&c, "c7 04 87 03 00 00 00 41 81 c4 fe 00 00 00 44 89");
	assert_true(code_abort_walk(&c, &head, &tail));
	assert_int_equal(head, 0x31);
	assert_int_equal(tail, CODE_NO_SLOT);
	said_of_text("watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [x:77]\nRIP: "
		     "0010:qi_submit_sync+0x2c0/0x490\n"
		     "Code: " WALK "e4\nRAX: 0000000000000007 RBX: 0 RCX: 0000000000000004\n"
		     "CPU: 3 PID: 77 Comm: x Not tainted 5.10.0-33-amd64 #1\n");
	assert_non_null(strstr(said_finding("abort-walk"), "never meets its end"));
	assert_non_null(strstr(said_finding("stuck-in-queue"), "does not come out"));
	check_found("kernel-prints-nothing", 1);
	said_of_text("watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [x:77]\nRIP: "
		     "0010:qi_submit_sync+0x2c0/0x490\n"
		     "CPU: 3 PID: 77 Comm: x Tainted: G           OE     6.1.0-33-amd64 #1\n");
	assert_string_equal(said_value("call-trace", 0, "kernel"), "6.1.0-33-amd64");
	check_found("kernel-prints-nothing", 0);
}

static void fault_status_in_a_register(void **state)
{
	struct code c = { .at = -1 };
	uint32_t fsts;

	(void)state;
	code_registers(&c, REGISTERS);
	code_read(&c, "49 8b 04 24 8b 70 34 <40> f6 c6 1\n0 74");
	assert_int_equal(c.bytes, 10);
	assert_true(code_fault_status(&c, &fsts));
	assert_int_equal(fsts, 0x40);
	code_read(&c, "8b 70 38 <40> f6");
	assert_false(code_fault_status(&c, &fsts));
	code_read(&c, "70 34 <40> f6");
	assert_false(code_fault_status(&c, &fsts));
	code_read(&c, "8b 70 34 40 f6");
	assert_false(code_fault_status(&c, &fsts));
}

#define TWO_CPUS(a, b)                                                                        \
	a "watchdog: BUG: soft lockup - CPU#3 stuck for 26s! [first:411]\n" b                 \
	  "watchdog: BUG: soft lockup - CPU#7 stuck for 26s! [second:47]\n" a                 \
	  "CPU: 3 PID: 411 Comm: first Not tainted 5.15.0 #1\n" b                             \
	  "CPU: 7 PID: 47 Comm: second Not tainted 5.15.0 #1\n" a                             \
	  "RIP: 0010:qi_submit_sync+0x2c0/0x490\n" b                                          \
	  "RIP: 0010:native_queued_spin_lock_slowpath+0x6e/0x1e0\n" a "Call Trace:\n" b       \
	  "Call Trace:\n" a " qi_flush_dev_iotlb+0xb1/0xd0\n" b                               \
	  " _raw_spin_lock_irqsave+0x3d/0x50\n" a " pciehp_unconfigure_device+0x97/0x1b0\n" b \
	  " qi_submit_sync+0x80/0x490\n" b " qi_flush_iotlb+0xa1/0xc0\n"

static void cpus_print_at_once(void **state)
{
	(void)state;
	said_of_text(TWO_CPUS("[ 10.0][   C3] ", "[ 10.0][   C7] "));
	assert_int_equal(said_blocks("call-trace"), 2);
	check_found("stuck-in-queue", 2);
	check_found("surprise-removal", 1);
	assert_non_null(strstr(said_value("call-trace", 0, "way"), "device-TLB"));
	assert_non_null(strstr(said_value("call-trace", 1, "way"), "IOTLB invalidation"));
	/* Without callers' ids the lines cannot be assigned. */
	said_of_text(TWO_CPUS("[ 10.0] ", "[ 10.0] "));
	check_found("stuck-in-queue", 1);
	assert_non_null(strstr(said_finding("stuck-in-queue"), "is not known"));
	check_found("surprise-removal", 0);
	check_found("trace-through-queue", 0);
}

#define ASKED_BY_2(c2, c5)                                                                     \
	c2 "watchdog: Watchdog detected hard LOCKUP on cpu 5\n" c2                             \
	   "CPU: 2 PID: 0 Comm: swapper/2 Not tainted 6.12.9 #1\n" c2 "Call Trace:\n" c2       \
	   " watchdog_hardlockup_check+0x1a0/0x340\n" c2 " watchdog_timer_fn+0x100/0x340\n" c2 \
	   "Sending NMI from CPU 2 to CPUs 5:\n" c5 "NMI backtrace for cpu 5\n" c5             \
	   "CPU: 5 PID: 977 Comm: stuck Not tainted 6.12.9 #1\n" c5                            \
	   "RIP: 0010:qi_submit_sync+0x46c/0x4c0\n" c5 "Call Trace:\n" c5                      \
	   " qi_flush_iec+0x5a/0x70\n" c5 " modify_irte+0x10a/0x150\n"

static void another_cpu_s_watchdog(void **state)
{
	static const char *const texts[] = {
		ASKED_BY_2("[ 10.0] ", "[ 10.0] "),
		ASKED_BY_2("[ 10.0][   C2] ", "[ 10.0][   C5] "),
	};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		said_of_text(texts[i]);
		assert_int_equal(said_blocks("call-trace"), 1);
		assert_non_null(strstr(said_finding("stuck-in-queue"), "CPU 5 waits"));
		assert_non_null(strstr(said_finding("stuck-in-queue"), "hard lockup"));
		assert_string_equal(said_value("call-trace", 0, "task"), "stuck");
	}
	/* A CPU that was not reported as stuck has a trace only. */
	said_of_text("watchdog: Watchdog detected hard LOCKUP on cpu 15\nNMI backtrace for cpu 5\n"
		     "RIP: 0010:qi_submit_sync+0x46c/0x4c0\n");
	check_found("stuck-in-queue", 0);
	check_found("trace-through-queue", 1);
}

/* The same functions of the core call another IOMMU's driver. */
static void another_iommu_s_trace(void **state)
{
	static const char *const last[] = { "amd_iommu_flush_iotlb_all",
					    "arm_smmu_cmdq_issue_cmdlist",
					    "riscv_iommu_iotlb_inval" };
	static const char *const whose[] = { "AMD", "Arm", "RISC-V" };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char text[500];

		snprintf(text, sizeof(text),
			 "watchdog: BUG: soft lockup - CPU#46 stuck for 22s! [swapper/46:0]\n"
			 "RIP: 0010:_raw_spin_unlock_irqrestore+0x11/0x20\nCall Trace:\n <IRQ>\n"
			 " %s+0x33/0x60\n iommu_dma_flush_iotlb_all+0x1b/0x20\n"
			 " fq_flush_timeout+0x30/0xb0\n </IRQ>\n",
			 last[i]);
		said_of_text(text);
		check_found("stuck-in-flush", 0);
		check_found("stuck-in-other-iommu", 1);
		assert_non_null(strstr(said_finding("stuck-in-other-iommu"), whose[i]));
	}
}

#define FAULT(address)                                                           \
	"DMAR: [DMA Read NO_PASID] Request device [3a:00.0] fault addr " address \
	" [fault reason 0x06] PTE Read access is not set"
#define SYSLOG "Jun  3 09:14:07 s1 kernel: "

/* Syslog has already counted some lines of a storm, in one of three ways. */
static void repeated_in_a_storm(void **state)
{
	static const struct {
		const char *line, *then;
		unsigned in_all;
	} cases[] = {
		{ SYSLOG "[771231.100001] " FAULT("0x7cd80000") "\n",
		  SYSLOG "last message repeated 1000 times\n", 1400 },
		{ SYSLOG "[771231.100001] DMAR: [DMA Read] Request device [3a:00.0] PASID ffffffff "
			 "fault addr 7cd80000 [fault reason 06] PTE Read access is not set\n",
		  SYSLOG "message repeated 1000 times\n", 1400 },
		{ SYSLOG "message repeated 100 times: [ " FAULT("0x7cd80000") "]\n", "", 40000 },
		{ SYSLOG "message repeated 100 times: [ [771231.100001] " FAULT("0x7cd80000") "]\n",
		  "", 40000 },
		{ SYSLOG "message repeated 100 times: [[771231.100001] " FAULT("0x7cd80000") "]\n",
		  "", 40000 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = malloc(400 * 300);
		size_t n = 0;

		assert_non_null(text);
		for (unsigned line = 0; line < 400; line++)
			n += (size_t)sprintf(text + n, "%s", cases[i].line);
		strcpy(text + n, cases[i].then);
		said_gathered(text);
		free(text);
		check_found("dma-fault", cases[i].in_all);
	}
}

/* A line that was there is told, though its device was spoilt on the way. */
static void unreadable_devices(void **state)
{
	static const char *const lines[] = {
		"DMAR: [DMA Write] Request device [O3:00.0] fault addr ffff7000 [fault reason 05] "
		"PTE Write access is not set\n",
		"DMAR: [DMA Read NO_PASID] Request device [xx:xx.x] fault addr 0x7f000 [fault "
		"reason 0x06] PTE Read access is not set\n",
	};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		said_of_text(lines[i]);
		check_found("dma-fault", 1);
		assert_true(said_cut("dma-fault", 0, "SID"));
		assert_non_null(strstr(said_finding("dma-fault"), "cannot be read"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unreadable_devices),
		cmocka_unit_test(another_iommu_s_trace),
		cmocka_unit_test(repeated_in_a_storm),
		cmocka_unit_test(units),
		cmocka_unit_test(faults_in_all_spellings),
		cmocka_unit_test(faults_come_behind_errors),
		cmocka_unit_test(interrupt_faults),
		cmocka_unit_test(cut_faults),
		cmocka_unit_test(table_entries),
		cmocka_unit_test(cut_table_entries),
		cmocka_unit_test(other_lines),
		cmocka_unit_test(ways_to_the_queue),
		cmocka_unit_test(old_frames),
		cmocka_unit_test(a_lock_is_not_the_unit),
		cmocka_unit_test(a_question_mark_is_no_call),
		cmocka_unit_test(modules_are_no_calls),
		cmocka_unit_test(two_reports),
		cmocka_unit_test(cpus_print_at_once),
		cmocka_unit_test(another_cpu_s_watchdog),
		cmocka_unit_test(panics),
		cmocka_unit_test(slots_in_registers),
		cmocka_unit_test(the_walk_that_aborts),
		cmocka_unit_test(fault_status_in_a_register),
	};

	return cmocka_run_group_tests(tests, NULL, said_clean);
}
