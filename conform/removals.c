/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * removals.c - which entries each invalidation removes from each cache. The entries that it covers
 * must be gone when the wait after it has completed. A unit may remove more; that is a remark, as
 * it costs time.
 */
#include "trial.h"

#include <stdio.h>
#include <string.h>

/* ---- What is cached before each invalidation ---- */

enum {
	CONTEXT_A0, /* domain 1: device 0x10, and others whose function differs in one bit */
	CONTEXT_A1,
	CONTEXT_A2,
	CONTEXT_A4,
	CONTEXT_B, /* domain 2, another device */
	PASID_11,  /* domain, PASID */
	PASID_12,
	PASID_21,
	PAGE_1_0, /* domain, page; without PASID */
	PAGE_1_1,
	PAGE_1_3,
	PAGE_1_4,
	PAGE_1_FAR,
	PAGE_2_0,
	PAGE_11_0, /* domain and PASID, page */
	PAGE_11_1,
	PAGE_11_2,
	PAGE_12_0,
	PAGE_21_0,
	IEC_4, /* index */
	IEC_5,
	IEC_6,
	IEC_8,
	DEVTLB_A_0, /* device, page; without PASID */
	DEVTLB_A_1,
	DEVTLB_A_2,
	DEVTLB_A_FAR,
	DEVTLB_B_0,
	DEVTLB_A1_0, /* device and PASID, page */
	DEVTLB_A1_1,
	DEVTLB_A1_2,
	DEVTLB_A2_0,
	DEVTLB_B1_0,
	PROBES
};

#define A 0x0010
#define B 0x0018
#define BASE 0x10000ULL
#define FAR 0x7fffe000ULL

#define CONTEXT(did, sid)                       \
	{                                       \
		CONFORM_CONTEXT, did, sid, 0, 0 \
	}
#define PASID(did, pasid)                       \
	{                                       \
		CONFORM_PASID, did, 0, pasid, 0 \
	}
#define PAGE(did, pasid, addr)                     \
	{                                          \
		CONFORM_IOTLB, did, 0, pasid, addr \
	}
#define IEC(index)                          \
	{                                   \
		CONFORM_IEC, 0, 0, 0, index \
	}
#define DEVTLB(sid, pasid, addr)                    \
	{                                           \
		CONFORM_DEVTLB, 0, sid, pasid, addr \
	}

