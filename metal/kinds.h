/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * kinds.h - invalidations that may be sent to any unit without harm: DMA remapping is off, so it
 * does not matter what they remove from a cache.
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
 * The invalidations of one type that the unit's open queue accepts, except for those that a device
 * has to answer.
 */
void kinds_of_type(struct kinds *k, const struct unit *u, unsigned type);
void kinds_of_all(struct kinds *k, const struct unit *u);

/*
 * Why kinds_of_type() gives none for a type that the unit supports; NULL if it does not support the
 * type.
 */
const char *kinds_left_out(const struct unit *u, unsigned type);

#endif
