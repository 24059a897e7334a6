/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* For a terminal: what was recognised, and below what is wrong. */
#include "decode.h"
#include "findings.h"
#include "ring.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <string.h>

#define WIDTH 100
#define DECIMAL_MOST 0xfffff /* beyond it fields are addresses */
#define LISTED 8	     /* from so many descriptors on each has one line */

static void begin(struct report *r)
{
	(void)r;
}

/* Words from @text, wrapped, each line but the first behind @indent blanks; @at: the column. */
static void wrapped(FILE *to, const char *text, int at, int indent)
{
	for (bool first = true; *text; first = false) {
		const int n = (int)strcspn(text, " ");

		if (!first && at + 1 + n > WIDTH) {
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

static void place(FILE *to, const struct block *b)
{
	if (b->line && b->last > b->line)
		fprintf(to, "lines %" PRIu64 "-%" PRIu64 ": ", b->line, b->last);
	else if (b->line)
		fprintf(to, "line %" PRIu64 ": ", b->line);
}

static void field(FILE *to, const struct field *f, int width)
{
	int at = fprintf(to, "  %-*s ", width, f->name);

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
		wrapped(to, f->text, at, width + 3);
		return;
	}
	if (f->text)
		at += fprintf(to, "  ");
	wrapped(to, f->text ? f->text : "", at, width + 3);
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

static void descriptor(FILE *to, const struct row *r, bool in_detail)
{
	char text[240];

	fputs("  ", to);
	if (!in_detail && r->line)
		fprintf(to, "%" PRIu64 ": ", r->line);
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
}

static void block(struct report *r, const struct decode *d, const struct block *b)
{
	int width = 0;

	(void)d;
	place(r->to, b);
	fprintf(r->to, "%s", b->title);
	if (b->unit)
		fprintf(r->to, ", %s", b->unit);
	if (b->timed)
		fprintf(r->to, ", at %.6f s", b->time);
	if (b->count > 1)
		fprintf(r->to, ", %" PRIu64 " times", b->count);
	fputc('\n', r->to);
	for (unsigned i = 0; i < b->fields; i++)
		if ((int)strlen(b->field[i].name) > width)
			width = (int)strlen(b->field[i].name);
	for (unsigned i = 0; i < b->fields; i++)
		field(r->to, &b->field[i], width);
	if (b->as_ring)
		ring_draw(r->to, b);
	for (unsigned i = 0; i < b->rows && !b->as_ring; i++)
		descriptor(r->to, &b->row[i], b->rows < LISTED);
	fputc('\n', r->to);
}

static void finding(FILE *to, unsigned number, const struct found *f)
{
	int at = fprintf(to, "%2u. %s: ", number, f->is.weight < NOTE ? f->is.id : "note");

	wrapped(to, f->text, at, 4);
	at = fprintf(to, "    %s", certainty_name(f->is.certainty));
	if (f->is.from) {
		at += fprintf(to, ", from ");
		wrapped(to, f->is.from, at, 4);
	} else {
		fputc('\n', to);
	}
	if (f->lines) {
		fprintf(to, "    line%s", f->lines > 1 ? "s" : "");
		for (unsigned i = 0; i < f->lines; i++)
			fprintf(to, " %" PRIu64, f->line[i]);
		if (f->count > f->lines)
			fprintf(to, " and so on, %" PRIu64 " times", f->count);
		fputc('\n', to);
	}
	at = fprintf(to, "    next: ");
	wrapped(to, f->is.next, at, 4);
}

static void end(struct report *r, const struct decode *d)
{
	const struct findings *all = decode_findings(d);

	if (!r->blocks && !*decode_error(d))
		fputs("Nothing that this program knows of VT-d is in there. It reads kernel and "
		      "hypervisor "
		      "logs, debugfs\nfiles of intel_iommu, its traces, ACPI DMAR tables and raw "
		      "words: "
		      "see qinval(1).\n",
		      r->to);
	else if (!all->n && !*decode_error(d))
		fputs("Nothing wrong was found.\n", r->to);
	if (all->n)
		fputs("Findings\n", r->to);
	for (unsigned i = 0; i < all->n; i++)
		finding(r->to, i + 1, &all->found[i]);
	if (all->more)
		fprintf(r->to, "and %" PRIu64 " more.\n", all->more);
}

const struct report decode_text = { begin, block, end, NULL, 0 };
