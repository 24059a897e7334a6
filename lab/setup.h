/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* setup.h - set a scenario up in the machine. */
#ifndef LAB_SETUP_H
#define LAB_SETUP_H

#include "lab.h"

/* The arguments of lab_name(). */
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
	const char *wrong; /* a wrong use of lab.h; NULL: none */
};

extern struct setup setup;

/* The latest name that covers this address, or NULL. */
const struct named *setup_name_of(uintptr_t addr);

/* "q.tail", "status[3]", "numbers+8"; or "memory at 0x...", and false. */
bool setup_describe(uintptr_t addr, char *text, size_t room);

/*
 * Run the scenario's setup(), and keep the contents of memory for setup_again(). Returns NULL, or
 * why it failed.
 */
const char *setup_scenario(const struct lab_scenario *s, const struct lab_params *p);

/* Restore memory as it was after setup(). */
void setup_again(void);

#endif
