/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* types.c - which descriptor types and granularities exist. */
#include "trial.h"

#include <stdio.h>

#define SECTION_TYPE "6.5.2 "

/* ---- Types that exist ---- */

enum {
	CONTEXT_GLOBAL,
	CONTEXT_DOMAIN,
	CONTEXT_DEVICE,
	IOTLB_GLOBAL,
	IOTLB_DOMAIN,
	IOTLB_PAGE,
	DEVTLB_PAGE,
	DEVTLB_RANGE,
	DEVTLB_ALL,
	IEC_GLOBAL,
	IEC_INDEX,
	WAIT_STATUS,
	PIOTLB_PASID,
	PIOTLB_PAGE,
	PASID_DOMAIN,
	PASID_ONE,
	PASID_GLOBAL,
	PDEVTLB_PAGE,
	PDEVTLB_RANGE,
	PDEVTLB_ALL,
	RESPONSE,
};

static struct qi_desc valid(const struct trial *t, unsigned which)
{
	switch (which) {
	case CONTEXT_GLOBAL:
		return qi_desc_context(QI_CC_GLOBAL, 0, 0, 0);
	case CONTEXT_DOMAIN:
		return qi_desc_context(QI_CC_DOMAIN, 5, 0, 0);
	case CONTEXT_DEVICE:
		return qi_desc_context(QI_CC_DEVICE, 5, 0x1234, 3);
	case IOTLB_GLOBAL:
		return qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0);
	case IOTLB_DOMAIN:
		return qi_desc_iotlb(QI_IOTLB_DOMAIN, 5, 0, 0, false, 0);
	case IOTLB_PAGE:
		return qi_desc_iotlb(QI_IOTLB_PAGE, 5, 0x12345000, 0, true, 0);
	case DEVTLB_PAGE:
		return qi_desc_dev_tlb(0x1234, 0, 16, 0x12345000, 0);
	case DEVTLB_RANGE:
		return qi_desc_dev_tlb(0x1234, 0, 0, 0x12300000, 8);
	case DEVTLB_ALL:
		return qi_desc_dev_tlb(0x1234, 0, 0, 0, QI_DEV_TLB_ALL);
	case IEC_GLOBAL:
		return qi_desc_iec(QI_IEC_GLOBAL, 0, 0);
	case IEC_INDEX:
		return qi_desc_iec(QI_IEC_INDEX, 7, 0);
	case WAIT_STATUS:
		return trial_wait(t, QI_IWD_SW, 1, 5);
	case PIOTLB_PASID:
		return qi_desc_piotlb(QI_PIOTLB_PASID, 5, trial_pasid(t), 0, 0, false);
	case PIOTLB_PAGE:
		return qi_desc_piotlb(QI_PIOTLB_PAGE, 5, trial_pasid(t), 0x12345000, 0, true);
	case PASID_DOMAIN:
		return qi_desc_pasid_cache(QI_PC_DOMAIN, 5, 0);
	case PASID_ONE:
		return qi_desc_pasid_cache(QI_PC_PASID, 5, trial_pasid(t));
	case PASID_GLOBAL:
		return qi_desc_pasid_cache(QI_PC_GLOBAL, 0, 0);
	case PDEVTLB_PAGE:
		return qi_desc_dev_tlb_pasid(0x1234, 0, 16, 1, false, 0x12345000, 0);
	case PDEVTLB_RANGE:
		return qi_desc_dev_tlb_pasid(0x1234, 0, 0, 1, false, 0x12300000, 8);
	case PDEVTLB_ALL:
		return qi_desc_dev_tlb_pasid(0x1234, 0, 0, 0, true, 0, QI_DEV_TLB_ALL);
	default: /* RESPONSE */
		return qi_desc_page_response(0x1234, false, 0, QI_RESP_SUCCESS, 3, true);
	}
}

