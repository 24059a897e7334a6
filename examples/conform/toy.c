/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * toy.c - a small model of a remapping unit, for qinval conform: 128-bit descriptors, context cache
 * and IOTLB, waits. Three things in it are wrong, each as it has been in a real model; with -DFIXED
 * they are not.
 *
 *	cc -shared -fPIC -Iinclude -I. -o toy.so examples/conform/toy.c
 *	qinval conform --device ./toy.so
 */
#include <conform/device.h>
#include <qinval/regs.h>

#include <string.h>

#ifdef FIXED
#define WRONG 0
#else
#define WRONG 1
#endif

#define MEMORY 0x100000ULL
#define ENTRIES 64
#define MESSAGES 8

#define CAP (VTD_CAP_PSI | 9ULL << VTD_CAP_MAMV_SHIFT)
#define ECAP (VTD_ECAP_C | VTD_ECAP_QI)

static struct {
	uint64_t word[0x100 / 8]; /* the registers */
	unsigned char memory[CONFORM_MEMORY];
	struct conform_entry cache[ENTRIES];
	unsigned entries;
	struct conform_message message[MESSAGES];
	unsigned messages;
} toy;

/* ---- Registers: 64 bits at each multiple of 8, of which some are two of 32 ---- */

static uint64_t *at(unsigned reg)
{
	return &toy.word[reg / 8];
}

static uint32_t get32(unsigned reg)
{
	return (uint32_t)(*at(reg) >> 8 * (reg % 8));
}

static void set32(unsigned reg, uint32_t value)
{
	unsigned shift = 8 * (reg % 8);

	*at(reg) = (*at(reg) & ~(0xffffffffULL << shift)) | (uint64_t)value << shift;
}

/* Bits that a write changes, and bits that a write of 1 clears. */
static const struct {
	unsigned reg;
	uint64_t writable, cleared;
} map[] = {
	{ DMAR_RTADDR_REG, ~0x3ffULL, 0 },
	{ DMAR_FSTS_REG & ~7U, 0, (uint64_t)VTD_FSTS_QI << 32 },
	{ DMAR_FECTL_REG, ~0x7fffffffULL, 0 },
	{ DMAR_FEADDR_REG, ~3ULL, 0 },
	{ DMAR_IQT_REG, VTD_IQ_OFFSET_MASK, 0 },
	{ DMAR_IQA_REG, VTD_IQA_ADDR_MASK | VTD_IQA_QS_MASK, 0 },
	{ DMAR_ICS_REG & ~7U, 0, (uint64_t)VTD_ICS_IWC << 32 },
	{ DMAR_IECTL_REG, ~0x7fffffffULL, 0 },
	{ DMAR_IEADDR_REG, ~3ULL, 0 },
};

/* ---- Interrupts: FECTL and IECTL have their data and address behind them ---- */

static void send(unsigned control)
{
	if (get32(control) & VTD_IECTL_IM) {
		set32(control, get32(control) | VTD_IECTL_IP);
		return;
	}
	set32(control, 0);
	if (toy.messages < MESSAGES)
		toy.message[toy.messages] =
			(struct conform_message){ *at(control + 8), get32(control + 4) };
	toy.messages++;
}

static void unmask(unsigned control)
{
	if (get32(control) == VTD_IECTL_IP)
		send(control);
}

static void raise_iqe(unsigned code)
{
	set32(DMAR_FSTS_REG, get32(DMAR_FSTS_REG) | VTD_FSTS_IQE);
	*at(DMAR_IQERCD_REG) = code;
	send(DMAR_FECTL_REG);
}

static void complete(void)
{
	if (get32(DMAR_ICS_REG) & VTD_ICS_IWC)
		return;
	set32(DMAR_ICS_REG, VTD_ICS_IWC);
	send(DMAR_IECTL_REG);
}

/* ---- Register accesses ---- */

static void command(uint32_t value)
{
	uint32_t status = get32(DMAR_GSTS_REG) & VTD_GSTS_RTPS;

	set32(DMAR_GSTS_REG, status | (value & (VTD_GCMD_QIE | VTD_GCMD_SRTP)));
	if (!(value & VTD_GCMD_QIE))
		*at(DMAR_IQH_REG) = 0;
}

