/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * oracle.h - checks the unit's caches when an invalidation is judged.
 *
 * Before the submission the unit or a device uses a translation that the descriptor covers, which
 * is then cached. From then on its table entry counts as changed. After success device/stale.c
 * decides whether a use of it would be stale. Which entries a descriptor covers is computed here
 * independently, so that a unit that removes too few is not judged by its own rules.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <hosts/threads.h>

struct oracle_touch {
	struct vtd_entry entry;
	bool touched; /* false: the descriptor is of a type that removes nothing */
};

uint64_t random_next(uint64_t *state);

/* Choose an entry that the valid descriptor @d removes, and let it be cached. */
struct oracle_touch oracle_touch(struct threads_host *h, const struct qi_desc *d, uint64_t *random);

/* After success: true if the entry, or what had its place, is still cached. */
bool oracle_stale(struct threads_host *h, const struct oracle_touch *t);

#endif