static const struct {
	const char *name;
	struct conform_entry entry;
} probes[PROBES] = {
	[CONTEXT_A0] = { "context of 00:02.0", CONTEXT(1, A) },
	[CONTEXT_A1] = { "context of 00:02.1", CONTEXT(1, A | 1) },
	[CONTEXT_A2] = { "context of 00:02.2", CONTEXT(1, A | 2) },
	[CONTEXT_A4] = { "context of 00:02.4", CONTEXT(1, A | 4) },
	[CONTEXT_B] = { "context of 00:03.0", CONTEXT(2, B) },
	[PASID_11] = { "PASID 1 of domain 1", PASID(1, 1) },
	[PASID_12] = { "PASID 2 of domain 1", PASID(1, 2) },
	[PASID_21] = { "PASID 1 of domain 2", PASID(2, 1) },
	[PAGE_1_0] = { "page 0x10 of domain 1", PAGE(1, CONFORM_NO_PASID, BASE) },
	[PAGE_1_1] = { "page 0x11 of domain 1", PAGE(1, CONFORM_NO_PASID, BASE + 0x1000) },
	[PAGE_1_3] = { "page 0x13 of domain 1", PAGE(1, CONFORM_NO_PASID, BASE + 0x3000) },
	[PAGE_1_4] = { "page 0x14 of domain 1", PAGE(1, CONFORM_NO_PASID, BASE + 0x4000) },
	[PAGE_1_FAR] = { "page 0x7fffe of domain 1", PAGE(1, CONFORM_NO_PASID, FAR) },
	[PAGE_2_0] = { "page 0x10 of domain 2", PAGE(2, CONFORM_NO_PASID, BASE) },
	[PAGE_11_0] = { "page 0x10 of domain 1, PASID 1", PAGE(1, 1, BASE) },
	[PAGE_11_1] = { "page 0x11 of domain 1, PASID 1", PAGE(1, 1, BASE + 0x1000) },
	[PAGE_11_2] = { "page 0x12 of domain 1, PASID 1", PAGE(1, 1, BASE + 0x2000) },
	[PAGE_12_0] = { "page 0x10 of domain 1, PASID 2", PAGE(1, 2, BASE) },
	[PAGE_21_0] = { "page 0x10 of domain 2, PASID 1", PAGE(2, 1, BASE) },
	[IEC_4] = { "interrupt entry 4", IEC(4) },
	[IEC_5] = { "interrupt entry 5", IEC(5) },
	[IEC_6] = { "interrupt entry 6", IEC(6) },
	[IEC_8] = { "interrupt entry 8", IEC(8) },
	[DEVTLB_A_0] = { "page 0x10 in 00:02.0", DEVTLB(A, CONFORM_NO_PASID, BASE) },
	[DEVTLB_A_1] = { "page 0x11 in 00:02.0", DEVTLB(A, CONFORM_NO_PASID, BASE + 0x1000) },
	[DEVTLB_A_2] = { "page 0x12 in 00:02.0", DEVTLB(A, CONFORM_NO_PASID, BASE + 0x2000) },
	[DEVTLB_A_FAR] = { "page 0x7fffe in 00:02.0", DEVTLB(A, CONFORM_NO_PASID, FAR) },
	[DEVTLB_B_0] = { "page 0x10 in 00:03.0", DEVTLB(B, CONFORM_NO_PASID, BASE) },
	[DEVTLB_A1_0] = { "page 0x10 of PASID 1 in 00:02.0", DEVTLB(A, 1, BASE) },
	[DEVTLB_A1_1] = { "page 0x11 of PASID 1 in 00:02.0", DEVTLB(A, 1, BASE + 0x1000) },
	[DEVTLB_A1_2] = { "page 0x12 of PASID 1 in 00:02.0", DEVTLB(A, 1, BASE + 0x2000) },
	[DEVTLB_A2_0] = { "page 0x10 of PASID 2 in 00:02.0", DEVTLB(A, 2, BASE) },
	[DEVTLB_B1_0] = { "page 0x10 of PASID 1 in 00:03.0", DEVTLB(B, 1, BASE) },
};

/* ---- What each invalidation covers ---- */

#define BIT(probe) (1ULL << (probe))
#define FROM_TO(first, last) (BIT((last) + 1) - BIT(first))

#define ALL_CONTEXTS FROM_TO(CONTEXT_A0, CONTEXT_B)
#define ALL_PASIDS FROM_TO(PASID_11, PASID_21)
#define PAGES_1 FROM_TO(PAGE_1_0, PAGE_1_FAR)
#define PASID_PAGES_1 FROM_TO(PAGE_11_0, PAGE_12_0)
#define ALL_PAGES FROM_TO(PAGE_1_0, PAGE_21_0)
#define ALL_IEC FROM_TO(IEC_4, IEC_8)
#define DEVTLB_A FROM_TO(DEVTLB_A_0, DEVTLB_A_FAR)
#define DEVTLB_A_PASIDS FROM_TO(DEVTLB_A1_0, DEVTLB_A2_0)

enum {
	CC_GLOBAL,
	CC_DOMAIN,
	CC_DEVICE,
	CC_DEVICE_FM1,
	CC_DEVICE_FM2,
	CC_DEVICE_FM3,
	PC_GLOBAL,
	PC_DOMAIN,
	PC_ONE,
	TLB_GLOBAL,
	TLB_DOMAIN,
	TLB_PAGE,
	TLB_AM1,
	TLB_AM2,
	TLB_AM3,
	TLB_UNALIGNED,
	TLB_IH,
	TLB_FAR,
	PTLB_ALL,
	PTLB_PAGE,
	PTLB_AM1,
	PTLB_UNALIGNED,
	IE_GLOBAL,
	IE_INDEX,
	IE_IM1,
	IE_IM2,
	DTLB_PAGE,
	DTLB_TWO,
	DTLB_FOUR,
	DTLB_ALL,
	DTLB_OTHER,
	PDTLB_PAGE,
	PDTLB_TWO,
	PDTLB_ALL,
	PDTLB_GLOBAL,
	REMOVALS
};

