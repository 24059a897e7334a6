/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* flush_rig.h - a rig whose unit is quick, and what a call has put into its ring. */
#ifndef FLUSH_RIG_H
#define FLUSH_RIG_H

#include "rig.h"

#define SLOTS 256

static inline struct rig *flush_start(unsigned width, uint64_t cap)
{
	struct rig *r = rig_new(SLOTS, width);

	r->cfg.cap = r->unit.cap = cap;
	r->steps = 64;
	rig_start(r);
	return r;
}

/* As it stands in the ring, `back` slots before the next free one. */
static inline struct qi_desc flush_in_ring(const struct rig *r, unsigned back)
{
	unsigned slot = (unsigned)((rig_tail(r) - back) & r->q.mask);
	const uint64_t *at = (const uint64_t *)r->ring + slot * (r->cfg.width / 64);
	struct qi_desc d = { at[0], at[1], 0, 0 };

	if (r->cfg.width == 256) {
		d.qw2 = at[2];
		d.qw3 = at[3];
	}
	return d;
}

/*
 * The call has put these two quadwords, and one wait behind them, into the ring; and executed them.
 */
static inline void flush_put(struct rig *r, int ret, uint64_t qw0, uint64_t qw1)
{
	struct qi_desc d = flush_in_ring(r, 2), wait = flush_in_ring(r, 1);

	assert_int_equal(ret, 0);
	assert_int_equal(d.qw0, qw0);
	assert_int_equal(d.qw1, qw1);
	assert_int_equal(d.qw2 | d.qw3, 0);
	assert_int_equal(wait.qw0 & 0xffffffff, QI_IWD_TYPE | QI_IWD_SW);
	assert_int_equal(r->executed[qw0 & 0xf], 1);
	assert_int_equal(r->doorbells, 1);
	r->executed[qw0 & 0xf] = r->doorbells = 0;
}

#endif
