/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * memo.h - what scouts have found out, for all processes.
 *
 * A key is a list of numbers, compared as it is. What is kept for it is written once and never
 * changes, so whoever asks again decides alike.
 */
#ifndef LAB_MEMO_H
#define LAB_MEMO_H

#include "footprint.h"

bool memo_open(unsigned length); /* of a key, in numbers; before anything is forked */
void memo_reset(void);		 /* nobody else uses it */

/* NULL: nothing is known. */
const struct footprint *memo_find(const uint32_t *key);

/* Between these two others wait; false: no room. What is known already stays. */
void memo_begin(void);
bool memo_keep(const uint32_t *key, const struct footprint *found);
void memo_end(void);

uint64_t memo_keys(void);
uint64_t memo_bytes(void);

#endif
