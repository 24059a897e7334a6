/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Calls from the kernel's own events: from kprobe events and the tracepoint between them, or from
 * the tracepoint alone, which reports only descriptors.
 */
#include "source.h"

#include "pairing.h"
#include "probes.h"

#include <errno.h>
#include <event-parse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tracefs.h>

/*
 * Stacks are expensive, so only this many calls a second have one. The others have only the calling
 * function.
 */
#define STACKS "64"
#define STACK_NS 1000000000ULL

struct trace_state {
	struct probes probes;
	struct tracefs_instance *instance;
	struct tep_handle *tep;
	/* The first two are NULL if there are no kprobe events. */
	struct tep_event *enter, *leave, *insert, *stack;
	struct pairing pairing;
	source_call_fn *fn; /* during a poll */
	void *ctx;
	uint64_t lost, stacks_ns;
	bool no_memory;
};

/* ---- events ---- */

static uint64_t number(struct tep_event *e, const char *name, struct tep_record *r)
{
	unsigned long long value = 0;

	tep_read_number_field(tep_find_any_field(e, name), r->data, &value);
	return value;
}

static void take_insert(struct trace_state *t, const struct pairing_at *at, struct tep_record *r)
{
	const struct live_desc d = { number(t->insert, "qw0", r), number(t->insert, "qw1", r) };
	const char *unit;
	int size = 0;

	unit = tep_get_field_raw(NULL, t->insert, "iommu", r, &size, 0);
	if (!unit || size < 1 || unit[size - 1])
		unit = "?";
	pairing_insert(&t->pairing, at, unit, &d, 0);
}

static void take_enter(struct trace_state *t, const struct pairing_at *at, struct tep_record *r)
{
	if (!pairing_enter(&t->pairing, at, number(t->enter, "iommu", r),
			   number(t->enter, "count", r), number(t->enter, "options", r)))
		t->no_memory = true;
}

/*
 * Where there are stacks, the return address is not used: it says less, and would be counted as
 * another caller.
 */
static void take_leave(struct trace_state *t, const struct pairing_at *at, struct tep_record *r)
{
	pairing_leave(&t->pairing, at, number(t->leave, "ret", r),
		      t->stack ? 0 : number(t->leave, "__probe_ret_ip", r));
}

static void take_stack(struct trace_state *t, const struct pairing_at *at, struct tep_record *r)
{
	const struct tep_format_field *f = tep_find_field(t->stack, "caller");
	uint64_t frame[LIVE_FRAMES];
	unsigned n;

	if (!f || f->offset < 0 || f->offset > r->size)
		return;
	n = (r->size - f->offset) / sizeof(*frame);
	n = n < LIVE_FRAMES ? n : LIVE_FRAMES;
	memcpy(frame, (const char *)r->data + f->offset, n * sizeof(*frame));
	/* The unused part of the array holds all ones or zeros. */
	for (unsigned i = 0; i < n; i++)
		if (!frame[i] || !~frame[i])
			n = i;
	pairing_stack(&t->pairing, at, frame, n);
}

static int take_event(struct tep_event *e, struct tep_record *r, int cpu, void *ctx)
{
	struct trace_state *t = ctx;
	struct pairing_at at = { .ns = r->ts, .pid = tep_data_pid(t->tep, r), .cpu = cpu };

	if (r->missed_events) {
		t->lost += r->missed_events > 0 ? r->missed_events : 1;
		pairing_lost(&t->pairing);
	}
	if (e == t->insert)
		take_insert(t, &at, r);
	else if (e == t->enter)
		take_enter(t, &at, r);
	else if (e == t->leave)
		take_leave(t, &at, r);
	else if (e == t->stack)
		take_stack(t, &at, r);
	return 0;
}

static void give_call(void *ctx, const struct live_call *call, uint64_t tag)
{
	struct trace_state *t = ctx;

	(void)tag;
	t->fn(t->ctx, call);
}

static uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/*
 * Ask for the stacks of the next calls. On a kernel without this trigger there are only the calling
 * functions.
 */
