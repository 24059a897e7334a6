/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Messages of Xen, QEMU, FreeBSD and ESXi. */
#include "said.h"
#include "tests/tool/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *value(const char *kind, const char *field)
{
	const char *s = said_value(kind, 0, field);

	return s ? s : "none";
}

/* ---- Xen ---- */

#define XEN_LATE \
	"[VT-D] IOMMU#1: QI%s wait descriptor taking too long\n IQA = %s\n IQH = %s\n IQT = %s\n"

static void late(const char *dev, const char *iqa, const char *iqh, const char *iqt)
{
	char text[400];

	snprintf(text, sizeof(text), XEN_LATE, dev, iqa, iqh, iqt);
	said_of_text(text);
	assert_int_equal(said_found("wait-not-completed"), 1);
	assert_string_equal(said_of_block("xen-queue", 0, "unit"), "IOMMU#1");
}

static void xen_wait(void **state)
{
	(void)state;
	late("", "484897000", "0", "820");
	assert_string_equal(
		value("xen-queue", "queue"),
		"256 slots of 128 bits at 0x484897000, head at slot 0, tail at slot 130");
	assert_non_null(strstr(said_finding("queue-not-fetched"), "130 descriptors waiting"));
	/* Seven pages, and wrapped. */
	late("", "484897003", "7ff0", "10");
	assert_non_null(strstr(said_finding("queue-not-fetched"), "slot 2047 with 2 descriptors"));
	late(" dev", "484897000", "820", "820");
	assert_int_equal(said_found("completion-missing"), 1);
	assert_string_equal(value("xen-queue", "for"), "a device TLB");
	late("", "ffffffffffffffff", "ffffffffffffffff", "ffffffffffffffff");
	assert_int_equal(said_found("unit-not-answering"), 1);
	assert_int_equal(said_found("queue-not-fetched"), 0);
}

static void xen_spellings(void **state)
{
	(void)state;
	said_of_text("(XEN) [   12.345678] [VT-D] IOMMU#0: QI dev wait descriptor took 1234ms\n");
	assert_string_equal(value("xen-queue", "wait descriptor took"), "1234");
	assert_int_equal(said_found("wait-slow"), 1);
	said_of_text("(XEN) DMAR_IQA_REG = 484897000\n(XEN) DMAR_IQH_REG = 20\n"
		     "(XEN) DMAR_IQT_REG = 40\n(XEN)\n(XEN) ****************\n"
		     "(XEN) queue invalidate wait descriptor was not executed\n");
	assert_int_equal(said_blocks("xen-queue"), 1);
	assert_int_equal(said_found("wait-not-completed"), 1);
	assert_non_null(strstr(said_finding("queue-not-fetched"), "slot 2 with 2 descriptors"));
	said_of_text("\thead = readl(iommu->reg + DMAR_IQH_REG);\n\twritel(0, iommu->reg + "
		     "DMAR_IQT_REG);\n");
	assert_int_equal(said_blocks("xen-queue"), 0);
	said_of_text("(XEN) [VT-D] IOMMU3: QI wait descriptor taking too long\n"
		     "(XEN)  IQA = 484897000\n(XEN)  IQH = 10\n(XEN)  IQT = 1");
	assert_string_equal(value("xen-queue", "IQH"), "0x10");
	said_of_text(
		"(XEN) [2024-02-01 06:33:20] [VT-D] IOMMU#3: QI wait descriptor taking too long\n"
		"(XEN) [2024-02-01 06:33:20]  IQA = 484897000\n"
		"(XEN) [  123.456789]  IQH = 30\n[  123.456789] (XEN)  IQT = 40\n");
	assert_string_equal(value("xen-queue", "IQH"), "0x30");
	assert_string_equal(value("xen-queue", "IQT"), "0x40");
}

