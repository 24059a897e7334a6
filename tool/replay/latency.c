/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "latency.h"

#include <describe/describe.h>
#include <string.h>

unsigned group_of(const struct qi_desc *d)
{
	struct qi_field field[QI_DESC_MAX_FIELDS];
	unsigned n = qi_desc_fields(d, field), granu = 0;

	for (unsigned i = 0; i < n; i++)
		if (!strcmp(field[i].name, "G"))
			granu = field[i].value;
	return qi_desc_type(d) * 4 + granu;
}

void latency_count(struct latency *l, uint64_t ns)
{
	l->count++;
	l->max = ns > l->max ? ns : l->max;
	l->histogram.bucket[qi_hist_bucket(ns)]++;
}

void latency_add(struct latency *to, const struct latency *from)
{
	to->count += from->count;
	to->max = from->max > to->max ? from->max : to->max;
	for (unsigned i = 0; i < QI_HIST_BUCKETS; i++)
		to->histogram.bucket[i] += from->histogram.bucket[i];
}

uint64_t latency_quantile(const struct latency *l, unsigned num, unsigned den)
{
	uint64_t ns = qi_hist_quantile(&l->histogram, num, den);

	return ns < l->max ? ns : l->max;
}
