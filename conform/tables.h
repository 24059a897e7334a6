/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tables.h - random tables, requests and interrupts, for a device and for our unit as its model.
 * Each must arrive at the same place, and leave the same in the fault registers.
 *
 * The tables are valid ones with some damage. After each change of a table, what may be cached of
 * it is invalidated before the next request, so the answers do not depend on what a unit caches.
 */
#ifndef CONFORM_TABLES_H
#define CONFORM_TABLES_H

#include "sim.h"

enum tables_kind {
	TABLES_STORE,	/* store a word of a table, with the invalidations that this requires */
	TABLES_REQUEST, /* a device's request */
	TABLES_INTERRUPT,
	TABLES_CLEAR, /* clear fault records and status */
};

#define TABLES_DESCS 3

struct tables_op {
	enum tables_kind kind;
	uint64_t addr, value;		/* value: also an interrupt's data */
	uint64_t desc[TABLES_DESCS][2]; /* TABLES_STORE: submitted afterwards; 0: no more */
	uint16_t sid;
	bool write;
};

#define TABLES_TEXT 160

/* The operation as one line of text. */
void tables_op_text(const struct tables_op *op, char text[TABLES_TEXT]);

#define TABLES_OPS 600

/* The operations from one reset to the next. */
struct tables_round {
	bool scalable;
	struct tables_op op[TABLES_OPS];
	unsigned ops;
};

#define TABLES_DIFFERENCE 240

struct tables_result {
	uint64_t rounds, requests, interrupts; /* sent to both */
	uint64_t arrived, faults, messages;    /* of the model */
	uint64_t skipped; /* they would have led to memory that is not the suite's */
	bool stopped;	  /* by go_on(), before all were sent */
	bool differs;
	struct tables_round round; /* minimised: each operation is necessary */
	char difference[TABLES_DIFFERENCE];
};

/*
 * Run until @requests requests and interrupts have been sent, or there is a difference. False: no
 * device, or no memory. @go_on, which may be NULL, is called from time to time; false: stop.
 */
bool tables_run(const struct conform_device *dev, enum vtd_profile profile, uint64_t seed,
		uint64_t requests, bool (*go_on)(uint64_t done, uint64_t all),
		struct tables_result *r);

/* ---- tables_make.c ---- */

/* Offsets in the device's memory of what a round puts there, between the ring and the frames. */
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
