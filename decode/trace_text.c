/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Traces of submissions as text: from tracefs, trace-cmd report or perf script. */
#include "calls.h"
#include "decode.h"
#include "scan.h"
#include "trace_events.h"

#include <ctype.h>
#include <describe/describe.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROWS 4096 /* in a block: a long trace becomes several */
/* Equal device-TLB invalidations in a row that are reported as unnecessary. */
#define AGAIN 20

struct trace_state {
	struct block *block; /* of qi_submit events */
	struct qi_desc last;
	unsigned again;
	bool told;
	struct calls *calls; /* for a trace with calls */
};

static const struct finding submissions_only = {
	.id = "trace-shows-submissions",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Do not look here for completions: neither they nor the driver's own waits are "
		"traced, and a "
		"submission that is repeated after a time-out is traced again. `qinval record` "
		"records when calls return, too. `qinval replay` submits this trace to a queue.",
};

static const struct finding events_lost = {
	.id = "trace-events-lost",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Do not conclude from what is not in it. Record again with a larger buffer "
		"(`trace-cmd record -b`, buffer_size_kb) and fewer events.",
};

static const struct finding repeated = {
	.id = "submitted-again",
	.weight = SUSPECT,
	.certainty = INFERRED,
	.from = "equal events without any other between them",
	.next = "Linux traces a submission again when it repeats it after a time-out error: look "
		"for ITE in dmesg, "
		"and at this device.",
};

static void finish(struct decode *d, struct trace_state *t)
{
	if (!t->block)
		return;
	decode_block(d, t->block);
	t->block = NULL;
}

/* ---- qi_submit ---- */

static void watch_repeats(struct decode *d, struct trace_state *t, const struct row *r)
{
	const unsigned type = qi_desc_type(&r->desc);
	char text[240];

	if (memcmp(&t->last, &r->desc, sizeof(t->last)) ||
	    (type != QI_DIOTLB_TYPE && type != QI_DEIOTLB_TYPE)) {
		t->last = r->desc;
		t->again = 1;
		return;
	}
	if (++t->again != AGAIN)
		return;
	qi_desc_text(&r->desc, text, sizeof(text));
	decode_find(d, &repeated, r->line,
		    "The same invalidation is submitted again and again: %s.", text);
}

/* The word of a type; a number if it has none; or a truncated word at the end of the line. */
static bool is_type(const struct line *l, const char *s)
{
	const size_t n = scan_word(s, "");

	if (s + n >= l->text + l->own || !strncmp(s, "0x", 2))
		return true;
	for (unsigned type = 1; type < QI_TYPES; type++)
		if (strlen(qi_type_trace_name(type)) == n &&
		    !strncmp(s, qi_type_trace_name(type), n))
			return true;
	return false;
}

/* "iotlb_inv dmar1: 0x100e2 0x0 0x0 0x0" */
static void take_submit(struct decode *d, struct trace_state *t, const struct line *l,
			const char *event, const char *s)
{
	const char *type, *unit, *behind = s;
	size_t type_length, unit_length;
	const char *name;
	char number[8];
	struct decode_unit *u;
	struct row *r;
	unsigned i;

	scan_blanks(&s);
	type = s;
	s += type_length = scan_word(s, "");
	scan_blanks(&s);
	unit = s;
	s += unit_length = scan_word(s, ":");
	if (t->block && t->block->rows == MOST_ROWS)
		finish(d, t);
	if (!t->block)
		t->block = block_new("qi_submit", l->number, "trace of submissions");
	t->block->last = l->last;
	r = block_row(t->block, l->number, NULL);
	u = unit_length && *s == ':' ? decode_unit(d, unit, unit_length) : NULL;
	r->unit = u ? u->name : NULL;
	r->words = 4;
	s += *s == ':';
	for (i = 0; i < 4; i++) {
		uint64_t value;

		scan_blanks(&s);
		if (scan_0x(l, &s, &value) != SCAN_OK)
			break;
		row_word(r, i, value);
		r->open = scan_open(l, s);
		behind = s;
	}
	/* The last word of a truncated record may have lost digits. */
	if (i && i < 4 && (!*behind || *behind == '\n'))
		r->known &= ~(1U << (i - 1));
	if (!(r->known & 1))
		return;
	name = qi_type_trace_name((unsigned)(r->desc.qw0 & 0xf));
	snprintf(number, sizeof(number), "0x%x", (unsigned)(r->desc.qw0 & 0xf));
	name = name ? name : number;
	if (strlen(name) != type_length || strncmp(type, name, type_length))
		r->note = text_print(
			"damaged line: its word for the type is not that of qw0, \"%s\"", name);
	else if (i < 4)
		r->note = text_print("the line is cut off");
	if (row_whole(r))
		calls_insert(t->calls, l, event, r->unit, r->desc.qw0, r->desc.qw1);
	/* With calls in the trace it is known for certain whether something is repeated. */
	if (t->calls)
		return;
	if (row_whole(r))
		watch_repeats(d, t, r);
	if (!t->told)
		decode_find(d, &submissions_only, l->number,
			    "This trace shows what was submitted, not what completed.");
	t->told = true;
}

/* "CPU:3 [LOST 132 EVENTS]", "CPU:3 [EVENTS DROPPED]" */
static void lost_line(struct decode *d, struct trace_state *t, const struct line *l)
{
	const char *s = l->text;
	uint64_t cpu;

	if (!scan_words(&s, "CPU:") || scan_dec(l, &s, &cpu) != SCAN_OK)
		return;
	if (!scan_words(&s, " [LOST ") && !scan_words(&s, " [EVENTS DROPPED"))
		return;
	decode_take(d);
	decode_find(d, &events_lost, l->number,
		    "The tracer has lost events: there are holes in this trace.");
	calls_lost(t->calls);
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct trace_state *t = state;
	const char *s = l->text, *behind;
	bool any = false;

	lost_line(d, t, l);
	if (calls_probe(d, &t->calls, l)) {
		decode_take(d);
		return t->block;
	}
	while ((s = scan_find(l, s, "qi_submit:", &behind))) {
		if (trace_word_start(l, s) && is_type(l, behind + strspn(behind, " \t"))) {
			decode_take(d);
			take_submit(d, t, l, s, behind);
			any = true;
		}
		s = behind;
	}
	if (any)
		return true;
	s = scan_find(l, l->text, "prq_report:", &behind);
	if (s && trace_word_start(l, s)) {
		finish(d, t);
		decode_take(d);
		trace_prq_report(d, l, behind);
	} else if (trace_named(d, l) || (t->block && l->number > t->block->last + 8)) {
		finish(d, t);
	}
	return t->block;
}

static void end(struct decode *d, void *state)
{
	struct trace_state *t = state;

	finish(d, t);
	calls_end(t->calls);
	t->calls = NULL;
}

static const char *const words[] = {
	"qi_submit:",  "qi_enter:", "qi_leave:", "prq_report:", "cache_tag_",
	"map_single:", "map_sg:",   "unmap_sg:", "EVENTS",	NULL
};

const struct recogniser trace_recogniser = { "trace", words, sizeof(struct trace_state),
					     line,    end,   false };
