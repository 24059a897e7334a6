/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qemu_dma.h - devices of QEMU that read, write and send interrupts, so that the suite can see
 * where their requests arrive.
 *
 * A reader is an e1000 network card without a network: it reads a descriptor with a number of bytes
 * to send, and counts the bytes. Each frame holds a different number, so the card's count tells
 * which frame it has read. A writer is an rtl8139 card, which writes 64 bytes of packet counters,
 * all zero, to a given address. The sender is edu, whose message signalled interrupt goes to the
 * address in its configuration space. Each access is complete when the register write is.
 */
#ifndef CONFORM_QEMU_DMA_H
#define CONFORM_QEMU_DMA_H

#include "device.h"

#include <hosts/qtest.h>

/* For qtest_config.arguments; the readers are probes of hosts/qtest_dma.h. */
#define QEMU_DMA_ARGUMENTS                                                  \
	"-device", "rtl8139,romfile=,addr=4.0,multifunction=on", "-device", \
		"rtl8139,romfile=,addr=4.1,multifunction=on", "-device", "edu,addr=5.0"

#define QEMU_READERS 5

struct qemu_dma {
	struct qtest_host *host;
	const struct conform_device *dev; /* its memory contains the frames */
	uint32_t sent[QEMU_READERS];	  /* bytes that each reader has counted so far */
	unsigned msi; /* offset of the MSI capability in edu's configuration space */
};

/* Call it after a reset of the machine. */
void qemu_dma_init(struct qemu_dma *d, struct qtest_host *host, const struct conform_device *dev);

enum conform_arrival qemu_dma(struct qemu_dma *d, const struct conform_request *q, uint64_t *to);
bool qemu_interrupt(struct qemu_dma *d, uint16_t sid, uint64_t addr, uint32_t data);

#endif
