/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * learnt.h - how words are used, as seen by all ranks together.
 *
 * That a word is shared may only show when the knowledge of two ranks is combined: one actor uses
 * it on this rank, another one on that rank.
 */
#ifndef LAB_MPI_LEARNT_H
#define LAB_MPI_LEARNT_H

#include <stdbool.h>

bool learnt_open(void); /* false: no memory */
bool learnt_something(void);

/* All ranks call it together. True: a word became shared on some rank. */
bool learnt_together(void);

#endif
