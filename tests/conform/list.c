/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * usage: list PROFILE SEED
 *
 * Runs the suite on the software unit, and prints a line for each case that deviates or has a
 * remark.
 */
#include "conform/conform.h"
#include "conform/sim.h"

#include <stdio.h>
#include <stdlib.h>

static bool print(void *ctx, const struct conform_result *r)
{
	(void)ctx;
	if (r->outcome == CONFORM_DEVIATES)
		printf("%s: deviates: %s\n", r->name, r->detail);
	else if (r->outcome == CONFORM_PASS && *r->detail)
		printf("%s: %s\n", r->name, r->detail);
	return true;
}

int main(int argc, char **argv)
{
	struct conform_sim_config cfg = { 0 };
	const struct conform_device *dev;
	struct conform_counts n;
	const char *error;

	if (argc != 3 || !vtd_profile_find(argv[1], &cfg.profile)) {
		fprintf(stderr, "usage: list PROFILE SEED\n");
		return 1;
	}
	cfg.seed = strtoull(argv[2], NULL, 0);
	dev = conform_sim_start(&cfg);
	if (!dev)
		return 1;
	if (!conform_run(dev, "", print, NULL, &n, &error)) {
		fprintf(stderr, "list: %s\n", error);
		return 1;
	}
	fprintf(stderr, "%u pass, %u deviate, %u not applicable\n", n.outcome[CONFORM_PASS],
		n.outcome[CONFORM_DEVIATES], n.outcome[CONFORM_NOT_APPLICABLE]);
	conform_sim_stop(dev);
	return 0;
}
