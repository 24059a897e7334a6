/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * linux.h - the usual algorithm, for comparison: one lock around everything, one status word per
 * slot for software and hardware alike.
 *
 * Written anew from descriptions of its behaviour and of its defects. The numbers are those of the
 * project's bug history: 1 and 2 in the first variant; 2, 32, 33 and 34 in both.
 */
#ifndef RIVAL_LINUX_H
#define RIVAL_LINUX_H

#include <qinval/qi.h>

enum rival_year {
	RIVAL_2023, /* reclaim frees what is DONE, or ABORT */
	RIVAL_2024, /* owners mark their slots FREE, and reclaim frees these */
};

struct rival_queue {
	const struct qi_host *host;
	void *ctx;
	enum rival_year year;
	unsigned slots, shift; /* shift: log2 of a slot's bytes */
	struct qi_mem ring;    /* as in struct qi_config */
	struct qi_mem status;  /* a word a slot: enum qi_state */
	unsigned free_head, free_tail, free_count;
};

/* The ring as qi_enable() would leave it, in an enabled unit. */
void rival_start(struct rival_queue *q);

/* 0, -QI_ERR_IQE, or -QI_ERR_DEVICE. Spins, with the fault register read in each turn. */
int rival_submit_sync(struct rival_queue *q, const struct qi_desc *desc, unsigned count,
		      unsigned options);

#endif
