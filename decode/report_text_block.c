/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Prints a block with its fields and descriptors. */
#include "report_text.h"
#include "ring.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <string.h>

#define DECIMAL_MOST 0xfffff /* larger values are addresses */
#define LISTED 8	     /* with so many descriptors each gets one line */

void text_wrapped(FILE *to, const char *text, int at, int indent)
{
	for (bool first = true; *text; first = false) {
		const int n = (int)strcspn(text, " ");

		if (!first && at + 1 + n > TEXT_WIDTH) {
			fprintf(to, "\n%*s", indent, "");
			at = indent;
		} else if (!first) {
			fputc(' ', to);
			at++;
		}
		fprintf(to, "%.*s", n, text);
		at += n;
		text += n + (text[n] == ' ');
	}
	fputc('\n', to);
}

static void place(FILE *to, const struct decode *d, const struct block *b)
{
	const char *file = b->line ? decode_line_file(d, b->line) : NULL;
	uint64_t line = decode_line_in_file(d, b->line), last = decode_line_in_file(d, b->last);

	if (last < line) {
		const uint64_t swap = line;

		line = last;
		last = swap;
	}
	if (file)
		fprintf(to, "%s, ", file);
	if (b->line && last > line)
		fprintf(to, "lines %" PRIu64 "-%" PRIu64 ": ", line, last);
	else if (b->line)
		fprintf(to, "line %" PRIu64 ": ", line);
}

static void field(FILE *to, const struct block *b, const struct field *f, int width)
{
	int at = fprintf(to, "  %-*s ", width, f->name);

	if (b->spread && !strcmp(b->spread, f->name)) {
		fprintf(to, "0x%" PRIx64 " to 0x%" PRIx64 "\n", b->least, b->most);
		return;
	}
	switch (f->form) {
	case FIELD_NUMBER:
		at += fprintf(to, "%" PRIu64, f->value);
		break;
	case FIELD_HEX:
		at += fprintf(to, "0x%" PRIx64, f->value);
		break;
	case FIELD_CUT:
		fputs("cut off: no value\n", to);
		return;
	case FIELD_TEXT:
		text_wrapped(to, f->text, at, width + 3);
		return;
	}
	if (f->text)
		at += fprintf(to, "  ");
	text_wrapped(to, f->text ? f->text : "", at, width + 3);
}

static void desc_words(FILE *to, const struct row *r)
{
	const uint64_t word[] = { r->desc.qw0, r->desc.qw1, r->desc.qw2, r->desc.qw3 };

	for (unsigned i = 0; i < r->words; i++) {
		if (r->known >> i & 1)
			fprintf(to, "%s0x%" PRIx64, i ? " " : "", word[i]);
		else
			fprintf(to, "%s(qw%u cut off)", i ? " " : "", i);
	}
}

static const char *state_name(long status)
{
	static const char *const names[] = { "free", "in use", "done", "abort" };

	return status >= 0 && status <= SLOT_ABORT ? names[status] : "status is no QI_ value";
}

static void desc_place(FILE *to, const struct row *r)
{
	if (r->role)
		fprintf(to, "%-5s ", r->role);
	if (r->slot >= 0)
		fprintf(to, "slot %ld%s ", r->slot, r->inferred ? " (inferred)" : "");
	if (r->status != SLOT_UNKNOWN)
		fprintf(to, "%s ", state_name(r->status));
}