/* `either`: entries that may go or stay, as the specification leaves it to the kind of mapping. */
static const struct removal {
	struct {
		uint64_t qw0, qw1;
	} desc;
	uint64_t covered, either;
} removals[REMOVALS] = {
#define CC(g, did, sid, fm)                                                   \
	{                                                                     \
		QI_CC_TYPE | (g) << 4 | (did) << 16 | (uint64_t)(sid) << 32 | \
			(uint64_t)(fm) << 48,                                 \
			0                                                     \
	}
	[CC_GLOBAL] = { CC(QI_CC_GLOBAL, 0, 0, 0), ALL_CONTEXTS, 0 },
	[CC_DOMAIN] = { CC(QI_CC_DOMAIN, 1, 0, 0), ALL_CONTEXTS & ~BIT(CONTEXT_B), 0 },
	[CC_DEVICE] = { CC(QI_CC_DEVICE, 1, A, 0), BIT(CONTEXT_A0), 0 },
	[CC_DEVICE_FM1] = { CC(QI_CC_DEVICE, 1, A, 1), BIT(CONTEXT_A0) | BIT(CONTEXT_A4), 0 },
	[CC_DEVICE_FM2] = { CC(QI_CC_DEVICE, 1, A, 2),
			    BIT(CONTEXT_A0) | BIT(CONTEXT_A2) | BIT(CONTEXT_A4), 0 },
	[CC_DEVICE_FM3] = { CC(QI_CC_DEVICE, 1, A, 3), FROM_TO(CONTEXT_A0, CONTEXT_A4), 0 },
#define PC(g, did, pasid)                                                        \
	{                                                                        \
		QI_PC_TYPE | (g) << 4 | (did) << 16 | (uint64_t)(pasid) << 32, 0 \
	}
	[PC_GLOBAL] = { PC(QI_PC_GLOBAL, 0, 0), ALL_PASIDS, 0 },
	[PC_DOMAIN] = { PC(QI_PC_DOMAIN, 1, 0), BIT(PASID_11) | BIT(PASID_12), 0 },
	[PC_ONE] = { PC(QI_PC_PASID, 1, 1), BIT(PASID_11), 0 },
#define TLB(g, did, qw1)                                    \
	{                                                   \
		QI_IOTLB_TYPE | (g) << 4 | (did) << 16, qw1 \
	}
#define TLB_PAGES(am) TLB(QI_IOTLB_PAGE, 1, BASE | (am))
	[TLB_GLOBAL] = { TLB(QI_IOTLB_GLOBAL, 0, 0), ALL_PAGES, 0 },
	[TLB_DOMAIN] = { TLB(QI_IOTLB_DOMAIN, 1, 0), PAGES_1 | PASID_PAGES_1, 0 },
	[TLB_PAGE] = { TLB_PAGES(0), BIT(PAGE_1_0), PASID_PAGES_1 },
	[TLB_AM1] = { TLB_PAGES(1), BIT(PAGE_1_0) | BIT(PAGE_1_1), PASID_PAGES_1 },
	[TLB_AM2] = { TLB_PAGES(2), FROM_TO(PAGE_1_0, PAGE_1_3), PASID_PAGES_1 },
	[TLB_AM3] = { TLB_PAGES(3), FROM_TO(PAGE_1_0, PAGE_1_4), PASID_PAGES_1 },
	[TLB_UNALIGNED] = { TLB_PAGES(0x3000 | 2), FROM_TO(PAGE_1_0, PAGE_1_3), PASID_PAGES_1 },
	[TLB_IH] = { TLB_PAGES(0x40), BIT(PAGE_1_0), PASID_PAGES_1 },
	[TLB_FAR] = { TLB(QI_IOTLB_PAGE, 1, FAR), BIT(PAGE_1_FAR), PASID_PAGES_1 },
#define PTLB(g, qw1)                                                  \
	{                                                             \
		QI_EIOTLB_TYPE | (g) << 4 | 1 << 16 | 1ULL << 32, qw1 \
	}
	[PTLB_ALL] = { PTLB(QI_PIOTLB_PASID, 0), FROM_TO(PAGE_11_0, PAGE_11_2), 0 },
	[PTLB_PAGE] = { PTLB(QI_PIOTLB_PAGE, BASE), BIT(PAGE_11_0), 0 },
	[PTLB_AM1] = { PTLB(QI_PIOTLB_PAGE, BASE | 1), BIT(PAGE_11_0) | BIT(PAGE_11_1), 0 },
	[PTLB_UNALIGNED] = { PTLB(QI_PIOTLB_PAGE, BASE | 0x1000 | 1),
			     BIT(PAGE_11_0) | BIT(PAGE_11_1), 0 },
#define IE(g, index, im)                                                         \
	{                                                                        \
		QI_IEC_TYPE | (g) << 4 | (im) << 27 | (uint64_t)(index) << 32, 0 \
	}
	[IE_GLOBAL] = { IE(QI_IEC_GLOBAL, 0, 0), ALL_IEC, 0 },
	[IE_INDEX] = { IE(QI_IEC_INDEX, 4, 0), BIT(IEC_4), 0 },
	[IE_IM1] = { IE(QI_IEC_INDEX, 4, 1), BIT(IEC_4) | BIT(IEC_5), 0 },
	[IE_IM2] = { IE(QI_IEC_INDEX, 4, 2), FROM_TO(IEC_4, IEC_6), 0 },
#define DTLB(sid, qw1)                                      \
	{                                                   \
		QI_DIOTLB_TYPE | (uint64_t)(sid) << 32, qw1 \
	}
	[DTLB_PAGE] = { DTLB(A, BASE), BIT(DEVTLB_A_0), 0 },
	[DTLB_TWO] = { DTLB(A, BASE | 1), BIT(DEVTLB_A_0) | BIT(DEVTLB_A_1), 0 },
	[DTLB_FOUR] = { DTLB(A, BASE | 0x1000 | 1), FROM_TO(DEVTLB_A_0, DEVTLB_A_2), 0 },
	[DTLB_ALL] = { DTLB(A, (~0ULL >> 1 & ~0xfffULL) | 1), DEVTLB_A, 0 },
	[DTLB_OTHER] = { DTLB(B, BASE), BIT(DEVTLB_B_0), 0 },
#define PDTLB(qw1)                                          \
	{                                                   \
		QI_DEIOTLB_TYPE | A << 16 | 1ULL << 32, qw1 \
	}
	[PDTLB_PAGE] = { PDTLB(BASE), BIT(DEVTLB_A1_0), 0 },
	[PDTLB_TWO] = { PDTLB(BASE | 0x800), BIT(DEVTLB_A1_0) | BIT(DEVTLB_A1_1), 0 },
	[PDTLB_ALL] = { PDTLB((~0ULL >> 1 & ~0xfffULL) | 0x800), FROM_TO(DEVTLB_A1_0, DEVTLB_A1_2),
			0 },
	[PDTLB_GLOBAL] = { PDTLB((~0ULL >> 1 & ~0xfffULL) | 0x801), DEVTLB_A_PASIDS, 0 },
};

