/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * boot.h - what the loader knows about the machine, copied before anything overwrites it.
 */
#ifndef METAL_BOOT_H
#define METAL_BOOT_H

#include "console.h"

#define BOOT_RANGES 256

struct boot_info {
	const char *loader; /* for people */
	uint64_t rsdp;	    /* where it is, 0: the loader does not say */
	struct screen screen;

	/* Memory that is free, but for this program. */
	unsigned ranges;
	struct boot_range {
		uint64_t start, end;
	} range[BOOT_RANGES];
};

/* @way: what boot.S passes, 0 from the PVH note, 1 from multiboot2. */
void boot_read(struct boot_info *b, unsigned way, uint64_t info);

#endif
