/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qtest_dma.h - devices behind QEMU's unit, whose DMA it translates, and the tables by which it
 * does.
 *
 * A probe is an e1000 network card without a network. Told that there is a descriptor to send, it
 * reads one from memory and marks it as done, both by DMA and before the register write is over. So
 * the page that has the mark afterwards is the one to which QEMU has really translated the address.
 * (edu, QEMU's device for teaching, does one DMA in 100 ms of the guest's time.)
 */
#ifndef QTEST_DMA_H
#define QTEST_DMA_H

#include "qtest.h"

#define QTEST_PAGE 4096ULL

/* ---- Tables, in the guest's memory ---- */

/* Three levels, as QEMU's unit has unless told otherwise. */
#define QTEST_ADDRESS_BITS 39

/* Bits of an entry of the page tables. LARGE: it maps 2 MiB or, in the level above, 1 GiB. */
#define QTEST_PTE_R 1ULL
#define QTEST_PTE_W 2ULL
#define QTEST_PTE_LARGE (1ULL << 7)

/* Where the tables are: root table, and, where it is in use, what belongs to scalable mode. */
struct qtest_tables {
	struct qtest_host *host;
	bool scalable;
	uint64_t root;
};

/* False: no room in the guest's memory. The unit is not told yet. */
bool qtest_tables_init(struct qtest_tables *t, struct qtest_host *h, bool scalable);

/*
 * Tell the unit, and turn translation on, which until then it does not do; off. What it may have
 * cached is the caller's to invalidate. Not while a queue is being turned on or off.
 */
void qtest_tables_enable(const struct qtest_tables *t);
void qtest_tables_disable(const struct qtest_tables *t);

/* A new, empty address space; 0: no room. */
uint64_t qtest_space(struct qtest_tables *t);

/*
 * Device @sid, of bus 0, uses @space as domain @did; space 0: it uses none. False: no room. In
 * scalable mode each call takes two pages.
 */
bool qtest_attach(struct qtest_tables *t, uint16_t sid, uint16_t did, uint64_t space);

/*
 * The entry for @iova in @space, to be stored to as a whole: level 1 maps 4 KiB, 2 and 3, with
 * QTEST_PTE_LARGE, map 2 MiB and 1 GiB. NULL: no room for the tables above it, or a large page is
 * there already. One thread at a time in a space.
 */
uint64_t *qtest_entry(struct qtest_tables *t, uint64_t space, uint64_t iova, unsigned level);

/* ---- Devices ---- */

/* Configuration space of the devices of bus 0. */
uint32_t qtest_pci_read(struct qtest_host *h, uint16_t sid, unsigned reg);
void qtest_pci_write(struct qtest_host *h, uint16_t sid, unsigned reg, uint32_t value);

/* Its first BAR is memory at @bar from now on, and it may do DMA. */
void qtest_pci_enable(struct qtest_host *h, uint16_t sid, uint64_t bar);

struct qtest_probe {
	struct qtest_host *host;
	uint64_t bar;
	uint16_t sid;
	unsigned next;	/* descriptor of its ring */
	uint32_t upper; /* of the ring's address */
};

#define QTEST_PROBES 200

/* For qtest_config.arguments: @n probes. NULL: out of memory, or too many. free() it. */
const char **qtest_probe_arguments(unsigned n);

/* The @number-th of them. */
void qtest_probe_init(struct qtest_probe *p, struct qtest_host *h, unsigned number);

/* Prepare a page to be reached by probes. */
void qtest_frame_init(void *page);

/*
 * Have it reach @iova, the start of a page. It is done when qtest_settle(), or any read by the same
 * thread, has returned. One thread at a time for a probe. Then qtest_frame_take() says whether this
 * was the page, prepared as above, and forgets it.
 */
void qtest_probe_reach(struct qtest_probe *p, uint64_t iova);
bool qtest_frame_take(void *page);

#endif
