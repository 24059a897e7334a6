/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* check.c - which descriptors the unit accepts. */
#include "internal.h"

#define PFSID 0xfff000000000f000ULL

/* Fields that are reserved unless the unit has a capability. */
static const struct {
	unsigned type;
	uint64_t cap, ecap; /* the capability bits */
	uint64_t field;	    /* the bits of qw0 */
} conditional[] = {
	{ VTD_T_IOTLB, VTD_CAP_DWD, 0, 1ULL << 6 },
	{ VTD_T_IOTLB, VTD_CAP_DRD, 0, 1ULL << 7 },
	{ VTD_T_DEVTLB, 0, VTD_ECAP_DIT, PFSID },
	{ VTD_T_PASID_DEVTLB, 0, VTD_ECAP_DIT, PFSID },
	{ VTD_T_WAIT, 0, VTD_ECAP_PDS, 1ULL << 7 },
	{ VTD_T_RESPONSE, 0, VTD_ECAP_PASID, 1ULL << 4 },
};

/* The ECAP bit without which a type does not exist. */
static const uint64_t needed[VTD_TYPES] = {
	[VTD_T_DEVTLB] = VTD_ECAP_DT,
	[VTD_T_IEC] = VTD_ECAP_IR,
	[VTD_T_PASID_IOTLB] = VTD_ECAP_SMTS,
	[VTD_T_PASID] = VTD_ECAP_SMTS,
	[VTD_T_PASID_DEVTLB] = VTD_ECAP_SMTS | VTD_ECAP_DT | VTD_ECAP_PASID,
	[VTD_T_RESPONSE] = VTD_ECAP_PRS,
};

static const struct vtd_form *form_of(const struct vtd_unit *u, unsigned type)
{
	return &vtd_profile_defs[u->cfg.profile].form[type];
}

bool vtd_wide(const struct vtd_unit *u)
{
	if (vtd_quirk(u, VTD_Q_LEGACY_DW) && !(u->cfg.ecap & VTD_ECAP_SMTS))
		return false;
	return u->iqa & VTD_IQA_DW;
}

unsigned vtd_check_width(const struct vtd_unit *u)
{
	bool bad = vtd_wide(u) ? !(u->cfg.ecap & VTD_ECAP_SMTS)
			       : vtd_table_mode(u) == VTD_TTM_SCALABLE;

	return bad && !vtd_quirk(u, VTD_Q_LAX) ? VTD_IQEI_WIDTH : 0;
}

static bool exists(const struct vtd_unit *u, unsigned type)
{
	if (type >= VTD_TYPES || !form_of(u, type)->granularities)
		return false;
	return vtd_quirk(u, VTD_Q_LAX) || !(needed[type] & ~u->cfg.ecap);
}

/* The bits of qw0 that are reserved because the unit lacks a capability. */
static uint64_t reserved_without(const struct vtd_unit *u, unsigned type)
{
	unsigned width = u->cfg.ecap & VTD_ECAP_PASID ? VTD_ECAP_PSS(u->cfg.ecap) + 1 : 0;
	uint64_t reserved = 0;
	unsigned i;

	for (i = 0; i < sizeof(conditional) / sizeof(conditional[0]); i++) {
		if (conditional[i].type == type &&
		    (conditional[i].cap & ~u->cfg.cap || conditional[i].ecap & ~u->cfg.ecap))
			reserved |= conditional[i].field;
	}
	if (type >= VTD_T_PASID_IOTLB)
		reserved |= (0xfffffULL >> width << width) << 32;
	return reserved;
}

/*
 * The unit ignores the bits of ADDR below the mask: it invalidates the aligned block around ADDR.
 */
static bool am_too_large(const struct vtd_unit *u, const uint64_t qw[4])
{
	return (qw[1] & 0x3f) > VTD_CAP_MAMV(u->cfg.cap);
}

/* Checks of values; checks of reserved bits are elsewhere. */
static bool bad_value(const struct vtd_unit *u, const uint64_t qw[4])
{
	unsigned g = qw[0] >> 4 & 3, rc = qw[0] >> 12 & 0xf;

	switch (vtd_type(qw)) {
	case VTD_T_IOTLB:
		return g == 3 && (!(u->cfg.cap & VTD_CAP_PSI) || am_too_large(u, qw));
	case VTD_T_PASID_IOTLB:
		return g == 3 && am_too_large(u, qw);
	case VTD_T_DEVTLB: /* if all bits are ones, the address encodes no size */
		return qw[1] & 1 << 0 && !(~qw[1] >> 12);
	case VTD_T_PASID_DEVTLB:
		return qw[1] & 1 << 11 && !(~qw[1] >> 12);
	case VTD_T_IEC:
		return g & 1 && (qw[0] >> 27 & 0x1f) > VTD_ECAP_MHMV(u->cfg.ecap);
	case VTD_T_RESPONSE:
		return rc != 0 && rc != 1 && rc != 15;
	default:
		return false;
	}
}

/* The checks that every profile makes. */
static bool bad_form(const struct vtd_form *form, const uint64_t qw[4])
{
	return qw[0] & form->reserved0 || qw[1] & form->reserved1 ||
	       !(form->granularities >> (qw[0] >> 4 & 3) & 1);
}

static unsigned whole_type(const uint64_t qw[4])
{
	return vtd_type(qw) | (qw[0] >> 9 & 7) << 4;
}

static unsigned check_lax(const struct vtd_unit *u, const uint64_t qw[4])
{
	unsigned type = vtd_quirk(u, VTD_Q_TYPE_4) ? vtd_type(qw) : whole_type(qw);
	const struct vtd_form *form;

	if (!exists(u, type))
		return VTD_IQEI_TYPE;
	form = form_of(u, type);
	if (form->granularities & VTD_FORM_SCALABLE && !(u->cfg.ecap & VTD_ECAP_SMTS))
		return VTD_IQEI_TYPE;
	if (bad_form(form, qw) || (form->granularities & VTD_FORM_WIDE && !vtd_wide(u)) ||
	    (form->granularities & VTD_FORM_UPPER && vtd_wide(u) && (qw[2] | qw[3])))
		return VTD_IQEI_RESERVED;
	if (type == VTD_T_IOTLB && (qw[0] >> 4 & 3) == 3 && am_too_large(u, qw))
		return VTD_IQEI_RESERVED;
	return 0;
}

unsigned vtd_check(const struct vtd_unit *u, const uint64_t qw[4])
{
	unsigned type = whole_type(qw);

	if (vtd_quirk(u, VTD_Q_LAX))
		return check_lax(u, qw);
	if (!exists(u, type))
		return VTD_IQEI_TYPE;
	if (type >= VTD_T_PASID_IOTLB && type <= VTD_T_PASID_DEVTLB &&
	    vtd_table_mode(u) == VTD_TTM_RESERVED)
		return VTD_IQEI_TTM;
	if (bad_form(form_of(u, type), qw) || qw[0] & reserved_without(u, type) ||
	    (vtd_wide(u) && (qw[2] | qw[3])) || bad_value(u, qw))
		return VTD_IQEI_RESERVED;
	return 0;
}