static void xen_faults(void **state)
{
	(void)state;
	said_of_text(
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:03:00.1] fault addr dead000\n"
		"(XEN) something else\n"
		"(XEN) [VT-D]DMAR: reason 25 - Blocked\n"
		"(XEN) [VT-D]INTR-REMAP: Request device [0001:f0:1f.7] fault index 1f\n"
		"(XEN) [VT-D]INTR-REMAP: reason 22 - Present field in the IRTE entry is clear\n");
	assert_string_equal(said_meaning("dma-fault", 0, "SID"), "03:00.1");
	assert_string_equal(value("dma-fault", "access"), "write");
	assert_string_equal(value("dma-fault", "fault address"), "0xdead000");
	assert_string_equal(value("dma-fault", "fault reason"), "0x25");
	assert_string_equal(value("interrupt-fault", "segment"), "0x1");
	assert_string_equal(said_meaning("interrupt-fault", 0, "SID"), "f0:1f.7");
	assert_string_equal(value("interrupt-fault", "fault index"), "0x1f");
	assert_string_equal(said_meaning("interrupt-fault", 0, "fault reason"),
			    "Present field in the IRTE entry is clear");
	assert_int_equal(said_found("dma-fault"), 1);
	assert_int_equal(said_found("interrupt-remapping-fault"), 1);
	said_of_text("(XEN) iommu.c:775: iommu_fault:DMA Read: 0:2.0 addr 39b5845000 REASON 6 "
		     "iommu->reg = ffff828bfff57000\n");
	assert_string_equal(said_meaning("dma-fault", 0, "SID"), "00:02.0");
	assert_string_equal(value("dma-fault", "fault reason"), "0x6");
}

static void xen_older(void **state)
{
	(void)state;
	said_of_text(
		"(XEN) [VT-D]iommu.c:837: iommu_fault_status: Primary Pending Fault\n"
		"(XEN) [VT-D]iommu.c:831: DMAR:[DMA Write] Request device [00:1a.0] fault addr "
		"7a67000, iommu reg = ffff82c3ffd53000\n"
		"(XEN) DMAR:[fault reason 05h] PTE Write access is not set\n");
	assert_int_equal(said_blocks("fault-status"), 1);
	assert_string_equal(said_meaning("dma-fault", 0, "SID"), "00:1a.0");
	assert_string_equal(value("dma-fault", "fault reason"), "0x5");
	assert_string_equal(said_meaning("dma-fault", 0, "fault reason"),
			    "PTE Write access is not set");
	assert_int_equal(said_blocks("dma-fault"), 1);
	said_of_text("(XEN) [VT-D]iommu_fault_status: Invalidation Queue Error\n"
		     "(XEN) [VT-D]iommu_fault_status: Invalidation Completion Error\n"
		     "(XEN) [VT-D]iommu_fault_status: Invalidation Time-out Error\n");
	assert_int_equal(said_found("queue-error"), 1);
	assert_int_equal(said_found("completion-error"), 1);
	assert_int_equal(said_found("device-timeout"), 1);
}

static void xen_entries(void **state)
{
	(void)state;
	said_of_text(
		"(XEN) [VT-D]DMAR:[DMA Read] Request device [0000:00:02.0] fault addr 7d2ce000\n"
		"(XEN) [VT-D]DMAR: reason 06 - PTE Read access is not set\n"
		"(XEN) print_vtd_entries: iommu #0 dev 0000:00:02.0 gmfn 7d2ce\n"
		"(XEN)     root_entry[00] = 7af6a001\n(XEN)     context[10] = 101_7d0b7001\n"
		"(XEN)     l3[001] = 7d255003\n(XEN)     l1[0ce] = 0\n"
		"(XEN)     l1[0ce] not present\n");
	assert_int_equal(said_blocks("dma-fault"), 1);
	assert_string_equal(value("dma-fault", "fault reason"), "0x6");
	assert_string_equal(value("dma-fault", "context[10]"), "101_7d0b7001");
}

static void xen_features(void **state)
{
	(void)state;
	said_of_text("(XEN) Intel VT-d Snoop Control enabled.\n"
		     "(XEN) Intel VT-d Queued Invalidation not enabled.\n");
	assert_int_equal(said_blocks("xen-feature"), 2);
	assert_string_equal(said_value("xen-feature", 1, "feature"), "Queued Invalidation");
	assert_string_equal(said_value("xen-feature", 1, "enabled"), "no");
	assert_int_equal(said_found("no-queued-invalidation"), 1);
	assert_false(said_of_text("(XEN) Intel VT-d Queued Invalidation enabled.\n")->problem);
	assert_int_equal(said_findings(), 0);
}

/* Capabilities of a unit apply to later descriptors. */
static void xen_boot(void **state)
{
	(void)state;
	said_of_text("(XEN) [VT-D]drhd->address = fed90000 iommu->reg = ffff82c0011a6000\n"
		     "(XEN) [VT-D]cap = 106f0462 ecap = f020fe\n");
	assert_int_equal(said_blocks("unit"), 2);
	assert_non_null(strstr(said_meaning("unit", 1, "ECAP"), "DT (device TLBs)"));
}

