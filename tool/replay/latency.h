/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* latency.h - histograms of the time that submissions take, by what they invalidate. */
#ifndef REPLAY_LATENCY_H
#define REPLAY_LATENCY_H

#include <qinval/qi.h>

/* A histogram for each type and granularity. */
#define GROUPS (QI_TYPES * 4)

unsigned group_of(const struct qi_desc *d);

struct latency {
	uint64_t count, max;
	struct qi_histogram histogram;
};

void latency_add(struct latency *to, const struct latency *from);
void latency_count(struct latency *l, uint64_t ns);

/* An upper bound of the quantile, which does not exceed the largest value. */
uint64_t latency_quantile(const struct latency *l, unsigned num, unsigned den);

#endif
