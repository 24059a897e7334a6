/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Which owner serves a call, and what becomes of the owner if a unit does not obey: owner.c of
 * linux/, with two units that take and give back as the test says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "calls.h"
#include "owner.h"
#include "units.h"

#define UNITS 2
#define SERVED 7 /* what the core returns, and the kernel's function */
#define STOCK 8

static struct {
	struct unit unit[UNITS];
	bool stubborn_take[UNITS], stubborn_give[UNITS];
	bool reenable_fails, suspicious[UNITS], stopped;
	int reenabled[UNITS], grace_periods;
	bool irqs_off;
	uint64_t now;
	char log[1000];
} test;

struct unit *units[UNITS_MOST];
unsigned int nunits;

/* The address stands for the unit of the same index. */
static struct intel_iommu *iommu(unsigned i)
{
	return (struct intel_iommu *)&test.unit[i];
}

/* ---- the kernel ---- */

void kernel_log(const char *format, ...)
{
	size_t n = strlen(test.log);
	va_list ap;

	va_start(ap, format);
	vsnprintf(test.log + n, sizeof(test.log) - n, format, ap);
	va_end(ap);
}

void kernel_irqs(bool off)
{
	test.irqs_off = off;
}

void synchronize_rcu(void)
{
	test.grace_periods++;
}

uint64_t ktime_get_mono_fast_ns(void)
{
	return test.now;
}

int stop_machine(int (*fn)(void *), void *data, const void *cpus)
{
	int result;

	assert_null(cpus);
	test.stopped = true;
	result = fn(data);
	test.stopped = false;
	return result;
}

static int reenable(struct intel_iommu *of)
{
	test.reenabled[(struct unit *)of - test.unit]++;
	return test.reenable_fails ? -EIO : 0;
}

unsigned long hook_symbol(const char *name)
{
	assert_string_equal(name, "dmar_reenable_qi");
	return (unsigned long)reenable;
}

int hook_original(struct intel_iommu *of, struct qi_desc *desc, unsigned int count,
		  unsigned long options)
{
	(void)of;
	(void)desc;
	(void)count;
	(void)options;
	assert_true(test.irqs_off);
	return STOCK;
}

/* ---- units ---- */

int calls_submit(struct unit *u, const struct qi_desc *desc, unsigned int count,
		 unsigned long options)
{
	(void)desc;
	(void)count;
	(void)options;
	assert_true(u->taken);
	return SERVED;
}

const char *unit_suspicious(const struct unit *u, const struct layout *l)
{
	(void)l;
	assert_true(test.stopped);
	assert_false(u->left);
	return test.suspicious[u - test.unit] ? "its queue is off" : NULL;
}

int unit_take(struct unit *u, const struct layout *l)
{
	(void)l;
	u->taken = !test.stubborn_take[u - test.unit];
	return u->taken ? 0 : -QI_ERR_TIMEOUT;
}

int unit_give_back(struct unit *u, int (*back)(struct intel_iommu *of))
{
	if (!u->taken)
		return 0;
	if (test.stubborn_give[u - test.unit])
		return -QI_ERR_TIMEOUT;
	u->taken = false;
	return back(u->iommu) ? -QI_ERR_INVALID : 0;
}

const char *qi_strerror(int err)
{
	return err == -QI_ERR_TIMEOUT ? "too late" : "another error";
}

/* ---- */

static int setup(void **state)
{
	(void)state;
	memset(&test, 0, sizeof(test));
	nunits = UNITS;
	for (unsigned i = 0; i < UNITS; i++) {
		units[i] = &test.unit[i];
		units[i]->iommu = iommu(i);
		snprintf(units[i]->name, sizeof(units[i]->name), "dmar%u", i);
	}
	return owner_open(NULL);
}

static int teardown(void **state)
{
	(void)state;
	memset(test.stubborn_give, 0, sizeof(test.stubborn_give));
	return owner_give_back();
}

#define serves(i, by) assert_int_equal(owner_submit(iommu(i), NULL, 0, 0), by)
#define said(text) assert_non_null(strstr(test.log, text))

static void there_and_back(void **state)
{
	(void)state;
	serves(0, STOCK);
	assert_int_equal(owner_take(), 0);
	assert_true(owner_is_ours());
	said("2 queue(s) taken over");
	serves(0, SERVED);
	serves(1, SERVED);
	assert_int_equal(owner_take(), 0);
	assert_int_equal(owner_give_back(), 0);
	said("2 queue(s) given back");
	assert_int_equal(test.grace_periods, 1);
	assert_false(owner_is_ours());
	serves(1, STOCK);
	assert_true(test.reenabled[0] == 1 && test.reenabled[1] == 1);
	assert_int_equal(owner_give_back(), 0);
}

