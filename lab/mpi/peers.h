/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * peers.h - words sent to other ranks, in batches.
 *
 * Words are collected in one batch per rank, which is sent when it is large enough. A phase ends
 * when all ranks end it: each rank marks its last batch to each other rank, and continues only when
 * it has received the last batch of each. No words are added while a phase ends. So no rank waits
 * for an agreement, and nothing of the phase is under way to a rank that has ended it.
 */
#ifndef LAB_MPI_PEERS_H
#define LAB_MPI_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum peers_kind {
	PEERS_STATES, /* see arrivals.c */
	PEERS_SAFE,   /* see doom.c */
	PEERS_STOP,   /* a rank has reached a limit: all may stop */
	PEERS_COUNT,  /* progress of a rank, for the first one */
	PEERS_KINDS
};

/* A growing array in front of the items of a batch; the items refer to it. */
struct words {
	uint32_t *at;
	size_t n, room;
};
bool words_add(struct words *w, uint32_t word); /* false: no memory */

/* A received batch. */
struct batch {
	unsigned from;
	const uint32_t *head, *item;
	size_t nhead, nitems; /* words */
};

struct peers {
	unsigned rank, n;
	void (*take[PEERS_KINDS])(const struct batch *b);
	uint64_t messages, bytes; /* sent since the start */
	uint64_t waits;		  /* how often all ranks had to wait for each other */
	double waited;		  /* CPU seconds spent on waiting for other ranks */
	bool failed;		  /* out of memory */
	bool missed;		  /* a batch did not arrive */
	/* For tests: */
	bool planted_haste;    /* a phase ends without waiting for what is under way */
	unsigned planted_loss; /* a batch does not arrive; 1 + its kind */
};

extern struct peers peers;

bool peers_open(void); /* after MPI_Init(); false: no memory */

/* Add words for that rank. */
void peers_put(unsigned to, enum peers_kind kind, const uint32_t *item, unsigned words);

/* The head of the batch that is being collected. */
struct words *peers_head(unsigned to, enum peers_kind kind);

/* Send the batch that is being collected, even if it is small. */
void peers_flush(unsigned to, enum peers_kind kind);

/* Receive what has arrived. */
void peers_poll(void);

/*
 * End the phase. All ranks have to call it. Each says a number to the others; returns the largest.
 */
uint64_t peers_finish(uint64_t says);

double peers_cpu_seconds(void); /* CPU seconds of this process */

/* Sums over all ranks, in place. All ranks call it together. */
void peers_sum(uint64_t *numbers, unsigned n);

/* Call it after the last phase. */
void peers_close(void);

#endif
