/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * memo.h - the results of scouts, shared by all processes.
 *
 * A key is the root of a tree (see content_key()), compared without hashing. A result is written
 * once and never changes, so a later search for the same key gets the same result.
 */
#ifndef LAB_MEMO_H
#define LAB_MEMO_H

#include "footprint.h"

bool memo_open(void);  /* before fork() */
bool memo_reset(void); /* while no other process uses it */

/*
 * memo_crowded(): true if there may be no room for so many more keys. memo_grow(): make room, while
 * no other process uses it; false: no memory.
 */
bool memo_crowded(uint64_t keys);
bool memo_grow(uint64_t keys);

/* Returns NULL if there is no result. */
const struct footprint *memo_find(uint64_t key);

/*
 * memo_begin() and memo_end() lock out other writers. memo_keep(): false: no room. An existing
 * result stays.
 */
void memo_begin(void);
bool memo_keep(uint64_t key, const struct footprint *found);
void memo_end(void);

/* The same for keys whose result is a number other than 0. memo_find_number(): 0: none. */
uint32_t memo_find_number(uint64_t key);
bool memo_keep_number(uint64_t key, uint32_t number);

uint64_t memo_keys(void);
uint64_t memo_bytes(void);

#endif
