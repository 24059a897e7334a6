/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* registers.h - a unit's registers in words, and what is wrong with a set of them. */
#ifndef DECODE_REGISTERS_H
#define DECODE_REGISTERS_H

#include "decode.h"

/*
 * What is set in @value: "QI, DT, IRO 0xf0", fields by the specification's names. Returns false,
 * and an empty text, for a register of which nothing is known.
 */
#define REGISTER_TEXT 600
bool register_text(char text[REGISTER_TEXT], const char *name, uint64_t value);

/* There is a register of this name, and it is there. */
bool register_at(const char *name, uint64_t offset);

/* The register at @offset of a unit, and its @width in bits; NULL: there is none. */
const char *register_name_at(uint64_t offset, unsigned *width);

/* What a unit that does not answer reads as. */
bool register_ones(const char *name, uint64_t value);

/* What is judged of one unit's; of the rest only the block knows. */
enum register_name {
	REGISTER_CAP,
	REGISTER_ECAP,
	REGISTER_GSTS,
	REGISTER_FSTS,
	REGISTER_FECTL,
	REGISTER_RTADDR,
	REGISTER_IQH,
	REGISTER_IQT,
	REGISTER_IQA,
	REGISTER_ICS,
	REGISTER_PRS,
	REGISTER_VER,
	REGISTER_IQERCD, /* debugfs does not show it, people read it */
	REGISTERS
};

extern const char *const register_names[REGISTERS];

struct registers {
	bool has[REGISTERS];
	uint64_t value[REGISTERS], line[REGISTERS];
	unsigned ones, read; /* registers that read as all ones; all of them */
};

/* The queue, in bytes; false if not all of it is known, or the unit does not answer. */
struct registers_ring {
	uint64_t bytes, head, tail;
	unsigned each; /* bytes of a descriptor */
};

bool registers_ring(const struct registers *r, struct registers_ring *ring);

/* @name: of the unit, for people. @before: an earlier dump of the same unit, or NULL. */
void registers_check(struct decode *d, const char *name, const struct registers *r,
		     const struct registers *before);

#endif
