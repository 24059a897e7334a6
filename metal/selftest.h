/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * selftest.h - checks that the queue does on this hardware, with one CPU and one unit, what qi.h
 * says.
 */
#ifndef METAL_SELFTEST_H
#define METAL_SELFTEST_H

#include "unit.h"

/* Leaves the queue off; u->broken if not even that is possible. */
void selftest(struct unit *u);

/* Its parts, each with an open queue. */
void selftest_types(struct unit *u);
void selftest_ring(struct unit *u);
void selftest_interrupts(struct unit *u);
void selftest_faults(struct unit *u);
/* And these, which open it themselves. */
void selftest_life(struct unit *u);
void selftest_sizes(struct unit *u);
void selftest_scalable(struct unit *u);

/* One result: true if @got is what was expected. If not, both are printed. */
bool selftest_expect(const struct unit *u, int got, int want, const char *what);

/* True if a handler soon counts another interrupt. */
bool selftest_comes(const uint32_t *counter, uint32_t before);

#endif
