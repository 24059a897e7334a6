/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* step.c - lists what the unit could do next, and does one of these things. */
#include "walk.h"

enum kind { COME, POST, ADVANCE, FETCH, TURN_OFF, TIME_OUT };

struct work {
	uint8_t kind, index;
};

/* All work that is possible now, oldest first, time-outs last. */
struct agenda {
	struct work work[VTD_LATE + VTD_WINDOW + 3], time_out[VTD_WINDOW];
	unsigned n, ntime_out;
	bool waiting; /* more will be possible after more steps */
};

static void add(struct agenda *a, enum kind kind, unsigned index)
{
	a->work[a->n++] = (struct work){ (uint8_t)kind, (uint8_t)index };
}

static void add_sent(struct agenda *a, const struct vtd_pending *p, unsigned i)
{
	if (p->fault == VTD_FAULT_SILENT || p->fault == VTD_FAULT_LATE_ITE)
		a->time_out[a->ntime_out++] = (struct work){ TIME_OUT, (uint8_t)i };
	else if (p->fault == VTD_FAULT_LATE && p->steps)
		a->waiting = true;
	else
		add(a, ADVANCE, i);
}

/* True if an invalidation waits for DMA, or a wait (PD) for page requests. */
static bool is_held_up(const struct vtd_unit *u, const struct vtd_pending *p)
{
	const struct vtd_translation *t = vtd_translation_of(u);

	if (!t)
		return false;
	if (vtd_is_wait(p->qw))
		return p->qw[0] & VTD_WAIT_PD && p->state == VTD_P_FETCHED && t->nrequest;
	return p->state == VTD_P_DRAINS && vtd_draining(t, p->qw);
}

static void add_pending(const struct vtd_unit *u, struct agenda *a)
{
	bool before = false; /* an invalidation is ahead, so waits cannot complete */
	unsigned i;

	for (i = 0; i < u->npending; i++) {
		const struct vtd_pending *p = &u->pending[i];

		if (vtd_is_wait(p->qw)) {
			if (!before && !is_held_up(u, p))
				add(a, ADVANCE, i);
			if (p->qw[0] & VTD_WAIT_FN)
				return;
			continue;
		}
		before = true;
		if (p->state == VTD_P_SENT)
			add_sent(a, p, i);
		else if (!is_held_up(u, p))
			add(a, ADVANCE, i);
	}
}

static void add_all(const struct vtd_unit *u, struct agenda *a)
{
	const struct vtd_translation *t = vtd_translation_of(u);
	unsigned i;

	a->n = a->ntime_out = 0;
	a->waiting = false;
	for (i = 0; i < u->nlate; i++) {
		if (u->late[i].steps)
			a->waiting = true;
		else
			add(a, COME, i);
	}
	if (t && t->nrequest)
		add(a, POST, 0);
	add_pending(u, a);
	if (vtd_can_fetch(u) && !vtd_quirk(u, VTD_Q_SYNCHRONOUS))
		add(a, FETCH, 0);
	if (u->qie_pending && !u->npending)
		add(a, TURN_OFF, 0);
	for (i = 0; i < a->ntime_out; i++)
		a->work[a->n++] = a->time_out[i];
}

static void pass_time(struct vtd_unit *u)
{
	unsigned i;

	for (i = 0; i < u->nlate; i++) {
		if (u->late[i].steps)
			u->late[i].steps--;
	}
	for (i = 0; i < u->npending; i++) {
		struct vtd_pending *p = &u->pending[i];

		if (p->fault == VTD_FAULT_LATE && p->steps)
			p->steps--;
	}
}

static enum vtd_did do_work(struct vtd_unit *u, struct work w)
{
	switch (w.kind) {
	case COME:
		return vtd_late_come(u, w.index);
	case POST:
		vtd_page_request_post(vtd_translation_of(u));
		return VTD_EXECUTED;
	case ADVANCE:
		return vtd_advance(u, w.index);
	case FETCH:
		vtd_fetch(u);
		return VTD_FETCHED;
	case TURN_OFF:
		vtd_queue_turn_off(u);
		return VTD_EXECUTED;
	default: /* TIME_OUT */
		return vtd_time_out(u, w.index);
	}
}

enum vtd_did vtd_step(struct vtd_unit *u)
{
	struct agenda a;
	unsigned k = 0;

	if (u->gone)
		return VTD_IDLE;
	pass_time(u);
	add_all(u, &a);
	if (!a.n)
		return a.waiting ? VTD_WAITED : VTD_IDLE;
	if (a.n > 1 && u->cfg.ops->choose)
		k = u->cfg.ops->choose(u->cfg.ctx, a.n);
	return do_work(u, a.work[k]);
}

void vtd_run(struct vtd_unit *u)
{
	while (vtd_can_fetch(u)) {
		vtd_fetch(u);
		while (u->npending)
			vtd_advance(u, 0);
	}
}
