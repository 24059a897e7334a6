/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* latency.h - how long submissions take, by what they invalidate. */
#ifndef REPLAY_LATENCY_H
#define REPLAY_LATENCY_H

#include <qinval/qi.h>

/* Types and granularities: what latencies are kept apart by. */
#define GROUPS (QI_TYPES * 4)

unsigned group_of(const struct qi_desc *d);

struct latency {
	uint64_t count, max;
	struct qi_histogram histogram;
};

void latency_add(struct latency *to, const struct latency *from);
void latency_count(struct latency *l, uint64_t ns);

/* Percentiles of a histogram are upper bounds; none of them is above the largest value. */
uint64_t latency_quantile(const struct latency *l, unsigned num, unsigned den);

#endif
