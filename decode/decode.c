/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Lines to recognisers, blocks to the report, findings to the end. */
#include "decode.h"
#include "findings.h"
#include "judge.h"
#include "prefilter.h"
#include "scan.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

#define PROGRESS_BYTES (64 << 20)
#define WORDS 200
#define LANES 8
#define LANE_LINES 200 /* so long after its last line a caller has nothing more to say */
#define WAITING 16
#define WAITING_LINES 60

/* What a recogniser knows of the lines of one caller. */
struct lane {
	void *state;
	uint64_t caller, line; /* line: its last one */
	bool wants;	       /* the next line, whatever it holds */
};

struct reader {
	const struct recogniser *is;
	struct lane lane[LANES]; /* without by_caller only the first; state NULL: not used yet */
};

struct decode {
	struct report report;
	struct findings findings;
	struct decode_facts facts;
	struct reader *reader;
	unsigned n;
	struct prefilter *filter;
	struct block *waiting[WAITING]; /* by line: one that began earlier may still come */
	unsigned waits;
	struct block *held; /* the last block: equal ones may follow */
	bool taken;
	char error[4400];
	void (*progress)(uint64_t bytes);
};

static void *zeroed(size_t n, size_t size)
{
	void *p = calloc(n, size ? size : 1);

	if (!p)
		abort();
	return p;
}

struct decode *decode_new(const struct report *r, FILE *to)
{
	const char *word[WORDS + 1];
	unsigned char owner[WORDS];
	struct decode *d = zeroed(1, sizeof(*d));
	unsigned words = 0;

	while (decode_recognisers[d->n])
		d->n++;
	d->reader = zeroed(d->n, sizeof(*d->reader));
	for (unsigned i = 0; i < d->n; i++) {
		d->reader[i].is = decode_recognisers[i];
		d->reader[i].lane[0].state = zeroed(1, decode_recognisers[i]->size);
		for (const char *const *w = decode_recognisers[i]->words; *w && words < WORDS;
		     w++) {
			owner[words] = (unsigned char)i;
			word[words++] = *w;
		}
	}
	word[words] = NULL;
	d->filter = prefilter_new(word, owner);
	if (!d->filter)
		abort();
	d->facts.loglevel = -1;
	d->report = *r;
	d->report.to = to;
	d->report.begin(&d->report);
	return d;
}

void decode_free(struct decode *d)
{
	for (unsigned i = 0; i < d->n; i++)
		for (unsigned k = 0; k < LANES; k++)
			free(d->reader[i].lane[k].state);
	findings_clear(&d->findings);
	prefilter_free(d->filter);
	for (unsigned i = 0; i < d->waits; i++)
		block_free(d->waiting[i]);
	block_free(d->held);
	free(d->reader);
	free(d);
}

void decode_take(struct decode *d)
{
	d->taken = true;
}

bool decode_taken(const struct decode *d)
{
	return d->taken;
}

struct decode_facts *decode_facts(struct decode *d)
{
	return &d->facts;
}

const struct findings *decode_findings(const struct decode *d)
{
	return &d->findings;
}

static void flush(struct decode *d)
{
	if (!d->held)
		return;
	d->report.block(&d->report, d, d->held);
	d->report.blocks++;
	block_free(d->held);
	d->held = NULL;
}

static void hand_over(struct decode *d)
{
	struct block *b = d->waiting[0];

	memmove(d->waiting, d->waiting + 1, --d->waits * sizeof(*d->waiting));
	if (d->held && block_same(d->held, b)) {
		d->held->count++;
		d->held->last = b->last;
		block_free(b);
		return;
	}
	flush(d);
	d->held = b;
}

