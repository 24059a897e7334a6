/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What is not VT-d and looks like it: IOMMUs of AMD, Arm, RISC-V and others, TLBs of graphics
 * processors. It is named, and said what it means; where the disease is the same, the remedy is.
 */
#include "decode.h"
#include "scan.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 200

/* The disease that VT-d knows as ITE. */
#define ATS_NEXT                                                                                \
	"Look at the device: was it reset, is it still there, is it broken? `lspci -vv` shows " \
	"\"ATSCtl: Enable+\"; keep ATS off for it (pci=noats for all, or a quirk) and see "     \
	"whether the errors stop."
#define DRIVER_NEXT                                                                               \
	"Look at the device's driver: the address was not mapped, not any more, or not for this " \
	"kind of access."
#define UNIT_NEXT                                                                                  \
	"Look at what was done to the unit just before (suspend, power management, firmware): it " \
	"does not answer its driver; see the first message, the rest follows from it."
#define GPU_NEXT                                                                               \
	"Look at the graphics processor: its firmware and its driver's version, lines of the " \
	"same "                                                                                \
	"driver before this one (resets, hangs). The IOMMU has nothing to do with it."
/* What it reads through the IOMMU may be blocked there; then both report it. */
#define PIPE_NEXT                                                                                  \
	"Look for a fault of the IOMMU (DMAR) of the same device at the same time: then its read " \
	"was blocked there, and that is the cause. Without one look at the graphics driver."

#define WEIGHED(name, how, step)                                                            \
	{                                                                                   \
		.id = name, .weight = how, .certainty = CERTAIN, .from = NULL, .next = step \
	}
#define FINDING(name, step) WEIGHED(name, DAMAGE, step)

struct other {
	const char *system;
	const char *words[2]; /* of the line, in this order */
	const char *text;
	struct finding finding;
};

