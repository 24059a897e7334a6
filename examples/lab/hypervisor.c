/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * hypervisor.c - a queue in the style of a hypervisor, put into the lab. `-DFIXED` is the one
 * without the bug that README.md tells of.
 *
 * Each CPU has a word that its waits write, so that none of them polls another's line; it polls
 * with interrupts on, and interrupt handlers flush, too.
 */
#include <lab/lab.h>

/* ---- shim: what the hypervisor would be ---- */

#define spin_lock_irqsave(l) lab_lock(l)
#define spin_unlock_irqrestore(l) lab_unlock(l)
#define read_atomic(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define write_atomic(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define DEFINE_PER_CPU(type, name) static type *name
#define this_cpu_ptr(p) lab_this_cpu(p)
#define smp_processor_id() lab_cpu()
#define cpu_relax() ((void)0)
#define virt_to_maddr(p) ((uintptr_t)(p))

/* ---- the driver ---- */

#define DMAR_GCMD_REG 0x18
#define DMAR_IQH_REG 0x80
#define DMAR_IQT_REG 0x88
#define DMAR_IQA_REG 0x90
#define DMA_GCMD_QIE (1U << 26)

#define TYPE_INVAL_IOTLB 0x2
#define IOTLB_INV_PAGE (3U << 4)
#define TYPE_INVAL_WAIT 0x5
#define INVAL_WAIT_SW (1U << 5)
#define QINVAL_ENTRIES 8
#define QINVAL_SHIFT 4

enum { QINVAL_STAT_INIT, QINVAL_STAT_DONE };

struct qinval_entry {
	uint64_t lo, hi;
};

static struct {
	struct lab_lock *lock;
	struct qinval_entry *ring;
	uint32_t *done; /* FIXED: a word for each slot, for which no other waits */
} qinval;

DEFINE_PER_CPU(uint32_t, poll_slot);

/* Under the lock. */
static unsigned qinval_next_index(void)
{
	unsigned tail = (unsigned)(lab_read64(DMAR_IQT_REG) >> QINVAL_SHIFT);

	/* (tail + 1 == head) is a full queue: wait until there is room */
	while ((tail + 1) % QINVAL_ENTRIES == (lab_read64(DMAR_IQH_REG) >> QINVAL_SHIFT))
		cpu_relax();
	return tail;
}

static void qinval_update_qtail(unsigned index)
{
	lab_write64(DMAR_IQT_REG, (uint64_t)((index + 1) % QINVAL_ENTRIES) << QINVAL_SHIFT);
}

static void queue_invalidate_iotlb(uint16_t did, uint64_t addr)
{
	unsigned index;

	spin_lock_irqsave(qinval.lock);
	index = qinval_next_index();
	qinval.ring[index] =
		(struct qinval_entry){ TYPE_INVAL_IOTLB | IOTLB_INV_PAGE | (uint64_t)did << 16,
				       addr };
	qinval_update_qtail(index);
	spin_unlock_irqrestore(qinval.lock);
}

static void queue_invalidate_wait(void)
{
	uint32_t *word;
	unsigned index;

	spin_lock_irqsave(qinval.lock);
	index = qinval_next_index();
#ifdef FIXED
	word = &qinval.done[index];
#else
	word = this_cpu_ptr(poll_slot);
#endif
	write_atomic(word, QINVAL_STAT_INIT);
	qinval.ring[index] = (struct qinval_entry){ TYPE_INVAL_WAIT | INVAL_WAIT_SW |
							    (uint64_t)QINVAL_STAT_DONE << 32,
						    virt_to_maddr(word) };
	qinval_update_qtail(index);
	spin_unlock_irqrestore(qinval.lock);

	/* Interrupts are on: this may take a while. */
	while (read_atomic(word) != QINVAL_STAT_DONE)
		cpu_relax();
}

static void flush_iotlb_page(uint16_t did, uint64_t addr)
{
	queue_invalidate_iotlb(did, addr);
	queue_invalidate_wait();
}

static void enable_qinval(void)
{
	qinval.lock = lab_lock_new("register_lock");
	qinval.ring = lab_alloc_dma(QINVAL_ENTRIES * sizeof(*qinval.ring));
	qinval.done = lab_alloc(QINVAL_ENTRIES * sizeof(*qinval.done));
	poll_slot = lab_alloc_per_cpu(sizeof(*poll_slot));
	lab_write64(DMAR_IQT_REG, 0);
	lab_write64(DMAR_IQA_REG, virt_to_maddr(qinval.ring));
	lab_write32(DMAR_GCMD_REG, DMA_GCMD_QIE);
}

/* ---- the scenario: a CPU unmaps a page, and so does a handler on it ---- */

static struct vtd_entry page(uintptr_t n)
{
	return (struct vtd_entry){
		.kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = n * 4096
	};
}

static int unmap(void *arg)
{
	struct vtd_entry e = page((uintptr_t)arg);

	flush_iotlb_page(1, e.addr);
	lab_check(!lab_cached(&e));
	return 0;
}

static const char *setup(const struct lab_params *p)
{
	const struct vtd_config unit = { .cache_room = 2, .window = 1, .slots = QINVAL_ENTRIES };
	struct vtd_unit *u = lab_unit(&unit);
	struct vtd_entry one = page(1), two = page(2);

	(void)p;
	enable_qinval();
	lab_name(qinval.ring, "ring", sizeof(*qinval.ring), QINVAL_ENTRIES, NULL);
	lab_name(qinval.done, "done", sizeof(*qinval.done), QINVAL_ENTRIES, NULL);
	lab_name(poll_slot, "poll_slot", LAB_PER_CPU(sizeof(*poll_slot)), LAB_CPUS, NULL);
	vtd_touch(u, &one);
	vtd_touch(u, &two);
	lab_actor("CPU0", unmap, (void *)1);
	lab_interrupt("irq", unmap, (void *)2, "CPU0", LAB_ANY_TIME, 1);
	return NULL;
}

const struct lab_scenario lab_scenarios[] = {
	{ .name = "nested", .summary = "a handler flushes on a CPU that polls", .setup = setup },
	{ 0 },
};
