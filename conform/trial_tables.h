/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * trial_tables.h - tools for cases about translation: tables in the device's memory, requests of
 * devices, and fault records.
 */
#ifndef CONFORM_TRIAL_TABLES_H
#define CONFORM_TRIAL_TABLES_H

#include "trial.h"

#define SECTION_LEGACY "9.1 to 9.3 Root Entry, Context Entry"
#define SECTION_PAGING "9.8 Second-Stage Paging Entries"
#define SECTION_SCALABLE "9.4 to 9.6 Scalable-Mode Context Entry, PASID Entries"
#define SECTION_FIRST "9.7 First-Stage Paging Entries"
#define SECTION_NESTED "3.8 Nested Translation"
#define SECTION_ATS "4.2 Device-TLBs"
#define SECTION_PAGES "7.4 to 7.9 Page Requests"
#define SECTION_RECORD "11.4.11 Fault Recording Registers"
#define SECTION_INVALIDATION "6.5.3 IOTLB and Paging-Structure Caches"
#define SECTION_REGISTER "6.5.1 Register-based Invalidation Interface"

/* Offsets in the device's memory. */
#define ROOT 0x10000
#define OTHER_ROOT 0x11000
#define CONTEXTS 0x12000
#define DIRECTORY 0x13000
#define PASIDS 0x14000
/* one table per level, the first is the root; then those of the other space */
#define TABLES 0x15000
#define OTHER_TABLES 0x1a000
#define END 0x1f000

#define READER CONFORM_READER
#define WRITER CONFORM_WRITER
#define DID 1
#define OTHER_DID 2
#define IOVA 0x40201000ULL /* it uses a different index at each level */

#define R 1ULL
#define W 2ULL
#define LARGE (1ULL << 7)
#define USER (1ULL << 2) /* this and the next three are bits of the first stage */
#define ACCESSED (1ULL << 5)
#define DIRTY (1ULL << 6)
#define NO_EXECUTE (1ULL << 63)
#define PRESENT 1ULL
#define FPD (1ULL << 1)
#define F (1ULL << 63)

#define ECAP_NEST (1ULL << 26)
#define ECAP_SRS (1ULL << 31)
#define ECAP_ERS (1ULL << 30)
#define ECAP_SSTS (1ULL << 46)
#define ECAP_FSTS (1ULL << 47)
#define CAP_FS5LP (1ULL << 60)
#define CAP_FS1GP (1ULL << 56)

#define IOTLB_REG(t) (VTD_ECAP_IRO((t)->ecap) * 16 + 8)
#define CCMD_REG 0x28

/* ---- Memory, by offset ---- */

uint64_t trial_at(const struct trial *t, uint64_t offset); /* the address of an offset */
void trial_store(struct trial *t, uint64_t offset, uint64_t value);
uint64_t trial_load(struct trial *t, uint64_t offset);
uint64_t trial_frame(const struct trial *t, unsigned i); /* the address of a frame */

/* ---- Tables ---- */

unsigned trial_shift_of(unsigned level);
unsigned trial_levels(const struct trial *t); /* the smallest number of levels of a second stage */

/* The entry of this level for IOVA, in tables with `top` levels. */
uint64_t trial_entry(unsigned tables, unsigned top, unsigned level);

/* Map IOVA to a frame; no other page is mapped. */
void trial_map(struct trial *t, unsigned tables, unsigned top, unsigned i);
void trial_attach(struct trial *t, uint16_t sid, uint16_t did, unsigned tables, unsigned top);
void trial_attach_scalable(struct trial *t, uint16_t sid);
void trial_set_root(struct trial *t, uint64_t root);

/*
 * Set up tables in which IOVA leads reader and writer to frame 0, and turn queue and translation
 * on: legacy mode, or scalable mode with PASID 0 and the second stage. False: not applicable.
 */
bool trial_start(struct trial *t);
bool trial_start_scalable(struct trial *t);
bool trial_has_devices(struct trial *t);

/* The same with a first stage of four levels, whose entries are user pages. */
bool trial_start_first(struct trial *t);
void trial_map_first(struct trial *t, unsigned tables, unsigned top, unsigned i);

/* Fill in a PASID's entry: its PGTT, and the tables of each stage, or 0. */
void trial_pasid_entry(struct trial *t, uint32_t pasid, unsigned pgtt, unsigned first,
		       unsigned second);

/* ---- Requests ---- */

enum conform_arrival trial_request(struct trial *t, uint64_t addr, bool write, uint64_t *to);

/*
 * trial_arrives(): the request must arrive there. trial_faults(): a fault with this reason must be
 * recorded. Otherwise the case deviates.
 */
void trial_arrives(struct trial *t, uint64_t addr, bool write, uint64_t expected);
void trial_faults(struct trial *t, uint64_t addr, bool write, unsigned reason);

unsigned trial_record(const struct trial *t, unsigned i); /* offset of the register */
uint64_t trial_record_upper(struct trial *t, unsigned i);
void trial_clear_record(struct trial *t, unsigned i);

#endif