static void desc_fields(FILE *to, const struct qi_desc *desc)
{
	struct qi_field f[QI_DESC_MAX_FIELDS];
	const unsigned n = qi_desc_fields(desc, f);
	uint64_t first, last;
	char sid[SID_TEXT];

	for (unsigned i = 0; i < n; i++) {
		fprintf(to, "        %-14s 0x%" PRIx64, f[i].name, f[i].value);
		if (field_sid_text(sid, &f[i]))
			fprintf(to, "  %s", field_sid_text(sid, &f[i]));
		else if (!strcmp(f[i].name, "status data") && status_data_text(f[i].value))
			fprintf(to, "  %s", status_data_text(f[i].value));
		else if (f[i].meaning)
			fprintf(to, "  %s", f[i].meaning);
		else if (f[i].value > 9 && f[i].value <= DECIMAL_MOST)
			fprintf(to, "  %" PRIu64, f[i].value);
		fputc('\n', to);
	}
	if (!qi_desc_range(desc, &first, &last))
		return;
	if (last - first == UINT64_MAX)
		fputs("        covers         the whole address space\n", to);
	else
		fprintf(to,
			"        covers         0x%" PRIx64 "-0x%" PRIx64 ", %" PRIu64
			" bytes, %" PRIu64 " pages\n",
			first, last, last - first + 1, (last - first + 1) >> QI_PAGE_SHIFT);
}

/* For a row whose qw1 is truncated: the fields in qw0. */
static void first_word_fields(FILE *to, const struct row *r)
{
	const struct qi_desc half = { .qw0 = r->desc.qw0 };
	struct qi_field f[QI_DESC_MAX_FIELDS];
	const unsigned n = qi_desc_fields(&half, f);
	char sid[SID_TEXT];

	for (unsigned i = 0; i < n; i++) {
		if (!row_field_in_qw0(&half, f[i].name))
			continue;
		fprintf(to, "        %-14s 0x%" PRIx64, f[i].name, f[i].value);
		if (field_sid_text(sid, &f[i]))
			fprintf(to, "  %s", field_sid_text(sid, &f[i]));
		else if (f[i].meaning)
			fprintf(to, "  %s", f[i].meaning);
		fputc('\n', to);
	}
}

static void descriptor(FILE *to, const struct decode *d, const struct row *r, bool in_detail)
{
	char text[240];

	fputs("  ", to);
	if (!in_detail && r->line)
		fprintf(to, "%" PRIu64 ": ", decode_line_in_file(d, r->line));
	if (r->unit)
		fprintf(to, "%s ", r->unit);
	desc_place(to, r);
	desc_words(to, r);
	if (row_whole(r)) {
		qi_desc_text(&r->desc, text, sizeof(text));
		fprintf(to, in_detail ? "\n      %s" : "  %s", text);
	} else if (r->known & 1) {
		fprintf(to, "\n      %s, the rest is cut off",
			qi_type_name(qi_desc_type(&r->desc)));
	}
	if (r->note)
		fprintf(to, "%s%s", in_detail ? "\n      " : "  -- ", r->note);
	fputc('\n', to);
	if (in_detail && row_whole(r))
		desc_fields(to, &r->desc);
	else if (in_detail && r->known & 1)
		first_word_fields(to, r);
}

void text_block(FILE *to, const struct decode *d, const struct block *b)
{
	int width = 0;

	place(to, d, b);
	fprintf(to, "%s", b->title);
	if (b->unit)
		fprintf(to, ", %s", b->unit);
	if (b->timed)
		fprintf(to, ", at %.6f s", b->time);
	if (b->count > 1)
		fprintf(to, ", %" PRIu64 " times", b->count);
	if (b->timed && b->count > 1 && b->until > b->time)
		fprintf(to, ", until %.6f s", b->until);
	fputc('\n', to);
	for (unsigned i = 0; i < b->fields; i++)
		if ((int)strlen(b->field[i].name) > width)
			width = (int)strlen(b->field[i].name);
	for (unsigned i = 0; i < b->fields; i++)
		field(to, b, &b->field[i], width);
	if (b->as_ring)
		ring_draw(to, b);
	for (unsigned i = 0; i < b->rows && !b->as_ring; i++)
		descriptor(to, d, &b->row[i], b->rows < LISTED && !b->left_out);
	if (b->left_out)
		fprintf(to, "  and %" PRIu64 " more: --blocks prints them\n", b->left_out);
	fputc('\n', to);
}
