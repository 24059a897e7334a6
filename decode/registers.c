/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Registers in words: the name of each bit, and the meaning of numbers. */
#include "registers.h"

#include <inttypes.h>
#include <qinval/regs.h>
#include <stdio.h>
#include <string.h>

#define ALWAYS ""

struct bits {
	const char *name;
	uint8_t low, high;
	const char *meaning; /* for a bit, or NULL; for a number ALWAYS if 0 is printed as well */
};

struct reg {
	const char *name;
	uint16_t offset;
	uint8_t width;
	const struct bits *bits; /* an entry without name ends it */
};

static const struct bits ver[] = { { "major", 4, 7, ALWAYS }, { "minor", 0, 3, ALWAYS }, { 0 } };

static const struct bits cap[] = {
	{ "ND", 0, 2, ALWAYS },
	{ "AFL", 3, 3, NULL },
	{ "RWBF", 4, 4, "write buffers are to be flushed" },
	{ "PLMR", 5, 5, NULL },
	{ "PHMR", 6, 6, NULL },
	{ "CM", 7, 7, "caching mode: what is not present is cached too" },
	{ "SAGAW", 8, 12, NULL },
	{ "MGAW", 16, 21, ALWAYS },
	{ "ZLR", 22, 22, NULL },
	{ "FRO", 24, 33, NULL },
	{ "SLLPS", 34, 37, NULL },
	{ "PSI", 39, 39, "page-selective IOTLB invalidation" },
	{ "NFR", 40, 47, ALWAYS },
	{ "MAMV", 48, 53, ALWAYS },
	{ "DWD", 54, 54, "drains writes" },
	{ "DRD", 55, 55, "drains reads" },
	{ "FL1GP", 56, 56, NULL },
	{ "PI", 59, 59, "posted interrupts" },
	{ "FL5LP", 60, 60, NULL },
	{ "ECMDS", 61, 61, NULL },
	{ "ESIRTPS", 62, 62, NULL },
	{ "ESRTPS", 63, 63, NULL },
	{ 0 },
};

static const struct bits ecap[] = {
	{ "C", 0, 0, "coherent" },
	{ "QI", 1, 1, "queued invalidation" },
	{ "DT", 2, 2, "device TLBs" },
	{ "IR", 3, 3, "interrupt remapping" },
	{ "EIM", 4, 4, "x2APIC" },
	{ "PT", 6, 6, "pass-through" },
	{ "SC", 7, 7, "snoop control" },
	{ "IRO", 8, 17, NULL },
	{ "MHMV", 20, 23, ALWAYS },
	{ "MTS", 25, 25, NULL },
	{ "NEST", 26, 26, "nested translation" },
	{ "PRS", 29, 29, "page requests" },
	{ "ERS", 30, 30, NULL },
	{ "SRS", 31, 31, NULL },
	{ "NWFS", 33, 33, NULL },
	{ "EAFS", 34, 34, NULL },
	{ "PSS", 35, 39, NULL },
	{ "PASID", 40, 40, NULL },
	{ "DIT", 41, 41, "device-TLB throttle: PFSID is used" },
	{ "PDS", 42, 42, "page-request drain" },
	{ "SMTS", 43, 43, "scalable mode" },
	{ "VCS", 44, 44, NULL },
	{ "SLADS", 45, 45, NULL },
	{ "SLTS", 46, 46, NULL },
	{ "FLTS", 47, 47, NULL },
	{ "SMPWCS", 48, 48, NULL },
	{ "RPS", 49, 49, NULL },
	{ 0 },
};

static const struct bits gsts[] = {
	{ "TES", 31, 31, "DMA is translated" },
	{ "RTPS", 30, 30, "root table set" },
	{ "FLS", 29, 29, NULL },
	{ "AFLS", 28, 28, NULL },
	{ "WBFS", 27, 27, "write buffers being flushed" },
	{ "QIES", 26, 26, "the invalidation queue is on" },
	{ "IRES", 25, 25, "interrupts are remapped" },
	{ "IRTPS", 24, 24, "interrupt table set" },
	{ "CFIS", 23, 23, "compatibility format interrupts pass" },
	{ 0 },
};

static const struct bits gcmd[] = {
	{ "TE", 31, 31, NULL },	 { "SRTP", 30, 30, NULL },
	{ "SFL", 29, 29, NULL }, { "EAFL", 28, 28, NULL },
	{ "WBF", 27, 27, NULL }, { "QIE", 26, 26, NULL },
	{ "IRE", 25, 25, NULL }, { "SIRTP", 24, 24, NULL },
	{ "CFI", 23, 23, NULL }, { 0 },
};

