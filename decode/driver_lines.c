/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the driver prints about errors: each line by itself, and its explanation. */
#include "driver.h"

#include <stddef.h>

#define FIRMWARE                                                                               \
	"Look for an update of the firmware (BIOS); if there is none, report the line to the " \
	"vendor with the ACPI table DMAR (/sys/firmware/acpi/tables/DMAR)."

#define FINDING(name, how, step)                                                            \
	{                                                                                   \
		.id = name, .weight = how, .certainty = CERTAIN, .from = NULL, .next = step \
	}

const struct driver_line driver_lines[] = {
	/* ---- firmware ---- */
	{ { "BIOS is broken", "returns all ones" },
	  false,
	  "The DMAR table names a unit whose registers read as all ones: there is none at that "
	  "address, or it is hidden or switched off.",
	  FINDING("unit-not-answering", CAUSE, FIRMWARE) },
	{ { "BIOS is broken", "address zero" },
	  false,
	  "The DMAR table names a unit at address 0, where there cannot be one.",
	  FINDING("firmware-bug", CAUSE, FIRMWARE) },
	{ { "No firmware reserved region can cover this RMRR" },
	  false,
	  "The firmware asks for a region of its own for a device (RMRR) that its memory map does "
	  "not reserve: the device (often display or USB) may have faults, and may not be given "
	  "to a guest.",
	  FINDING("firmware-rmrr", SUSPECT,
		  FIRMWARE " Until then the kernel maps the region, but memory there may be used "
			   "by others.") },
	{ { "BIOS is broken", "RMRR" },
	  false,
	  "A reserved region (RMRR) in the firmware's table is wrong.",
	  FINDING("firmware-rmrr", SUSPECT,
		  FIRMWARE " Until then the kernel maps the region, but memory there may be used "
			   "by others.") },
	{ { "RMRR entry for device", "is broken" },
	  false,
	  "The firmware names a wrong device for a reserved region (RMRR); the kernel works around "
	  "it.",
	  FINDING("firmware-rmrr", HINT, FIRMWARE) },
	{ { "no mapping iommu" },
	  false,
	  "An I/O APIC is in no unit's scope in the DMAR table, so interrupt remapping stays off.",
	  FINDING("interrupt-remapping-off", SUSPECT, FIRMWARE) },
	{ { "BIOS has allocated no shadow GTT" },
	  false,
	  "The firmware has set up the display so that it cannot be translated; the kernel leaves "
	  "it out.",
	  FINDING("display-not-translated", HINT, FIRMWARE) },
	{ { "Recommended TLB entries for ISOCH unit" },
	  false,
	  "The firmware has set up the isochronous unit (sound) wrongly; the kernel works around "
	  "it.",
	  FINDING("firmware-bug", HINT, FIRMWARE) },
	{ { "BIOS is broken" },
	  true,
	  "The kernel finds a defect in the firmware's DMAR table.",
	  FINDING("firmware-bug", SUSPECT, FIRMWARE) },
	{ { "BIOS has enabled interrupt remapping", "erratum" },
	  false,
	  "This chipset has an erratum with interrupt remapping, so it stays off.",
	  FINDING("interrupt-remapping-off", SUSPECT, FIRMWARE) },
	{ { "This system BIOS has enabled interrupt remapping" },
	  false,
	  "This chipset has an erratum with interrupt remapping, so it stays off.",
	  FINDING("interrupt-remapping-off", SUSPECT, FIRMWARE) },
	{ { "x2apic is disabled because BIOS sets" },
	  false,
	  "The firmware forbids x2APIC (opt-out bit in the DMAR table).",
	  FINDING("x2apic-opt-out", HINT,
		  "Look for the setting in the BIOS; intremap=no_x2apic_optout overrides it.") },

	/* ---- the queue ---- */
	{ { "Using Register based invalidation" },
	  false,
	  "This unit is invalidated by registers and not by a queue: it has none (ECAP.QI), or it "
	  "could not be turned on. No error of a queue can come from it.",
	  FINDING("register-based-invalidation", SUSPECT,
		  "Look for a line before it that says why the queue was not enabled, and at ECAP "
		  "bit 1 (QI) in the line with reg_base_addr.") },
	{ { "ailed to enable queued" },
	  false,
	  "The invalidation queue of a unit could not be turned on.",
	  FINDING("queue-not-enabled", ERROR,
		  "See whether the unit answers (read GSTS at its base + 0x1c: bit 26 is QIES) and "
		  "whether memory was short at boot; without the queue there is no interrupt "
		  "remapping.") },
	{ { "ueued invalidation", "not enabled" },
	  true,
	  "The invalidation queue of a unit was not turned on.",
	  FINDING("queue-not-enabled", ERROR,
		  "See whether the unit answers (read GSTS at its base + 0x1c: bit 26 is QIES).") },
	{ { "ueue", "Invalidation", "not supported" },
	  true,
	  "A unit has no queued invalidation.",
	  FINDING("register-based-invalidation", HINT,
		  "Look at ECAP bit 1 (QI) of the unit; some hypervisors offer units without.") },
	{ { "Unable to enable Queued Invalidation" },
	  false,
	  "The invalidation queue of a unit could not be turned on.",
	  FINDING("queue-not-enabled", ERROR,
		  "See whether the unit answers (read GSTS at its base + 0x1c: bit 26 is QIES).") },
	{ { "Invalidate non-aligned address" },
	  false,
	  "Linux warns of a device-TLB invalidation by PASID whose address is not aligned to its "
	  "size. Linux 5.10 and 5.11 do so without reason, and it is harmless there; in others a "
	  "part of the range stays in the device's cache.",
	  FINDING("unaligned-address", SUSPECT,
		  "With 5.10 or 5.11: take a later stable release, or pass over it. With others: "
		  "update the kernel (1ff00279655d, 59bf3557cf2f and 2d6ffc63f124 mend ranges).") },

	/* ---- interrupt remapping ---- */
	{ { "ailed to enable irq remapping" },
	  false,
	  "Interrupt remapping could not be turned on: a device, or a guest that has one, may send "
	  "any interrupt.",
	  FINDING("interrupt-remapping-off", SUSPECT,
		  "Look at the lines of DMAR-IR before it for the reason (queue, I/O APIC without "
		  "unit, x2APIC); VFIO then needs allow_unsafe_interrupts, which is what it "
		  "says.") },
	{ { "ailed to enable", "nterrupt" },
	  true,
	  "Interrupt remapping could not be turned on.",
	  FINDING("interrupt-remapping-off", SUSPECT,
		  "Look at the lines before it for the reason: queue, I/O APIC without unit, "
		  "x2APIC.") },
	{ { "nterrupt remapping will be disabled" },
	  false,
	  "Interrupt remapping stays off.",
	  FINDING("interrupt-remapping-off", SUSPECT, FIRMWARE) },
	{ { "nterrupt remapping is being disabled" },
	  false,
	  "Interrupt remapping stays off.",
	  FINDING("interrupt-remapping-off", SUSPECT, FIRMWARE) },
	{ { "Not enabling interrupt remapping" },
	  false,
	  "Interrupt remapping stays off.",
	  FINDING("interrupt-remapping-off", SUSPECT,
		  "See why the I/O APICs were not set up (noapic, nolapic on the command line).") },
	{ { "ailed to copy IR table" },
	  false,
	  "The old kernel's interrupt remapping table could not be taken over (kdump).",
	  FINDING("kdump-tables", SUSPECT,
		  "Devices of the old kernel go on sending its interrupts: expect faults 0x22 and "
		  "0x25 in this kernel; they do no harm to the dump.") },

	/* ---- units and domains ---- */
	{ { "IOMMU feature", "inconsistent" },
	  false,
	  "The units of this machine differ in this feature, so Linux does not use it.",
	  FINDING("units-differ", HINT,
		  "With pasid or prs: shared virtual addressing does not work. Compare ECAP of "
		  "all units (reg_base_addr in the boot log), and look for a BIOS setting.") },
	{ { "is not sufficient for the mapped address" },
	  false,
	  "An address was to be mapped that is beyond the width of the unit.",
	  FINDING("address-beyond-width", ERROR,
		  "Compare MGAW and SAGAW (CAP) with the address: choose addresses below the "
		  "unit's width (VFIO says which are valid), or give the guest fewer address "
		  "bits.") },
	{ { "DMA PTE for vPFN", "already set" },
	  false,
	  "A page is mapped that is mapped already: two users of one address, or an unmap that "
	  "did not happen.",
	  FINDING("page-already-mapped", ERROR,
		  "Look at the WARNING and its call trace below: the caller maps a range that it, "
		  "or another device in the same group, still has. A dump of both numbers tells "
		  "whether the same page was meant.") },
	{ { "Cannot get a valid agaw" },
	  false,
	  "The kernel finds no page-table depth that the unit has.",
	  FINDING("unit-not-usable", ERROR,
		  "Look at SAGAW (CAP 12:8) in the line with reg_base_addr; all zeroes is a unit "
		  "that firmware has disabled.") },
	{ { "annot get a valid max agaw" },
	  false,
	  "The kernel finds no page-table depth that the unit has.",
	  FINDING("unit-not-usable", ERROR,
		  "Look at SAGAW (CAP 12:8) in the line with reg_base_addr.") },
	{ { "Failed to map dmar" },
	  true,
	  "The registers of a unit could not be mapped, so the unit is not used.",
	  FINDING("unit-not-usable", ERROR,
		  "Compare the unit's address (\"DRHD base\") with /proc/iomem: is it in memory, "
		  "or "
		  "in another device's region? " FIRMWARE) },
	{ { "arse DMAR table failure" },
	  false,
	  "Linux cannot use the firmware's DMAR table, and runs without DMA remapping.",
	  FINDING("driver-gave-up", ERROR,
		  "Look at the lines of DMAR before it for the entry that is wrong; give the table "
		  "(/sys/firmware/acpi/tables/DMAR) to `qinval decode`. " FIRMWARE) },
	{ { "Initialization failed" },
	  true,
	  "Linux could not set up VT-d, and runs without DMA remapping.",
	  FINDING("driver-gave-up", ERROR,
		  "Look at the lines of DMAR before it; a unit with scalable mode that has neither "
		  "first-stage nor second-stage translation is one reason.") },
	{ { "platform RMRR requirement" },
	  false,
	  "A device may not be given to a guest, as firmware uses memory through it (RMRR).",
	  FINDING("device-has-rmrr", SUSPECT,
		  "Look for a firmware update or setting that does without the region (HP: iLO "
		  "\"shared memory\"); the kernel refuses for good reason.") },
	{ { "has requested this device have a 1:1 IOMMU mapping" },
	  false,
	  "A device may not be given to a guest, as firmware uses memory through it (RMRR).",
	  FINDING("device-has-rmrr", SUSPECT,
		  "Look for a firmware update or setting that does without the region.") },
	{ { "ranslation was enabled for", "not in kdump mode" },
	  false,
	  "Firmware or another kernel had left translation on; Linux turns it off and begins "
	  "anew.",
	  FINDING("translation-left-on", HINT,
		  "Nothing, unless faults follow at once: DMA of devices that firmware left "
		  "running then meets empty tables.") },
	{ { "ailed to copy translation tables" },
	  false,
	  "The old kernel's translation tables could not be taken over (kdump): DMA that still "
	  "runs is blocked.",
	  FINDING("kdump-tables", SUSPECT,
		  "Expect faults of all devices that the old kernel left running; reset them, or "
		  "boot the crash kernel with intel_iommu=off.") },
	{ { "does not support hardware pass through" },
	  false,
	  "iommu=pt was asked for, and a unit has no pass-through (ECAP.PT).",
	  FINDING("no-pass-through", HINT,
		  "Nothing is wrong; iommu=pt is emulated with tables, and costs as much as "
		  "translation.") },
	{ { "ailed to reserve" },
	  true,
	  "A range of addresses could not be set aside.",
	  FINDING("driver-complains", SUSPECT, "Look at what else uses this range.") },
	{ { "o free domain id" },
	  true,
	  "A unit has no number left for another domain (CAP.ND).",
	  FINDING("domains-used-up", ERROR,
		  "Count the domains (groups in /sys/kernel/iommu_groups, guests); with many "
		  "devices use iommu=pt, or a machine whose units have more (CAP bits 2:0).") },
	{ { "No supported address widths" },
	  true,
	  "A unit has no page-table depth that Linux uses: no DMA is translated behind it.",
	  FINDING("unit-not-usable", ERROR,
		  "Look at SAGAW (CAP 12:8) in the line with reg_base_addr, and for a firmware "
		  "update.") },
	{ { "PASID table allocation failed" },
	  false,
	  "Linux could not set up a device in scalable mode: no memory for its PASID table.",
	  FINDING("device-not-attached", SUSPECT,
		  "See whether memory was short; intel_iommu=sm_off does without scalable mode.") },
	{ { "Setup RID2PASID failed" },
	  false,
	  "Linux could not set up a device in scalable mode: its DMA is blocked.",
	  FINDING("device-not-attached", SUSPECT,
		  "Look at ECAP of its unit (scalable mode, first and second stage, pass-through); "
		  "intel_iommu=sm_off does without scalable mode.") },
	{ { "Domain context map failed" },
	  false,
	  "Linux could not write a device's context entry: its DMA is blocked.",
	  FINDING("device-not-attached", SUSPECT,
		  "Look for lines of DMAR before it; in a crash kernel the entry was the old "
		  "kernel's.") },
	{ { "Disabling IOMMU for graphics on this chipset" },
	  false,
	  "This chipset's display has an erratum, so it is not translated.",
	  FINDING("display-not-translated", HINT,
		  "Nothing is wrong; the display cannot be given to a guest.") },
	{ { "IRQ remapping doesn't support X2APIC mode" },
	  false,
	  "Interrupt remapping is not on, or cannot do x2APIC: x2APIC stays off.",
	  FINDING("interrupt-remapping-off", SUSPECT,
		  "Look at the lines of DMAR-IR for the reason; a kernel without "
		  "CONFIG_IRQ_REMAP, or intremap=off, says the same.") },
	{ { "not able to establish FW requested direct mapping" },
	  false,
	  "A region that firmware reserves for a device (RMRR) could not be mapped for it: expect "
	  "DMA faults there.",
	  FINDING("firmware-rmrr", SUSPECT, FIRMWARE) },

	/* ---- Xen ---- */
	{ { "disallowed to assign", "shared RMRR" },
	  false,
	  "Xen does not give a device to a guest, as it shares a region that firmware reserves "
	  "(RMRR) with others.",
	  FINDING("device-has-rmrr", SUSPECT,
		  "Give all devices of the region to the same guest (for USB: all controllers), or "
		  "allow it at your own risk: rdm_policy=relaxed in the guest's configuration. "
		  "Turning off legacy USB support in the firmware may do without the region.") },
	{ { "risky to assign", "shared RMRR" },
	  false,
	  "Xen gives a device to a guest though it shares a region that firmware reserves (RMRR) "
	  "with others.",
	  FINDING("device-has-rmrr", HINT,
		  "Nothing, unless the guest or another one behaves strangely: both reach the "
		  "region.") },
	{ { "XEN_DOMCTL_assign_device", "failed" },
	  false,
	  "Xen could not give a device to a guest.",
	  FINDING("device-not-attached", SUSPECT,
		  "Look at the line of [VT-D] before it for the reason.") },
	{ { "intremap index", "larger than maximum" },
	  true,
	  "An interrupt's index lies beyond the interrupt remapping table.",
	  FINDING("interrupt-entry-missing", SUSPECT,
		  "Look at what changed the device's interrupt: after suspend (S3) it has to be "
		  "written anew; look for an update of Xen.") },
	{ { "index", "has an empty entry" },
	  true,
	  "A device's interrupt has no entry in the interrupt remapping table.",
	  FINDING("interrupt-entry-missing", SUSPECT,
		  "Look at what changed the device's interrupt: after suspend (S3) it has to be "
		  "written anew; look for an update of Xen.") },
	{ { "no QI slot available" },
	  true,
	  "The invalidation queue of a unit was full.",
	  FINDING("ring-full", ERROR,
		  "See whether the unit still fetches: IQH and IQT by the debug key V; a device "
		  "with ATS that does not answer holds it back.") },
	{ { "Failed to parse ACPI DMAR" },
	  false,
	  "Xen cannot read the firmware's DMAR table, and runs without VT-d.",
	  FINDING("firmware-bug", SUSPECT, FIRMWARE) },
	{ { "IOMMU setup failed, crash Xen" },
	  false,
	  "Xen could not set up VT-d, and stops, as iommu=force demands.",
	  FINDING("driver-gave-up", ERROR,
		  "Look at the lines of [VT-D] before it; without iommu=force Xen runs on without "
		  "VT-d.") },
	{ { "Device pass-through will be insecure" },
	  false,
	  "Interrupts in the old (compatibility) format are let through: a guest with a device may "
	  "send any interrupt.",
	  FINDING("interrupt-remapping-off", SUSPECT,
		  "See whether x2APIC can be turned on in the firmware, and interrupt remapping "
		  "(iommu=intremap).") },
	{ { "nterrupt Remapping disabled since" },
	  true,
	  "Interrupt remapping stays off.",
	  FINDING("interrupt-remapping-off", SUSPECT,
		  "See why the unit has no queue (ECAP.QI), or why it was not turned on.") },
	{ { "Interrupt Remapping not enabled" },
	  true,
	  "Interrupt remapping could not be turned on.",
	  FINDING("interrupt-remapping-off", SUSPECT,
		  "Look at the lines of [VT-D] before it for the reason.") },
	{ { "firmware does not support interrupt remapping" },
	  true,
	  "The firmware's table says that there is no interrupt remapping.",
	  FINDING("interrupt-remapping-off", SUSPECT, FIRMWARE) },
	{ { "ioapic_to_iommu", "is NULL" },
	  true,
	  "An I/O APIC is in no unit's scope in the DMAR table, so interrupt remapping stays off.",
	  FINDING("interrupt-remapping-off", SUSPECT, FIRMWARE) },
	{ { "not a DRHD for IOAPIC" },
	  true,
	  "An I/O APIC is in no unit's scope in the DMAR table, so interrupt remapping stays off.",
	  FINDING("interrupt-remapping-off", SUSPECT, FIRMWARE) },
	{ { "unexpected context entry" },
	  false,
	  "A device's context entry in memory is not what Xen had written.",
	  FINDING("table-damaged", ERROR,
		  "Look for what has overwritten it: another owner of the device, or memory that "
		  "is damaged.") },
	{ { "Bogus DMIBAR" },
	  false,
	  "The firmware has set up the chipset's root complex registers wrongly; Xen does without.",
	  FINDING("firmware-bug", HINT, FIRMWARE) },
	{ { NULL }, false, NULL, { .id = NULL } },
};
