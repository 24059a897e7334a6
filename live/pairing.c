/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "pairing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No system has more calls than this under way: returns must have been lost. */
#define MOST_OPEN 4096

struct pairing_open {
	struct live_call call;
	uint64_t iommu, tag;
	uint32_t inserted;
};

void pairing_init(struct pairing *p, pairing_fn *fn, void *ctx)
{
	memset(p, 0, sizeof(*p));
	p->fn = fn;
	p->ctx = ctx;
}

void pairing_free(struct pairing *p)
{
	free(p->open);
	p->open = NULL;
	p->count = p->room = 0;
}

static bool same_task(const struct live_call *c, const struct pairing_at *at)
{
	return c->pid == at->pid && (at->pid || c->cpu == at->cpu);
}

static struct pairing_open *latest(struct pairing *p, const struct pairing_at *at)
{
	for (unsigned i = p->count; i--;)
		if (same_task(&p->open[i].call, at))
			return &p->open[i];
	return NULL;
}

/* ---- names of units ---- */

static const char *name_of(const struct pairing *p, uint64_t iommu)
{
	for (unsigned i = 0; i < p->units; i++)
		if (p->unit[i].iommu == iommu)
			return p->unit[i].name;
	return "";
}

static void learn_name(struct pairing *p, uint64_t iommu, const char *name)
{
	if (p->units == PAIRING_UNITS || *name_of(p, iommu))
		return;
	p->unit[p->units].iommu = iommu;
	strcpy(p->unit[p->units++].name, name);
}

/* ---- events ---- */

static void give(struct pairing *p, struct pairing_open *o)
{
	struct live_call *c = &o->call;

	if (!*c->unit)
		strcpy(c->unit, name_of(p, o->iommu));
	c->retries = c->count && o->inserted > c->count ? (o->inserted - 1) / c->count : 0;
	p->untimed += c->took == LIVE_UNKNOWN;
	p->fn(p->ctx, c, o->tag);
}

void pairing_lost(struct pairing *p)
{
	for (unsigned i = 0; i < p->count; i++)
		give(p, &p->open[i]);
	p->count = 0;
}

static bool make_room(struct pairing *p)
{
	unsigned room = p->room ? 2 * p->room : 16;
	struct pairing_open *more;

	if (p->count == MOST_OPEN)
		pairing_lost(p);
	if (p->count < p->room)
		return true;
	more = realloc(p->open, room * sizeof(*more));
	if (!more)
		return false;
	p->open = more;
	p->room = room;
	return true;
}

bool pairing_enter(struct pairing *p, const struct pairing_at *at, uint64_t iommu, uint32_t count,
		   uint64_t options)
{
	struct pairing_open *o;

	p->probed = true;
	if (!make_room(p))
		return false;
	o = &p->open[p->count++];
	memset(o, 0, sizeof(*o));
	o->iommu = iommu;
	o->tag = LIVE_UNKNOWN;
	o->call.at = at->ns;
	o->call.took = LIVE_UNKNOWN;
	o->call.count = count;
	o->call.options = options;
	o->call.pid = at->pid;
	o->call.cpu = at->cpu;
	return true;
}

/*
 * A descriptor without a known call becomes a call of its own, about which nothing else is known.
 */
static void insert_alone(struct pairing *p, const struct pairing_at *at, const char *unit,
			 const struct live_desc *d, uint64_t tag)
{
	struct live_call c = {
		.at = at->ns,
		.took = LIVE_UNKNOWN,
		.count = 1,
		.pid = at->pid,
		.cpu = at->cpu,
		.descs = 1,
		.desc = { *d },
	};

	snprintf(c.unit, sizeof(c.unit), "%s", unit);
	p->untimed += p->probed;
	p->fn(p->ctx, &c, tag);
}

void pairing_insert(struct pairing *p, const struct pairing_at *at, const char *unit,
		    const struct live_desc *d, uint64_t tag)
{
	struct pairing_open *o = latest(p, at);
	struct live_call *c;

	if (!o || !o->call.count) {
		insert_alone(p, at, unit, d, tag);
		return;
	}
	c = &o->call;
	if (!o->inserted++) {
		o->tag = tag;
		snprintf(c->unit, sizeof(c->unit), "%s", unit);
		learn_name(p, o->iommu, c->unit);
	}
	/* After a retry the kernel inserts the same descriptors again. */
	if (o->inserted <= c->count && c->descs < LIVE_DESCS)
		c->desc[c->descs++] = *d;
}

void pairing_stack(struct pairing *p, const struct pairing_at *at, const uint64_t *frame,
		   unsigned frames)
{
	struct pairing_open *o = latest(p, at);

	if (!o)
		return;
	o->call.frames = frames < LIVE_FRAMES ? frames : LIVE_FRAMES;
	memcpy(o->call.frame, frame, o->call.frames * sizeof(*frame));
}

void pairing_leave(struct pairing *p, const struct pairing_at *at, int ret, uint64_t caller)
{
	struct pairing_open *o = latest(p, at);
	struct live_call *c;

	if (!o)
		return; /* it began before the recording */
	c = &o->call;
	c->took = at->ns > c->at ? at->ns - c->at : 0;
	c->ret = ret;
	if (!c->frames && caller) {
		c->frame[0] = caller;
		c->frames = 1;
	}
	give(p, o);
	memmove(o, o + 1, (p->open + --p->count - o) * sizeof(*o));
}

unsigned pairing_pending(const struct pairing *p, struct live_pending *to, unsigned most)
{
	unsigned n = p->count < most ? p->count : most;

	for (unsigned i = 0; i < n; i++) {
		const struct pairing_open *o = &p->open[i];

		to[i] = (struct live_pending){ .at = o->call.at,
					       .pid = o->call.pid,
					       .count = o->call.count,
					       .first = o->call.desc[0] };
		strcpy(to[i].unit, *o->call.unit ? o->call.unit : name_of(p, o->iommu));
	}
	return n;
}
