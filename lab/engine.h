/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* engine.h - the drivers that the lab's own scenarios can be played with. */
#ifndef LAB_ENGINE_H
#define LAB_ENGINE_H

#include <qinval/qi.h>

#include "lab.h"

/* What a scenario wants of its queue and unit; 0 and NULL: the plainest. */
struct engine_options {
	unsigned window;	    /* how far the unit fetches ahead: 1 */
	unsigned cache_room;	    /* 4 */
	bool interrupt;		    /* the completion interrupt is used, message LAB_COMPLETION */
	bool spread;		    /* status words of the core's lie 64 bytes apart */
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
	/* Of the whole interface; others have qi_submit_sync() only. */
	bool is_core;
	const char *(*setup)(const struct lab_params *p, const struct engine_options *o);
	int (*submit_sync)(const struct qi_desc *desc, unsigned count, unsigned options);
	/* It asks for what virtual time has not: it is not there for `qinval simulate`. */
	bool untimed;
};

/* Of the command line's --engine; NULL: no such. */
const struct engine *engine_find(const char *name);
extern const struct engine engines[]; /* ends with one without name */

/* The one that setup chose, its queue (is_core only), and the unit. */
extern const struct engine *engine;
extern struct qi *engine_queue;
extern struct vtd_unit *engine_unit;
extern unsigned engine_slots;

/* Choose, allocate, initialise, enable. NULL, or why not. */
const char *engine_setup(const struct lab_params *p, const struct engine_options *o);

/* Only with the core, as others have no more than qi_submit_sync(). */
const char *engine_setup_core(const struct lab_params *p, const struct engine_options *o);

#endif