static void want_stacks(struct trace_state *t)
{
	uint64_t now = monotonic_ns();

	if (!t->enter || now - t->stacks_ns < STACK_NS)
		return;
	t->stacks_ns = now;
	tracefs_event_file_write(t->instance, t->probes.group, PROBES_ENTER, "trigger",
				 "!stacktrace");
	tracefs_event_file_write(t->instance, t->probes.group, PROBES_ENTER, "trigger",
				 "stacktrace:" STACKS);
}

static bool trace_poll(struct source *s, source_call_fn *fn, void *ctx, char *error)
{
	struct trace_state *t = s->state;

	want_stacks(t);
	t->fn = fn;
	t->ctx = ctx;
	if (tracefs_iterate_raw_events(t->tep, t->instance, NULL, 0, take_event, t) < 0) {
		snprintf(error, SOURCE_ERROR, "reading the kernel's events: %s", strerror(errno));
		return false;
	}
	if (t->no_memory)
		snprintf(error, SOURCE_ERROR, "out of memory");
	return !t->no_memory;
}

static struct source_counts trace_counts(struct source *s)
{
	const struct trace_state *t = s->state;

	return (struct source_counts){
		.lost = t->lost + probes_missed(&t->probes),
		.untimed = t->pairing.untimed,
		.pending = t->pairing.count,
	};
}

static unsigned trace_pending(struct source *s, struct live_pending *to, uint64_t *now)
{
	const struct trace_state *t = s->state;

	*now = monotonic_ns();
	return pairing_pending(&t->pairing, to, SOURCE_PENDING);
}

/* ---- opening ---- */

static bool find_events(struct trace_state *t, char *error)
{
	const char *const systems[] = { "intel_iommu", "ftrace",
					t->probes.calls ? t->probes.group : NULL, NULL };

	t->instance = tracefs_instance_create(t->probes.instance);
	t->tep = tracefs_local_events_system(NULL, systems);
	if (t->instance && t->tep) {
		t->insert = tep_find_event_by_name(t->tep, "intel_iommu", "qi_submit");
		t->stack = tep_find_event_by_name(t->tep, "ftrace", "kernel_stack");
		t->enter = tep_find_event_by_name(t->tep, t->probes.group, PROBES_ENTER);
		t->leave = tep_find_event_by_name(t->tep, t->probes.group, PROBES_LEAVE);
		if (t->insert && (!t->probes.calls || (t->enter && t->leave)))
			return true;
	}
	snprintf(error, SOURCE_ERROR, "libtracefs does not find the events of the queue");
	return false;
}

static void trace_close(struct source *s)
{
	struct trace_state *t = s->state;

	if (t->tep)
		tep_free(t->tep);
	if (t->instance)
		tracefs_instance_free(t->instance);
	probes_remove(&t->probes);
	pairing_free(&t->pairing);
	free(t);
	s->state = NULL;
}

static bool open_with(struct source *s, bool calls, char *error)
{
	struct trace_state *t = calloc(1, sizeof(*t));

	s->state = t;
	if (!t) {
		snprintf(error, SOURCE_ERROR, "out of memory");
		return false;
	}
	tracefs_set_loglevel(TEP_LOG_NONE);
	pairing_init(&t->pairing, give_call, t);
	t->pairing.probed = calls;
	if (!probes_start(&t->probes, calls, error)) {
		free(t);
		s->state = NULL;
		return false;
	}
	if (find_events(t, error))
		return true;
	trace_close(s);
	return false;
}

static bool kprobes_open(struct source *s, char *error)
{
	return open_with(s, true, error);
}

static bool tracepoint_open(struct source *s, char *error)
{
	return open_with(s, false, error);
}

static const struct source_ops kprobes = {
	.name = "kprobes",
	.does = "kprobe events at entry and return of qi_submit_sync()",
	.lacks = "",
	.open = kprobes_open,
	.poll = trace_poll,
	.counts = trace_counts,
	.pending = trace_pending,
	.close = trace_close,
};
const struct source_ops *const source_kprobes = &kprobes;

static const struct source_ops tracepoint = {
	.name = "tracepoint",
	.does = "the tracepoint intel_iommu:qi_submit",
	.lacks = "latencies, results, retries, callers, drains, submissions under way; each "
		 "descriptor counts as a submission",
	.open = tracepoint_open,
	.poll = trace_poll,
	.counts = trace_counts,
	.pending = trace_pending,
	.close = trace_close,
};
const struct source_ops *const source_tracepoint = &tracepoint;
