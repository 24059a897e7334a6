/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * part.h - strings of bytes, each kept once and numbered: states consist of them.
 *
 * They are compared byte by byte. The table is shared by all processes, and grows only while one
 * process uses it.
 */
#ifndef LAB_PART_H
#define LAB_PART_H

#include <stdbool.h>
#include <stdint.h>

#define PART_NOTHING 1U	       /* not the number of any part */
#define PART_LIMIT 0x80000000U /* all numbers are less */

bool part_open(void); /* before fork(); false: no memory */
bool part_reset(void);

/* As pairs_grow() and pairs_crowded(). */
bool part_grow(uint64_t more);
bool part_crowded(uint64_t more);

/* The part's number, a new one if necessary; 0: no room. */
uint32_t part_number(const void *bytes, uint32_t length);
uint32_t part_find(const void *bytes, uint32_t length); /* 0: there is none */

const char *part_at(uint32_t number, uint32_t *length);

uint64_t part_bytes(void);

#endif
