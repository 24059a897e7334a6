/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tables.h - random tables, requests and interrupts, to a device and to our unit as a model of it.
 * Where each arrives and what each leaves in the fault registers must be the same.
 *
 * The tables are good ones that have been damaged. When one changes, what may be cached of it is
 * invalidated before anything is asked for, so the answer does not depend on what a unit caches.
 */
#ifndef CONFORM_TABLES_H
#define CONFORM_TABLES_H

#include "sim.h"

enum tables_kind {
	TABLES_STORE,	/* a word of a table, with what has to be invalidated for it */
	TABLES_REQUEST, /* of a device */
	TABLES_INTERRUPT,
	TABLES_CLEAR, /* fault records and status */
};

#define TABLES_DESCS 3

struct tables_op {
	enum tables_kind kind;
	uint64_t addr, value;		/* value: an interrupt's data, too */
	uint64_t desc[TABLES_DESCS][2]; /* TABLES_STORE: behind it; 0: no more */
	uint16_t sid;
	bool write;
};

#define TABLES_TEXT 160

/* One line for people. */
void tables_op_text(const struct tables_op *op, char text[TABLES_TEXT]);

#define TABLES_OPS 600

/* What is done from one reset to the next. */
struct tables_round {
	bool scalable;
	struct tables_op op[TABLES_OPS];
	unsigned ops;
};

#define TABLES_DIFFERENCE 240

struct tables_result {
	uint64_t rounds, requests, interrupts; /* asked of both */
	uint64_t arrived, faults, messages;    /* of the model */
	uint64_t skipped; /* which would have led where the suite has no memory and others may */
	bool stopped;	  /* by go_on(), before all were asked */
	bool differs;
	struct tables_round round; /* minimised: no operation can be left out */
	char difference[TABLES_DIFFERENCE];
};

/*
 * Until @requests have been asked, interrupts among them, or something differs. False: the device,
 * or memory, cannot be had. @go_on, which may be NULL, is called now and then; false: ask no more.
 */
bool tables_run(const struct conform_device *dev, enum vtd_profile profile, uint64_t seed,
		uint64_t requests, bool (*go_on)(uint64_t done, uint64_t all),
		struct tables_result *r);

/* ---- tables_make.c ---- */

/* Of the device's memory: what a round puts there; the ring is before it, the frames behind. */
#define TABLES_ROOT 0x10000
#define TABLES_IRT 0x13000
#define TABLES_IRTA_SIZE 3 /* 2^(3 + 1) entries */
#define TABLES_END 0x80000

struct tables_maker {
	uint64_t random;
	uint64_t cap, ecap;
	uint64_t memory, nowhere;
};

void tables_make(struct tables_maker *m, struct tables_round *round);

#endif
