/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * hang.h - decides whether the guest is stuck, or only slow. It is stuck if the unit has nothing to
 * do, nothing was submitted or completed over several looks, and at each of them a processor was in
 * the queue's code. This processor must have used some seconds of processor time, as a processor
 * that does not run proves nothing.
 */
#ifndef GUEST_HANG_H
#define GUEST_HANG_H

#include "books.h"
#include "sample.h"
#include "share.h"

#define HANG_LOOKS 5
/* The number of different other functions in which a processor still counts as stuck. */
#define HANG_LOOKS_BESIDE 3
#define HANG_SECONDS 1.5 /* processor time that each stuck processor must use */

/*
 * For addresses without names: a stuck processor stays within so many bytes of stack, for a longer
 * time.
 */
#define HANG_NEAR 512U
#define HANG_LOOKS_BLIND 20
#define HANG_SECONDS_BLIND 6.0

struct hang {
	uint64_t submissions, doorbells;
	/* Consecutive looks without progress, and the processor time at the first of them. */
	unsigned in_queue[SAMPLE_CPUS];
	double since[SAMPLE_CPUS];
	uint64_t stack[SAMPLE_CPUS]; /* the place at the last look */
	bool blind;		     /* addresses have no names */
	unsigned idle;		     /* consecutive looks with all processors idle */
	struct sample last;

	/* the verdict */
	bool found;
	unsigned cpus; /* number of stuck processors */
	/*
	 * A processor is stuck in the user's module, which then serves the queue and does its
	 * bookkeeping.
	 */
	bool in_module;
	bool has_books;
	struct books books;
	char why[200];	  /* why there is no bookkeeping */
	unsigned history; /* the number of the known defect; 0: none */
	char where[400], says[600];
};

/* All processors were idle for so many looks without progress: the work will not end. */
#define HANG_IDLE_LOOKS 40

/* True if there was no progress since the last call, so that a look makes sense. */
bool hang_suspect(struct hang *h, const struct guest_share *share);

/* Take a look. True once the guest is known to be stuck. */
bool hang_look(struct hang *h, struct qmp *q, const struct sample_names *names, int pid,
	       const struct guest_share *share);

/* Describe the hang, and find out which known defect it is. */
void hang_diagnose(struct hang *h, struct qmp *q, const struct symbols *symbols, const void *btf,
		   size_t btf_bytes, const struct guest_share *share);

#endif