static const struct finding cut = {
	.id = "input-cut",
	.weight = NOTE,
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

void decode_find(struct decode *d, const struct finding *f, uint64_t line, const char *text, ...)
{
	va_list ap;

	va_start(ap, text);
	findings_add(&d->findings, f, line, text_format(text, ap));
	va_end(ap);
}

/* ---- running ---- */

static const struct finding no_line_end = {
	.id = "input-may-be-cut",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "If more of the line can be seen where it was copied, take it from there.",
};

/* What has begun there is over. */
static void end_lane(struct decode *d, const struct reader *r, struct lane *lane)
{
	if (lane->state && r->is->end)
		r->is->end(d, lane->state);
	lane->wants = false;
}

/* Where @r keeps what it knows of lines of this caller; NULL: nothing yet. */
static struct lane *lane_of(struct reader *r, uint64_t caller)
{
	if (!r->is->by_caller)
		return r->lane;
	for (unsigned i = 0; i < LANES; i++)
		if (r->lane[i].state && r->lane[i].caller == caller)
			return &r->lane[i];
	return NULL;
}

/* Rather one that waits for nothing, and the one that was silent for longest. */
static struct lane *new_lane(struct decode *d, struct reader *r, uint64_t caller)
{
	struct lane *best = r->lane;

	for (struct lane *i = r->lane + 1; i < r->lane + LANES; i++)
		if (i->wants < best->wants || (i->wants == best->wants && i->line < best->line))
			best = i;
	end_lane(d, r, best);
	if (!best->state)
		best->state = zeroed(1, r->is->size);
	memset(best->state, 0, r->is->size);
	best->caller = caller;
	return best;
}

static void show_to(struct decode *d, struct reader *r, const struct line *l, bool has_words)
{
	struct lane *lane = lane_of(r, l->caller);

	if (has_words || (lane && lane->wants)) {
		if (!lane)
			lane = new_lane(d, r, l->caller);
		lane->line = l->number;
		lane->wants = r->is->line(d, lane->state, l);
	}
	if (!r->is->by_caller)
		return;
	for (lane = r->lane; lane < r->lane + LANES; lane++)
		if (lane->wants && l->number > lane->line + LANE_LINES)
			end_lane(d, r, lane);
}

static void show(struct decode *d, const struct line *l)
{
	/* Words that nothing marks as such are looked for at the beginning. */
	const uint64_t owners = l->number <= FIRST_LINES
					? ~0ULL
					: prefilter_owners(d->filter, l->text, l->text + l->own);

	while (d->waits && d->waiting[0]->last + WAITING_LINES < l->number)
		hand_over(d);
	d->taken = false;
	for (unsigned i = 0; i < d->n; i++)
		show_to(d, &d->reader[i], l, owners >> i & 1);
	if (d->taken && scan_open(l, l->text + l->own))
		decode_find(d, &no_line_end, l->number,
			    "The input ends without a line end, right behind a value: it may be "
			    "longer.");
}

static bool anybody_wants(const struct decode *d)
{
	for (unsigned i = 0; i < d->n; i++)
		for (unsigned k = 0; k < LANES; k++)
			if (d->reader[i].lane[k].wants)
				return true;
	return false;
}

/* What has begun is over: the end, or nobody has written for a while. */
static void end_lines(struct decode *d)
{
	for (unsigned i = 0; i < d->n; i++)
		for (unsigned k = 0; k < LANES; k++)
			end_lane(d, &d->reader[i], &d->reader[i].lane[k]);
}

/* Report all blocks that there are. */
static void hand_over_all(struct decode *d)
{
	while (d->waits)
		hand_over(d);
	flush(d);
}

static void read_lines(struct decode *d, struct lines *r)
{
	uint64_t told = 0;
	struct line l;

	lines_filter(r, d->filter);
	for (;;) {
		if (lines_next(r, lines_count(r) < FIRST_LINES || anybody_wants(d), &l)) {
			show(d, &l);
		} else {
			end_lines(d);
			if (!lines_paused(r))
				break;
			hand_over_all(d);
			fflush(d->report.to);
		}
		if (d->progress && lines_bytes(r) - told > PROGRESS_BYTES)
			d->progress(told = lines_bytes(r));
	}
}

bool decode_file(struct decode *d, const char *path)
{
	struct lines *r = lines_open(path);
	const struct whole *const *w = decode_wholes;
	const unsigned char *head;
	const char *why = NULL;
	size_t size;

	head = lines_head(r, &size);
	while (head && *w && !(*w)->is(head, size))
		w++;
	if (head && *w)
		why = (*w)->read(d, r, path);
	else if (head && !size)
		why = "the file is empty: there is nothing to decode";
	else if (head)
		read_lines(d, r);
	if (why)
		snprintf(d->error, sizeof(d->error), "%s: %s", path, why);
	else
		snprintf(d->error, sizeof(d->error), "%s", lines_error(r));
	lines_close(r);
	return !d->error[0];
}

void decode_words(struct decode *d, const uint64_t *word, unsigned count)
{
	words_block(d, word, count);
}

bool decode_end(struct decode *d)
{
	hand_over_all(d);
	findings_sort(&d->findings);
	d->report.end(&d->report, d);
	return findings_problem(&d->findings);
}

const char *decode_error(const struct decode *d)
{
	return d->error;
}

void decode_progress(struct decode *d, void (*progress)(uint64_t bytes))
{
	d->progress = progress;
}
