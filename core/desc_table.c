/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The descriptor types of the specification. Bits that no row names are reserved. */
#include "desc_table.h"

#include <qinval/regs.h>

const struct qi_layout qi_layout[QI_TYPES][QI_LAYOUT_ROWS] = {
	[QI_CC_TYPE] = {
		{ QI_F_G, 0, 5, 4, 0, 0 },
		{ QI_F_DID, 0, 31, 16, 0, 0 },
		{ QI_F_SID, 0, 47, 32, 0, 0 },
		{ QI_F_FM, 0, 49, 48, 0, 0 },
	},
	[QI_IOTLB_TYPE] = {
		{ QI_F_G, 0, 5, 4, 0, 0 },
		{ QI_F_DW, 0, 6, 6, 0, QI_NEED_DWD },
		{ QI_F_DR, 0, 7, 7, 0, QI_NEED_DRD },
		{ QI_F_DID, 0, 31, 16, 0, 0 },
		{ QI_F_AM, 1, 5, 0, 0, 0 },
		{ QI_F_IH, 1, 6, 6, 0, 0 },
		{ QI_F_ADDR, 1, 63, 12, 12, 0 },
	},
	[QI_DIOTLB_TYPE] = {
		{ QI_F_PFSID, 0, 15, 12, 0, QI_NEED_DIT },
		{ QI_F_MIP, 0, 20, 16, 0, 0 },
		{ QI_F_SID, 0, 47, 32, 0, 0 },
		{ QI_F_PFSID, 0, 63, 52, 4, QI_NEED_DIT },
		{ QI_F_S, 1, 0, 0, 0, 0 },
		{ QI_F_ADDR, 1, 63, 12, 12, 0 },
	},
	[QI_IEC_TYPE] = {
		{ QI_F_G, 0, 4, 4, 0, 0 },
		{ QI_F_IM, 0, 31, 27, 0, 0 },
		{ QI_F_IIDX, 0, 47, 32, 0, 0 },
	},
	[QI_IWD_TYPE] = {
		{ QI_F_IF, 0, 4, 4, 0, 0 },
		{ QI_F_SW, 0, 5, 5, 0, 0 },
		{ QI_F_FN, 0, 6, 6, 0, 0 },
		{ QI_F_PD, 0, 7, 7, 0, QI_NEED_PDS },
		{ QI_F_STATUS_DATA, 0, 63, 32, 0, 0 },
		{ QI_F_STATUS_ADDR, 1, 63, 2, 2, 0 },
	},
	[QI_EIOTLB_TYPE] = {
		{ QI_F_G, 0, 5, 4, 0, 0 },
		{ QI_F_DID, 0, 31, 16, 0, 0 },
		{ QI_F_PASID, 0, 51, 32, 0, QI_NEED_PASID },
		{ QI_F_AM, 1, 5, 0, 0, 0 },
		{ QI_F_IH, 1, 6, 6, 0, 0 },
		{ QI_F_ADDR, 1, 63, 12, 12, 0 },
	},
	[QI_PC_TYPE] = {
		{ QI_F_G, 0, 5, 4, 0, 0 },
		{ QI_F_DID, 0, 31, 16, 0, 0 },
		{ QI_F_PASID, 0, 51, 32, 0, QI_NEED_PASID },
	},
	[QI_DEIOTLB_TYPE] = {
		{ QI_F_MIP, 0, 8, 4, 0, 0 },
		{ QI_F_PFSID, 0, 15, 12, 0, QI_NEED_DIT },
		{ QI_F_SID, 0, 31, 16, 0, 0 },
		{ QI_F_PASID, 0, 51, 32, 0, QI_NEED_PASID },
		{ QI_F_PFSID, 0, 63, 52, 4, QI_NEED_DIT },
		{ QI_F_G, 1, 0, 0, 0, 0 },
		{ QI_F_S, 1, 11, 11, 0, 0 },
		{ QI_F_ADDR, 1, 63, 12, 12, 0 },
	},
	[QI_PGRP_RESP_TYPE] = {
		{ QI_F_PP, 0, 4, 4, 0, QI_NEED_PASID },
		{ QI_F_RC, 0, 15, 12, 0, 0 },
		{ QI_F_RID, 0, 31, 16, 0, 0 },
		{ QI_F_PASID, 0, 51, 32, 0, QI_NEED_PASID },
		{ QI_F_LPIG, 1, 2, 2, 0, 0 },
		{ QI_F_PRGI, 1, 11, 3, 0, 0 },
	},
};