static const struct bits fsts[] = {
	{ "PFO", 0, 0, "fault records were lost" },
	{ "PPF", 1, 1, "a fault record waits" },
	{ "AFO", 2, 2, NULL },
	{ "APF", 3, 3, NULL },
	{ "IQE", 4, 4, "invalidation queue error" },
	{ "ICE", 5, 5, "invalidation completion error" },
	{ "ITE", 6, 6, "invalidation time-out error" },
	{ "PRO", 7, 7, "page requests were lost" },
	{ "FRI", 8, 15, NULL },
	{ 0 },
};

static const struct bits event[] = {
	{ "IM", 31, 31, "masked: no interrupt is sent" },
	{ "IP", 30, 30, "an interrupt is pending" },
	{ 0 },
};

static const struct bits pmen[] = {
	{ "EPM", 31, 31, "protected memory is on" },
	{ "PRS", 0, 0, "protected" },
	{ 0 },
};

static const struct bits rtaddr[] = {
	{ "TTM", 10, 11, ALWAYS },
	{ "RTA", 12, 63, NULL },
	{ 0 },
};

static const struct bits iq[] = { { "offset", 4, 18, ALWAYS }, { 0 } };

static const struct bits iqa[] = {
	{ "QS", 0, 2, ALWAYS },
	{ "DW", 11, 11, "256-bit descriptors" },
	{ "IQA", 12, 63, NULL },
	{ 0 },
};

static const struct bits ics[] = {
	{ "IWC", 0, 0, "a wait with an interrupt has completed" },
	{ 0 },
};

static const struct bits irta[] = {
	{ "S", 0, 3, ALWAYS },
	{ "EIME", 11, 11, "x2APIC" },
	{ "IRTA", 12, 63, NULL },
	{ 0 },
};

static const struct bits prs[] = {
	{ "PPR", 0, 0, "a page request waits" },
	{ "PRO", 1, 1, "page requests were lost" },
	{ 0 },
};

static const struct bits iqercd[] = {
	{ "IQEI", 0, 3, NULL },
	{ "ITESID", 32, 47, NULL },
	{ "ICESID", 48, 63, NULL },
	{ 0 },
};

static const struct reg registers[] = {
	{ "VER", 0x00, 32, ver },      { "CAP", 0x08, 64, cap },
	{ "ECAP", 0x10, 64, ecap },    { "GCMD", 0x18, 32, gcmd },
	{ "GSTS", 0x1c, 32, gsts },    { "RTADDR", 0x20, 64, rtaddr },
	{ "CCMD", 0x28, 64, NULL },    { "FSTS", 0x34, 32, fsts },
	{ "FECTL", 0x38, 32, event },  { "FEDATA", 0x3c, 32, NULL },
	{ "FEADDR", 0x40, 32, NULL },  { "FEUADDR", 0x44, 32, NULL },
	{ "AFLOG", 0x58, 64, NULL },   { "PMEN", 0x64, 32, pmen },
	{ "PLMBASE", 0x68, 32, NULL }, { "PLMLIMIT", 0x6c, 32, NULL },
	{ "PHMBASE", 0x70, 64, NULL }, { "PHMLIMIT", 0x78, 64, NULL },
	{ "IQH", 0x80, 64, iq },       { "IQT", 0x88, 64, iq },
	{ "IQA", 0x90, 64, iqa },      { "ICS", 0x9c, 32, ics },
	{ "IECTL", 0xa0, 32, event },  { "IQERCD", 0xb0, 64, iqercd },
	{ "IRTA", 0xb8, 64, irta },    { "PQH", 0xc0, 64, iq },
	{ "PQT", 0xc8, 64, iq },       { "PQA", 0xd0, 64, NULL },
	{ "PRS", 0xdc, 32, prs },      { "PECTL", 0xe0, 32, event },
	{ "PEDATA", 0xe4, 32, NULL },  { "PEADDR", 0xe8, 32, NULL },
	{ "PEUADDR", 0xec, 32, NULL },
};

#define N (sizeof(registers) / sizeof(*registers))

const char *const register_names[REGISTERS] = {
	[REGISTER_CAP] = "CAP",	      [REGISTER_ECAP] = "ECAP",	  [REGISTER_GSTS] = "GSTS",
	[REGISTER_FSTS] = "FSTS",     [REGISTER_FECTL] = "FECTL", [REGISTER_RTADDR] = "RTADDR",
	[REGISTER_IQH] = "IQH",	      [REGISTER_IQT] = "IQT",	  [REGISTER_IQA] = "IQA",
	[REGISTER_ICS] = "ICS",	      [REGISTER_PRS] = "PRS",	  [REGISTER_VER] = "VER",
	[REGISTER_IQERCD] = "IQERCD",
};