static void check_valid(struct trial *t, unsigned which)
{
	struct qi_desc d = valid(t, which);

	if (!trial_needs(t, trial_has_type(t, qi_desc_type(&d)),
			 "ECAP says that there is no such type"))
		return;
	if (which == IOTLB_PAGE &&
	    !trial_needs(t, has_cap(t, VTD_CAP_PSI), "no page-selective invalidation: CAP.PSI"))
		return;
	trial_accepts(t, d);
}

/* ---- Types that do not exist ---- */

static void report_accepted(struct trial *t, const char *what, uint64_t accepted)
{
	char text[CONFORM_DETAIL / 2] = "";

	if (!accepted)
		return;
	for (unsigned i = 0, n = 0; i < 64; i++)
		if (accepted >> i & 1)
			n += (unsigned)snprintf(text + n, sizeof(text) - n, " %u", i);
	trial_deviates(t, "%s%s: executed", what, text);
}

static void check_undefined_types(struct trial *t, unsigned arg)
{
	uint64_t accepted = 0;

	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	for (unsigned type = 0; type < 16; type++) {
		const struct qi_desc d = { type, 0, 0, 0 };

		if ((type == 0 || type >= QI_TYPES) && trial_try(t, d) != REFUSED)
			accepted |= 1ULL << type;
	}
	report_accepted(t, "types", accepted);
}

static void check_missing_type(struct trial *t, unsigned which)
{
	struct qi_desc d = valid(t, which);

	if (trial_needs(t, !trial_has_type(t, qi_desc_type(&d)),
			"ECAP says that there is such a type"))
		trial_refuses(t, d);
}

/* qw0[11:9] are the upper bits of the type; all types with one of them set are undefined. */
static void check_upper_bits(struct trial *t, unsigned arg)
{
	uint64_t accepted = 0;

	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	for (unsigned which = CONTEXT_GLOBAL; which <= RESPONSE; which++) {
		for (uint64_t upper = 1; upper < 8; upper++) {
			struct qi_desc d = valid(t, which);
			unsigned type = qi_desc_type(&d);

			d.qw0 |= upper << 9;
			if (trial_try(t, d) != REFUSED)
				accepted |= 1ULL << type;
		}
	}
	report_accepted(t, "upper bits with type", accepted);
}

/* Try the type of @which with the other values of qw0[5:4]. */
static void check_granularity(struct trial *t, unsigned which)
{
	struct qi_desc d = valid(t, which);
	static const uint8_t defined[QI_TYPES] = {
		[QI_CC_TYPE] = 0xe,
		[QI_IOTLB_TYPE] = 0xe,
		[QI_EIOTLB_TYPE] = 0xc,
		[QI_PC_TYPE] = 0xb,
	};
	uint64_t accepted = 0;

	if (!trial_needs(t, trial_has_type(t, qi_desc_type(&d)),
			 "ECAP says that there is no such type") ||
	    !trial_queue_on(t, 0))
		return;
	for (uint64_t g = 0; g < 4; g++) {
		if (defined[qi_desc_type(&d)] >> g & 1)
			continue;
		d.qw0 = (d.qw0 & ~(3ULL << 4)) | g << 4;
		if (trial_try(t, d) != REFUSED)
			accepted |= 1ULL << g;
	}
	report_accepted(t, "granularities", accepted);
}

#define VALID(name, which, title)                                                            \
	{                                                                                    \
		"type." name, "the descriptor is executed", SECTION_TYPE title, check_valid, \
			which, BOTH_WIDTHS                                                   \
	}
#define MISSING(name, which, capability, widths)                                    \
	{                                                                           \
		"type.without-" name, "without " capability " the type raises IQE", \
			SECTION_ERRORS, check_missing_type, which, widths           \
	}
#define GRANULARITY(name, which, title)                                                            \
	{                                                                                          \
		"type.granularity-" name, "undefined granularities raise IQE", SECTION_TYPE title, \
			check_granularity, which, BOTH_WIDTHS                                      \
	}

