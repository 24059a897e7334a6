/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* requests.h - the last invalidations that the unit has read, to find out which one was missing. */
#ifndef GUEST_QEMU_REQUESTS_H
#define GUEST_QEMU_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#define REQUESTS 8192 /* many, as a table may be used long after its removal */

struct request {
	uint64_t qw[2], original[2]; /* as the unit has read it, and as it was in the ring */
	uint64_t plant;		     /* the number of the plant; 0: unaltered */
	bool found;
};

struct requests {
	struct request last[REQUESTS];
	uint64_t count;
};

void requests_note(struct requests *r, const uint64_t qw[2], const uint64_t original[2],
		   uint64_t plant);

/*
 * After a stale use of a page, or with `table` of a table: the altered request that it reveals, or
 * NULL. *first: no earlier use has revealed it.
 */
struct request *requests_reveal(struct requests *r, uint16_t did, uint64_t iova, bool table,
				bool *first);

/* The request that is nearest to the missing invalidation, or NULL. */
const struct request *requests_nearest(const struct requests *r, uint16_t did, uint64_t iova);

#endif
