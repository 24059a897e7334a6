/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* For people: the answer, what it rests on, and then what was recognised. */
#include "decode.h"
#include "findings.h"
#include "gather.h"
#include "machine.h"
#include "ring.h"
#include "verdict.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <string.h>

#define WIDTH 100
#define DECIMAL_MOST 0xfffff /* beyond it fields are addresses */
#define LISTED 8	     /* from so many descriptors on each has one line */
#define BLOCKS_OF_KIND 2     /* that are shown; --blocks shows all */
#define FINDINGS_OF_KIND 2   /* of hints one */
#define EVIDENCE 8	     /* lines of a finding that are named */

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

/* Of a row whose qw1 is cut: what qw0 tells. */
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

static void block(FILE *to, const struct decode *d, const struct block *b)
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

/* ---- findings ---- */

static const char *severity(const struct finding *f)
{
	return f->weight < UNCLEAR ? f->id : f->weight == UNCLEAR ? "unclear" : "note";
}

/* The number of an earlier finding with the same next step; 0: there is none. */
static unsigned said_before(const struct findings *all, const bool *shown, unsigned n)
{
	unsigned number = 0;

	for (unsigned i = 0; i < n; i++) {
		number += shown[i];
		if (shown[i] && !strcmp(all->found[i].is.next, all->found[n].is.next))
			return number;
	}
	return 0;
}

static void evidence(FILE *to, const struct decode *d, const struct found *f)
{
	const char *file = NULL;
	int at = fprintf(to, "    line%s", f->lines > 1 ? "s" : "");

	for (unsigned i = 0; i < f->lines && i < EVIDENCE; i++) {
		const char *of = decode_line_file(d, f->line[i]);

		if (at > WIDTH - 10)
			at = fprintf(to, "\n        ") - 1;
		if (of && (!file || strcmp(of, file)))
			at += fprintf(to, " %s:", of);
		file = of;
		at += fprintf(to, " %" PRIu64, decode_line_in_file(d, f->line[i]));
	}
	if (f->count > f->lines || f->lines > EVIDENCE)
		fprintf(to, " and so on, %" PRIu64 " times", f->count);
	fputc('\n', to);
}

static void finding(FILE *to, const struct decode *d, unsigned number, const struct found *f,
		    unsigned same_as)
{
	char device[DEVICE_TEXT] = "", sid[SID_TEXT];
	int at = fprintf(to, "%2u. %s: ", number, severity(&f->is));

	wrapped(to, f->text, at, 4);
	if (f->sid != NO_SID && *machine_device_text(decode_machine(d), f->sid, device))
		fprintf(to, "    device %s: %s\n", sid_text(sid, f->sid), device);
	at = fprintf(to, "    %s", certainty_name(f->is.certainty));
	if (f->is.from) {
		at += fprintf(to, ", from ");
		wrapped(to, f->is.from, at, 4);
	} else {
		fputc('\n', to);
	}
	if (f->lines)
		evidence(to, d, f);
	if (same_as) {
		fprintf(to, "    next: as with %u\n", same_as);
		return;
	}
	at = fprintf(to, "    next: ");
	wrapped(to, f->is.next, at, 4);
}

/* How many findings of this id there are before the @n'th. */
static unsigned before(const struct findings *all, unsigned n)
{
	unsigned k = 0;

	for (unsigned i = 0; i < n; i++)
		k += !strcmp(all->found[i].is.id, all->found[n].is.id);
	return k;
}

/* Of more findings of one kind only their devices are told. */
static void rest_of_kind(FILE *to, const struct findings *all, unsigned n)
{
	unsigned more = 0, named = 0;
	uint64_t times = 0;
	char sid[SID_TEXT];

	for (unsigned i = n; i < all->n; i++)
		if (!strcmp(all->found[i].is.id, all->found[n].is.id)) {
			more++;
			times += all->found[i].count;
		}
	fprintf(to, "    and %u more %s, %" PRIu64 " times in all", more, all->found[n].is.id,
		times);
	for (unsigned i = n; i < all->n && named < 8; i++)
		if (!strcmp(all->found[i].is.id, all->found[n].is.id) &&
		    all->found[i].sid != NO_SID)
			fprintf(to, "%s%s", named++ ? ", " : ": ",
				sid_text(sid, all->found[i].sid));
	fputs(": --json has them\n", to);
}

