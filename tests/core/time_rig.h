/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * time_rig.h - a rig whose unit works when the test says, for tests of how long calls take: each
 * row of the table in qi.h is reached, within a tenth, and none is exceeded. The clock is the
 * rig's.
 */
#ifndef TIME_RIG_H
#define TIME_RIG_H

#include "rig.h"

#define HOUR_NS 3600000000000ULL
#define MS 1000000ULL

/* The state of the running test; time_make() clears it. */
extern struct time_test {
	uint64_t began;
	uint64_t work_at; /* when the unit is to work again; it stands still until then */
	uint64_t period;  /* and how much later the next time; 0: from then on in each turn */
	void (*worked)(struct rig *r);

	/* GCMD takes effect so much later; UINT64_MAX: never. By the n-th write of it. */
	uint64_t delay[4];
	unsigned writes;
	uint64_t gcmd, effect_at;
	struct qi_host host;

	struct qi_ticket t[16];
	struct qi_desc d[64];
	unsigned n;
	unsigned countdown; /* turns until the clock jumps; 0: it does not */
} test;

static inline uint64_t t_ns(const struct rig *r)
{
	return r->q.cfg.timeout_ns;
}

static inline uint64_t a_ns(const struct rig *r)
{
	return r->q.cfg.ats_timeout_ns;
}

/* time_start(): and rig_start(). */
struct rig *time_make(unsigned slots);
struct rig *time_start(unsigned slots);

/* The rig's hook, for a hook of a test's own to call. */
void time_on_relax(struct rig *r);

/* Time is taken from here on. */
static inline void time_begin(struct rig *r)
{
	test.began = r->now;
}

/* It took `most`, or up to a tenth less, and some turns of the wait loop at most more. */
static inline void time_took(const struct rig *r, uint64_t most)
{
	assert_in_range(r->now - test.began, most - most / 10, most + 64 * r->tick);
}

static inline void time_took_no_more(const struct rig *r, uint64_t most)
{
	assert_in_range(r->now - test.began, 0, most + 64 * r->tick);
}

void time_arm(struct rig *r, enum vtd_fault_kind kind, uint16_t sid, uint32_t count);

/* Its owner may be the first to find out, or the one who watches the head. */
static inline void assert_standing(int err)
{
	assert_true(err == -QI_ERR_DEAD || err == -QI_ERR_TIMEOUT);
}

#endif
