/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * host.h - what the suite's devices need of a QEMU, in place of hosts/qtest.h and
 * hosts/qtest_dma.h, where the suite runs in a tree of QEMU's: functions of those names, by
 * libqtest.
 */
#ifndef CONFORM_QTEST_HOST_H
#define CONFORM_QTEST_HOST_H

#include <stdint.h>

struct qtest_host;

/* Of whatever is at guest-physical @addr. @bytes: 1, 2 or 4. */
uint64_t qtest_load(struct qtest_host *h, uint64_t addr, unsigned bytes);
void qtest_store(struct qtest_host *h, uint64_t addr, uint64_t value, unsigned bytes);

/* Configuration space of the devices of bus 0. The first BAR is memory at @bar from then on. */
uint32_t qtest_pci_read(struct qtest_host *h, uint16_t sid, unsigned reg);
void qtest_pci_write(struct qtest_host *h, uint16_t sid, unsigned reg, uint32_t value);
void qtest_pci_enable(struct qtest_host *h, uint16_t sid, uint64_t bar);

/* All that was written has taken effect. */
void qtest_settle(struct qtest_host *h);

#endif
