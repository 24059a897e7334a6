/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The unit that translates, with any contents of memory, register writes, requests, messages and
 * choices. fuzz/run compiles it as the target `translation`.
 *
 * It checks more than the sanitizers find: nothing passes without permission, the unit's answers
 * are within range, the lines of the cache agree with its counts, and each call ends.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "device/translation.h"

#include <qinval/regs.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BYTES 0x8000ULL
#define LINES 32

static struct {
	struct vtd_unit u;
	struct vtd_translation t;
	struct vtd_line line[LINES];
	struct vtd_entry entry[8];
	uint64_t mem[BYTES / 8];
	const uint8_t *data;
	size_t left;
} m;

static uint64_t take(unsigned bytes)
{
	uint64_t value = 0;

	for (; bytes && m.left; bytes--, m.left--)
		value = value << 8 | *m.data++;
	return value;
}

static bool there(uint64_t addr, size_t len)
{
	return addr <= BYTES - len;
}

static bool dma_read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	(void)ctx;
	if (!there(addr, len))
		return false;
	memcpy(buf, (char *)m.mem + addr, len);
	return true;
}

static bool dma_write(void *ctx, uint64_t addr, const void *buf, size_t len)
{
	(void)ctx;
	if (!there(addr, len))
		return false;
	memcpy((char *)m.mem + addr, buf, len);
	return true;
}

static bool dma_write32(void *ctx, uint64_t addr, uint32_t value)
{
	return dma_write(ctx, addr, &value, 4);
}

static bool dma_swap(void *ctx, uint64_t addr, uint64_t *expected, uint64_t value)
{
	uint64_t now;

	if (!dma_read(ctx, addr, &now, 8))
		return false;
	if (now == *expected)
		return dma_write(ctx, addr, &value, 8);
	*expected = now;
	return true;
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
	(void)ctx;
	(void)addr;
	(void)data;
}

static unsigned choose(void *ctx, unsigned n)
{
	(void)ctx;
	return (unsigned)take(1) % n;
}

static struct vtd_translation *translation(void *ctx)
{
	(void)ctx;
	return &m.t;
}

