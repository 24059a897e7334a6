/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * oracle.h - what of a unit's caches is looked at when an invalidation is judged.
 *
 * Before the submission the unit, or a device, uses a translation that the descriptor covers, which
 * caches it. From then on its table entry counts as changed. After success device/stale.c says
 * whether a use of it would be stale. Which entries a descriptor covers is worked out here anew, so
 * that a unit which removes too little is not judged by its own measure.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <hosts/threads.h>

struct oracle_touch {
	struct vtd_entry entry;
	bool touched; /* false: the descriptor is of a kind that removes nothing */
};

uint64_t random_next(uint64_t *state);

/* Choose an entry that @d, a valid descriptor, removes, and have it cached. */
struct oracle_touch oracle_touch(struct threads_host *h, const struct qi_desc *d, uint64_t *random);

/* After success: is the entry, or what was in its place then, still cached? */
bool oracle_stale(struct threads_host *h, const struct oracle_touch *t);

#endif
