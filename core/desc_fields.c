/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Descriptors taken apart: names, fields, ranges. */
#include <qinval/desc.h>

#include "desc_table.h"

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
	return type_names[qi_type_known(type) ? type : 0];
}

const char *qi_type_trace_name(unsigned type)
{
	return qi_type_known(type) ? trace_names[type] : NULL;
}

unsigned qi_desc_fields(const struct qi_desc *d, struct qi_field out[QI_DESC_MAX_FIELDS])
{
	const unsigned type = qi_desc_type(d);
	uint32_t seen = 0;
	const struct qi_layout *row;
	const struct qi_meaning *m;
	unsigned n = 0;

	if (!qi_type_known(type))
		return 0;
	for (row = qi_layout[type]; row->field; row++) {
		if (seen & 1U << row->field)
			continue;
		seen |= 1U << row->field;
		out[n].name = qi_field_name(row->field);
		out[n].value = qi_field_value(d, row->field);
		m = qi_meaning(type, row->field, out[n].value);
		out[n].meaning = m ? m->text : NULL;
		n++;
	}
	return n;
}

/* The aligned 2^AM pages that ADDR lies in. */
static void am_range(const struct qi_desc *d, uint64_t *first, uint64_t *last)
{
	const unsigned bits = QI_PAGE_SHIFT + (unsigned)qi_field_value(d, QI_F_AM);
	const uint64_t low = bits < 64 ? (1ULL << bits) - 1 : UINT64_MAX;

	*first = qi_field_value(d, QI_F_ADDR) & ~low;
	*last = *first | low;
}

bool qi_desc_align(struct qi_desc *d)
{
	const unsigned type = qi_desc_type(d);
	uint64_t first, last, addr;

	if ((type != QI_IOTLB_TYPE && type != QI_EIOTLB_TYPE) || !qi_desc_range(d, &first, &last))
		return false;
	addr = qi_field_value(d, QI_F_ADDR);
	d->qw1 ^= addr ^ first;
	return addr != first;
}

/* With S, the trailing ones of ADDR and the 0 above them are the bits that do not matter. */
static bool size_range(const struct qi_desc *d, uint64_t *first, uint64_t *last)
{
	const uint64_t addr = qi_field_value(d, QI_F_ADDR) | 0xfff;
	uint64_t low = 0xfff;

	if (qi_field_value(d, QI_F_S)) {
		if (addr == UINT64_MAX)
			return false;
		low = addr ^ (addr + 1);
	}
	*first = addr & ~low;
	*last = *first | low;
	return true;
}

bool qi_desc_range(const struct qi_desc *d, uint64_t *first, uint64_t *last)
{
	switch (qi_desc_type(d)) {
	case QI_IOTLB_TYPE:
	case QI_EIOTLB_TYPE:
		if (qi_field_value(d, QI_F_G) != QI_IOTLB_PAGE)
			return false;
		am_range(d, first, last);
		return true;
	case QI_DIOTLB_TYPE:
	case QI_DEIOTLB_TYPE:
		return size_range(d, first, last);
	default:
		return false;
	}
}