static void findings(FILE *to, const struct decode *d)
{
	const struct findings *all = decode_findings(d);
	bool shown[FINDINGS] = { false };
	unsigned number = 0;

	if (all->n)
		fputs("Findings\n", to);
	for (unsigned i = 0; i < all->n; i++) {
		const unsigned k = before(all, i);
		const unsigned most = all->found[i].is.weight < HINT ? FINDINGS_OF_KIND : 1;

		if (k < most) {
			finding(to, d, ++number, &all->found[i], said_before(all, shown, i));
			shown[i] = true;
		} else if (k == most) {
			rest_of_kind(to, all, i);
		}
	}
	if (all->more)
		fprintf(to, "and %" PRIu64 " more.\n", all->more);
	if (all->n)
		fputc('\n', to);
}

/* ---- all of it ---- */

static void verdict(const struct report *r, const struct decode *d)
{
	static const char *const colours[] = { "\033[1;32m", "\033[1;31m", "\033[1;33m" };
	struct verdict v;

	verdict_of(&v, d);
	if (r->colour)
		fputs(colours[v.result], r->to);
	fputs(v.what, r->to);
	fputs(r->colour ? "\033[0m\n" : "\n", r->to);
	if (*v.device)
		fprintf(r->to, "Device: %s\n", v.device);
	if (*v.try)
		fprintf(r->to, "Try: %s\n", v.try);
}

static void gathered(struct report *r, const struct decode *d)
{
	const struct gathered *g = decode_gathered(d);

	for (unsigned i = 0; i < g->n; i++) {
		unsigned k = 0;

		for (unsigned j = 0; j < i; j++)
			k += !strcmp(g->group[j].block->kind, g->group[i].block->kind);
		if (!g->group[i].shown && k < BLOCKS_OF_KIND)
			block(r->to, d, g->group[i].block);
	}
	for (unsigned i = 0; i < g->kinds; i++) {
		const uint64_t all = g->kind[i].groups + g->kind[i].more;

		if (all > BLOCKS_OF_KIND && !g->all)
			fprintf(r->to, "and %" PRIu64 " more of %s: --blocks prints them\n",
				all - BLOCKS_OF_KIND, g->kind[i].kind);
	}
}

/* Blocks that come before the end wait for what stands above them. */
static void take(struct report *r, const struct decode *d, const struct block *b)
{
	if (!r->spool)
		r->spool = tmpfile();
	if (!r->brief)
		block(r->spool ? r->spool : r->to, d, b);
}

static void show(struct report *r)
{
	char some[4096];
	size_t n;

	if (!r->spool)
		return;
	rewind(r->spool);
	while ((n = fread(some, 1, sizeof(some), r->spool)))
		fwrite(some, 1, n, r->to);
	fclose(r->spool);
	r->spool = NULL;
	fflush(r->to);
}

/* What is missing, for those who report it. */
static void attach(FILE *to, const struct decode *d)
{
	struct verdict v;

	verdict_of(&v, d);
	if (*v.attach)
		wrapped(to, v.attach, fprintf(to, "To report this, attach as well: "), 2);
}

static void end(struct report *r, const struct decode *d)
{
	verdict(r, d);
	if (!r->brief) {
		fputc('\n', r->to);
		findings(r->to, d);
		show(r);
		gathered(r, d);
		attach(r->to, d);
	} else if (r->spool) {
		fclose(r->spool);
	}
}

const struct report decode_text = { .block = take, .pause = show, .end = end };
