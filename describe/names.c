/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* names.c - what Linux calls the types. */
#include "describe.h"

static const char type_names[QI_TYPES][40] = {
	"UNKNOWN",
	[QI_CC_TYPE] = "Context-cache Invalidation",
	[QI_IOTLB_TYPE] = "IOTLB Invalidation",
	[QI_DIOTLB_TYPE] = "Device-TLB Invalidation",
	[QI_IEC_TYPE] = "Interrupt Entry Cache Invalidation",
	[QI_IWD_TYPE] = "Invalidation Wait",
	[QI_EIOTLB_TYPE] = "PASID-based IOTLB Invalidation",
	[QI_PC_TYPE] = "PASID-cache Invalidation",
	[QI_DEIOTLB_TYPE] = "PASID-based Device-TLB Invalidation",
	[QI_PGRP_RESP_TYPE] = "Page Group Response",
};

static const char trace_names[QI_TYPES][16] = {
	[QI_CC_TYPE] = "cc_inv",
	[QI_IOTLB_TYPE] = "iotlb_inv",
	[QI_DIOTLB_TYPE] = "dev_tlb_inv",
	[QI_IEC_TYPE] = "iec_inv",
	[QI_IWD_TYPE] = "inv_wait",
	[QI_EIOTLB_TYPE] = "p_iotlb_inv",
	[QI_PC_TYPE] = "pc_inv",
	[QI_DEIOTLB_TYPE] = "p_dev_tlb_inv",
	[QI_PGRP_RESP_TYPE] = "page_grp_resp",
};

const char *qi_type_name(unsigned type)
{
	return type_names[type < QI_TYPES ? type : 0];
}

const char *qi_type_trace_name(unsigned type)
{
	return type && type < QI_TYPES ? trace_names[type] : NULL;
}
