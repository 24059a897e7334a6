/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * smmuv3.h - insertion without a lock, for comparison: in the manner of Linux's command queue for
 * Arm's SMMUv3, on VT-d's descriptors.
 *
 * Slots are had by a compare-and-swap of both indices at once. A submitter that finds no owner
 * of the doorbell becomes it: once the owner before has rung, it ends the gathering, waits until
 * all that was gathered is written, and rings for all. What is written is a bit for each slot, set
 * in one lap of the ring and cleared in the next. Waiters are counted; the last of them moves the
 * consumer index, as only then has everybody seen a status word that may be used again. Where
 * nobody waits, whoever needs room reads the head register.
 *
 * It differs where VT-d does: IQT has no wrap bit, so that one slot stays free; each submission
 * ends with a wait of its own, whose status is its slot's word; and faults are not handled at all,
 * which is not what is compared.
 */
#ifndef RIVAL_SMMUV3_H
#define RIVAL_SMMUV3_H

#include "ring.h"

#define SMMUV3_SLOTS 32768 /* at most */

/* Slot numbers, with the lap's lowest bit above; of prod also SMMUV3_OWNED. */
union smmuv3_index {
	uint64_t both;
	struct {
		uint32_t prod, cons;
	};
};

#define SMMUV3_OWNED 0x80000000U /* somebody gathers, and will ring */

/* What many write is in lines of its own. */
struct smmuv3_queue {
	struct rival_ring ring;
	_Alignas(64) union smmuv3_index index;
	_Alignas(64) uint32_t rung; /* the doorbell has been rung up to here */
	int32_t waiters;	    /* negative while the consumer index is read from the unit */
	_Alignas(64) uint64_t valid[SMMUV3_SLOTS / 64];
};

/* In an enabled unit. */
void smmuv3_start(struct smmuv3_queue *q, const struct qi_config *cfg);

/* 0. At most slots - 2 descriptors. */
int smmuv3_submit_sync(struct smmuv3_queue *q, const struct qi_desc *desc, unsigned count,
		       unsigned options);

#endif
