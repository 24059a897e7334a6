/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef METAL_BENCH_H
#define METAL_BENCH_H

#include "unit.h"

/*
 * Prints what a submission costs on this unit, by engine, descriptors and number of CPUs. @ns: time
 * for each figure.
 */
void bench(struct unit *u, uint64_t ns);

#endif