static const struct reg *find(const char *name)
{
	for (unsigned i = 0; i < N; i++)
		if (!strcmp(registers[i].name, name))
			return &registers[i];
	return NULL;
}

bool register_at(const char *name, uint64_t offset)
{
	const struct reg *r = find(name);

	return r && r->offset == offset;
}

const char *register_name_at(uint64_t offset, unsigned *width)
{
	for (unsigned i = 0; i < N; i++)
		if (registers[i].offset == offset) {
			*width = registers[i].width;
			return registers[i].name;
		}
	return NULL;
}

bool register_ones(const char *name, uint64_t value)
{
	const struct reg *r = find(name);

	return r && value == (r->width == 64 ? UINT64_MAX : UINT32_MAX);
}

/* ---- numbers that encode other numbers ---- */

static void sagaw(char *to, size_t size, unsigned value)
{
	static const char *const levels[] = { "30", "39", "48", "57", "64" };
	size_t n = 0;

	for (unsigned i = 0; i < 5; i++)
		if (value >> i & 1 && n < size)
			n += snprintf(to + n, size - n, "%s%s", n ? ", " : "", levels[i]);
	if (n < size)
		snprintf(to + n, size - n, " bits");
}

static void number(char *to, size_t size, const char *name, uint64_t value)
{
	static const char *const modes[] = { "legacy", "scalable", "reserved (extended, of old)",
					     "abort" };
	const unsigned v = (unsigned)value;

	if (!strcmp(name, "ND"))
		snprintf(to, size, "%u domains", 16u << 2 * v);
	else if (!strcmp(name, "SAGAW"))
		sagaw(to, size, v);
	else if (!strcmp(name, "MGAW"))
		snprintf(to, size, "%u bits", v + 1);
	else if (!strcmp(name, "FRO") || !strcmp(name, "IRO"))
		snprintf(to, size, "at 0x%x", v * 16);
	else if (!strcmp(name, "NFR"))
		snprintf(to, size, "%u fault records", v + 1);
	else if (!strcmp(name, "MAMV"))
		snprintf(to, size, "up to 2^%u pages", v);
	else if (!strcmp(name, "MHMV"))
		snprintf(to, size, "up to 2^%u entries", v);
	else if (!strcmp(name, "SLLPS"))
		snprintf(to, size, "%s%s", v & 1 ? "2 MiB" : "", v & 2 ? ", 1 GiB" : "");
	else if (!strcmp(name, "PSS"))
		snprintf(to, size, "PASIDs of %u bits", v + 1);
	else if (!strcmp(name, "TTM"))
		snprintf(to, size, "%s", modes[v & 3]);
	else if (!strcmp(name, "S"))
		snprintf(to, size, "%u entries", 2u << v);
	else if (!strcmp(name, "offset"))
		snprintf(to, size, "0x%x", v << 4);
	else
		snprintf(to, size, value > 9 ? "0x%" PRIx64 : "%" PRIu64, value);
}

static uint64_t field_of(const struct bits *b, uint64_t value)
{
	return value >> b->low & (UINT64_MAX >> (63 - (b->high - b->low)));
}

static size_t one(char *text, size_t n, const struct bits *b, uint64_t value)
{
	char meaning[80] = "";

	value = field_of(b, value);
	if (!value && (b->low == b->high || !b->meaning))
		return n;
	if (b->low != b->high) {
		meaning[0] = ' ';
		number(meaning + 1, sizeof(meaning) - 1, b->name,
		       b->high == 63 ? value << b->low : value);
	} else if (b->meaning) {
		snprintf(meaning, sizeof(meaning), " (%s)", b->meaning);
	}
	if (n < REGISTER_TEXT)
		n += snprintf(text + n, REGISTER_TEXT - n, "%s%s%s", n ? ", " : "", b->name,
			      meaning);
	return n;
}

bool register_text(char text[REGISTER_TEXT], const char *name, uint64_t value)
{
	const struct reg *r = find(name);
	uint64_t known = 0;
	size_t n = 0;

	text[0] = '\0';
	if (!r || !r->bits)
		return false;
	if (register_ones(name, value)) {
		strcpy(text, "all ones: the unit does not answer");
		return true;
	}
	for (const struct bits *b = r->bits; b->name; b++) {
		known |= field_of(b, UINT64_MAX) << b->low;
		n = one(text, n, b, value);
	}
	if (value & ~known && n < REGISTER_TEXT)
		n += snprintf(text + n, REGISTER_TEXT - n, "%sbits 0x%" PRIx64 " have no name here",
			      n ? ", " : "", value & ~known);
	if (!n)
		strcpy(text, "nothing set");
	return true;
}
