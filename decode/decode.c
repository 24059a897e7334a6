/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Lines to recognisers, blocks to the report, findings to the end. */
#include "decode.h"
#include "findings.h"
#include "gather.h"
#include "judge.h"
#include "machine.h"
#include "prefilter.h"
#include "scan.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "input/printable.h"

#define PROGRESS_BYTES (64 << 20)
#define WORDS 250
#define REPORTS 2
#define LAST_TEXT 1024 /* of the last line, as it may be said to have been repeated */
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

/* A file that has been read. */
struct source {
	char *name;
	bool reversed;
	uint64_t lines;
};

struct decode {
	struct report report[REPORTS];
	unsigned reports;
	struct findings findings;
	struct gathered gathered;
	struct decode_facts facts;
	struct machine machine;
	struct source file[DECODE_FILES];
	unsigned files;
	uint64_t times;
	char last[LAST_TEXT]; /* the last line that was shown */
	uint64_t last_line;
	uint64_t source_line, driver_lines;
	struct reader *reader;
	unsigned n;
	uint64_t
		wanting; /* of the readers, those of which a lane wants the next line; one bit each */
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
	d->times = 1;
	decode_also(d, r, to);
	return d;
}

void decode_also(struct decode *d, const struct report *r, FILE *to)
{
	struct report *new = &d->report[d->reports++];

	*new = *r;
	new->to = to;
	if (new->begin)
		new->begin(new);
}

void decode_all_blocks(struct decode *d)
{
	d->gathered.all = true;
}