static const struct other others[] = {
	{ "AMD-Vi",
	  { "AMD-Vi", "IOTLB_INV_TIMEOUT" },
	  "AMD's IOMMU, not VT-d: a device did not answer an invalidation of its TLB (ATS).",
	  WEIGHED("amd-device-timeout", ERROR, ATS_NEXT) },
	{ "AMD-Vi",
	  { "AMD-Vi", "Completion-Wait loop timed out" },
	  "AMD's IOMMU, not VT-d: its driver waited in vain for the command queue; a device that "
	  "does not answer an invalidation of its TLB (ATS) is the usual reason.",
	  FINDING("amd-command-timeout", ATS_NEXT) },
	{ "AMD-Vi",
	  { "AMD-Vi", "IO_PAGE_FAULT" },
	  "AMD's IOMMU, not VT-d: DMA of a device was blocked.",
	  FINDING("amd-dma-fault", DRIVER_NEXT) },
	{ "AMD-Vi",
	  { "AMD-Vi", "INVALID_DEVICE_REQUEST" },
	  "AMD's IOMMU, not VT-d: a device sent a request that it may not send (as one that is "
	  "translated already, by ATS).",
	  FINDING("amd-dma-fault", ATS_NEXT) },
	{ "AMD-Vi",
	  { "AMD-Vi", "ILLEGAL_DEV_TABLE_ENTRY" },
	  "AMD's IOMMU, not VT-d: the table's entry for a device is wrong.",
	  FINDING("amd-table-error", UNIT_NEXT) },
	{ "AMD-Vi",
	  { "AMD-Vi", "TAB_HARDWARE_ERROR" },
	  "AMD's IOMMU, not VT-d: a table in memory could not be read.",
	  FINDING("amd-table-error", UNIT_NEXT) },
	{ "AMD-Vi",
	  { "AMD-Vi", "ILLEGAL_COMMAND_ERROR" },
	  "AMD's IOMMU, not VT-d: it has refused a command of its queue.",
	  FINDING("amd-command-error", UNIT_NEXT) },
	{ "AMD-Vi",
	  { "AMD-Vi", "COMMAND_HARDWARE_ERROR" },
	  "AMD's IOMMU, not VT-d: it could not read its command queue.",
	  FINDING("amd-command-error", UNIT_NEXT) },
	{ "AMD-Vi",
	  { "AMD-Vi", "RMP_" },
	  "AMD's IOMMU, not VT-d: DMA was blocked by the ownership table (SEV-SNP).",
	  FINDING("amd-dma-fault", DRIVER_NEXT) },
	{ "AMD-Vi",
	  { "AMD-Vi", "Unable to" },
	  "AMD's IOMMU, not VT-d: its driver could not do something.",
	  FINDING("amd-complains", UNIT_NEXT) },
	{ "AMD-Vi",
	  { "AMD-Vi", "[Firmware Bug]" },
	  "AMD's IOMMU, not VT-d: a defect of the firmware's table (IVRS).",
	  FINDING("amd-firmware-bug", "Look for an update of the firmware (BIOS).") },
	{ "AMD-Vi",
	  { "[Firmware Bug]: AMD-Vi", "" },
	  "AMD's IOMMU, not VT-d: a defect of the firmware's table (IVRS).",
	  FINDING("amd-firmware-bug", "Look for an update of the firmware (BIOS).") },
	/* Until 4.x the event's mark is a line, and the event another one. */
	{ "AMD-Vi",
	  { "IOTLB_INV_TIMEOUT", "device=" },
	  "AMD's IOMMU, not VT-d: a device did not answer an invalidation of its TLB (ATS).",
	  WEIGHED("amd-device-timeout", ERROR, ATS_NEXT) },
	{ "AMD-Vi",
	  { "IO_PAGE_FAULT", "device=" },
	  "AMD's IOMMU, not VT-d: DMA of a device was blocked.",
	  FINDING("amd-dma-fault", DRIVER_NEXT) },
	{ "AMD-Vi",
	  { "INVALID_DEVICE_REQUEST", "device=" },
	  "AMD's IOMMU, not VT-d: a device sent a request that it may not send (as one that is "
	  "translated already, by ATS).",
	  FINDING("amd-dma-fault", ATS_NEXT) },
	{ "AMD-Vi",
	  { "AMD-Vi", "Event logged" },
	  "AMD's IOMMU, not VT-d: it reports an event.",
	  WEIGHED("amd-event", SUSPECT, UNIT_NEXT) },
	{ "SMMUv3",
	  { "arm-smmu-v3", "ATC invalidate timeout" },
	  "Arm's SMMUv3, not VT-d: a device did not answer an invalidation of its TLB (ATC_INV).",
	  WEIGHED("smmu-device-timeout", ERROR, ATS_NEXT) },
	{ "SMMUv3",
	  { "arm-smmu-v3", "CMD_SYNC timeout" },
	  "Arm's SMMUv3, not VT-d: the command queue did not complete in time; a device that does "
	  "not answer an invalidation of its TLB (ATC_INV) is a usual reason.",
	  FINDING("smmu-command-timeout", ATS_NEXT) },
	{ "SMMUv3",
	  { "arm-smmu-v3", "CMDQ timeout" },
	  "Arm's SMMUv3, not VT-d: the command queue stayed full.",
	  FINDING("smmu-command-timeout", UNIT_NEXT) },
	{ "SMMUv3",
	  { "arm-smmu-v3", "CMDQ error" },
	  "Arm's SMMUv3, not VT-d: it has refused a command of its queue.",
	  FINDING("smmu-command-error", UNIT_NEXT) },
	{ "SMMUv3",
	  { "arm-smmu-v3", "unexpected global error" },
	  "Arm's SMMUv3, not VT-d: it reports a global error (the command queue, or an aborted "
	  "write).",
	  FINDING("smmu-global-error", UNIT_NEXT) },
	{ "SMMUv3",
	  { "arm-smmu-v3", "event 0x" },
	  "Arm's SMMUv3, not VT-d: DMA of a device was blocked.",
	  FINDING("smmu-dma-fault", DRIVER_NEXT) },
	{ "SMMUv3",
	  { "arm-smmu-v3", "event:" },
	  "Arm's SMMUv3, not VT-d: DMA of a device was blocked.",
	  FINDING("smmu-dma-fault", DRIVER_NEXT) },
	{ "SMMUv3",
	  { "arm-smmu-v3", "queue overflow" },
	  "Arm's SMMUv3, not VT-d: events were lost.",
	  FINDING("smmu-dma-fault", DRIVER_NEXT) },
	{ "SMMU",
	  { "arm-smmu", "context fault" },
	  "Arm's SMMU, not VT-d: DMA of a device was blocked.",
	  FINDING("smmu-dma-fault", DRIVER_NEXT) },
	{ "SMMU",
	  { "arm-smmu", "TLB sync timed out" },
	  "Arm's SMMU, not VT-d: an invalidation did not complete.",
	  FINDING("smmu-command-timeout", UNIT_NEXT) },
	{ "SMMU",
	  { "arm-smmu", "global fault" },
	  "Arm's SMMU, not VT-d: it reports a global fault.",
	  FINDING("smmu-global-error", UNIT_NEXT) },
	{ "SMMU",
	  { "arm-smmu", "nhandled " },
	  "Arm's SMMU, not VT-d: it reports a fault.",
	  FINDING("smmu-dma-fault", DRIVER_NEXT) },
	{ "RISC-V",
	  { "riscv", "ommand queue" },
	  "RISC-V's IOMMU, not VT-d: its command queue reports an error.",
	  FINDING("riscv-command-error", UNIT_NEXT) },
	{ "RISC-V",
	  { "riscv", "ommand execution timeout" },
	  "RISC-V's IOMMU, not VT-d: a command did not complete; a device that does not answer an "
	  "invalidation of its TLB (ATS) is a usual reason.",
	  FINDING("riscv-command-timeout", ATS_NEXT) },
	{ "RISC-V",
	  { "riscv", "Queue #" },
	  "RISC-V's IOMMU, not VT-d: one of its queues reports an error.",
	  FINDING("riscv-command-error", UNIT_NEXT) },
	{ "RISC-V",
	  { "riscv", "ardware error" },
	  "RISC-V's IOMMU, not VT-d: it does not follow its driver.",
	  FINDING("riscv-command-error", UNIT_NEXT) },
	{ "RISC-V",
	  { "riscv", "imeout" },
	  "RISC-V's IOMMU, not VT-d: it did not answer in time.",
	  FINDING("riscv-command-timeout", UNIT_NEXT) },
	{ "RISC-V",
	  { "riscv", "Fault " },
	  "RISC-V's IOMMU, not VT-d: DMA of a device was blocked.",
	  FINDING("riscv-dma-fault", DRIVER_NEXT) },
	{ "GPU",
	  { "TLB invalidation response timed out", "" },
	  "The graphics processor's own TLB, which its firmware (GuC) invalidates: that firmware "
	  "did not answer. It is not the IOMMU.",
	  WEIGHED("gpu-tlb-timeout", SUSPECT, GPU_NEXT) },
	{ "GPU",
	  { "TLB invalidation", "time" },
	  "The graphics processor's own TLB did not complete an invalidation. It is not the IOMMU.",
	  WEIGHED("gpu-tlb-timeout", SUSPECT, GPU_NEXT) },
	{ "GPU",
	  { "TLB inval", "time" },
	  "The graphics processor's own TLB did not complete an invalidation. It is not the IOMMU.",
	  WEIGHED("gpu-tlb-timeout", SUSPECT, GPU_NEXT) },
	{ "GPU",
	  { "imeout waiting for", "TLB" },
	  "The graphics processor's own TLB did not complete an invalidation. It is not the IOMMU.",
	  WEIGHED("gpu-tlb-timeout", SUSPECT, GPU_NEXT) },
	{ "GPU",
	  { "imeout waiting for", "VM flush" },
	  "The graphics processor's own TLB did not complete an invalidation. It is not the IOMMU.",
	  WEIGHED("gpu-tlb-timeout", SUSPECT, GPU_NEXT) },
	{ "GPU",
	  { "TLB invalidate", "time" },
	  "The graphics processor's own TLB did not complete an invalidation. It is not the IOMMU.",
	  WEIGHED("gpu-tlb-timeout", SUSPECT, GPU_NEXT) },
	{ "GPU",
	  { "amdgpu", "page fault" },
	  "A fault of the graphics processor's own page tables (VM). It is not the IOMMU.",
	  WEIGHED("gpu-page-fault", SUSPECT, GPU_NEXT) },
	{ "GPU",
	  { "i915", "Fault errors on pipe" },
	  "The display could not read what it shows: by a fault of the graphics processor's own "
	  "page tables (GTT), or of the IOMMU.",
	  WEIGHED("gpu-page-fault", SUSPECT, PIPE_NEXT) },
	{ "other",
	  { "apple-dart", "fault" },
	  "Apple's DART, not VT-d: DMA of a device was blocked.",
	  FINDING("other-dma-fault", DRIVER_NEXT) },
	{ "other",
	  { "rk_iommu", "fault" },
	  "Rockchip's IOMMU, not VT-d: DMA of a device was blocked.",
	  FINDING("other-dma-fault", DRIVER_NEXT) },
	{ "other",
	  { "rk_iommu", "timed out" },
	  "Rockchip's IOMMU, not VT-d: it does not answer its driver.",
	  FINDING("other-command-timeout", UNIT_NEXT) },
	{ "other",
	  { "virtio_iommu", "fault from EP" },
	  "A virtual machine's IOMMU (virtio), not VT-d: DMA of a device was blocked.",
	  FINDING("other-dma-fault", DRIVER_NEXT) },
	{ "other",
	  { "virtio-iommu", "fault from EP" },
	  "A virtual machine's IOMMU (virtio), not VT-d: DMA of a device was blocked.",
	  FINDING("other-dma-fault", DRIVER_NEXT) },
};

