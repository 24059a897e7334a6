/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* fuzz_internal.h - declarations shared by the fuzzer's files. */
#ifndef CONFORM_FUZZ_INTERNAL_H
#define CONFORM_FUZZ_INTERNAL_H

#include "fuzz.h"

/* ---- fuzz_make.c ---- */

struct fuzz_maker {
	uint64_t random;
	uint64_t cap, ecap;
	/* addresses: of the ring, of the status words, of no memory */
	uint64_t ring, status, nowhere;
	unsigned words; /* status words used so far */
};

/* Operations that turn the queue on. */
void fuzz_begin(struct fuzz_maker *m, struct fuzz_stream *s);

/* Add a few operations, for the FSTS and QIES of the model. False: the stream has ended. */
bool fuzz_continue(struct fuzz_maker *m, uint32_t fsts, bool on, struct fuzz_stream *s);

/* ---- fuzz_play.c ---- */

#define FUZZ_STATUS_OFFSET 0x80000 /* in the device's memory; the ring is at its start */

enum { DEVICE, MODEL };

struct fuzz_pair {
	const struct conform_device *side[2];
	unsigned tail, shift, slots; /* tail: of the ring */
	uint64_t head;		     /* in slots; this and the next two are the model's */
	bool on;
	uint32_t fsts;
	uint64_t looks, executed, refused, messages;
	char difference[FUZZ_DIFFERENCE]; /* since the last reset */
};

/* False: the device cannot be reset, or out of memory. */
bool fuzz_pair_start(struct fuzz_pair *p, const struct conform_device *dev,
		     enum vtd_profile profile);
void fuzz_pair_stop(struct fuzz_pair *p);
bool fuzz_reset(struct fuzz_pair *p);

enum fuzz_end {
	FUZZ_AGREE,
	FUZZ_DIFFER, /* something reads differently, or only one of the two has stopped */
	FUZZ_FATAL,  /* the model has stopped; the device has, too, or was not tried */
};

/* Do one operation on both. @confirm: on the device even if the model has stopped. */
enum fuzz_end fuzz_play(struct fuzz_pair *p, const struct fuzz_op *op, bool confirm);

/* ---- fuzz_minimise.c ---- */

/* Replay the stream. Operations after its end are removed. */
enum fuzz_end fuzz_replay(struct fuzz_pair *p, struct fuzz_stream *s, bool confirm);

/*
 * Remove all that can be removed without changing how the stream ends. On return the result has
 * been replayed.
 */
void fuzz_minimise(struct fuzz_pair *p, struct fuzz_stream *s, enum fuzz_end end, bool confirm);

#endif