static const struct vtd_ops ops = {
	.dma_read = dma_read,
	.dma_write32 = dma_write32,
	.msi = msi,
	.choose = choose,
	.translation = translation,
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

/*
 * Pages of the tables, and how entries of valid tables lead to each other; the input damages them.
 */
#define CONTEXTS 0x1000ULL
#define DIRECTORY 0x2000ULL
#define PASIDS 0x3000ULL
#define TABLE 0x4000ULL /* of every level: each entry leads to this table again */
#define INTERRUPTS 0x5000ULL
#define REQUESTS 0x6000ULL
#define RING 0x7000ULL

static void fill(uint64_t page, unsigned words, const uint64_t *entry)
{
	unsigned i;

	for (i = 0; i < 512; i++)
		m.mem[page / 8 + i] = entry[i % words];
}

static void make_tables(bool scalable, unsigned pgtt)
{
	const uint64_t root[2] = { CONTEXTS | 1, scalable ? CONTEXTS | 1 : 0 };
	const uint64_t legacy[2] = { TABLE | 1 | (pgtt & 3) << 2, 5 << 8 | 2 };
	const uint64_t context[4] = { DIRECTORY | 1 | 7 << 2, 0, 0, 0 };
	const uint64_t directory = PASIDS | 1, table = TABLE | 7;
	const uint64_t pasid[8] = { TABLE | 1 | 2 << 2 | (uint64_t)pgtt << 6, 5, TABLE };
	const uint64_t interrupt[2] = { 1, 0 };

	memset(m.mem, 0, sizeof(m.mem));
	fill(0, 2, root);
	fill(CONTEXTS, scalable ? 4 : 2, scalable ? context : legacy);
	fill(DIRECTORY, 1, &directory);
	fill(PASIDS, 8, pasid);
	fill(TABLE, 1, &table);
	fill(INTERRUPTS, 2, interrupt);
}

static void start(void)
{
	const uint64_t all = ~(0xfULL << 8 | 0x3fULL << 16 | 0x3ffULL << 24 | 0xffULL << 40);
	const struct vtd_config cfg = {
		.profile = (enum vtd_profile)(take(1) % VTD_PROFILES),
		.cap = (take(8) & all) | 0xeULL << 8 | 56ULL << 16 | 0x40ULL << 24 | 3ULL << 40,
		.ecap = (take(8) & ~(0x3ffULL << 8)) | 0x50ULL << 8 | VTD_ECAP_QI,
		.ops = &ops,
		.cache = m.entry,
		.cache_room = 8,
	};
	const struct vtd_translation_config tcfg = {
		.unit = &m.u,
		.line = m.line,
		.lines = LINES,
		.haw = 40,
		.dma_swap = dma_swap,
		.dma_write = dma_write,
		.judge = true,
	};

	unsigned mode;

	must(vtd_init(&m.u, &cfg));
	must(vtd_translation_init(&m.t, &tcfg));
	mode = (unsigned)take(1);
	make_tables(mode & 1, mode >> 2 & 7);
	vtd_write(&m.u, DMAR_RTADDR_REG, (mode & 3) << 10, 8);
	vtd_write(&m.u, DMAR_IRTA_REG, INTERRUPTS | 7, 8);
	vtd_write(&m.u, DMAR_IQA_REG, RING | (mode >> 5 & 1) << 11, 8);
	vtd_write(&m.u, 0xd0, REQUESTS, 8);
	vtd_write(&m.u, DMAR_GCMD_REG,
		  VTD_GCMD_TE | VTD_GCMD_IRE | VTD_GCMD_QIE | VTD_GCMD_SRTP | VTD_GCMD_SIRTP, 4);
}

static void translate(void)
{
	struct vtd_request q = { .addr = take(1) & 1 ? take(8) : take(1) << 12,
				 .pasid = take(1) & 1 ? VTD_NO_PASID : (uint32_t)take(2),
				 .sid = (uint16_t)take(1),
				 .at = take(1) % 3,
				 .access = take(1) & 7 };
	struct vtd_result r;
	bool device = take(1) & 1, passes;

	q.privileged = q.access & 4;
	if (device)
		q.at = VTD_UNTRANSLATED;
	passes = device ? vtd_device_translate(&m.t, &q, &r) : vtd_translate(&m.t, &q, &r);
	must(passes || !r.addr || device);
	must(!passes || !r.reason);
	if (passes && take(1) & 1)
		vtd_hold(&m.t, &q, &r);
}

static void remap(void)
{
	const struct vtd_message msg = { 0xfee00000 | take(3), (uint32_t)take(4),
					 (uint16_t)take(2) };
	struct vtd_interrupt i;

	must(vtd_remap(&m.t, &msg, &i) == !i.reason);
}

static void ask(void)
{
	const struct vtd_page_request p = { .addr = take(8),
					    .pasid = take(1) & 1 ? VTD_NO_PASID : (uint32_t)take(3),
					    .sid = (uint16_t)take(1),
					    .group = (uint16_t)take(2),
					    .access = take(1) & 7,
					    .last = take(1) & 1 };

	vtd_page_request(&m.t, &p);
}

static void step(void)
{
	unsigned i, n = (unsigned)take(1);

	for (i = 0; i < n; i++)
		vtd_step(&m.u);
}

static void act(void)
{
	uint64_t addr;
	unsigned reg;

	switch (take(1) % 8) {
	case 0: /* a word of a table */
	case 1:
		addr = take(2) % (BYTES / 8);
		m.mem[addr] = take(8);
		break;
	case 2:
		reg = take(1) & 1 ? (unsigned)take(2) % 0x600 : DMAR_IQT_REG | 1;
		vtd_write(&m.u, reg & ~3U, take(8), reg & 1 ? 8 : 4);
		break;
	case 3:
		reg = (unsigned)take(2) % 0x600;
		vtd_read(&m.u, reg & ~3U, reg & 1 ? 8 : 4);
		break;
	case 4:
		translate();
		break;
	case 5:
		remap();
		break;
	case 6:
		ask();
		step();
		break;
	default:
		vtd_release(&m.t, (unsigned)take(1) % (VTD_HELD + 2));
		step();
	}
}

/* No two lines are equal, and the number of each kind's lines is the one counted. */
static void check_lines(void)
{
	unsigned i, j, count[VTD_LINE_KINDS] = { 0 };
	const struct vtd_line *a, *b;

	for (i = 0; i < LINES; i++) {
		a = &m.line[i];
		if (a->of.kind == VTD_LINE_FREE)
			continue;
		count[a->of.kind]++;
		must(a->stamp && a->stamp <= m.t.stamp);
		for (j = 0; j < i; j++) {
			b = &m.line[j];
			must(b->of.kind == VTD_LINE_FREE || a->stamp != b->stamp);
		}
	}
	for (i = 1; i < VTD_LINE_KINDS; i++)
		must(count[i] == m.t.count[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	m.data = data;
	m.left = size;
	start();
	while (m.left)
		act();
	check_lines();
	return 0;
}
