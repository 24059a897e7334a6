/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Each kind of message with other devices, addresses and times, and copied in all the ways that
 * users copy logs: the findings are the same. And texts that report no event: no findings.
 */
#include "said.h"
#include "tests/tool/run.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT 4096

/*
 * Lines of a log without prefixes. %d stands for a device, %a for an address of the variant; |
 * begins another line.
 */
static const struct {
	/* `device`: the kind of the block that names it, or NULL. */
	const char *lines, *finds, *device;
} kinds[] = {
	{ "DMAR: DRHD: handling fault status reg 2|"
	  "DMAR: [DMA Read NO_PASID] Request device [%d] fault addr 0x%a [fault reason 0x06] PTE "
	  "Read access is not set",
	  "dma-fault", "dma-fault" },
	{ "DMAR: [DMA Write] Request device [%d] PASID ffffffff fault addr %a [fault reason 05] "
	  "PTE "
	  "Write access is not set",
	  "dma-fault", "dma-fault" },
	{ "DMAR: [INTR-REMAP] Request device [%d] fault index 0x1b [fault reason 0x26] Blocked an "
	  "interrupt request due to source-id verification failure",
	  "interrupt-remapping-fault", "interrupt-fault" },
	{ "DMAR: VT-d detected Invalidation Time-out Error: SID 0|"
	  "DMAR: DRHD: handling fault status reg 40|"
	  "DMAR: QI HEAD: Device-TLB Invalidation qw0 = 0xaf0300100003, qw1 = 0x7ffffffffffff001|"
	  "DMAR: QI PRIOR: Invalidation Wait qw0 = 0x200000025, qw1 = 0x10005f634|"
	  "DMAR: Invalidation Time-out Error (ITE) cleared",
	  "device-timeout", NULL },
	{ "DMAR: VT-d detected Invalidation Queue Error: Reason 4|"
	  "DMAR: QI HEAD: IOTLB Invalidation qw0 = 0x100000000f2, qw1 = 0x0|"
	  "DMAR: QI PRIOR: Invalidation Wait qw0 = 0x200000025, qw1 = 0x10005f634|"
	  "DMAR: Invalidation Queue Error (IQE) cleared",
	  "queue-error", NULL },
	{ "DMAR: [Firmware Bug]: Your BIOS is broken; bad RMRR [0x%a-0x%a]", "firmware-rmrr",
	  NULL },
	{ "DMAR-IR: Failed to enable irq remapping. You are vulnerable to irq-injection attacks.",
	  "interrupt-remapping-off", NULL },
	{ "DMAR: dmar3: Using Register based invalidation", "register-based-invalidation", NULL },
	{ "DMAR: ERROR: DMA PTE for vPFN 0x%a already set (to 11a002 not 5c2001)",
	  "page-already-mapped", NULL },
	{ "DMAR: intel_iommu_map: iommu width (39) is not sufficient for the mapped address (%a)",
	  "address-beyond-width", NULL },
	{ "DMAR: IOMMU feature sc_support inconsistent", "units-differ", NULL },
	{ "DMAR: Invalidate non-aligned address %a, order 3", "unaligned-address", NULL },
	{ "IOMMU: dmar12: Page request without PASID", "page-request-refused", NULL },
	{ "iommu ivhd0: AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=0000:%d address=0x%a]",
	  "amd-device-timeout", "other-iommu" },
	{ "AMD-Vi: Event logged [IO_PAGE_FAULT device=%d domain=0x000e address=0x%a flags=0x0050]",
	  "amd-dma-fault", "other-iommu" },
	{ "[init -> drivers -> platform] Error: Fault: hi=0x8000000600003a00, reason=0x6, "
	  "type=0x1, "
	  "AT=0x0, EXE=0x0, PRIV=0x0, PP=0x0, Source=0x3a00, info=0x%a",
	  "dma-fault", NULL },
	{ "[init -> drivers -> platform] Error: Invalidation queue error: 0x4", "queue-error",
	  NULL },
	{ "[1812us][cpu=0][vm0:vcpu0][sev=3][seq=2]:Write, Reason: 0x5, SID: 3a.0.1 @0x%a",
	  "dma-fault", NULL },
	{ "[1812us][cpu=0][sev=2][seq=3]:DMAR OP Timeout! @ dmar_issue_qi_request",
	  "wait-not-completed", NULL },
	{ "@BlueScreen: IOMMU Fault detected for 0000:%d (vmgfx0/xxxx) IOaddr: 0x%a Mask: 0x6 "
	  "Domain: 0x430af4e0c460.",
	  "dma-fault", "dma-fault" },
	{ "qemu-system-x86_64: vtd_iommu_translate: detected translation failure (dev=3a:00:01, "
	  "iova=0x%a)",
	  "dma-fault", NULL },
	{ "arm-smmu-v3 arm-smmu-v3.0.auto: CMDQ error (cons 0x0100b1b7): ATC invalidate timeout",
	  "smmu-device-timeout", NULL },
	{ "i915 0000:%d: [drm] *ERROR* GT0: GUC: TLB invalidation response timed out for seqno 4",
	  "gpu-tlb-timeout", "other-iommu" },
	{ "AMD-Vi: Event logged [|"
	  "IO_PAGE_FAULT device=%d domain=0x0012 address=0x%a flags=0x0070]",
	  "amd-dma-fault", NULL },
	{ "DMAR:[fault reason 05] PTE Write access is not set", "dma-fault", NULL },
	{ "x2apic: IRQ remapping doesn't support X2APIC mode", "interrupt-remapping-off", NULL },
	{ "DMAR: dmar0: No free domain ids", "domains-used-up", NULL },
	{ "DMAR: Failed to map dmar3", "unit-not-usable", NULL },
	{ "DMAR: Parse DMAR table failure.", "driver-gave-up", NULL },
	{ "fri0: dmar: %d read error at %a fr:6 [Read] iommu:1 [nomap]", "dma-fault", "dma-fault" },
	{ "vmx - PCI passthru device 0000:%d caused an IOMMU fault type 4 at address 0x%a.",
	  "dma-fault", "esxi" },
	{ "i915 0000:%d: [drm] *ERROR* tlb invalidation response timed out for seqno 72",
	  "gpu-tlb-timeout", "other-iommu" },
	{ "vfio-pci 0000:%d: Setup RID2PASID failed", "device-not-attached", NULL },
	{ "(XEN) [VT-D] It's disallowed to assign 0000:%d with shared RMRR at %a for Dom19.",
	  "device-has-rmrr", NULL },
	{ "(XEN) [VT-D]intremap.c:564: MSI index (65535) has an empty entry",
	  "interrupt-entry-missing", NULL },
	{ "(XEN) ---- print_iommu_regs ----|(XEN)  VER = 10|(XEN)  n_fault_reg = 1|"
	  "(XEN)  fault_recording_offset = 200|(XEN)  fault_recording_reg_l = 0|"
	  "(XEN)  fault_recording_reg_h = 0|(XEN)  FSTS = 10",
	  "queue-error", NULL },
	{ "#15 [ffffb202f268cdf8] iommu_flush_dev_iotlb at ffffffffaa20df48|"
	  "#16 [ffffb202f268ce28] iommu_flush_iova at ffffffffaa20e182",
	  "trace-through-queue", NULL },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

static uint64_t state;

static uint64_t next(void)
{
	state = state * 6364136223846793005 + 1442695040888963407;
	return state >> 33;
}

struct variant {
	char device[16], address[20];
	double time;
};

static struct variant vary(void)
{
	struct variant v;

	/* Neither the display, nor an address with a meaning of its own. */
	snprintf(v.device, sizeof(v.device), "%02x:%02x.%x", (unsigned)(1 + next() % 0xfe),
		 (unsigned)(next() % 0x20), (unsigned)(next() % 8));
	snprintf(v.address, sizeof(v.address), "%" PRIx64 "000", 0x10000 + next() % 0xe00000000);
	v.time = (double)(next() % 1000000) + 0.25;
	return v;
}

enum stamp { DMESG, NO_STAMP, SYSLOG, CALLER, LEVELS, BULLETS, QUOTED, COLOURS, JSON, STAMPS };

/* Prefixes and suffixes of a message. */
static void stamp(enum stamp how, double time, unsigned line, char before[80], const char **behind)
{
	*behind = "";
	switch (how) {
	case DMESG:
		sprintf(before, "[%12.6f] ", time);
		break;
	case SYSLOG:
		sprintf(before, "Nov 30 01:02:%02u host1 kernel: ", line);
		break;
	case CALLER:
		sprintf(before, "[%12.6f][  T439] ", time);
		break;
	case LEVELS:
		sprintf(before, "<3>[%12.6f] ", time);
		break;
	case BULLETS:
		sprintf(before, "- `[%12.6f] ", time);
		*behind = "`";
		break;
	case QUOTED:
		sprintf(before, "> > [%12.6f] ", time);
		break;
	case COLOURS:
		sprintf(before, "[32m[%12.6f] [0m[33m", time);
		*behind = "[0m";
		break;
	case JSON:
		sprintf(before, "{\"PRIORITY\":\"3\",\"MESSAGE\":\"");
		*behind = "\",\"_TRANSPORT\":\"kernel\"}";
		break;
	default:
		*before = '\0';
	}
}

/* The @k'th kind as a log in which each line has a time. */
static void write_log(char *to, unsigned k, const struct variant *v, enum stamp how)
{
	const char *s = kinds[k].lines, *behind;
	char *out = to, before[80];
	unsigned line = 0;

	while (*s) {
		stamp(how, v->time + line * 0.001, line, before, &behind);
		line++;
		out += sprintf(out, "%s", before);
		for (; *s && *s != '|'; s++) {
			const bool placed = *s == '%' && (s[1] == 'd' || s[1] == 'a');

			if (placed)
				out += sprintf(out, "%s", s[1] == 'd' ? v->device : v->address);
			else
				*out++ = *s;
			s += placed;
		}
		s += *s == '|';
		out += sprintf(out, "%s\n", behind);
	}
	*out = '\0';
}

static void check(unsigned k, const struct variant *v, const char *text, const char *as)
{
	const char *device;

	if (!said_found(kinds[k].finds))
		fail_msg("%s is not found, %s:\n%s", kinds[k].finds, as, text);
	if (!kinds[k].device)
		return;
	device = said_meaning(kinds[k].device, 0, "SID");
	if (!device || strcmp(device, v->device))
		fail_msg("the device is %s, not %s, %s:\n%s", device ? device : "not said",
			 v->device, as, text);
}

static void stamps(void **unused)
{
	char text[TEXT], as[40];

	(void)unused;
	for (unsigned k = 0; k < KINDS; k++)
		for (unsigned how = 0; how < STAMPS; how++) {
			const struct variant v = vary();

			write_log(text, k, &v, how);
			said_of_text(text);
			snprintf(as, sizeof(as), "stamp %u", how);
			check(k, &v, text, as);
		}
}

/* Lines broken at the width of a terminal from which they were copied. */
static void broken_lines(void **unused)
{
	static const unsigned columns[] = { 40, 60, 80, 132 };
	char text[TEXT], broken[2 * TEXT], as[40];

	(void)unused;
	for (unsigned k = 0; k < KINDS; k++)
		for (unsigned c = 0; c < 4; c++) {
			const struct variant v = vary();
			char *out = broken;
			unsigned at = 0, most = 0;

			write_log(text, k, &v, DMESG);
			for (const char *s = text; *s; s++) {
				if (*s != '\n' && at == columns[c]) {
					*out++ = '\n';
					at = 0;
					most++;
				}
				*out++ = *s;
				at = *s == '\n' ? 0 : at + 1;
			}
			*out = '\0';
			said_of_text(broken);
			snprintf(as, sizeof(as), "at %u columns", columns[c]);
			/* A number that is broken is unknown; the rest is found. */
			if (!said_found(kinds[k].finds) && !said_found("input-cut") && most)
				fail_msg("%s is not found, %s:\n%s", kinds[k].finds, as, broken);
		}
}

/* A console that cuts lines at its width: no number is invented. */
static void cut_lines(void **unused)
{
	char text[TEXT], cut[TEXT];

	(void)unused;
	for (unsigned round = 0; round < 20; round++) {
		struct variant v = vary();
		char *out = cut;
		unsigned at = 0;

		v.time = 147.0;
		write_log(text, 3, &v, DMESG);
		for (const char *s = text; *s; s++) {
			at = *s == '\n' ? 0 : at + 1;
			if (*s == '\n' || at <= 80)
				*out++ = *s;
		}
		*out = '\0';
		said_of_text(cut);
		assert_true(said_found("device-timeout"));
		assert_null(said_word("qi-error", 0, 0, 1));
		assert_null(said_word("qi-error", 0, 1, 1));
		assert_int_equal(said_found("abort-walk"), 0);
	}
}

/* The newest line first, as with journalctl -r. */
static void newest_first(void **unused)
{
	char text[TEXT], turned[TEXT];

	(void)unused;
	for (unsigned how = 0; how < 2; how++) {
		const struct variant v = vary();
		char *out = turned, *newline;

		write_log(text, 3, &v, how ? SYSLOG : DMESG);
		text[strlen(text) - 1] = '\0';
		while ((newline = strrchr(text, '\n'))) {
			out += sprintf(out, "%s\n", newline + 1);
			*newline = '\0';
		}
		sprintf(out, "%s\n", text);
		said_of_text(turned);
		assert_int_equal(said_blocks("qi-error"), 1);
		assert_string_equal(said_of_row("qi-error", 0, 0, "slot"), "142");
		assert_int_equal(said_found("newest-first"), 1);
		/* The last line of the file is the first of the log. */
		assert_string_equal(said_of_block("qi-error", 0, "line"), "5");
	}
}

/* A whole log as one paragraph: each message keeps its time. */
static void paragraph(void **unused)
{
	char text[TEXT];

	(void)unused;
	for (unsigned k = 0; k < KINDS; k++) {
		const struct variant v = vary();

		strcpy(text, "[  12.500000] usb 1-2: new high-speed USB device number 5 ");
		write_log(text + strlen(text), k, &v, DMESG);
		for (char *s = text; s[1]; s++)
			if (*s == '\n')
				*s = ' ';
		said_of_text(text);
		check(k, &v, text, "as a paragraph");
		if (said_blocks("dma-fault"))
			assert_true(atof(said_time("dma-fault", 0)) > 13);
	}
}

/* ---- no events ---- */

static void innocent(void **unused)
{
	static const char *const texts[] = {
		/* programs */
		"\t\tdev_warn(dev, \"Device is ineligible for IOMMU domain att\nach due to "
		"platform RMRR "
		"requirement.  Contact your platform vendor.\\n\")\n;\n",
		"\t\tpr_err(\"VT-d detected Invalidation Queue Error: Reason %llx\",\n"
		"\t\t       DMAR_IQER_REG_IQEI(iqe_err));\n",
		/* broken at a column */
		"\tpr_warn(FW_BUG\n\t\t\"Your BIOS is broken; RHSA refers to non-existent DMAR u\n"
		"nit at %llx\\n\",\n",
		"\t\t\t\"Firmware has requested this device have a 1:1\n IOMMU mapping\\n\");\n",
		/* what a device has in a device tree */
		"\t       0x400 0xd2030000 0x0 0x10000\n\t       0x400 0xd2040000 0x0 0x10000>;\n",
		"#define DMAR_IQH_REG 0x80\n#define DMAR_IQT_REG 0x88\n#define DMAR_IQA_REG 0x90\n",
		"    DMAR_IQH_REG = 0x80,\n    DMAR_IQT_REG = 0x88,\n",
		"\tprintk(XENLOG_ERR VTDPREFIX \"IOMMU#%u: QI%s wait descriptor taking too "
		"long\\n\",\n",
		"\t\tpanic(\"DMAR hardware is malfunctioning\\n\");\n",
		"\terror_report_once(\"%s: invalid wait desc: hi=%\"PRIx64\", lo=%\"PRIx64,\n",
		"+\t\tpr_warn(\"Failed to enable irq remapping.  You are vulnerable.\\n\");\n",
		"\treturn qi_submit_sync(iommu, &desc, 1, 0);\n",
		"\t\t\"AMD-Vi: Completion-Wait loop timed out\\n\");\n",
		" * qi_submit_sync - submit descriptors to the invalidation queue and wait\n",
		"static int qi_check_fault(struct intel_iommu *iommu, int index, int "
		"wait_index)\n{\n",
		"2506\t\t\t\t\t\"arm-smmu global fault\",\n",
		"\t\t\t\t       \"arm-smmu global fault\", smmu);\n",
		"drivers/iommu/arm/smmu.c:1033:\t\"Unexpected arm-smmu global fault\"\n",
		"drivers/iommu/arm/smmu.c-1034-\tarm-smmu global fault\n",
		"void __init quirk_iommu_caps(struct vtd_iommu *iommu)\n",
		"x\n\t0x0000, 0x1189, 0x2312, 0x329b,\n\t0x4624, 0x57ad, 0x6536, 0x74bf,\n",
		"/* a glyph */\n0x0e, 0x81\n",
		"/* a command */\n\t0x10, 0x08\n",
		"vtd_inv_desc_wait_write_fail(uint64_t hi, uint64_t lo) \"write fail for wait desc "
		"hi "
		"0x%\"PRIx64\" lo 0x%\"PRIx64\n",
		"    trace_virtio_iommu_report_fault(reason, flags, endpoint, address);\n",
		/* manuals and sentences */
		"When the console shows \"Queue invalidate wait descriptor timed out\",\n"
		"give the option a larger value.\n",
		"If the queue invalidate wait descriptor timed out, Xen panics.\n",
		"The function qi_submit_sync waits for the unit; in a storm its lock is "
		"contended.\n",
		"VT-d's invalidation queue is described in chapter 6.5.2 of the specification.\n",
		/* profiles and tracers */
		"# Overhead  Command  Shared Object  Symbol\n"
		"    45.31%  ksoftirqd/3  [kernel.kallsyms]  [k] qi_submit_sync\n"
		"            |\n            ---native_queued_spin_lock_slowpath\n"
		"               _raw_spin_lock_irqsave\n               qi_submit_sync\n"
		"               qi_flush_iotlb\n",
		"@[\n    qi_submit_sync+1\n    qi_flush_iotlb+218\n    intel_iommu_tlb_sync+86\n]: "
		"1423\n",
		" 1)               |  qi_flush_iotlb() {\n 1)   1.204 us    |    "
		"qi_submit_sync();\n"
		" 1)   1.611 us    |  }\n",
		"          <idle>-0       [001] ..s1.  5300.4: qi_submit_sync <-qi_flush_iotlb\n",
		/* what kmemleak has found */
		"unreferenced object 0xffff8881a5301000 (size 1024):\n  comm \"softirq\", pid 0\n"
		"  backtrace:\n    [<ffffffff8231d31e>] free_iova_fast+0x28e/0x4e0\n"
		"    [<ffffffff8231225d>] fq_flush_timeout+0x19d/0x2e0\n",
		/* lists of locks */
		"2 locks held by irq/158-nvme0q1/519:\n"
		" #0: ffff8e587ecc12d8 (&domain->cache_lock){..-.}-{2:2}, at: "
		"cache_tag_flush_range+0x74/0x4b0\n"
		" #1: ffff8e5840262978 (&qi->q_lock){..-.}-{2:2}, at: qi_submit_sync+0x110/0x900\n",
		"Showing all locks held in the system:\n1 lock held by khungtaskd/120:\n"
		" #0: ffff8e5840262978 (&qi->q_lock){..-.}-{2:2}, at: "
		"\nqi_submit_sync+0x110/0x900\n",
		/* boot logs */
		"[    0.1] DMAR: Host address width 39\n"
		"[    0.1] DMAR: DRHD base: 0x000000fed90000 flags: 0x0\n"
		"[    0.1] DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap c0000020660462 ecap "
		"f0101a\n"
		"[    0.1] DMAR: RMRR base: 0x000000ad000000 end: 0x000000af1fffff\n"
		"[    0.1] DMAR-IR: Enabled IRQ remapping in x2apic mode\n"
		"[    0.1] DMAR: No ATSR found\n[    0.1] DMAR: dmar0: Using Queued invalidation\n"
		"[    0.1] DMAR: Intel(R) Virtualization Technology for Directed I/O\n",
		"[    0.2] AMD-Vi: Interrupt remapping enabled\n[    0.2] AMD-Vi: Virtual APIC "
		"enabled\n",
		"53:00.0 VGA compatible controller: Intel Corporation Device e223\n"
		"\tCapabilities: [200 v1] Address Translation Service (ATS)\n"
		"\t\tATSCtl:\tEnable+, Smallest Translation Unit: 00\n",
		"fed90000-fed90fff : dmar0\n7b800000-7fffffff : Reserved\n",
	};

	(void)unused;
	for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (said_of_text(texts[i])->problem)
			fail_msg("something is found in\n%s", texts[i]);
}

/* The messages that occur in source code above, in a log inside a mail or a quoted block. */
static void logs_in_mails(void **unused)
{
	static const char *const texts[] = {
		"Hello,\nmy server hangs, and says\n\n```\n%s```\nWhat is it?\n",
		"> On Monday somebody wrote:\n>> see below\n\n%s\nRegards\n",
		"static int x(void)\n{\n\treturn 0;\n}\n\nand then the console shows:\n%s",
	};
	char log[TEXT], text[2 * TEXT];

	(void)unused;
	for (unsigned k = 0; k < KINDS; k++)
		for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
			const struct variant v = vary();

			write_log(log, k, &v, i ? DMESG : NO_STAMP);
			snprintf(text, sizeof(text), texts[i], log);
			said_of_text(text);
			check(k, &v, text, "in a mail");
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamps),	 cmocka_unit_test(broken_lines),
		cmocka_unit_test(cut_lines),	 cmocka_unit_test(newest_first),
		cmocka_unit_test(paragraph),	 cmocka_unit_test(innocent),
		cmocka_unit_test(logs_in_mails),
	};
	const char *seed = getenv("QINVAL_SEED");

	state = seed ? strtoull(seed, NULL, 0) : 1;
	return cmocka_run_group_tests(tests, NULL, said_clean);
}
