/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * larger.c - drivers that need more of a machine than one CPU for each actor: nested handlers,
 * per-CPU words, sleeps that end, several units. The script `told` has the expected results.
 */
#include "small_queue.h"

static uint32_t x, y;
static uint32_t *status;
static struct lab_lock *lock;
static struct vtd_unit *unit[2];

/* ---- locks and handlers ---- */

static int add_plainly(void *arg)
{
	(void)arg;
	lab_spin_lock(lock);
	x++;
	lab_spin_unlock(lock);
	return 0;
}

static int add(void *arg)
{
	(void)arg;
	lab_lock(lock);
	x++;
	lab_unlock(lock);
	return 0;
}

static const char *locked(int (*run)(void *))
{
	lock = lab_lock_new("lock");
	lab_actor("T1", run, NULL);
	lab_interrupt("irq", add_plainly, NULL, "T1", LAB_ANY_TIME, 1);
	return NULL;
}

static const char *setup_lock_in_handler(const struct lab_params *p)
{
	(void)p;
	return locked(add_plainly);
}

static const char *setup_lock_off_in_handler(const struct lab_params *p)
{
	(void)p;
	return locked(add);
}

static int mixed_locks(void *arg)
{
	(void)arg;
	lab_lock(lock);
	lab_spin_unlock(lock);
	return 0;
}

static const char *setup_mixed_locks(const struct lab_params *p)
{
	(void)p;
	return locked(mixed_locks);
}

/* Depth: the number of handlers that are running when this one starts. */
static int nest(void *arg)
{
	uint32_t before = x, most = (uint32_t)(uintptr_t)arg;

	STORE(x, before + 1);
	lab_check(before < most);
	(void)LOAD(y);
	STORE(x, before);
	return 0;
}

static int work(void *arg)
{
	(void)arg;
	STORE(y, 1);
	return (int)LOAD(y);
}

static const char *nested(const char *on, uint32_t most)
{
	lab_actor("T1", work, NULL);
	lab_interrupt("irq", nest, (void *)(uintptr_t)most, "T1", LAB_ANY_TIME, 1);
	lab_interrupt("nmi", nest, (void *)(uintptr_t)most, on, LAB_ANY_TIME, 1);
	return NULL;
}

/* Handlers beside each other never run at the same time; nested ones do. */
static const char *setup_beside(const struct lab_params *p)
{
	(void)p;
	return nested("T1", 1);
}

static const char *setup_nested(const struct lab_params *p)
{
	(void)p;
	return nested("irq", 2);
}

static const char *setup_nested_too_deep(const struct lab_params *p)
{
	(void)p;
	return nested("irq", 1);
}

/* With interrupts off in the outer one, the inner one waits. */
static int nest_masked(void *arg)
{
	lab_irq_save();
	nest(arg);
	lab_irq_restore();
	return 0;
}

static const char *setup_nested_masked(const struct lab_params *p)
{
	(void)p;
	lab_actor("T1", work, NULL);
	lab_interrupt("irq", nest_masked, (void *)1, "T1", LAB_ANY_TIME, 1);
	lab_interrupt("nmi", nest_masked, (void *)1, "irq", LAB_ANY_TIME, 1);
	return NULL;
}

/* ---- CPUs ---- */

static uint32_t *counts; /* one for each CPU */

static int count_here(void *arg)
{
	uint32_t *mine = lab_this_cpu(counts);

	lab_check(lab_cpu() == (unsigned)(uintptr_t)arg);
	lab_check(mine == lab_per_cpu(counts, lab_cpu()));
	STORE(*mine, LOAD(*mine) + 1);
	return 0;
}

static int sum_up(void *arg)
{
	(void)arg;
	lab_join();
	lab_check(LOAD(*lab_per_cpu(counts, 0)) + LOAD(*lab_per_cpu(counts, 1)) == 2);
	return 0;
}

static const char *setup_per_cpu(const struct lab_params *p)
{
	(void)p;
	counts = lab_alloc_per_cpu(sizeof(*counts));
	lab_name(counts, "counts", LAB_PER_CPU(sizeof(*counts)), LAB_CPUS, NULL);
	lab_actor("T1", count_here, (void *)0);
	lab_actor("T2", count_here, (void *)1);
	lab_actor("judge", sum_up, NULL);
	return NULL;
}

/* A handler gets the word of the CPU that it interrupts, in the middle of an addition. */
static const char *setup_per_cpu_interrupted(const struct lab_params *p)
{
	(void)p;
	counts = lab_alloc_per_cpu(sizeof(*counts));
	lab_name(counts, "counts", LAB_PER_CPU(sizeof(*counts)), LAB_CPUS, NULL);
	lab_actor("T1", count_here, (void *)0);
	lab_actor("judge", sum_up, NULL);
	lab_interrupt("irq", count_here, (void *)0, "T1", LAB_ANY_TIME, 1);
	return NULL;
}

/* ---- sleep ---- */

static int sleep_a_while(void *arg)
{
	bool woken = lab_sleep_for(&x, 0, 1000000);

	(void)arg;
	if (woken)
		lab_check(LOAD(x));
	return woken;
}

static int sleep_for_good(void *arg)
{
	(void)arg;
	lab_sleep(&x, 0);
	return 0;
}

