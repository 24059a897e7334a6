/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The shortest complete embedding: a queue, and for want of hardware the unit in software.
 *
 *	cc -std=c11 -Iinclude -I. examples/embed.c core/?*.c device/?*.c -o embed
 *
 * Where it says "unit" a kernel has its register window, and where it says "no" it has its own.
 */
#include <stdio.h>
#include <string.h>

#include <device/vtd.h>
#include <qinval/qi.h>

#define SLOTS 256

static _Alignas(4096) unsigned char ring[QI_RING_BYTES(SLOTS, 128)];
static uint32_t status[SLOTS];
static struct qi_slot slot[SLOTS];
static struct vtd_unit unit;

/* ---- 1. registers, a lock, a clock ---- */

static uint32_t read32(void *no, unsigned reg)
{
	return (void)no, (uint32_t)vtd_read(&unit, reg, 4);
}

static uint64_t read64(void *no, unsigned reg)
{
	return (void)no, vtd_read(&unit, reg, 8);
}

static void write32(void *no, unsigned reg, uint32_t value)
{
	(void)no;
	vtd_write(&unit, reg, value, 4);
}

static void write64(void *no, unsigned reg, uint64_t value)
{
	(void)no;
	vtd_write(&unit, reg, value, 8);
}

static unsigned long lock(void *no)
{
	return (void)no, 0; /* one thread only */
}

static void unlock(void *no, unsigned long flags)
{
	(void)no, (void)flags;
}

static void relax(void *no)
{
	(void)no;
	vtd_step(&unit); /* hardware would work by itself */
}

static uint64_t now(void *no)
{
	static uint64_t ns;

	return (void)no, ns += 1000;
}

static const struct qi_host host = { .read32 = read32,
				     .read64 = read64,
				     .write32 = write32,
				     .write64 = write64,
				     .lock = lock,
				     .unlock = unlock,
				     .relax = relax,
				     .now = now };

/* ---- 2. what the unit in software needs: memory ---- */

static bool dma_read(void *no, uint64_t addr, void *buf, size_t len)
{
	return (void)no, memcpy(buf, (void *)(uintptr_t)addr, len), true;
}

static bool dma_write32(void *no, uint64_t addr, uint32_t value)
{
	return (void)no, *(uint32_t *)(uintptr_t)addr = value, true;
}

static void msi(void *no, uint64_t addr, uint32_t data)
{
	(void)no, (void)addr, (void)data; /* everything is polled */
}

int main(void)
{
	static const struct vtd_ops ops = { .dma_read = dma_read,
					    .dma_write32 = dma_write32,
					    .msi = msi };
	static struct vtd_entry cache[16];
	const struct vtd_config hardware = { .ops = &ops, .cache = cache, .cache_room = 16 };

	/* ---- 3. the queue's memory; capabilities are read from the unit ---- */
	const struct qi_config cfg = {
		.host = &host,
		.slots = SLOTS,
		.width = 128,
		.ring = { ring, (uintptr_t)ring, sizeof(ring) },
		.status = { status, (uintptr_t)status, sizeof(status) },
		.slot = slot,
	};
	static struct qi q;
	const char *why;
	int err;

	if (!vtd_init(&unit, &hardware))
		return 1;
	err = qi_init_why(&q, &cfg, &why);
	if (err)
		fprintf(stderr, "configuration: %s\n", why);
	if (!err)
		err = qi_enable(&q);

	/* ---- 4. invalidations ---- */
	if (!err) /* five pages of domain 1 have been unmapped */
		err = qi_flush_iotlb_range(&q, 1, 0x17f000, 5, false);
	if (!err) /* count 0: a plain drain */
		err = qi_submit_sync(&q, NULL, 0, 0);
	if (!err)
		err = qi_disable(&q);
	printf("%s\n", qi_strerror(err));
	return err ? 1 : 0;
}
