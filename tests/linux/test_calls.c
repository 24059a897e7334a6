/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Results of calls of the kernel: calls.c, failure.c and log.c of linux/, with the core and our
 * unit. It tries what takes too long in a guest: a queue that dies, a unit that is lost, each value
 * of on_failure=.
 */
#include <core/rig.h>

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "calls.h"
#include "devices.h"
#include "failure.h"
#include "trace.h"
#include "unit.h"

#define DEVICES 4 /* behind the unit: RIG_SID(0) and so on */
#define LOG_BYTES 4096
#define RTADDR 0x1000

static struct {
	struct rig *r;
	struct unit u;
	raw_spinlock_t registers;
	bool stopped[DEVICES];
	unsigned executed[QI_TYPES];
	uint64_t address; /* of the last page-selective invalidation that was executed */
	char log[LOG_BYTES];
	const char *why; /* the message of a panic */
	jmp_buf panicked;
} test;

/* ---- the kernel ---- */

void kernel_log(const char *format, ...)
{
	size_t n = strlen(test.log);
	va_list ap;

	va_start(ap, format);
	vsnprintf(test.log + n, sizeof(test.log) - n, format, ap);
	va_end(ap);
}

void panic(const char *why)
{
	test.why = why;
	longjmp(test.panicked, 1);
}

void kernel_irqs(bool off)
{
	(void)off;
}

uint64_t ktime_get_mono_fast_ns(void)
{
	return test.r->now;
}

/* There is one thread, so it never waits for another one's reset. */
void machine_relax(void)
{
	fail();
}

static struct tracepoint none;
struct tracepoint *trace_point = &none;

void trace_each(struct intel_iommu *iommu, const struct qi_desc *desc, unsigned count)
{
	(void)iommu;
	(void)desc;
	(void)count;
}

bool devices_stop(u16 segment, u16 sid)
{
	bool was = devices_stopped(segment, sid);

	test.stopped[sid >> 3] = true;
	return !was;
}

unsigned devices_stop_all(const struct iommu_device *unit)
{
	unsigned n = 0;

	(void)unit;
	for (u16 i = 0; i < DEVICES; i++)
		n += devices_stop(0, RIG_SID(i));
	return n;
}

/* Each is in a domain of its own, but for the last two, which are in one. */
static u16 domain_of(u16 device)
{
	return device < DEVICES - 2 ? device : DEVICES - 2;
}

unsigned devices_stop_domain(const struct iommu_device *unit, u16 segment, u64 rtaddr, u16 did)
{
	unsigned n = 0;

	(void)unit;
	assert_int_equal(segment, 0);
	assert_int_equal(rtaddr, RTADDR);
	for (u16 i = 0; i < DEVICES; i++)
		if (domain_of(i) == did)
			n += devices_stop(0, RIG_SID(i));
	return n;
}

bool devices_stopped(u16 segment, u16 sid)
{
	assert_int_equal(segment, 0);
	assert_in_range(sid >> 3, 0, DEVICES - 1);
	return test.stopped[sid >> 3];
}

/* ---- the unit ---- */

static bool present(void *ctx, uint16_t sid)
{
	(void)ctx;
	return !devices_stopped(0, sid);
}

static void executed(void *ctx, const struct vtd_event *ev)
{
	unsigned type = ev->qw[0] & 0xf;

	(void)ctx;
	test.executed[type]++;
	if (type == QI_IOTLB_TYPE)
		test.address = ev->qw[1];
}

static int setup(void **state)
{
	struct rig *r = rig_new(16, 128);
	struct unit *u = &test.u;

	(void)state;
	memset(&test, 0, sizeof(test));
	test.r = r;
	r->host.device_present = present;
	r->ops.executed = executed;
	assert_true(vtd_init(&r->u, &r->unit));
	assert_int_equal(qi_init(&u->q, &r->cfg), 0);
	assert_int_equal(qi_enable(&u->q), 0);
	memset(test.executed, 0, sizeof(test.executed));
	u->registers = &test.registers;
	u->rtaddr = RTADDR;
	strcpy(u->name, "dmar0");
	return failure_choose("stop");
}

