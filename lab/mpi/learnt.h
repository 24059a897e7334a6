/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * learnt.h - who uses which word how, as all ranks together have seen it.
 *
 * That a word is shared may show only when what two ranks have seen is taken together: one
 * actor uses it here, another one there.
 */
#ifndef LAB_MPI_LEARNT_H
#define LAB_MPI_LEARNT_H

#include <stdbool.h>

bool learnt_open(void); /* false: no memory */
bool learnt_something(void);

/* All ranks together. True: a word counts as shared that did not on some rank. */
bool learnt_together(void);

#endif
