/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qtest_host.c - the host: registers, memory, and the functions for the core. */
#include "qtest.h"
#include "qtest_link.h"
#include "waiting.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <qinval/regs.h>

#define PAGE 4096
#define FIRST_MEMORY (1ULL << 20)

/* QEMU needs about so many times as long for a doorbell as waiting_pauses() spins. */
#define ROUND_TRIP 10

struct qtest_host {
	struct qtest_config cfg;
	pthread_mutex_t queue_lock; /* for the core */
	unsigned pauses;	    /* waiting_pauses(), increased */

	struct qtest_link link;
	uint64_t used; /* bytes of memory in use, from its start; atomic */
	struct qi_mem ring, status;
	struct qi_slot *slot;
	uint64_t cap, ecap;

	/* Written with the link's lock held. */
	uint64_t tail; /* the offset in the last doorbell */
	uint64_t rung; /* atomic: bytes of the ring for which doorbells were sent */

	struct qtest_counts counts; /* atomic */
};

const char *qtest_failure(struct qtest_host *h)
{
	return qtest_link_failure(&h->link);
}

/* ---- memory and ports ---- */

static uint64_t ask(struct qtest_host *h, const char *verb, unsigned bytes, uint64_t addr)
{
	struct qtest_answer a;

	qtest_link_lock(&h->link);
	qtest_link_ask(&h->link, verb, bytes, addr, &a);
	qtest_link_unlock(&h->link);
	return qtest_link_await(&h->link, &a);
}

static void tell(struct qtest_host *h, const char *verb, unsigned bytes, uint64_t addr,
		 uint64_t value)
{
	qtest_link_lock(&h->link);
	qtest_link_tell(&h->link, verb, bytes, addr, value);
	qtest_link_unlock(&h->link);
}

uint64_t qtest_load(struct qtest_host *h, uint64_t addr, unsigned bytes)
{
	return ask(h, "read", bytes, addr);
}

void qtest_store(struct qtest_host *h, uint64_t addr, uint64_t value, unsigned bytes)
{
	tell(h, "write", bytes, addr, value);
}

uint32_t qtest_port_in(struct qtest_host *h, uint16_t port, unsigned bytes)
{
	return ask(h, "in", bytes, port);
}

void qtest_port_out(struct qtest_host *h, uint16_t port, uint32_t value, unsigned bytes)
{
	tell(h, "out", bytes, port, value);
}

/* ---- the unit's registers ---- */

static void count(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static uint64_t read_register(struct qtest_host *h, unsigned reg, unsigned bytes)
{
	count(&h->counts.reads);
	return qtest_load(h, QTEST_UNIT + reg, bytes);
}

static void set_tail(struct qtest_host *h, uint64_t tail, uint64_t rung)
{
	h->tail = tail;
	__atomic_store_n(&h->rung, rung, __ATOMIC_RELAXED);
}

/* The number of bytes from ring offset @from to @to. */
static uint64_t distance(const struct qtest_host *h, uint64_t from, uint64_t to)
{
	return (to - from) & (QI_RING_BYTES(h->cfg.slots, h->cfg.width) - 1);
}

static void ring_doorbell(struct qtest_host *h, uint64_t tail)
{
	count(&h->counts.doorbells);
	if (h->cfg.doorbell)
		h->cfg.doorbell(h->cfg.ctx, h->tail, tail);
	set_tail(h, tail, h->rung + distance(h, h->tail, tail));
}

/* The guest's memory is shared with QEMU, and sending is a barrier. */
static void write_register(struct qtest_host *h, unsigned reg, uint64_t value, unsigned bytes)
{
	count(&h->counts.writes);
	qtest_link_lock(&h->link);
	if (reg == DMAR_IQA_REG)
		set_tail(h, 0, 0);
	if (reg == DMAR_IQT_REG)
		ring_doorbell(h, value);
	qtest_link_tell(&h->link, "write", bytes, QTEST_UNIT + reg, value);
	qtest_link_unlock(&h->link);
}

uint32_t qtest_read32(struct qtest_host *h, unsigned reg)
{
	return read_register(h, reg, 4);
}

uint64_t qtest_read64(struct qtest_host *h, unsigned reg)
{
	return read_register(h, reg, 8);
}

void qtest_write32(struct qtest_host *h, unsigned reg, uint32_t value)
{
	write_register(h, reg, value, 4);
}

void qtest_write64(struct qtest_host *h, unsigned reg, uint64_t value)
{
	write_register(h, reg, value, 8);
}

void qtest_settle(struct qtest_host *h)
{
	qtest_load(h, QTEST_UNIT + DMAR_VER_REG, 4);
}

struct qtest_counts qtest_counts(struct qtest_host *h)
{
	struct qtest_counts c = {
		.reads = __atomic_load_n(&h->counts.reads, __ATOMIC_RELAXED),
		.writes = __atomic_load_n(&h->counts.writes, __ATOMIC_RELAXED),
		.doorbells = __atomic_load_n(&h->counts.doorbells, __ATOMIC_RELAXED),
	};

	return c;
}

/* Doorbells that were sent before the read take effect before it is answered. */
uint64_t qtest_fetched(struct qtest_host *h)
{
	uint64_t tail, rung, head;
	struct qtest_answer a;

	qtest_link_lock(&h->link);
	tail = h->tail;
	rung = h->rung;
	qtest_link_ask(&h->link, "read", 8, QTEST_UNIT + DMAR_IQH_REG, &a);
	qtest_link_unlock(&h->link);
	head = qtest_link_await(&h->link, &a);
	return qtest_failure(h) ? 0 : (rung - distance(h, head, tail)) / (h->cfg.width / 8);
}

uint64_t qtest_rung(struct qtest_host *h)
{
	return __atomic_load_n(&h->rung, __ATOMIC_RELAXED) / (h->cfg.width / 8);
}

/* ---- functions for the core ---- */

static uint32_t host_read32(void *ctx, unsigned reg)
{
	return qtest_read32(ctx, reg);
}

static uint64_t host_read64(void *ctx, unsigned reg)
{
	return qtest_read64(ctx, reg);
}

static void host_write32(void *ctx, unsigned reg, uint32_t value)
{
	qtest_write32(ctx, reg, value);
}

static void host_write64(void *ctx, unsigned reg, uint64_t value)
{
	qtest_write64(ctx, reg, value);
	waiting_restart();
}

static unsigned long host_lock(void *ctx)
{
	struct qtest_host *h = ctx;

	pthread_mutex_lock(&h->queue_lock);
	/* See hosts/threads_host.c. */
	waiting_resume(h->pauses);
	return 0;
}

static void host_unlock(void *ctx, unsigned long flags)
{
	struct qtest_host *h = ctx;

	(void)flags;
	pthread_mutex_unlock(&h->queue_lock);
}

static void host_relax(void *ctx)
{
	struct qtest_host *h = ctx;

	waiting_turn(h->pauses);
}

static uint64_t host_now(void *ctx)
{
	(void)ctx;
	return waiting_now();
}

/*
 * Memory is coherent between processes, even if the unit reports that it does not snoop (ECAP.C =
 * 0).
 */
static void host_flush(void *ctx, const void *addr, size_t bytes)
{
	(void)ctx;
	(void)addr;
	(void)bytes;
}

/* Interrupts go to QEMU's CPU and not to this process, so threads do not sleep. */
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
};

