/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* host.c - struct qi_host on this machine's registers. */
#include <qinval/regs.h>

#include "clock.h"
#include "qemu.h"
#include "unit.h"
#include "x86.h"

#define CACHE_LINE 64

uint32_t unit_read32(const struct unit *u, unsigned reg)
{
	return *(volatile uint32_t *)(u->regs + reg);
}

uint64_t unit_read64(const struct unit *u, unsigned reg)
{
	return *(volatile uint64_t *)(u->regs + reg);
}

/* The registers are mapped uncached, so this store waits for all earlier ones. */
void unit_write32(const struct unit *u, unsigned reg, uint32_t value)
{
	__asm__ volatile("" : : : "memory");
	*(volatile uint32_t *)(u->regs + reg) = value;
}

void unit_write64(const struct unit *u, unsigned reg, uint64_t value)
{
	__asm__ volatile("" : : : "memory");
	*(volatile uint64_t *)(u->regs + reg) = value;
}

static uint32_t host_read32(void *ctx, unsigned reg)
{
	return unit_read32(ctx, reg);
}

static uint64_t host_read64(void *ctx, unsigned reg)
{
	return unit_read64(ctx, reg);
}

static void host_write32(void *ctx, unsigned reg, uint32_t value)
{
	unit_write32(ctx, reg, value);
}

static void host_write64(void *ctx, unsigned reg, uint64_t value)
{
	struct unit *u = ctx;

	if (reg == DMAR_IQT_REG && u->plant)
		plant_before_doorbell(u, value);
	unit_write64(u, reg, value);
}

/* CPUs enter in the order of their arrival, so none starves. */
static void lock_in_order(struct unit *u)
{
	uint32_t number = __atomic_fetch_add(&u->lock_next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&u->lock_now, __ATOMIC_ACQUIRE) != number)
		pause();
}

/*
 * A CPU takes a number only if it can enter at once: otherwise an emulated CPU might not be running
 * when its turn comes.
 */
static void lock_if_free(struct unit *u)
{
	uint32_t number = __atomic_load_n(&u->lock_now, __ATOMIC_RELAXED);

	while (!__atomic_compare_exchange_n(&u->lock_next, &number, number + 1, false,
					    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		pause();
		number = __atomic_load_n(&u->lock_now, __ATOMIC_RELAXED);
	}
}

static unsigned long host_lock(void *ctx)
{
	unsigned long flags = irq_save();

	if (qemu())
		lock_if_free(ctx);
	else
		lock_in_order(ctx);
	return flags;
}

static void host_unlock(void *ctx, unsigned long flags)
{
	struct unit *u = ctx;

	__atomic_store_n(&u->lock_now, u->lock_now + 1, __ATOMIC_RELEASE);
	irq_restore(flags);
}

static void host_relax(void *ctx)
{
	(void)ctx;
	pause();
}

static uint64_t host_now(void *ctx)
{
	(void)ctx;
	return clock_now();
}

/* A descriptor is within one cache line. The doorbell, an uncached store, waits for the flush. */
static void host_flush(void *ctx, const void *addr, size_t bytes)
{
	const char *at = (const char *)((uintptr_t)addr & ~(uintptr_t)(CACHE_LINE - 1));

	(void)ctx;
	for (; at < (const char *)addr + bytes; at += CACHE_LINE)
		clflush(at);
	mfence();
}

static unsigned long host_irq_save(void *ctx)
{
	(void)ctx;
	return irq_save();
}

static void host_irq_restore(void *ctx, unsigned long flags)
{
	(void)ctx;
	irq_restore(flags);
}

const struct qi_host metal_host = {
	.read32 = host_read32,
	.read64 = host_read64,
	.write32 = host_write32,
	.write64 = host_write64,
	.lock = host_lock,
	.unlock = host_unlock,
	.relax = host_relax,
	.now = host_now,
	.flush = host_flush,
	.irq_save = host_irq_save,
	.irq_restore = host_irq_restore,
};
