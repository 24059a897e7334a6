/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * planted_load.c - for test_timed.c: loads with known times, and drivers with defects. The engine's
 * name selects one.
 */
#include <lab/timed/load.h>
#include <qinval/desc.h>
#include <qinval/regs.h>
#include <string.h>

#define CPUS 64
#define SLOTS 256

const struct lab_scenario lab_scenarios[] = { { 0 } };

/* Selected by the engine's name. */
static enum {
	NOTHING,
	ADD,
	ADD_OWN,
	READ,
	LOCK,
	BESIDE,
	RIGHT,
	EARLY,
	TWICE,
	FAILS,
	WAITS_FOR_NOBODY,
	KEEPS_LOCK,
	DROPS_LOCK,
	CRASHES,
	REFUSES,
	LOOKS,
	PEEKS
} which;

static const char *const names[] = {
	[NOTHING] = "nothing",
	[ADD] = "add",
	[ADD_OWN] = "add-own",
	[READ] = "read",
	[LOCK] = "lock",
	[BESIDE] = "beside",
	[RIGHT] = "right",
	[EARLY] = "early",
	[TWICE] = "twice",
	[FAILS] = "fails",
	[WAITS_FOR_NOBODY] = "waits-for-nobody",
	[KEEPS_LOCK] = "keeps-lock",
	[DROPS_LOCK] = "drops-lock",
	[CRASHES] = "crashes",
	[REFUSES] = "refuses",
	[LOOKS] = "looks",
	[PEEKS] = "peeks",
};

static unsigned count;
static struct lab_lock *lock;
static uint64_t *ring;
static uint32_t tail;
static struct {
	uint32_t word;
	uint32_t unused[15];
} __attribute__((aligned(64))) own[CPUS], shared;

/* ---- loads without a unit, for --count 0 ---- */

static void touch(unsigned cpu)
{
	switch (which) {
	case ADD:
		__atomic_fetch_add(&shared.word, 1, __ATOMIC_RELAXED);
		break;
	case ADD_OWN:
		__atomic_fetch_add(&own[cpu].word, 1, __ATOMIC_RELAXED);
		break;
	case READ:
		(void)__atomic_load_n(&shared.word, __ATOMIC_RELAXED);
		break;
	case LOCK:
		lab_lock(lock);
		lab_unlock(lock);
		break;
	case BESIDE:
		__atomic_store_n(&shared.unused[0], 1, __ATOMIC_SEQ_CST);
		break;
	default:
		break;
	}
}

static const char *setup(const struct lab_params *p, unsigned descriptors)
{
	const struct vtd_config unit = { .cap = VTD_CAP_PSI, .ecap = VTD_ECAP_C | VTD_ECAP_QI };

	count = descriptors;
	for (which = NOTHING; strcmp(names[which], p->engine); which++)
		;
	if (which == REFUSES)
		return "it does not want to";
	lock = lab_lock_new("lock");
	ring = lab_alloc_dma(SLOTS * 16);
	if (!lab_unit(&unit) || !ring)
		return "out of memory";
	lab_write64(DMAR_IQT_REG, 0);
	lab_write64(DMAR_IQA_REG, (uintptr_t)ring);
	lab_write32(DMAR_GCMD_REG, VTD_GCMD_QIE);
	return NULL;
}

/* ---- a driver ---- */

static void put(struct qi_desc d)
{
	ring[tail * 2] = d.qw0;
	ring[tail * 2 + 1] = d.qw1;
	tail = (tail + 1) % SLOTS;
}

static void insert(unsigned cpu, uint64_t n)
{
	unsigned i, times = which == TWICE ? 2 : 1;

	lab_lock(lock);
	for (i = 0; i < count * times; i++)
		put(qi_desc_iotlb(QI_IOTLB_PAGE, (uint16_t)cpu,
				  timed_page(n, count, i / times) << QI_PAGE_SHIFT, 0, false, 0));
	put(qi_desc_wait(QI_IWD_SW, (uintptr_t)&own[cpu].word, (uint32_t)n + 1));
	lab_write64(DMAR_IQT_REG, (uint64_t)tail * 16);
	if (which != KEEPS_LOCK)
		lab_unlock(lock);
	if (which == DROPS_LOCK)
		lab_unlock(lock);
}

/* The counter is in a register instead of the stack: the simulation does not see it. */
static void wait_for(unsigned cpu, uint64_t n)
{
	unsigned turns = 0;

	while (__atomic_load_n(&own[cpu].word, __ATOMIC_ACQUIRE) != (uint32_t)n + 1) {
		lab_timed_host.relax(NULL);
		if (++turns == 30 && which == LOOKS)
			(void)lab_read32(DMAR_FSTS_REG);
	}
}

/* Every 16th turn also reads a word by which CPU 0 may ask for a register read. */
static void wait_and_peek(unsigned cpu, uint64_t n)
{
	unsigned turns = 0;

	while (__atomic_load_n(&own[cpu].word, __ATOMIC_ACQUIRE) != (uint32_t)n + 1) {
		lab_timed_host.relax(NULL);
		if (++turns % 16 || !__atomic_load_n(&shared.word, __ATOMIC_ACQUIRE) || !cpu)
			continue;
		(void)lab_read32(DMAR_FSTS_REG);
		__atomic_store_n(&shared.word, 0, __ATOMIC_RELEASE);
	}
	if (!cpu)
		__atomic_store_n(&shared.word, 1, __ATOMIC_RELEASE);
}

static void wait_for_nobody(void)
{
	while (!__atomic_load_n(&shared.word, __ATOMIC_ACQUIRE))
		lab_timed_host.relax(NULL);
}

static int submit(unsigned cpu, uint64_t n)
{
	insert(cpu, n);
	if (which == CRASHES)
		*(volatile int *)8 = 1;
	if (which == WAITS_FOR_NOBODY)
		wait_for_nobody();
	if (which == PEEKS)
		wait_and_peek(cpu, n);
	else if (which != EARLY)
		wait_for(cpu, n);
	return which == FAILS ? -5 : 0;
}

static int run(unsigned cpu)
{
	uint64_t n = lab_over(0);
	int err = 0;

	/* CPU 0 writes beside the word for which all others wait. */
	if (which == BESIDE && cpu) {
		wait_for_nobody();
		return 0;
	}

	while (n != TIMED_END) {
		lab_begin(NULL);
		if (count)
			err = submit(cpu, n);
		else
			touch(cpu);
		n = lab_over(err);
	}
	__atomic_store_n(&shared.word, 1, __ATOMIC_RELEASE);
	return 0;
}

const struct timed_load lab_load = { setup, run };
