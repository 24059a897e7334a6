/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * timeout.c - a small hypervisor's queue, put into the lab: its waits write to the waiter's stack,
 * and a time-out is logged, no more. `-DFIXED` is the one without the bugs that README.md tells of.
 */
#include <lab/lab.h>

/* ---- shim: what the hypervisor would be ---- */

#define spinlock_irqsave_obtain(l) lab_lock(l)
#define spinlock_irqrestore_release(l) lab_unlock(l)
#define cpu_ticks_us() (lab_now() / 1000)
#define asm_pause() ((void)0)
#define pr_err(...) ((void)0) /* the lab takes no logs: the counterexample is one */
#define hva2hpa(p) ((uintptr_t)(p))

/* ---- the driver ---- */

#define DMAR_GCMD_REG 0x18
#define DMAR_IQH_REG 0x80
#define DMAR_IQT_REG 0x88
#define DMAR_IQA_REG 0x90
#define DMA_GCMD_QIE (1U << 26)

#define INV_IOTLB_PAGE (0x2ULL | 3U << 4)
#define INV_WAIT_SW (0x5ULL | 1U << 5)
#define DMAR_INV_STATUS_INCOMPLETE 0U
#define DMAR_INV_STATUS_COMPLETED 1U
#define TIMEOUT_US 1000
#define ENTRIES 8

static struct {
	struct lab_lock *lock;
	struct inv_entry {
		uint64_t lo, hi;
	} * queue;
	uint32_t *status; /* FIXED: as long as the queue */
	unsigned tail;
} unit;

static void put(uint64_t lo, uint64_t hi)
{
	unit.queue[unit.tail] = (struct inv_entry){ lo, hi };
	unit.tail = (unit.tail + 1) % ENTRIES;
}

/* False: the hardware has not been heard of in time. */
static bool wait_completion(const uint32_t *status)
{
	uint64_t start = cpu_ticks_us();

	while (__atomic_load_n(status, __ATOMIC_ACQUIRE) != DMAR_INV_STATUS_COMPLETED) {
		if (cpu_ticks_us() - start > TIMEOUT_US) {
			pr_err("invalidation timed out");
			return false;
		}
		asm_pause();
	}
	return true;
}

static int issue_qi_request(uint64_t lo, uint64_t hi)
{
#ifndef FIXED
	uint32_t on_stack = DMAR_INV_STATUS_INCOMPLETE, *status = &on_stack;
#else
	/* A word that is still there when the write comes, and that no later wait has. */
	uint32_t *status;
#endif
	bool done;

	spinlock_irqsave_obtain(unit.lock);
#ifdef FIXED
	status = &unit.status[unit.tail];
#endif
	put(lo, hi);
	put(INV_WAIT_SW | (uint64_t)DMAR_INV_STATUS_COMPLETED << 32, hva2hpa(status));
	lab_write64(DMAR_IQT_REG, unit.tail * sizeof(struct inv_entry));
	done = wait_completion(status);
	spinlock_irqrestore_release(unit.lock);
#ifdef FIXED
	if (!done)
		return -1;
#endif
	(void)done;
	return 0;
}

static void enable_qi(void)
{
	unit.lock = lab_lock_new("lock");
	unit.queue = lab_alloc_dma(ENTRIES * sizeof(*unit.queue));
	unit.status = lab_alloc(ENTRIES * sizeof(*unit.status));
	lab_write64(DMAR_IQT_REG, 0);
	lab_write64(DMAR_IQA_REG, hva2hpa(unit.queue));
	lab_write32(DMAR_GCMD_REG, DMA_GCMD_QIE);
}

/* ---- the scenarios: the clock jumps, once ---- */

static const struct vtd_entry page = {
	.kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = 0x1000
};

static int flush(void)
{
	return issue_qi_request(INV_IOTLB_PAGE | 1 << 16, page.addr);
}

/* If the function reports success, the IOTLB must not have the page any more. */
static int unmap(void *arg)
{
	int err = flush();

	(void)arg;
	lab_check(err || !lab_cached(&page));
	return err;
}

/* The caller does not care, and goes on. */
static int go_on(void *arg)
{
	(void)arg;
	flush();
	return 0;
}

static const char *setup_with(int (*run)(void *))
{
	const struct vtd_config cfg = { .cache_room = 1, .window = 1, .slots = ENTRIES };
	struct vtd_unit *u = lab_unit(&cfg);

	enable_qi();
	lab_name(unit.queue, "queue", sizeof(*unit.queue), ENTRIES, NULL);
	lab_name(unit.status, "status", sizeof(*unit.status), ENTRIES, NULL);
	vtd_touch(u, &page);
	lab_actor("vCPU0", run, NULL);
	return NULL;
}

static const char *setup_success(const struct lab_params *p)
{
	(void)p;
	return setup_with(unmap);
}

static const char *setup_stack(const struct lab_params *p)
{
	(void)p;
	return setup_with(go_on);
}

const struct lab_scenario lab_scenarios[] = {
	{ "success", "a success that was none", setup_success, .ticks = 1 },
	{ "stack", "a late write to a frame that is gone", setup_stack, .ticks = 1 },
	{ 0 },
};