static int teardown(void **state)
{
	(void)state;
	assert_false(test.registers.held);
	assert_false(test.u.reviving.held);
	rig_free(test.r);
	return 0;
}

static void arm(enum vtd_fault_kind kind, unsigned type, unsigned count, uint16_t sid)
{
	struct vtd_fault f = {
		.kind = kind, .type = (uint8_t)type, .count = count, .sid = sid, .iqei = 4
	};

	assert_true(vtd_fault_arm(&test.r->u, &f));
}

static int call(const struct qi_desc *desc, unsigned count)
{
	return calls_submit(&test.u, desc, count, 0);
}

static int page(void)
{
	struct qi_desc d = rig_desc(1);

	return call(&d, 1);
}

#define counted(member, n) assert_int_equal(atomic_long_read(&test.u.counts.member), n)
#define said(text) assert_non_null(strstr(test.log, text))

/* ---- the normal case ---- */

static void well(void **state)
{
	(void)state;
	assert_int_equal(page(), 0);
	assert_int_equal(call(NULL, 0), 0);
	assert_int_equal(calls_submit(&test.u, NULL, 0, 1), 0);
	assert_int_equal(test.executed[QI_IOTLB_TYPE], 1);
	counted(repaired, 0);
	assert_string_equal(test.log, "");
}

/* ---- refusals ---- */

static void refused_for_a_while(void **state)
{
	(void)state;
	arm(VTD_FAULT_REFUSE, QI_IOTLB_TYPE, 8, 0);
	assert_int_equal(page(), 0);
	assert_int_equal(test.executed[QI_IOTLB_TYPE], 1);
	counted(repaired, 1);
	counted(refused, 0);
	said("Invalidation Queue Error");
}

static void refused_for_ever(void **state)
{
	struct qi_desc d[] = { rig_desc(1), qi_desc_iec(0, 0, 0), rig_desc(2) };

	(void)state;
	arm(VTD_FAULT_REFUSE, QI_IEC_TYPE, 0, 0);
	assert_int_equal(call(d, 3), -EINVAL);
	assert_true(test.executed[QI_IOTLB_TYPE] >= 2);
	assert_int_equal(test.address & ~0xfffULL, 2 << QI_PAGE_SHIFT);
	counted(refused, 1);
	counted(failed, 0);
}

/* The address is passed on as units interpret it. */
static void unaligned(void **state)
{
	struct qi_desc d = qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x1000, 0, false, 0);

	(void)state;
	d.qw1 |= 3; /* eight pages from the second one on */
	assert_int_equal(call(&d, 1), 0);
	assert_int_equal(test.address, 3);
	counted(unaligned, 1);
	counted(refused, 0);
}

/* A device cannot interpret a second response. */
static void responses_are_sent_once(void **state)
{
	struct qi_desc d[] = { qi_desc_page_response(RIG_SID(1), false, 0, 1, 0, true),
			       qi_desc_iec(0, 0, 0) };

	(void)state;
	arm(VTD_FAULT_REFUSE, QI_IEC_TYPE, 0, 0);
	assert_int_equal(call(d, 2), -EINVAL);
	assert_int_equal(test.executed[QI_PGRP_RESP_TYPE], 1);
}

/* ---- a device that does not answer ---- */

static int ask_silent_device(void)
{
	struct qi_desc d[] = { rig_desc(1), rig_ats(1), rig_desc(2) };

	rig_arm(test.r, VTD_FAULT_SILENT, RIG_SID(1), false);
	return call(d, 3);
}