/* The first PCI address in the line, behind "device=" or where a driver names its device. */
static unsigned device(const struct line *l, const char *from)
{
	for (const char *s = from; s < l->text + l->own; s++) {
		unsigned segment, sid;
		const char *t = s;

		if (s > l->text && strchr("0123456789abcdefABCDEF:.", s[-1]))
			continue;
		if (scan_bdf(&t, &segment, &sid))
			return sid;
	}
	return NO_SID;
}

static void report(struct decode *d, const struct line *l, const struct other *o, const char *at)
{
	const char *text = l->text + l->body;
	const size_t n = (size_t)(l->text + l->own - text);
	struct block *b = block_new("other-iommu", l->number, "not VT-d");
	const unsigned sid = device(l, strcmp(o->system, "GPU") ? at : text);
	char bdf[SID_TEXT];

	decode_take(d);
	b->timed = l->timed;
	b->time = l->time;
	b->last = l->last;
	b->count = l->times;
	block_text(b, "system", "%s", o->system);
	if (sid != NO_SID)
		block_hex(b, "SID", sid, "%s", sid_text(bdf, sid));
	decode_find_of(d, &o->finding, l->number, sid, "%s", o->text);
	if (sid == NO_SID)
		block_text(b, "text", "%.*s", (int)(n < TEXT_MAX ? n : TEXT_MAX), text);
	decode_block(d, b);
}

