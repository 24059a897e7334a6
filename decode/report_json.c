/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* One JSON object, written block by block: SPEC.md defines it. */
#include "decode.h"
#include "findings.h"
#include "gather.h"
#include "machine.h"
#include "verdict.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

/* Logs have so many digits: a time with microseconds. */
#define FLAGS (JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15))

static void set(json_t *o, const char *key, json_t *value)
{
	json_object_set_new(o, key, value);
}

static json_t *hex(uint64_t value)
{
	char text[19];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return json_string(text);
}

/* Addresses and words do not fit into JSON's numbers; all other values do. */
static bool is_address(const char *name)
{
	return !strcmp(name, "ADDR") || !strcmp(name, "status address");
}

/* @first: only qw0 is known. */
static json_t *desc_fields(const struct qi_desc *desc, bool first)
{
	struct qi_field field[QI_DESC_MAX_FIELDS];
	const unsigned n = qi_desc_fields(desc, field);
	json_t *all = json_object();

	for (unsigned i = 0; i < n; i++) {
		json_t *o;
		char sid[SID_TEXT];

		if (first && !row_field_in_qw0(desc, field[i].name))
			continue;
		o = json_object();
		set(o, "value",
		    is_address(field[i].name) ? hex(field[i].value) : json_integer(field[i].value));
		if (field_sid_text(sid, &field[i]))
			set(o, "text", json_string(field_sid_text(sid, &field[i])));
		else if (!strcmp(field[i].name, "status data") && status_data_text(field[i].value))
			set(o, "text", json_string(status_data_text(field[i].value)));
		else if (field[i].meaning)
			set(o, "text", json_string(field[i].meaning));
		set(all, field[i].name, o);
	}
	return all;
}

static void add_range(json_t *o, const struct qi_desc *desc)
{
	uint64_t first, last;
	json_t *range;

	if (!qi_desc_range(desc, &first, &last))
		return;
	range = json_object();
	set(range, "first", hex(first));
	set(range, "last", hex(last));
	if (last - first != UINT64_MAX) {
		set(range, "bytes", hex(last - first + 1));
		set(range, "pages", hex((last - first + 1) >> QI_PAGE_SHIFT));
	}
	set(o, "range", range);
}

static void add_words(json_t *o, const struct row *r)
{
	const uint64_t word[] = { r->desc.qw0, r->desc.qw1, r->desc.qw2, r->desc.qw3 };
	json_t *qw = json_array();

	for (unsigned i = 0; i < r->words; i++)
		json_array_append_new(qw, r->known >> i & 1 ? hex(word[i]) : json_null());
	set(o, "qw", qw);
}

static void add_slot(json_t *o, const struct row *r)
{
	static const char *const names[] = { "free", "in use", "done", "abort" };

	if (r->slot >= 0) {
		set(o, "slot", json_integer(r->slot));
		set(o, "slot_inferred", json_boolean(r->inferred));
	}
	if (r->status == SLOT_UNKNOWN)
		return;
	set(o, "status", json_integer(r->status));
	if (r->status <= SLOT_ABORT)
		set(o, "state", json_string(names[r->status]));
}

/* The place of a line: its number in its file, and the file if there are several. */
static void add_line(json_t *o, const char *key, const struct decode *d, uint64_t line)
{
	set(o, key, json_integer((json_int_t)decode_line_in_file(d, line)));
}

static json_t *descriptor(const struct decode *d, const struct row *r)
{
	json_t *o = json_object();
	char text[240];

	set(o, "type", json_string(r->known & 1 ? qi_type_name(qi_desc_type(&r->desc)) : "cut"));
	add_words(o, r);
	if (r->known & 1) {
		set(o, "code", json_integer(qi_desc_type(&r->desc)));
		set(o, "fields", desc_fields(&r->desc, !row_whole(r)));
	}
	if (row_whole(r)) {
		qi_desc_text(&r->desc, text, sizeof(text));
		set(o, "text", json_string(text));
		add_range(o, &r->desc);
	} else {
		set(o, "cut", json_true());
	}
	if (r->line)
		add_line(o, "line", d, r->line);
	if (r->unit)
		set(o, "unit", json_string(r->unit));
	if (r->role)
		set(o, "role", json_string(r->role));
	add_slot(o, r);
	if (r->note)
		set(o, "note", json_string(r->note));
	return o;
}

static json_t *field_value(const struct field *f)
{
	json_t *o = json_object();

	switch (f->form) {
	case FIELD_NUMBER:
		set(o, "value", json_integer(f->value));
		break;
	case FIELD_HEX:
		set(o, "value", hex(f->value));
		break;
	case FIELD_TEXT:
		set(o, "value", json_string(f->text));
		return o;
	case FIELD_CUT:
		set(o, "value", json_null());
		set(o, "cut", json_true());
		break;
	}
	if (f->text)
		set(o, "text", json_string(f->text));
	return o;
}

static void add_fields(json_t *o, const struct block *b)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < b->fields; i++)
		set(all, b->field[i].name, field_value(&b->field[i]));
	set(o, "fields", all);
}

static void put(struct report *r, json_t *o)
{
	json_dumpf(o, r->to, FLAGS);
	json_decref(o);
}

static void add_file(json_t *o, const struct decode *d, uint64_t line)
{
	char text[400];
	const char *file = decode_line_file(d, line);

	if (!file)
		return;
	line_clean(text, file, strnlen(file, sizeof(text) - 1));
	set(o, "file", json_string(text));
}

