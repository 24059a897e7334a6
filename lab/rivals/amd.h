/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * amd.h - one lock, and one word that says how far the unit has come, for comparison: in the manner
 * of drivers for AMD's unit, on VT-d's descriptors.
 *
 * Each submission gets the next number. Its wait stores that number in the one status word, and its
 * owner waits, without the lock, until the word is there or further. Slots are free again when the
 * head register has passed them; it is read, under the lock, only when there seem to be too few.
 *
 * The waits are fences, as VT-d might otherwise store an older number after a newer one. Where the
 * original rings the doorbell for each command, this one does so once for a submission. Faults are
 * not handled at all: that is not what is compared.
 */
#ifndef RIVAL_AMD_H
#define RIVAL_AMD_H

#include "ring.h"

struct amd_queue {
	struct rival_ring ring; /* only the first status word is used */
	unsigned head, tail;
	uint32_t number; /* of the newest submission */
};

/* In an enabled unit. */
void amd_start(struct amd_queue *q, const struct qi_config *cfg);

/* 0. At most slots - 2 descriptors. */
int amd_submit_sync(struct amd_queue *q, const struct qi_desc *desc, unsigned count,
		    unsigned options);

#endif
