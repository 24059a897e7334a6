/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "threads.h"
#include "waiting.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <qinval/regs.h>

#define REGIONS 8
#define CACHE_ROOM 1024
#define PAGE 4096

/* Beyond 4 GiB, so that a cut address finds no memory, and never equal to the virtual address. */
#define FIRST_ADDRESS 0x100000000ULL

/* Turns of an idle device thread: a doorbell is likely to come soon, and waking takes long. */
#define IDLE_PAUSES 500
/* Steps of the unit before another thread may have it, if none asks for it. */
#define BURST 64

/* Data of the interrupt messages; also bits of `raised`. */
#define FAULT_MESSAGE 1
#define COMPLETION_MESSAGE 2
#define STOP 4
#define MESSAGE_ADDRESS 0xfee00000U

struct executed {
	uint64_t seq; /* 0: nothing yet */
	uint64_t qw0, qw1;
};

struct threads_host {
	struct threads_config cfg;
	pthread_mutex_t queue_lock; /* the core's */
	unsigned pauses;	    /* waiting_pauses() */

	struct qi_mem ring, status;
	struct qi_slot *slot;
	unsigned regions;
	struct qi_mem region[REGIONS];

	/* Under unit_lock. */
	pthread_mutex_t unit_lock;
	struct vtd_unit unit;
	uint64_t random;
	struct executed (*history)[THREADS_HISTORY]; /* by slot; the newest one first */
	struct vtd_entry cache[CACHE_ROOM];

	/* Atomic. */
	uint32_t callers; /* threads that want the unit */
	uint32_t kicks;	  /* reasons for the device thread to look again */
	uint32_t asleep;  /* it is */
	uint32_t stop;
	uint32_t raised; /* interrupts that have not been delivered */
	struct threads_counts counts;

	pthread_t device_thread, interrupt_thread;
};

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
	waiting_sleep(word, value, ns ? ns : 1); /* 0 would be for ever */
}

static void host_wake(void *ctx, const uint32_t *word)
{
	(void)ctx;
	waiting_wake(word);
}

/* ---- the unit, one thread at a time ---- */

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

/* Sequentially consistent, as the device thread stores `asleep` and then looks at `kicks`. */
static void kick(struct threads_host *h)
{
	__atomic_fetch_add(&h->kicks, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&h->asleep, __ATOMIC_SEQ_CST))
		waiting_wake(&h->kicks);
}

