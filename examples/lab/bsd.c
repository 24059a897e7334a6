/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bsd.c - a queue in the style of a BSD driver, put into the lab. `-DFIXED` is the one without the
 * bug that README.md tells of.
 *
 * Submissions have a generation and a sequence number, of which the hardware stores the latter;
 * a thread that waits sleeps until the completion interrupt.
 */
#include <lab/lab.h>

/* ---- shim: what the kernel would be ---- */

#define MTX_LOCK(l) lab_lock(l)
#define MTX_UNLOCK(l) lab_unlock(l)
#define atomic_load_acq_32(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define atomic_store_rel_32(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define pmap_kextract(p) ((uintptr_t)(p))
#define wakeup(chan) lab_wake(chan)
#define cpu_spinwait() ((void)0)

/* msleep() with the lock held until it sleeps: the lab compares and falls asleep in one step. */
#define TSLEEP(chan, while_it_is) lab_sleep(chan, while_it_is)

/* ---- the driver ---- */

#define DMAR_GCMD_REG 0x18
#define DMAR_IQT_REG 0x88
#define DMAR_IQA_REG 0x90
#define DMAR_ICS_REG 0x9c
#define DMAR_IECTL_REG 0xa0
#define DMAR_IEDATA_REG 0xa4
#define DMAR_GCMD_QIE (1U << 26)
#define DMAR_ICS_IWC 1U

#define DMAR_IQ_DESCR_IOTLB_INV 0x2
#define DMAR_IQ_DESCR_IOTLB_PAGE (3U << 4)
#define DMAR_IQ_DESCR_IOTLB_DID(x) ((uint64_t)(x) << 16)
#define DMAR_IQ_DESCR_WAIT_ID 0x5
#define DMAR_IQ_DESCR_WAIT_IF (1U << 4)
#define DMAR_IQ_DESCR_WAIT_SW (1U << 5)
#define DMAR_IQ_DESCR_WAIT_SD(x) ((uint64_t)(x) << 32)
#define IRQ_QI 0x41

#define SLOTS 16 /* never more than three submissions of two, so none waits for space */
#define LAST 0xffffffffU

struct genseq {
	uint32_t gen, seq;
};

static struct {
	struct lab_lock *lock;
	struct inv_desc {
		uint64_t lo, hi;
	} * queue;
	uint32_t *seq_hw; /* written by the hardware */
	struct genseq next;
	unsigned tail;
} qi;

static void emit(uint64_t lo, uint64_t hi)
{
	qi.queue[qi.tail] = (struct inv_desc){ lo, hi };
	qi.tail = (qi.tail + 1) % SLOTS;
}

static void advance_tail(void)
{
	lab_write64(DMAR_IQT_REG, qi.tail * sizeof(struct inv_desc));
}

#ifdef FIXED
/*
 * Numbers begin anew, so the hardware's word has to: when it has stored the last number of this
 * generation it stores no more of them.
 */
static void begin_generation(void)
{
	while (atomic_load_acq_32(qi.seq_hw) != LAST)
		cpu_spinwait();
	atomic_store_rel_32(qi.seq_hw, 0);
}
#else
static void begin_generation(void)
{
}
#endif

/* Under the lock. */
static struct genseq emit_wait_seq(void)
{
	struct genseq mine;

	if (qi.next.seq == LAST) {
		advance_tail();
		begin_generation();
		qi.next.gen++;
		qi.next.seq = 0;
	}
	qi.next.seq++;
	mine = qi.next;
	emit(DMAR_IQ_DESCR_WAIT_ID | DMAR_IQ_DESCR_WAIT_SW | DMAR_IQ_DESCR_WAIT_IF |
		     DMAR_IQ_DESCR_WAIT_SD(mine.seq),
	     pmap_kextract(qi.seq_hw));
	return mine;
}

/* Under the lock. All submissions of earlier generations have been processed. */
static bool seq_processed(const struct genseq *g, uint32_t hw)
{
	return g->gen < qi.next.gen || (g->gen == qi.next.gen && g->seq <= hw);
}

/* Under the lock, which is given back. */
static void wait_for_seq(const struct genseq *mine)
{
	uint32_t hw;

	for (;;) {
		hw = atomic_load_acq_32(qi.seq_hw);
		if (seq_processed(mine, hw))
			break;
		MTX_UNLOCK(qi.lock);
		TSLEEP(qi.seq_hw, hw);
		MTX_LOCK(qi.lock);
	}
	MTX_UNLOCK(qi.lock);
}

static void qi_invalidate(unsigned domain, uint64_t base)
{
	struct genseq mine;

	MTX_LOCK(qi.lock);
	emit(DMAR_IQ_DESCR_IOTLB_INV | DMAR_IQ_DESCR_IOTLB_PAGE | DMAR_IQ_DESCR_IOTLB_DID(domain),
	     base);
	mine = emit_wait_seq();
	advance_tail();
	wait_for_seq(&mine);
}

/* The completion interrupt's thread. */
static int qi_intr(void *arg)
{
	(void)arg;
	lab_write32(DMAR_ICS_REG, DMAR_ICS_IWC);
	wakeup(qi.seq_hw);
	return 0;
}

static void init_qi(uint32_t numbered)
{
	qi.lock = lab_lock_new("lock");
	qi.queue = lab_alloc_dma(SLOTS * sizeof(*qi.queue));
	qi.seq_hw = lab_alloc(sizeof(*qi.seq_hw));
	*qi.seq_hw = numbered;
	qi.next.seq = numbered;
	lab_write32(DMAR_IEDATA_REG, IRQ_QI);
	lab_write32(DMAR_IECTL_REG, 0);
	lab_write64(DMAR_IQT_REG, 0);
	lab_write64(DMAR_IQA_REG, pmap_kextract(qi.queue));
	lab_write32(DMAR_GCMD_REG, DMAR_GCMD_QIE);
}

/* ---- the scenario: two unmap a page each when the numbers have nearly run out ---- */

static struct vtd_entry page(uintptr_t n)
{
	return (struct vtd_entry){
		.kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = n * 4096
	};
}

static int unmap(void *arg)
{
	struct vtd_entry e = page((uintptr_t)arg);

	qi_invalidate(1, e.addr);
	lab_check(!lab_cached(&e));
	return 0;
}

static const char *setup(const struct lab_params *p)
{
	const struct vtd_config unit = { .cache_room = 2, .window = 1, .slots = SLOTS };
	struct vtd_unit *u = lab_unit(&unit);
	uintptr_t n;

	(void)p;
	init_qi(LAST - 1);
	lab_name(qi.queue, "queue", sizeof(*qi.queue), SLOTS, NULL);
	lab_name(qi.seq_hw, "seq_hw", sizeof(*qi.seq_hw), 1, NULL);
	for (n = 1; n <= 2; n++) {
		struct vtd_entry e = page(n);

		vtd_touch(u, &e);
		lab_actor(n == 1 ? "T1" : "T2", unmap, (void *)n);
	}
	lab_interrupt("intr", qi_intr, NULL, NULL, IRQ_QI, 0);
	return NULL;
}

const struct lab_scenario lab_scenarios[] = {
	{ .name = "numbers", .summary = "the sequence numbers begin anew", .setup = setup },
	{ 0 },
};