/* ---- QEMU ---- */

static void qemu_refused(void **state)
{
	(void)state;
	said_of_text("qemu-system-x86_64: vtd_process_iotlb_desc: invalid iotlb desc: "
		     "hi=fee00005, lo=100000800f2 (reserved nonzero)\n");
	assert_int_equal(said_found("qemu-refused-descriptor"), 1);
	assert_string_equal(value("qemu-refused", "message"), "invalid iotlb desc");
	said_of_text("x: Invalid granularity in P-IOTLB desc hi: 0x7000 lo: 0x500010016\n");
	assert_string_equal(said_word("qemu-refused", 0, 0, 0), "0x500010016");
	assert_string_equal(said_word("qemu-refused", 0, 0, 1), "0x7000");
}

static void qemu_fence(void **state)
{
	(void)state;
	said_of_text("vtd_process_wait_desc: invalid wait desc: hi=0, lo=45 (unknown type)\n");
	assert_int_equal(said_found("qemu-fence-only-wait"), 1);
	said_of_text("vtd_process_wait_desc: invalid wait desc: hi=0, lo=65 (unknown type)\n");
	assert_int_equal(said_found("qemu-fence-only-wait"), 0);
}

static void qemu_trace(void **state)
{
	(void)state;
	said_of_text(
		"vtd_inv_desc_iotlb_pages iotlb invalidate domain 0x5 addr 0xfff9a000 mask 0x4\n"
		"vtd_inv_desc_iotlb_domain iotlb invalidate whole domain 0x3\n"
		"vtd_inv_desc_wait_sw wait invalidate status write addr 0x1004 data 0x2\n");
	assert_int_equal(said_blocks("qemu-trace"), 3);
	assert_string_equal(said_meaning("qemu-trace", 0, "mask"), "16 pages");
	assert_string_equal(said_value("qemu-trace", 1, "domain"), "0x3");
	assert_string_equal(said_value("qemu-trace", 2, "data"), "0x2");
	assert_int_equal(said_findings(), 0);
	said_of_text("vtd_inv_desc_wait_write_fail write fail for wait desc hi 0x1000 lo "
		     "0x200000025\n");
	assert_int_equal(said_found("status-not-written"), 1);
}

/* As printed by `qemu -trace 'vtd_inv_*'`, with other events of the unit in between. */
static void qemu_trace_of_descriptors(void **state)
{
	(void)state;
	said_of_text(
		"vtd_inv_qi_tail write tail 2\nvtd_inv_qi_fetch \nvtd_inv_qi_head read head 0\n"
		"vtd_inv_desc invalidate desc type iotlb high 0xfff9a000 low 0x500f2\n"
		"vtd_inv_desc_iotlb_pages iotlb invalidate domain 0x5 addr 0xfff9a000 mask 0x0\n"
		"vtd_iotlb_page_update IOTLB page update sid 0x8 iova 0xfff9a000\n"
		"vtd_inv_qi_head read head 1\n"
		"vtd_inv_desc invalidate desc type wait high 0x1046004 low 0x200000025\n"
		"vtd_inv_desc_wait_sw wait invalidate status write addr 0x1046004 data 0x2\n");
	assert_int_equal(said_findings(), 0);
	assert_int_equal(said_blocks("qemu-trace"), 1);
	assert_string_equal(said_word("qemu-trace", 0, 0, 0), "0x500f2");
	assert_string_equal(said_word("qemu-trace", 0, 1, 1), "0x1046004");
	assert_string_equal(value("qemu-trace", "writes of IQT"), "1");
}

static void qemu_wide(void **state)
{
	(void)state;
	said_of_text("vtd_process_iotlb_desc: invalid iotlb inv desc val[3]: 0x1 val[2]: 0x0 "
		     "val[1]=0xfee00005 val[0]=0x800f2 (reserved nonzero)\n");
	assert_int_equal(said_found("qemu-refused-descriptor"), 1);
	assert_string_equal(value("qemu-refused", "message"), "invalid iotlb inv desc");
	assert_string_equal(said_word("qemu-refused", 0, 0, 0), "0x800f2");
	assert_string_equal(said_word("qemu-refused", 0, 0, 3), "0x1");
	said_of_text("vtd_process_piotlb_desc: 256-bit piotlb inv desc in 128-bit invalidation "
		     "queue\n");
	assert_int_equal(said_found("qemu-refused-descriptor"), 1);
	said_of_text("vtd_fetch_inv_desc: detected invalid QI tail (tail=0x100, size=0x100)\n");
	assert_int_equal(said_found("qemu-refused-tail"), 1);
}

