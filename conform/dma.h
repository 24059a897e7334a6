/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * dma.h - requests of devices in a case: good tables, which a case may then spoil, and what has
 * become of a request.
 *
 * IOVA leads to frame 0, for both of the devices, READER and WRITER.
 */
#ifndef CONFORM_DMA_H
#define CONFORM_DMA_H

#include "trial.h"

/* Offsets in the device's memory. */
#define ROOT 0x10000
#define OTHER_ROOT 0x11000
#define CONTEXTS 0x12000
#define DIRECTORY 0x13000
#define PASIDS 0x14000
#define TABLES 0x15000 /* one a level, the first is the top; then the other space's */
#define OTHER_TABLES 0x1a000
#define END 0x1f000

#define READER CONFORM_READER
#define WRITER CONFORM_WRITER
#define DID 1
#define OTHER_DID 2
#define IOVA 0x40201000ULL /* an entry of its own at each level */

#define R 1ULL
#define W 2ULL
#define LARGE (1ULL << 7)
#define PRESENT 1ULL
#define FPD (1ULL << 1)
#define F (1ULL << 63)

/* ---- Memory of the device, by offsets ---- */

uint64_t dma_at(const struct trial *t, uint64_t offset);
void dma_store(struct trial *t, uint64_t offset, uint64_t value);
uint64_t dma_load(struct trial *t, uint64_t offset);

/* Where the frame is that pages may lead to. */
uint64_t dma_frame(const struct trial *t, unsigned i);

/* ---- Tables ---- */

/* The bit of an address at which the index of this level begins; the level of pages is 1. */
unsigned dma_shift(unsigned level);

/* The fewest levels that there are. */
unsigned dma_levels(const struct trial *t);

/* Where the entry for IOVA is; @top: the number of levels. */
uint64_t dma_entry(unsigned tables, unsigned top, unsigned level);

/* IOVA leads to frame @i, and to no other page. */
void dma_map(struct trial *t, unsigned tables, unsigned top, unsigned i);
void dma_attach(struct trial *t, uint16_t sid, uint16_t did, unsigned tables, unsigned top);
void dma_set_root(struct trial *t, uint64_t root);

/* Queue and translation are on. Legacy mode; scalable mode: PASID 0, the second stage. False: not applicable. */
bool dma_start(struct trial *t);
bool dma_start_scalable(struct trial *t);

/* ---- Requests ---- */

enum conform_arrival dma_request(struct trial *t, uint64_t addr, bool write, uint64_t *to);

/* The case deviates unless the request arrives there, or is blocked and recorded with this reason. */
void dma_arrives(struct trial *t, uint64_t addr, bool write, uint64_t expected);
void dma_faults(struct trial *t, uint64_t addr, bool write, unsigned reason);

/* ---- Fault records: where number @i is, and its upper half ---- */

unsigned dma_record(const struct trial *t, unsigned i);
uint64_t dma_record_upper(struct trial *t, unsigned i);
void dma_clear_record(struct trial *t, unsigned i);

#endif