void qtest_configure(struct qtest_host *h, struct qi_config *cfg)
{
	cfg->host = &host_ops;
	cfg->ctx = h;
	cfg->slots = h->cfg.slots;
	cfg->width = h->cfg.width;
	cfg->ring = h->ring;
	cfg->status = h->status;
	cfg->slot = h->slot;
	cfg->cap = h->cap;
	cfg->ecap = h->ecap;
	/* QEMU 7.2 aborts at a wait that asks for both a status write and an interrupt. */
	cfg->interrupt.enable = false;
}

/* ---- memory ---- */

void *qtest_reach(struct qtest_host *h, uint64_t addr, size_t len)
{
	bool there =
		addr >= FIRST_MEMORY && addr < QTEST_RAM_BYTES && QTEST_RAM_BYTES - addr >= len;

	return there ? h->link.ram + addr : NULL;
}

struct qi_mem qtest_memory(struct qtest_host *h, size_t size)
{
	/* A free page follows each region, so that overruns are noticed. */
	uint64_t pages = (size + 2 * PAGE - 1) / PAGE * PAGE;
	struct qi_mem m = { NULL, 0, size };

	if (size && size < QTEST_RAM_BYTES)
		m.phys = __atomic_fetch_add(&h->used, pages, __ATOMIC_RELAXED);
	m.virt = qtest_reach(h, m.phys, size);
	return m;
}

/* ---- set-up ---- */

static void tear_down(struct qtest_host *h)
{
	free(h->slot);
	pthread_mutex_destroy(&h->queue_lock);
	free(h);
}

static struct qtest_host *create(const struct qtest_config *cfg)
{
	struct qtest_host *h = calloc(1, sizeof(*h));
	pthread_mutexattr_t attr;

	if (!h)
		return NULL;
	h->cfg = *cfg;
	h->pauses = waiting_pauses() * ROUND_TRIP;
	h->used = FIRST_MEMORY;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(&h->queue_lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return h;
}

static bool find_unit(struct qtest_host *h, char *error, size_t size)
{
	h->cap = qtest_load(h, QTEST_UNIT + DMAR_CAP_REG, 8);
	h->ecap = qtest_load(h, QTEST_UNIT + DMAR_ECAP_REG, 8);
	if (qtest_failure(h)) {
		snprintf(error, size, "%s", qtest_failure(h));
		return false;
	}
	if (h->ecap & VTD_ECAP_QI)
		return true;
	snprintf(error, size, "no unit with queued invalidation at 0x%llx: ECAP is 0x%" PRIx64,
		 QTEST_UNIT, h->ecap);
	return false;
}

static bool make_queue(struct qtest_host *h, char *error, size_t size)
{
	if (!h->cfg.slots && !h->cfg.width)
		return true;
	h->ring = qtest_memory(h, QI_RING_BYTES(h->cfg.slots, h->cfg.width));
	h->status = qtest_memory(h, QI_STATUS_BYTES(h->cfg.slots));
	h->slot = calloc(h->cfg.slots, sizeof(*h->slot));
	if (h->ring.virt && h->status.virt && h->slot)
		return true;
	snprintf(error, size, "no room for a queue of %u slots of %u bits", h->cfg.slots,
		 h->cfg.width);
	return false;
}

struct qtest_host *qtest_start(const struct qtest_config *cfg, char *error, size_t size)
{
	struct qtest_host *h = create(cfg);

	if (!h) {
		snprintf(error, size, "out of memory");
		return NULL;
	}
	if (!qtest_link_start(&h->link, &h->cfg, error, size)) {
		tear_down(h);
		return NULL;
	}
	if (!find_unit(h, error, size) || !make_queue(h, error, size)) {
		qtest_stop(h);
		return NULL;
	}
	return h;
}

void qtest_stop(struct qtest_host *h)
{
	qtest_link_stop(&h->link);
	tear_down(h);
}
