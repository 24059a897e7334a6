/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * pasid.h - the scene for tests of scalable mode: SID may use PASID, whose entry exists and is
 * empty. `table` is a page for the root table of any stage.
 */
#ifndef TESTS_DEVICE_PASID_H
#define TESTS_DEVICE_PASID_H

#include "scene.h"

#define IOVA 0x12345000ULL
#define FRAME 0x40000000ULL
#define PASID 0x47

#define PGTT(n) ((uint64_t)(n) << 6)
#define FIRST PGTT(1)
#define SECOND PGTT(2)
#define NESTED PGTT(3)
#define PASS PGTT(4)
#define AW4 (2ULL << 2)
#define SRE 1ULL
#define ERE 2ULL
#define WPE 16ULL
#define A 0x20ULL
#define D 0x40ULL
#define SS_A 0x100ULL
#define SS_D 0x200ULL
#define XD (1ULL << 63)
#define P 1ULL
#define RW 2ULL
#define US 4ULL

extern struct scene s;
extern uint64_t table;

void start(void);

/* A PASID with a first stage that maps IOVA with these flags. */
uint64_t *map_first(uint32_t pasid, uint64_t flags, uint64_t word2);

/* A request of PASID for IOVA. */
struct vtd_request request(unsigned access);
struct vtd_result go(unsigned access);
struct vtd_result go_privileged(unsigned access);

#endif
