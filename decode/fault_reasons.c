/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "fault_reasons.h"

#include <stddef.h>

/* Advice that several reasons share. */
#define NOT_MAPPED                                                                               \
	"Look at the device's driver: is a buffer unmapped while the device still uses it (use " \
	"after unmap, a reset that does not stop DMA, firmware that reads ahead)? A log with "   \
	"the driver's debugging on, or a trace of intel_iommu shortly before the fault, shows it."
#define NOT_ATTACHED                                                                            \
	"Find out what this source id is: `lspci -vv` and `lspci -t`. A device that firmware "  \
	"left running, one behind a PCIe-to-PCI bridge or a function that is not listed needs " \
	"an RMRR, an alias or a quirk; in a crash kernel it is what the old kernel left running."
#define CORRUPTION                                                                           \
	"Compare the table in memory (`dmar_translation_struct` in debugfs, or the dump of " \
	"entries below the fault) with the reason: memory was overwritten, or the unit has " \
	"a stale entry in a cache."
#define DRIVER                                                                                    \
	"Compare the entry with CAP and ECAP of the unit (`reg_base_addr` in the boot log): the " \
	"operating system asks for what this unit does not have, or has a stale cache."
#define PASID_STEPS                                                                              \
	"See whether shared virtual addressing is set up for this device (driver, `lspci -vv`: " \
	"PASIDCtl, PRI) and whether DMA goes on after the process has ended."
#define ATS_STEPS                                                                               \
	"See with `lspci -vv` whether ATS (ATSCtl) is on in the device though its domain does " \
	"not use it; turn it off there, or boot with pci=noats."
#define OLD_INTERRUPT                                                                            \
	"Let the device's driver load and set up its interrupt anew; after kexec or in a crash " \
	"kernel this is what the old kernel had programmed."

