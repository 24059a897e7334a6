/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "scenarios.h"

static struct vtd_entry entry_of(unsigned page)
{
	return (struct vtd_entry){
		.kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = (uint64_t)page << 12
	};
}

struct qi_desc scenario_page(unsigned page)
{
	return qi_desc_iotlb(QI_IOTLB_PAGE, 1, (uint64_t)page << 12, 0, false, 0);
}

void scenario_touch_page(unsigned page)
{
	struct vtd_entry e = entry_of(page);

	vtd_touch(engine_unit, &e);
}

bool scenario_page_cached(unsigned page)
{
	struct vtd_entry e = entry_of(page);

	return lab_cached(&e);
}
