/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * pairing.h - calls from the kernel's events, which tell apart that a function was entered, that a
 * descriptor was inserted, and that the function has returned. The one that feeds it does so in the
 * order of the events' times.
 *
 * Events belong together by their task. A task's calls nest only where an interrupt has come
 * between, so the latest call of a task is the one that inserts, and that returns first.
 */
#ifndef LIVE_PAIRING_H
#define LIVE_PAIRING_H

#include "source.h"

#define PAIRING_UNITS 64

/* @tag: what pairing_insert() was given for the call's first descriptor. */
typedef void pairing_fn(void *ctx, const struct live_call *call, uint64_t tag);

/* Where an event was. The idle tasks of all CPUs have the number 0, and stay on their CPUs. */
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
	} unit[PAIRING_UNITS]; /* whose name has been seen */
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

/* The stack of the event before it, of the same task; the innermost address first. */
void pairing_stack(struct pairing *p, const struct pairing_at *at, const uint64_t *frame,
		   unsigned frames);
void pairing_leave(struct pairing *p, const struct pairing_at *at, int ret, uint64_t caller);

/* Events are missing here: what is open may have returned. It is given, as far as it is known. */
void pairing_lost(struct pairing *p);

unsigned pairing_pending(const struct pairing *p, struct live_pending *to, unsigned most);

#endif
