/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A run: reads files, keeps findings and blocks, and draws conclusions and reports at the end. */
#include "state.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "input/printable.h"

#define PROGRESS_BYTES (64 << 20)
#define WORDS 250

void *state_zeroed(size_t n, size_t size)
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
	struct decode *d = state_zeroed(1, sizeof(*d));
	unsigned words = 0;

	while (decode_recognisers[d->n])
		d->n++;
	d->reader = state_zeroed(d->n, sizeof(*d->reader));
	for (unsigned i = 0; i < d->n; i++) {
		d->reader[i].is = decode_recognisers[i];
		d->reader[i].lane[0].state = state_zeroed(1, decode_recognisers[i]->size);
		for (const char *const *w = decode_recognisers[i]->words; *w && words < WORDS;
		     w++) {
			owner[words] = (unsigned char)i;
			word[words++] = *w;
		}
	}
	/* For syslog's "message repeated", which is no recogniser's word. */
	owner[words] = (unsigned char)d->n;
	word[words++] = "repeated";
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

void decode_alike(struct decode *d)
{
	d->alike = true;
}

bool decode_named(const struct decode *d)
{
	return d->named;
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

/* ---- positions of lines ---- */

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

/* Add findings about how the lines were copied. */
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
			show_line(d, &l);
			if (d->alike && !d->wanting)
				lines_alike(r);
		} else {
			show_end(d);
			if (!lines_paused(r))
				break;
			hand_over_all(d);
			hand_over_paused(d);
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
	/* If there are too many files, the last number stands for all further ones. */
	if (d->files < DECODE_FILES) {
		char *name = text_copy(path, strlen(path));

		printable_name(name, strlen(name)); /* the name is only printed */
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