static const struct qi_meaning meanings[] = {
	{ QI_CC_TYPE, QI_F_G, QI_CC_GLOBAL, 0, "global" },
	{ QI_CC_TYPE, QI_F_G, QI_CC_DOMAIN, 0, "domain" },
	{ QI_CC_TYPE, QI_F_G, QI_CC_DEVICE, 0, "device" },
	{ QI_CC_TYPE, QI_F_FM, 0, 0, "this function" },
	{ QI_CC_TYPE, QI_F_FM, 1, 0, "function bit 2 masked" },
	{ QI_CC_TYPE, QI_F_FM, 2, 0, "function bits 2:1 masked" },
	{ QI_CC_TYPE, QI_F_FM, 3, 0, "all functions" },
	{ QI_IOTLB_TYPE, QI_F_G, QI_IOTLB_GLOBAL, 0, "global" },
	{ QI_IOTLB_TYPE, QI_F_G, QI_IOTLB_DOMAIN, 0, "domain" },
	{ QI_IOTLB_TYPE, QI_F_G, QI_IOTLB_PAGE, QI_NEED_PSI, "page" },
	{ QI_IOTLB_TYPE, QI_F_DW, 1, 0, "drain writes" },
	{ QI_IOTLB_TYPE, QI_F_DR, 1, 0, "drain reads" },
	{ QI_IOTLB_TYPE, QI_F_IH, 1, 0, "leaf entries only" },
	{ QI_DIOTLB_TYPE, QI_F_MIP, 0, 0, "32 pending" },
	{ QI_DIOTLB_TYPE, QI_F_S, 1, 0, "ADDR gives the size" },
	{ QI_IEC_TYPE, QI_F_G, QI_IEC_GLOBAL, 0, "global" },
	{ QI_IEC_TYPE, QI_F_G, QI_IEC_INDEX, 0, "index" },
	{ QI_IWD_TYPE, QI_F_IF, 1, 0, "interrupt" },
	{ QI_IWD_TYPE, QI_F_SW, 1, 0, "status write" },
	{ QI_IWD_TYPE, QI_F_FN, 1, 0, "fence" },
	{ QI_IWD_TYPE, QI_F_PD, 1, 0, "drain page requests" },
	{ QI_EIOTLB_TYPE, QI_F_G, QI_PIOTLB_PASID, 0, "PASID" },
	{ QI_EIOTLB_TYPE, QI_F_G, QI_PIOTLB_PAGE, 0, "page" },
	{ QI_EIOTLB_TYPE, QI_F_IH, 1, 0, "leaf entries only" },
	{ QI_PC_TYPE, QI_F_G, QI_PC_DOMAIN, 0, "domain" },
	{ QI_PC_TYPE, QI_F_G, QI_PC_PASID, 0, "PASID" },
	{ QI_PC_TYPE, QI_F_G, QI_PC_GLOBAL, 0, "global" },
	{ QI_DEIOTLB_TYPE, QI_F_MIP, 0, 0, "32 pending" },
	{ QI_DEIOTLB_TYPE, QI_F_G, 0, 0, "one PASID" },
	{ QI_DEIOTLB_TYPE, QI_F_G, 1, 0, "all PASIDs" },
	{ QI_DEIOTLB_TYPE, QI_F_S, 1, 0, "ADDR gives the size" },
	{ QI_PGRP_RESP_TYPE, QI_F_PP, 1, 0, "PASID present" },
	{ QI_PGRP_RESP_TYPE, QI_F_RC, QI_RESP_SUCCESS, 0, "success" },
	{ QI_PGRP_RESP_TYPE, QI_F_RC, QI_RESP_INVALID, 0, "invalid request" },
	{ QI_PGRP_RESP_TYPE, QI_F_RC, QI_RESP_FAILURE, 0, "failure" },
	{ QI_PGRP_RESP_TYPE, QI_F_LPIG, 1, 0, "last page in group" },
};

