/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * plain.c - concurrent submissions without faults: the mixture of counts in the report from which
 * this project started, and similar mixtures.
 */
#include "scenarios.h"

static const char *setup(const struct lab_params *p, const struct engine_options *o,
			 const struct submitter *s, unsigned n)
{
	static const char *const names[] = { "T1", "T2", "T3" };
	const char *why = engine_setup(p, o);
	unsigned i;

	for (i = 0; i < n && !why; i++)
		scenario_submitter(names[i], &s[i]);
	return why;
}

static const struct engine_options plain;

const char *setup_seed(const struct lab_params *p)
{
	static const struct submitter s[] = { { 1, 1, 0, 1 }, { 0, 1, 0, 0 } };

	return setup(p, &plain, s, 2);
}

const char *setup_zeros(const struct lab_params *p)
{
	static const struct submitter s[] = { { 0, 1, 0, 0 }, { 0, 1, 0, 0 } };

	return setup(p, &plain, s, 2);
}

const char *setup_ones(const struct lab_params *p)
{
	static const struct submitter s[] = { { 1, 1, 0, 1 }, { 1, 1, 0, 2 } };

	return setup(p, &plain, s, 2);
}

const char *setup_three(const struct lab_params *p)
{
	static const struct submitter s[] = { { 0, 1, 0, 0 }, { 1, 1, 0, 1 }, { 2, 1, 0, 2 } };

	return setup(p, &plain, s, 3);
}

const char *setup_wrap(const struct lab_params *p)
{
	static const struct submitter s[] = { { 1, 2, 0, 1 }, { 1, 2, 0, 3 } };

	return setup(p, &plain, s, 2);
}

const char *setup_wrap_mixed(const struct lab_params *p)
{
	static const struct submitter s[] = { { 2, 2, 0, 1 }, { 0, 3, 0, 0 } };

	return setup(p, &plain, s, 2);
}

const char *setup_options(const struct lab_params *p)
{
	static const struct submitter s[] = { { 1, 1, QI_OPT_FENCE, 1 },
					      { 1, 1, QI_OPT_WAIT_DRAIN, 2 } };

	return setup(p, &plain, s, 2);
}

const char *setup_window(const struct lab_params *p)
{
	static const struct submitter s[] = { { 2, 1, 0, 1 }, { 1, 1, 0, 3 } };
	static const struct engine_options wide = { .window = 4 };

	return setup(p, &wide, s, 2);
}
