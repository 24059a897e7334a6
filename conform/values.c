/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* values.c - fields with allowed and forbidden values. */
#include "trial.h"

#include <stdio.h>

#define SECTION_IOTLB "6.5.2 IOTLB Invalidate Descriptor"
#define SECTION_PIOTLB "6.5.2 PASID-based-IOTLB Invalidate Descriptor"
#define SECTION_DEVTLB "6.5.2 Device-TLB Invalidate Descriptor"
#define SECTION_PDEVTLB "6.5.2 PASID-based-Device-TLB Invalidate Descriptor"
#define SECTION_IEC "6.5.2 Interrupt Entry Cache Invalidate Descriptor"
#define SECTION_WAIT "6.5.2 Invalidation Wait Descriptor"
#define SECTION_RESPONSE "7.7 Page Group Response Descriptor"

#define ALIGNED 0x4000000000ULL /* to every AM that is used here */

typedef struct qi_desc make_fn(struct trial *t, unsigned value);

/* " 1-18 23" */
static void values_text(char *text, size_t size, uint64_t values)
{
	size_t n = 0;

	for (unsigned low = 0, high; low < 64; low = high + 1) {
		high = low;
		if (!(values >> low & 1))
			continue;
		while (high < 63 && values >> (high + 1) & 1)
			high++;
		if (n < size)
			n += (size_t)snprintf(text + n, size - n, " %u", low);
		if (n < size && high > low)
			n += (size_t)snprintf(text + n, size - n, "-%u", high);
	}
}

/* Try the values first..last, and name those for which the result is not as expected. */
static void sweep(struct trial *t, make_fn *make, const char *field, unsigned first, unsigned last,
		  enum trial_verdict expected)
{
	char text[CONFORM_DETAIL / 2] = "";
	uint64_t wrong = 0;

	if (!t->slots && !trial_queue_on(t, 0))
		return;
	for (unsigned v = first; v <= last; v++)
		if (trial_try(t, make(t, v)) != expected)
			wrong |= 1ULL << v;
	if (!wrong)
		return;
	values_text(text, sizeof(text), wrong);
	trial_deviates(t, "%s with %s%s", expected == REFUSED ? "executed" : "not executed", field,
		       text);
}

/* ---- AM ---- */

static struct qi_desc with_am(struct trial *t, unsigned am)
{
	(void)t;
	return qi_desc_iotlb(QI_IOTLB_PAGE, 5, ALIGNED, am, false, 0);
}

static struct qi_desc with_am_pasid(struct trial *t, unsigned am)
{
	return qi_desc_piotlb(QI_PIOTLB_PAGE, 5, trial_pasid(t), ALIGNED, am, false);
}

/* Off by the lowest page: aligned to no AM. */
static struct qi_desc with_am_unaligned(struct trial *t, unsigned am)
{
	(void)t;
	return qi_desc_iotlb(QI_IOTLB_PAGE, 5, ALIGNED | 0x1000, am, false, 0);
}

static struct qi_desc with_am_unaligned_pasid(struct trial *t, unsigned am)
{
	return qi_desc_piotlb(QI_PIOTLB_PAGE, 5, trial_pasid(t), ALIGNED | 0x1000, am, false);
}

/* Misaligned by the highest bit below the mask. */
static struct qi_desc with_am_half(struct trial *t, unsigned am)
{
	(void)t;
	return qi_desc_iotlb(QI_IOTLB_PAGE, 5, ALIGNED | 0x800ULL << am, am, false, 0);
}

static struct qi_desc with_am_half_pasid(struct trial *t, unsigned am)
{
	return qi_desc_piotlb(QI_PIOTLB_PAGE, 5, trial_pasid(t), ALIGNED | 0x800ULL << am, am,
			      false);
}

static bool has_pages(struct trial *t, bool pasid)
{
	if (pasid)
		return trial_needs(t, has_ecap(t, VTD_ECAP_SMTS), "no such type: ECAP.SMTS");
	return trial_needs(t, has_cap(t, VTD_CAP_PSI), "no page-selective invalidation: CAP.PSI");
}

static void check_am(struct trial *t, unsigned pasid)
{
	if (has_pages(t, pasid))
		sweep(t, pasid ? with_am_pasid : with_am, "AM", 0, VTD_CAP_MAMV(t->cap), ACCEPTED);
}

