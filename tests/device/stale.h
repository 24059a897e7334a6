/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * stale.h - the scene for tests of the oracle: SID maps IOVA, with entry `pte`, to FRAME. A plant
 * is a descriptor that the unit reads differently from what was submitted.
 */
#ifndef TESTS_DEVICE_STALE_H
#define TESTS_DEVICE_STALE_H

#include "scene.h"

#define IOVA 0x12345000ULL
#define FRAME 0x40000000ULL

extern struct scene s;
extern uint64_t table, *pte;

/* Legacy mode. start_again() keeps a configuration that has been changed. */
void start(void);
void start_again(void);

/* A read of IOVA: enum vtd_use. */
uint8_t use(void);

/* The invalidation that a change of IOVA's page needs. */
struct qi_desc unmapped(void);

/* For scene.spoil: the unit reads a wait instead of each invalidation. */
void plant_dropped(struct scene *sc, uint64_t *qw);
bool is(const uint64_t *qw, unsigned type);

/* Submit d and e in one submission; the unit executes neither. */
void lose(struct qi_desc d, struct qi_desc e);

/* Scalable mode: PASID 3 maps IOVA in a first stage, whose root table is returned. */
uint64_t start_scalable(void);
uint8_t pasid_use(void);

#endif
