/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * hooks_lab.c - the functions of lab.h for actors, and a struct qi_host made of them. See hooks.c.
 */
#include "lab.h"

#include <qinval/host.h>

#include "machine.h"
#include "op.h"
#include "timed/load.h"

void lab_lock(struct lab_lock *lock)
{
	lab_trap(OP_WHAT(OP_LOCK, 0), (uintptr_t)lock, 0, 0, OP_HERE);
}

void lab_unlock(struct lab_lock *lock)
{
	lab_trap(OP_WHAT(OP_UNLOCK, 0), (uintptr_t)lock, 0, 0, OP_HERE);
}

void lab_spin_lock(struct lab_lock *lock)
{
	lab_trap(OP_WHAT(OP_LOCK, 0), (uintptr_t)lock, 1, 0, OP_HERE);
}

void lab_spin_unlock(struct lab_lock *lock)
{
	lab_trap(OP_WHAT(OP_UNLOCK, 0), (uintptr_t)lock, 1, 0, OP_HERE);
}

/* If no actor runs, setup() does, on the first CPU. */
unsigned lab_cpu(void)
{
	return lab_mode == LAB_EXPLORED ? machine.info[machine.running].cpu : 0;
}

void lab_irq_save(void)
{
	lab_trap(OP_WHAT(OP_IRQ_SAVE, 0), 0, 0, 0, OP_HERE);
}

void lab_irq_restore(void)
{
	lab_trap(OP_WHAT(OP_IRQ_RESTORE, 0), 0, 0, 0, OP_HERE);
}

uint32_t lab_read32(unsigned reg)
{
	return (uint32_t)lab_trap(OP_WHAT(OP_REG_READ, 4), reg, 0, 0, OP_HERE);
}

uint64_t lab_read64(unsigned reg)
{
	return lab_trap(OP_WHAT(OP_REG_READ, 8), reg, 0, 0, OP_HERE);
}

void lab_write32(unsigned reg, uint32_t value)
{
	lab_trap(OP_WHAT(OP_REG_WRITE, 4), reg, value, 0, OP_HERE);
}

void lab_write64(unsigned reg, uint64_t value)
{
	lab_trap(OP_WHAT(OP_REG_WRITE, 8), reg, value, 0, OP_HERE);
}

uint64_t lab_now(void)
{
	return lab_trap(OP_WHAT(OP_NOW, 0), 0, 0, 0, OP_HERE);
}

void lab_sleep(const uint32_t *word, uint32_t value)
{
	lab_trap(OP_WHAT(OP_SLEEP, 4), (uintptr_t)word, value, LAB_FOREVER, OP_HERE);
}

bool lab_sleep_for(const uint32_t *word, uint32_t value, uint64_t ns)
{
	return !lab_trap(OP_WHAT(OP_SLEEP, 4), (uintptr_t)word, value, ns, OP_HERE);
}

void lab_wake(const uint32_t *word)
{
	lab_trap(OP_WHAT(OP_WAKE, 4), (uintptr_t)word, 0, 0, OP_HERE);
}

void lab_join(void)
{
	lab_trap(OP_WHAT(OP_JOIN, 0), 0, 0, 0, OP_HERE);
}

unsigned lab_choose(unsigned n)
{
	return (unsigned)lab_trap(OP_WHAT(OP_CHOOSE, 0), 0, n, 0, OP_HERE);
}

void lab_fail(const char *what)
{
	lab_trap(OP_WHAT(OP_FAIL, 0), (uintptr_t)what, 0, 0, OP_HERE);
}

/* Cached entries may go, but none are added here: so "not cached" stays true. */
static bool is_cached(const struct vtd_unit *u, const struct vtd_entry *e, const void *here)
{
	if (!hardware_cached(u, e))
		return false;
	lab_trap(OP_WHAT(OP_LOOK, 0), 0, 0, 0, here);
	return hardware_cached(u, e);
}

bool lab_cached(const struct vtd_entry *e)
{
	return is_cached(NULL, e, OP_HERE);
}

bool lab_unit_cached(const struct vtd_unit *u, const struct vtd_entry *e)
{
	return is_cached(u, e, OP_HERE);
}

