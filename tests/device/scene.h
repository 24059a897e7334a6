/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * scene.h - a unit with translation, memory, tables and a queue, for tests of translation.
 *
 * Memory begins at 0: the ring, status words, the root table, and from SCENE_FREE on pages that
 * scene_page() returns, cleared. Pages of devices lead to addresses above it, which are never read.
 */
#ifndef TESTS_DEVICE_SCENE_H
#define TESTS_DEVICE_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/translation.h"

#include <qinval/desc.h>
#include <qinval/regs.h>

#define SCENE_RING 0x1000ULL
#define SCENE_STATUS 0x2000ULL
#define SCENE_ROOT 0x3000ULL
#define SCENE_IRT 0x4000ULL
#define SCENE_PRQ 0x5000ULL
#define SCENE_FREE 0x6000ULL
#define SCENE_BYTES 0x80000ULL
#define SCENE_LINES 64
#define SCENE_LOG 16
#define SCENE_CHOICES 64

#define SID 0x0210 /* bus 2, devfn 10h */
#define DID 5
#define PTE_R 1ULL
#define PTE_W 2ULL
#define PTE_RW 3ULL
#define PTE_LARGE 0x80ULL

struct scene {
	struct vtd_unit u;
	struct vtd_translation t;
	struct vtd_ops ops;
	struct vtd_config cfg;
	struct vtd_translation_config tcfg;
	struct vtd_line line[SCENE_LINES];
	uint64_t mem[SCENE_BYTES / 8];
	uint64_t next; /* the next free page */
	unsigned tail, waits;
	unsigned reads;	  /* of tables and ring, by DMA */
	uint64_t hole;	  /* a page without memory; 0: none */
	bool frozen;	  /* compare-and-swap fails */
	unsigned changes; /* software changes the word before so many swaps by ... */
	uint64_t change;  /* ... these bits */

	struct {
		uint64_t addr;
		uint32_t data;
	} msi[SCENE_LOG];
	unsigned nmsi;
	struct vtd_page_response response[SCENE_LOG];
	unsigned nresponse;
	unsigned judged[3];
	uint8_t judged_kind; /* of the last judged use */

	unsigned script[SCENE_CHOICES], asked[SCENE_CHOICES], nasked;
	/* Alters a descriptor when the unit reads it. */
	void (*spoil)(struct scene *s, uint64_t *qw);
};

/* All capabilities. scene_start(): a scene with these, with queue and translation on. */
#define SCENE_CAP                                                                            \
	(6ULL | 0xeULL << 8 | 56ULL << 16 | 0x40ULL << 24 | 3ULL << 34 | VTD_CAP_PSI |       \
	 3ULL << 40 | 18ULL << VTD_CAP_MAMV_SHIFT | VTD_CAP_DWD | VTD_CAP_DRD | 1ULL << 56 | \
	 1ULL << 60)
#define SCENE_ECAP                                                                           \
	(VTD_ECAP_C | VTD_ECAP_QI | VTD_ECAP_DT | VTD_ECAP_IR | VTD_ECAP_EIM | VTD_ECAP_PT | \
	 VTD_ECAP_SC | 0x50ULL << 8 | 15ULL << VTD_ECAP_MHMV_SHIFT | VTD_ECAP_PRS |          \
	 19ULL << VTD_ECAP_PSS_SHIFT | VTD_ECAP_PASID | VTD_ECAP_DIT | VTD_ECAP_PDS |        \
	 VTD_ECAP_SMTS | 1ULL << 26 | 7ULL << 45 | 1ULL << 30 | 1ULL << 31)

/* Between these two calls, change s->cfg and s->tcfg. */
void scene_config(struct scene *s);
void scene_start(struct scene *s, uint64_t mode); /* mode: RTADDR.TTM, 0 or 1 << 10 */

/* Change the capabilities later: with the same tables the unit behaves differently. */
void scene_capabilities(struct scene *s, uint64_t cap, uint64_t ecap);

uint64_t *scene_at(struct scene *s, uint64_t addr);
uint64_t scene_page(struct scene *s);

/* The context entry in legacy mode. AW: 1, 2, 3 for 3, 4, 5 levels. */
uint64_t *scene_context(struct scene *s, uint16_t sid);
void scene_attach(struct scene *s, uint16_t sid, uint16_t did, uint64_t table, unsigned aw);

/* The entries in scalable mode; missing tables are made. */
uint64_t *scene_scalable_context(struct scene *s, uint16_t sid);
uint64_t *scene_pasid(struct scene *s, uint16_t sid, uint32_t pasid);

/* The entry for addr at this level, with second-stage (R, W) or first-stage tables above it. */
uint64_t *scene_entry(struct scene *s, uint64_t table, unsigned levels, uint64_t addr,
		      unsigned level);
uint64_t *scene_first_entry(struct scene *s, uint64_t table, unsigned levels, uint64_t addr,
			    unsigned level);

uint64_t scene_read(struct scene *s, unsigned reg);
void scene_write(struct scene *s, unsigned reg, uint64_t value);
void scene_command(struct scene *s, uint32_t bits, bool on);

/* A request of SID without PASID. */
struct vtd_result scene_dma(struct scene *s, uint64_t addr, unsigned access);
struct vtd_result scene_request(struct scene *s, struct vtd_request q);

/* Submit a descriptor and a wait, and execute both. */
void scene_submit(struct scene *s, struct qi_desc d);
void scene_put(struct scene *s, struct qi_desc d);
struct qi_desc scene_wait(struct scene *s, uint64_t flags);
void scene_ring(struct scene *s);
void scene_run(struct scene *s);
bool scene_waited(struct scene *s); /* true: the last wait's status is written */

/* Run `play` once for each sequence of choices of the unit. Returns the number of sequences. */
unsigned scene_explore(struct scene *s, void (*play)(struct scene *s));

#endif
