/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * seed.c - plain submissions side by side: the mixture of counts that this project started from, and
 * its neighbours.
 */
#include "scenarios.h"

/* An actor that submits `times` times `count` descriptors, of pages of its own. */
struct submitter {
	unsigned count, times, options;
	unsigned page; /* the first one */
};

static int submit(void *arg)
{
	const struct submitter *s = arg;
	struct qi_desc desc[4];
	unsigned t, i, page = s->page;
	int err = 0;

	for (t = 0; t < s->times; t++, page += s->count) {
		for (i = 0; i < s->count; i++)
			desc[i] = scenario_page(page + i);
		err = engine->submit_sync(s->count ? desc : NULL, s->count, s->options);
		lab_check(err == 0);
		for (i = 0; i < s->count; i++)
			lab_check(!scenario_page_cached(page + i));
	}
	return err;
}

static const char *setup(const struct lab_params *p, const struct submitter *s, unsigned n)
{
	static const char *const names[] = { "T1", "T2", "T3" };
	struct engine_options options = { 0 };
	const char *why = engine_setup(p, &options);
	unsigned i, page;

	for (i = 0; i < n && !why; i++) {
		for (page = 0; page < s[i].count * s[i].times; page++)
			scenario_touch_page(s[i].page + page);
		lab_actor(names[i], submit, (void *)(uintptr_t)&s[i]);
	}
	return why;
}

static const char *setup_seed(const struct lab_params *p)
{
	static const struct submitter s[] = { { 1, 1, 0, 1 }, { 0, 1, 0, 0 } };

	return setup(p, s, 2);
}

static const char *setup_zeros(const struct lab_params *p)
{
	static const struct submitter s[] = { { 0, 1, 0, 0 }, { 0, 1, 0, 0 } };

	return setup(p, s, 2);
}

static const char *setup_ones(const struct lab_params *p)
{
	static const struct submitter s[] = { { 1, 1, 0, 1 }, { 1, 1, 0, 2 } };

	return setup(p, s, 2);
}

static const char *setup_three(const struct lab_params *p)
{
	static const struct submitter s[] = { { 0, 1, 0, 0 }, { 1, 1, 0, 1 }, { 2, 1, 0, 2 } };

	return setup(p, s, 3);
}

static const char *setup_wrap(const struct lab_params *p)
{
	static const struct submitter s[] = { { 1, 2, 0, 1 }, { 1, 2, 0, 3 } };

	return setup(p, s, 2);
}

const struct lab_scenario lab_scenarios[] = {
	{
		.name = "seed",
		.summary = "T1 submits one descriptor, T2 none: it only waits",
		.setup = setup_seed,
	},
	{
		.name = "zeros",
		.summary = "two submit no descriptor",
		.setup = setup_zeros,
	},
	{
		.name = "ones",
		.summary = "two submit one descriptor each",
		.setup = setup_ones,
	},
	{
		.name = "three",
		.summary = "three submit none, one and two descriptors",
		.setup = setup_three,
		.slots = 8,
	},
	{
		.name = "wrap",
		.summary = "two submit one descriptor twice: the ring fills and wraps",
		.setup = setup_wrap,
	},
	{ 0 },
};
