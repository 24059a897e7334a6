/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* threads_unit.c - the unit: one thread runs it, and another one delivers its interrupts. */
#include "threads_host.h"
#include "waiting.h"

#include <string.h>

#include <qinval/regs.h>

/*
 * Turns of an idle device thread before it sleeps: a doorbell is likely soon, and waking is slow.
 */
#define IDLE_PAUSES 500
/* Steps of the unit before other threads get a chance to take the lock. */
#define BURST 64

/* ---- one thread at a time ---- */

static void enter_unit(struct threads_host *h)
{
	__atomic_fetch_add(&h->callers, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&h->unit_lock);
	__atomic_fetch_sub(&h->callers, 1, __ATOMIC_RELAXED);
}

static void leave_unit(struct threads_host *h)
{
	pthread_mutex_unlock(&h->unit_lock);
}

/* Sequentially consistent, as the device thread stores `asleep` and then reads `kicks`. */
void threads_kick(struct threads_host *h)
{
	__atomic_fetch_add(&h->kicks, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&h->asleep, __ATOMIC_SEQ_CST))
		waiting_wake(&h->kicks);
}

static void count(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

uint64_t threads_read(struct threads_host *h, unsigned reg, unsigned size)
{
	uint64_t value;

	enter_unit(h);
	value = vtd_read(&h->unit, reg, size);
	leave_unit(h);
	count(&h->counts.reads);
	return value;
}

void threads_write(struct threads_host *h, unsigned reg, uint64_t value, unsigned size)
{
	enter_unit(h);
	vtd_write(&h->unit, reg, value, size);
	leave_unit(h);
	threads_kick(h);
	count(&h->counts.writes);
	if (reg == DMAR_IQT_REG)
		count(&h->counts.doorbells);
	waiting_restart();
}

uint64_t threads_touch(struct threads_host *h, const struct vtd_entry *e)
{
	uint64_t stamp;

	enter_unit(h);
	stamp = vtd_touch(&h->unit, e);
	leave_unit(h);
	return stamp;
}

uint64_t threads_cached(struct threads_host *h, const struct vtd_entry *e)
{
	uint64_t stamp;

	enter_unit(h);
	stamp = vtd_cached(&h->unit, e);
	leave_unit(h);
	return stamp;
}

bool threads_stale(struct threads_host *h, const struct vtd_entry *e)
{
	bool stale;

	enter_unit(h);
	stale = vtd_stale(&h->unit, e);
	leave_unit(h);
	return stale;
}

bool threads_fault_arm(struct threads_host *h, const struct vtd_fault *f)
{
	bool armed;

	enter_unit(h);
	armed = vtd_fault_arm(&h->unit, f);
	leave_unit(h);
	threads_kick(h);
	return armed;
}

void threads_fault_clear(struct threads_host *h, enum vtd_fault_kind kind)
{
	enter_unit(h);
	vtd_fault_clear(&h->unit, kind);
	leave_unit(h);
	threads_kick(h);
}

/* ---- the unit's operations, with unit_lock held ---- */

void *threads_reach(struct threads_host *h, uint64_t addr, size_t len)
{
	for (unsigned i = 0; i < h->regions; i++) {
		const struct qi_mem *m = &h->region[i];

		if (addr >= m->phys && addr - m->phys < m->size &&
		    m->size - (addr - m->phys) >= len)
			return (char *)m->virt + (addr - m->phys);
	}
	return NULL;
}

/*
 * Plain accesses: the core stored the descriptor before it wrote IQT, with unit_lock held, and
 * stores there again only after a status write that follows this read.
 */
static bool unit_dma_read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	struct threads_host *h = ctx;
	void *from = threads_reach(h, addr, len);

	if (!from)
		return false;
	memcpy(buf, from, len);
	if (h->cfg.fetched)
		h->cfg.fetched(h->cfg.ctx, h, addr, buf);
	return true;
}

static bool unit_dma_write32(void *ctx, uint64_t addr, uint32_t value)
{
	uint32_t *to = threads_reach(ctx, addr, sizeof(*to));

	if (!to)
		return false;
	__atomic_store_n(to, value, __ATOMIC_RELEASE);
	return true;
}

