/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH (4 * TALLY_ROWS)

struct tally {
	struct tally_sums all;
	struct tally_row row[TALLY_ROWS];
	struct tally_caller caller[TALLY_CALLERS];
	unsigned rows, callers;
	uint16_t hash[HASH]; /* index of a row and 1, 0: none */
};

struct tally *tally_new(void)
{
	return calloc(1, sizeof(struct tally));
}

void tally_free(struct tally *g)
{
	free(g);
}

void tally_clear(struct tally *g)
{
	memset(&g->all, 0, sizeof(g->all));
	memset(g->hash, 0, sizeof(g->hash));
	g->rows = g->callers = 0;
}

/* ---- which device or domain a descriptor concerns ---- */

struct tally_key tally_key(const char *unit, const struct live_desc *d)
{
	const struct qi_desc desc = { d->qw0, d->qw1, 0, 0 };
	struct tally_key key = { .device = TALLY_NONE, .domain = TALLY_NONE };
	uint32_t low = d->qw0 >> 16 & 0xffff, high = d->qw0 >> 32 & 0xffff;

	memcpy(key.unit, unit, strnlen(unit, LIVE_UNIT - 1));
	key.type = qi_desc_type(&desc);
	key.granu = d->qw0 >> 4 & 3;
	switch (key.type) {
	case QI_CC_TYPE:
		key.domain = key.granu == QI_CC_GLOBAL ? TALLY_NONE : low;
		key.device = key.granu == QI_CC_DEVICE ? high : TALLY_NONE;
		break;
	case QI_IOTLB_TYPE:
		key.domain = key.granu == QI_IOTLB_GLOBAL ? TALLY_NONE : low;
		break;
	case QI_EIOTLB_TYPE:
		key.domain = low;
		break;
	case QI_PC_TYPE:
		key.domain = key.granu == QI_PC_GLOBAL ? TALLY_NONE : low;
		break;
	case QI_DIOTLB_TYPE:
		key.device = high;
		key.granu = 0;
		break;
	case QI_DEIOTLB_TYPE:
	case QI_PGRP_RESP_TYPE:
		key.device = low;
		key.granu = 0;
		break;
	case QI_IEC_TYPE:
		key.granu &= 1;
		break;
	default:
		key.granu = 0;
	}
	return key;
}

static bool same_key(const struct tally_key *a, const struct tally_key *b)
{
	return a->domain == b->domain && a->device == b->device && a->type == b->type &&
	       a->granu == b->granu && !memcmp(a->unit, b->unit, LIVE_UNIT);
}

static unsigned hash_of(const struct tally_key *key)
{
	uint64_t unit[LIVE_UNIT / 8], h;

	memcpy(unit, key->unit, sizeof(unit));
	h = unit[0] ^ unit[1] ^ (uint64_t)key->domain << 32 ^ (uint64_t)key->device << 8 ^
	    (uint64_t)key->type << 2 ^ key->granu;
	return h * 0x9e3779b97f4a7c15ULL >> 32 & (HASH - 1);
}

static unsigned find_row(struct tally *g, const struct tally_key *key)
{
	static const struct tally_key rest = { .device = TALLY_NONE, .domain = TALLY_NONE };
	unsigned at = hash_of(key);

	for (; g->hash[at]; at = (at + 1) & (HASH - 1))
		if (same_key(&g->row[g->hash[at] - 1].key, key))
			return g->hash[at] - 1;
	if (g->rows == TALLY_ROWS)
		return TALLY_ROWS - 1;
	if (g->rows == TALLY_ROWS - 1)
		key = &rest;
	else
		g->hash[at] = g->rows + 1;
	g->row[g->rows].key = *key;
	memset(&g->row[g->rows].sums, 0, sizeof(g->row[g->rows].sums));
	return g->rows++;
}

/* ---- sums ---- */

