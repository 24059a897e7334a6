/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * counted.c - a driver of 60 lines with a bug, and a scenario that finds it. README.md beside it
 * tells the story. `-DFIXED` is the driver without the bug.
 *
 * The driver numbers its submissions. Each one's wait makes the hardware store the number in one
 * word, and a thread that finds its own number there, or a later one, is done.
 */
#include <lab/lab.h>
#include <qinval/desc.h>
#include <qinval/regs.h>

/* ---- the driver ---- */

#define SLOTS 8 /* never more than two submissions of two, so none waits for space */

static struct qi_desc128 {
	uint64_t qw0, qw1;
} * ring;
static uint32_t *done;	 /* the number that the hardware stored last */
static uint32_t numbers; /* handed out */
static unsigned tail;
static struct lab_lock *lock;

static void put(struct qi_desc d)
{
	ring[tail] = (struct qi_desc128){ d.qw0, d.qw1 };
	tail = (tail + 1) % SLOTS;
}

static void invalidate(struct qi_desc what)
{
	uint32_t mine;

#ifndef FIXED
	mine = __atomic_add_fetch(&numbers, 1, __ATOMIC_RELAXED);
	lab_lock(lock);
#else
	lab_lock(lock);
	mine = ++numbers;
#endif
	put(what);
	put(qi_desc_wait(QI_IWD_SW, (uintptr_t)done, mine));
	lab_write64(DMAR_IQT_REG, tail * sizeof(*ring));
	lab_unlock(lock);

	while (__atomic_load_n(done, __ATOMIC_ACQUIRE) < mine)
		;
}

static void start(void)
{
	lab_write64(DMAR_IQT_REG, 0);
	lab_write64(DMAR_IQA_REG, (uintptr_t)ring);
	lab_write32(DMAR_GCMD_REG, VTD_GCMD_QIE);
}

/* ---- the scenario ---- */

/* The IOTLB's entry for a page of domain 1. */
static struct vtd_entry page(unsigned n)
{
	return (struct vtd_entry){
		.kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = n * 4096ULL
	};
}

/* An actor: invalidates its page, and then must not find it cached. */
static int unmap(void *arg)
{
	unsigned n = (unsigned)(uintptr_t)arg;
	struct vtd_entry e = page(n);

	invalidate(qi_desc_iotlb(QI_IOTLB_PAGE, 1, n * 4096ULL, 0, false, 0));
	lab_check(!lab_cached(&e));
	return 0;
}

static const char *setup(const struct lab_params *p)
{
	struct vtd_config cfg = { .cache_room = 2, .window = 1, .slots = SLOTS };
	struct vtd_entry one = page(1), two = page(2);
	struct vtd_unit *unit = lab_unit(&cfg);

	(void)p;
	ring = lab_alloc_dma(SLOTS * sizeof(*ring));
	done = lab_alloc(sizeof(*done));
	lock = lab_lock_new("lock");
	lab_name(ring, "ring", sizeof(*ring), SLOTS, NULL);
	lab_name(done, "done", sizeof(*done), 1, NULL);
	start();

	vtd_touch(unit, &one);
	vtd_touch(unit, &two);
	lab_actor("T1", unmap, (void *)1);
	lab_actor("T2", unmap, (void *)2);
	return NULL;
}

const struct lab_scenario lab_scenarios[] = {
	{ .name = "unmap", .summary = "two unmap a page each", .setup = setup },
	{ 0 },
};
