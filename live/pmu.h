/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * pmu.h - what the units count by themselves. Linux, from 6.4 on, shows the counters of a unit that
 * has some as a PMU of the unit's name, dmar0.
 */
#ifndef LIVE_PMU_H
#define LIVE_PMU_H

#include "call.h"

#define PMU_EVENT 32	/* bytes of an event's name, with the final NUL */
#define PMU_COUNTS 2048 /* events of all units; what is beyond that is left out */

struct pmu_count {
	char unit[LIVE_UNIT];
	char event[PMU_EVENT]; /* as the kernel calls it: "iotlb_lookup" */
	uint64_t count;	       /* since the last time, or what it would be with a share of 1 */
	/* The share of the time in which it was counted: units have fewer counters than events. */
	double share;
};

struct pmu;

/*
 * @directory: of all PMUs; NULL: the kernel's. NULL: there is none, and *error is "", or, of
 * SOURCE_ERROR bytes, says why it cannot be had.
 */
struct pmu *pmu_open(const char *directory, char *error);
void pmu_close(struct pmu *p);

/*
 * Since the last time, or the opening. Those of a unit are together. @p may be NULL, and so may
 * @to, of PMU_COUNTS, where they are not wanted.
 */
unsigned pmu_read(struct pmu *p, struct pmu_count *to);

/*
 * The numbers of an event, "event=0x1,event_group=0x3", in the places that the PMU's formats have
 * for them: perf_event_attr.config, .config1, .config2. False: it has no such place.
 */
bool pmu_config(const char *pmu, const char *event, uint64_t config[3]);

#endif
