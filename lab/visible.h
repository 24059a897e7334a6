/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * visible.h - what others can see of CPUs that stand still: words of their stacks that others use.
 */
#ifndef LAB_VISIBLE_H
#define LAB_VISIBLE_H

#include <stdbool.h>
#include <stdint.h>

/* Find these words, if not all are known. */
void visible_update(void);
bool visible_too_many(void); /* to be kept */

/* Has another word become one meanwhile? */
bool visible_is_old(void);

/*
 * Of the state that the machine is in without these CPUs, a bit each, but with what is visible of
 * them. 0: no room, or it is not there and not to be added.
 */
uint64_t visible_key(uint32_t frozen, bool add);

#endif