/* A boot line of AMD's driver, and the like: which system this is, and nothing wrong. */
static bool names_system(const struct line *l)
{
	static const char *const names[] = { "AMD-Vi:", "arm-smmu", "riscv,iommu", "riscv-iommu" };
	const char *text = l->text + l->body;

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *at = scan_find(l, text, names[i], NULL);

		if (at && at - text < 40)
			return true;
	}
	return false;
}

/* A driver's name is no part of another one's. */
static bool in_word(const struct line *l, const char *at, const struct other *o)
{
	return strcmp(o->system, "GPU") && at > l->text &&
	       (isalnum((unsigned char)at[-1]) || at[-1] == '_');
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	bool *told = state;
	const char *behind;

	if (decode_taken(d))
		return false;
	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++) {
		const struct other *o = &others[i];
		const char *at = scan_find(l, l->text, o->words[0], &behind);

		/* "[Firmware Bug]" stands before AMD's name. */
		if (!at || in_word(l, at, o) ||
		    (*o->words[1] && !scan_find(l, behind, o->words[1], NULL)))
			continue;
		if (!strcmp(o->system, "RISC-V") && !scan_find(l, l->text, "iommu", NULL))
			continue;
		report(d, l, o, behind);
		return false;
	}
	if (names_system(l)) {
		decode_take(d);
		if (!*told) {
			struct block *b =
				block_new("other-iommu", l->number, "an IOMMU that is not VT-d");

			decode_block(d, b);
		}
		*told = true;
	}
	return false;
}

static const char *const words[] = { "AMD-Vi",	  "arm-smmu",	"riscv",       "TLB inval",
				     "VM flush",  "apple-dart", "rk_iommu",    "tio_iommu",
				     "amdgpu",	  "TLB flush",	"tio-iommu",   "Fault errors",
				     "IO_PAGE_F", "IOTLB_INV",	"INVALID_DEV", NULL };

const struct recogniser other_iommus_recogniser = { "other-iommus", words, sizeof(bool),
						    line,	    NULL,  false };
