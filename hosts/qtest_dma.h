/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qtest_dma.h - devices whose DMA goes through QEMU's unit, and the tables by which it is
 * translated.
 *
 * A probe is an e1000 network card without a network. When it is told that there is a descriptor to
 * send, it reads the descriptor from memory and marks it as done, both by DMA, before the register
 * write completes. So the page with the mark is the one to which QEMU has translated the address.
 * (edu, QEMU's device for teaching, would do one DMA in 100 ms of guest time.)
 */
#ifndef QTEST_DMA_H
#define QTEST_DMA_H

#include "qtest.h"

#define QTEST_PAGE 4096ULL

/* ---- Tables in the guest's memory ---- */

/* Three levels, which is the default of QEMU's unit. */
#define QTEST_ADDRESS_BITS 39

/* Bits of a page table entry. LARGE: it maps 2 MiB or, one level higher, 1 GiB. */
#define QTEST_PTE_R 1ULL
#define QTEST_PTE_W 2ULL
#define QTEST_PTE_LARGE (1ULL << 7)

/* The root table and, in scalable mode, the tables of PASIDs. */
struct qtest_tables {
	struct qtest_host *host;
	bool scalable;
	uint64_t root;
};

/* False: no room in the guest's memory. The unit does not use the tables yet. */
bool qtest_tables_init(struct qtest_tables *t, struct qtest_host *h, bool scalable);

/*
 * qtest_tables_enable(): set the root table and turn translation on. qtest_tables_disable(): turn
 * it off. The caller invalidates what may be cached. Do not call either while a queue is being
 * turned on or off.
 */
void qtest_tables_enable(const struct qtest_tables *t);
void qtest_tables_disable(const struct qtest_tables *t);

/* Make a new, empty address space; 0: no room. */
uint64_t qtest_space(struct qtest_tables *t);

/*
 * Device @sid on bus 0 uses @space as domain @did; space 0: none. False: no room. In scalable mode
 * each call takes two pages.
 */
bool qtest_attach(struct qtest_tables *t, uint16_t sid, uint16_t did, uint64_t space);

/*
 * The entry for @iova in @space; store to it as a whole. Level 1 maps 4 KiB; levels 2 and 3, with
 * QTEST_PTE_LARGE, map 2 MiB and 1 GiB. NULL: no room for the tables above it, or a large page is
 * there. Only one thread at a time may change a space.
 */
uint64_t *qtest_entry(struct qtest_tables *t, uint64_t space, uint64_t iova, unsigned level);

/* ---- Devices ---- */

/* The configuration space of the devices on bus 0. */
uint32_t qtest_pci_read(struct qtest_host *h, uint16_t sid, unsigned reg);
void qtest_pci_write(struct qtest_host *h, uint16_t sid, unsigned reg, uint32_t value);

/* Put the device's first BAR at @bar, and let it do DMA. */
void qtest_pci_enable(struct qtest_host *h, uint16_t sid, uint64_t bar);

struct qtest_probe {
	struct qtest_host *host;
	uint64_t bar;
	uint16_t sid;
	unsigned next;	/* the next descriptor of its ring */
	uint32_t upper; /* upper half of the ring's address */
};

#define QTEST_PROBES 200

/*
 * Arguments for qtest_config.arguments that make @n probes. NULL: out of memory, or too many.
 * free() the list.
 */
const char **qtest_probe_arguments(unsigned n);

/* Initialise the probe with this number. */
void qtest_probe_init(struct qtest_probe *p, struct qtest_host *h, unsigned number);

/* Prepare a page to be reached by probes. */
void qtest_frame_init(void *page);

/*
 * qtest_probe_reach(): let the probe access @iova, the start of a page. The access is complete when
 * qtest_settle() or any read by the same thread returns. Only one thread at a time may use a probe.
 * qtest_frame_take(): true if this page, prepared as above, was reached; it is then prepared again.
 */
void qtest_probe_reach(struct qtest_probe *p, uint64_t iova);
bool qtest_frame_take(void *page);

#endif
