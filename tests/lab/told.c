/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * told.c - scenarios whose counterexamples have something to tell that a report could leave out,
 * and drivers that need more of a machine than one CPU each. The script `told` says what must come
 * out.
 *
 * The names that a driver of Linux's kind defines are defined here, before lab.h: neither has to
 * know of the other.
 */
#include <stdint.h>

#define QI_IOTLB_TYPE 0x2
#define QI_IWD_TYPE 0x5
#define QI_IWD_STATUS_WRITE (1ULL << 5)
#define QI_DONE 2
#define DMAR_GCMD_REG 0x18
#define DMAR_IQH_REG 0x80
#define DMAR_IQT_REG 0x88
#define DMAR_IQA_REG 0x90
#define QI_LENGTH 8

struct qi_desc {
	uint64_t qw0, qw1;
};

struct qi_host {
	int of_my_own;
};

#include <lab/lab.h>

#define LOAD(word) __atomic_load_n(&(word), __ATOMIC_ACQUIRE)
#define STORE(word, value) __atomic_store_n(&(word), (value), __ATOMIC_RELEASE)

static uint32_t x, y;
static uint32_t ringing, *status;
static const uint32_t *constant;
static struct qi_desc *ring;
static struct lab_lock *lock;
static struct vtd_unit *unit[2];

/* ---- a queue, as small as can be ---- */

static struct qi_desc wait_for(uint32_t *at)
{
	return (struct qi_desc){ QI_IWD_TYPE | QI_IWD_STATUS_WRITE | (uint64_t)QI_DONE << 32,
				 (uintptr_t)at };
}

static struct qi_desc page_of(unsigned domain)
{
	return (struct qi_desc){ QI_IOTLB_TYPE | 3 << 4 | (uint64_t)domain << 16, 0x1000 };
}

static struct vtd_entry entry_of(unsigned domain)
{
	return (struct vtd_entry){
		.kind = VTD_IOTLB, .did = (uint16_t)domain, .pasid = VTD_NO_PASID, .addr = 0x1000
	};
}

static void start(unsigned regs, const struct qi_desc *at)
{
	lab_write64(regs + DMAR_IQT_REG, 0);
	lab_write64(regs + DMAR_IQA_REG, (uintptr_t)at);
	lab_write32(regs + DMAR_GCMD_REG, 1U << 26);
}

static void one_unit(void)
{
	const struct vtd_config cfg = { .cache_room = 2, .window = 1, .slots = QI_LENGTH };

	unit[0] = lab_unit(&cfg);
	ring = lab_alloc_dma(QI_LENGTH * sizeof(*ring));
	status = lab_alloc(QI_LENGTH * sizeof(*status));
	lab_name(ring, "hw", sizeof(*ring), QI_LENGTH, NULL);
	lab_name(status, "status", sizeof(*status), QI_LENGTH, NULL);
	start(0, ring);
}

/* ---- reports ---- */

static int ring_up(void *arg)
{
	(void)arg;
	STORE(ringing, 1);
	lab_check(LOAD(x));
	return 0;
}

static int look_at_ringing(void *arg)
{
	(void)arg;
	return (int)LOAD(ringing);
}

static const char *setup_ringing(const struct lab_params *p)
{
	(void)p;
	lab_actor("T1", ring_up, NULL);
	lab_actor("T2", look_at_ringing, NULL);
	return NULL;
}

static int fail_with_markup(void *arg)
{
	(void)arg;
	STORE(x, 1);
	lab_fail("</script><b id=broken>");
	return 0;
}

static const char *setup_markup(const struct lab_params *p)
{
	(void)p;
	lab_name(&x, "</script><b id=broken>", sizeof(x), 1, NULL);
	lab_actor("T1", fail_with_markup, NULL);
	lab_actor("T2", look_at_ringing, NULL);
	return NULL;
}

/* The doorbell comes before the second half. */
static int ring_early(void *arg)
{
	const struct qi_desc w = wait_for(&status[0]);

	(void)arg;
	STORE(ring[0].qw0, w.qw0);
	lab_write64(DMAR_IQT_REG, sizeof(*ring));
	STORE(ring[0].qw1, w.qw1);
	while (!LOAD(status[0]))
		;
	return 0;
}

