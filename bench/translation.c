/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * translation.c - requests that our unit translates; tests/scripts/translation_cost counts their
 * instructions. "translation SCENE CALLS" repeats the requests of a scene; without arguments it
 * prints the names of the scenes.
 *
 * All calls of a scene take the same path through the code. The functions that read memory are
 * called host_*, so that they can be counted separately.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <device/translation.h>

#include <qinval/regs.h>

#define BYTES 0x20000ULL
#define LINES 4096
#define SID 0x10
#define DID 5
#define IOVA 0x7f1234567000ULL

#define ROOT 0x1000ULL
#define CONTEXTS 0x2000ULL
#define DIRECTORY 0x3000ULL
#define PASIDS 0x4000ULL
#define SECOND 0x5000ULL /* and three pages more */
#define FIRST 0x9000ULL
#define INTERRUPTS 0xd000ULL

static struct vtd_unit unit;
static struct vtd_translation translation;
static struct vtd_line line[LINES];
static uint64_t mem[BYTES / 8];

/* Not inlined, so that they have names in the profile. */
__attribute__((noinline)) static bool host_read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	(void)ctx;
	if (addr > BYTES - len)
		return false;
	/* Not by memcpy(), whose instructions would count as the unit's. */
	for (size_t i = 0; i < len / 8; i++)
		((uint64_t *)buf)[i] = mem[addr / 8 + i];
	return true;
}

__attribute__((noinline)) static bool host_write(void *ctx, uint64_t addr, const void *buf,
						 size_t len)
{
	(void)ctx;
	if (addr > BYTES - len)
		return false;
	memcpy((char *)mem + addr, buf, len);
	return true;
}

static bool host_write32(void *ctx, uint64_t addr, uint32_t value)
{
	return host_write(ctx, addr, &value, 4);
}

__attribute__((noinline)) static bool host_swap(void *ctx, uint64_t addr, uint64_t *expected,
						uint64_t value)
{
	(void)expected;
	return host_write(ctx, addr, &value, 8);
}

static void host_msi(void *ctx, uint64_t addr, uint32_t data)
{
	(void)ctx;
	(void)addr;
	(void)data;
}

static struct vtd_translation *host_translation(void *ctx)
{
	(void)ctx;
	return &translation;
}

static const struct vtd_ops ops = {
	.dma_read = host_read,
	.dma_write32 = host_write32,
	.msi = host_msi,
	.translation = host_translation,
};

/* The caches that are emptied before each call. */
#define FORGET(kind) (1U << (kind))

static const struct scene {
	const char *name;
	unsigned pgtt; /* 0: legacy mode */
	unsigned forget;
	bool interrupt;
} scenes[] = {
	{ "legacy-cached", 0, 0, false },
	{ "legacy-last-level", 0, FORGET(VTD_LINE_LEAF), false },
	{ "legacy-walk", 0, FORGET(VTD_LINE_LEAF) | FORGET(VTD_LINE_TABLE), false },
	{ "scalable-cached", 2, 0, false },
	{ "scalable-walk", 2, FORGET(VTD_LINE_LEAF) | FORGET(VTD_LINE_TABLE), false },
	{ "first-cached", 1, 0, false },
	{ "first-walk", 1, FORGET(VTD_LINE_LEAF) | FORGET(VTD_LINE_TABLE), false },
	{ "nested-cached", 3, 0, false },
	{ "nested-walk", 3, FORGET(VTD_LINE_LEAF) | FORGET(VTD_LINE_TABLE), false },
	{ "interrupt-cached", 0, 0, true },
	{ "interrupt-read", 0, FORGET(VTD_LINE_INTERRUPT), true },
};

#define SCENES (sizeof(scenes) / sizeof(scenes[0]))

/* Tables of four levels that map IOVA to @to. */
static void map(uint64_t table, uint64_t iova, uint64_t to, uint64_t flags)
{
	unsigned level;

	for (level = 4; level; level--) {
		uint64_t next = level > 1 ? table + 0x1000 : to;

		mem[table / 8 + (iova >> (12 + 9 * (level - 1)) & 0x1ff)] = next | flags;
		table = next;
	}
}

static void start(const struct scene *s)
{
	const struct vtd_config cfg = { .profile = VTD_SPEC, .ops = &ops };
	const struct vtd_translation_config beside = {
		.unit = &unit,
		.line = line,
		.lines = LINES,
		.dma_swap = host_swap,
		.dma_write = host_write,
	};

	if (!vtd_init(&unit, &cfg) || !vtd_translation_init(&translation, &beside))
		exit(1);
	mem[ROOT / 8] = CONTEXTS | 1;
	if (s->pgtt) {
		mem[CONTEXTS / 8 + SID * 4] = DIRECTORY | 1;
		mem[DIRECTORY / 8] = PASIDS | 1;
		mem[PASIDS / 8] = SECOND | 2 << 2 | (uint64_t)s->pgtt << 6 | 1;
		mem[PASIDS / 8 + 1] = DID;
		mem[PASIDS / 8 + 2] = FIRST;
	} else {
		mem[CONTEXTS / 8 + SID * 2] = SECOND | 1;
		mem[CONTEXTS / 8 + SID * 2 + 1] = DID << 8 | 2;
	}
	map(SECOND, s->pgtt == 3 ? 0 : IOVA, s->pgtt == 3 ? 0 : 0x40000000, 3);
	/*
	 * Nested: the second stage maps the pages of the first stage's tables, and of the result.
	 */
	for (unsigned page = 0; s->pgtt == 3 && page < 0x40; page++)
		mem[(SECOND + 0x3000) / 8 + page] = page << 12 | 3;
	map(FIRST, IOVA, 0x30000, 7 | 0x20);
	mem[INTERRUPTS / 8] = 1;
	vtd_write(&unit, DMAR_RTADDR_REG, ROOT | (uint64_t)(s->pgtt != 0) << 10, 8);
	vtd_write(&unit, DMAR_IRTA_REG, INTERRUPTS | 7, 8);
	vtd_write(&unit, DMAR_GCMD_REG, VTD_GCMD_TE | VTD_GCMD_IRE | VTD_GCMD_SRTP | VTD_GCMD_SIRTP,
		  4);
}

static bool call(const struct scene *s)
{
	static const struct vtd_request q = {
		.addr = IOVA | 0x123, .pasid = VTD_NO_PASID, .sid = SID, .access = VTD_READ
	};
	static const struct vtd_message m = { 0xfee00010, 0, SID };
	struct vtd_interrupt i;
	struct vtd_result r;

	return s->interrupt ? vtd_remap(&translation, &m, &i) : vtd_translate(&translation, &q, &r);
}

int main(int argc, char **argv)
{
	const struct scene *s = scenes;
	unsigned long calls;

	if (argc < 3) {
		for (s = scenes; s < scenes + SCENES; s++)
			puts(s->name);
		return 0;
	}
	while (s < scenes + SCENES && strcmp(s->name, argv[1]) != 0)
		s++;
	if (s == scenes + SCENES)
		return 1;
	start(s);
	for (calls = strtoul(argv[2], NULL, 10) + 1; calls; calls--) {
		if (!call(s))
			return 1;
		for (unsigned kind = 1; kind < VTD_LINE_KINDS; kind++)
			if (s->forget & FORGET(kind))
				vtd_forget(&translation, kind);
	}
	return 0;
}
