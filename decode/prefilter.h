/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* prefilter.h - searches gigabytes for any of a few dozen words, with Wu and Manber's algorithm. */
#ifndef DECODE_PREFILTER_H
#define DECODE_PREFILTER_H

#include <stddef.h>
#include <stdint.h>

#define PREFILTER_LEAST 4 /* bytes of the shortest allowed word */

struct prefilter;

/* @words ends with NULL; owner[i] is the owner (0 to 63) of word[i]. NULL: no memory. */
struct prefilter *prefilter_new(const char *const *words, const unsigned char *owner);
void prefilter_free(struct prefilter *f);

/* The first place in [@s, @end) that lies within a word, or NULL. */
const char *prefilter_find(const struct prefilter *f, const char *s, const char *end);

/* The owners, one bit each, of all words in [@s, @end). */
uint64_t prefilter_owners(const struct prefilter *f, const char *s, const char *end);

#endif