static const char *setup_half(const struct lab_params *p)
{
	(void)p;
	one_unit();
	lab_actor("T1", ring_early, NULL);
	return NULL;
}

/* And here past what is written at all. */
static int ring_too_far(void *arg)
{
	(void)arg;
	ring[0] = wait_for(&status[0]);
	lab_write64(DMAR_IQT_REG, 2 * sizeof(*ring));
	while (LOAD(status[0]) && lab_read64(DMAR_IQH_REG) != 2 * sizeof(*ring))
		;
	lab_check(LOAD(status[0]) == QI_DONE);
	while (lab_read64(DMAR_IQH_REG) != 2 * sizeof(*ring))
		;
	return 0;
}

static const char *setup_too_far(const struct lab_params *p)
{
	(void)p;
	one_unit();
	lab_actor("T1", ring_too_far, NULL);
	return NULL;
}

/* A descriptor written by one assignment of sixteen bytes. */
static int no_doorbell(void *arg)
{
	volatile uint32_t turns = *constant;

	ring[1] = page_of(1);
	ring[2] = *(const struct qi_desc *)arg;
	STORE(x, 7);
	while (!LOAD(status[2]) && turns == *constant && LOAD(x) == 7)
		;
	return 0;
}

static const char *setup_no_doorbell(const struct lab_params *p)
{
	struct qi_desc *w = lab_alloc(sizeof(*w));
	uint32_t *five = lab_alloc(sizeof(*five));

	(void)p;
	one_unit();
	*five = 5;
	constant = five;
	lab_name(five, "five", sizeof(*five), 1, NULL);
	*w = wait_for(&status[2]);
	lab_actor("T1", no_doorbell, w);
	return NULL;
}

/* Reads nothing but what set-up wrote. */
static int wait_for_five(void *arg)
{
	(void)arg;
	while (LOAD(*constant) == 5)
		;
	return 0;
}

static const char *setup_as_set_up(const struct lab_params *p)
{
	uint32_t *five = lab_alloc(sizeof(*five));

	(void)p;
	*five = 5;
	constant = five;
	lab_name(five, "five", sizeof(*five), 1, NULL);
	lab_actor("T1", wait_for_five, NULL);
	return NULL;
}

static int take_turn(void *arg)
{
	uint32_t is = 0;

	lab_check(__atomic_compare_exchange_n(&x, &is, (uint32_t)(uintptr_t)arg, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return 0;
}

static const char *setup_turns(const struct lab_params *p)
{
	(void)p;
	lab_actor("T1", take_turn, (void *)1);
	lab_actor("T2", take_turn, (void *)2);
	return NULL;
}

/* Private to T1 for so many states that what was explored is void when T2 comes to it. */
static int count_long(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 300; i++) {
		y++;
		STORE(x, i);
	}
	return 0;
}

static int look_late(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 40; i++)
		(void)LOAD(x);
	return lab_choose(2) && LOAD(x) == 299 ? (int)y : 0;
}

static const char *setup_restarts(const struct lab_params *p)
{
	(void)p;
	lab_actor("T1", count_long, NULL);
	lab_actor("T2", look_late, NULL);
	return NULL;
}

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

/* Depth: how many handlers are at work where this one comes. */
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

/* Beside each other none comes while another is at work; nested it does. */
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

/* A handler has the word of the CPU that it interrupts, in the middle of an addition. */
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

/* Unit n's page of domain n: the other one's translation is none of its business. */
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

/* Domain 1 is flushed in the first unit, and looked for in both. */
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

/* The second unit refuses, and it is the second that is told of. */
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

#define ENTRY(name, ticks)                                    \
	{                                                     \
#name, "see told.c", setup_##name, 0, (ticks) \
	}

const struct lab_scenario lab_scenarios[] = {
	ENTRY(ringing, 0),
	ENTRY(markup, 0),
	ENTRY(half, 0),
	ENTRY(too_far, 0),
	ENTRY(no_doorbell, 0),
	ENTRY(as_set_up, 0),
	ENTRY(turns, 0),
	ENTRY(restarts, 0),
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