static void after_write(void)
{
	if (!(get32(DMAR_FSTS_REG) & VTD_FSTS_IQE))
		*at(DMAR_IQERCD_REG) = 0;
	if (!get32(DMAR_FSTS_REG))
		set32(DMAR_FECTL_REG, get32(DMAR_FECTL_REG) & ~VTD_IECTL_IP);
	if (!get32(DMAR_ICS_REG))
		set32(DMAR_IECTL_REG, get32(DMAR_IECTL_REG) & ~VTD_IECTL_IP);
	unmask(DMAR_FECTL_REG);
	unmask(DMAR_IECTL_REG);
}

static uint64_t toy_read(void *ctx, unsigned reg, unsigned size)
{
	(void)ctx;
	return size == 8 ? *at(reg) : get32(reg);
}

static void toy_write(void *ctx, unsigned reg, uint64_t value, unsigned size)
{
	uint64_t lanes = size == 8 ? ~0ULL : 0xffffffffULL << 8 * (reg % 8);

	(void)ctx;
	if (reg == DMAR_GCMD_REG)
		command((uint32_t)value);
	value = size == 8 ? value : value << 8 * (reg % 8);
	for (unsigned i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
		uint64_t changed = map[i].writable & lanes;

		if (map[i].reg != (reg & ~7U))
			continue;
		*at(reg) = (*at(reg) & ~changed) | (value & changed);
		*at(reg) &= ~(map[i].cleared & lanes & value);
	}
	after_write();
}

static bool toy_reset(void *ctx)
{
	(void)ctx;
	memset(toy.word, 0, sizeof(toy.word));
	toy.entries = toy.messages = 0;
	set32(DMAR_VER_REG, 0x10);
	*at(DMAR_CAP_REG) = CAP;
	*at(DMAR_ECAP_REG) = ECAP;
	set32(DMAR_FECTL_REG, VTD_IECTL_IM);
	set32(DMAR_IECTL_REG, VTD_IECTL_IM);
	return true;
}

/* ---- Descriptors ---- */

enum { CONTEXT = 1, IOTLB, WAIT = 5 };

static unsigned granularity(const uint64_t qw[2])
{
	return qw[0] >> 4 & 3;
}

/* 0, or with which code it is refused. */
static unsigned refused(const uint64_t qw[2])
{
	unsigned am = qw[1] & 0x3f;

	if (qw[0] & 0xe00)
		return VTD_IQEI_TYPE;
	switch (qw[0] & 0xf) {
	case CONTEXT:
		return !granularity(qw) || qw[0] & ~0x0003ffffffff003fULL || qw[1]
			       ? VTD_IQEI_RESERVED
			       : 0;
	case IOTLB:
		if (!granularity(qw) || qw[0] & ~0xffff003fULL || qw[1] & 0xf80)
			return VTD_IQEI_RESERVED;
		if (granularity(qw) == 3 && am > VTD_CAP_MAMV(CAP))
			return VTD_IQEI_RESERVED;
		return 0;
	case WAIT:
		return qw[0] & 0xffffff80 || qw[1] & 3 ? VTD_IQEI_RESERVED : 0;
	default:
		return VTD_IQEI_TYPE;
	}
}

static bool goes(const uint64_t qw[2], const struct conform_entry *e)
{
	static const uint16_t functions[] = { 0, 4, 6, 7 }; /* that FM leaves out */
	uint64_t pages = 1ULL << (qw[1] & 0x3f);
	uint64_t first = qw[1] >> 12 & ~(pages - 1); /* what is below the mask is ignored */
	bool context = (qw[0] & 0xf) == CONTEXT;

	if (e->kind != (context ? CONFORM_CONTEXT : CONFORM_IOTLB))
		return false;
	if (granularity(qw) == 1)
		return true;
	if (e->did != (uint16_t)(qw[0] >> 16))
		return false;
	if (granularity(qw) == 2)
		return true;
	if (context)
		return !((e->sid ^ qw[0] >> 32) & 0xffff & ~functions[qw[0] >> 48 & 3]);
	if (WRONG && pages > 1) /* the last page is forgotten */
		pages--;
	return (e->addr >> 12) - first < pages;
}

