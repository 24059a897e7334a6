/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* meaning.c - what values mean, in a word or two. */
#include "field.h"

#include <stddef.h>

static const struct {
	uint8_t type, field, value;
	char text[29];
} meanings[] = {
	{ QI_CC_TYPE, QI_F_G, QI_CC_GLOBAL, "global" },
	{ QI_CC_TYPE, QI_F_G, QI_CC_DOMAIN, "domain" },
	{ QI_CC_TYPE, QI_F_G, QI_CC_DEVICE, "device" },
	{ QI_CC_TYPE, QI_F_FM, 0, "this function" },
	{ QI_CC_TYPE, QI_F_FM, 1, "function bit 2 masked" },
	{ QI_CC_TYPE, QI_F_FM, 2, "function bits 2:1 masked" },
	{ QI_CC_TYPE, QI_F_FM, 3, "all functions" },
	{ QI_IOTLB_TYPE, QI_F_G, QI_IOTLB_GLOBAL, "global" },
	{ QI_IOTLB_TYPE, QI_F_G, QI_IOTLB_DOMAIN, "domain" },
	{ QI_IOTLB_TYPE, QI_F_G, QI_IOTLB_PAGE, "page" },
	{ QI_IOTLB_TYPE, QI_F_DW, 1, "drain writes" },
	{ QI_IOTLB_TYPE, QI_F_DR, 1, "drain reads" },
	{ QI_IOTLB_TYPE, QI_F_IH, 1, "leaf entries only" },
	{ QI_DIOTLB_TYPE, QI_F_MIP, 0, "32 pending" },
	{ QI_DIOTLB_TYPE, QI_F_S, 1, "ADDR gives the size" },
	{ QI_IEC_TYPE, QI_F_G, QI_IEC_GLOBAL, "global" },
	{ QI_IEC_TYPE, QI_F_G, QI_IEC_INDEX, "index" },
	{ QI_IWD_TYPE, QI_F_IF, 1, "interrupt" },
	{ QI_IWD_TYPE, QI_F_SW, 1, "status write" },
	{ QI_IWD_TYPE, QI_F_FN, 1, "fence" },
	{ QI_IWD_TYPE, QI_F_PD, 1, "drain page requests" },
	{ QI_EIOTLB_TYPE, QI_F_G, QI_PIOTLB_PASID, "PASID" },
	{ QI_EIOTLB_TYPE, QI_F_G, QI_PIOTLB_PAGE, "page" },
	{ QI_EIOTLB_TYPE, QI_F_IH, 1, "leaf entries only" },
	{ QI_PC_TYPE, QI_F_G, QI_PC_DOMAIN, "domain" },
	{ QI_PC_TYPE, QI_F_G, QI_PC_PASID, "PASID" },
	{ QI_PC_TYPE, QI_F_G, QI_PC_GLOBAL, "global" },
	{ QI_DEIOTLB_TYPE, QI_F_MIP, 0, "32 pending" },
	{ QI_DEIOTLB_TYPE, QI_F_G, 0, "one PASID" },
	{ QI_DEIOTLB_TYPE, QI_F_G, 1, "all PASIDs" },
	{ QI_DEIOTLB_TYPE, QI_F_S, 1, "ADDR gives the size" },
	{ QI_PGRP_RESP_TYPE, QI_F_PP, 1, "PASID present" },
	{ QI_PGRP_RESP_TYPE, QI_F_RC, QI_RESP_SUCCESS, "success" },
	{ QI_PGRP_RESP_TYPE, QI_F_RC, QI_RESP_INVALID, "invalid request" },
	{ QI_PGRP_RESP_TYPE, QI_F_RC, QI_RESP_FAILURE, "failure" },
	{ QI_PGRP_RESP_TYPE, QI_F_LPIG, 1, "last page in group" },
};

const char *qi_meaning(unsigned type, unsigned field, uint64_t value)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (meanings[i].type == type && meanings[i].field == field &&
		    meanings[i].value == value)
			return meanings[i].text;
	return NULL;
}