static void qemu_faults(void **state)
{
	(void)state;
	said_of_text(
		"vtd_iova_to_slpte: detected slpte permission error (iova=0xfd200000, "
		"level=0x2, slpte=0x0, write=1)\n"
		"vtd_iommu_translate: detected translation failure (dev=af:1f:07, iova=0x1000)\n");
	assert_string_equal(said_value("dma-fault", 0, "access"), "write");
	assert_string_equal(said_meaning("dma-fault", 1, "SID"), "af:1f.7");
	assert_int_equal(said_found("dma-fault"), 1);
}

/* ---- FreeBSD ---- */

static void freebsd(void **state)
{
	(void)state;
	said_of_text("DMAR0: Invalidation timed out\nDMAR1: Invalidation completion error\n"
		     "DMAR12: Invalidation queue error\nDMAR0: Fault Overflow\n"
		     "DMAR0: Advanced pending fault\n");
	assert_int_equal(said_blocks("freebsd"), 5);
	assert_string_equal(said_of_block("freebsd", 2, "unit"), "DMAR12");
	assert_int_equal(said_found("device-timeout"), 1);
	assert_int_equal(said_found("completion-error"), 1);
	assert_int_equal(said_found("queue-error"), 1);
	assert_int_equal(said_found("faults-lost"), 1);
	said_of_text("DMAR3: ahci0: pci0:31:2 sid fa fault acc 1 adt 0x0 reason 0x6 addr "
		     "39b5845000\n"
		     "DMAR3: <unknown dev>: sid 10 fault acc 0 adt 0x0 reason 0x25 addr 1f\n");
	assert_string_equal(said_meaning("dma-fault", 0, "SID"), "00:1f.2");
	assert_string_equal(said_value("dma-fault", 0, "fault address"), "0x39b5845000");
	assert_string_equal(said_value("interrupt-fault", 0, "fault index"), "0x1f");
	/* Linux writes no number there. */
	said_of_text("DMAR: Invalidation timed out\n");
	assert_int_equal(said_blocks("freebsd"), 0);
}

/* ---- OpenBSD, Windows ---- */

static void openbsd(void **state)
{
	(void)state;
	said_of_text("fri0: dmar: 3a:02.0 write error at 9e7f3000 fr:5 [Write] iommu:0 [mapped]\n"
		     "mem in e820.reserved\n"
		     "fri1: dmar: 00:14.0 read error at 88a11000 fr:2 [Context Entry Not Present] "
		     "iommu:1 [nodevfn]\n"
		     "dmar: 0000:00:1f.0 mapping ISA\n");
	assert_int_equal(said_blocks("dma-fault"), 2);
	assert_string_equal(said_meaning("dma-fault", 0, "SID"), "3a:02.0");
	assert_string_equal(said_value("dma-fault", 0, "fault address"), "0x9e7f3000");
	assert_string_equal(said_value("dma-fault", 0, "access"), "write");
	assert_string_equal(said_value("dma-fault", 1, "fault reason"), "0x2");
	assert_string_equal(said_of_block("dma-fault", 1, "unit"), "iommu1");
	said_of_text("fri1: dmar: 00:14.0 read error at 88a1");
	assert_int_equal(said_found("input-cut"), 1);
}

static void macos(void **state)
{
	(void)state;
	said_of_text("vtd[0] fault: device 131:0:0 reason 0x6 R:0x101700000\n"
		     "panic(cpu 2 caller 0xffffff80): \"vtd[1] fault: device 6:31:7 reason 0x5 "
		     "W:0x7f000\"\n"
		     "vtd[0] fault: device 300:0:0 reason 0x6 R:0x101700000\n");
	assert_int_equal(said_blocks("dma-fault"), 2);
	assert_string_equal(said_meaning("dma-fault", 0, "SID"), "83:00.0");
	assert_string_equal(said_value("dma-fault", 0, "fault address"), "0x101700000");
	assert_string_equal(said_value("dma-fault", 0, "access"), "read");
	assert_string_equal(said_meaning("dma-fault", 1, "SID"), "06:1f.7");
	assert_string_equal(said_value("dma-fault", 1, "fault reason"), "0x5");
	said_of_text("vtd[0] fault: device 131:0:0 reason 0x6 R:");
	assert_int_equal(said_found("input-cut"), 1);
}

