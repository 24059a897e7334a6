/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * linux.h - for comparison, the usual algorithm: one lock around everything, and one status word
 * per slot, which software and hardware both write.
 *
 * Written anew from descriptions of its behaviour and of its defects. The numbers are those of
 * tests/history: defect 1 is in the first variant; 2 in the first two; 32, 33, 34 and 43 in all.
 */
#ifndef RIVAL_LINUX_H
#define RIVAL_LINUX_H

#include "ring.h"

enum linux_year {
	LINUX_2023, /* reclaim frees slots that are DONE or ABORT */
	LINUX_2024, /* owners mark their slots FREE, and reclaim frees those */
	LINUX_2026, /* also, after a time-out each slot is checked, not every other one */
};

struct linux_queue {
	struct rival_ring ring; /* a status word for each slot: enum qi_state */
	enum linux_year year;
	unsigned free_head, free_tail, free_count;
};

/* The unit must be enabled. */
void linux_start(struct linux_queue *q, const struct qi_config *cfg, enum linux_year year);

/* Returns 0, -QI_ERR_IQE, or -QI_ERR_DEVICE. Spins, and reads the fault register in each turn. */
int linux_submit_sync(struct linux_queue *q, const struct qi_desc *desc, unsigned count,
		      unsigned options);

#endif
