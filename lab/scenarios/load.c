/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* load.c - for simulations: each CPU submits invalidations of pages in a domain of its own. */
#include <lab/engine.h>
#include <lab/timed/load.h>

/* The default of qi_config.poll_budget: turns for each slot, and a minimum. */
#define POLL_TURNS 16
#define POLL_BUDGET 4096

static unsigned descriptors;

static const char *setup(const struct lab_params *p, unsigned count)
{
	const unsigned budget = p->slots * POLL_TURNS;
	const struct engine_options o = { .host = &lab_timed_host,
					  .poll_budget =
						  budget > POLL_BUDGET ? budget : POLL_BUDGET,
					  .spread = true };

	descriptors = count;
	return engine_setup(p, &o);
}

static int run(unsigned cpu)
{
	struct qi_desc desc[TIMED_MOST];
	uint64_t n = lab_over(0);
	unsigned i;
	int err;

	while (n != TIMED_END) {
		for (i = 0; i < descriptors; i++)
			desc[i] = qi_desc_iotlb(QI_IOTLB_PAGE, (uint16_t)cpu,
						timed_page(n, descriptors, i) << QI_PAGE_SHIFT, 0,
						false, 0);
		lab_begin(desc);
		err = engine->submit_sync(descriptors ? desc : NULL, descriptors, 0);
		n = lab_over(err);
	}
	return 0;
}

const struct timed_load lab_load = { setup, run };