/* A unit misses the limit: the kernel has this one, and the one before it, as before. */
static void a_unit_is_not_taken(void **state)
{
	(void)state;
	test.stubborn_take[1] = true;
	assert_int_equal(owner_take(), -EIO);
	said("the kernel serves all as before: too late");
	assert_false(owner_is_ours());
	assert_true(test.reenabled[0] == 1 && test.reenabled[1] == 1);
	serves(0, STOCK);
	serves(1, STOCK);

	test.stubborn_take[1] = false;
	assert_int_equal(owner_take(), 0);
	serves(1, SERVED);
}

static void the_first_is_not_taken(void **state)
{
	(void)state;
	test.stubborn_take[0] = true;
	assert_int_equal(owner_take(), -EIO);
	assert_true(test.reenabled[0] == 1 && test.reenabled[1] == 0);
	serves(0, STOCK);
}

static void neither_taken_nor_given_back(void **state)
{
	(void)state;
	test.stubborn_take[1] = test.stubborn_give[0] = true;
	assert_int_equal(owner_take(), -EIO);
	said("not all queues were given back");
	assert_true(owner_is_ours());
	serves(0, SERVED);
	serves(1, STOCK);
}

static void a_unit_is_not_given_back(void **state)
{
	(void)state;
	assert_int_equal(owner_take(), 0);
	test.stubborn_give[0] = true;
	assert_int_equal(owner_give_back(), -EIO);
	said("was not given back");
	assert_true(owner_is_ours());
	serves(0, SERVED);
	serves(1, STOCK);
	test.stubborn_give[0] = false;
	assert_int_equal(owner_give_back(), 0);
	serves(0, STOCK);
}

static void the_kernel_reports_an_error(void **state)
{
	(void)state;
	assert_int_equal(owner_take(), 0);
	test.reenable_fails = true;
	assert_int_equal(owner_give_back(), 0);
	said("reports an error");
	serves(0, STOCK);
}

/* All other CPUs are stopped, so that no unit is removed meanwhile. No unit is touched. */
static void what_is_suspicious_is_refused(void **state)
{
	(void)state;
	test.suspicious[1] = true;
	assert_int_equal(owner_take(), -EBUSY);
	said("dmar1: its queue is off; no queue was taken over");
	assert_true(test.reenabled[0] == 0 && test.reenabled[1] == 0);
	serves(0, STOCK);
}

/* The kernel has turned its queue off and on, or removed it: it is not looked at any more. */
static void one_that_was_left(void **state)
{
	(void)state;
	units[0]->left = true;
	assert_int_equal(owner_take(), 0);
	said("1 queue(s) taken over");
	serves(0, STOCK);
	serves(1, SERVED);
}

static void sleep_once(void)
{
	test.stopped = true;
	owner_suspend();
	serves(0, STOCK);
	owner_resume();
	test.stopped = false;
}

static void one_is_suspicious_after_sleep(void **state)
{
	(void)state;
	assert_int_equal(owner_take(), 0);
	test.suspicious[0] = true;
	sleep_once();
	said("the kernel serves them: its queue is off");
	serves(0, STOCK);
	serves(1, STOCK);
}

static void sleep_and_wake(void **state)
{
	(void)state;
	assert_int_equal(owner_take(), 0);
	sleep_once();
	serves(0, SERVED);
	assert_int_equal(owner_give_back(), 0);
	sleep_once();
	serves(0, STOCK);
}

/* While all other CPUs stand still, the core's limits are 256 times as short. */
static void the_switch_has_a_short_limit(void **state)
{
	struct machine m = { .hurry = 0 };

	(void)state;
	test.now = 5000;
	assert_int_equal(qinval_qi_host_now(&m), 5000);
	m.hurry = 4000;
	assert_int_equal(qinval_qi_host_now(&m), 4000 + 1000 * 256);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(there_and_back),
		T(a_unit_is_not_taken),
		T(the_first_is_not_taken),
		T(neither_taken_nor_given_back),
		T(a_unit_is_not_given_back),
		T(the_kernel_reports_an_error),
		T(what_is_suspicious_is_refused),
		T(one_that_was_left),
		T(sleep_and_wake),
		T(one_is_suspicious_after_sleep),
		T(the_switch_has_a_short_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