const struct conform_case conform_types[] = {
	VALID("context-global", CONTEXT_GLOBAL, "Context-cache Invalidate Descriptor"),
	VALID("context-domain", CONTEXT_DOMAIN, "Context-cache Invalidate Descriptor"),
	VALID("context-device", CONTEXT_DEVICE, "Context-cache Invalidate Descriptor"),
	VALID("iotlb-global", IOTLB_GLOBAL, "IOTLB Invalidate Descriptor"),
	VALID("iotlb-domain", IOTLB_DOMAIN, "IOTLB Invalidate Descriptor"),
	VALID("iotlb-page", IOTLB_PAGE, "IOTLB Invalidate Descriptor"),
	VALID("devtlb-page", DEVTLB_PAGE, "Device-TLB Invalidate Descriptor"),
	VALID("devtlb-range", DEVTLB_RANGE, "Device-TLB Invalidate Descriptor"),
	VALID("devtlb-all", DEVTLB_ALL, "Device-TLB Invalidate Descriptor"),
	VALID("iec-global", IEC_GLOBAL, "Interrupt Entry Cache Invalidate Descriptor"),
	VALID("iec-index", IEC_INDEX, "Interrupt Entry Cache Invalidate Descriptor"),
	VALID("wait", WAIT_STATUS, "Invalidation Wait Descriptor"),
	VALID("pasid-iotlb-all", PIOTLB_PASID, "PASID-based-IOTLB Invalidate Descriptor"),
	VALID("pasid-iotlb-page", PIOTLB_PAGE, "PASID-based-IOTLB Invalidate Descriptor"),
	VALID("pasid-cache-domain", PASID_DOMAIN, "PASID-cache Invalidate Descriptor"),
	VALID("pasid-cache-one", PASID_ONE, "PASID-cache Invalidate Descriptor"),
	VALID("pasid-cache-global", PASID_GLOBAL, "PASID-cache Invalidate Descriptor"),
	VALID("pasid-devtlb-page", PDEVTLB_PAGE, "PASID-based-Device-TLB Invalidate Descriptor"),
	VALID("pasid-devtlb-range", PDEVTLB_RANGE, "PASID-based-Device-TLB Invalidate Descriptor"),
	VALID("pasid-devtlb-all", PDEVTLB_ALL, "PASID-based-Device-TLB Invalidate Descriptor"),
	VALID("page-response", RESPONSE, "Page Group Response Descriptor"),
	MISSING("dt", DEVTLB_PAGE, "ECAP.DT", BOTH_WIDTHS),
	MISSING("ir", IEC_GLOBAL, "ECAP.IR", BOTH_WIDTHS),
	MISSING("smts-iotlb", PIOTLB_PASID, "ECAP.SMTS", 0),
	MISSING("smts-pasid", PASID_ONE, "ECAP.SMTS", 0),
	MISSING("pasid-devtlb", PDEVTLB_PAGE, "ECAP.SMTS, DT and PASID", BOTH_WIDTHS),
	MISSING("prs", RESPONSE, "ECAP.PRS", BOTH_WIDTHS),
	GRANULARITY("context", CONTEXT_GLOBAL, "Context-cache Invalidate Descriptor"),
	GRANULARITY("iotlb", IOTLB_GLOBAL, "IOTLB Invalidate Descriptor"),
	GRANULARITY("pasid-iotlb", PIOTLB_PASID, "PASID-based-IOTLB Invalidate Descriptor"),
	GRANULARITY("pasid-cache", PASID_GLOBAL, "PASID-cache Invalidate Descriptor"),
	{ "type.undefined", "a descriptor type that is not defined raises IQE", SECTION_ERRORS,
	  check_undefined_types, 0, BOTH_WIDTHS },
	{ "type.upper-bits", "a type with any of its upper bits, qw0[11:9], set raises IQE",
	  SECTION_ERRORS, check_upper_bits, 0, BOTH_WIDTHS },
	{ 0 }
};
