/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* load.h - a shared object with scenarios, and the driver that they try. */
#ifndef LAB_LOAD_H
#define LAB_LOAD_H

#include "lab.h"
#include "memory.h"

struct engine;	   /* engine.h */
struct timed_load; /* timed/load.h */

struct loaded {
	const struct lab_scenario *scenarios; /* ends with one without name */
	const struct engine *engines;	      /* the same; NULL: it has none to choose from */
	const struct timed_load *load;	      /* what CPUs do in a simulation; NULL: nothing */
	struct lab_range variables[LAB_RANGES];
	unsigned nvariables;
	const char *path;
	uintptr_t base; /* what its addresses are relative to */
	bool thread_local;
	const uint8_t *assembly; /* a fence, or a locked instruction, of which nobody tells; NULL */
};

/* NULL, or why not, for a person to read. One object a process. */
const char *load_object(const char *path, struct loaded *out);

#endif
