/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * pmu.h - the units' own counters. From 6.4 on, Linux shows the counters of a unit as a PMU of the
 * unit's name, dmar0.
 */
#ifndef LIVE_PMU_H
#define LIVE_PMU_H

#include "call.h"

#define PMU_EVENT 32	/* bytes of an event's name, with the final NUL */
#define PMU_COUNTS 2048 /* events of all units; further events are left out */

struct pmu_count {
	char unit[LIVE_UNIT];
	char event[PMU_EVENT]; /* as the kernel calls it: "iotlb_lookup" */
	uint64_t count;	       /* since the last time; extrapolated if the share is below 1 */
	/*
	 * The share of the time in which it was counted: a unit may have fewer counters than
	 * events.
	 */
	double share;
};

struct pmu;

/*
 * @directory: of all PMUs; NULL: the kernel's. Returns NULL if no unit has counters, and *error, of
 * SOURCE_ERROR bytes, is ""; or if they cannot be read, and *error says why.
 */
struct pmu *pmu_open(const char *directory, char *error);
void pmu_close(struct pmu *p);

/*
 * The counts since the last call, or since the opening. Those of one unit are adjacent. @p may be
 * NULL. @to has room for PMU_COUNTS, or is NULL if the counts are not wanted.
 */
unsigned pmu_read(struct pmu *p, struct pmu_count *to);

/*
 * Put the numbers of an event, as "event=0x1,event_group=0x3", into the places that the PMU's
 * formats give them: perf_event_attr.config, .config1, .config2. Returns false if a number has no
 * place.
 */
bool pmu_config(const char *pmu, const char *event, uint64_t config[3]);

#endif