static void check_am_above(struct trial *t, unsigned pasid)
{
	unsigned mamv = VTD_CAP_MAMV(t->cap);

	if (has_pages(t, pasid) && trial_needs(t, mamv < 63, "MAMV allows all values"))
		sweep(t, pasid ? with_am_pasid : with_am, "AM", mamv + 1, 63, REFUSED);
}

static void check_am_alignment(struct trial *t, unsigned pasid)
{
	if (!has_pages(t, pasid) ||
	    !trial_needs(t, VTD_CAP_MAMV(t->cap), "MAMV allows no other AM than 0"))
		return;
	sweep(t, pasid ? with_am_unaligned_pasid : with_am_unaligned, "AM", 1, VTD_CAP_MAMV(t->cap),
	      ACCEPTED);
	sweep(t, pasid ? with_am_half_pasid : with_am_half, "AM", 1, VTD_CAP_MAMV(t->cap),
	      ACCEPTED);
}

static void check_ignored_am(struct trial *t, unsigned granu)
{
	struct qi_desc d = qi_desc_iotlb(granu, 5, ALIGNED | 0x1000, 63, true, 0);

	trial_accepts(t, d);
}

static void check_page_without_psi(struct trial *t, unsigned arg)
{
	(void)arg;
	if (trial_needs(t, !has_cap(t, VTD_CAP_PSI), "only without CAP.PSI"))
		trial_refuses(t, with_am(t, 0));
}

/* ---- Draining ---- */

static void check_drain(struct trial *t, unsigned drain)
{
	bool there = has_cap(t, drain == QI_IOTLB_DR ? VTD_CAP_DRD : VTD_CAP_DWD);
	struct qi_desc d = qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, drain);

	if (trial_needs(t, there, "CAP has no such draining"))
		trial_accepts(t, d);
}

static void check_drain_without(struct trial *t, unsigned drain)
{
	bool there = has_cap(t, drain == QI_IOTLB_DR ? VTD_CAP_DRD : VTD_CAP_DWD);
	struct qi_desc d = qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, drain);

	if (trial_needs(t, !there, "CAP has this draining"))
		trial_refuses(t, d);
}

/* ---- Sizes of device-TLB invalidations ---- */

static struct qi_desc with_size(struct trial *t, unsigned order)
{
	(void)t;
	return qi_desc_dev_tlb(0x1234, 0, 0, 0, order);
}

static struct qi_desc with_size_pasid(struct trial *t, unsigned order)
{
	(void)t;
	return qi_desc_dev_tlb_pasid(0x1234, 0, 0, 1, false, 0, order);
}

static bool has_devtlb(struct trial *t, bool pasid)
{
	return trial_needs(t, trial_has_type(t, pasid ? QI_DEIOTLB_TYPE : QI_DIOTLB_TYPE),
			   "ECAP says that there is no such type");
}

static void check_sizes(struct trial *t, unsigned pasid)
{
	if (has_devtlb(t, pasid))
		sweep(t, pasid ? with_size_pasid : with_size, "order", 0, QI_DEV_TLB_ALL, ACCEPTED);
}

static void check_no_size(struct trial *t, unsigned pasid)
{
	struct qi_desc d = pasid ? with_size_pasid(t, 0) : with_size(t, 0);

	d.qw1 = ~0xfffULL | (pasid ? 1 << 11 : 1);
	if (has_devtlb(t, pasid))
		trial_refuses(t, d);
}

/* ---- Index mask, response code, status address ---- */

static struct qi_desc with_im(struct trial *t, unsigned im)
{
	(void)t;
	return qi_desc_iec(QI_IEC_INDEX, 0, im);
}

static void check_im(struct trial *t, unsigned arg)
{
	(void)arg;
	if (trial_needs(t, has_ecap(t, VTD_ECAP_IR), "no such type: ECAP.IR"))
		sweep(t, with_im, "IM", 0, VTD_ECAP_MHMV(t->ecap), ACCEPTED);
}

static void check_im_above(struct trial *t, unsigned arg)
{
	(void)arg;
	if (trial_needs(t, has_ecap(t, VTD_ECAP_IR), "no such type: ECAP.IR"))
		sweep(t, with_im, "IM", VTD_ECAP_MHMV(t->ecap) + 1, 31, REFUSED);
}

static struct qi_desc with_code(struct trial *t, unsigned code)
{
	(void)t;
	return qi_desc_page_response(0x1234, false, 0, code, 0, false);
}