void decode_free(struct decode *d)
{
	for (unsigned i = 0; i < d->n; i++)
		for (unsigned k = 0; k < LANES; k++)
			free(d->reader[i].lane[k].state);
	findings_clear(&d->findings);
	gather_clear(&d->gathered);
	for (unsigned i = 0; i < d->files; i++)
		free(d->file[i].name);
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

const struct gathered *decode_gathered(const struct decode *d)
{
	return &d->gathered;
}

struct machine *decode_machine(const struct decode *d)
{
	return (struct machine *)&d->machine;
}

uint64_t decode_times(const struct decode *d)
{
	return d->times;
}

void decode_count(struct decode *d, uint64_t times)
{
	d->times = times;
}

/* ---- where a line was ---- */

static const struct source *file_of(const struct decode *d, uint64_t line)
{
	const uint64_t n = line >> DECODE_FILE_SHIFT;

	return n < d->files ? &d->file[n] : NULL;
}

uint64_t decode_line_in_file(const struct decode *d, uint64_t line)
{
	const struct source *f = file_of(d, line);
	const uint64_t number = line & ((1ULL << DECODE_FILE_SHIFT) - 1);

	return f && f->reversed && number && number <= f->lines ? f->lines + 1 - number : number;
}

const char *decode_line_file(const struct decode *d, uint64_t line)
{
	const struct source *f = file_of(d, line);

	return d->files > 1 && f ? f->name : NULL;
}

/* ---- blocks ---- */

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

/* Somebody follows a log that is being written: what there is is shown now. */
static void show_blocks(struct decode *d)
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

static void hand_over(struct decode *d)
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

void decode_find(struct decode *d, const struct finding *f, uint64_t line, const char *text, ...)
{
	va_list ap;

	va_start(ap, text);
	findings_add(&d->findings, f, line, NO_SID, d->times, text_format(text, ap));
	va_end(ap);
}

void decode_find_of(struct decode *d, const struct finding *f, uint64_t line, unsigned sid,
		    const char *text, ...)
{
	va_list ap;

	va_start(ap, text);
	findings_add(&d->findings, f, line, sid, d->times, text_format(text, ap));
	va_end(ap);
}

/* ---- running ---- */

static const struct finding no_line_end = {
	.id = "input-may-be-cut",
	.weight = UNCLEAR,
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
	/* Words that nothing marks as such are looked for at the beginning. */
	const uint64_t owners = (l->number & ((1ULL << DECODE_FILE_SHIFT) - 1)) <= FIRST_LINES
					? ~0ULL
					: prefilter_owners(d->filter, l->text, l->text + l->own);

	while (d->waits && d->waiting[0]->last + WAITING_LINES < l->number)
		hand_over(d);
	d->taken = false;
	d->times = l->times;
	for (unsigned i = 0; i < d->n; i++) {
		const uint64_t bit = 1ULL << i;

		if (!((owners | d->wanting) & bit))
			continue;
		show_to(d, &d->reader[i], l, owners & bit);
		d->wanting = wants(&d->reader[i]) ? d->wanting | bit : d->wanting & ~bit;
	}
	d->times = 1;
	if (d->taken && scan_open(l, l->text + l->own))
		decode_find(d, &no_line_end, l->number,
			    "The input ends without a line end, right behind a value: it may be "
			    "longer.");
}

/* "last message repeated 17 times": as if it stood there once more, and so often. */
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

/* The message of a line, which the next one may say to have been repeated. */
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

static void show(struct decode *d, struct line *l)
{
	const uint64_t file = (uint64_t)(d->files - 1) << DECODE_FILE_SHIFT;

	l->number |= file;
	l->last |= file;
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

/* What has begun is over: the end, or nobody has written for a while. */
static void end_lines(struct decode *d)
{
	for (unsigned i = 0; i < d->n; i++)
		for (unsigned k = 0; k < LANES; k++)
			end_lane(d, &d->reader[i], &d->reader[i].lane[k]);
	d->wanting = 0;
}

/* Report all blocks that there are. */
static void hand_over_all(struct decode *d)
{
	while (d->waits)
		hand_over(d);
	flush(d);
}

static const struct finding columns = {
	.id = "lines-cut-at-column",
	.weight = NOTE,
	.certainty = LIKELY,
	.from = "several records end at this column, and none goes further",
	.next = "Get the log as a file (`dmesg >file`, `journalctl -k >file`), not from a "
		"terminal or a picture of one.",
};

static const struct finding reversed = {
	.id = "newest-first",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Nothing to do: the lines were read from the last one on.",
};

/* What was seen of how the lines were copied. */
static void tell_layout(struct decode *d, const struct lines *r)
{
	bool broken;
	const unsigned column = lines_column(r, &broken);

	if (lines_reversed(r))
		decode_find(d, &reversed, 0, "The newest line comes first in this log.");
	if (column && !broken)
		decode_find(d, &columns, 0,
			    "Lines are cut off at column %u: what ends there is taken for cut.",
			    column);
}

static void read_lines(struct decode *d, struct lines *r)
{
	uint64_t told = 0;
	struct line l;

	lines_filter(r, d->filter);
	if (!d->gathered.all)
		lines_count_storms(r);
	for (;;) {
		if (lines_next(r, lines_count(r) < FIRST_LINES || d->wanting, &l)) {
			show(d, &l);
		} else {
			end_lines(d);
			if (!lines_paused(r))
				break;
			hand_over_all(d);
			show_blocks(d);
		}
		if (d->progress && lines_bytes(r) - told > PROGRESS_BYTES)
			d->progress(told = lines_bytes(r));
	}
	if (d->taken || d->gathered.n || d->held || d->waits)
		tell_layout(d, r);
	d->file[d->files - 1].reversed = lines_reversed(r);
	d->file[d->files - 1].lines = lines_total(r);
}

static void add_file(struct decode *d, const char *path)
{
	/* Beyond the last number all files are that one. */
	if (d->files < DECODE_FILES) {
		char *name = text_copy(path, strlen(path));

		printable_name(name, strlen(name)); /* it is only told */
		d->file[d->files++].name = name;
	}
	*d->last = '\0';
}

bool decode_file(struct decode *d, const char *path)
{
	struct lines *r = lines_open(path);
	const struct whole *const *w = decode_wholes;
	const unsigned char *head;
	const char *why = NULL;
	size_t size;
	bool ok;

	add_file(d, path);
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
	else if (*lines_error(r))
		snprintf(d->error, sizeof(d->error), "%s", lines_error(r));
	printable_name(d->error, strlen(d->error));
	ok = !why && !*lines_error(r);
	lines_close(r);
	return ok;
}

void decode_words(struct decode *d, const uint64_t *word, unsigned count)
{
	words_block(d, word, count);
}

enum decode_result decode_result(const struct decode *d)
{
	const enum weight w = findings_weight(&d->findings);

	if (w < UNCLEAR)
		return DECODE_PROBLEM;
	return w == UNCLEAR || !d->gathered.n ? DECODE_UNCLEAR : DECODE_FINE;
}

enum decode_result decode_end(struct decode *d)
{
	hand_over_all(d);
	for (unsigned i = 0; i < d->gathered.n && d->gathered.all; i++)
		d->gathered.group[i].shown = true;
	conclude(d);
	gather_finish(&d->gathered);
	findings_sort(&d->findings);
	for (unsigned i = 0; i < d->reports; i++)
		d->report[i].end(&d->report[i], d);
	return decode_result(d);
}

const char *decode_error(const struct decode *d)
{
	return d->error;
}

void decode_progress(struct decode *d, void (*progress)(uint64_t bytes))
{
	d->progress = progress;
}
