/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "qemu_dma.h"

#include <hosts/qtest_dma.h>
#include <string.h>

#define PAGE 4096ULL

/* ---- Readers: e1000 ---- */

static const uint16_t reader[QEMU_READERS] = { 0x10, 0x11, 0x12, 0x14, 0x18 };

/* The address of their registers; it is that of the probes, so that either may use a card. */
#define READER_BAR 0xe0000000ULL
#define BAR_BYTES 0x20000ULL

#define TCTL 0x400
#define TCTL_EN 2
#define TDBAL 0x3800
#define TDBAH 0x3804
#define TDLEN 0x3808
#define TDH 0x3810
#define TDT 0x3818
#define TOTL 0x40c8 /* bytes sent */

#define RING_BYTES 128
#define END_OF_PACKET (1U << 24)

/* Cards read what they send from this address, which is not translated and never accessed. */
#define NOT_TRANSLATED 0xfee00000ULL

/* The number of bytes that frame i lets a card send; the card may add those of a checksum. */
#define BYTES_OF(i) (16 * ((i) + 1))

static uint64_t bar_of(uint16_t sid)
{
	return READER_BAR + (sid - CONFORM_READER) * BAR_BYTES;
}

static uint64_t frame(const struct qemu_dma *d, unsigned i)
{
	return d->dev->memory + CONFORM_FRAMES + i * PAGE;
}

static void store(struct qemu_dma *d, uint64_t addr, uint32_t value)
{
	qtest_store(d->host, addr, value, 4);
}

static unsigned number_of(uint16_t sid)
{
	unsigned i = 0;

	while (i < QEMU_READERS && reader[i] != sid)
		i++;
	return i;
}

static void start_reader(struct qemu_dma *d, unsigned i)
{
	uint64_t bar = bar_of(reader[i]);

	qtest_pci_enable(d->host, reader[i], bar);
	store(d, bar + TDLEN, RING_BYTES);
	store(d, bar + TCTL, TCTL_EN);
	d->sent[i] = (uint32_t)qtest_load(d->host, bar + TOTL, 4);
}

static enum conform_arrival read_frame(struct qemu_dma *d, const struct conform_request *q,
				       uint64_t *to)
{
	unsigned i, number = number_of(q->sid);
	uint64_t bar = bar_of(q->sid), offset = q->addr & (PAGE - 1);
	uint32_t sent;

	if (number == QEMU_READERS)
		return CONFORM_NO_DEVICE;
	for (i = 0; i < CONFORM_NFRAMES; i++) {
		const uint64_t descriptor[2] = { NOT_TRANSLATED, END_OF_PACKET | BYTES_OF(i) };

		d->dev->store(d->dev->ctx, frame(d, i) + offset, descriptor, sizeof(descriptor));
	}
	store(d, bar + TDBAH, (uint32_t)(q->addr >> 32));
	store(d, bar + TDBAL, (uint32_t)q->addr);
	store(d, bar + TDH, 0);
	store(d, bar + TDT, 1);
	sent = (uint32_t)qtest_load(d->host, bar + TOTL, 4) - d->sent[number];
	d->sent[number] += sent;
	if (sent < BYTES_OF(0) || sent >= BYTES_OF(CONFORM_NFRAMES))
		return CONFORM_NOWHERE;
	*to = frame(d, sent / BYTES_OF(0) - 1) + offset;
	return CONFORM_ARRIVES;
}

/* ---- Writers: rtl8139 ---- */

#define WRITERS 2
#define WRITER_BAR 0xe8000000ULL
#define MEMORY_BAR 0x14
#define COMMAND 4
#define MEMORY_AND_MASTER 6

#define DUMP_COUNTERS 0x10 /* in its C+ mode */
#define DUMP 8U
#define C_PLUS_COMMAND 0xe0

#define COUNTERS 64

static uint64_t writer_bar(uint16_t sid)
{
	return WRITER_BAR + (sid - CONFORM_WRITER) * 0x1000;
}

static void start_writer(struct qemu_dma *d, uint16_t sid)
{
	qtest_pci_write(d->host, sid, MEMORY_BAR, (uint32_t)writer_bar(sid));
	qtest_pci_write(d->host, sid, COMMAND, MEMORY_AND_MASTER);
	qtest_store(d->host, writer_bar(sid) + C_PLUS_COMMAND, 1, 2);
}

static enum conform_arrival write_frame(struct qemu_dma *d, const struct conform_request *q,
					uint64_t *to)
{
	uint64_t bar = writer_bar(q->sid), offset = q->addr & (PAGE - 1);
	unsigned char ones[COUNTERS], written;
	unsigned i;

	if (q->sid - CONFORM_WRITER >= WRITERS)
		return CONFORM_NO_DEVICE;
	memset(ones, 0xff, sizeof(ones));
	for (i = 0; i < CONFORM_NFRAMES; i++)
		d->dev->store(d->dev->ctx, frame(d, i) + offset, ones, sizeof(ones));
	store(d, bar + DUMP_COUNTERS + 4, (uint32_t)(q->addr >> 32));
	store(d, bar + DUMP_COUNTERS, (uint32_t)q->addr | DUMP);
	qtest_settle(d->host);
	for (i = 0; i < CONFORM_NFRAMES; i++) {
		d->dev->load(d->dev->ctx, frame(d, i) + offset, &written, 1);
		if (written)
			continue;
		*to = frame(d, i) + offset;
		return CONFORM_ARRIVES;
	}
	return CONFORM_NOWHERE;
}

enum conform_arrival qemu_dma(struct qemu_dma *d, const struct conform_request *q, uint64_t *to)
{
	return q->write ? write_frame(d, q, to) : read_frame(d, q, to);
}

/* ---- The sender: edu ---- */

#define SENDER_BAR 0xe9000000ULL
#define RAISE 0x60
#define LOWER 0x64
#define CAPABILITIES 0x34
#define MSI 5
#define MSI_ENABLE (1U << 16)

static unsigned find_msi(struct qemu_dma *d)
{
	unsigned at = qtest_pci_read(d->host, CONFORM_SENDER, CAPABILITIES) & 0xfc;

	while (at && (qtest_pci_read(d->host, CONFORM_SENDER, at) & 0xff) != MSI)
		at = qtest_pci_read(d->host, CONFORM_SENDER, at) >> 8 & 0xfc;
	return at;
}

bool qemu_interrupt(struct qemu_dma *d, uint16_t sid, uint64_t addr, uint32_t data)
{
	if (sid != CONFORM_SENDER)
		return false;
	qtest_pci_write(d->host, sid, d->msi + 4, (uint32_t)addr);
	qtest_pci_write(d->host, sid, d->msi + 8, (uint32_t)(addr >> 32));
	qtest_pci_write(d->host, sid, d->msi + 12, data);
	store(d, SENDER_BAR + RAISE, 1);
	store(d, SENDER_BAR + LOWER, 1);
	qtest_settle(d->host);
	return true;
}

void qemu_dma_init(struct qemu_dma *d, struct qtest_host *host, const struct conform_device *dev)
{
	unsigned i;

	*d = (struct qemu_dma){ .host = host, .dev = dev };
	for (i = 0; i < QEMU_READERS; i++)
		start_reader(d, i);
	for (i = 0; i < WRITERS; i++)
		start_writer(d, (uint16_t)(CONFORM_WRITER + i));
	qtest_pci_enable(host, CONFORM_SENDER, SENDER_BAR);
	d->msi = find_msi(d);
	qtest_pci_write(host, CONFORM_SENDER, d->msi, MSI_ENABLE);
}
