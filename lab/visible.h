/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * visible.h - what others can observe of CPUs that stand still: words of their stacks that others
 * use.
 */
#ifndef LAB_VISIBLE_H
#define LAB_VISIBLE_H

#include <stdbool.h>
#include <stdint.h>

/* Find these words, if there may be new ones. */
void visible_update(void);
bool visible_too_many(void); /* too many to be tracked */

/* True if another word has become one since visible_update(). */
bool visible_is_old(void);

/*
 * The key of the present state without these CPUs, one bit each, but with what is visible of them.
 * 0: no room; or it does not exist and `add` is false.
 */
uint64_t visible_key(uint32_t frozen, bool add);

#endif
