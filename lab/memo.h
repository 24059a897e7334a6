/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * memo.h - what scouts have found out, for all processes.
 *
 * A key is the root of a tree (see content_key()), compared as it is. What is kept for it is
 * written once and never changes, so whoever asks again decides alike.
 */
#ifndef LAB_MEMO_H
#define LAB_MEMO_H

#include "footprint.h"

bool memo_open(void);  /* before anything is forked */
bool memo_reset(void); /* nobody else uses it */

/*
 * Is there hardly room for so many? Then make it, while nobody else uses it; false: there is none.
 */
bool memo_crowded(uint64_t keys);
bool memo_grow(uint64_t keys);

/* NULL: nothing is known. */
const struct footprint *memo_find(uint64_t key);

/* Between these two others wait; false: no room. What is known already stays. */
void memo_begin(void);
bool memo_keep(uint64_t key, const struct footprint *found);
void memo_end(void);

uint64_t memo_keys(void);
uint64_t memo_bytes(void);

#endif
