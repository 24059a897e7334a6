/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What happens at the worst moment: between two accesses, between a look and the lock. */
#include "rig.h"

#include <string.h>

#define SLOTS 8

static struct {
	unsigned countdown; /* accesses until the unit vanishes; 0: it stays */
	bool happened;
	bool deaf;			/* writes of GCMD are lost */
	void (*at_lock)(struct rig *r); /* once, before the lock is taken or slots are */
	struct qi_host host;		/* the rig's own */
} moment;

static void tick(struct rig *r)
{
	if (!moment.countdown || --moment.countdown)
		return;
	moment.happened = true;
	rig_arm(r, VTD_FAULT_GONE, 0, false);
}

static uint32_t read32(void *ctx, unsigned reg)
{
	tick(ctx);
	return moment.host.read32(ctx, reg);
}

static uint64_t read64(void *ctx, unsigned reg)
{
	tick(ctx);
	return moment.host.read64(ctx, reg);
}

static void write32(void *ctx, unsigned reg, uint32_t value)
{
	tick(ctx);
	if (!moment.deaf || reg != DMAR_GCMD_REG)
		moment.host.write32(ctx, reg, value);
}

static void write64(void *ctx, unsigned reg, uint64_t value)
{
	tick(ctx);
	moment.host.write64(ctx, reg, value);
}

static unsigned long lock(void *ctx)
{
	void (*at_lock)(struct rig * r) = moment.at_lock;

	moment.at_lock = NULL;
	if (at_lock)
		at_lock(ctx);
	return moment.host.lock(ctx);
}

/* Where the ticketed engine begins to insert. */
static unsigned long irq_save(void *ctx)
{
	void (*at_lock)(struct rig * r) = moment.at_lock;

	moment.at_lock = NULL;
	if (at_lock)
		at_lock(ctx);
	return moment.host.irq_save(ctx);
}

static struct rig *make(void)
{
	struct rig *r = rig_new(SLOTS, 128);

	memset(&moment, 0, sizeof(moment));
	moment.host = r->host;
	r->host.read32 = read32;
	r->host.read64 = read64;
	r->host.write32 = write32;
	r->host.write64 = write64;
	r->host.lock = lock;
	r->host.irq_save = irq_save;
	r->cfg.poll_budget = 2;
	return r;
}

/* ---- a unit that vanishes ---- */

static int life_of_a_queue(struct rig *r)
{
	struct qi_desc d[2] = { rig_ats(1), rig_desc(1) };
	int err = qi_enable(&r->q);

	if (err)
		return err;
	rig_refuse(r, 1, VTD_IQEI_TYPE);
	rig_arm(r, VTD_FAULT_WRONG, RIG_SID(1), false);
	err = qi_submit_sync(&r->q, d, 1, 0);
	if (err != -QI_ERR_DEVICE)
		return err;
	err = qi_submit_sync(&r->q, d + 1, 1, 0);
	if (err != -QI_ERR_IQE)
		return err;
	err = qi_suspend(&r->q);
	if (!err)
		err = qi_resume(&r->q);
	if (!err)
		err = qi_reset(&r->q);
	return err ? err : qi_disable(&r->q);
}

/* A write that is lost shows only as something that does not happen. */
static bool vanished(int err)
{
	return err == -QI_ERR_GONE || err == -QI_ERR_DEAD || err == -QI_ERR_TIMEOUT;
}

/* At each single register access of a queue's life: it ends in an error, in bounded time. */
static void a_unit_may_vanish_at_any_access(void **state)
{
	unsigned n, left_on;

	(void)state;
	for (left_on = 0; left_on <= 1; left_on++) {
		for (n = 1;; n++) {
			struct rig *r = make();
			int err;

			r->cfg.cap = r->cfg.ecap = 0; /* read, too */
			r->cfg.retries = 1;
			rig_init(r);
			if (left_on)
				vtd_write(&r->u, DMAR_GCMD_REG, VTD_GCMD_QIE, 4);
			moment.countdown = n;
			err = life_of_a_queue(r);
			assert_true(r->now < 20 * r->cfg.ats_timeout_ns);
			if (!moment.happened) {
				assert_int_equal(err, 0);
				rig_free(r);
				break;
			}
			assert_true(vanished(err));
			/* And it comes back, as new. */
			moment.countdown = 0;
			assert_true(vtd_init(&r->u, &r->unit));
			err = rig_mode(r) == QI_MODE_SUSPENDED ? qi_resume(&r->q)
			      : rig_mode(r) == QI_MODE_OFF     ? qi_enable(&r->q)
							       : qi_reset(&r->q);
			assert_int_equal(err, 0);
			rig_assert_clean(r);
			rig_free(r);
		}
		assert_in_range(n, 50, 1000);
	}
}

