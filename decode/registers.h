/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* registers.h - a unit's registers in words, and problems of a set of registers. */
#ifndef DECODE_REGISTERS_H
#define DECODE_REGISTERS_H

#include "decode.h"

/*
 * The contents of @value: "QI, DT, IRO 0xf0", with the specification's names. False, and an empty
 * text, for an unknown register.
 */
#define REGISTER_TEXT 600
bool register_text(char text[REGISTER_TEXT], const char *name, uint64_t value);

/* True if there is a register of this name at this offset. */
bool register_at(const char *name, uint64_t offset);

/* The register at @offset of a unit, and its @width in bits; NULL: there is none. */
const char *register_name_at(uint64_t offset, unsigned *width);

/* True if the value is what a unit that does not answer reads as. */
bool register_ones(const char *name, uint64_t value);

/* The registers that are judged; others are only in the block. */
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
	REGISTER_IQERCD, /* debugfs does not show it; users read it by hand */
	REGISTERS
};

extern const char *const register_names[REGISTERS];

struct registers {
	bool has[REGISTERS];
	uint64_t value[REGISTERS], line[REGISTERS];
	unsigned ones, read; /* registers that read as all ones; registers read */
};

/* The queue, in bytes. False: it is not completely known, or the unit does not answer. */
struct registers_ring {
	uint64_t bytes, head, tail;
	unsigned each; /* bytes of a descriptor */
};

bool registers_ring(const struct registers *r, struct registers_ring *ring);

/* @name: the unit's name for messages. @before: an earlier dump of the same unit, or NULL. */
void registers_check(struct decode *d, const char *name, const struct registers *r,
		     const struct registers *before);

#endif
