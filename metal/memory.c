/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "memory.h"

#include "boot.h"
#include "mem.h"
#include "tap.h"
#include "x86.h"

#define PAGE 4096ULL
#define FOUR_GIB (1ULL << 32)

/* Memory that boot.S has not mapped is mapped here, at most 1 GiB. */
#define WINDOW (1ULL << 39)
#define WINDOW_PAGES (512U * 512U)

#define PTE_PRESENT_WRITE 3ULL
#define PTE_PWT (1ULL << 3)
#define PTE_PCD (1ULL << 4)

/* Entry 1 (PWT) is write-combining; the others are as at reset. */
#define PAT 0x0007040600070106ULL

extern uint64_t page_map[512];
extern char image_end[];

static uint64_t next, end; /* of the memory that memory_alloc() returns */
static uint64_t low_page;
static uint64_t *directory; /* page directory of the window */
static uint64_t window_used;

static uint64_t page_up(uint64_t n)
{
	return (n + PAGE - 1) & ~(PAGE - 1);
}

/* Not in the first 32 KiB, where BIOSes and loaders may keep data that they use again. */
static void find_low_page(const struct boot_info *b)
{
	unsigned i;
	uint64_t at;

	for (i = 0; i < b->ranges && !low_page; i++) {
		at = page_up(b->range[i].start > 0x8000 ? b->range[i].start : 0x8000);
		if (at + PAGE <= b->range[i].end && at + PAGE <= 0xa0000)
			low_page = at;
	}
}

void memory_init(const struct boot_info *b)
{
	uint64_t image = page_up((uintptr_t)image_end), start, stop, *pointers;
	unsigned i;

	for (i = 0; i < b->ranges; i++) {
		start = page_up(b->range[i].start > image ? b->range[i].start : image);
		stop = b->range[i].end < FOUR_GIB ? b->range[i].end : FOUR_GIB;
		if (stop > start && stop - start > end - next) {
			next = start;
			end = stop;
		}
	}
	find_low_page(b);

	pointers = memory_alloc(PAGE);
	directory = memory_alloc(PAGE);
	pointers[0] = (uintptr_t)directory | PTE_PRESENT_WRITE;
	page_map[WINDOW >> 39] = (uintptr_t)pointers | PTE_PRESENT_WRITE;
}

void memory_init_cpu(void)
{
	wrmsr(MSR_PAT, PAT);
}

void *memory_alloc(size_t bytes)
{
	uint64_t at = next;

	if (page_up(bytes) > end - next)
		tap_bail_out("no memory: %lu KiB are wanted, %lu KiB are left",
			     (unsigned long)bytes >> 10, (unsigned long)((end - next) >> 10));
	next += page_up(bytes);
	return memset((void *)(uintptr_t)at, 0, bytes);
}

uint64_t memory_low_page(void)
{
	return low_page;
}

static void map_page(uint64_t index, uint64_t entry)
{
	uint64_t *at = &directory[index / 512];

	if (!*at)
		*at = (uintptr_t)memory_alloc(PAGE) | PTE_PRESENT_WRITE;
	((uint64_t *)(uintptr_t)(*at & ~(PAGE - 1)))[index % 512] = entry;
}

void *memory_map(uint64_t phys, uint64_t size, enum map how)
{
	static const uint64_t bits[] = {
		[MAP_CACHED] = 0, [MAP_DEVICE] = PTE_PCD | PTE_PWT, [MAP_COMBINED] = PTE_PWT
	};
	uint64_t offset = phys & (PAGE - 1), pages = page_up(offset + size) / PAGE, i;
	uint64_t first = window_used;

	if (how == MAP_CACHED && phys < FOUR_GIB && size <= FOUR_GIB - phys)
		return (void *)(uintptr_t)phys;
	if (size > WINDOW_PAGES * PAGE || pages > WINDOW_PAGES - window_used)
		return NULL;
	for (i = 0; i < pages; i++)
		map_page(first + i, (phys - offset + i * PAGE) | bits[how] | PTE_PRESENT_WRITE);
	window_used += pages;
	return (void *)(uintptr_t)(WINDOW + first * PAGE + offset);
}
