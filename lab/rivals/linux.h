/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * linux.h - the usual algorithm, for comparison: one lock around everything, one status word per
 * slot for software and hardware alike.
 *
 * Written anew from descriptions of its behaviour and of its defects. The numbers are those of the
 * project's bug history: 1 in the first variant; 2 in the first two; 32, 33, 34 and 43 in all.
 */
#ifndef RIVAL_LINUX_H
#define RIVAL_LINUX_H

#include "ring.h"

enum linux_year {
	LINUX_2023, /* reclaim frees what is DONE, or ABORT */
	LINUX_2024, /* owners mark their slots FREE, and reclaim frees these */
	LINUX_2026, /* and after a time-out each slot is looked at, not every other one */
};

struct linux_queue {
	struct rival_ring ring; /* a status word a slot: enum qi_state */
	enum linux_year year;
	unsigned free_head, free_tail, free_count;
};

/* In an enabled unit. */
void linux_start(struct linux_queue *q, const struct qi_config *cfg, enum linux_year year);

/* 0, -QI_ERR_IQE, or -QI_ERR_DEVICE. Spins, with the fault register read in each turn. */
int linux_submit_sync(struct linux_queue *q, const struct qi_desc *desc, unsigned count,
		      unsigned options);

#endif
