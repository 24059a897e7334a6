/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* engine.h - the drivers with which the lab's own scenarios can be run. */
#ifndef LAB_ENGINE_H
#define LAB_ENGINE_H

#include <qinval/qi.h>

#include "lab.h"

/* A scenario's options for its queue and unit; 0 and NULL mean the defaults given here. */
struct engine_options {
	unsigned window;	    /* descriptors that the unit fetches ahead: 1 */
	unsigned cache_room;	    /* 4 */
	bool interrupt;		    /* the completion interrupt is used, message LAB_COMPLETION */
	bool spread;		    /* the core's status words are 64 bytes apart */
	unsigned retries;	    /* QI_NO_RETRY */
	unsigned poll_budget;	    /* 1 */
	enum vtd_profile profile;   /* VTD_SPEC */
	const struct qi_host *host; /* instead of lab_host */
};

#define LAB_COMPLETION 0x41
#define LAB_FAULT 0x42

struct engine {
	const char *name;
	const char *summary;
	/* It has the core's whole interface; other engines have qi_submit_sync() only. */
	bool is_core;
	const char *(*setup)(const struct lab_params *p, const struct engine_options *o);
	int (*submit_sync)(const struct qi_desc *desc, unsigned count, unsigned options);
	/* It needs what virtual time does not offer: `qinval simulate` leaves it out. */
	bool untimed;
};

/* Find the engine by the name given to --engine; NULL: none. */
const struct engine *engine_find(const char *name);
extern const struct engine engines[]; /* ends with an entry without name */

/* The engine that setup() chose, its queue (if is_core), and the unit. */
extern const struct engine *engine;
extern struct qi *engine_queue;
extern struct vtd_unit *engine_unit;
extern unsigned engine_slots;

/* Choose, allocate, initialise and enable. Returns NULL, or why it failed. */
const char *engine_setup(const struct lab_params *p, const struct engine_options *o);

/* The same for the core only, as other engines have no more than qi_submit_sync(). */
const char *engine_setup_core(const struct lab_params *p, const struct engine_options *o);

#endif
