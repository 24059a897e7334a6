/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* fuzz_internal.h - what the files of the fuzzer share. */
#ifndef CONFORM_FUZZ_INTERNAL_H
#define CONFORM_FUZZ_INTERNAL_H

#include "fuzz.h"

/* ---- fuzz_make.c ---- */

struct fuzz_maker {
	uint64_t random;
	uint64_t cap, ecap;
	uint64_t ring, status, nowhere; /* addresses: of the ring, of the status words, of none */
	unsigned words;			/* of status given out */
};

/* Operations that turn the queue on. */
void fuzz_begin(struct fuzz_maker *m, struct fuzz_stream *s);

/* The next few, where FSTS and QIES are as the model says. False: the stream has ended. */
bool fuzz_continue(struct fuzz_maker *m, uint32_t fsts, bool on, struct fuzz_stream *s);

/* ---- fuzz_play.c ---- */

#define FUZZ_STATUS_OFFSET 0x80000 /* of the device's memory; the ring is at its start */

enum { DEVICE, MODEL };

struct fuzz_pair {
	const struct conform_device *side[2];
	unsigned tail, shift, slots; /* of the ring */
	uint64_t head;		     /* in slots; this and the next two as the model says */
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
	FUZZ_DIFFER, /* something reads otherwise, or one of them has ended and the other has not */
	FUZZ_FATAL,  /* the model has ended; the device too, or it has not been tried */
};

/* Do one operation on both. @confirm: on the device even where the model has ended. */
enum fuzz_end fuzz_play(struct fuzz_pair *p, const struct fuzz_op *op, bool confirm);

/* ---- fuzz_minimise.c ---- */

/* Replay it, which leaves out what comes after its end. */
enum fuzz_end fuzz_replay(struct fuzz_pair *p, struct fuzz_stream *s, bool confirm);

/*
 * Leave out what can be left out without changing how it ends. It has been replayed when it
 * returns.
 */
void fuzz_minimise(struct fuzz_pair *p, struct fuzz_stream *s, enum fuzz_end end, bool confirm);

#endif