/* ---- between the look and the lock ---- */

static void queue_dies(struct rig *r)
{
	rig_arm(r, VTD_FAULT_GONE, 0, false);
	qi_fault_interrupt(&r->q);
	assert_int_equal(rig_mode(r), QI_MODE_DEAD);
}

static void a_queue_that_dies_at_that_moment_takes_nothing(void **state)
{
	struct rig *r = make();
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	moment.at_lock = queue_dies;
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), -QI_ERR_GONE);
	assert_int_equal(t.error.code, -QI_ERR_GONE);
	assert_int_equal(r->doorbells, 0);
	rig_free(r);
}

static void queue_is_turned_off(struct rig *r)
{
	assert_int_equal(qi_disable(&r->q), 0);
}

static void a_queue_that_is_turned_off_at_that_moment_takes_nothing(void **state)
{
	struct rig *r = make();
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	moment.at_lock = queue_is_turned_off;
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &t), -QI_ERR_OFF);
	assert_int_equal(rig_tail(r), r->q.head);
	rig_free(r);
}

/* One who waits for space is about to look for some. */
static void a_queue_that_dies_is_not_pumped(void **state)
{
	struct rig *r = make();
	struct qi_desc d[6];
	struct qi_ticket t[2];
	unsigned i;

	(void)state;
	for (i = 0; i < 6; i++)
		d[i] = rig_desc(i);
	rig_start(r);
	for (i = 0; i < 2; i++)
		assert_int_equal(qi_submit(&r->q, d, 6, 0, &t[i]), 0);
	rig_run(r);
	assert_int_equal(qi_poll(&r->q, &t[0]), 0);
	r->doorbells = 0;
	assert_int_equal(qi_poll(&r->q, &t[1]), QI_PENDING);
	moment.at_lock = queue_dies;
	assert_int_equal(qi_poll(&r->q, &t[1]), QI_PENDING);
	assert_int_equal(r->doorbells, 0);
	assert_int_equal(qi_poll(&r->q, &t[1]), -QI_ERR_GONE);
	rig_free(r);
}

/* ---- others ---- */

/*
 * Other software writes IQT, and the unit finds descriptors that no submission has put there. The
 * last submission is not blamed.
 */
static void a_tail_that_is_not_ours_is_survived(void **state)
{
	struct rig *r = make();
	struct qi_desc d = rig_desc(1);

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	vtd_write(&r->u, DMAR_IQT_REG, 5 * 16, 8);
	rig_run(r);
	assert_true(r->u.fsts & VTD_FSTS_IQE);
	qi_fault_interrupt(&r->q);
	assert_int_equal(r->u.fsts & VTD_FSTS_QI, 0);
	assert_int_equal(r->u.iqt, r->u.iqh);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	rig_assert_clean(r);
	rig_free(r);
}

/* There are tries left, but the owner comes back so late that the call has had its time. */
static void retries_end_when_time_is_up(void **state)
{
	struct rig *r = make();
	struct qi_desc d = rig_ats(1);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	rig_run(r);
	qi_fault_interrupt(&r->q);
	assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
	rig_run(r);
	qi_fault_interrupt(&r->q);
	r->now += 6 * r->cfg.ats_timeout_ns;
	/*
	 * The whole machine may have stood still. So the submission is tried once more, but not
	 * twice.
	 */
	assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
	rig_run(r);
	qi_fault_interrupt(&r->q);
	r->now += r->cfg.timeout_ns;
	assert_int_equal(qi_poll(&r->q, &t), -QI_ERR_TIMEOUT);
	assert_int_equal(r->stats.retries, 2);
	rig_assert_clean(r);
	rig_free(r);
}

static void nobody_needs_to_be_told(void **state)
{
	struct rig *r = make();
	struct qi_desc d = rig_ats(1);

	(void)state;
	r->host.report = NULL;
	rig_start(r);
	rig_arm(r, VTD_FAULT_WRONG, RIG_SID(1), false);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_DEVICE);
	queue_dies(r);
	assert_int_equal(r->reports, 0);
	rig_free(r);
}

static void a_unit_without_scalable_mode_has_no_such_tables(void **state)
{
	struct rig *r = make();

	(void)state;
	r->cfg.ecap = r->unit.ecap = RIG_ECAP & ~VTD_ECAP_SMTS;
	/* The bits mean something else there. */
	rig_init(r);
	vtd_write(&r->u, DMAR_RTADDR_REG, VTD_TTM_SCALABLE << 10, 8);
	assert_int_equal(qi_enable(&r->q), 0);
	rig_assert_clean(r);
	rig_free(r);
}

