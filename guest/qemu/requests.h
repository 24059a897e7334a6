/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* requests.h - the last invalidations that the unit has read, to say which one was missing. */
#ifndef GUEST_QEMU_REQUESTS_H
#define GUEST_QEMU_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#define REQUESTS 8192 /* a table may be used again long after it has gone */

struct request {
	uint64_t qw[2], original[2]; /* as the unit has read it, and as it was in the ring */
	uint64_t plant;		     /* its number; 0: unaltered */
	bool found;
};

struct requests {
	struct request last[REQUESTS];
	uint64_t count;
};

void requests_note(struct requests *r, const uint64_t qw[2], const uint64_t original[2],
		   uint64_t plant);

/*
 * After the use of a translation that should be gone, or with `table` of a table's: the plant that
 * it reveals, or NULL; *first says that no use has done so before.
 */
struct request *requests_reveal(struct requests *r, uint16_t did, uint64_t iova, bool table,
				bool *first);

/* The invalidation that is closest to the missing one, or NULL. */
const struct request *requests_nearest(const struct requests *r, uint16_t did, uint64_t iova);

#endif
