/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * judge.c - uses of translations that differ from the tables.
 *
 * The unit's oracle (device/stale.c) calls a use stale if an invalidation that was submitted and
 * has completed should have removed what was used. That does not find a driver that forgets an
 * invalidation, or goes on after one was refused. But before its invalidation has completed, a
 * driver must not give an address to another page either. So a use of an address that leads to
 * another page by now is stale in any case. The uses that remain "in the window" are those of
 * addresses that lead nowhere now.
 */
#include "plugin.h"

#include <device/walk.h>

/* The page to which the tables lead now; 0: none. */
static uint64_t by_tables(struct unit *u, const struct vtd_judgement *j)
{
	const struct vtd_request q = { .addr = j->addr, .pasid = j->line->of.via, .sid = j->sid };
	struct vtd_walk w = { .t = &u->translation, .q = &q, .peek = true };
	struct vtd_leaf leaf = { 0 };

	if (vtd_find_context(&w) || vtd_resolve(&w, &leaf))
		return 0;
	return (leaf.addr | (j->addr & ((1ULL << leaf.shift) - 1))) & ~0xfffULL;
}

static bool is_page(const struct vtd_line *l)
{
	return l->of.kind == VTD_LINE_LEAF || l->of.kind == VTD_LINE_DEVICE;
}

static uint64_t cached(const struct vtd_judgement *j)
{
	uint64_t within = (1ULL << j->line->of.shift) - 1;

	return is_page(j->line) ? (j->line->value[0] | (j->addr & within)) & ~0xfffULL
				: j->line->value[0];
}

void judge_use(void *ctx, const struct vtd_judgement *j)
{
	struct unit *u = ctx;
	uint64_t now = by_tables(u, j), was = cached(j);
	bool table = j->line->of.kind == VTD_LINE_TABLE, first = false;
	bool stale = j->use == VTD_USE_STALE || (is_page(j->line) && now && now != was);
	const struct request *r = NULL;
	struct guest_event *e;

	guest_add(stale ? &u->share->stale : &u->share->window);
	if (stale)
		r = requests_reveal(&u->requests, j->line->of.did, j->addr, table, &first);
	if (first)
		guest_add(&u->share->found);
	e = observe_event(u, stale ? GUEST_STALE : GUEST_WINDOW);
	if (!e)
		return;
	observe_device(e, j->sid);
	e->did = j->line->of.did;
	e->iova = j->addr & ~0xfffULL;
	e->cached = was;
	e->table = now;
	e->code = j->line->of.kind;
	e->planted = r ? (uint32_t)r->plant : 0;
	r = r ? r : requests_nearest(&u->requests, j->line->of.did, j->addr);
	if (r) {
		e->qw[0] = r->plant ? r->original[0] : r->qw[0];
		e->qw[1] = r->plant ? r->original[1] : r->qw[1];
	}
	observe_event_done(u);
}
