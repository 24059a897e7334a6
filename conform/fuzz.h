/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fuzz.h - streams of random and mutated descriptors, bad tails and register writes, for a device
 * and for our unit as its model. After each of them software must observe the same on both.
 *
 * The streams avoid effects whose order the specification leaves open: each wait has a status word
 * of its own, and all submissions are settled before the next comparison.
 */
#ifndef CONFORM_FUZZ_H
#define CONFORM_FUZZ_H

#include "sim.h"

enum fuzz_kind {
	FUZZ_PUT,  /* put a descriptor into the slot at the tail, which moves on */
	FUZZ_RING, /* write the tail to IQT */
	/* write a register; IQA only while the queue is off, which then starts at slot 0 again */
	FUZZ_WRITE,
	/*
	 * as drivers do after IQE: put a wait in place of the refused descriptor, clear IQE, ring
	 */
	FUZZ_REPAIR,
};

struct fuzz_op {
	enum fuzz_kind kind;
	unsigned reg, size; /* FUZZ_WRITE */
	uint64_t value;
	uint64_t qw[4]; /* FUZZ_PUT */
};

#define FUZZ_TEXT 160

/* The operation as one line of text. */
void fuzz_op_text(const struct fuzz_op *op, char text[FUZZ_TEXT]);

#define FUZZ_OPS 1024

/* The operations from one reset to the next. */
struct fuzz_stream {
	struct fuzz_op op[FUZZ_OPS];
	unsigned ops;
};

#define FUZZ_FATALS 4
#define FUZZ_DIFFERENCE 200

struct fuzz_result {
	uint64_t descriptors, streams, looks; /* descriptors put; streams begun; comparisons */
	uint64_t executed, refused, messages; /* of the model: descriptors, IQEs, interrupts */

	/*
	 * Streams with whose last operation the model stops, as the device would. They are not
	 * played to the end, except the first ones, which are minimised and do stop the device.
	 */
	uint64_t fatal;
	struct fuzz_stream fatals[FUZZ_FATALS];
	unsigned nfatals;

	bool stopped; /* by go_on(), before all descriptors were put */
	bool differs;
	struct fuzz_stream stream;	  /* minimised: each operation and each bit is necessary */
	char difference[FUZZ_DIFFERENCE]; /* at its end: for example a register with both values */
};

/*
 * Run until @descriptors have been put, or there is a difference. False: no device, or no memory.
 * @go_on, which may be NULL, is called from time to time; false: stop.
 */
bool fuzz_run(const struct conform_device *dev, enum vtd_profile profile, uint64_t seed,
	      uint64_t descriptors, bool (*go_on)(uint64_t done, uint64_t all),
	      struct fuzz_result *r);

#endif
