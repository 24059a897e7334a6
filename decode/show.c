/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Passes lines to the recognisers: each line to those that have a word in it, or have asked for it.
 */
#include "state.h"
#include "scan.h"

#include <string.h>

/* A caller that has printed nothing for so many lines has finished its report. */
#define LANE_LINES 200
#define WAITING_LINES 60

static const struct finding no_line_end = {
	.id = "input-may-be-cut",
	.weight = UNCLEAR,
	.certainty = CERTAIN,
	.next = "If more of the line can be seen where it was copied, take it from there.",
};

/* End what this caller has begun. */
static void end_lane(struct decode *d, const struct reader *r, struct lane *lane)
{
	if (lane->state && r->is->end)
		r->is->end(d, lane->state);
	lane->wants = false;
}

/* The state of @r for this caller; NULL if there is none yet. */
static struct lane *lane_of(struct reader *r, uint64_t caller)
{
	if (!r->is->by_caller)
		return r->lane;
	for (unsigned i = 0; i < LANES; i++)
		if (r->lane[i].state && r->lane[i].caller == caller)
			return &r->lane[i];
	return NULL;
}

/*
 * Choose a lane to replace: one that does not wait for a line is preferred, then the one that was
 * silent for longest.
 */
static struct lane *new_lane(struct decode *d, struct reader *r, uint64_t caller)
{
	struct lane *best = r->lane;

	for (struct lane *i = r->lane + 1; i < r->lane + LANES; i++)
		if (i->wants < best->wants || (i->wants == best->wants && i->line < best->line))
			best = i;
	end_lane(d, r, best);
	if (!best->state)
		best->state = state_zeroed(1, r->is->size);
	memset(best->state, 0, r->is->size);
	best->caller = caller;
	return best;
}

static bool wants(const struct reader *r)
{
	for (unsigned i = 0; i < (r->is->by_caller ? LANES : 1); i++)
		if (r->lane[i].wants)
			return true;
	return false;
}

static void show_to(struct decode *d, struct reader *r, const struct line *l, bool has_words)
{
	struct lane *lane = lane_of(r, l->caller);

	if (has_words || (lane && lane->wants)) {
		if (!lane)
			lane = new_lane(d, r, l->caller);
		lane->line = l->number;
		d->named = has_words;
		lane->wants = r->is->line(d, lane->state, l);
	}
	if (!r->is->by_caller)
		return;
	for (lane = r->lane; lane < r->lane + LANES; lane++)
		if (lane->wants && l->number > lane->line + LANE_LINES)
			end_lane(d, r, lane);
}

static void show_to_all(struct decode *d, const struct line *l)
{
	/*
	 * All recognisers get the first lines, because text without any mark (raw words) is
	 * expected there.
	 */
	const uint64_t owners = (l->number & ((1ULL << DECODE_FILE_SHIFT) - 1)) <= FIRST_LINES
					? ~0ULL
					: prefilter_owners(d->filter, l->text, l->text + l->own);
	bool taken = false;

	while (d->waits && d->waiting[0]->last + WAITING_LINES < l->number)
		hand_over(d);
	d->taken = taken;
	d->times = l->times;
	for (uint64_t todo = (owners | d->wanting) & ((1ULL << d->n) - 1); todo; todo &= todo - 1) {
		const unsigned i = (unsigned)__builtin_ctzll(todo);
		const uint64_t bit = 1ULL << i;

		show_to(d, &d->reader[i], l, owners & bit);
		if (d->taken && !taken)
			d->took |= bit;
		taken = d->taken;
		d->wanting = wants(&d->reader[i]) ? d->wanting | bit : d->wanting & ~bit;
	}
	d->times = 1;
	if (d->taken && scan_open(l, l->text + l->own))
		decode_find(d, &no_line_end, l->number,
			    "The input ends without a line end, right behind a value: it may be "
			    "longer.");
}

bool decode_took(const struct decode *d, const char *recogniser)
{
	for (unsigned i = 0; i < d->n; i++)
		if (!strcmp(d->reader[i].is->name, recogniser))
			return d->took >> i & 1;
	return false;
}

/* "last message repeated 17 times": pass the last message again, with this count. */
static void show_again(struct decode *d, const struct line *l)
{
	struct line again = *l;
	struct line_stamp stamp;

	if (!*d->last || d->last_line + 1 < l->number)
		return;
	again.text = d->last;
	again.own = again.len = strlen(d->last);
	again.body = line_prefix(d->last, &stamp);
	again.record = again.body > 0;
	again.timed = stamp.timed;
	again.time = stamp.time;
	again.caller = stamp.caller;
	again.times = l->again;
	again.repeated = true;
	show_to_all(d, &again);
}

/* Keep the message of a line, because the next line may say that it was repeated. */
static void keep_last(struct decode *d, const struct line *l)
{
	const size_t from = l->repeated ? l->body : 0, n = l->own - from;

	*d->last = '\0';
	if (n >= LAST_TEXT)
		return;
	memcpy(d->last, l->text + from, n);
	d->last[n] = '\0';
	d->last_line = l->last;
}

void show_line(struct decode *d, struct line *l)
{
	const uint64_t file = (uint64_t)(d->files - 1) << DECODE_FILE_SHIFT;

	l->number |= file;
	l->last |= file;
	d->alike = false;
	if (l->again) {
		show_again(d, l);
		return;
	}
	if (line_is_source(l)) {
		d->source_line = l->number;
		return;
	}
	machine_named_devices(&d->machine, l);
	show_to_all(d, l);
	keep_last(d, l);
}

void show_end(struct decode *d)
{
	for (unsigned i = 0; i < d->n; i++)
		for (unsigned k = 0; k < LANES; k++)
			end_lane(d, &d->reader[i], &d->reader[i].lane[k]);
	d->wanting = 0;
}
