/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * selftest.h - tests, with one CPU and one unit, that the queue on this hardware does what qi.h
 * says.
 */
#ifndef METAL_SELFTEST_H
#define METAL_SELFTEST_H

#include "unit.h"

/* Leaves the queue off, or sets u->broken if it cannot be turned off. */
void selftest(struct unit *u);

/* Parts that need an open queue. */
void selftest_types(struct unit *u);
void selftest_ring(struct unit *u);
void selftest_interrupts(struct unit *u);
void selftest_faults(struct unit *u);
/* Parts that open the queue themselves. */
void selftest_life(struct unit *u);
void selftest_sizes(struct unit *u);
void selftest_scalable(struct unit *u);

/* Reports one result: true if @got is what was expected. If not, both are printed. */
bool selftest_expect(const struct unit *u, int got, int want, const char *what);

/* True if the handler counts another interrupt soon. */
bool selftest_comes(const uint32_t *counter, uint32_t before);

#endif