/* ---- Trying an invalidation ---- */

/* The probes that the device has been made to cache. */
static uint64_t touch_all(struct trial *t)
{
	uint64_t touched = 0, cached = 0;

	for (unsigned i = 0; i < PROBES; i++)
		if (t->dev->touch(t->dev->ctx, &probes[i].entry))
			touched |= BIT(i);
	for (unsigned i = 0; i < PROBES; i++)
		if (touched & BIT(i) && t->dev->cached(t->dev->ctx, &probes[i].entry))
			cached |= BIT(i);
	return cached;
}

static uint64_t still_cached(struct trial *t, uint64_t which)
{
	for (unsigned i = 0; i < PROBES; i++)
		if (which & BIT(i) && !t->dev->cached(t->dev->ctx, &probes[i].entry))
			which &= ~BIT(i);
	return which;
}

static void names(char *text, size_t size, uint64_t which)
{
	unsigned n = 0, left = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < PROBES; i++) {
		if (!(which & BIT(i)))
			continue;
		if (n < size * 2 / 3)
			n += (unsigned)snprintf(text + n, size - n, "%s%s", n ? "; " : "",
						probes[i].name);
		else
			left++;
	}
	if (left)
		snprintf(text + n, size - n, "; and %u more", left);
}

static void judge(struct trial *t, const struct removal *r, uint64_t cached)
{
	uint64_t still = still_cached(t, cached), gone = cached & ~still;
	char text[CONFORM_DETAIL - 20];

	if (still & r->covered) {
		names(text, sizeof(text), still & r->covered);
		trial_deviates(t, "still cached: %s", text);
	} else if (gone & ~r->covered & ~r->either) {
		names(text, sizeof(text), gone & ~r->covered & ~r->either);
		trial_remark(t, "removes more: %s", text);
	}
}

