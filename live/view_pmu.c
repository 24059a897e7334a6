/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The units' own counters as text. */
#include "view.h"

#include <stdio.h>
#include <string.h>

#define HIT "_hit"
#define LOOKUP "_lookup"

static double rate(const struct view *v, const struct pmu_count *c)
{
	return v->seconds > 0 ? c->count / v->seconds : 0;
}

/* If @event is the name of a cache followed by @what, the bytes of the cache's name; else 0. */
static size_t cache_of(const char *event, const char *what)
{
	const char *at = strstr(event, what);

	return at ? at - event : 0;
}

const struct pmu_count *view_lookups(const struct view *v, const struct pmu_count *hits)
{
	size_t n = cache_of(hits->event, HIT);

	for (unsigned i = 0; n && i < v->pmus; i++) {
		const struct pmu_count *c = &v->pmu[i];

		if (!strcmp(c->unit, hits->unit) && !strncmp(c->event, hits->event, n) &&
		    !strcmp(c->event + n, LOOKUP))
			return c->count ? c : NULL;
	}
	return NULL;
}

void view_pmu_head(char *buf)
{
	snprintf(buf, VIEW_LINE, "%-7s %-*s %9s  %s", "UNIT", PMU_EVENT - 8, "COUNTS", "RATE/s",
		 "OF LOOKUPS");
}

void view_pmu(const struct view *v, unsigned n, char *buf)
{
	const struct pmu_count *c = &v->pmu[n], *lookups = view_lookups(v, c);
	int used;

	used = snprintf(buf, VIEW_LINE, "%-7s %-*s", c->unit, PMU_EVENT - 8, c->event);
	if (c->share == 0) {
		snprintf(buf + used, VIEW_LINE - used, " %9s  not counted in this interval", "-");
		return;
	}
	used += snprintf(buf + used, VIEW_LINE - used, " %9.*f", rate(v, c) < 9.95, rate(v, c));
	if (lookups)
		used += snprintf(buf + used, VIEW_LINE - used, "  %.1f %%",
				 100.0 * c->count / lookups->count);
	if (c->share < 0.995)
		snprintf(buf + used, VIEW_LINE - used, "  (counted %.0f %% of the time)",
			 100 * c->share);
}

/* "iotlb 98 % of 1234/s" for the hits of a cache, "iommu_requests 1234/s" for another event. */
static int phrase(const struct view *v, const struct pmu_count *c, char *buf, size_t size)
{
	const struct pmu_count *lookups = view_lookups(v, c);
	size_t cache = cache_of(c->event, HIT);

	if (!c->count || (cache && !lookups))
		return 0;
	if (lookups)
		return snprintf(buf, size, " %.*s%s %.0f %% of %.0f/s", (int)cache, c->event,
				c->event + cache + strlen(HIT), 100.0 * c->count / lookups->count,
				rate(v, lookups));
	return snprintf(buf, size, " %s %.0f/s", c->event, rate(v, c));
}

/* True if the lookups are shown together with the hits. */
static bool is_told_by_hits(const struct view *v, const struct pmu_count *lookups)
{
	for (unsigned i = 0; i < v->pmus; i++)
		if (v->pmu[i].count && view_lookups(v, &v->pmu[i]) == lookups)
			return true;
	return false;
}

void view_pmu_of(const struct view *v, const char *unit, char *buf)
{
	int used = snprintf(buf, VIEW_LINE, "%s counts", unit), n, before = used;

	for (unsigned i = 0; i < v->pmus && used < VIEW_LINE - 1; i++) {
		const struct pmu_count *c = &v->pmu[i];

		if (strcmp(c->unit, unit) || is_told_by_hits(v, c))
			continue;
		n = phrase(v, c, buf + used, VIEW_LINE - used);
		if (n && n < VIEW_LINE - used - 1) {
			used += n;
			strcpy(buf + used++, ",");
		}
	}
	if (used > before)
		buf[used - 1] = '\0';
	else
		snprintf(buf + used, VIEW_LINE - used, " nothing");
}
