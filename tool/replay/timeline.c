/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool timeline_init(struct timeline *tl, unsigned workers, unsigned units)
{
	*tl = (struct timeline){ .workers = workers, .units = units };
	tl->worker = calloc(workers, sizeof(*tl->worker));
	return tl->worker;
}

void timeline_free(struct timeline *tl)
{
	for (unsigned i = 0; tl->worker && i < tl->workers; i++)
		free(tl->worker[i].span);
	free(tl->worker);
	for (unsigned i = 0; i < tl->units; i++) {
		free(tl->unit[i].span);
		free(tl->unit[i].mark);
	}
}

/* Events before the replay begins do not count: units start earlier. */
static uint64_t zero_of(const struct timeline *tl)
{
	return __atomic_load_n(&tl->zero, __ATOMIC_RELAXED);
}

static bool has_room(uint64_t *taken)
{
	return __atomic_fetch_add(taken, 1, __ATOMIC_RELAXED) < TIMELINE_ROOM;
}

/*
 * Return the list with room for one more than @have; it grows at each power of two. NULL: no
 * memory.
 */
static void *grown(void *list, size_t have, size_t size)
{
	if (have && (have < 1024 || have & (have - 1)))
		return list;
	return realloc(list, (have ? 2 * have : 1024) * size);
}

void timeline_span(struct timeline *tl, struct timeline_lane *lane,
		   const struct timeline_span *span)
{
	struct timeline_span *list = NULL, *s;

	if (has_room(&tl->spans))
		list = grown(lane->span, lane->spans, sizeof(*list));
	if (!list) {
		lane->more++;
		return;
	}
	lane->span = list;
	s = &list[lane->spans++];
	*s = *span;
	s->start -= zero_of(tl);
	s->end -= zero_of(tl);
}

void timeline_mark(struct timeline *tl, struct timeline_lane *lane, uint64_t at, uint8_t type)
{
	struct timeline_mark *list = NULL;
	uint64_t zero = zero_of(tl);

	if (!zero || at < zero)
		return;
	if (has_room(&tl->marks))
		list = grown(lane->mark, lane->marks, sizeof(*list));
	if (!list) {
		lane->more++;
		return;
	}
	lane->mark = list;
	list[lane->marks++] = (struct timeline_mark){ at - zero, type };
}

void timeline_worker_name(const struct timeline *tl, const struct trace *t, unsigned worker,
			  char *buf, size_t size)
{
	if (tl->workers == t->cpus)
		snprintf(buf, size, "CPU %u", t->cpu[worker]);
	else
		snprintf(buf, size, "thread %u", worker);
}

/* ---- Costs of faults ---- */

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t median_of(const struct timeline *tl, unsigned type, uint64_t *took)
{
	size_t n = 0;

	for (unsigned w = 0; w < tl->workers; w++) {
		const struct timeline_lane *lane = &tl->worker[w];

		for (size_t i = 0; i < lane->spans; i++)
			if (lane->span[i].type == type)
				took[n++] = lane->span[i].end - lane->span[i].start;
	}
	qsort(took, n, sizeof(*took), by_size);
	return n ? took[n / 2] : 0;
}

void timeline_medians(const struct timeline *tl, uint64_t median[TIMELINE_TYPES])
{
	uint64_t *took = calloc(TIMELINE_ROOM, sizeof(*took));

	memset(median, 0, TIMELINE_TYPES * sizeof(*median));
	for (unsigned type = 0; took && type < TIMELINE_TYPES; type++)
		median[type] = median_of(tl, type, took);
	free(took);
}

/* The first span that ends after this time. The spans of a worker do not overlap. */
static size_t first_after(const struct timeline_lane *lane, uint64_t then)
{
	size_t low = 0, high = lane->spans;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (lane->span[middle].end > then)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct timeline_cost timeline_cost(const struct timeline *tl, const struct timeline_span *fault,
				   const uint64_t median[TIMELINE_TYPES])
{
	struct timeline_cost c = { 0 };

	for (unsigned w = 0; w < tl->workers; w++) {
		const struct timeline_lane *lane = &tl->worker[w];

		for (size_t i = first_after(lane, fault->start); i < lane->spans; i++) {
			const struct timeline_span *s = &lane->span[i];
			uint64_t took = s->end - s->start;

			if (s->start >= fault->end)
				break;
			if (s->unit != fault->unit)
				continue;
			c.submissions++;
			c.failed += s->code != 0;
			c.slowest = took > c.slowest ? took : c.slowest;
			c.held += took > median[s->type] ? took - median[s->type] : 0;
		}
	}
	return c;
}
