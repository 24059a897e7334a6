/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* boot.h - the loader's information about the machine, copied before it can be overwritten. */
#ifndef METAL_BOOT_H
#define METAL_BOOT_H

#include "console.h"

#define BOOT_RANGES 256

struct boot_info {
	const char *loader; /* its name, for messages */
	uint64_t rsdp;	    /* address; 0 if the loader does not tell it */
	struct screen screen;

	/* Free memory, without the memory that this program occupies. */
	unsigned ranges;
	struct boot_range {
		uint64_t start, end;
	} range[BOOT_RANGES];
};

/* @way: the number that boot.S passes: 0 for the PVH note, 1 for multiboot2. */
void boot_read(struct boot_info *b, unsigned way, uint64_t info);

#endif