static void check_codes(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_PRS), "no such type: ECAP.PRS"))
		return;
	sweep(t, with_code, "RC", 0, 1, ACCEPTED);
	sweep(t, with_code, "RC", 15, 15, ACCEPTED);
}

static void check_bad_codes(struct trial *t, unsigned arg)
{
	(void)arg;
	if (trial_needs(t, has_ecap(t, VTD_ECAP_PRS), "no such type: ECAP.PRS"))
		sweep(t, with_code, "RC", 2, 14, REFUSED);
}

const struct conform_case conform_values[] = {
	{ "value.iotlb-am", "AM up to CAP.MAMV", SECTION_IOTLB, check_am, false, BOTH_WIDTHS },
	{ "value.iotlb-am-above", "AM above CAP.MAMV raises IQE", SECTION_IOTLB, check_am_above,
	  false, BOTH_WIDTHS },
	{ "value.iotlb-am-alignment", "the bits of ADDR below 2^AM pages are ignored",
	  SECTION_IOTLB, check_am_alignment, false, BOTH_WIDTHS },
	{ "value.iotlb-global-am", "AM, IH and ADDR are ignored in a global invalidation",
	  SECTION_IOTLB, check_ignored_am, QI_IOTLB_GLOBAL, BOTH_WIDTHS },
	{ "value.iotlb-domain-am", "AM, IH and ADDR are ignored in a domain-selective invalidation",
	  SECTION_IOTLB, check_ignored_am, QI_IOTLB_DOMAIN, BOTH_WIDTHS },
	{ "value.iotlb-without-psi", "page-selective invalidation without CAP.PSI raises IQE",
	  SECTION_IOTLB, check_page_without_psi, 0, BOTH_WIDTHS },
	{ "value.iotlb-dr", "DR with CAP.DRD", SECTION_IOTLB, check_drain, QI_IOTLB_DR,
	  BOTH_WIDTHS },
	{ "value.iotlb-dw", "DW with CAP.DWD", SECTION_IOTLB, check_drain, QI_IOTLB_DW,
	  BOTH_WIDTHS },
	{ "value.iotlb-without-drd", "DR without CAP.DRD raises IQE", SECTION_IOTLB,
	  check_drain_without, QI_IOTLB_DR, BOTH_WIDTHS },
	{ "value.iotlb-without-dwd", "DW without CAP.DWD raises IQE", SECTION_IOTLB,
	  check_drain_without, QI_IOTLB_DW, BOTH_WIDTHS },
	{ "value.pasid-iotlb-am", "AM up to CAP.MAMV", SECTION_PIOTLB, check_am, true,
	  BOTH_WIDTHS },
	{ "value.pasid-iotlb-am-above", "AM above CAP.MAMV raises IQE", SECTION_PIOTLB,
	  check_am_above, true, BOTH_WIDTHS },
	{ "value.pasid-iotlb-am-alignment", "the bits of ADDR below 2^AM pages are ignored",
	  SECTION_PIOTLB, check_am_alignment, true, BOTH_WIDTHS },
	{ "value.devtlb-size", "S and the zero in ADDR that tells the size, up to everything",
	  SECTION_DEVTLB, check_sizes, false, BOTH_WIDTHS },
	{ "value.devtlb-no-size", "S with an ADDR of ones only raises IQE", SECTION_DEVTLB,
	  check_no_size, false, BOTH_WIDTHS },
	{ "value.pasid-devtlb-size", "S and the zero in ADDR that tells the size, up to everything",
	  SECTION_PDEVTLB, check_sizes, true, BOTH_WIDTHS },
	{ "value.pasid-devtlb-no-size", "S with an ADDR of ones only raises IQE", SECTION_PDEVTLB,
	  check_no_size, true, BOTH_WIDTHS },
	{ "value.iec-im", "IM up to ECAP.MHMV", SECTION_IEC, check_im, 0, BOTH_WIDTHS },
	{ "value.iec-im-above", "IM above ECAP.MHMV raises IQE", SECTION_IEC, check_im_above, 0,
	  BOTH_WIDTHS },
	{ "value.response-code", "response codes 0, 1 and 15", SECTION_RESPONSE, check_codes, 0,
	  BOTH_WIDTHS },
	{ "value.response-code-undefined", "other response codes raise IQE", SECTION_RESPONSE,
	  check_bad_codes, 0, BOTH_WIDTHS },
	{ 0 }
};
