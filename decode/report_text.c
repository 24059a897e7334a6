/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The text report: the answer and its evidence; then the blocks. */
#include "decode.h"
#include "findings.h"
#include "gather.h"
#include "machine.h"
#include "report_text.h"
#include "verdict.h"

#include <inttypes.h>
#include <string.h>

#define BLOCKS_OF_KIND 2   /* blocks of one kind that are shown; --blocks shows all */
#define FINDINGS_OF_KIND 2 /* of hints only one */
#define EVIDENCE 8	   /* lines named for a finding */

static const char *severity(const struct finding *f)
{
	return f->weight < UNCLEAR ? f->id : f->weight == UNCLEAR ? "unclear" : "note";
}

/* The number of an earlier finding with the same advice; 0: none. */
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

		if (at > TEXT_WIDTH - 10)
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

	text_wrapped(to, f->text, at, 4);
	if (f->sid != NO_SID && *machine_device_text(decode_machine(d), f->sid, device))
		fprintf(to, "    device %s: %s\n", sid_text(sid, f->sid), device);
	at = fprintf(to, "    %s", certainty_name(f->is.certainty));
	if (f->is.from) {
		at += fprintf(to, ", from ");
		text_wrapped(to, f->is.from, at, 4);
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
	text_wrapped(to, f->is.next, at, 4);
}

/* The number of findings with this id before the @n'th. */
static unsigned before(const struct findings *all, unsigned n)
{
	unsigned k = 0;

	for (unsigned i = 0; i < n; i++)
		k += !strcmp(all->found[i].is.id, all->found[n].is.id);
	return k;
}

/* Further findings of one kind: only their devices are named. */
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

/* ---- the whole report ---- */

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
			text_block(r->to, d, g->group[i].block);
	}
	for (unsigned i = 0; i < g->kinds; i++) {
		const uint64_t all = g->kind[i].groups + g->kind[i].more;

		if (all > BLOCKS_OF_KIND && !g->all)
			fprintf(r->to, "and %" PRIu64 " more of %s: --blocks prints them\n",
				all - BLOCKS_OF_KIND, g->kind[i].kind);
	}
}

/* Blocks that arrive before the end wait for the text above them. */
static void take(struct report *r, const struct decode *d, const struct block *b)
{
	if (!r->spool)
		r->spool = tmpfile();
	if (!r->brief)
		text_block(r->spool ? r->spool : r->to, d, b);
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

/* Print what a bug report needs and the input does not have. */
static void attach(FILE *to, const struct decode *d)
{
	struct verdict v;

	verdict_of(&v, d);
	if (*v.attach)
		text_wrapped(to, v.attach, fprintf(to, "To report this, attach as well: "), 2);
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
