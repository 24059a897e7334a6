/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A page for a ticket: one self-contained file without scripts. */
#include "decode.h"
#include "findings.h"
#include "gather.h"
#include "machine.h"
#include "ring.h"
#include "verdict.h"

#include <describe/describe.h>
#include <describe/markup.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char style[] =
	"body{font:16px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;"
	"overflow-wrap:anywhere;color:#1a1a1a;background:#fff}"
	"h1{font-size:1.3em}h2{font-size:1.1em;margin-top:2em}"
	".verdict{border-left:.4em solid #2a7a2a;background:#f0f7f0;padding:.6em 1em}"
	".problem .verdict{border-color:#b00020;background:#fdf0f1}"
	".unclear .verdict{border-color:#b07800;background:#fdf7ea}"
	".verdict p{margin:.3em 0}.what{font-weight:600;font-size:1.1em}"
	"article{border:1px solid #ccc;border-radius:.4em;padding:.5em 1em;margin:1em 0}"
	"article p{margin:.4em 0}.id{font-family:ui-monospace,monospace;font-size:.9em;"
	"background:#eee;padding:.1em .4em;border-radius:.3em}"
	".meta{color:#555;font-size:.9em}"
	"details{margin:.6em 0}summary{cursor:pointer}"
	"table{border-collapse:collapse;margin:.5em 0;font-size:.9em}"
	"td{border:1px solid #ccc;padding:.2em .6em;text-align:left;vertical-align:top}"
	"td:nth-child(2){font-family:ui-monospace,monospace}"
	"@media(min-width:50em){td:nth-child(2){white-space:nowrap}}"
	"pre{overflow-x:auto;background:#f6f6f6;padding:.6em;font-size:.85em}"
	"@media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}"
	".verdict,.problem .verdict,.unclear .verdict{background:#222}"
	".id,pre{background:#2a2a2a}td,article{border-color:#444}.meta{color:#aaa}}"
	"@media print{details::details-content{content-visibility:visible}"
	"pre{white-space:pre-wrap}}";

static void paragraph(FILE *to, const char *class, const char *label, const char *s)
{
	if (!*s)
		return;
	fprintf(to, "<p class=\"%s\">%s", class, label);
	put_text(s, to);
	fputs("</p>\n", to);
}

static void begin(struct report *r)
{
	fprintf(r->to,
		"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
		"<title>qinval decode</title><style>%s</style></head>\n",
		style);
}

static void verdict(FILE *to, const struct decode *d)
{
	static const char *const results[] = { "fine", "problem", "unclear" };
	struct verdict v;

	verdict_of(&v, d);
	fprintf(to, "<body class=\"%s\"><h1>qinval decode</h1>\n<div class=\"verdict\">\n",
		results[v.result]);
	paragraph(to, "what", "", v.what);
	paragraph(to, "device", "<b>Device:</b> ", v.device);
	paragraph(to, "try", "<b>Try:</b> ", v.try);
	paragraph(to, "attach", "<b>To report this, attach as well:</b> ", v.attach);
	fputs("</div>\n", to);
}

static void lines(FILE *to, const struct decode *d, const struct found *f)
{
	const char *file = f->lines ? decode_line_file(d, f->line[0]) : NULL;

	fprintf(to, "<p class=\"meta\">%s", certainty_name(f->is.certainty));
	if (f->is.from) {
		fputs(", from ", to);
		put_text(f->is.from, to);
	}
	if (f->lines)
		fprintf(to, "; line%s", f->lines > 1 ? "s" : "");
	for (unsigned i = 0; i < f->lines; i++)
		fprintf(to, " %" PRIu64, decode_line_in_file(d, f->line[i]));
	if (f->count > f->lines)
		fprintf(to, " and so on, %" PRIu64 " times", f->count);
	if (file) {
		fputs(" of ", to);
		put_text(file, to);
	}
	fputs("</p>\n", to);
}

static void finding(FILE *to, const struct decode *d, const struct found *f)
{
	char device[DEVICE_TEXT];

	fputs("<article><p><span class=\"id\">", to);
	put_text(f->is.weight < UNCLEAR	   ? f->is.id
		 : f->is.weight == UNCLEAR ? "unclear"
					   : "note",
		 to);
	fputs("</span> ", to);
	put_text(f->text, to);
	fputs("</p>\n", to);
	if (f->sid != NO_SID)
		paragraph(to, "meta",
			  "device: ", machine_device_text(decode_machine(d), f->sid, device));
	lines(to, d, f);
	paragraph(to, "next", "<b>Next:</b> ", f->is.next);
	fputs("</article>\n", to);
}