/*
 * True if the unit accepts it: page-selective ones need PSI, and the number of pages and of
 * interrupt entries is limited.
 */
static bool is_possible(struct trial *t, const struct qi_desc *d)
{
	unsigned type = qi_desc_type(d), granu = d->qw0 >> 4 & 3;

	if (!trial_needs(t, trial_has_type(t, type), "ECAP says that there is no such type"))
		return false;
	if (type >= QI_EIOTLB_TYPE && d->qw0 >> 32 && !has_ecap(t, VTD_ECAP_PASID))
		return trial_needs(t, false, "no PASIDs: ECAP.PASID");
	if (type == QI_IOTLB_TYPE && granu == QI_IOTLB_PAGE && !has_cap(t, VTD_CAP_PSI))
		return trial_needs(t, false, "no page-selective invalidation: CAP.PSI");
	if ((type == QI_IOTLB_TYPE || type == QI_EIOTLB_TYPE) &&
	    (d->qw1 & 0x3f) > VTD_CAP_MAMV(t->cap))
		return trial_needs(t, false, "not so many pages at once: CAP.MAMV");
	if (type == QI_IEC_TYPE && (d->qw0 >> 27 & 0x1f) > VTD_ECAP_MHMV(t->ecap))
		return trial_needs(t, false, "not so many entries at once: ECAP.MHMV");
	return true;
}

static void check_removal(struct trial *t, unsigned which)
{
	const struct removal *r = &removals[which];
	struct qi_desc d = { r->desc.qw0, r->desc.qw1, 0, 0 };
	uint64_t cached;

	if (!is_possible(t, &d) ||
	    !trial_needs(t, t->dev->touch && t->dev->cached, "caches cannot be seen") ||
	    !trial_queue_on(t, 0))
		return;
	cached = touch_all(t);
	if (!trial_needs(t, cached & r->covered, "it caches nothing that this covers"))
		return;
	trial_put(t, d);
	trial_put(t, trial_wait(t, QI_IWD_SW, 0, 5));
	trial_submit(t);
	if (trial_expect(t, trial_status(t, 0) == 5, "the invalidation does not complete"))
		judge(t, r, cached);
}

#define REMOVAL(name, which, what, title)                                               \
	{                                                                               \
		"removal." name, "removes " what, "6.5.2 " title, check_removal, which, \
			BOTH_WIDTHS                                                     \
	}