/* It has only what its other register says. */
static void a_unit_without_any_cap_is_driven_all_the_same(void **state)
{
	struct rig *r = make();
	struct qi_desc page = rig_desc(1), all = qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0);

	(void)state;
	r->cfg.cap = r->unit.cap = 0;
	rig_start(r);
	assert_int_equal(qi_submit_sync(&r->q, &page, 1, 0), -QI_ERR_DESC);
	assert_int_equal(qi_submit_sync(&r->q, &all, 1, 0), 0);
	rig_free(r);
}

/* ---- units that do not obey ---- */

/* Firmware's queue, which stands still without an error. */
static void a_queue_left_on_that_does_not_move_is_turned_off(void **state)
{
	struct rig *r = make();
	struct qi_desc d = rig_desc(1);

	(void)state;
	rig_init(r);
	vtd_write(&r->u, DMAR_IQA_REG, RIG_RING, 8);
	vtd_write(&r->u, DMAR_GCMD_REG, VTD_GCMD_QIE, 4);
	rig_arm(r, VTD_FAULT_STALL, 0, false);
	vtd_write(&r->u, DMAR_IQT_REG, 16, 8);
	assert_int_equal(qi_enable(&r->q), 0);
	assert_true(r->now > r->cfg.timeout_ns);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void a_unit_that_stays_on_is_dead(void **state)
{
	struct rig *r = make();

	(void)state;
	rig_start(r);
	moment.deaf = true;
	assert_int_equal(qi_disable(&r->q), -QI_ERR_DEAD);
	assert_int_equal(qi_reset(&r->q), -QI_ERR_TIMEOUT);
	assert_int_equal(rig_mode(r), QI_MODE_DEAD);
	moment.deaf = false;
	assert_int_equal(qi_reset(&r->q), 0);
	rig_assert_clean(r);
	rig_free(r);
}

/* Other software has switched to scalable mode meanwhile, in which this width does not exist. */
static void a_reset_checks_the_unit_anew(void **state)
{
	struct rig *r = make();

	(void)state;
	rig_start(r);
	vtd_write(&r->u, DMAR_RTADDR_REG, VTD_TTM_SCALABLE << 10, 8);
	assert_int_equal(qi_reset(&r->q), -QI_ERR_INVALID);
	assert_int_equal(rig_mode(r), QI_MODE_DEAD);
	rig_free(r);
}

/* ---- while the queue is being turned off ---- */

static struct qi_ticket ticket;

static void poll_now_and_then(struct rig *r)
{
	struct qi_snapshot s = { .slot = NULL };

	qi_snapshot(&r->q, &s);
	if (s.mode == QI_MODE_DRAINING && r->now / 1000 % 50 == 0)
		qi_poll(&r->q, &ticket);
}

/* Its owner has its time to look from when there is something to see. */
static void the_owner_of_a_slow_one_is_not_rushed(void **state)
{
	struct vtd_fault f = { .kind = VTD_FAULT_LATE, .sid = RIG_SID(1), .count = 1 };
	struct rig *r = make();
	struct qi_desc d = rig_ats(1);

	(void)state;
	rig_start(r);
	f.steps = (uint32_t)(r->cfg.timeout_ns / r->tick) * 3 / 2;
	assert_true(vtd_fault_arm(&r->u, &f));
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &ticket), 0);
	r->on_relax = poll_now_and_then;
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(ticket.error.code, 0);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unit_may_vanish_at_any_access),
		cmocka_unit_test(a_queue_that_dies_at_that_moment_takes_nothing),
		cmocka_unit_test(a_queue_that_is_turned_off_at_that_moment_takes_nothing),
		cmocka_unit_test(a_queue_that_dies_is_not_pumped),
		cmocka_unit_test(a_tail_that_is_not_ours_is_survived),
		cmocka_unit_test(retries_end_when_time_is_up),
		cmocka_unit_test(nobody_needs_to_be_told),
		cmocka_unit_test(a_unit_without_scalable_mode_has_no_such_tables),
		cmocka_unit_test(a_unit_without_any_cap_is_driven_all_the_same),
		cmocka_unit_test(a_queue_left_on_that_does_not_move_is_turned_off),
		cmocka_unit_test(a_unit_that_stays_on_is_dead),
		cmocka_unit_test(a_reset_checks_the_unit_anew),
		cmocka_unit_test(the_owner_of_a_slow_one_is_not_rushed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
