/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Trace events of intel_iommu as text: from tracefs, trace-cmd report or perf script. */
#include "calls.h"
#include "decode.h"
#include "scan.h"

#include <ctype.h>
#include <describe/describe.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROWS 4096 /* of a block: a long trace is several */
#define AGAIN 20       /* equal device-TLB invalidations in a row that nobody needs */

struct trace_state {
	struct block *block; /* of qi_submit events */
	struct qi_desc last;
	unsigned again;
	bool told;
	struct calls *calls; /* of a trace that tells of them */
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

/* A type's word, a number for one that has none, or what is left of either at the line's end. */
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
	/* Of a record that is cut the last word may have lost digits. */
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
	/* Calls tell for certain whether something is repeated. */
	if (t->calls)
		return;
	if (row_whole(r))
		watch_repeats(d, t, r);
	if (!t->told)
		decode_find(d, &submissions_only, l->number,
			    "This trace shows what was submitted, not what completed.");
	t->told = true;
}

/* ---- the other events ---- */

/* The word from @s on, as a field; returns what follows it. */
static const char *word_field(struct block *b, const char *name, const char *s, const char *stop)
{
	const size_t n = scan_word(s, stop);

	block_text(b, name, "%.*s", (int)(n < 200 ? n : 200), s);
	return s + n;
}

/* "size=4096", "seq# 1", "did 5": without the next key what stands before it may be cut. */
static bool key_follows(const char *s)
{
	size_t n;

	scan_blanks(&s);
	n = scan_word(s, "");
	return memchr(s, '=', n) || memchr(s, '#', n) || *s == '[' || scan_words(&s, "did ") ||
	       scan_words(&s, "type ") || scan_words(&s, "pages ") || scan_words(&s, "mask ");
}

/* The same of a word that never ends the record. */
static const char *inner_word_field(struct block *b, const char *name, const char *s,
				    const char *stop)
{
	const size_t n = scan_word(s, stop);

	if (key_follows(s + n))
		return word_field(b, name, s, stop);
	block_cut(b, name);
	return s + n;
}

/* "name=0xvalue" anywhere behind @s, as a field. */
static void value_field(struct block *b, const struct line *l, const char *s, const char *key,
			const char *name, bool inner)
{
	uint64_t value;
	const char *at = scan_find(l, s, key, &s);

	if (!at)
		return;
	if (scan_0x(l, &s, &value) == SCAN_OK && (!inner || key_follows(s)))
		block_hex(b, name, value, NULL);
	else
		block_cut(b, name);
}

/* "dmar0/0000:00:0a.0 seq# 1: rid=0x50 addr=0x559ef6f97 rw--l pasid=0x2 index=0x1" */
static void prq_report(struct decode *d, const struct line *l, const char *s)
{
	struct block *b = block_new("prq_report", l->number, "page request");
	const char *at, *unit;
	uint64_t value;
	char sid[SID_TEXT];

	b->last = l->last;
	scan_blanks(&s);
	unit = s;
	s += scan_word(s, "/");
	block_unit(b, unit, (size_t)(s - unit));
	if (*s == '/')
		s = inner_word_field(b, "device", s + 1, "");
	if (scan_find(l, s, "seq# ", &at) && scan_dec(l, &at, &value) == SCAN_OK)
		block_number(b, "seq", value, NULL);
	if (scan_find(l, s, "rid=", &at) && scan_0x(l, &at, &value) == SCAN_OK && key_follows(at))
		block_hex(b, "RID", value, "%s", sid_text(sid, (unsigned)value));
	else
		block_cut(b, "RID");
	if (scan_find(l, s, "addr=", &at) && scan_0x_inner(l, &at, &value) == SCAN_OK &&
	    (scan_blanks(&at), scan_word(at, "") == 5)) {
		block_hex(b, "page", value, "the event prints a page number");
		block_hex(b, "address", value << QI_PAGE_SHIFT, NULL);
		block_text(b, "flags", "%.5s%s%s%s%s", at, at[0] == 'r' ? ", read" : "",
			   at[1] == 'w' ? ", write" : "", at[2] == 'x' ? ", execute" : "",
			   at[4] == 'l' ? ", last of its group: a page group response is due" : "");
	} else {
		block_cut(b, "address");
	}
	value_field(b, l, s, "pasid=", "PASID", true);
	value_field(b, l, s, "index=", "PRGI", false);
	decode_block(d, b);
}

/*
 * "dmar0/0000:.. type iotlb did 5 pasid 0 ref 1" and "dmar0 0000:..[0] type .. [0x..-0x..] addr .."
 */