static void windows(void **state)
{
	static const char *const texts[] = {
		"DRIVER_VERIFIER_DMA_VIOLATION (e6)\n"
		"An illegal DMA operation was attempted by a driver being verified.\nArguments:\n"
		"Arg1: 0000000000000026, IOMMU detected DMA violation.\n"
		"Arg2: ffffa98b4c3e7060, Device Object of faulting device.\n"
		"Arg3: 000000000c7f4000, Faulting information (usually faulting physical "
		"address).\n"
		"Arg4: 0000000000000006, Fault type (hardware specific).\n",
		"The computer has rebooted from a bugcheck.  The bugcheck was: 0x000000e6 "
		"(0x0000000000000026, 0xffffa98b4c3e7060, 0x000000000c7f4000, "
		"0x0000000000000006). A dump was saved in: C:\\WINDOWS\\MEMORY.DMP.\n",
		("Der Fehlercode war: 0x000000E6 (0x0000000000000026, 0xffffa98b4c3e7060, "
		 "0x000000000c7f4000, 0x0000000000000006).\n"),
		"BugCheck E6, {26, ffffa98b4c3e7060, c7f4000, 6}\n",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		said_of_text(texts[i]);
		assert_int_equal(said_found("dma-fault"), 1);
		assert_string_equal(value("windows", "address"), "0xc7f4000");
		assert_string_equal(value("windows", "fault type"), "0x6");
	}
	/* Another violation, and another bug check. */
	said_of_text("BugCheck E6, {2, ffffa98b4c3e7060, c7f4000, 6}\n"
		     "BugCheck D1, {26, 2, 0, fffff80}\n");
	assert_int_equal(said_findings(), 0);
}

/* Two lines of one fault, both with the device's name, as vmkernel.log has them. */
static void esxi_fault(void **state)
{
	(void)state;
	said_of_text("2024-03-07T08:12:44.871Z cpu37:2098211)IOMMU: 2456: IOMMU Fault detected for "
		     "0000:5e:00.1 (vmnic5) IOaddr: 0x7f3c2d000 Mask: 0xc Domain: 0x4308a1b0e2c0.\n"
		     "2024-03-07T08:12:44.871Z cpu2:2098000)vmw_ahci[0000001f]: something else\n"
		     "2024-03-07T08:12:44.871Z cpu37:2098211)IOMMU: 2460: IOMMU Fault detected for "
		     "0000:5e:00.1 (vmnic5) Reason: 0x5 (PTE not set to allow Write.)\n");
	assert_int_equal(said_blocks("dma-fault"), 1);
	assert_int_equal(said_findings(), 1);
	assert_non_null(strstr(said_finding("dma-fault"), "reason 0x5"));
	assert_string_equal(said_value("dma-fault", 0, "fault address"), "0x7f3c2d000");
}

static void esxi(void **state)
{
	(void)state;
	said_of_text("IOMMU UNIT 15 did not complete processing of a queued invalidation wait "
		     "descriptor after 4 secs. This is likely by a known VT -d hardware erratum\n");
	assert_int_equal(said_found("wait-not-completed"), 1);
	assert_string_equal(said_of_block("esxi", 0, "unit"), "UNIT 15");
	assert_string_equal(value("esxi", "after"), "4");
	said_of_text(
		"2024-08-19T07:41:13.220Z In(05) vmx - PCI passthru device 0000:8b:00.1 caused "
		"an IOMMU fault type 4 at address 0x1a0f5c000.\n");
	assert_int_equal(said_found("dma-fault"), 1);
	assert_string_equal(said_meaning("esxi", 0, "SID"), "8b:00.1");
	assert_string_equal(value("esxi", "address"), "0x1a0f5c000");
	/* A purple screen that names the handler only. With the fault reported it adds nothing. */
	said_of_text("0x451a0a09bc80:[0x41800f28f3d1]VTDIommuFaultHandler@vmkernel#nover+0x2ad\n");
	assert_int_equal(said_found("dma-fault"), 1);
	said_of_text("@BlueScreen: IOMMU Fault detected for 0000:da:00.0 (vmgfx0/x) IOaddr: "
		     "0xa1fc6a000 Mask: 0x6 Domain: 0x430af4e0c460. Reason: 0x6 (PTE not set.)\n"
		     "0x451a0a09bc80:[0x41800f28f3d1]IOMMUProcessFaults@vmkernel#nover+0x2ad\n");
	assert_int_equal(said_findings(), 1);
}

