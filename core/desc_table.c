/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The fields of the specification's descriptors. Bits that no row names are reserved. */
#include "desc_table.h"

const struct qi_layout qi_layout[] = {
	{ QI_CC_TYPE, QI_F_G, 0, 5, 4, 0, 0 },
	{ QI_CC_TYPE, QI_F_DID, 0, 31, 16, 0, 0 },
	{ QI_CC_TYPE, QI_F_SID, 0, 47, 32, 0, 0 },
	{ QI_CC_TYPE, QI_F_FM, 0, 49, 48, 0, 0 },

	{ QI_IOTLB_TYPE, QI_F_G, 0, 5, 4, 0, 0 },
	{ QI_IOTLB_TYPE, QI_F_DW, 0, 6, 6, 0, QI_NEED_DWD },
	{ QI_IOTLB_TYPE, QI_F_DR, 0, 7, 7, 0, QI_NEED_DRD },
	{ QI_IOTLB_TYPE, QI_F_DID, 0, 31, 16, 0, 0 },
	{ QI_IOTLB_TYPE, QI_F_AM, 1, 5, 0, 0, 0 },
	{ QI_IOTLB_TYPE, QI_F_IH, 1, 6, 6, 0, 0 },
	{ QI_IOTLB_TYPE, QI_F_ADDR, 1, 63, 12, 12, 0 },

	{ QI_DIOTLB_TYPE, QI_F_PFSID, 0, 15, 12, 0, QI_NEED_DIT },
	{ QI_DIOTLB_TYPE, QI_F_MIP, 0, 20, 16, 0, 0 },
	{ QI_DIOTLB_TYPE, QI_F_SID, 0, 47, 32, 0, 0 },
	{ QI_DIOTLB_TYPE, QI_F_PFSID, 0, 63, 52, 4, QI_NEED_DIT },
	{ QI_DIOTLB_TYPE, QI_F_S, 1, 0, 0, 0, 0 },
	{ QI_DIOTLB_TYPE, QI_F_ADDR, 1, 63, 12, 12, 0 },

	{ QI_IEC_TYPE, QI_F_G, 0, 4, 4, 0, 0 },
	{ QI_IEC_TYPE, QI_F_IM, 0, 31, 27, 0, 0 },
	{ QI_IEC_TYPE, QI_F_IIDX, 0, 47, 32, 0, 0 },

	{ QI_IWD_TYPE, QI_F_IF, 0, 4, 4, 0, 0 },
	{ QI_IWD_TYPE, QI_F_SW, 0, 5, 5, 0, 0 },
	{ QI_IWD_TYPE, QI_F_FN, 0, 6, 6, 0, 0 },
	{ QI_IWD_TYPE, QI_F_PD, 0, 7, 7, 0, QI_NEED_PDS },
	{ QI_IWD_TYPE, QI_F_STATUS_DATA, 0, 63, 32, 0, 0 },
	{ QI_IWD_TYPE, QI_F_STATUS_ADDR, 1, 63, 2, 2, 0 },

	{ QI_EIOTLB_TYPE, QI_F_G, 0, 5, 4, 0, 0 },
	{ QI_EIOTLB_TYPE, QI_F_DID, 0, 31, 16, 0, 0 },
	{ QI_EIOTLB_TYPE, QI_F_PASID, 0, 51, 32, 0, QI_NEED_PASID },
	{ QI_EIOTLB_TYPE, QI_F_AM, 1, 5, 0, 0, 0 },
	{ QI_EIOTLB_TYPE, QI_F_IH, 1, 6, 6, 0, 0 },
	{ QI_EIOTLB_TYPE, QI_F_ADDR, 1, 63, 12, 12, 0 },

	{ QI_PC_TYPE, QI_F_G, 0, 5, 4, 0, 0 },
	{ QI_PC_TYPE, QI_F_DID, 0, 31, 16, 0, 0 },
	{ QI_PC_TYPE, QI_F_PASID, 0, 51, 32, 0, QI_NEED_PASID },

	{ QI_DEIOTLB_TYPE, QI_F_MIP, 0, 8, 4, 0, 0 },
	{ QI_DEIOTLB_TYPE, QI_F_PFSID, 0, 15, 12, 0, QI_NEED_DIT },
	{ QI_DEIOTLB_TYPE, QI_F_SID, 0, 31, 16, 0, 0 },
	{ QI_DEIOTLB_TYPE, QI_F_PASID, 0, 51, 32, 0, QI_NEED_PASID },
	{ QI_DEIOTLB_TYPE, QI_F_PFSID, 0, 63, 52, 4, QI_NEED_DIT },
	{ QI_DEIOTLB_TYPE, QI_F_G, 1, 0, 0, 0, 0 },
	{ QI_DEIOTLB_TYPE, QI_F_S, 1, 11, 11, 0, 0 },
	{ QI_DEIOTLB_TYPE, QI_F_ADDR, 1, 63, 12, 12, 0 },

	{ QI_PGRP_RESP_TYPE, QI_F_PP, 0, 4, 4, 0, QI_NEED_PASID },
	{ QI_PGRP_RESP_TYPE, QI_F_RC, 0, 15, 12, 0, 0 },
	{ QI_PGRP_RESP_TYPE, QI_F_RID, 0, 31, 16, 0, 0 },
	{ QI_PGRP_RESP_TYPE, QI_F_PASID, 0, 51, 32, 0, QI_NEED_PASID },
	{ QI_PGRP_RESP_TYPE, QI_F_LPIG, 1, 2, 2, 0, 0 },
	{ QI_PGRP_RESP_TYPE, QI_F_PRGI, 1, 11, 3, 0, 0 },

	{ 0, 0, 0, 0, 0, 0, 0 },
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
	[QI_F_RESERVED] = "reserved",
};

const struct qi_layout *qi_layout_of(unsigned type)
{
	const struct qi_layout *row = qi_layout;

	while (row->type != type)
		row++;
	return row;
}

const char *qi_field_name(unsigned field)
{
	return field_names[field];
}