static void add_spread(json_t *o, const struct block *b)
{
	json_t *spread;

	if (!b->spread)
		return;
	spread = json_object();
	set(spread, "field", json_string(b->spread));
	set(spread, "least", hex(b->least));
	set(spread, "most", hex(b->most));
	set(o, "spread", spread);
}

static json_t *block_object(const struct decode *d, const struct block *b)
{
	json_t *o = json_object(), *rows = json_array();

	set(o, "kind", json_string(b->kind));
	add_file(o, d, b->line);
	add_line(o, "line", d, b->line);
	add_line(o, "last_line", d, b->last);
	set(o, "title", json_string(b->title));
	if (b->timed)
		set(o, "time", json_real(b->time));
	if (b->timed && b->count > 1 && b->until > b->time)
		set(o, "last_time", json_real(b->until));
	if (b->unit)
		set(o, "unit", json_string(b->unit));
	if (b->count > 1)
		set(o, "count", json_integer((json_int_t)b->count));
	add_spread(o, b);
	if (b->head >= 0)
		set(o, "head", json_integer(b->head));
	if (b->tail >= 0)
		set(o, "tail", json_integer(b->tail));
	add_fields(o, b);
	for (unsigned i = 0; i < b->rows; i++)
		json_array_append_new(rows, descriptor(d, &b->row[i]));
	set(o, "descriptors", rows);
	if (b->left_out)
		set(o, "more_descriptors", json_integer((json_int_t)b->left_out));
	return o;
}

static void add_device(json_t *o, const struct decode *d, unsigned id)
{
	char text[DEVICE_TEXT], sid[SID_TEXT];

	if (id == NO_SID)
		return;
	set(o, "device", json_string(sid_text(sid, id)));
	if (*machine_device_text(decode_machine(d), id, text))
		set(o, "device_text", json_string(text));
}

static json_t *finding(const struct decode *d, const struct found *f)
{
	json_t *o = json_object(), *lines = json_array();

	set(o, "id", json_string(f->is.id));
	set(o, "severity",
	    json_string(f->is.weight < UNCLEAR	  ? "problem"
			: f->is.weight == UNCLEAR ? "unclear"
						  : "note"));
	set(o, "certainty", json_string(certainty_name(f->is.certainty)));
	if (f->is.from)
		set(o, "from", json_string(f->is.from));
	add_device(o, d, f->sid);
	if (f->lines)
		add_file(o, d, f->line[0]);
	for (unsigned i = 0; i < f->lines; i++)
		json_array_append_new(lines,
				      json_integer((json_int_t)decode_line_in_file(d, f->line[i])));
	set(o, "lines", lines);
	set(o, "count", json_integer((json_int_t)f->count));
	set(o, "text", json_string(f->text));
	set(o, "next", json_string(f->is.next));
	return o;
}

static json_t *verdict(const struct decode *d)
{
	static const char *const results[] = { "fine", "problem", "unclear" };
	struct verdict v;
	json_t *o = json_object();

	verdict_of(&v, d);
	set(o, "result", json_string(results[v.result]));
	set(o, "what", json_string(v.what));
	if (*v.device)
		set(o, "device", json_string(v.device));
	if (*v.try)
		set(o, "try", json_string(v.try));
	if (*v.attach)
		set(o, "attach", json_string(v.attach));
	return o;
}

static json_t *kinds_left_out(const struct gathered *g)
{
	json_t *o = json_object();

	for (unsigned i = 0; i < g->kinds; i++)
		if (g->kind[i].more)
			set(o, g->kind[i].kind, json_integer((json_int_t)g->kind[i].more));
	return o;
}

static bool has_left_out(const struct gathered *g)
{
	for (unsigned i = 0; i < g->kinds; i++)
		if (g->kind[i].more)
			return true;
	return false;
}

/* A part that is not the first one needs a comma before it. */
static void put_key(struct report *r, const char *before, const char *key, json_t *o)
{
	fprintf(r->to, "%s\"%s\":", before, key);
	json_dumpf(o, r->to, FLAGS | JSON_ENCODE_ANY);
	json_decref(o);
}

static void begin(struct report *r)
{
	fputs("{\"blocks\":[", r->to);
}

static void block(struct report *r, const struct decode *d, const struct block *b)
{
	if (r->brief)
		return;
	fputs(r->blocks ? ",\n" : "\n", r->to);
	put(r, block_object(d, b));
}

static void show(struct report *r)
{
	fflush(r->to);
}

static void end(struct report *r, const struct decode *d)
{
	const struct findings *all = decode_findings(d);
	const struct gathered *g = decode_gathered(d);

	for (unsigned i = 0; i < g->n; i++) {
		if (g->group[i].shown)
			continue;
		block(r, d, g->group[i].block);
		r->blocks++;
	}
	fputs("],\n\"findings\":[", r->to);
	for (unsigned i = 0; i < all->n && !r->brief; i++) {
		fputs(i ? ",\n" : "\n", r->to);
		put(r, finding(d, &all->found[i]));
	}
	fputs("]", r->to);
	put_key(r, ",\n", "verdict", verdict(d));
	if (all->more)
		put_key(r, ",\n", "more_findings", json_integer((json_int_t)all->more));
	if (!g->all && has_left_out(g))
		put_key(r, ",\n", "more_blocks", kinds_left_out(g));
	if (*decode_error(d)) {
		/* It contains the file's name, which may have any characters. */
		char text[400];

		line_clean(text, decode_error(d), strnlen(decode_error(d), sizeof(text) - 1));
		put_key(r, ",\n", "error", json_string(text));
	}
	fputs("}\n", r->to);
}

const struct report decode_json = { .begin = begin, .block = block, .pause = show, .end = end };