static const char field_names[QI_FIELDS][16] = {
	[QI_F_G] = "G",
	[QI_F_DID] = "DID",
	[QI_F_SID] = "SID",
	[QI_F_FM] = "FM",
	[QI_F_DW] = "DW",
	[QI_F_DR] = "DR",
	[QI_F_AM] = "AM",
	[QI_F_IH] = "IH",
	[QI_F_ADDR] = "ADDR",
	[QI_F_PFSID] = "PFSID",
	[QI_F_MIP] = "MIP",
	[QI_F_S] = "S",
	[QI_F_IM] = "IM",
	[QI_F_IIDX] = "IIDX",
	[QI_F_IF] = "IF",
	[QI_F_SW] = "SW",
	[QI_F_FN] = "FN",
	[QI_F_PD] = "PD",
	[QI_F_STATUS_DATA] = "status data",
	[QI_F_STATUS_ADDR] = "status address",
	[QI_F_PASID] = "PASID",
	[QI_F_PP] = "PP",
	[QI_F_RC] = "RC",
	[QI_F_RID] = "RID",
	[QI_F_LPIG] = "LPIG",
	[QI_F_PRGI] = "PRGI",
};

static const struct {
	uint64_t cap, ecap;
	char text[32];
} needs[QI_NEEDS] = {
	[QI_NEED_PSI] = { VTD_CAP_PSI, 0, "needs CAP.PSI" },
	[QI_NEED_DWD] = { VTD_CAP_DWD, 0, "needs CAP.DWD" },
	[QI_NEED_DRD] = { VTD_CAP_DRD, 0, "needs CAP.DRD" },
	[QI_NEED_DT] = { 0, VTD_ECAP_DT, "needs ECAP.DT" },
	[QI_NEED_DIT] = { 0, VTD_ECAP_DIT, "needs ECAP.DIT" },
	[QI_NEED_IR] = { 0, VTD_ECAP_IR, "needs ECAP.IR" },
	[QI_NEED_PDS] = { 0, VTD_ECAP_PDS, "needs ECAP.PDS" },
	[QI_NEED_PASID] = { 0, VTD_ECAP_PASID, "needs ECAP.PASID" },
	[QI_NEED_SMTS] = { 0, VTD_ECAP_SMTS, "needs ECAP.SMTS" },
	[QI_NEED_PASID_DT] = { 0, VTD_ECAP_SMTS | VTD_ECAP_DT | VTD_ECAP_PASID,
			       "needs ECAP.SMTS, DT and PASID" },
	[QI_NEED_PRS] = { 0, VTD_ECAP_PRS, "needs ECAP.PRS" },
};

static const uint8_t type_needs[QI_TYPES] = {
	[QI_DIOTLB_TYPE] = QI_NEED_DT,	      [QI_IEC_TYPE] = QI_NEED_IR,
	[QI_EIOTLB_TYPE] = QI_NEED_SMTS,      [QI_PC_TYPE] = QI_NEED_SMTS,
	[QI_DEIOTLB_TYPE] = QI_NEED_PASID_DT, [QI_PGRP_RESP_TYPE] = QI_NEED_PRS,
};

const struct qi_meaning *qi_meaning(unsigned type, unsigned field, uint64_t value)
{
	const struct qi_meaning *m;

	for (m = meanings; m < meanings + sizeof(meanings) / sizeof(*meanings); m++)
		if (m->type == type && m->field == field && m->value == value)
			return m;
	return NULL;
}

const char *qi_field_name(unsigned field)
{
	return field_names[field];
}

uint64_t qi_field_value(const struct qi_desc *d, unsigned field)
{
	const struct qi_layout *row;
	uint64_t value = 0;

	for (row = qi_layout[qi_desc_type(d)]; row->field; row++)
		if (row->field == field)
			value |= qi_layout_value(row, d);
	return value;
}

bool qi_type_known(unsigned type)
{
	return type > 0 && type < QI_TYPES;
}

enum qi_need qi_type_need(unsigned type)
{
	return type_needs[type];
}

bool qi_need_met(unsigned need, uint64_t cap, uint64_t ecap)
{
	return !(needs[need].cap & ~cap) && !(needs[need].ecap & ~ecap);
}

const char *qi_need_text(unsigned need)
{
	return needs[need].text;
}
