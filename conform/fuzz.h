/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fuzz.h - streams of random and mutated descriptors, bad tails and register writes, to a device
 * and to our unit as a model of it. What software can observe must be the same after each of them.
 *
 * The streams ask for nothing in which the specification leaves the order of effects free: every
 * wait has a status word of its own, and all that was submitted has settled before the next look.
 */
#ifndef CONFORM_FUZZ_H
#define CONFORM_FUZZ_H

#include "sim.h"

enum fuzz_kind {
	FUZZ_PUT,    /* a descriptor into the slot at the tail, which moves on */
	FUZZ_RING,   /* the tail into IQT */
	FUZZ_WRITE,  /* a register; IQA only while the queue is off, which starts at slot 0 again */
	FUZZ_REPAIR, /* as drivers do after IQE: a wait in place of the refused one, clear, ring */
};

struct fuzz_op {
	enum fuzz_kind kind;
	unsigned reg, size; /* FUZZ_WRITE */
	uint64_t value;
	uint64_t qw[4]; /* FUZZ_PUT */
};

#define FUZZ_TEXT 160

/* One line for people. */
void fuzz_op_text(const struct fuzz_op *op, char text[FUZZ_TEXT]);

#define FUZZ_OPS 1024

/* What is done from one reset to the next. */
struct fuzz_stream {
	struct fuzz_op op[FUZZ_OPS];
	unsigned ops;
};

#define FUZZ_FATALS 4
#define FUZZ_DIFFERENCE 200

struct fuzz_result {
	uint64_t descriptors, streams, looks; /* put; begun; comparisons */
	uint64_t executed, refused, messages; /* descriptors, IQEs, interrupts of the model */

	/*
	 * Streams at whose last operation the model ends, and so would the device. They are not
	 * played to the end, but for the first ones: minimised they have really ended the device.
	 */
	uint64_t fatal;
	struct fuzz_stream fatals[FUZZ_FATALS];
	unsigned nfatals;

	bool stopped; /* by go_on(), before all were put */
	bool differs;
	struct fuzz_stream stream;	  /* minimised: no operation and no bit can be left out */
	char difference[FUZZ_DIFFERENCE]; /* at its end: a register and both values, say */
};

/*
 * Until @descriptors have been put, or something differs. False: the device, or memory, cannot be
 * had. @go_on, which may be NULL, is called now and then; false: put no more.
 */
bool fuzz_run(const struct conform_device *dev, enum vtd_profile profile, uint64_t seed,
	      uint64_t descriptors, bool (*go_on)(uint64_t done, uint64_t all),
	      struct fuzz_result *r);

#endif
