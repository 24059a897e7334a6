/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * kinds.h - the invalidations that can be asked of any unit without doing harm: DMA remapping is
 * off, so nothing that they remove from a cache is missed.
 */
#ifndef METAL_KINDS_H
#define METAL_KINDS_H

#include "unit.h"

#define KINDS_MOST 24

struct kinds {
	unsigned n;
	struct qi_desc desc[KINDS_MOST];
};

/*
 * Those of one type that the unit's open queue takes; none of those that need a device to answer.
 */
void kinds_of_type(struct kinds *k, const struct unit *u, unsigned type);
void kinds_of_all(struct kinds *k, const struct unit *u);

/* Why kinds_of_type() gives none for a type that the unit has; NULL if it has not. */
const char *kinds_left_out(const struct unit *u, unsigned type);

#endif
