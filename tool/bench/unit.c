/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "unit.h"

#include "clock.h"

#include <hosts/waiting.h>
#include <pthread.h>
#include <qinval/regs.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define PAGE 4096
#define SHIFT 4 /* log2 of a slot's size in bytes */

/* IH marks the last descriptor of a submission. */
#define IH (1ULL << 6)

/* A unit that has fallen behind without a processor catches up no further than this. */
#define MOST_BEHIND 2000

/* A thread's place in the queue for the lock: a word that only this thread reads, and the next. */
struct waiter {
	_Alignas(64) struct waiter *next;
	uint32_t go;
};

struct bench_unit {
	struct bench_unit_config cfg;
	uint64_t *ring;
	uint32_t *status;
	struct qi_slot *slot;
	struct bench_lane *lane;
	uint64_t *waits;
	size_t nwaits, room;
	uint64_t strange, preempted;
	pthread_t thread;
	uint32_t gsts;
	uint32_t ready, stop; /* 1: bound, 2: could not be bound */

	_Alignas(64) struct waiter *last; /* of the queue for the lock */
	_Alignas(64) uint64_t tail;	  /* in slots, as IQT and IQH */
	_Alignas(64) uint64_t head;
};

static _Thread_local struct waiter self;
static _Thread_local struct bench_accesses accesses;

/* ---- registers ---- */

static uint64_t host_read64(void *ctx, unsigned reg)
{
	struct bench_unit *u = ctx;

	accesses.reads++;
	ticks_spend(u->cfg.costs.read);
	switch (reg) {
	case DMAR_GSTS_REG:
		return __atomic_load_n(&u->gsts, __ATOMIC_RELAXED);
	case DMAR_IQH_REG:
		return __atomic_load_n(&u->head, __ATOMIC_ACQUIRE) << SHIFT;
	case DMAR_IQT_REG:
		return __atomic_load_n(&u->tail, __ATOMIC_RELAXED) << SHIFT;
	default: /* there are no errors */
		return 0;
	}
}

static uint32_t host_read32(void *ctx, unsigned reg)
{
	return (uint32_t)host_read64(ctx, reg);
}

static void host_write64(void *ctx, unsigned reg, uint64_t value)
{
	struct bench_unit *u = ctx;

	ticks_spend(u->cfg.costs.write);
	if (reg == DMAR_GCMD_REG)
		__atomic_store_n(&u->gsts, (uint32_t)value, __ATOMIC_RELAXED);
	if (reg != DMAR_IQT_REG)
		return;
	accesses.doorbells++;
	__atomic_store_n(&u->tail, value >> SHIFT & (u->cfg.slots - 1), __ATOMIC_RELEASE);
}

static void host_write32(void *ctx, unsigned reg, uint32_t value)
{
	host_write64(ctx, reg, value);
}

/* ---- a fair lock, as in kernels: each thread waits at a word of its own (MCS) ---- */

static unsigned long host_lock(void *ctx)
{
	struct bench_unit *u = ctx;
	struct waiter *before;

	self.next = NULL;
	self.go = 0;
	before = __atomic_exchange_n(&u->last, &self, __ATOMIC_ACQ_REL);
	if (!before)
		return 0;
	__atomic_store_n(&before->next, &self, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&self.go, __ATOMIC_ACQUIRE))
		waiting_pause();
	return 0;
}

static void host_unlock(void *ctx, unsigned long flags)
{
	struct bench_unit *u = ctx;
	struct waiter *me = &self, *next = __atomic_load_n(&self.next, __ATOMIC_ACQUIRE);

	(void)flags;
	if (!next && __atomic_compare_exchange_n(&u->last, &me, NULL, false, __ATOMIC_RELEASE,
						 __ATOMIC_RELAXED))
		return;
	while (!next) {
		waiting_pause();
		next = __atomic_load_n(&self.next, __ATOMIC_ACQUIRE);
	}
	__atomic_store_n(&next->go, 1, __ATOMIC_RELEASE);
}

static void host_relax(void *ctx)
{
	(void)ctx;
	waiting_pause();
}

static uint64_t host_now(void *ctx)
{
	(void)ctx;
	return waiting_now();
}

static const struct qi_host host = {
	.read32 = host_read32,
	.read64 = host_read64,
	.write32 = host_write32,
	.write64 = host_write64,
	.lock = host_lock,
	.unlock = host_unlock,
	.relax = host_relax,
	.now = host_now,
};

/* ---- the unit's thread ---- */

struct qi_desc bench_desc(unsigned lane, uint64_t page, bool last)
{
	return qi_desc_iotlb(QI_IOTLB_PAGE, (uint16_t)lane, page << QI_PAGE_SHIFT, 0, last, 0);
}

static void execute_invalidation(struct bench_unit *u, const uint64_t *qw, uint64_t now)
{
	unsigned did = qw[0] >> 16 & 0xffff;
	struct bench_lane *l = &u->lane[did];

	if (did >= u->cfg.lanes) {
		u->strange++;
		return;
	}
	l->strange += qw[1] >> QI_PAGE_SHIFT != l->next++;
	if (qw[1] & IH && l->n < u->cfg.room)
		l->done[l->n++] = now;
}

/* Write the record first, so that a thread that sees the status sees that it is later. */
static void execute_wait(struct bench_unit *u, const uint64_t *qw, uint64_t now)
{
	uint32_t *to = (uint32_t *)(uintptr_t)qw[1];

	if (u->nwaits < u->room)
		u->waits[u->nwaits++] = now;
	if (to < u->status || to >= u->status + QI_STATUS_BYTES_SPREAD(u->cfg.slots) / sizeof(*to))
		u->strange++;
	else
		__atomic_store_n(to, (uint32_t)(qw[0] >> 32), __ATOMIC_RELEASE);
}

