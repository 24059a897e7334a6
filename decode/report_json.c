/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* One JSON object, a block at a time: SPEC.md says what is in it. */
#include "decode.h"
#include "findings.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#define FLAGS (JSON_COMPACT | JSON_ENSURE_ASCII)

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

/* Addresses and words do not fit into the numbers of JSON; everything else does. */
static bool is_address(const char *name)
{
	return !strcmp(name, "ADDR") || !strcmp(name, "status address");
}

static json_t *desc_fields(const struct qi_desc *desc)
{
	struct qi_field field[QI_DESC_MAX_FIELDS];
	const unsigned n = qi_desc_fields(desc, field);
	json_t *all = json_object();

	for (unsigned i = 0; i < n; i++) {
		json_t *o = json_object();
		char sid[SID_TEXT];

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

static json_t *descriptor(const struct row *r)
{
	json_t *o = json_object();
	char text[240];

	set(o, "type", json_string(r->known & 1 ? qi_type_name(qi_desc_type(&r->desc)) : "cut"));
	add_words(o, r);
	if (r->known & 1) {
		set(o, "code", json_integer(qi_desc_type(&r->desc)));
		set(o, "fields", row_whole(r) ? desc_fields(&r->desc) : json_object());
	}
	if (row_whole(r)) {
		qi_desc_text(&r->desc, text, sizeof(text));
		set(o, "text", json_string(text));
		add_range(o, &r->desc);
	} else {
		set(o, "cut", json_true());
	}
	if (r->line)
		set(o, "line", json_integer(r->line));
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

static void block(struct report *r, const struct decode *d, const struct block *b)
{
	json_t *o = json_object(), *rows = json_array();

	(void)d;
	set(o, "kind", json_string(b->kind));
	set(o, "line", json_integer(b->line));
	set(o, "last_line", json_integer(b->last));
	set(o, "title", json_string(b->title));
	if (b->timed)
		set(o, "time", json_real(b->time));
	if (b->unit)
		set(o, "unit", json_string(b->unit));
	if (b->count > 1)
		set(o, "count", json_integer(b->count));
	if (b->head >= 0)
		set(o, "head", json_integer(b->head));
	if (b->tail >= 0)
		set(o, "tail", json_integer(b->tail));
	add_fields(o, b);
	for (unsigned i = 0; i < b->rows; i++)
		json_array_append_new(rows, descriptor(&b->row[i]));
	set(o, "descriptors", rows);
	fputs(r->blocks ? ",\n" : "\n", r->to);
	put(r, o);
}

static void finding(struct report *r, const struct found *f)
{
	json_t *o = json_object(), *lines = json_array();

	set(o, "id", json_string(f->is.id));
	set(o, "severity", json_string(f->is.weight < NOTE ? "problem" : "note"));
	set(o, "certainty", json_string(certainty_name(f->is.certainty)));
	if (f->is.from)
		set(o, "from", json_string(f->is.from));
	for (unsigned i = 0; i < f->lines; i++)
		json_array_append_new(lines, json_integer(f->line[i]));
	set(o, "lines", lines);
	set(o, "count", json_integer(f->count));
	set(o, "text", json_string(f->text));
	set(o, "next", json_string(f->is.next));
	put(r, o);
}

static void begin(struct report *r)
{
	fputs("{\"blocks\":[", r->to);
}

static void end(struct report *r, const struct decode *d)
{
	const struct findings *all = decode_findings(d);

	fputs("],\n\"findings\":[", r->to);
	for (unsigned i = 0; i < all->n; i++) {
		fputs(i ? ",\n" : "\n", r->to);
		finding(r, &all->found[i]);
	}
	fputs("]", r->to);
	if (all->more)
		fprintf(r->to, ",\n\"more_findings\":%" PRIu64, all->more);
	if (*decode_error(d)) {
		/* It has the file's name, which may be anything but what JSON takes. */
		char text[400];
		json_t *o;

		line_clean(text, decode_error(d), strnlen(decode_error(d), sizeof(text) - 1));
		o = json_string(text);
		fputs(",\n\"error\":", r->to);
		json_dumpf(o, r->to, FLAGS | JSON_ENCODE_ANY);
		json_decref(o);
	}
	fputs("}\n", r->to);
}

const struct report decode_json = { begin, block, end, NULL, 0 };
