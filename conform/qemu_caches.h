/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qemu_caches.h - finds out what QEMU's unit has cached, from where DMA of network cards arrives.
 */
#ifndef CONFORM_QEMU_CACHES_H
#define CONFORM_QEMU_CACHES_H

#include "device.h"

#include <hosts/qtest_dma.h>

#define QEMU_PROBES 5
#define QEMU_DOMAINS 2
#define QEMU_PAGES 16 /* pages per domain that are checked, at most */

struct qemu_page {
	uint64_t iova;
	uint64_t *entry;
	void *before, *after; /* the frames to which it leads before and after a change */
	uint64_t before_phys, after_phys;
};

struct qemu_caches {
	struct qtest_host *host;
	struct qtest_tables tables;
	struct qtest_probe probe[QEMU_PROBES];
	/* other_space: the same addresses lead elsewhere */
	uint64_t space[QEMU_DOMAINS], other_space;
	struct qemu_page page[QEMU_DOMAINS][QEMU_PAGES], fresh;
	unsigned pages[QEMU_DOMAINS];
	uint64_t next_fresh;
	bool looking; /* it is set up; this is done when it is first needed after a reset */
};

/*
 * qemu_caches_init(): for a QEMU that has started. qemu_caches_reset(): after a reset of the
 * machine.
 */
void qemu_caches_init(struct qemu_caches *c, struct qtest_host *host);
void qemu_caches_reset(struct qemu_caches *c);

/* As in struct conform_device. */
bool qemu_caches_touch(struct qemu_caches *c, const struct conform_entry *e);
bool qemu_caches_cached(struct qemu_caches *c, const struct conform_entry *e);

#endif
