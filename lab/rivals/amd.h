/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * amd.h - for comparison: one lock, and one word that shows how far the unit has come, in the
 * manner of drivers for AMD's unit, with VT-d's descriptors.
 *
 * Each submission gets the next number. Its wait stores that number in the one status word, and its
 * submitter waits, without the lock, until the word has reached it. Slots are free again when the
 * head register has passed them. The register is read, under the lock, only when there seem to be
 * too few free slots.
 *
 * The waits are fences (FN), as VT-d might otherwise store an older number after a newer one. The
 * original rings the doorbell for each command; this one rings once a submission. Faults are not
 * handled at all, as they are not compared.
 */
#ifndef RIVAL_AMD_H
#define RIVAL_AMD_H

#include "ring.h"

struct amd_queue {
	struct rival_ring ring; /* only the first status word is used */
	unsigned head, tail;
	uint32_t number; /* of the newest submission */
};

/* The unit must be enabled. */
void amd_start(struct amd_queue *q, const struct qi_config *cfg);

/* Returns 0. At most slots - 2 descriptors. */
int amd_submit_sync(struct amd_queue *q, const struct qi_desc *desc, unsigned count,
		    unsigned options);

#endif
