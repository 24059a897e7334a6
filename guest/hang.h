/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * hang.h - is this guest stuck, or only slow? It is stuck when the unit has nothing to do, nothing
 * has been submitted or completed over several looks, and in each of them a processor was in the
 * queue's code, on which it has spent some seconds of processor time: one that does not get to run
 * proves nothing.
 */
#ifndef GUEST_HANG_H
#define GUEST_HANG_H

#include "books.h"
#include "sample.h"
#include "share.h"

#define HANG_LOOKS 5
#define HANG_LOOKS_BESIDE 3 /* names of other functions in which a processor counts as stuck */
#define HANG_SECONDS 1.5    /* processor time of each processor that is stuck */

/*
 * Where addresses have no names, a processor is to stay within so many bytes of stack, for longer.
 */
#define HANG_NEAR 512U
#define HANG_LOOKS_BLIND 20
#define HANG_SECONDS_BLIND 6.0

struct hang {
	uint64_t submissions, doorbells;
	/* looks in a row without progress, and the processor time at the first of them */
	unsigned in_queue[SAMPLE_CPUS];
	double since[SAMPLE_CPUS];
	uint64_t stack[SAMPLE_CPUS]; /* the place at the last look */
	bool blind;		     /* addresses have no names */
	unsigned idle;		     /* looks in a row in which all processors were idle */
	struct sample last;

	/* the verdict */
	bool found;
	unsigned cpus;	/* how many are stuck */
	bool in_module; /* the user's module, which then serves the queue and has its bookkeeping */
	bool has_books;
	struct books books;
	char why[200];	  /* if it has none */
	unsigned history; /* the number of the known defect; 0: none */
	char where[400], says[600];
};

/* Have all processors been idle for so many looks without progress? Then the work will not end. */
#define HANG_IDLE_LOOKS 40

/* Was there no progress since the last call? Then a look makes sense. */
bool hang_suspect(struct hang *h, const struct guest_share *share);

/* Look; true as soon as the guest is known to be stuck. */
bool hang_look(struct hang *h, struct qmp *q, const struct sample_names *names, int pid,
	       const struct guest_share *share);

/* Describe the hang, and which known defect it is. */
void hang_diagnose(struct hang *h, struct qmp *q, const struct symbols *symbols, const void *btf,
		   size_t btf_bytes, const struct guest_share *share);

#endif
