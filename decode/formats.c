/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The formats, one file each, in the order in which they get a line. */
#include "decode.h"

#include <stddef.h>

extern const struct whole acpi_whole, foreign_whole;
extern const struct recogniser acpi_recogniser;
extern const struct recogniser latency_recogniser, regset_recogniser;
extern const struct recogniser genode_acrn_recogniser;
extern const struct recogniser esxi_recogniser, freebsd_recogniser, qemu_recogniser;
extern const struct recogniser macos_recogniser, openbsd_recogniser, windows_recogniser;
extern const struct recogniser xen_recogniser;

extern const struct recogniser other_iommus_recogniser, lspci_recogniser, memory_map_recogniser;
extern const struct recogniser registers_text_recogniser, registers_memory_recogniser;
extern const struct recogniser driver_recogniser, page_requests_recogniser;
extern const struct recogniser debugfs_queue_recogniser, dmesg_boot_recogniser;
extern const struct recogniser fault_status_recogniser, dmesg_fault_recogniser, dmesg_qi_recogniser,
	lockup_recogniser;
extern const struct recogniser trace_recogniser, translation_recogniser, words_recogniser;

const struct recogniser *const decode_recognisers[] = {
	&acpi_recogniser,
	&regset_recogniser,
	&latency_recogniser,
	&xen_recogniser,
	&qemu_recogniser,
	&freebsd_recogniser,
	&openbsd_recogniser,
	&macos_recogniser,
	&windows_recogniser,
	&esxi_recogniser,
	&genode_acrn_recogniser,
	&dmesg_boot_recogniser,
	&dmesg_qi_recogniser,
	&fault_status_recogniser,
	&dmesg_fault_recogniser,
	&trace_recogniser, /* before profiles: a line that it takes is no profile */
	&lockup_recogniser,
	&page_requests_recogniser,
	&debugfs_queue_recogniser,
	&translation_recogniser,
	&registers_text_recogniser,
	&registers_memory_recogniser,
	&other_iommus_recogniser,
	&driver_recogniser,
	&lspci_recogniser,
	&memory_map_recogniser,
	&words_recogniser, /* last: takes lines that no other recogniser has taken */
	NULL,
};

const struct whole *const decode_wholes[] = { &acpi_whole, &foreign_whole, NULL };
