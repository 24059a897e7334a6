/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The random test turns the queue off and on, and resets it. */
#include "test_random.h"

#include <string.h>

unsigned fuzz_count_live(const struct fuzz *f)
{
	unsigned i, n = 0;

	for (i = 0; i < SUBS; i++)
		n += f->sub[i].live;
	return n;
}

/* The queue is empty: an owner that has not looked yet finds the outcome at once. */
static void collect_all(struct fuzz *f)
{
	unsigned i;
	int ret;

	for (i = 0; i < SUBS; i++) {
		if (!f->sub[i].live || &f->sub[i] == f->busy)
			continue;
		ret = qi_poll(&f->r->q, &f->sub[i].t);
		assert_int_not_equal(ret, QI_PENDING);
		fuzz_collect(f, &f->sub[i], ret);
	}
}

static bool stalled(const struct vtd_unit *u)
{
	unsigned i;

	for (i = 0; i < u->nfault; i++) {
		if (u->fault[i].kind == VTD_FAULT_STALL)
			return true;
	}
	return false;
}

/* What was wrong with the unit before does not excuse what comes now. */
static void back_on(struct fuzz *f)
{
	struct causes *c = &f->cause;
	unsigned i;

	c->killed = false;
	c->stalled = stalled(&f->r->u);
	c->gone = f->r->u.gone;
	memset(f->completed, 0, sizeof(f->completed));
	for (i = 0; i < SUBS; i++)
		f->sub[i].simple = false;
}

static void turn_off(struct fuzz *f)
{
	struct qi *q = &f->r->q;
	const struct vtd_unit *u = &f->r->u;
	unsigned live = fuzz_count_live(f);
	bool busy = u->npending || u->nlate || u->iqh != u->iqt;
	bool suspend = fuzz_one_in(f, 2);
	enum qi_mode mode = rig_mode(f->r);
	int ret = suspend ? qi_suspend(q) : qi_disable(q);

	fuzz_say(f, "%s: %s", suspend ? "suspend" : "disable", qi_strerror(ret));
	if (mode != QI_MODE_ON) {
		assert_int_equal(ret, mode == QI_MODE_DEAD ? q->dead : -QI_ERR_INVALID);
	} else if (!ret) {
		assert_int_equal(rig_mode(f->r), suspend ? QI_MODE_SUSPENDED : QI_MODE_OFF);
		collect_all(f);
		assert_false(f->r->u.gsts & VTD_GSTS_QIES);
	} else if (ret == -QI_ERR_BUSY) {
		/*
		 * The last one may have left while the call was about to; or a device has not
		 * answered what was given up; or the status writes of the call's own waits are
		 * lost, or late, or a doorbell, as the unit was gone; or the core cannot tell
		 * whether an owner is still to look.
		 */
		assert_true(live || busy || f->cause.lost || f->cause.tardy || f->cause.gone ||
			    f->cause.overwritten);
		assert_int_equal(rig_mode(f->r), QI_MODE_ON);
	} else {
		judge_death(f, ret);
		assert_int_equal(rig_mode(f->r), QI_MODE_DEAD);
	}
}

void fuzz_turn_on(struct fuzz *f)
{
	struct qi *q = &f->r->q;
	enum qi_mode mode = rig_mode(f->r);
	int ret;

	if (mode == QI_MODE_SUSPENDED && fuzz_one_in(f, 2)) {
		struct vtd_fault fault[VTD_FAULTS];
		unsigned n = f->r->u.nfault;

		fuzz_say(f, "the unit loses power");
		memcpy(fault, f->r->u.fault, sizeof(fault));
		assert_true(vtd_init(&f->r->u, &f->r->unit));
		while (n--)
			vtd_fault_arm(&f->r->u, &fault[n]);
	}
	ret = mode == QI_MODE_SUSPENDED ? qi_resume(q) : qi_enable(q);
	fuzz_say(f, "%s: %s", mode == QI_MODE_SUSPENDED ? "resume" : "enable", qi_strerror(ret));
	if (mode == QI_MODE_OFF || mode == QI_MODE_SUSPENDED) {
		if (!ret)
			back_on(f);
		else
			assert_true(ret == -QI_ERR_GONE && f->r->u.gone);
	} else {
		assert_int_equal(ret, mode == QI_MODE_DEAD ? -QI_ERR_DEAD : -QI_ERR_INVALID);
	}
}

void fuzz_reset(struct fuzz *f)
{
	unsigned live = fuzz_count_live(f);
	struct qi *q = &f->r->q;
	enum qi_mode mode = rig_mode(f->r);
	bool off = mode == QI_MODE_OFF || mode == QI_MODE_SUSPENDED;
	int ret;

	f->cause.killed |= !off;
	ret = qi_reset(q);
	fuzz_say(f, "reset: %s", qi_strerror(ret));
	if (off) {
		assert_int_equal(ret, -QI_ERR_INVALID);
		assert_int_equal(rig_mode(f->r), mode);
	} else if (!ret) {
		collect_all(f);
		back_on(f);
	} else {
		assert_int_equal(rig_mode(f->r), QI_MODE_DEAD);
		if (ret == -QI_ERR_BUSY)
			assert_true(live);
		else if (ret == -QI_ERR_GONE)
			assert_true(f->r->u.gone);
		else /* a device keeps the unit from letting go of the queue */
			assert_true(ret == -QI_ERR_TIMEOUT && f->cause.late);
	}
}

void fuzz_change_mode(struct fuzz *f)
{
	f->in_life = true;
	switch (rig_mode(f->r)) {
	case QI_MODE_ON:
		if (fuzz_one_in(f, 4))
			fuzz_reset(f);
		else if (fuzz_one_in(f, 8))
			fuzz_turn_on(f);
		else
			turn_off(f);
		break;
	case QI_MODE_DEAD:
		if (fuzz_one_in(f, 4))
			fuzz_turn_on(f);
		else if (fuzz_one_in(f, 4))
			turn_off(f);
		else
			fuzz_reset(f);
		break;
	default:
		if (fuzz_one_in(f, 8))
			fuzz_reset(f);
		else
			fuzz_turn_on(f);
	}
	f->in_life = false;
}