static void silent_stop(void **state)
{
	struct qi_desc again = rig_ats(1), other = rig_ats(2);

	(void)state;
	assert_int_equal(ask_silent_device(), -ETIMEDOUT);
	assert_true(test.executed[QI_IOTLB_TYPE] >= 2);
	assert_true(test.stopped[1]);
	assert_false(test.stopped[2]);
	counted(silent, 1);
	counted(stopped, 1);
	said("device 0000:00:01.0 does not answer");

	/* It is no longer asked, and others work as before. */
	vtd_fault_clear(&test.r->u, VTD_FAULT_SILENT);
	test.executed[QI_DIOTLB_TYPE] = 0;
	assert_int_equal(call(&again, 1), -ETIMEDOUT);
	assert_int_equal(test.executed[QI_DIOTLB_TYPE], 0);
	assert_int_equal(call(&other, 1), 0);
	assert_int_equal(page(), 0);
	counted(failed, 0);

	/* Its driver has been bound again. */
	test.stopped[1] = false;
	assert_int_equal(call(&again, 1), 0);
	assert_int_equal(test.executed[QI_DIOTLB_TYPE], 2);
}

static void silent_warn(void **state)
{
	struct qi_desc again = rig_ats(1);

	(void)state;
	assert_int_equal(failure_choose("warn"), 0);
	assert_int_equal(ask_silent_device(), -ETIMEDOUT);
	assert_false(test.stopped[1]);
	counted(silent, 1);
	counted(stopped, 0);
	said("device 0000:00:01.0 does not answer");
	vtd_fault_clear(&test.r->u, VTD_FAULT_SILENT);
	assert_int_equal(call(&again, 1), 0);
}

/* A device that has been unplugged has no TLB: that is no failure. */
static void removed(void **state)
{
	struct qi_desc d[] = { rig_ats(1), rig_desc(2) };

	(void)state;
	assert_int_equal(failure_choose("panic"), 0);
	test.stopped[1] = true;
	if (setjmp(test.panicked))
		fail_msg("there was a panic");
	assert_int_equal(call(d, 2), -ETIMEDOUT);
	assert_int_equal(test.executed[QI_DIOTLB_TYPE], 0);
	assert_int_equal(test.executed[QI_IOTLB_TYPE], 1);
	counted(silent, 1);
	counted(failed, 0);
}

static void silent_panic(void **state)
{
	(void)state;
	assert_int_equal(failure_choose("panic"), 0);
	if (!setjmp(test.panicked)) {
		ask_silent_device();
		fail_msg("there was no panic");
	}
	assert_non_null(strstr(test.why, "device TLB"));
	assert_false(test.stopped[1]);
}

/* ---- a unit that does not answer ---- */

static void stalled(void **state)
{
	(void)state;
	arm(VTD_FAULT_STALL, 0, 0, 0);
	assert_int_equal(page(), 0);
	assert_int_equal(test.executed[QI_IOTLB_TYPE], 1);
	counted(resets, 1);
	counted(repaired, 1);
	assert_false(test.u.lost);
	assert_int_equal(page(), 0);
	counted(resets, 1);
}

static void completion_lost_twice(void **state)
{
	(void)state;
	arm(VTD_FAULT_LOSE_WRITE, 0, 2, 0);
	assert_int_equal(page(), 0);
	counted(failed, 0);
	counted(resets, 0);
}

static void gone_stop(void **state)
{
	(void)state;
	arm(VTD_FAULT_GONE, 0, 0, 0);
	assert_int_equal(page(), -EIO);
	assert_true(test.u.lost);
	counted(resets, 1);
	counted(failed, 1);
	counted(stopped, 1);
	assert_true(test.stopped[1]);
	said("dmar0 does not execute this: IOTLB Invalidation");

	/* It is not reset again, and later callers are told at once. */
	assert_int_equal(page(), -EIO);
	counted(resets, 1);
	counted(failed, 2);
	counted(stopped, 1);
}

/* Descriptors that the unit does not execute, and the devices that are stopped for them. */
#define DEVICE_BIT(n) (1U << (n))
#define ALL (DEVICE_BIT(DEVICES) - 1)
#define LAST_TWO (DEVICE_BIT(DEVICES - 1) | DEVICE_BIT(DEVICES - 2))