static void count(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static uint64_t read_register(struct threads_host *h, unsigned reg, unsigned size)
{
	uint64_t value;

	enter_unit(h);
	value = vtd_read(&h->unit, reg, size);
	leave_unit(h);
	count(&h->counts.reads);
	return value;
}

static void write_register(struct threads_host *h, unsigned reg, uint64_t value, unsigned size)
{
	enter_unit(h);
	vtd_write(&h->unit, reg, value, size);
	leave_unit(h);
	kick(h);
	count(&h->counts.writes);
	if (reg == DMAR_IQT_REG)
		count(&h->counts.doorbells);
	waiting_restart();
}

static uint32_t host_read32(void *ctx, unsigned reg)
{
	return read_register(ctx, reg, 4);
}

static uint64_t host_read64(void *ctx, unsigned reg)
{
	return read_register(ctx, reg, 8);
}

static void host_write32(void *ctx, unsigned reg, uint32_t value)
{
	write_register(ctx, reg, value, 4);
}

static void host_write64(void *ctx, unsigned reg, uint64_t value)
{
	write_register(ctx, reg, value, 8);
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
	kick(h);
	return armed;
}

void threads_fault_clear(struct threads_host *h, enum vtd_fault_kind kind)
{
	enter_unit(h);
	vtd_fault_clear(&h->unit, kind);
	leave_unit(h);
	kick(h);
}

/* ---- the core's lock ---- */

/*
 * Not a fair lock: with more threads than processors, handing it over in turn would wait for a
 * context switch each time. The core is first come, first served where it matters, in the ring.
 */
static unsigned long host_lock(void *ctx)
{
	struct threads_host *h = ctx;

	pthread_mutex_lock(&h->queue_lock);
	/* relax() is not told where a wait begins: at a doorbell, or else not before this. */
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

/* Memory is coherent between threads, even for a unit that says it does not snoop (ECAP.C = 0). */
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

/* ---- what the unit asks for, under unit_lock ---- */

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
 * A plain copy: the core stored the descriptor before it wrote IQT, under unit_lock, and stores
 * there again only after a status write that follows this.
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

/* A mutex does not queue: a thread that takes it in a loop must let the others in. */
static void let_in(struct threads_host *h)
{
	for (unsigned i = 0; i < h->pauses && __atomic_load_n(&h->callers, __ATOMIC_RELAXED); i++)
		waiting_pause();
}

static void *device_thread(void *arg)
{
	struct threads_host *h = arg;
	enum vtd_did did;
	uint32_t kicks;

	for (;;) {
		/*
		 * In this order: the thread that stops us stores `stop` first, and then counts a
		 * kick.
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

/* Handlers write registers, so they cannot run where the unit raises the interrupt. */
static void *interrupt_thread(void *arg)
{
	struct threads_host *h = arg;
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

/* ---- set-up ---- */

struct qi_mem threads_memory(struct threads_host *h, size_t size)
{
	size_t pages = (size + PAGE - 1) / PAGE * PAGE;
	struct qi_mem m = { NULL, FIRST_ADDRESS, size }, *last = &h->region[h->regions];

	/* A page stays free between regions, so that running over the end is noticed. */
	if (h->regions)
		m.phys = (last[-1].phys + last[-1].size + 2 * PAGE - 1) / PAGE * PAGE;
	if (h->regions < REGIONS)
		m.virt = aligned_alloc(PAGE, pages);
	if (m.virt) {
		memset(m.virt, 0, pages);
		h->region[h->regions++] = m;
	}
	return m;
}

static bool set_up_unit(struct threads_host *h)
{
	struct vtd_config cfg = {
		.profile = h->cfg.profile,
		.ops = &unit_ops,
		.ctx = h,
		.cache = h->cache,
		.cache_room = CACHE_ROOM,
		.slots = h->cfg.slots < 32 ? h->cfg.slots : 0,
	};

	h->ring = threads_memory(h, QI_RING_BYTES(h->cfg.slots, h->cfg.width));
	h->status = threads_memory(h, QI_STATUS_BYTES(h->cfg.slots));
	h->slot = calloc(h->cfg.slots, sizeof(*h->slot));
	h->history = calloc(h->cfg.slots, sizeof(*h->history));
	if (!h->ring.virt || !h->status.virt || !h->slot || !h->history ||
	    !vtd_init(&h->unit, &cfg))
		return false;
	if (h->cfg.q) {
		vtd_write(&h->unit, DMAR_FEDATA_REG, FAULT_MESSAGE, 4);
		vtd_write(&h->unit, DMAR_FEADDR_REG, MESSAGE_ADDRESS, 4);
		vtd_write(&h->unit, DMAR_FECTL_REG, 0, 4);
	}
	return true;
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
	kick(h);
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
	if (!set_up_unit(h) || pthread_create(&h->device_thread, NULL, device_thread, h)) {
		tear_down(h);
		return NULL;
	}
	if (pthread_create(&h->interrupt_thread, NULL, interrupt_thread, h)) {
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
	/* QEMU's model does not survive a wait that asks for a status write and an interrupt. */
	cfg->interrupt.enable = h->cfg.q && !vtd_profile_is_qemu(h->cfg.profile);
	cfg->interrupt.data = COMPLETION_MESSAGE;
	cfg->interrupt.addr = MESSAGE_ADDRESS;
	cfg->interrupt.uaddr = 0;
}

/* ---- looking on ---- */

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
