/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Hands blocks to the report in the order of their lines; equal ones in a row become one. */
#include "state.h"
#include "judge.h"

#include <string.h>

static void report_block(struct decode *d, const struct block *b)
{
	for (unsigned i = 0; i < d->reports; i++) {
		if (d->report[i].block)
			d->report[i].block(&d->report[i], d, b);
		d->report[i].blocks++;
	}
}

static void flush(struct decode *d)
{
	if (!d->held)
		return;
	if (d->gathered.all)
		report_block(d, d->held);
	gather_add(&d->gathered, d->held);
	d->held = NULL;
}

void hand_over_paused(struct decode *d)
{
	struct gathered *g = &d->gathered;

	gather_finish(g);
	for (unsigned i = 0; i < g->n; i++) {
		if (g->group[i].shown)
			continue;
		g->group[i].shown = true;
		if (!d->gathered.all)
			report_block(d, g->group[i].block);
	}
	for (unsigned i = 0; i < d->reports; i++)
		if (d->report[i].pause)
			d->report[i].pause(&d->report[i]);
}

void hand_over(struct decode *d)
{
	struct block *b = d->waiting[0];

	memmove(d->waiting, d->waiting + 1, --d->waits * sizeof(*d->waiting));
	if (d->held && block_same(d->held, b)) {
		d->held->count += b->count;
		d->held->last = b->last;
		d->held->until = b->time;
		block_free(b);
		return;
	}
	flush(d);
	d->held = b;
}

static const struct finding cut = {
	.id = "input-cut",
	.weight = UNCLEAR,
	.certainty = CERTAIN,
	.next = "Get the whole line from where it was copied; nothing was guessed in its place.",
};

static void find_cuts(struct decode *d, const struct block *b)
{
	for (unsigned i = 0; i < b->fields; i++)
		if (b->field[i].form == FIELD_CUT)
			decode_find(d, &cut, b->line, "A value is cut off: %s.", b->field[i].name);
	for (unsigned i = 0; i < b->rows; i++)
		if (!row_whole(&b->row[i]))
			decode_find(d, &cut, b->row[i].line, "A descriptor is cut off.");
}

void decode_cut(struct decode *d, const struct line *l)
{
	decode_find(d, &cut, l->number, "A line is cut off: \"%.*s\".",
		    (int)(l->own - l->body < 60 ? l->own - l->body : 60), l->text + l->body);
}

void decode_block(struct decode *d, struct block *b)
{
	unsigned at;

	judge_block(d, b);
	find_cuts(d, b);
	if (d->waits == WAITING)
		hand_over(d);
	for (at = d->waits++; at && d->waiting[at - 1]->line > b->line; at--)
		d->waiting[at] = d->waiting[at - 1];
	d->waiting[at] = b;
}

void hand_over_all(struct decode *d)
{
	while (d->waits)
		hand_over(d);
	flush(d);
}
