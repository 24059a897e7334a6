/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "recording.h"

#include "trace.h"

#include <stdlib.h>
#include <string.h>

/* A call with as little as is needed, because a recording may have millions. */
struct recorded {
	uint64_t at, took, caller;
	size_t desc; /* index of the first one */
	uint32_t count, options, retries, pid, cpu;
	int32_t ret;
	uint8_t descs;
	char unit[LIVE_UNIT];
};

static bool more(void **array, size_t *room, size_t count, size_t size)
{
	size_t n = *room ? 2 * *room : 256;
	void *grown;

	if (count <= *room)
		return true;
	grown = realloc(*array, n * size);
	if (!grown)
		return false;
	*array = grown;
	*room = n;
	return true;
}

static void take(void *ctx, const struct live_call *c)
{
	struct recording *r = ctx;
	struct recorded *to;

	if (!more((void **)&r->call, &r->room, r->calls + 1, sizeof(*r->call)) ||
	    !more((void **)&r->desc, &r->desc_room, r->descs + LIVE_DESCS, sizeof(*r->desc))) {
		r->no_memory = true;
		return;
	}
	to = &r->call[r->calls++];
	*to = (struct recorded){ .at = c->at,
				 .took = c->took,
				 .caller = c->frames ? c->frame[0] : 0,
				 .desc = r->descs,
				 .count = c->count,
				 .options = c->options,
				 .retries = c->retries,
				 .pid = c->pid,
				 .cpu = c->cpu,
				 .ret = c->ret,
				 .descs = c->descs };
	memcpy(to->unit, c->unit, LIVE_UNIT);
	memcpy(r->desc + r->descs, c->desc, c->descs * sizeof(*r->desc));
	r->descs += c->descs;
}

static uint64_t stand_in(void *ctx, const char *name)
{
	struct recording *r = ctx;

	return names_stand_in(r->names, name);
}

static int by_beginning(const void *a, const void *b)
{
	const struct recorded *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

bool recording_read(struct recording *r, const char *path, struct names *names, char *error)
{
	const struct trace_calls want = { take, stand_in, r };
	struct trace t;
	bool good;

	memset(r, 0, sizeof(*r));
	r->names = names;
	good = trace_read_calls(&t, path, &want, error, SOURCE_ERROR);
	if (good && r->no_memory)
		strcpy(error, "out of memory");
	r->lost = t.lost + t.damaged;
	r->untimed = t.untimed;
	trace_free(&t);
	if (!good || r->no_memory)
		return false;
	qsort(r->call, r->calls, sizeof(*r->call), by_beginning);
	r->first = r->call[0].at;
	/* The interval includes the last call's beginning. */
	r->length = r->call[r->calls - 1].at - r->first + 1;
	return true;
}

void recording_free(struct recording *r)
{
	free(r->call);
	free(r->desc);
}

void recording_give(const struct recording *r, uint64_t from, uint64_t to, source_call_fn *fn,
		    void *ctx)
{
	for (size_t i = 0; i < r->calls; i++) {
		const struct recorded *c = &r->call[i];
		struct live_call call = { .at = c->at,
					  .took = c->took,
					  .count = c->count,
					  .options = c->options,
					  .retries = c->retries,
					  .ret = c->ret,
					  .pid = c->pid,
					  .cpu = c->cpu,
					  .descs = c->descs,
					  .frames = c->caller != 0 };

		if (c->at - r->first < from || c->at - r->first >= to)
			continue;
		call.frame[0] = c->caller;
		memcpy(call.unit, c->unit, LIVE_UNIT);
		memcpy(call.desc, r->desc + c->desc, c->descs * sizeof(call.desc[0]));
		fn(ctx, &call);
	}
}

const struct source_ops recording_ops = {
	.name = "recording",
	.does = "a recording",
	.lacks = "",
};