/* Sorted by code. */
static const struct fault_reason reasons[] = {
	{ 0x1, "there is no root entry for its bus",
	  "Usually translation was switched on while a device that firmware had started still "
	  "ran (the display, before its driver), or the source id is one that no device has.",
	  "If it is the display at boot: look whether the firmware's table has an RMRR for it, and "
	  "load its driver early; otherwise find out what this source id is (`lspci -t`)." },
	{ 0x2, "there is no context entry for it",
	  "Usually the device is not attached: firmware still uses it, it sits behind a "
	  "PCIe-to-PCI bridge whose id it has on the bus, or it is a function that was not found.",
	  NOT_ATTACHED },
	{ 0x3, "its context entry is programmed wrongly",
	  "Reserved translation type, an address width that the unit lacks, or a stale context "
	  "cache.",
	  DRIVER },
	{ 0x4, "the address is beyond the width of its domain",
	  "Usually an address that was cut to 32 bits or is garbage, or a domain that is narrower "
	  "than the device's addresses.",
	  "Compare the address with the widths: MGAW of the unit (CAP), the domain's, and the "
	  "device's DMA mask; garbage points to the device or its descriptors." },
	{ 0x5, "it wrote where it has no permission to write",
	  "Usually the buffer was mapped for reading only, or was unmapped and is used all the "
	  "same: a stale descriptor, or a reset that did not stop DMA.",
	  NOT_MAPPED },
	{ 0x6, "it read where nothing is mapped for it, or without permission",
	  "Usually the address is not mapped (any more): use after unmap, device firmware that "
	  "reads ahead past its buffer, an RMRR that the table lacks, memory of a guest that "
	  "VFIO has not mapped.",
	  NOT_MAPPED },
	{ 0x7, "the pointer to the next page table cannot be read",
	  "A page-table pointer that leads outside of memory: corruption, or a table that was "
	  "freed.",
	  CORRUPTION },
	{ 0x8, "the root table cannot be read", "The root table's address (RTADDR) is wrong.",
	  "Read RTADDR (iommu_regset) and compare it with where memory is (/proc/iomem)." },
	{ 0x9, "its context table cannot be read",
	  "A context-table pointer that leads outside of memory: corruption.", CORRUPTION },
	{ 0xa, "reserved bits are set in a root entry that is present",
	  "Corruption, or a table of scalable mode read in legacy mode.", CORRUPTION },
	{ 0xb, "reserved bits are set in its context entry",
	  "Corruption, or bits that this unit does not have.", CORRUPTION },
	{ 0xc, "reserved bits are set in a page-table entry",
	  "Corruption; or a large page, or a snoop bit, that the unit does not have (ECAP.SC).",
	  CORRUPTION },
	{ 0xd,
	  "its context entry forbids this kind of request (translated, or a translation request)",
	  "Usually ATS was left on in the device after its domain changed.", ATS_STEPS },
	{ 0x20, "reserved bits are set in the interrupt request",
	  "The device or its driver wrote its MSI registers wrongly.",
	  "Compare the MSI address and data of the device (`lspci -vvv`) with what its driver "
	  "has set; a reset of the device loses them." },
	{ 0x21, "the interrupt's index is beyond the remapping table",
	  "Stale or corrupted MSI data, as after a reset of the device in between.",
	  "Compare the MSI data of the device (`lspci -vvv`) with the size of the table (IRTA)." },
	{ 0x22, "the entry for this interrupt is not present",
	  "Usually an interrupt that comes after its vector was freed, or a device that an old "
	  "kernel programmed (kexec).",
	  OLD_INTERRUPT },
	{ 0x23, "the interrupt remapping table cannot be read",
	  "The table's address (IRTA) is wrong, or memory there is not accessible.",
	  "Read IRTA (iommu_regset) and compare it with where memory is." },
	{ 0x24, "reserved bits are set in the interrupt's entry", "Corruption of the table.",
	  "Compare the entry in `ir_translation_struct` of debugfs with the specification." },
	{ 0x25, "it is in the old (compatibility) format, which is blocked",
	  "Usually a device, I/O APIC or HPET that is still programmed by firmware or by an old "
	  "kernel.",
	  OLD_INTERRUPT },
	{ 0x26, "the source id does not match the one in the interrupt's entry",
	  "Usually an interrupt that a bridge forwards with its own id (non-transparent "
	  "bridges, some PCIe-to-PCI bridges), or an I/O APIC whose id in the firmware's table "
	  "is wrong.",
	  "Compare the source id with `lspci -t` and with the I/O APIC's scope in the DMAR "
	  "table; intremap=nosid tells whether this is it." },
	{ 0x30, "the root table's address cannot be used (scalable mode)",
	  "RTADDR or its mode is wrong.", "Read RTADDR (iommu_regset): bits 11:10 are the mode." },
	{ 0x31, "it sent a request with PASID, and the unit translates in legacy mode",
	  "PASID is on in the device and not in the unit.", PASID_STEPS },
	{ 0x32, "it sent a page request, and the unit translates in legacy mode",
	  "PASID and page requests are on in the device and not in the unit.", PASID_STEPS },
	{ 0x38, "the root table cannot be read (scalable mode)",
	  "The root table's address is wrong.", CORRUPTION },
	{ 0x39, "there is no root entry for its bus (scalable mode)",
	  "Usually translation was switched on while a device that firmware had started still "
	  "ran, or the source id is one that no device has.",
	  NOT_ATTACHED },
	{ 0x3a, "reserved bits are set in a root entry (scalable mode)", "Corruption.",
	  CORRUPTION },
	{ 0x40, "its context table cannot be read (scalable mode)", "Corruption.", CORRUPTION },
	{ 0x41, "there is no context entry for it (scalable mode)",
	  "Usually the device is not attached: firmware still uses it, or it has another id on "
	  "the bus than the one that was set up.",
	  NOT_ATTACHED },
	{ 0x42, "reserved bits are set in its context entry (scalable mode)", "Corruption.",
	  CORRUPTION },
	{ 0x43, "its context entry is invalid (scalable mode)",
	  "A value that the unit does not have, or a stale context cache.", DRIVER },
	{ 0x44, "it sent a translation request, and its context entry does not allow ATS",
	  "Usually ATS was left on in the device.", ATS_STEPS },
	{ 0x45, "it sent a request with PASID, and its context entry does not allow that",
	  "Shared virtual addressing is not set up for this device.", PASID_STEPS },
	{ 0x46, "its PASID is beyond the PASID directory",
	  "The PASID is garbage, or the table too small.", PASID_STEPS },
	{ 0x47, "it sent a page request, and its context entry does not allow that",
	  "Page requests are on in the device and not in the unit.", PASID_STEPS },
	{ 0x48, "the PASID for requests without one (RID_PASID) is wrong",
	  "A context entry that is programmed wrongly.", DRIVER },
	{ 0x50, "its PASID directory cannot be read", "Corruption.", CORRUPTION },
	{ 0x51, "there is no directory entry for its PASID",
	  "Usually DMA that goes on after the PASID was unbound.", PASID_STEPS },
	{ 0x52, "reserved bits are set in its PASID directory entry", "Corruption.", CORRUPTION },
	{ 0x58, "its PASID table cannot be read", "Corruption.", CORRUPTION },
	{ 0x59, "there is no table entry for its PASID",
	  "Usually DMA that goes on after the PASID was unbound, or a stale PASID cache.",
	  PASID_STEPS },
	{ 0x5a, "reserved bits are set in its PASID table entry",
	  "Corruption, or a stale PASID cache.", CORRUPTION },
	{ 0x5b, "its PASID table entry is invalid",
	  "A value that the unit does not have, or a stale PASID cache.", DRIVER },
	{ 0x5c, "it asked to execute, which its PASID entry does not allow",
	  "Execute requests are on in the device and not in the entry.", PASID_STEPS },
	{ 0x5d, "it asked as supervisor, which its PASID entry does not allow",
	  "A privileged PASID that was not set up as one.", PASID_STEPS },
	{ 0x70, "a first-stage page table cannot be read", "A table that was freed, or corruption.",
	  CORRUPTION },
	{ 0x71, "a first-stage page-table entry is not present",
	  "With shared virtual addressing: the page is not there and the device made no page "
	  "request; or a stale entry after an invalidation that covered too little.",
	  PASID_STEPS },
	{ 0x72, "reserved bits are set in a first-stage entry",
	  "Corruption, or bits that this unit does not have.", CORRUPTION },
	{ 0x73, "the top first-stage table cannot be read",
	  "A table that was freed, or corruption.", CORRUPTION },
	{ 0x74, "the first-stage address is beyond the second stage's width",
	  "A guest's page table leads outside of its memory.",
	  "Look at the guest: its tables lead where its memory does not." },
	{ 0x75, "the second stage does not allow reading what the first stage leads to",
	  "A guest's tables lead to memory that the hypervisor has not mapped.",
	  "Look at what memory the hypervisor maps for the guest (VFIO, iommufd)." },
	{ 0x76, "the second stage does not allow reading what the first stage leads to",
	  "A guest's tables lead to memory that the hypervisor has not mapped.",
	  "Look at what memory the hypervisor maps for the guest (VFIO, iommufd)." },
	{ 0x77, "the second stage does not allow writing what the first stage leads to",
	  "A guest's tables lead to memory that the hypervisor has not mapped for writing.",
	  "Look at what memory the hypervisor maps for the guest (VFIO, iommufd)." },
	{ 0x78, "a second-stage page table cannot be read",
	  "Corruption, or a table that was freed.", CORRUPTION },
	{ 0x79, "a second-stage entry does not allow it",
	  "Usually the address is not mapped (any more): use after unmap, an RMRR that the table "
	  "lacks, or memory of a guest that VFIO has not mapped.",
	  NOT_MAPPED },
	{ 0x7a, "reserved bits are set in a second-stage entry",
	  "Corruption, or bits that this unit does not have.", CORRUPTION },
	{ 0x7b, "the top second-stage table cannot be read", "Corruption.", CORRUPTION },
	{ 0x7c, "the unit cannot set accessed or dirty bits in a second-stage entry",
	  "The table is in memory that cannot be updated atomically.", CORRUPTION },
	{ 0x80, "the first-stage address is not canonical", "The address is garbage, or was cut.",
	  "Look at the device's descriptors: such an address was never mapped." },
	{ 0x81, "it asked as user for a page of the supervisor",
	  "Shared virtual addressing: the device may not use this page.", PASID_STEPS },
	{ 0x82, "it asked to execute a page that may not be executed",
	  "Shared virtual addressing: the device may not execute this page.", PASID_STEPS },
	{ 0x83, "the address is beyond the unit's width", "An address that was cut or is garbage.",
	  "Compare the address with MGAW of the unit (CAP) and the device's DMA mask." },
	{ 0x84, "the address is beyond the second stage's width",
	  "An address that was cut or is garbage.",
	  "Compare the address with the width of the domain and the device's DMA mask." },
	{ 0x85, "it wrote where it has no permission to write (scalable mode)",
	  "Usually the buffer was mapped for reading only, or was unmapped and is used all the "
	  "same.",
	  NOT_MAPPED },
	{ 0x86, "it read where it has no permission to read (scalable mode)",
	  "Usually the address is not mapped (any more): use after unmap, device firmware that "
	  "reads ahead, an RMRR that the table lacks.",
	  NOT_MAPPED },
	{ 0x87, "it sent a request to the interrupt addresses that may not go there",
	  "Usually a request with PASID to FEEx_xxxxh: an address that is garbage, or an "
	  "interrupt that is sent with a PASID.",
	  "Look at the device's descriptors: FEE00000h to FEEFFFFFh are interrupts, and never "
	  "memory." },
	{ 0x90, "the unit cannot set accessed or dirty bits in a first-stage entry",
	  "The table is in memory that cannot be updated atomically.", CORRUPTION },
};

const struct fault_reason *fault_reason_of(uint64_t code)
{
	for (unsigned i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (reasons[i].code == code)
			return &reasons[i];
	return NULL;
}

bool fault_reason_is_interrupt(uint64_t code)
{
	return code >= 0x20 && code <= 0x26;
}

bool fault_reason_is_permission(uint64_t code)
{
	return code == 5 || code == 6 || code == 0x79 || code == 0x85 || code == 0x86;
}

bool fault_reason_is_unattached(uint64_t reason)
{
	return reason == 1 || reason == 2 || reason == 0x39 || reason == 0x41;
}
