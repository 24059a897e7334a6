/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "qtest_dma.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qinval/regs.h>

/* ---- tables ---- */

#define PRESENT 1ULL
#define ADDRESS (~(QTEST_PAGE - 1))

/* Address width 1: 39 bits, three levels. */
#define CONTEXT_AW 1ULL
#define PASID_AW (1ULL << 2)
#define PASID_SECOND_LEVEL (2ULL << 6)

#define TOP_LEVEL 3
#define LEVEL_BITS 9
#define TABLE_ENTRIES 512

static uint64_t *at(struct qtest_host *h, uint64_t addr)
{
	return qtest_reach(h, addr, QTEST_PAGE);
}

static uint64_t new_table(struct qtest_host *h)
{
	struct qi_mem m = qtest_memory(h, QTEST_PAGE);

	return m.virt ? m.phys : 0;
}

/* QEMU walks the tables while they change: an entry is stored after what it leads to. */
static void set(uint64_t *entry, uint64_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

bool qtest_tables_init(struct qtest_tables *t, struct qtest_host *h, bool scalable)
{
	t->host = h;
	t->scalable = scalable;
	t->root = new_table(h);
	return t->root;
}

static void command(struct qtest_host *h, uint32_t bits, bool on)
{
	uint32_t status = qtest_read32(h, DMAR_GSTS_REG) & ~VTD_GCMD_ONESHOT;

	qtest_write32(h, DMAR_GCMD_REG, on ? status | bits : status & ~bits);
	qtest_settle(h);
}

void qtest_tables_enable(const struct qtest_tables *t)
{
	uint64_t mode = t->scalable ? VTD_TTM_SCALABLE : VTD_TTM_LEGACY;

	qtest_write64(t->host, DMAR_RTADDR_REG, t->root | mode << 10);
	command(t->host, VTD_GCMD_SRTP, true);
	command(t->host, VTD_GCMD_TE, true);
}

void qtest_tables_disable(const struct qtest_tables *t)
{
	command(t->host, VTD_GCMD_TE, false);
}

uint64_t qtest_space(struct qtest_tables *t)
{
	return new_table(t->host);
}

/* The table to which @entry points; if there is none it is made. NULL: no room. */
static uint64_t *below(struct qtest_host *h, uint64_t *entry, uint64_t flags)
{
	uint64_t table = *entry & ADDRESS;

	if (!(*entry & flags)) {
		table = new_table(h);
		if (!table)
			return NULL;
		set(entry, table | flags);
	}
	return at(h, table);
}

static bool attach_legacy(struct qtest_tables *t, uint16_t sid, uint16_t did, uint64_t space)
{
	uint64_t *context = below(t->host, at(t->host, t->root), PRESENT);

	if (!context)
		return false;
	context += 2 * (sid & 0xff);
	if (space)
		set(context + 1, (uint64_t)did << 8 | CONTEXT_AW);
	set(context, space ? space | PRESENT : 0);
	return true;
}

/*
 * Requests without PASID use PASID 0: directory, table and entry 0. These are new each time,
 * because a unit may go on using a cached context entry, so it must be the context entry that
 * changes.
 */
static bool attach_scalable(struct qtest_tables *t, uint16_t sid, uint16_t did, uint64_t space)
{
	unsigned devfn = sid & 0xff;
	uint64_t *context = below(t->host, at(t->host, t->root) + (devfn >> 7), PRESENT);
	uint64_t directory = new_table(t->host), *pasid;

	if (!context || !directory)
		return false;
	pasid = below(t->host, at(t->host, directory), PRESENT);
	if (!pasid)
		return false;
	set(pasid + 1, did);
	set(pasid, space ? space | PASID_AW | PASID_SECOND_LEVEL | PRESENT : 0);
	set(context + 4 * (devfn & 0x7f), directory | PRESENT);
	return true;
}

bool qtest_attach(struct qtest_tables *t, uint16_t sid, uint16_t did, uint64_t space)
{
	return t->scalable ? attach_scalable(t, sid, did, space)
			   : attach_legacy(t, sid, did, space);
}

uint64_t *qtest_entry(struct qtest_tables *t, uint64_t space, uint64_t iova, unsigned level)
{
	uint64_t *table = at(t->host, space), *entry = NULL;

	for (unsigned l = TOP_LEVEL; table && l >= level; l--) {
		entry = table + (iova >> (12 + LEVEL_BITS * (l - 1)) & (TABLE_ENTRIES - 1));
		if (l == level)
			return entry;
		if (*entry & QTEST_PTE_LARGE)
			return NULL;
		table = below(t->host, entry, QTEST_PTE_R | QTEST_PTE_W);
	}
	return NULL;
}

/* ---- PCI ---- */

#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define PCI_COMMAND 4
#define PCI_BAR0 0x10
#define PCI_MEMORY_AND_MASTER 6

uint32_t qtest_pci_read(struct qtest_host *h, uint16_t sid, unsigned reg)
{
	qtest_port_out(h, PCI_ADDRESS, 1U << 31 | (uint32_t)sid << 8 | reg, 4);
	return qtest_port_in(h, PCI_DATA, 4);
}

void qtest_pci_write(struct qtest_host *h, uint16_t sid, unsigned reg, uint32_t value)
{
	qtest_port_out(h, PCI_ADDRESS, 1U << 31 | (uint32_t)sid << 8 | reg, 4);
	qtest_port_out(h, PCI_DATA, value, 4);
}

void qtest_pci_enable(struct qtest_host *h, uint16_t sid, uint64_t bar)
{
	qtest_pci_write(h, sid, PCI_BAR0, bar);
	qtest_pci_write(h, sid, PCI_COMMAND, PCI_MEMORY_AND_MASTER);
}

/* ---- probes ---- */

#define FIRST_SLOT 2 /* 0 and 31 belong to the chip set */
#define FIRST_BAR 0xe0000000ULL
#define BAR_BYTES 0x20000ULL

#define E1000_TCTL 0x400
#define E1000_TCTL_EN 2
#define E1000_TDBAL 0x3800
#define E1000_TDBAH 0x3804
#define E1000_TDLEN 0x3808
#define E1000_TDT 0x3818

/* The ring is the smallest possible, 128 bytes, at the start of the page that is to be reached. */
#define RING 8
#define E1000_REPORT_STATUS (8U << 24) /* without end of packet, so that nothing is sent */
#define E1000_DONE 1U

struct send_descriptor {
	uint64_t buffer;
	uint32_t command, status;
};

const char **qtest_probe_arguments(unsigned n)
{
	enum { TEXT = 60 };
	const char **list = NULL;
	char *text;

	/* The texts lie behind the list, so that one free() releases both. */
	if (n <= QTEST_PROBES)
		list = malloc((2 * n + 1) * sizeof(*list) + n * TEXT);
	if (!list)
		return NULL;
	text = (char *)(list + 2 * n + 1);
	for (unsigned i = 0; i < n; i++, text += TEXT) {
		snprintf(text, TEXT, "e1000,romfile=,addr=0x%x.%u,multifunction=on",
			 FIRST_SLOT + i / 8, i % 8);
		list[2 * i] = "-device";
		list[2 * i + 1] = text;
	}
	list[2 * n] = NULL;
	return list;
}

static void store(struct qtest_probe *p, unsigned reg, uint32_t value)
{
	qtest_store(p->host, p->bar + reg, value, 4);
}

void qtest_probe_init(struct qtest_probe *p, struct qtest_host *h, unsigned number)
{
	*p = (struct qtest_probe){
		.host = h,
		.bar = FIRST_BAR + number * BAR_BYTES,
		.sid = (FIRST_SLOT << 3) + number,
	};
	qtest_pci_enable(h, p->sid, p->bar);
	store(p, E1000_TDBAH, 0);
	store(p, E1000_TDLEN, RING * sizeof(struct send_descriptor));
	store(p, E1000_TCTL, E1000_TCTL_EN);
}

void qtest_frame_init(void *page)
{
	struct send_descriptor *d = page;

	for (unsigned i = 0; i < RING; i++)
		d[i] = (struct send_descriptor){ .command = E1000_REPORT_STATUS };
}

void qtest_probe_reach(struct qtest_probe *p, uint64_t iova)
{
	p->next = (p->next + 1) % RING;
	if (p->upper != iova >> 32)
		store(p, E1000_TDBAH, iova >> 32);
	p->upper = iova >> 32;
	store(p, E1000_TDBAL, iova);
	store(p, E1000_TDT, p->next);
}

bool qtest_frame_take(void *page)
{
	struct send_descriptor *d = page;
	uint32_t done = 0;

	for (unsigned i = 0; i < RING; i++)
		done |= __atomic_exchange_n(&d[i].status, 0, __ATOMIC_ACQ_REL);
	return done & E1000_DONE;
}
