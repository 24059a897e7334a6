/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* words.c - prints capability and status registers in words. */
#include <qinval/regs.h>

#include "print.h"
#include "tap.h"
#include "unit.h"

struct word {
	uint64_t bit;
	const char *set; /* if NULL, nothing is printed */
	const char *clear;
};

static const struct word cap_words[] = {
	{ VTD_CAP_PSI, "page-selective IOTLB invalidation",
	  "no page-selective IOTLB invalidation" },
	{ VTD_CAP_DRD, "drains reads", NULL },
	{ VTD_CAP_DWD, "drains writes", NULL },
	{ VTD_CAP_CM, "caching mode (a virtual unit)", NULL },
	{ VTD_CAP_RWBF, "write buffers need flushing", NULL },
	{ VTD_CAP_ESRTPS, "enhanced SRTP", NULL },
	{ VTD_CAP_ESIRTPS, "enhanced SIRTP", NULL },
};

static const struct word ecap_words[] = {
	{ VTD_ECAP_QI, "queued invalidation", "no queued invalidation" },
	{ VTD_ECAP_C, "coherent", "does not snoop CPU caches" },
	{ VTD_ECAP_DT, "device TLBs", NULL },
	{ VTD_ECAP_IR, "interrupt remapping", NULL },
	{ VTD_ECAP_EIM, "x2APIC ids", NULL },
	{ VTD_ECAP_PT, "pass-through", NULL },
	{ VTD_ECAP_SC, "snoop control", NULL },
	{ VTD_ECAP_PRS, "page requests", NULL },
	{ VTD_ECAP_PASID, "PASIDs", NULL },
	{ VTD_ECAP_DIT, "device-TLB throttling", NULL },
	{ VTD_ECAP_PDS, "page-request drain", NULL },
	{ VTD_ECAP_SMTS, "scalable mode, 256-bit descriptors", NULL },
};

static const struct word gsts_words[] = {
	{ VTD_GSTS_TES, "DMA remapping is on", "DMA remapping is off" },
	{ VTD_GSTS_QIES, "firmware left the invalidation queue on: it is drained and taken over",
	  "the invalidation queue is off" },
	{ VTD_GSTS_IRES, "firmware left interrupt remapping on: it is left alone", NULL },
};

#define N(words) (sizeof(words) / sizeof((words)[0]))

static void describe_bits(const char *name, uint64_t value, const struct word *w, unsigned n)
{
	const char *separator = "";
	char line[240];
	size_t at = 0;

	for (; n--; w++) {
		const char *text = value & w->bit ? w->set : w->clear;

		if (!text)
			continue;
		at += format(line + at, sizeof(line) - at, "%s%s", separator, text);
		separator = ", ";
	}
	tap_note("  %s %lx: %s", name, value, line);
}

/* SAGAW: bit 1 is three levels, 39 bits; each further one nine bits more. */
static void describe_sizes(const struct unit *u)
{
	char widths[40];
	size_t at = 0;
	unsigned i;

	widths[0] = '\0';
	for (i = 1; i <= 3; i++)
		if (VTD_CAP_SAGAW(u->cap) >> i & 1)
			at += format(widths + at, sizeof(widths) - at, "%s%u", at ? ", " : "",
				     30 + 9 * i);
	tap_note(
		"      %u domains, tables for %s bits of %u, up to 2^%u pages in one invalidation,",
		1U << (4 + 2 * VTD_CAP_ND(u->cap)), widths, VTD_CAP_MGAW(u->cap) + 1,
		VTD_CAP_MAMV(u->cap));
	tap_note("      up to 2^%u interrupt entries in one, %u fault records",
		 VTD_ECAP_MHMV(u->ecap), VTD_CAP_NFR(u->cap) + 1);
}

void unit_describe(const struct unit *u)
{
	uint32_t gsts = unit_read32(u, DMAR_GSTS_REG);

	tap_note("unit %u: registers at %lx, segment %u%s, version %u.%u", u->number, u->where.base,
		 u->where.segment, u->where.rest ? ", for all devices that no other unit has" : "",
		 VTD_VER_MAJOR(u->version), VTD_VER_MIN(u->version));
	describe_bits("CAP ", u->cap, cap_words, N(cap_words));
	describe_sizes(u);
	describe_bits("ECAP", u->ecap, ecap_words, N(ecap_words));
	describe_bits("GSTS", gsts, gsts_words, N(gsts_words));
}
