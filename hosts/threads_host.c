/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "threads_host.h"
#include "waiting.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 4096

/*
 * Above 4 GiB, so that a truncated address finds no memory, and never equal to the virtual address.
 */
#define FIRST_ADDRESS 0x100000000ULL

/* ---- waiting ---- */

static void host_relax(void *ctx)
{
	struct threads_host *h = ctx;

	waiting_turn(h->pauses);
}

static uint64_t host_now(void *ctx)
{
	(void)ctx;
	return waiting_now();
}

static void host_sleep(void *ctx, const uint32_t *word, uint32_t value, uint64_t ns)
{
	(void)ctx;
	waiting_sleep(word, value, ns ? ns : 1); /* 0 would mean for ever */
}

static void host_wake(void *ctx, const uint32_t *word)
{
	(void)ctx;
	waiting_wake(word);
}

/* ---- registers ---- */

static uint32_t host_read32(void *ctx, unsigned reg)
{
	return threads_read(ctx, reg, 4);
}

static uint64_t host_read64(void *ctx, unsigned reg)
{
	return threads_read(ctx, reg, 8);
}

static void host_write32(void *ctx, unsigned reg, uint32_t value)
{
	threads_write(ctx, reg, value, 4);
}

static void host_write64(void *ctx, unsigned reg, uint64_t value)
{
	threads_write(ctx, reg, value, 8);
}

/* ---- the core's lock ---- */

/*
 * The lock is not fair: with more threads than processors, a fair handover would need a context
 * switch each time. The core is first come, first served in the ring, where it matters.
 */
static unsigned long host_lock(void *ctx)
{
	struct threads_host *h = ctx;

	pthread_mutex_lock(&h->queue_lock);
	/* relax() is not told where a wait begins: it begins at the doorbell, or otherwise here. */
	waiting_resume(h->pauses);
	return 0;
}

static void host_unlock(void *ctx, unsigned long flags)
{
	struct threads_host *h = ctx;

	(void)flags;
	pthread_mutex_unlock(&h->queue_lock);
}

static bool host_device_present(void *ctx, uint16_t sid)
{
	struct threads_host *h = ctx;

	return !h->cfg.device_present || h->cfg.device_present(h->cfg.ctx, sid);
}

/*
 * Memory is coherent between threads, even if the unit reports that it does not snoop (ECAP.C = 0).
 */
static void host_flush(void *ctx, const void *addr, size_t bytes)
{
	(void)ctx;
	(void)addr;
	(void)bytes;
}

static const struct qi_host host_ops = {
	.read32 = host_read32,
	.read64 = host_read64,
	.write32 = host_write32,
	.write64 = host_write64,
	.lock = host_lock,
	.unlock = host_unlock,
	.relax = host_relax,
	.now = host_now,
	.flush = host_flush,
	.device_present = host_device_present,
	.sleep = host_sleep,
	.wake = host_wake,
	.small_rings = true,
};

/* ---- set-up ---- */

struct qi_mem threads_memory(struct threads_host *h, size_t size)
{
	size_t pages = (size + PAGE - 1) / PAGE * PAGE;
	struct qi_mem m = { NULL, FIRST_ADDRESS, size }, *last = &h->region[h->regions];

	/* A free page separates regions, so that overruns are noticed. */
	if (h->regions)
		m.phys = (last[-1].phys + last[-1].size + 2 * PAGE - 1) / PAGE * PAGE;
	if (h->regions < THREADS_REGIONS)
		m.virt = aligned_alloc(PAGE, pages);
	if (m.virt) {
		memset(m.virt, 0, pages);
		h->region[h->regions++] = m;
	}
	return m;
}

static bool set_up(struct threads_host *h)
{
	h->ring = threads_memory(h, QI_RING_BYTES(h->cfg.slots, h->cfg.width));
	h->status = threads_memory(h, QI_STATUS_BYTES(h->cfg.slots));
	h->slot = calloc(h->cfg.slots, sizeof(*h->slot));
	h->history = calloc(h->cfg.slots, sizeof(*h->history));
	return h->ring.virt && h->status.virt && h->slot && h->history && threads_unit_init(h);
}

static void tear_down(struct threads_host *h)
{
	for (unsigned i = 0; i < h->regions; i++)
		free(h->region[i].virt);
	free(h->slot);
	free(h->history);
	pthread_mutex_destroy(&h->queue_lock);
	pthread_mutex_destroy(&h->unit_lock);
	free(h);
}

static void end_thread(struct threads_host *h, pthread_t thread, uint32_t *word, uint32_t value)
{
	__atomic_fetch_or(word, value, __ATOMIC_SEQ_CST);
	waiting_wake(&h->raised);
	threads_kick(h);
	pthread_join(thread, NULL);
}

struct threads_host *threads_start(const struct threads_config *cfg)
{
	struct threads_host *h = calloc(1, sizeof(*h));
	pthread_mutexattr_t attr;

	if (!h)
		return NULL;
	h->cfg = *cfg;
	h->random = cfg->seed;
	h->pauses = waiting_pauses();
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(&h->queue_lock, &attr);
	pthread_mutex_init(&h->unit_lock, &attr);
	pthread_mutexattr_destroy(&attr);
	if (!set_up(h) || pthread_create(&h->device_thread, NULL, threads_device, h)) {
		tear_down(h);
		return NULL;
	}
	if (pthread_create(&h->interrupt_thread, NULL, threads_interrupts, h)) {
		end_thread(h, h->device_thread, &h->stop, 1);
		tear_down(h);
		return NULL;
	}
	return h;
}

void threads_stop(struct threads_host *h)
{
	end_thread(h, h->interrupt_thread, &h->raised, STOP);
	end_thread(h, h->device_thread, &h->stop, 1);
	tear_down(h);
}

void threads_configure(struct threads_host *h, struct qi_config *cfg)
{
	cfg->host = &host_ops;
	cfg->ctx = h;
	cfg->slots = h->cfg.slots;
	cfg->width = h->cfg.width;
	cfg->ring = h->ring;
	cfg->status = h->status;
	cfg->slot = h->slot;
	vtd_profile_caps(h->cfg.profile, &cfg->cap, &cfg->ecap);
	/* The model of QEMU stops at a wait that asks for both a status write and an interrupt. */
	cfg->interrupt.enable = h->cfg.q && !vtd_profile_is_qemu(h->cfg.profile);
	cfg->interrupt.data = COMPLETION_MESSAGE;
	cfg->interrupt.addr = MESSAGE_ADDRESS;
	cfg->interrupt.uaddr = 0;
}

/* ---- observation ---- */

struct threads_counts threads_counts(struct threads_host *h)
{
	struct threads_counts c = {
		.reads = __atomic_load_n(&h->counts.reads, __ATOMIC_RELAXED),
		.writes = __atomic_load_n(&h->counts.writes, __ATOMIC_RELAXED),
		.doorbells = __atomic_load_n(&h->counts.doorbells, __ATOMIC_RELAXED),
		.executed = __atomic_load_n(&h->counts.executed, __ATOMIC_RELAXED),
		.interrupts = __atomic_load_n(&h->counts.interrupts, __ATOMIC_RELAXED),
	};

	return c;
}