static void execute(struct bench_unit *u, const uint64_t *qw, uint64_t now)
{
	switch (qw[0] & 0xf) {
	case QI_IOTLB_TYPE:
		execute_invalidation(u, qw, now);
		break;
	case QI_IWD_TYPE:
		execute_wait(u, qw, now);
		break;
	default:
		u->strange++;
	}
}

/* Execute all that is submitted, and what is added meanwhile. */
static void work_off(struct bench_unit *u, uint64_t tail)
{
	uint64_t head = u->head, due = ticks_now(), now, qw[2];

	while (head != tail) {
		memcpy(qw, u->ring + 2 * head, sizeof(qw));
		head = (head + 1) & (u->cfg.slots - 1);
		__atomic_store_n(&u->head, head, __ATOMIC_RELEASE);
		due += u->cfg.costs.desc;
		while ((now = ticks_now()) < due)
			;
		if (now > due + MOST_BEHIND)
			due = now;
		execute(u, qw, now);
		if (head == tail)
			tail = __atomic_load_n(&u->tail, __ATOMIC_ACQUIRE);
	}
}

static void *unit_thread(void *arg)
{
	struct bench_unit *u = arg;
	bool pinned = bench_pin(u->cfg.cpu);
	uint64_t tail;

	__atomic_store_n(&u->ready, pinned ? 1 : 2, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&u->stop, __ATOMIC_RELAXED)) {
		tail = __atomic_load_n(&u->tail, __ATOMIC_ACQUIRE);
		if (tail != u->head)
			work_off(u, tail);
	}
	u->preempted = bench_preempted();
	return NULL;
}

/* ---- set-up ---- */

/* Touch all pages now, so that there are no page faults during the measurement. */
static void *zeros(size_t size)
{
	size_t pages = (size + PAGE - 1) / PAGE * PAGE;
	void *p = aligned_alloc(PAGE, pages);

	if (p)
		memset(p, 0, pages);
	return p;
}

struct bench_unit *bench_unit_new(const struct bench_unit_config *cfg)
{
	struct bench_unit *u = zeros(sizeof(*u));
	unsigned i;

	if (!u)
		return NULL;
	u->cfg = *cfg;
	u->room = cfg->room * cfg->lanes;
	u->ring = zeros(QI_RING_BYTES(cfg->slots, 128));
	u->status = zeros(QI_STATUS_BYTES_SPREAD(cfg->slots));
	u->slot = zeros(cfg->slots * sizeof(*u->slot));
	u->waits = zeros(u->room * sizeof(*u->waits));
	u->lane = zeros(cfg->lanes * sizeof(*u->lane));
	for (i = 0; u->lane && i < cfg->lanes; i++) {
		u->lane[i].done = zeros(cfg->room * sizeof(*u->lane[i].done));
		if (!u->lane[i].done)
			break;
	}
	if (!u->ring || !u->status || !u->slot || !u->waits || i < cfg->lanes) {
		bench_unit_free(u);
		return NULL;
	}
	return u;
}

void bench_unit_free(struct bench_unit *u)
{
	for (unsigned i = 0; u->lane && i < u->cfg.lanes; i++)
		free(u->lane[i].done);
	free(u->lane);
	free(u->waits);
	free(u->slot);
	free(u->status);
	free(u->ring);
	free(u);
}

void bench_unit_configure(struct bench_unit *u, struct qi_config *cfg)
{
	size_t ring = QI_RING_BYTES(u->cfg.slots, 128);
	size_t status = QI_STATUS_BYTES_SPREAD(u->cfg.slots);

	cfg->host = &host;
	cfg->ctx = u;
	cfg->slots = u->cfg.slots;
	cfg->width = 128;
	cfg->ring = (struct qi_mem){ u->ring, (uintptr_t)u->ring, ring };
	cfg->status = (struct qi_mem){ u->status, (uintptr_t)u->status, status };
	cfg->slot = u->slot;
	cfg->cap = VTD_CAP_PSI | 18ULL << VTD_CAP_MAMV_SHIFT;
	cfg->ecap = VTD_ECAP_C | VTD_ECAP_QI;
}

bool bench_unit_start(struct bench_unit *u)
{
	if (pthread_create(&u->thread, NULL, unit_thread, u))
		return false;
	while (!__atomic_load_n(&u->ready, __ATOMIC_ACQUIRE))
		sched_yield();
	if (u->ready == 1)
		return true;
	bench_unit_stop(u);
	return false;
}

void bench_unit_stop(struct bench_unit *u)
{
	__atomic_store_n(&u->stop, 1, __ATOMIC_RELAXED);
	pthread_join(u->thread, NULL);
}

/* ---- results ---- */

const struct bench_lane *bench_unit_lane(const struct bench_unit *u, unsigned lane)
{
	return &u->lane[lane];
}

const uint64_t *bench_unit_waits(const struct bench_unit *u, size_t *n)
{
	*n = u->nwaits;
	return u->waits;
}

uint64_t bench_unit_strange(const struct bench_unit *u)
{
	return u->strange;
}

uint64_t bench_unit_preempted(const struct bench_unit *u)
{
	return u->preempted;
}

struct bench_accesses bench_unit_accesses(void)
{
	struct bench_accesses a = accesses;

	accesses = (struct bench_accesses){ 0 };
	return a;
}

bool bench_pin(unsigned cpu)
{
	const struct sched_param below = { .sched_priority = BENCH_PRIORITY - 1 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_getscheduler(0) == SCHED_FIFO && sched_setparam(0, &below))
		return false;
	return !pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

uint64_t bench_preempted(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) ? 0 : (uint64_t)usage.ru_nivcsw;
}