static void add_call(struct tally_sums *s, const struct live_call *c, unsigned bucket)
{
	s->calls++;
	s->retries += c->retries;
	s->failed += c->ret != 0;
	s->timed_out += c->ret == -ETIMEDOUT;
	s->refused += c->ret == -EINVAL;
	if (c->took == LIVE_UNKNOWN)
		return;
	s->timed++;
	s->took += c->took;
	s->longest = c->took > s->longest ? c->took : s->longest;
	s->latency.bucket[bucket]++;
}

/* The number of pages that a descriptor covers; 0 if it has no range. */
static uint64_t pages_of(const struct live_desc *d)
{
	const struct qi_desc desc = { d->qw0, d->qw1, 0, 0 };
	uint64_t first, last;

	/* The whole address space of a device is not a useful number of pages. */
	if (!qi_desc_range(&desc, &first, &last) || last - first == UINT64_MAX)
		return 0;
	return ((last - first) >> QI_PAGE_SHIFT) + 1;
}

static void add_desc(struct tally_sums *s, uint64_t pages)
{
	s->descs++;
	s->ranged += pages != 0;
	s->pages += pages;
}

static void add_caller(struct tally *g, const struct live_call *c, unsigned row,
		       unsigned device_row)
{
	size_t bytes = c->frames * sizeof(c->frame[0]);
	struct tally_caller *to;
	unsigned i;

	for (i = 0; i < g->callers; i++)
		if (g->caller[i].row == row && g->caller[i].device_row == device_row &&
		    g->caller[i].frames == c->frames &&
		    !memcmp(g->caller[i].frame, c->frame, bytes))
			break;
	if (i == TALLY_CALLERS)
		i--;
	to = &g->caller[i];
	if (i == g->callers) {
		g->callers++;
		*to = (struct tally_caller){ .row = row, .device_row = device_row };
		to->frames = i < TALLY_CALLERS - 1 ? c->frames : 0;
		memcpy(to->frame, c->frame, to->frames * sizeof(c->frame[0]));
	}
	to->calls++;
	to->took += c->took == LIVE_UNKNOWN ? 0 : c->took;
}

void tally_call(void *ctx, const struct live_call *c)
{
	static const struct live_desc drain = { .qw0 = QI_IWD_TYPE };
	unsigned bucket = c->took == LIVE_UNKNOWN ? 0 : qi_hist_bucket(c->took);
	unsigned seen[LIVE_DESCS], row, first = 0, device = TALLY_NONE;
	struct tally *g = ctx;
	struct tally_key key;
	uint64_t pages;

	add_call(&g->all, c, bucket);
	g->all.descs += c->count - c->descs;
	for (unsigned i = 0; i < c->descs || (!i && !c->count); i++) {
		const struct live_desc *d = c->count ? &c->desc[i] : &drain;
		unsigned j = 0;

		key = tally_key(c->unit, d);
		row = seen[i] = find_row(g, &key);
		first = i ? first : row;
		if (device == TALLY_NONE && g->row[row].key.device != TALLY_NONE)
			device = row;
		while (seen[j] != row)
			j++;
		if (j == i)
			add_call(&g->row[row].sums, c, bucket);
		if (c->count) {
			pages = pages_of(d);
			add_desc(&g->row[row].sums, pages);
			add_desc(&g->all, pages);
		}
	}
	if (c->frames)
		add_caller(g, c, first, device);
}

const struct tally_sums *tally_all(const struct tally *g)
{
	return &g->all;
}

const struct tally_row *tally_rows(const struct tally *g, unsigned *rows)
{
	*rows = g->rows;
	return g->row;
}

const struct tally_caller *tally_callers(const struct tally *g, unsigned *callers)
{
	*callers = g->callers;
	return g->caller;
}

uint64_t tally_quantile(const struct tally_sums *s, unsigned num, unsigned den)
{
	uint64_t ns = qi_hist_quantile(&s->latency, num, den);

	return ns < s->longest ? ns : s->longest;
}