void lab_arm(const struct vtd_fault *f)
{
	lab_trap(OP_WHAT(OP_ARM, 0), (uintptr_t)f, 0, 0, OP_HERE);
}

void lab_unit_arm(const struct vtd_unit *u, const struct vtd_fault *f)
{
	lab_trap(OP_WHAT(OP_ARM, 0), (uintptr_t)f, hardware_index(u), 0, OP_HERE);
}

/* ---- timed/load.h ---- */

uint64_t lab_over(int result)
{
	return lab_trap(OP_WHAT(OP_OVER, 0), 0, (uint64_t)(int64_t)result, 0, OP_HERE);
}

void lab_begin(const void *desc)
{
	lab_trap(OP_WHAT(OP_BEGIN, 0), (uintptr_t)desc, 0, 0, OP_HERE);
}

/* ---- struct qi_host ---- */

static uint32_t host_read32(void *ctx, unsigned reg)
{
	(void)ctx;
	return (uint32_t)lab_trap(OP_WHAT(OP_REG_READ, 4), reg, 0, 0, OP_HERE);
}

static uint64_t host_read64(void *ctx, unsigned reg)
{
	(void)ctx;
	return lab_trap(OP_WHAT(OP_REG_READ, 8), reg, 0, 0, OP_HERE);
}

static void host_write32(void *ctx, unsigned reg, uint32_t value)
{
	(void)ctx;
	lab_trap(OP_WHAT(OP_REG_WRITE, 4), reg, value, 0, OP_HERE);
}

static void host_write64(void *ctx, unsigned reg, uint64_t value)
{
	(void)ctx;
	lab_trap(OP_WHAT(OP_REG_WRITE, 8), reg, value, 0, OP_HERE);
}

static unsigned long host_lock(void *ctx)
{
	return lab_trap(OP_WHAT(OP_LOCK, 0), (uintptr_t)ctx, 0, 0, OP_HERE);
}

static void host_unlock(void *ctx, unsigned long flags)
{
	(void)flags;
	lab_trap(OP_WHAT(OP_UNLOCK, 0), (uintptr_t)ctx, 0, 0, OP_HERE);
}

/* Each turn of a wait loop reads something, and the actor stops there. */
static void host_relax(void *ctx)
{
	(void)ctx;
}

static void host_relax_in_time(void *ctx)
{
	(void)ctx;
	lab_relax();
}

static uint64_t host_now(void *ctx)
{
	(void)ctx;
	return lab_trap(OP_WHAT(OP_NOW, 0), 0, 0, 0, OP_HERE);
}

static void host_sleep(void *ctx, const uint32_t *word, uint32_t value, uint64_t ns)
{
	(void)ctx;
	lab_trap(OP_WHAT(OP_SLEEP, 4), (uintptr_t)word, value, ns, OP_HERE);
}

static void host_wake(void *ctx, const uint32_t *word)
{
	(void)ctx;
	lab_trap(OP_WHAT(OP_WAKE, 4), (uintptr_t)word, 0, 0, OP_HERE);
}

static unsigned long host_irq_save(void *ctx)
{
	(void)ctx;
	return lab_trap(OP_WHAT(OP_IRQ_SAVE, 0), 0, 0, 0, OP_HERE);
}

static void host_irq_restore(void *ctx, unsigned long flags)
{
	(void)ctx;
	(void)flags;
	lab_trap(OP_WHAT(OP_IRQ_RESTORE, 0), 0, 0, 0, OP_HERE);
}

const struct qi_host lab_host = {
	.read32 = host_read32,
	.read64 = host_read64,
	.write32 = host_write32,
	.write64 = host_write64,
	.lock = host_lock,
	.unlock = host_unlock,
	.relax = host_relax,
	.now = host_now,
	.sleep = host_sleep,
	.wake = host_wake,
	.irq_save = host_irq_save,
	.irq_restore = host_irq_restore,
	.small_rings = true,
};

/* The same without interrupts, which a simulation does not use. */
const struct qi_host lab_timed_host = {
	.read32 = host_read32,
	.read64 = host_read64,
	.write32 = host_write32,
	.write64 = host_write64,
	.lock = host_lock,
	.unlock = host_unlock,
	.relax = host_relax_in_time,
	.now = host_now,
	.small_rings = true,
};