static const struct {
	uint64_t qw0;
	unsigned stopped;
} concerned[] = {
	{ QI_IOTLB_TYPE | QI_IOTLB_PAGE << 4 | 1 << 16, DEVICE_BIT(1) },
	{ QI_IOTLB_TYPE | QI_IOTLB_DOMAIN << 4 | (DEVICES - 2) << 16, LAST_TWO },
	{ QI_IOTLB_TYPE | QI_IOTLB_DOMAIN << 4 | 99 << 16, 0 },
	{ QI_IOTLB_TYPE | QI_IOTLB_GLOBAL << 4, ALL },
	{ QI_EIOTLB_TYPE | QI_PIOTLB_PASID << 4 | 1 << 16 | 7ULL << 32, DEVICE_BIT(1) },
	{ QI_CC_TYPE | QI_CC_GLOBAL << 4, ALL },
	{ QI_CC_TYPE | QI_CC_DOMAIN << 4 | 1 << 16, ALL },
	{ QI_CC_TYPE | QI_CC_DEVICE << 4 | 3 << 16 | (uint64_t)RIG_SID(1) << 32, DEVICE_BIT(1) },
	{ QI_CC_TYPE | QI_CC_DEVICE << 4 | (uint64_t)RIG_SID(1) << 32 | 1ULL << 48, ALL },
	{ QI_DIOTLB_TYPE | (uint64_t)RIG_SID(1) << 32, DEVICE_BIT(1) },
	{ QI_DEIOTLB_TYPE | RIG_SID(1) << 16, DEVICE_BIT(1) },
	{ QI_PGRP_RESP_TYPE | RIG_SID(1) << 16, DEVICE_BIT(1) },
	{ QI_PC_TYPE | QI_PC_PASID << 4 | 1 << 16, ALL },
	{ QI_IEC_TYPE, ALL },
	{ 0, ALL }, /* a drain */
};

static void stopped_are_those_concerned(void **state)
{
	long n = 0;

	(void)state;
	for (unsigned i = 0; i < sizeof(concerned) / sizeof(concerned[0]); i++) {
		const struct qi_desc d = { concerned[i].qw0, 0, 0, 0 };

		memset(test.stopped, 0, sizeof(test.stopped));
		failure_of_unit(&test.u, &d, "why");
		for (unsigned k = 0; k < DEVICES; k++) {
			bool expected = concerned[i].stopped >> k & 1;

			if (test.stopped[k] != expected)
				fail_msg("descriptor %u, device %u: %d", i, k, test.stopped[k]);
			n += expected;
		}
		counted(stopped, n);
	}
	said("does not execute this: Invalidation Wait: why");
}

static void gone_warn(void **state)
{
	(void)state;
	assert_int_equal(failure_choose("warn"), 0);
	arm(VTD_FAULT_GONE, 0, 0, 0);
	assert_int_equal(page(), -EIO);
	counted(stopped, 0);
	assert_false(test.stopped[0]);
	said("dmar0 does not execute this");
}

static void gone_panic(void **state)
{
	(void)state;
	assert_int_equal(failure_choose("panic"), 0);
	arm(VTD_FAULT_GONE, 0, 0, 0);
	if (!setjmp(test.panicked)) {
		page();
		fail_msg("there was no panic");
	}
	assert_non_null(strstr(test.why, "remapping unit"));
}

static void bad_choice(void **state)
{
	(void)state;
	assert_int_equal(failure_choose("hope"), -EINVAL);
}

/* ---- */

static void measured(void **state)
{
	(void)state;
	calls_measure(true);
	assert_int_equal(page(), 0);
	calls_measure(false);
	assert_true(atomic_long_read(&test.u.counts.longest) >= (long)test.r->tick);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(well),
		T(refused_for_a_while),
		T(refused_for_ever),
		T(unaligned),
		T(responses_are_sent_once),
		T(silent_stop),
		T(silent_warn),
		T(silent_panic),
		T(removed),
		T(stalled),
		T(completion_lost_twice),
		T(gone_stop),
		T(stopped_are_those_concerned),
		T(gone_warn),
		T(gone_panic),
		T(bad_choice),
		T(measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