/* A lower number begins another stack, and a record has a limited number of fields. */
static void qemu_stacks(void **state)
{
	static char text[1000 * 80];
	size_t n = 0;

	(void)state;
	said_of_text("#13 0x5 in vtd_fetch_inv_desc (s=0x5) at x.c\n"
		     "#14 0x5 in vtd_handle_iqt_write (s=0x5) at x.c\n"
		     "#13 0x5 in vtd_fetch_inv_desc (s=0x5) at x.c\n");
	assert_int_equal(said_blocks("qemu-stack"), 2);
	for (unsigned i = 0; i < 1000; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "#%u 0x5 in vtd_fetch_inv_desc (s=0x5) at x.c\n", i);
	said_of_text(text);
	assert_int_equal(said_blocks("qemu-stack"), 1);
	assert_non_null(said_value("qemu-stack", 0, "frame 511"));
	assert_null(said_value("qemu-stack", 0, "frame 512"));
	assert_true(said_cut("qemu-stack", 0, "what follows"));
}

/* ---- IOMMUs other than VT-d ---- */

/* DMA that other IOMMUs block is reported with device and address, whatever the line's format. */
static void other_iommus(void **state)
{
	static const struct {
		const char *line, *device, *address;
	} cases[] = {
		{ "nvme 0000:0a:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x001e "
		  "address=0xdf7e0100 flags=0x0020]",
		  "0a:00.0", "0xdf7e0100" },
		{ "AMD-Vi: Event logged [IO_PAGE_FAULT device=0b:00.3 domain=0x000e "
		  "address=0xdf7e0000 flags=0x0000]",
		  "0b:00.3", "0xdf7e0000" },
		{ "arm-smmu-v3 arm-smmu-v3.0.auto: event: F_TRANSLATION client: 0000:01:00.0 sid: "
		  "0x100 ssid: 0x0 iova: 0xdead0000 ipa: 0x0",
		  "01:00.0", "0xdead0000" },
		{ "riscv-iommu 0000:00:01.0: Fault 13 devid: 0x108 iotval: beef000 iotval2: 0",
		  "01:01.0", "0xbeef000" },
		{ "virtio_iommu virtio0: page fault from EP 16 at 0xfffe1000 [RW]", NULL,
		  "0xfffe1000" },
		/* This is the address of the unit itself. */
		{ "riscv-iommu 0000:00:01.0: Hardware error: command execution timeout", NULL,
		  NULL },
		{ "pci 0000:00:00.2: AMD-Vi: Unable to read/write to IOMMU perf counter.", NULL,
		  NULL },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		said_of_text(cases[i].line);
		assert_int_equal(said_blocks("other-iommu"), 1);
		if (cases[i].device)
			assert_string_equal(said_meaning("other-iommu", 0, "SID"), cases[i].device);
		else
			assert_null(said_meaning("other-iommu", 0, "SID"));
		if (cases[i].address)
			assert_string_equal(value("other-iommu", "address"), cases[i].address);
	}
}

/* Equal except for their addresses, so that they are gathered. */
static void storm_of_another_iommu(void **state)
{
	static char text[40 * 120];
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "[ %u.5] arm-smmu 15000000.iommu: Unhandled context fault: "
				      "fsr=0x402, iova=0x%x000, cb=7\n",
				      i, 0xc0000 + i * 77);
	said_of_text(text);
	assert_int_equal(said_found("smmu-dma-fault"), 40);
	snprintf(text, sizeof(text), "%s", value("other-iommu", "text"));
	assert_string_equal(said_value("other-iommu", 39, "text"), text);
	assert_string_not_equal(said_value("other-iommu", 39, "address"),
				said_value("other-iommu", 38, "address"));
}

/*
 * After the first ones lines are counted: the report has their number, and the lowest and highest
 * address.
 */
