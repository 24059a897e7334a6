/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * host.h - replaces hosts/qtest.h and hosts/qtest_dma.h where the suite is built inside QEMU's
 * source tree: functions of the same names, on top of libqtest.
 */
#ifndef CONFORM_QTEST_HOST_H
#define CONFORM_QTEST_HOST_H

#include <stdint.h>

struct qtest_host;

/* Access guest-physical @addr. @bytes: 1, 2 or 4. */
uint64_t qtest_load(struct qtest_host *h, uint64_t addr, unsigned bytes);
void qtest_store(struct qtest_host *h, uint64_t addr, uint64_t value, unsigned bytes);

/*
 * The configuration space of the devices on bus 0. qtest_pci_enable(): put the first BAR at @bar.
 */
uint32_t qtest_pci_read(struct qtest_host *h, uint16_t sid, unsigned reg);
void qtest_pci_write(struct qtest_host *h, uint16_t sid, unsigned reg, uint32_t value);
void qtest_pci_enable(struct qtest_host *h, uint16_t sid, uint64_t bar);

/* Return when all writes have taken effect. */
void qtest_settle(struct qtest_host *h);

#endif
