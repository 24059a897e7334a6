/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* observe.c - count events, and report them to the program. */
#include "plugin.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define WAIT 5
#define REPEATED_WITHIN \
	1024 /* submissions: a waiting driver reads the fault register only from time to time */
#define IQ_SHIFT(u) ((u)->vtd.iqa & VTD_IQA_DW ? 5 : 4)

#include <qinval/desc.h>
#include <qinval/regs.h>

uint64_t observe_now(void)
{
	static uint64_t start;
	struct timespec t;
	uint64_t now;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
	if (!start)
		start = now - 1;
	return now - start;
}

/* There is always room for errors, even after many events that were requested. */
static unsigned room(enum guest_event_kind kind)
{
	return kind == GUEST_STALE || kind == GUEST_FALSE ? GUEST_EVENTS : GUEST_EVENTS / 2;
}

struct guest_event *observe_event(struct unit *u, enum guest_event_kind kind)
{
	struct guest_event *e;

	if (u->share->events >= room(kind))
		return NULL;
	e = &u->share->event[u->share->events];
	*e = (struct guest_event){ .ns = observe_now(), .kind = kind };
	return e;
}

void observe_event_done(struct unit *u)
{
	__atomic_store_n(&u->share->events, u->share->events + 1, __ATOMIC_RELEASE);
}

void observe_device(struct guest_event *e, uint16_t sid)
{
	e->sid = sid;
	snprintf(e->device, sizeof(e->device), "%s", pci_kind(sid));
}

static unsigned ring_slots(const struct unit *u)
{
	return (0x1000U << (u->vtd.iqa & VTD_IQA_QS_MASK)) >> IQ_SHIFT(u);
}

void observe_doorbell(struct unit *u, uint64_t from, uint64_t to)
{
	unsigned slots = ring_slots(u), end = (unsigned)(to >> IQ_SHIFT(u)) % slots;
	uint64_t now = observe_now();

	guest_add(&u->share->doorbells);
	for (unsigned i = (unsigned)(from >> IQ_SHIFT(u)) % slots; i != end; i = (i + 1) % slots)
		u->slot[i].rung = now;
}

void observe_fetch(struct unit *u, unsigned slot, const uint64_t qw[2])
{
	struct slot *s = &u->slot[slot];

	s->fetched = true;
	s->done = s->repeated = false;
	s->plant = 0;
	s->wait = (qw[0] & 0xf) == WAIT;
	memcpy(s->qw, qw, sizeof(s->qw));
}

static unsigned log2_of(uint64_t n)
{
	return n ? 63 - (unsigned)__builtin_clzll(n) : 0;
}

/* True for requests that a device has to answer. */
static bool may_be_dropped(const uint64_t qw[2])
{
	return (qw[0] & 0xf) == QI_DIOTLB_TYPE || (qw[0] & 0xf) == QI_DEIOTLB_TYPE;
}

/* Remember what was dropped: a driver should repeat it before it reports success to a caller. */
static void note_dropped(struct unit *u, const struct slot *s)
{
	struct dropped *d = &u->dropped[u->share->false_completions % DROPPED];

	memcpy(d->qw, s->qw, sizeof(d->qw));
	d->until = u->share->submissions + REPEATED_WITHIN;
}

static bool is_same(const uint64_t a[2], const uint64_t b[2])
{
	return a[0] == b[0] && a[1] == b[1];
}

/*
 * A wait behind the dropped descriptor was fetched earlier, but may complete later than this
 * repetition.
 */
static void note_repeated_before_wait(struct unit *u, const uint64_t qw[2])
{
	unsigned slots = ring_slots(u);

	for (unsigned i = 0; i < slots; i++) {
		struct slot *s = &u->slot[i];

		s->repeated = s->repeated || (s->fetched && !s->done && is_same(s->qw, qw));
	}
}

static void note_repeated(struct unit *u, const uint64_t qw[2])
{
	if (may_be_dropped(qw))
		note_repeated_before_wait(u, qw);
	for (unsigned i = 0; i < DROPPED; i++) {
		struct dropped *d = &u->dropped[i];

		if (!d->until || !is_same(d->qw, qw))
			continue;
		if (u->share->submissions <= d->until)
			guest_add(&u->share->repeated);
		d->until = 0;
	}
}

/* True if all that was fetched since the previous wait has taken effect. */
static void judge_wait(struct unit *u, const struct vtd_event *ev)
{
	unsigned slots = ring_slots(u), i = ev->slot;
	const struct slot *dropped = NULL;

	for (unsigned n = 1; n < slots; n++) {
		i = (i + slots - 1) % slots;
		if (!u->slot[i].fetched || u->slot[i].wait)
			break;
		if (!u->slot[i].done)
			dropped = &u->slot[i];
	}
	if (!dropped)
		return;
	guest_add(&u->share->false_completions);
	if (dropped->repeated)
		guest_add(&u->share->repeated);
	else
		note_dropped(u, dropped);
	struct guest_event *e = observe_event(u, GUEST_FALSE);

	if (e) {
		e->slot = ev->slot;
		e->qw[0] = ev->qw[0];
		e->qw[1] = ev->qw[1];
		observe_event_done(u);
	}
}

void observe_executed(struct unit *u, const struct vtd_event *ev)
{
	struct guest_share *s = u->share;
	struct slot *slot = &u->slot[ev->slot % RING_SLOTS];
	uint64_t taken = observe_now() - slot->rung;
	unsigned bucket = log2_of(taken);

	slot->done = true;
	guest_add(&s->type[ev->qw[0] & 0xf]);
	if ((ev->qw[0] & 0xf) != WAIT) {
		note_repeated(u, ev->qw);
		return;
	}
	guest_add(&s->submissions);
	guest_add(&s->latency[bucket < GUEST_LATENCIES ? bucket : GUEST_LATENCIES - 1]);
	judge_wait(u, ev);
}

void observe_registers(struct unit *u, bool idle)
{
	struct guest_registers *r = &u->share->regs[u->number];

	r->iqh = u->vtd.iqh;
	r->iqt = u->vtd.iqt;
	r->iqa = u->vtd.iqa;
	r->iqercd = u->vtd.iqercd;
	r->root = u->vtd.root;
	r->gsts = u->vtd.gsts;
	r->fsts = u->vtd.fsts;
	r->gone = u->vtd.gone;
	__atomic_store_n(&r->idle, idle, __ATOMIC_RELEASE);
}

void observe_summary(const struct guest_share *s)
{
	uint64_t descriptors = 0;

	for (unsigned i = 0; i < GUEST_TYPES; i++)
		descriptors += s->type[i];
	fprintf(stderr,
		"qinval-vtd: %llu submissions, %llu descriptors, %llu doorbells; %llu "
		"translations, "
		"%llu hits, %llu stale, %llu in the window, %llu blocked; %llu waits completed "
		"falsely; %llu faults, %llu plants, %llu of them found\n",
		(unsigned long long)s->submissions, (unsigned long long)descriptors,
		(unsigned long long)s->doorbells, (unsigned long long)s->translations,
		(unsigned long long)s->hits, (unsigned long long)s->stale,
		(unsigned long long)s->window, (unsigned long long)s->blocked,
		(unsigned long long)s->false_completions, (unsigned long long)s->injected,
		(unsigned long long)s->planted, (unsigned long long)s->found);
}
