/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * gather.h - combines blocks that say the same of the same device: a storm of a million faults
 * becomes one line. Memory does not depend on their number.
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
	uint64_t types[QI_TYPE_CODES]; /* descriptors of a trace, by type */
	bool shown;
};

struct gathered {
	struct group group[GATHER_GROUPS];
	unsigned n;
	struct {
		const char *kind;
		unsigned groups;
		uint64_t more; /* groups without room */
	} kind[GATHER_KINDS];
	unsigned kinds;
	bool all; /* blocks were also reported one by one */
};

/* Takes ownership of @b. */
void gather_add(struct gathered *g, struct block *b);
/* Add the totals to each group. */
void gather_finish(struct gathered *g);
void gather_clear(struct gathered *g);

#endif