const struct conform_case conform_removals[] = {
#define TITLE "Context-cache Invalidate Descriptor"
	REMOVAL("context-global", CC_GLOBAL, "all contexts", TITLE),
	REMOVAL("context-domain", CC_DOMAIN, "the contexts of a domain", TITLE),
	REMOVAL("context-device", CC_DEVICE, "the context of a function", TITLE),
	REMOVAL("context-device-fm1", CC_DEVICE_FM1, "contexts, without function bit 2", TITLE),
	REMOVAL("context-device-fm2", CC_DEVICE_FM2, "contexts, without function bits 2 and 1",
		TITLE),
	REMOVAL("context-device-fm3", CC_DEVICE_FM3, "contexts, of all of a device's functions",
		TITLE),
#undef TITLE
#define TITLE "PASID-cache Invalidate Descriptor"
	REMOVAL("pasid-global", PC_GLOBAL, "all PASID entries", TITLE),
	REMOVAL("pasid-domain", PC_DOMAIN, "the PASID entries of a domain", TITLE),
	REMOVAL("pasid-one", PC_ONE, "one PASID's entry in a domain", TITLE),
#undef TITLE
#define TITLE "IOTLB Invalidate Descriptor"
	REMOVAL("iotlb-global", TLB_GLOBAL, "all translations", TITLE),
	REMOVAL("iotlb-domain", TLB_DOMAIN, "the translations of a domain", TITLE),
	REMOVAL("iotlb-page", TLB_PAGE, "a page of a domain", TITLE),
	REMOVAL("iotlb-am1", TLB_AM1, "two pages of a domain", TITLE),
	REMOVAL("iotlb-am2", TLB_AM2, "four pages of a domain", TITLE),
	REMOVAL("iotlb-am3", TLB_AM3, "eight pages of a domain", TITLE),
	REMOVAL("iotlb-unaligned", TLB_UNALIGNED, "the four pages around an unaligned ADDR", TITLE),
	REMOVAL("iotlb-ih", TLB_IH, "a page of a domain, with the hint IH too", TITLE),
	REMOVAL("iotlb-far", TLB_FAR, "a page at a high address", TITLE),
#undef TITLE
#define TITLE "PASID-based-IOTLB Invalidate Descriptor"
	REMOVAL("pasid-iotlb-all", PTLB_ALL, "the translations of a PASID", TITLE),
	REMOVAL("pasid-iotlb-page", PTLB_PAGE, "a page of a PASID", TITLE),
	REMOVAL("pasid-iotlb-am1", PTLB_AM1, "two pages of a PASID", TITLE),
	REMOVAL("pasid-iotlb-unaligned", PTLB_UNALIGNED,
		"the two pages of a PASID around an unaligned ADDR", TITLE),
#undef TITLE
#define TITLE "Interrupt Entry Cache Invalidate Descriptor"
	REMOVAL("iec-global", IE_GLOBAL, "all interrupt entries", TITLE),
	REMOVAL("iec-index", IE_INDEX, "an interrupt entry", TITLE),
	REMOVAL("iec-im1", IE_IM1, "two interrupt entries", TITLE),
	REMOVAL("iec-im2", IE_IM2, "four interrupt entries", TITLE),
#undef TITLE
#define TITLE "Device-TLB Invalidate Descriptor"
	REMOVAL("devtlb-page", DTLB_PAGE, "a page from a device", TITLE),
	REMOVAL("devtlb-two", DTLB_TWO, "two pages from a device", TITLE),
	REMOVAL("devtlb-four", DTLB_FOUR, "four pages from a device", TITLE),
	REMOVAL("devtlb-all", DTLB_ALL, "everything without PASID from a device", TITLE),
	REMOVAL("devtlb-other", DTLB_OTHER, "a page from another device", TITLE),
#undef TITLE
#define TITLE "PASID-based-Device-TLB Invalidate Descriptor"
	REMOVAL("pasid-devtlb-page", PDTLB_PAGE, "a page of a PASID from a device", TITLE),
	REMOVAL("pasid-devtlb-two", PDTLB_TWO, "two pages of a PASID from a device", TITLE),
	REMOVAL("pasid-devtlb-all", PDTLB_ALL, "everything of a PASID from a device", TITLE),
	REMOVAL("pasid-devtlb-global", PDTLB_GLOBAL, "everything of all PASIDs from a device",
		TITLE),
#undef TITLE
	{ 0 }
};
