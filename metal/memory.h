/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * memory.h - allocates memory, which is never freed, and maps physical memory that is not mapped
 * yet.
 */
#ifndef METAL_MEMORY_H
#define METAL_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct boot_info;

void memory_init(const struct boot_info *b);
/* Call on every CPU: defines the memory types of the mappings. */
void memory_init_cpu(void);

/* Zeroed, aligned to 4 KiB, below 4 GiB; the physical address is the same. Does not fail. */
void *memory_alloc(size_t bytes);

/* A free page below 1 MiB, 0 if there is none. */
uint64_t memory_low_page(void);

enum map {
	MAP_CACHED,
	MAP_DEVICE,   /* registers: every access is performed, in order */
	MAP_COMBINED, /* a framebuffer: writes may be gathered */
};

/* A pointer to this physical memory; NULL if there is no room for more mappings. */
void *memory_map(uint64_t phys, uint64_t size, enum map how);

#endif