static void unit_msi(void *ctx, uint64_t addr, uint32_t data)
{
	struct threads_host *h = ctx;

	count(&h->counts.interrupts);
	if (addr != MESSAGE_ADDRESS)
		return;
	__atomic_fetch_or(&h->raised, data, __ATOMIC_SEQ_CST);
	waiting_wake(&h->raised);
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static unsigned unit_choose(void *ctx, unsigned n)
{
	struct threads_host *h = ctx;

	return next_random(&h->random) % n;
}

static void unit_executed(void *ctx, const struct vtd_event *ev)
{
	struct threads_host *h = ctx;
	struct executed *e = h->history[ev->slot];
	uint64_t seq = __atomic_add_fetch(&h->counts.executed, 1, __ATOMIC_RELAXED);

	memmove(e + 1, e, (THREADS_HISTORY - 1) * sizeof(*e));
	*e = (struct executed){ seq, ev->qw[0], ev->qw[1] };
	if (h->cfg.executed)
		h->cfg.executed(h->cfg.ctx, ev);
}

static const struct vtd_ops unit_ops = {
	.dma_read = unit_dma_read,
	.dma_write32 = unit_dma_write32,
	.msi = unit_msi,
	.choose = unit_choose,
	.executed = unit_executed,
};

/* ---- the device thread ---- */

static void idle(struct threads_host *h, uint32_t kicks)
{
	for (unsigned i = 0; h->pauses && i < IDLE_PAUSES; i++) {
		if (__atomic_load_n(&h->kicks, __ATOMIC_RELAXED) != kicks)
			return;
		waiting_pause();
	}
	__atomic_store_n(&h->asleep, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&h->kicks, __ATOMIC_SEQ_CST) == kicks)
		waiting_sleep(&h->kicks, kicks, 0);
	__atomic_store_n(&h->asleep, 0, __ATOMIC_RELAXED);
}

/* A mutex has no queue: a thread that takes it in a loop must let others in. */
static void let_in(struct threads_host *h)
{
	for (unsigned i = 0; i < h->pauses && __atomic_load_n(&h->callers, __ATOMIC_RELAXED); i++)
		waiting_pause();
}

void *threads_device(void *host)
{
	struct threads_host *h = host;
	enum vtd_did did;
	uint32_t kicks;

	for (;;) {
		/*
		 * The order matters: the thread that stops us stores `stop` first, and then
		 * increments `kicks`.
		 */
		kicks = __atomic_load_n(&h->kicks, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&h->stop, __ATOMIC_SEQ_CST))
			return NULL;
		pthread_mutex_lock(&h->unit_lock);
		for (unsigned i = 0; i < BURST; i++) {
			did = vtd_step(&h->unit);
			if (did == VTD_IDLE || __atomic_load_n(&h->callers, __ATOMIC_RELAXED))
				break;
		}
		pthread_mutex_unlock(&h->unit_lock);
		if (did == VTD_IDLE)
			idle(h, kicks);
		else
			let_in(h);
	}
}

/* Handlers write registers, so they cannot run inside the unit's step that raises the interrupt. */
void *threads_interrupts(void *host)
{
	struct threads_host *h = host;
	uint32_t raised;

	for (;;) {
		raised = __atomic_exchange_n(&h->raised, 0, __ATOMIC_SEQ_CST);
		if (raised & STOP)
			return NULL;
		if (raised & FAULT_MESSAGE)
			qi_fault_interrupt(h->cfg.q);
		if (raised & COMPLETION_MESSAGE)
			qi_completion_interrupt(h->cfg.q);
		if (!raised)
			waiting_sleep(&h->raised, 0, 0);
	}
}

/* ---- set-up and observation ---- */

bool threads_unit_init(struct threads_host *h)
{
	struct vtd_config cfg = {
		.profile = h->cfg.profile,
		.ops = &unit_ops,
		.ctx = h,
		.cache = h->cache,
		.cache_room = THREADS_CACHE_ROOM,
		.slots = h->cfg.slots < 32 ? h->cfg.slots : 0,
	};

	if (!vtd_init(&h->unit, &cfg))
		return false;
	if (h->cfg.q) {
		vtd_write(&h->unit, DMAR_FEDATA_REG, FAULT_MESSAGE, 4);
		vtd_write(&h->unit, DMAR_FEADDR_REG, MESSAGE_ADDRESS, 4);
		vtd_write(&h->unit, DMAR_FECTL_REG, 0, 4);
	}
	return true;
}

bool threads_executed(struct threads_host *h, unsigned slot, const struct qi_desc *d,
		      uint64_t since)
{
	const struct executed *e = h->history[slot];
	unsigned i;
	bool found = false;

	enter_unit(h);
	for (i = 0; i < THREADS_HISTORY && e[i].seq > since && !found; i++)
		found = d ? e[i].qw0 == d->qw0 && e[i].qw1 == d->qw1
			  : (e[i].qw0 & 0xf) == QI_IWD_TYPE;
	leave_unit(h);
	return found || i == THREADS_HISTORY;
}
