/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * trial_tables.h - what cases of translation have to work with: tables in the device's memory,
 * requests of devices, and the records of faults.
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
#define USER (1ULL << 2) /* of the first stage, as the next three */
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

uint64_t trial_at(const struct trial *t, uint64_t offset); /* its address */
void trial_store(struct trial *t, uint64_t offset, uint64_t value);
uint64_t trial_load(struct trial *t, uint64_t offset);
uint64_t trial_frame(const struct trial *t, unsigned i); /* where requests arrive */

/* ---- Tables ---- */

unsigned trial_shift_of(unsigned level);
unsigned trial_levels(const struct trial *t); /* of a second stage, the fewest that there are */

/* The entry for IOVA of this level, of tables with `top` levels. */
uint64_t trial_entry(unsigned tables, unsigned top, unsigned level);

/* IOVA leads to a frame, and to no other page. */
void trial_map(struct trial *t, unsigned tables, unsigned top, unsigned i);
void trial_attach(struct trial *t, uint16_t sid, uint16_t did, unsigned tables, unsigned top);
void trial_attach_scalable(struct trial *t, uint16_t sid);
void trial_set_root(struct trial *t, uint64_t root);

/*
 * Reader and writer have IOVA lead to frame 0; the queue and translation are on. Legacy mode, or
 * scalable mode with PASID 0 and the second stage. False: it cannot be tried.
 */
bool trial_start(struct trial *t);
bool trial_start_scalable(struct trial *t);
bool trial_has_devices(struct trial *t);

/* The same by the first stage, of four levels, whose entries are user's. */
bool trial_start_first(struct trial *t);
void trial_map_first(struct trial *t, unsigned tables, unsigned top, unsigned i);

/* A PASID's entry: how it is translated, as PGTT says, and the tables of each stage, or 0. */
void trial_pasid_entry(struct trial *t, uint32_t pasid, unsigned pgtt, unsigned first,
		       unsigned second);

/* ---- Requests ---- */

enum conform_arrival trial_request(struct trial *t, uint64_t addr, bool write, uint64_t *to);

/* The request arrives there; or a fault is recorded, with this reason. Else the case deviates. */
void trial_arrives(struct trial *t, uint64_t addr, bool write, uint64_t expected);
void trial_faults(struct trial *t, uint64_t addr, bool write, unsigned reason);

unsigned trial_record(const struct trial *t, unsigned i); /* its register */
uint64_t trial_record_upper(struct trial *t, unsigned i);
void trial_clear_record(struct trial *t, unsigned i);

#endif
