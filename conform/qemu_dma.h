/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qemu_dma.h - devices of QEMU that read, write and send interrupts, so that it can be seen where
 * their requests arrive.
 *
 * A reader is an e1000 network card without a network: it reads a descriptor, which says how many
 * bytes to send, and counts them. So each frame holds a number, and what the card has counted is
 * the frame that it has read. A writer is an rtl8139 card, which writes 64 bytes of counters of
 * packets, all zero, where it is told. The sender is edu, whose message signalled interrupt goes
 * wherever its configuration space says. Each is done when the register write is over.
 */
#ifndef CONFORM_QEMU_DMA_H
#define CONFORM_QEMU_DMA_H

#include "device.h"

#include <hosts/qtest.h>

/* For qtest_config.arguments, besides the readers, which are probes of hosts/qtest_dma.h. */
#define QEMU_DMA_ARGUMENTS                                                  \
	"-device", "rtl8139,romfile=,addr=4.0,multifunction=on", "-device", \
		"rtl8139,romfile=,addr=4.1,multifunction=on", "-device", "edu,addr=5.0"

#define QEMU_READERS 5

struct qemu_dma {
	struct qtest_host *host;
	const struct conform_device *dev; /* whose memory has the frames */
	uint32_t sent[QEMU_READERS];	  /* bytes that each reader had counted */
	unsigned msi; /* where edu's configuration space says how it interrupts */
};

/* After a reset of the machine. */
void qemu_dma_init(struct qemu_dma *d, struct qtest_host *host, const struct conform_device *dev);

enum conform_arrival qemu_dma(struct qemu_dma *d, const struct conform_request *q, uint64_t *to);
bool qemu_interrupt(struct qemu_dma *d, uint16_t sid, uint64_t addr, uint32_t data);

#endif
