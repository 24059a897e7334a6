/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* desc_caps.h - the unit whose rules are tried. */
#ifndef DESC_CAPS_H
#define DESC_CAPS_H

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <describe/describe.h>
#include <qinval/desc.h>
#include <qinval/regs.h>

/* A unit that has everything, with limits that are no field's largest value. */
#define MAMV 18
#define MHMV 10
#define PASID_WIDTH 16
#define CAP_ALL (VTD_CAP_PSI | VTD_CAP_DWD | VTD_CAP_DRD | (uint64_t)MAMV << VTD_CAP_MAMV_SHIFT)
#define ECAP_ALL                                                                                  \
	(VTD_ECAP_QI | VTD_ECAP_DT | VTD_ECAP_IR | VTD_ECAP_PRS | VTD_ECAP_PASID | VTD_ECAP_DIT | \
	 VTD_ECAP_PDS | VTD_ECAP_SMTS | (uint64_t)MHMV << VTD_ECAP_MHMV_SHIFT |                   \
	 (uint64_t)(PASID_WIDTH - 1) << VTD_ECAP_PSS_SHIFT)

#define MAX_PASID ((1U << PASID_WIDTH) - 1)
#define DRAIN (QI_IOTLB_DR | QI_IOTLB_DW)

#endif