static void invalidate(const uint64_t qw[2])
{
	unsigned n = 0;

	for (unsigned i = 0; i < toy.entries; i++)
		if (!goes(qw, &toy.cache[i]))
			toy.cache[n++] = toy.cache[i];
	toy.entries = n;
}

static unsigned char *reach(uint64_t addr, size_t len)
{
	if (addr < MEMORY || addr - MEMORY > CONFORM_MEMORY - len)
		return NULL;
	return toy.memory + (addr - MEMORY);
}

static void wait(const uint64_t qw[2])
{
	uint32_t status = (uint32_t)(qw[0] >> 32);
	unsigned char *to = reach(qw[1], sizeof(status));
	bool interrupt = qw[0] & 1 << 4;

	/* wrong: as if SW and IF were two values of one field */
	if (qw[0] & 1 << 5 && to && !(WRONG && interrupt))
		memcpy(to, &status, sizeof(status));
	if (interrupt)
		complete();
}

/* False: nothing is left to do. */
static bool step(void)
{
	uint64_t size = 0x1000ULL << (*at(DMAR_IQA_REG) & VTD_IQA_QS_MASK);
	uint64_t tail = *at(DMAR_IQT_REG), qw[2];
	unsigned char *from;
	unsigned code;

	if (WRONG) /* a tail beyond the ring is taken for one within */
		tail %= size;
	if (!(get32(DMAR_GSTS_REG) & VTD_GSTS_QIES) || get32(DMAR_FSTS_REG) & VTD_FSTS_IQE ||
	    *at(DMAR_IQH_REG) == tail)
		return false;
	from = reach((*at(DMAR_IQA_REG) & VTD_IQA_ADDR_MASK) + *at(DMAR_IQH_REG), sizeof(qw));
	if (from)
		memcpy(qw, from, sizeof(qw));
	code = tail >= size ? VTD_IQEI_TAIL : from ? refused(qw) : VTD_IQEI_FETCH;
	if (code) {
		raise_iqe(code);
		return false;
	}
	*at(DMAR_IQH_REG) = (*at(DMAR_IQH_REG) + sizeof(qw)) % size;
	if ((qw[0] & 0xf) == WAIT)
		wait(qw);
	else
		invalidate(qw);
	return true;
}

/* ---- What else the suite asks for ---- */

static void toy_settle(void *ctx)
{
	(void)ctx;
	while (step())
		;
}

static void toy_store(void *ctx, uint64_t addr, const void *from, size_t len)
{
	(void)ctx;
	memcpy(reach(addr, len), from, len);
}

static void toy_load(void *ctx, uint64_t addr, void *to, size_t len)
{
	(void)ctx;
	memcpy(to, reach(addr, len), len);
}

static unsigned toy_messages(void *ctx, struct conform_message *to, unsigned room)
{
	unsigned n = toy.messages;

	(void)ctx;
	for (unsigned i = 0; i < n && i < room && i < MESSAGES; i++)
		to[i] = toy.message[i];
	toy.messages = 0;
	return n;
}

static bool toy_touch(void *ctx, const struct conform_entry *e)
{
	(void)ctx;
	if (toy.entries == ENTRIES || (e->kind != CONFORM_CONTEXT && e->kind != CONFORM_IOTLB) ||
	    (e->kind == CONFORM_IOTLB && e->pasid != CONFORM_NO_PASID))
		return false;
	toy.cache[toy.entries++] = *e;
	return true;
}

static bool toy_cached(void *ctx, const struct conform_entry *e)
{
	(void)ctx;
	for (unsigned i = 0; i < toy.entries; i++)
		if (toy.cache[i].kind == e->kind && toy.cache[i].did == e->did &&
		    toy.cache[i].sid == e->sid && toy.cache[i].addr == e->addr)
			return true;
	return false;
}

static const struct conform_device device = {
	.name = "toy",
	.reset = toy_reset,
	.read = toy_read,
	.write = toy_write,
	.memory = MEMORY,
	.nowhere = 0x40000000,
	.store = toy_store,
	.load = toy_load,
	.settle = toy_settle,
	.messages = toy_messages,
	.touch = toy_touch,
	.cached = toy_cached,
};

const struct conform_device *conform_device(void)
{
	return &device;
}
