/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * pairing.h - builds calls from the kernel's events, which report separately that a function was
 * entered, that a descriptor was inserted, and that the function has returned. Events have to be
 * passed in the order of their times.
 *
 * Events belong together if they have the same task. The calls of a task overlap only if an
 * interrupt handler has submitted during a call. So an insertion or a return belongs to the task's
 * latest call.
 */
#ifndef LIVE_PAIRING_H
#define LIVE_PAIRING_H

#include "source.h"

#define PAIRING_UNITS 64

/* @tag: the argument of pairing_insert() for the call's first descriptor. */
typedef void pairing_fn(void *ctx, const struct live_call *call, uint64_t tag);

/*
 * The place and time of an event. The idle tasks of all CPUs have the number 0, but each stays on
 * its CPU.
 */
struct pairing_at {
	uint64_t ns;
	uint32_t pid, cpu;
};

struct pairing_open;

struct pairing {
	pairing_fn *fn;
	void *ctx;
	bool probed; /* entries and returns are among the events */
	struct pairing_open *open;
	unsigned count, room;
	struct {
		uint64_t iommu;
		char name[LIVE_UNIT];
	} unit[PAIRING_UNITS]; /* units whose names have been seen */
	unsigned units;
	uint64_t untimed; /* calls whose entry or return is not among the events */
};

void pairing_init(struct pairing *p, pairing_fn *fn, void *ctx);
void pairing_free(struct pairing *p);

/* False: out of memory. @iommu: the unit's address in the kernel. */
bool pairing_enter(struct pairing *p, const struct pairing_at *at, uint64_t iommu, uint32_t count,
		   uint64_t options);

/* @unit may be too long for a name, and is cut then. */
void pairing_insert(struct pairing *p, const struct pairing_at *at, const char *unit,
		    const struct live_desc *d, uint64_t tag);

/* The stack at the previous event of the same task; the innermost address first. */
void pairing_stack(struct pairing *p, const struct pairing_at *at, const uint64_t *frame,
		   unsigned frames);
void pairing_leave(struct pairing *p, const struct pairing_at *at, int ret, uint64_t caller);

/*
 * Events are missing here, so calls under way may have returned. They are reported with what is
 * known of them.
 */
void pairing_lost(struct pairing *p);

unsigned pairing_pending(const struct pairing *p, struct live_pending *to, unsigned most);

#endif
