/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* history.h - the rig of tests/core, on which nothing waits for ever. */
#ifndef HISTORY_H
#define HISTORY_H

#include "../core/rig.h"

/* On the rig's clock, and longer than any call may take with the rig's time-outs. */
#define HISTORY_STUCK_NS 2000000000ULL

/* To be called by hooks that take its place in on_relax. */
static inline void history_relax(struct rig *r)
{
	if (r->now > HISTORY_STUCK_NS)
		fail_msg("stuck");
}

static inline struct rig *history_rig(unsigned slots, unsigned width)
{
	struct rig *r = rig_new(slots, width);

	r->on_relax = history_relax;
	return r;
}

/* As many owners, each in its own wait loop. */
static inline void history_wait_all(struct rig *r, struct qi_ticket *t, unsigned n)
{
	unsigned i, pending;

	do {
		r->host.relax(r);
		for (i = pending = 0; i < n; i++)
			pending += qi_poll(&r->q, &t[i]) == QI_PENDING;
	} while (pending);
}

/* The program's argument is the pattern of the tests to run. */
#define HISTORY_MAIN(...)                                          \
	int main(int argc, char **argv)                            \
	{                                                          \
		const struct CMUnitTest tests[] = { __VA_ARGS__ }; \
                                                                   \
		if (argc > 1)                                      \
			cmocka_set_test_filter(argv[1]);           \
		return cmocka_run_group_tests(tests, NULL, NULL);  \
	}

#endif