static int wake(void *arg)
{
	(void)arg;
	STORE(x, 1);
	lab_wake(&x);
	return 0;
}

static const char *setup_time_out(const struct lab_params *p)
{
	(void)p;
	lab_actor("T1", sleep_a_while, NULL);
	return NULL;
}

static const char *setup_time_out_or_wake(const struct lab_params *p)
{
	(void)p;
	lab_actor("T1", sleep_a_while, NULL);
	lab_actor("T2", wake, NULL);
	return NULL;
}

static int expect_wake(void *arg)
{
	(void)arg;
	lab_check(lab_sleep_for(&x, 0, 1000000));
	return 0;
}

static const char *setup_time_out_counts(const struct lab_params *p)
{
	(void)p;
	lab_actor("T1", expect_wake, NULL);
	lab_actor("T2", wake, NULL);
	return NULL;
}

static const char *setup_no_time_out(const struct lab_params *p)
{
	(void)p;
	lab_actor("T1", sleep_for_good, NULL);
	return NULL;
}

/* ---- several units ---- */

static struct qi_desc *rings[2];

/* Unit n's page of domain n: the other unit's translation does not matter. */
static int flush_unit(void *arg)
{
	unsigned n = (unsigned)(uintptr_t)arg;
	struct vtd_entry e = entry_of(1 + n);

	rings[n][0] = page_of(1 + n);
	rings[n][1] = wait_for(&status[n]);
	lab_write64(LAB_UNIT_REGS(n) + DMAR_IQT_REG, 2 * sizeof(struct qi_desc));
	while (LOAD(status[n]) != QI_DONE)
		;
	lab_check(!lab_unit_cached(unit[n], &e));
	lab_check(lab_unit_cached(unit[1 - n], &e));
	return 0;
}

static const char *two_units(int (*run)(void *))
{
	const struct vtd_config cfg = { .window = 1, .slots = QI_LENGTH };
	unsigned n, domain;

	status = lab_alloc(2 * sizeof(*status));
	lab_name(status, "status", sizeof(*status), 2, NULL);
	for (n = 0; n < 2; n++) {
		unit[n] = lab_unit(&cfg);
		rings[n] = lab_alloc_dma(QI_LENGTH * sizeof(struct qi_desc));
		lab_name(rings[n], n ? "second" : "first", sizeof(struct qi_desc), QI_LENGTH, NULL);
		start(LAB_UNIT_REGS(n), rings[n]);
		for (domain = 1; domain <= 2; domain++) {
			struct vtd_entry e = entry_of(domain);

			vtd_touch(unit[n], &e);
		}
	}
	lab_actor("T1", run, (void *)0);
	lab_actor("T2", run, (void *)1);
	return NULL;
}

static const char *setup_units(const struct lab_params *p)
{
	(void)p;
	return two_units(flush_unit);
}

/* Domain 1 is flushed in the first unit, and looked up in both. */
static int flush_one_only(void *arg)
{
	struct vtd_entry e = entry_of(1);

	if (arg)
		return 0;
	rings[0][0] = page_of(1);
	rings[0][1] = wait_for(&status[0]);
	lab_write64(DMAR_IQT_REG, 2 * sizeof(struct qi_desc));
	while (LOAD(status[0]) != QI_DONE)
		;
	lab_check(!lab_cached(&e));
	return 0;
}

static const char *setup_units_forgotten(const struct lab_params *p)
{
	(void)p;
	return two_units(flush_one_only);
}

/* The second unit refuses, and the report names the second. */
static int refused_by_second(void *arg)
{
	const struct vtd_fault f = { .kind = VTD_FAULT_REFUSE, .iqei = 1, .count = 1 };

	if (!arg)
		return 0;
	lab_unit_arm(unit[1], &f);
	rings[1][0] = wait_for(&status[1]);
	lab_write64(LAB_UNIT_REGS(1) + DMAR_IQT_REG, sizeof(struct qi_desc));
	while (LOAD(status[1]) != QI_DONE)
		;
	return 0;
}

static const char *setup_units_refused(const struct lab_params *p)
{
	(void)p;
	return two_units(refused_by_second);
}

static int read_nowhere(void *arg)
{
	(void)arg;
	return (int)lab_read64(LAB_UNIT_REGS(3) + DMAR_IQH_REG);
}

static const char *setup_no_such_unit(const struct lab_params *p)
{
	(void)p;
	return two_units(read_nowhere);
}

const struct lab_scenario lab_scenarios[] = {
	ENTRY(lock_in_handler, 0),
	ENTRY(lock_off_in_handler, 0),
	ENTRY(mixed_locks, 0),
	ENTRY(beside, 0),
	ENTRY(nested, 0),
	ENTRY(nested_too_deep, 0),
	ENTRY(nested_masked, 0),
	ENTRY(per_cpu, 0),
	ENTRY(per_cpu_interrupted, 0),
	ENTRY(time_out, 1),
	ENTRY(time_out_or_wake, 1),
	ENTRY(time_out_counts, 1),
	ENTRY(no_time_out, 1),
	ENTRY(units, 0),
	ENTRY(units_forgotten, 0),
	ENTRY(units_refused, 0),
	ENTRY(no_such_unit, 0),
	{ 0 },
};
