/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* scenarios.h - what the lab's own scenarios share. */
#ifndef LAB_SCENARIOS_H
#define LAB_SCENARIOS_H

#include <lab/engine.h>

/* The IOTLB's entry of a page of domain 1, and its invalidation. */
struct qi_desc scenario_page(unsigned page);
void scenario_touch_page(unsigned page);
bool scenario_page_cached(unsigned page);

#endif