static void field(FILE *to, const struct block *b, const struct field *f)
{
	fputs("<tr><td>", to);
	put_text(f->name, to);
	fputs("</td><td>", to);
	if (b->spread && !strcmp(b->spread, f->name))
		fprintf(to, "0x%" PRIx64 " to 0x%" PRIx64, b->least, b->most);
	else if (f->form == FIELD_NUMBER)
		fprintf(to, "%" PRIu64, f->value);
	else if (f->form == FIELD_HEX)
		fprintf(to, "0x%" PRIx64, f->value);
	else if (f->form == FIELD_CUT)
		fputs("cut off", to);
	fputs("</td><td>", to);
	if (f->text)
		put_text(f->text, to);
	fputs("</td></tr>\n", to);
}

static void row(FILE *to, const struct row *r)
{
	const uint64_t word[] = { r->desc.qw0, r->desc.qw1, r->desc.qw2, r->desc.qw3 };
	char what[240];

	fputs("<tr><td>", to);
	if (r->role)
		put_text(r->role, to);
	if (r->slot >= 0)
		fprintf(to, " slot %ld", r->slot);
	fputs("</td><td>", to);
	for (unsigned i = 0; i < r->words; i++)
		if (r->known >> i & 1)
			fprintf(to, "0x%" PRIx64 " ", word[i]);
		else
			fputs("(cut off) ", to);
	fputs("</td><td>", to);
	if (row_whole(r)) {
		qi_desc_text(&r->desc, what, sizeof(what));
		put_text(what, to);
	}
	if (r->note) {
		fputs("<br>", to);
		put_text(r->note, to);
	}
	fputs("</td></tr>\n", to);
}

static void ring(FILE *to, const struct block *b)
{
	char *drawn = NULL;
	size_t size;
	FILE *at = open_memstream(&drawn, &size);

	if (!at)
		return;
	ring_draw(at, b);
	fclose(at);
	fputs("<pre>", to);
	put_text(drawn, to);
	fputs("</pre>\n", to);
	free(drawn);
}

static void block(FILE *to, const struct decode *d, const struct block *b)
{
	const char *file = decode_line_file(d, b->line);

	fprintf(to, "<details%s><summary>", b->figure ? " open" : "");
	put_text(b->title, to);
	if (b->unit) {
		fputs(", ", to);
		put_text(b->unit, to);
	}
	if (b->timed)
		fprintf(to, ", at %.6f s", b->time);
	if (b->count > 1)
		fprintf(to, ", %" PRIu64 " times", b->count);
	if (b->line)
		fprintf(to, ", line %" PRIu64, decode_line_in_file(d, b->line));
	if (file) {
		fputs(" of ", to);
		put_text(file, to);
	}
	fprintf(to, "</summary>\n%s<table>\n", b->figure ? b->figure : "");
	for (unsigned i = 0; i < b->fields; i++)
		field(to, b, &b->field[i]);
	for (unsigned i = 0; i < b->rows && !b->as_ring; i++)
		row(to, &b->row[i]);
	fputs("</table>\n", to);
	if (b->as_ring)
		ring(to, b);
	if (b->left_out)
		fprintf(to, "<p>and %" PRIu64 " more descriptors</p>\n", b->left_out);
	fputs("</details>\n", to);
}

static void end(struct report *r, const struct decode *d)
{
	const struct findings *all = decode_findings(d);
	const struct gathered *g = decode_gathered(d);

	verdict(r->to, d);
	if (all->n)
		fputs("<h2>Findings</h2>\n", r->to);
	for (unsigned i = 0; i < all->n; i++)
		finding(r->to, d, &all->found[i]);
	if (all->more)
		fprintf(r->to, "<p>and %" PRIu64 " more</p>\n", all->more);
	if (g->n)
		fputs("<h2>What was recognised</h2>\n", r->to);
	for (unsigned i = 0; i < g->n; i++)
		block(r->to, d, g->group[i].block);
	fputs("</body></html>\n", r->to);
}

const struct report decode_html = { .begin = begin, .end = end };
