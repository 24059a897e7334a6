/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * told.c - scenarios whose counterexamples have details that a report could leave out. The script
 * `told` has the expected results.
 */
#include "small_queue.h"

static uint32_t x, y;
static uint32_t ringing, *status;
static const uint32_t *constant;
static struct qi_desc *ring;

static void one_unit(void)
{
	const struct vtd_config cfg = { .cache_room = 2, .window = 1, .slots = QI_LENGTH };

	lab_unit(&cfg);
	ring = lab_alloc_dma(QI_LENGTH * sizeof(*ring));
	status = lab_alloc(QI_LENGTH * sizeof(*status));
	lab_name(ring, "hw", sizeof(*ring), QI_LENGTH, NULL);
	lab_name(status, "status", sizeof(*status), QI_LENGTH, NULL);
	start(0, ring);
}

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

/* The doorbell is rung before the second half is written. */
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

/* Here beyond all that is written. */
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

/* Reads only what setup() has written. */
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

/* T1 uses it alone for so many states that the exploration is void when T2 first uses it. */
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

const struct lab_scenario lab_scenarios[] = {
	ENTRY(ringing, 0), ENTRY(markup, 0),	  ENTRY(half, 0),
	ENTRY(too_far, 0), ENTRY(no_doorbell, 0), ENTRY(as_set_up, 0),
	ENTRY(turns, 0),   ENTRY(restarts, 0),	  { 0 },
};