static void counted_storm_of_another_iommu(void **state)
{
	const unsigned lines = 5000;
	char *text = malloc(lines * 120 + 1);
	size_t n = 0;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < lines; i++)
		n += (size_t)snprintf(text + n, 120,
				      "[ %u.5] nvme 0000:%u:00.0: AMD-Vi: Event logged "
				      "[IO_PAGE_FAULT domain=0x0011 address=0x%x000 "
				      "flags=0x0050]\n",
				      i, 1 + i % 2, 0xc0000 + i * 77 % 1000);
	said_gathered(text);
	free(text);
	assert_int_equal(said_found("amd-dma-fault"), lines);
	assert_int_equal(said_blocks("other-iommu"), 2);
	assert_string_equal(said_of_block("other-iommu", 0, "count"), "2500");
	assert_string_equal(said_of_block("other-iommu", 1, "count"), "2500");
	assert_non_null(strstr(said_finding("amd-dma-fault"), "01:00.0"));
}

/* The messages are the same, although the place in the queue differs from line to line. */
static void places_in_a_queue(void **state)
{
	char text[60 * 120];
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < 60; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "[ %u.5] arm-smmu-v3 arm-smmu-v3.0.auto: CMD_SYNC timeout at "
				      "0x%08x [hwprod 0x%08x, hwcons 0x%08x]\n",
				      i, 0xb1b7 + i, 0xb1c0 + 2 * i, 0xb1b7 + i);
	said_gathered(text);
	assert_int_equal(said_found("smmu-command-timeout"), 60);
	assert_int_equal(said_blocks("other-iommu"), 1);
	assert_string_equal(value("other-iommu", "numbers"), "0x0000b1b7, 0x0000b1c0, 0x0000b1b7");
}

/* ---- nothing is invented ---- */

/* Each message, truncated anywhere: a number in the report was in the message. */
static void cut_anywhere(void **state)
{
	static const char *const texts[] = {
		"[VT-D] IOMMU#1: QI wait descriptor taking too long\n IQA = 484897000\n IQH = 0\n"
		" IQT = 820\n",
		"(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:03:00.1] fault addr dead000\n"
		"(XEN) [VT-D]DMAR: reason 25 - Blocked\n",
		"vtd_process_wait_desc: invalid wait desc: hi=0, lo=45 (unknown type)\n",
		"#15 0x0 in vtd_mem_write (opaque=0x0, addr=136, val=1888, size=4) at x.c\n",
		"DMAR3: ahci0: pci0:31:2 sid fa fault acc 1 adt 0x0 reason 0x6 addr 39b5845000\n",
		"IOMMU UNIT 15 did not complete processing of a descriptor after 4 secs.\n",
		"vtd_iommu_translate: detected translation failure (dev=af:1f:07, iova=0x1000)\n",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (size_t n = 1; n <= strlen(texts[i]); n++)
			said_of(texts[i], n);
}

/* A truncated word says nothing about the access. */
static void xen_s_access_may_be_cut(void **state)
{
	(void)state;
	said_of_text(
		"(XEN) [VT-D]DMAR:[DMA R\nead] Request device [0000:00:02.0] fault addr 39b5\n");
	assert_true(said_cut("dma-fault", 0, "access"));
	said_of_text("(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:02.0] fault addr 39b5\n"
		     "(XEN) [VT-D]DMAR: reason 0\n");
	assert_string_equal(said_value("dma-fault", 0, "access"), "write");
	assert_true(said_cut("dma-fault", 0, "fault reason"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xen_wait),
		cmocka_unit_test(xen_spellings),
		cmocka_unit_test(xen_faults),
		cmocka_unit_test(xen_older),
		cmocka_unit_test(xen_entries),
		cmocka_unit_test(xen_features),
		cmocka_unit_test(xen_boot),
		cmocka_unit_test(qemu_refused),
		cmocka_unit_test(qemu_fence),
		cmocka_unit_test(qemu_trace),
		cmocka_unit_test(qemu_trace_of_descriptors),
		cmocka_unit_test(qemu_wide),
		cmocka_unit_test(qemu_faults),
		cmocka_unit_test(freebsd),
		cmocka_unit_test(openbsd),
		cmocka_unit_test(macos),
		cmocka_unit_test(windows),
		cmocka_unit_test(esxi),
		cmocka_unit_test(esxi_fault),
		cmocka_unit_test(qemu_stacks),
		cmocka_unit_test(other_iommus),
		cmocka_unit_test(storm_of_another_iommu),
		cmocka_unit_test(counted_storm_of_another_iommu),
		cmocka_unit_test(places_in_a_queue),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(xen_s_access_may_be_cut),
	};

	return cmocka_run_group_tests(tests, NULL, said_clean);
}
