/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * peers.h - words to other ranks, in batches.
 *
 * What is put is gathered, a batch for each rank, and sent when there is enough of it. A phase
 * ends when all ranks say so: each then tells each other one how many batches it has sent, and
 * nobody goes on before that many have come. Nothing is put while a phase ends, so a phase that
 * has ended has nothing under way.
 */
#ifndef LAB_MPI_PEERS_H
#define LAB_MPI_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum peers_kind {
	PEERS_STATES, /* see arrivals.c */
	PEERS_SAFE,   /* see doom.c */
	PEERS_STOP,   /* somebody has hit a limit: nobody need go on */
	PEERS_COUNT,  /* how far a rank is, for the first one */
	PEERS_KINDS
};

/* Growing, in front of the items of a batch: what they refer to. */
struct words {
	uint32_t *at;
	size_t n, room;
};
bool words_add(struct words *w, uint32_t word); /* false: no memory */

/* A batch that has come. */
struct batch {
	unsigned from;
	const uint32_t *head, *item;
	size_t nhead, nitems; /* words */
};

struct peers {
	unsigned rank, n;
	void (*take[PEERS_KINDS])(const struct batch *b);
	uint64_t messages, bytes; /* sent, for ever */
	double waited;		  /* seconds of the processor, while waiting for others */
	bool failed;		  /* no memory */
	bool planted; /* for tests: a phase ends without waiting for what is under way */
};

extern struct peers peers;

bool peers_open(void); /* after MPI_Init(); false: no memory */

/* So many words more for that rank. */
void peers_put(unsigned to, enum peers_kind kind, const uint32_t *item, unsigned words);

/* What comes in front of those that have been put and not sent. */
struct words *peers_head(unsigned to, enum peers_kind kind);

/* Send what has been put, full or not. */
void peers_flush(unsigned to, enum peers_kind kind);

/* Take what has come. */
void peers_poll(void);

/* End the phase, as all ranks have to. */
void peers_finish(void);

double peers_cpu_seconds(void); /* of this process */

/* Sums over all ranks, in place. */
void peers_sum(uint64_t *numbers, unsigned n);

/* After the last phase. */
void peers_close(void);

#endif
