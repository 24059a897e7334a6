/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * memory.h - memory is handed out and never taken back, and mapped where it is not already.
 */
#ifndef METAL_MEMORY_H
#define METAL_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct boot_info;

void memory_init(const struct boot_info *b);
/* On every CPU: what the kinds of mapping mean. */
void memory_init_cpu(void);

/* Zeroed, aligned to 4 KiB, below 4 GiB, its physical address the same. Does not fail. */
void *memory_alloc(size_t bytes);

/* A free page below 1 MiB, 0 if there is none. */
uint64_t memory_low_page(void);

enum map {
	MAP_CACHED,
	MAP_DEVICE,   /* registers: every access goes out, in order */
	MAP_COMBINED, /* a framebuffer: writes may be gathered */
};

/* Physical memory as it can be reached, NULL if there is no more room for it. */
void *memory_map(uint64_t phys, uint64_t size, enum map how);

#endif
