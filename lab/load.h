/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* load.h - loads a shared object with scenarios and the driver under test. */
#ifndef LAB_LOAD_H
#define LAB_LOAD_H

#include "lab.h"
#include "memory.h"

struct engine;	   /* engine.h */
struct timed_load; /* timed/load.h */

struct loaded {
	const struct lab_scenario *scenarios; /* ends with an entry without name */
	const struct engine *engines;	      /* likewise; NULL: there is no choice */
	const struct timed_load *load;	      /* what CPUs do in a simulation; NULL: nothing */
	struct lab_range variables[LAB_RANGES];
	unsigned nvariables;
	const char *path;
	uintptr_t base; /* the load address */
	bool thread_local;
	/*
	 * A fence or locked instruction in assembly, which is not reported to the lab; NULL: none.
	 */
	const uint8_t *assembly;
};

/* Returns NULL, or the reason for a failure. A process can load one object. */
const char *load_object(const char *path, struct loaded *out);

#endif
