/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * gather.h - blocks that say the same of the same device, as one: a storm of a million faults is a
 * line. Memory does not depend on how many there are.
 */
#ifndef DECODE_GATHER_H
#define DECODE_GATHER_H

#include "block.h"

#define GATHER_GROUPS 200
#define GATHER_KINDS 32
#define GATHER_OF_KIND 40
#define QI_TYPE_CODES 16

struct group {
	struct block *block; /* the first one */
	uint64_t hash;
	uint64_t types[QI_TYPE_CODES]; /* descriptors, of a trace */
	bool shown;
};

struct gathered {
	struct group group[GATHER_GROUPS];
	unsigned n;
	struct {
		const char *kind;
		unsigned groups;
		uint64_t more; /* that had no room */
	} kind[GATHER_KINDS];
	unsigned kinds;
	bool all; /* blocks were reported one by one, too */
};

/* Takes @b over. */
void gather_add(struct gathered *g, struct block *b);
/* Say of each group what it has become. */
void gather_finish(struct gathered *g);
void gather_clear(struct gathered *g);

#endif
