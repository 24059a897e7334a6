/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "requests.h"

#include <stddef.h>

#define IOTLB 2
#define GRANULARITY(qw) ((qw)[0] >> 4 & 3)
#define DID(qw) ((uint16_t)((qw)[0] >> 16))
#define IH (1ULL << 6)

static bool is_iotlb(const uint64_t qw[2])
{
	return (qw[0] & 0xf) == IOTLB;
}

static bool in_pages(const uint64_t qw[2], uint64_t iova)
{
	return !(((iova ^ qw[1]) >> 12) >> (qw[1] & 0x3f));
}

static bool covers(const uint64_t qw[2], uint16_t did, uint64_t iova, bool table)
{
	if (!is_iotlb(qw))
		return false;
	switch (GRANULARITY(qw)) {
	case 1:
		return true;
	case 2:
		return DID(qw) == did;
	case 3:
		return DID(qw) == did && in_pages(qw, iova) && !(table && qw[1] & IH);
	default:
		return false;
	}
}

void requests_note(struct requests *r, const uint64_t qw[2], const uint64_t original[2],
		   uint64_t plant)
{
	struct request *q = &r->last[r->count++ % REQUESTS];

	*q = (struct request){ .plant = plant };
	for (unsigned i = 0; i < 2; i++) {
		q->qw[i] = qw[i];
		q->original[i] = original[i];
	}
}

static unsigned kept(const struct requests *r)
{
	return r->count < REQUESTS ? (unsigned)r->count : REQUESTS;
}

struct request *requests_reveal(struct requests *r, uint16_t did, uint64_t iova, bool table,
				bool *first)
{
	for (unsigned i = 1; i <= kept(r); i++) {
		struct request *q = &r->last[(r->count - i) % REQUESTS];

		if (!q->plant || !covers(q->original, did, iova, table) ||
		    covers(q->qw, did, iova, table))
			continue;
		*first = !q->found;
		q->found = true;
		return q;
	}
	return NULL;
}

/* A request for the same page of another domain is nearer than one for the same domain. */
const struct request *requests_nearest(const struct requests *r, uint16_t did, uint64_t iova)
{
	const struct request *of_domain = NULL;

	for (unsigned i = 1; i <= kept(r); i++) {
		const struct request *q = &r->last[(r->count - i) % REQUESTS];

		if (is_iotlb(q->qw) && GRANULARITY(q->qw) == 3 && in_pages(q->qw, iova))
			return q;
		if (!of_domain && is_iotlb(q->qw) && DID(q->qw) == did)
			of_domain = q;
	}
	return of_domain;
}
