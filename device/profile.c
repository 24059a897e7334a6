/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * profile.c - the implementations: their capabilities and their differences from the specification.
 */
#include "walk.h"

#define ANY 0xf /* the type has no granularity field, or all of its values are defined */
#define WIDE (VTD_FORM_UPPER | VTD_FORM_WIDE)

/* All that this model implements. */
#define SPEC_CAP                                                                                \
	(6ULL | 0xeULL << 8 | 56ULL << 16 | 0x40ULL << 24 | 3ULL << 34 | VTD_CAP_PSI |          \
	 7ULL << 40 | 18ULL << VTD_CAP_MAMV_SHIFT | VTD_CAP_DWD | VTD_CAP_DRD | VTD_CAP_FS1GP | \
	 VTD_CAP_PI | VTD_CAP_FS5LP)
#define SPEC_ECAP                                                                            \
	(VTD_ECAP_C | VTD_ECAP_QI | VTD_ECAP_DT | VTD_ECAP_IR | VTD_ECAP_EIM | VTD_ECAP_PT | \
	 VTD_ECAP_SC | 0x50ULL << 8 | 15ULL << VTD_ECAP_MHMV_SHIFT | VTD_ECAP_NEST |         \
	 VTD_ECAP_PRS | VTD_ECAP_ERS | VTD_ECAP_SRS | VTD_ECAP_EAFS |                        \
	 19ULL << VTD_ECAP_PSS_SHIFT | VTD_ECAP_PASID | VTD_ECAP_DIT | VTD_ECAP_PDS |        \
	 VTD_ECAP_SMTS | VTD_ECAP_SSADS | VTD_ECAP_SSTS | VTD_ECAP_FSTS | VTD_ECAP_SMPWCS)

/* Deviations that QEMU 7.2 and 10.0 have in common. */
#define QEMU_QUIRKS                                                                           \
	(VTD_Q_SYNCHRONOUS | VTD_Q_LAX | VTD_Q_NO_IQERCD | VTD_Q_PROMPT | VTD_Q_SW_IF_FATAL | \
	 VTD_Q_TWICE | VTD_Q_WRITE_IQE | VTD_Q_KEEP_QIE | VTD_Q_LEGACY_DW | VTD_Q_IQA_ON |    \
	 VTD_Q_SLOT_TAIL | VTD_Q_RECORD_PASID | VTD_Q_BUS_RANGE | VTD_Q_COLLAPSE |            \
	 VTD_Q_LEGACY_REASONS | VTD_Q_RIGHTS_FIRST | VTD_Q_LAX_REMAP | VTD_Q_PASS_ALL |       \
	 VTD_Q_LAX_PASID | VTD_Q_TABLE_INVALID | VTD_Q_COMPATIBLE | VTD_Q_SNOOP |             \
	 VTD_Q_WHOLE_ROOT | VTD_Q_FPD_RESERVED | VTD_Q_INTERRUPT_PAGES)

