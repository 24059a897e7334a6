/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* setup.h - a scenario is brought into the machine. */
#ifndef LAB_SETUP_H
#define LAB_SETUP_H

#include "lab.h"

/* What lab_name() was told. */
struct named {
	uintptr_t addr;
	size_t element;
	unsigned count;
	const char *name;
	const char *type; /* of a structure, or NULL */
	const char *(*show)(uint64_t value);
};

#define LAB_NAMES 64

struct setup {
	struct named named[LAB_NAMES];
	unsigned nnamed;
	const char *wrong; /* what lab.h was asked and could not do; NULL: nothing */
};

extern struct setup setup;

/* The youngest name that covers this address, or NULL. */
const struct named *setup_name_of(uintptr_t addr);

/* "q.tail", "status[3]", "numbers+8", "memory at 0x..."; false: the last of these. */
bool setup_describe(uintptr_t addr, char *text, size_t room);

/*
 * Run the scenario's setup, and keep what memory looks like after it, for machine_start(). NULL, or
 * why not.
 */
const char *setup_scenario(const struct lab_scenario *s, const struct lab_params *p);

/* Put memory back to what it was after setup. */
void setup_again(void);

#endif
