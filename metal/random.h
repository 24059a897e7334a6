/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef METAL_RANDOM_H
#define METAL_RANDOM_H

#include <stdint.h>

/* xorshift64. A state other than 0 never becomes 0. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* 0 .. n - 1 */
static inline unsigned random_below(uint64_t *state, unsigned n)
{
	return (unsigned)((random_next(state) >> 32) % n);
}

#endif
