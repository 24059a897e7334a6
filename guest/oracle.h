/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * oracle.h - are the translations that devices use those of the tables?
 *
 * A cached translation whose page is mapped to another frame by now is stale: software may give an
 * address to another page only when the invalidation of the old one has completed. One whose page
 * is not mapped any more is a use in the window between unmapping and invalidation, which is legal
 * for a device that has not been told to stop, and counted apart.
 */
#ifndef GUEST_ORACLE_H
#define GUEST_ORACLE_H

#include <device/vtd.h>

#define ORACLE_ENTRIES 8192
#define ORACLE_RECENT 256

struct oracle {
	struct {
		uint64_t stamp, frame;
		int perm;
	} entry[ORACLE_ENTRIES]; /* what the cached entry with this stamp says */
	struct oracle_request {
		uint64_t qw[2], original[2];
		uint64_t plant; /* 0: unaltered */
		bool found;
	} recent[ORACLE_RECENT]; /* the last invalidations that the unit has executed */
	uint64_t requests;
};

struct oracle_page {
	bool present;
	uint64_t frame;
	int perm;
	uint16_t did;
};

enum oracle_use { ORACLE_MISS, ORACLE_HIT, ORACLE_WINDOW, ORACLE_STALE };

/*
 * A device uses the 4 KiB page at `iova`. *page is what the tables say, and becomes what the unit
 * uses.
 */
enum oracle_use oracle_use(struct oracle *o, struct vtd_unit *u, uint64_t iova,
			   struct oracle_page *page);

/* An invalidation has been read, as `qw`; in the ring was `original`. */
void oracle_request(struct oracle *o, const uint64_t qw[2], const uint64_t original[2],
		    uint64_t plant);

/*
 * After a stale use: the plant that it reveals, as nobody has been told of it before, or NULL; and
 * in any case the invalidation that came nearest to what should have been.
 */
struct oracle_request *oracle_reveal(struct oracle *o, uint16_t did, uint64_t iova, bool *new_one);
const struct oracle_request *oracle_nearest(const struct oracle *o, uint16_t did, uint64_t iova);

#endif
