/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * rig.h - a queue and a software unit on one thread, for tests that want to decide everything.
 *
 * The unit works only in relax() and in rig_run(), so a submission stands still until the test lets
 * it go on. Time passes only in relax(). The rig fails the test by itself when the core breaks its
 * contract: a register read or a relax with the lock held, the lock taken twice, a status write
 * outside the status memory.
 */
#ifndef RIG_H
#define RIG_H

/* cmocka wants these first */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <device/vtd.h>
#include <qinval/qi.h>
#include <qinval/regs.h>

#define RIG_RING 0x1000000ULL /* physical */
#define RIG_STATUS 0x2000000ULL
#define RIG_CACHE 512

/* A unit that can do everything the specification lists. */
#define RIG_CAP (VTD_CAP_PSI | 18ULL << VTD_CAP_MAMV_SHIFT | VTD_CAP_DWD | VTD_CAP_DRD)
#define RIG_ECAP                                                                               \
	(VTD_ECAP_C | VTD_ECAP_QI | VTD_ECAP_DT | VTD_ECAP_IR | 15ULL << VTD_ECAP_MHMV_SHIFT | \
	 VTD_ECAP_PRS | 19ULL << VTD_ECAP_PSS_SHIFT | VTD_ECAP_PASID | VTD_ECAP_DIT |          \
	 VTD_ECAP_PDS | VTD_ECAP_SMTS)

struct rig {
	struct qi q;
	struct vtd_unit u;
	struct qi_config cfg; /* change before rig_start() */
	struct vtd_config unit;
	struct qi_host host;
	struct vtd_ops ops;

	struct vtd_entry cache[RIG_CACHE];
	struct qi_stats stats;
	void *ring;
	uint32_t *status;
	struct qi_slot *slot;

	uint64_t seed;	    /* of choose(); 0: always the plainest choice */
	uint64_t laps;	    /* how often the ring has been round when rig_init() is through */
	unsigned steps;	    /* of the unit in each relax(): 1 */
	uint64_t now, tick; /* ns; per relax() */
	int locked, irqs_off;
	unsigned reads, doorbells, flushes;
	unsigned executed[QI_TYPES]; /* what the unit has done, by type */
	unsigned messages;	     /* interrupts sent ... */
	bool interrupts;	     /* ... and delivered to the core, from relax() */
	uint32_t fault_data, completion_data;
	bool fault_pending, completion_pending;
	uint16_t absent;	/* device that device_present() denies; 0: none */
	struct qi_error report; /* the last one */
	unsigned reports;
	void (*on_relax)(struct rig *r); /* a test's hook: another actor */
	void *test;
	struct qi_snapshot snapshot; /* rig_stats() */
};

/*
 * Defaults: everything the unit can do, statistics kept, a small poll budget and time-outs. No
 * memory is zero. $QI_TEST_LAPS, if set, is `laps`.
 */
struct rig *rig_new(unsigned slots, unsigned width);

/* qi_init() and vtd_init(), after changes to cfg, unit, host and ops. */
void rig_init(struct rig *r);
void rig_start(struct rig *r); /* rig_init() and qi_enable() */
void rig_free(struct rig *r);

/* Let the unit work until it is idle, or for so many steps. */
void rig_run(struct rig *r);
void rig_steps(struct rig *r, unsigned n);

/* Position of the next slot to use. */
static inline uint64_t rig_tail(const struct rig *r)
{
	const struct qi *q = &r->q;

	if (q->closed)
		return q->closed - 1;
	return q->base + (uint32_t)((uint32_t)(q->space >> 32) - (uint32_t)q->base);
}

static inline enum qi_mode rig_mode(const struct rig *r)
{
	return (enum qi_mode)(r->q.epoch & 7);
}

/* The counters as a snapshot shows them; taking it reads registers. */
const struct qi_stats *rig_stats(struct rig *r);

/* For tests of units with ECAP.C = 0: host.flush = rig_flush. */
void rig_flush(void *ctx, const void *addr, size_t bytes);

/* Fresh xorshift number from the rig's seed, which must not be 0. */
uint64_t rig_random(struct rig *r);

/* A harmless descriptor that is easy to recognise: IOTLB page, domain 1, address = n pages. */
struct qi_desc rig_desc(unsigned n);

/* The unit refuses rig_desc(n) with this code, once. */
void rig_refuse(struct rig *r, unsigned n, uint8_t iqei);

/* A device of the rig's: 00:01.0 and so on. Its invalidation of one page. */
#define RIG_SID(n) ((uint16_t)((n) << 3))
struct qi_desc rig_ats(unsigned n);
void rig_arm(struct rig *r, enum vtd_fault_kind kind, uint16_t sid, bool no_sid);

/* The queue must be empty, all slots free: nothing has leaked. */
void rig_assert_clean(struct rig *r);

#endif