const struct vtd_profile_def vtd_profile_defs[VTD_PROFILES] = {
	[VTD_SPEC] = {
		.name = "spec",
		.cap = SPEC_CAP,
		.ecap = SPEC_ECAP,
		.form = {
			[VTD_T_CONTEXT] = { ~0x0003ffffffff003fULL, ~0ULL, 0xe },
			[VTD_T_IOTLB] = { ~0x00000000ffff00ffULL, 0xf80, 0xe },
			[VTD_T_DEVTLB] = { ~0xfff0ffff001ff00fULL, 0xffe, ANY },
			[VTD_T_IEC] = { ~0x0000fffff800001fULL, ~0ULL, ANY },
			[VTD_T_WAIT] = { ~0xffffffff000000ffULL, 0x3, ANY },
			[VTD_T_PASID_IOTLB] = { ~0x000fffffffff003fULL, 0xf80, 0xc },
			[VTD_T_PASID] = { ~0x000fffffffff003fULL, ~0ULL, 0xb },
			[VTD_T_PASID_DEVTLB] = { ~0xfffffffffffff1ffULL, 0x7fe, ANY },
			[VTD_T_RESPONSE] = { ~0x000ffffffffff01fULL, ~0xffcULL, ANY },
		},
	},
	/*
	 * Measured on QEMU 7.2.22 by flipping each bit of valid descriptors. It takes the type from
	 * qw0[3:0] alone, reserves PFSID and PD, and requires SW or IF in a wait. In IEC,
	 * PASID-based IOTLB and PASID cache descriptors it checks nothing, in either width, and it
	 * never checks qw2 and qw3. QIE stays on unless the queue is empty and the last descriptor
	 * was a wait. A tail is converted to a slot number by the width at the time of the write.
	 * `qinval conform --device qemu` lists all of this that software can observe.
	 */
	[VTD_QEMU_7_2] = {
		.name = "qemu-7.2",
		.cap = 0x00d2008c22260206,
		.ecap = 0x480080f00f4e,
		.quirks = QEMU_QUIRKS | VTD_Q_QUIET | VTD_Q_TYPE_4 | VTD_Q_SILENT_REMAP |
			  VTD_Q_PASID_58,
		.form = {
			[VTD_T_CONTEXT] = { 0xfffc00000000ffc0, ~0ULL, 0xe },
			[VTD_T_IOTLB] = { 0xffffffff0000ff00, 0xf80, 0xe },
			[VTD_T_DEVTLB] = { 0xffff0000ffe0fff0, 0xffe, ANY },
			[VTD_T_IEC] = { 0, 0, ANY },
			[VTD_T_WAIT] = { 0x00000000ffffff80, 0x3, 0xe },
			[VTD_T_PASID_IOTLB] = { 0, 0, ANY },
			[VTD_T_PASID] = { 0, 0, ANY },
		},
	},
	/*
	 * Measured on QEMU 10.0.2 in the same way. It checks the type's upper bits and all fields
	 * of a descriptor except those of a PASID cache descriptor, and it implements PASID-based
	 * IOTLB and device-TLB descriptors in queues of 256 bits. With x-flts=on it has the first
	 * stage instead of the second.
	 */
	[VTD_QEMU_10_0] = {
		.name = "qemu-10.0",
		.cap = 0x00d2008c222f0606,
		.ecap = 0x480080f00f4e,
		.quirks = QEMU_QUIRKS | VTD_Q_PASID_5B | VTD_Q_TM_RESERVED | VTD_Q_ONE_STAGE |
			  VTD_Q_CANONICAL_AW | VTD_Q_CLEAN,
		.form = {
			[VTD_T_CONTEXT] = { 0xfffc00000000f1c0, ~0ULL, 0xe | VTD_FORM_UPPER },
			[VTD_T_IOTLB] = { 0xffffffff0000f100, 0xf80, 0xe | VTD_FORM_UPPER },
			[VTD_T_DEVTLB] = { 0xffff0000ffe0f1f0, 0xffe, ANY | VTD_FORM_UPPER },
			[VTD_T_IEC] = { 0xffff000007fff1e0, ~0ULL, ANY | VTD_FORM_UPPER },
			[VTD_T_WAIT] = { 0x00000000fffff180, 0x3, 0xe | VTD_FORM_UPPER },
			[VTD_T_PASID_IOTLB] = { 0xfff000000000f1c0, 0xf80, 0xc | WIDE },
			[VTD_T_PASID] = { 0, 0, ANY | VTD_FORM_SCALABLE },
			[VTD_T_PASID_DEVTLB] = { 0xfff000000000f000, 0x7fe, ANY | WIDE },
		},
	},
};

const char *vtd_profile_name(enum vtd_profile p)
{
	return vtd_profile_defs[p].name;
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool vtd_profile_find(const char *name, enum vtd_profile *p)
{
	unsigned i;

	for (i = 0; i < VTD_PROFILES; i++) {
		if (same(name, vtd_profile_defs[i].name)) {
			*p = (enum vtd_profile)i;
			return true;
		}
	}
	return false;
}

bool vtd_profile_is_qemu(enum vtd_profile p)
{
	return p != VTD_SPEC;
}

void vtd_profile_caps(enum vtd_profile p, uint64_t *cap, uint64_t *ecap)
{
	*cap = vtd_profile_defs[p].cap;
	*ecap = vtd_profile_defs[p].ecap;
}
