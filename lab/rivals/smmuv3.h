/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * smmuv3.h - for comparison: insertion without a lock, in the manner of Linux's command queue for
 * Arm's SMMUv3, with VT-d's descriptors.
 *
 * A submitter gets slots by a compare-and-swap of both indices at once. If the doorbell has no
 * owner, the submitter becomes it: when the previous owner has rung, it ends the gathering, waits
 * until all that was gathered is written, and rings for all. A bit for each slot shows that it is
 * written: it is set in one lap of the ring and cleared in the next. Waiters are counted. The last
 * one moves the consumer index, as only then all have seen status words that may be used again. If
 * there are no waiters, a submitter that needs room reads the head register.
 *
 * Differences that VT-d requires: IQT has no wrap bit, so one slot stays free; each submission ends
 * with a wait of its own, whose status is its slot's word. Faults are not handled at all, as they
 * are not compared.
 */
#ifndef RIVAL_SMMUV3_H
#define RIVAL_SMMUV3_H

#include "ring.h"

#define SMMUV3_SLOTS 32768 /* at most */

/* Slot numbers, with the lowest bit of the lap above; in prod also SMMUV3_OWNED. */
union smmuv3_index {
	uint64_t both;
	struct {
		uint32_t prod, cons;
	};
};

#define SMMUV3_OWNED 0x80000000U /* an owner is gathering, and will ring */

/* Words that several CPUs write are in cache lines of their own. */
struct smmuv3_queue {
	struct rival_ring ring;
	_Alignas(64) union smmuv3_index index;
	_Alignas(64) uint32_t rung; /* the doorbell has been rung up to this index */
	int32_t waiters;	    /* negative while the consumer index is read from the unit */
	_Alignas(64) uint64_t valid[SMMUV3_SLOTS / 64];
};

/* The unit must be enabled. */
void smmuv3_start(struct smmuv3_queue *q, const struct qi_config *cfg);

/* Returns 0. At most slots - 2 descriptors. */
int smmuv3_submit_sync(struct smmuv3_queue *q, const struct qi_desc *desc, unsigned count,
		       unsigned options);

#endif
