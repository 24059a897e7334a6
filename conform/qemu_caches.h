/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qemu_caches.h - what QEMU's unit has cached: it is seen by where network cards' DMA arrives. */
#ifndef CONFORM_QEMU_CACHES_H
#define CONFORM_QEMU_CACHES_H

#include "device.h"

#include <hosts/qtest_dma.h>

#define QEMU_PROBES 5
#define QEMU_DOMAINS 2
#define QEMU_PAGES 16 /* of a domain, that are looked at, at most */

struct qemu_page {
	uint64_t iova;
	uint64_t *entry;
	void *before, *after; /* the frames that it leads to until, and after, something changes */
	uint64_t before_phys, after_phys;
};

struct qemu_caches {
	struct qtest_host *host;
	struct qtest_tables tables;
	struct qtest_probe probe[QEMU_PROBES];
	uint64_t space[QEMU_DOMAINS], other_space; /* other_space: leads elsewhere */
	struct qemu_page page[QEMU_DOMAINS][QEMU_PAGES], fresh;
	unsigned pages[QEMU_DOMAINS];
	uint64_t next_fresh;
	bool looking; /* it is set up, which it is when it is first wanted after a reset */
};

/* For a QEMU that has started; and after a reset of the machine. */
void qemu_caches_init(struct qemu_caches *c, struct qtest_host *host);
void qemu_caches_reset(struct qemu_caches *c);

/* As in struct conform_device. */
bool qemu_caches_touch(struct qemu_caches *c, const struct conform_entry *e);
bool qemu_caches_cached(struct qemu_caches *c, const struct conform_entry *e);

#endif