static void cache_tag(struct decode *d, const struct line *l, const char *name, size_t n,
		      const char *s)
{
	static const char *const numbers[] = { "did ", "pasid ", "ref " };
	static const char *const words[] = { "addr ", "pages ", "mask " };
	struct block *b = block_new("cache_tag", l->number, "cache tag event");
	const char *unit, *at;
	uint64_t value;

	b->last = l->last;
	block_text(b, "event", "%.*s", (int)n, name);
	scan_blanks(&s);
	unit = s;
	s += scan_word(s, "/");
	block_unit(b, unit, (size_t)(s - unit));
	if (*s == '/')
		s++;
	scan_blanks(&s);
	s = inner_word_field(b, "device", s, "[");
	if (scan_find(l, s, "type ", &at))
		inner_word_field(b, "type", at, "");
	for (unsigned i = 0; i < 3; i++)
		if (scan_find(l, s, numbers[i], &at) && scan_dec(l, &at, &value) == SCAN_OK)
			block_number(b, i ? i == 1 ? "PASID" : "references" : "DID", value, NULL);
	at = scan_find(l, s, "[0x", NULL);
	if (at) {
		at++;
		if (scan_0x(l, &at, &value) == SCAN_OK && *at == '-')
			block_hex(b, "first", value, NULL);
		if (*at++ == '-' && scan_0x(l, &at, &value) == SCAN_OK && *at == ']')
			block_hex(b, "last", value, NULL);
		for (unsigned i = 0; i < 3; i++)
			if (scan_find(l, s, words[i], &at) && scan_0x(l, &at, &value) == SCAN_OK &&
			    (i == 2 || key_follows(at)))
				block_hex(b, i ? i == 1 ? "pages" : "mask" : "address", value,
					  NULL);
	}
	decode_block(d, b);
}

/* Until 5.12: "dev=0000:00:02.0 dev_addr=0x.. phys_addr=0x.. size=4096" */
static void map_event(struct decode *d, const struct line *l, const char *name, size_t n,
		      const char *s)
{
	struct block *b = block_new("map", l->number, "mapping event, of Linux 5.4 to 5.12");
	const char *at;
	uint64_t value;

	b->last = l->last;
	block_text(b, "event", "%.*s", (int)n, name);
	if (scan_find(l, s, "dev=", &at))
		inner_word_field(b, "device", at, "");
	value_field(b, l, s, "dev_addr=", "address", true);
	value_field(b, l, s, "phys_addr=", "physical address", true);
	if (scan_find(l, s, "size=", &at) && scan_dec(l, &at, &value) == SCAN_OK)
		block_number(b, "size", value, NULL);
	decode_block(d, b);
}

/* ---- which event? ---- */

static bool word_start(const struct line *l, const char *s)
{
	return s == l->text || strchr(" \t:|", s[-1]);
}

static bool named(struct decode *d, const struct line *l)
{
	static const struct {
		const char *name;
		void (*read)(struct decode *d, const struct line *l, const char *name, size_t n,
			     const char *s);
	} events[] = {
		{ "cache_tag_assign", cache_tag },
		{ "cache_tag_unassign", cache_tag },
		{ "cache_tag_flush_all", cache_tag },
		{ "cache_tag_flush_range", cache_tag },
		{ "cache_tag_flush_range_np", cache_tag },
		{ "map_single", map_event },
		{ "bounce_map_single", map_event },
		{ "unmap_single", map_event },
		{ "unmap_sg", map_event },
		{ "bounce_unmap_single", map_event },
		{ "map_sg", map_event },
		{ "bounce_map_sg", map_event },
	};

	for (unsigned i = 0; i < sizeof(events) / sizeof(*events); i++) {
		const char *behind, *at = scan_find(l, l->text, events[i].name, &behind);

		if (!at || *behind != ':' || !word_start(l, at))
			continue;
		if (events[i].read == map_event && !scan_find(l, behind, "dev=", NULL))
			continue;
		decode_take(d);
		events[i].read(d, l, at, (size_t)(behind - at), behind + 1);
		return true;
	}
	return false;
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
		if (word_start(l, s) && is_type(l, behind + strspn(behind, " \t"))) {
			decode_take(d);
			take_submit(d, t, l, s, behind);
			any = true;
		}
		s = behind;
	}
	if (any)
		return true;
	s = scan_find(l, l->text, "prq_report:", &behind);
	if (s && word_start(l, s)) {
		finish(d, t);
		decode_take(d);
		prq_report(d, l, behind);
	} else if (named(d, l) || (t->block && l->number > t->block->last + 8)) {
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
