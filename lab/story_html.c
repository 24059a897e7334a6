/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * story_html.c - the story as one self-contained page: lanes with their source lines, the ring at
 * each step, and keys to move through it. It is readable without scripts, too.
 */
#include <describe/describe.h>
#include <describe/markup.h>
#include <stdlib.h>
#include <string.h>

#include "story.h"
#include "story_page.h"
#include "story_say.h"
#include "story_source.h"

#define AROUND 5 /* source lines shown before and after the event's line */

/* ---- the table ---- */

static void put_where(const struct story_event *e, const char *root, FILE *to)
{
	const char *line = story_source(&e->place, e->place.line, root);

	fputs("<td class=where>", to);
	put_text(e->where, to);
	if (line) {
		fputs("<code>", to);
		put_text(line + strspn(line, " \t"), to);
		fputs("</code>", to);
	}
	fputs("</td></tr>\n", to);
}

static void put_event(const struct story_event *e, unsigned lanes, bool first, const char *root,
		      FILE *to)
{
	unsigned i;

	fprintf(to, "<tr class='e%s' data-chapter=%u>", first ? " first" : "", e->chapter);
	for (i = 0; i < lanes; i++) {
		if (i != e->lane) {
			fputs("<td></td>", to);
			continue;
		}
		fprintf(to, "<td class='on%s' data-lane=\"", i >= machine.nactors ? " hw" : "");
		put_text(story_lane(i), to);
		fputs("\">", to);
		put_text(e->what, to);
		fputs("</td>", to);
	}
	put_where(e, root, to);
}

static void put_rule(unsigned chapter, unsigned lanes, FILE *to)
{
	fprintf(to, "<tr class=rule><td colspan=%u>%s</td></tr>\n", lanes + 1,
		chapter == CHAPTER_SPIN ? "for ever"
					: "point of no return: from here on every schedule fails");
}

static void put_table(const struct story *s, const char *root, FILE *to)
{
	unsigned lanes = story_lanes(), i, chapter = CHAPTER_STORY;

	fputs("<table><thead><tr>", to);
	for (i = 0; i < lanes; i++) {
		fputs("<th>", to);
		put_text(story_lane(i), to);
		fputs("</th>", to);
	}
	fputs("<th>source</th></tr></thead><tbody>\n", to);
	for (i = 0; i < s->nevents; i++) {
		while (chapter < s->event[i].chapter)
			put_rule(++chapter, lanes, to);
		put_event(&s->event[i], lanes, !i || s->event[i].step != s->event[i - 1].step, root,
			  to);
	}
	fputs("</tbody></table>\n", to);
}

/* ---- stuck actors ---- */

static void put_words(const struct story *s, FILE *to)
{
	char writer[4 * STORY_TEXT];
	unsigned i, actor = LAB_ACTORS;

	for (i = 0; i < s->nwords; i++) {
		const struct story_word *w = &s->word[i];

		if (!story_word_matters(s, w))
			continue;
		if (w->actor != actor) {
			fprintf(to, "%s<p class=bad>", actor < LAB_ACTORS ? "</ul>" : "");
			put_text(story_lane(w->actor), to);
			fputs(" never returns. In each turn it reads</p><ul>\n", to);
		}
		actor = w->actor;
		fputs("<li><code>", to);
		put_text(w->what, to);
		fputs("</code> ", to);
		put_text(w->where, to);
		if (!w->reg) {
			story_word_writer(w, writer, sizeof(writer));
			fputs("<br>", to);
			put_text(writer, to);
		}
		fputs("</li>\n", to);
	}
	if (actor < LAB_ACTORS)
		fputs("</ul>\n", to);
}

static void put_waits(const struct story *s, FILE *to)
{
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		if (!s->waits[i])
			continue;
		fputs("<p class=bad>", to);
		put_text(story_lane(i), to);
		fputs(" never returns: it ", to);
		put_text(s->waits[i], to);
		fputs("</p>\n", to);
	}
}

/* ---- data for the script ---- */

/* Write a string for the script, without a sequence that would end the script element. */
static void put_quoted(const char *text, FILE *to)
{
	putc('"', to);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == '<' || c == '"' || c == '\\' || c == 0x7f)
			fprintf(to, "\\u%04x", c);
		else
			putc(c, to);
	}
	putc('"', to);
}

static bool is_same(const struct symbol_place *a, const struct symbol_place *b)
{
	return a->path == b->path && a->line == b->line && a->function == b->function;
}

/* The first event at the same place. */
static unsigned first_at(const struct story *s, unsigned event)
{
	unsigned i;

	for (i = 0; !is_same(&s->event[i].place, &s->event[event].place); i++)
		;
	return i;
}

static void put_place(const struct symbol_place *p, const char *root, FILE *to)
{
	int first = p->line > AROUND ? p->line - AROUND : 1, n;
	const char *line;

	fputs("[", to);
	put_quoted(p->file, to);
	fprintf(to, ",%d,", p->line);
	put_quoted(p->function ? p->function : "", to);
	fprintf(to, ",%d,[", first);
	for (n = first; n <= p->line + AROUND; n++) {
		line = story_source(p, n, root);
		if (!line)
			break;
		if (n > first)
			putc(',', to);
		put_quoted(line, to);
	}
	fputs("]],\n", to);
}

static void put_events(const struct story *s, const char *root, FILE *to)
{
	int *place = calloc(s->nevents + 1, sizeof(*place)), nplaces = 0;
	unsigned i;

	fputs("const P=[\n", to);
	for (i = 0; place && i < s->nevents; i++) {
		unsigned first = first_at(s, i);

		if (!s->event[i].place.file) {
			place[i] = -1;
		} else if (first < i) {
			place[i] = place[first];
		} else {
			place[i] = nplaces++;
			put_place(&s->event[i].place, root, to);
		}
	}
	fputs("],E=[", to);
	for (i = 0; place && i < s->nevents; i++)
		fprintf(to, "[%u,%d],", s->event[i].step, place[i]);
	fputs("];\n", to);
	free(place);
}

/* "IOTLB 0x1000", and the full text of the descriptor. */
static void put_slot(unsigned slot, const uint64_t qw[4], FILE *to)
{
	struct qi_desc d = { qw[0], qw[1], qw[2], qw[3] };
	char text[STORY_TEXT] = "", *colon;

	fprintf(to, "[%u,", slot);
	if (qw[0] || qw[1])
		qi_desc_text(&d, text, sizeof(text));
	colon = strstr(text, " Invalidation: ");
	put_quoted(colon ? colon + strlen(" Invalidation: ") - 2 : text, to);
	putc(',', to);
	put_quoted(text, to);
	fputs("],", to);
}

static bool is_changed(const struct story_ring *now, const struct story_ring *before)
{
	return !before || now->on != before->on || now->slots != before->slots ||
	       now->head != before->head || now->tail != before->tail ||
	       now->faults != before->faults ||
	       (now->slots && memcmp(now->qw, before->qw, now->slots * sizeof(*now->qw)));
}

static void put_ring(unsigned step, unsigned unit, const struct story_ring *now,
		     const struct story_ring *before, FILE *to)
{
	char faults[STORY_TEXT];
	unsigned i;

	say_faults(now->faults, faults);
	fprintf(to, "[%u,%u,%u,%d,%u,%u,\"%s\",[", step, unit, now->slots, now->on, now->head,
		now->tail, faults);
	for (i = 0; i < now->slots; i++) {
		if (!before || before->slots != now->slots ||
		    memcmp(now->qw[i], before->qw[i], sizeof(now->qw[i])))
			put_slot(i, now->qw[i], to);
	}
	fputs("]],\n", to);
}

static void put_rings(const struct story *s, FILE *to)
{
	unsigned n = machine.nunits, i;

	fputs("const U=[", to);
	for (i = 0; i < n; i++) {
		put_quoted(n > 1 ? story_lane(machine.nactors + i) : "ring", to);
		putc(',', to);
	}
	fputs("],R=[\n", to);
	for (i = 0; i < s->nrings; i++) {
		const struct story_ring *before = i >= n ? &s->ring[i - n] : NULL;

		if (is_changed(&s->ring[i], before))
			put_ring(i / n, i % n, &s->ring[i], before, to);
	}
	fputs("];\n", to);
}

/* ---- the page ---- */

static void put_head(const struct story_facts *f, FILE *to)
{
	fputs("<!doctype html><html lang=en><head><meta charset=utf-8>"
	      "<meta name=viewport content='width=device-width,initial-scale=1'><title>",
	      to);
	put_text(f->title, to);
	fprintf(to, "</title><style>%s</style></head><body>\n<header><h1>", story_page_style);
	put_text(f->title, to);
	fputs("</h1><p>", to);
	put_text(f->facts, to);
	if (f->states[0])
		fputs("; ", to);
	put_text(f->states, to);
	fputs("</p>\n", to);
}

static const char panel[] =
	"<aside id=panel hidden><nav><button id=first title='Home'>\xc2\xab</button>"
	"<button id=back title='left, k'>\xe2\x80\xb9</button><span id=count></span>"
	"<button id=next title='right, j'>\xe2\x80\xba</button>"
	"<button id=last title='End'>\xc2\xbb</button></nav>"
	"<div id=rings></div><div id=source></div>"
	"<p class=dim>Arrows or j and k step; Home, End; d: point of no return.</p></aside>\n";

void story_print_html(const struct story *s, const struct story_facts *f, FILE *to)
{
	put_head(f, to);
	if (f->verdict[0]) {
		fputs("<p class=bad>", to);
		put_text(f->verdict, to);
		fputs("</p>\n", to);
	} else if (s->outcome == MOVE_VIOLATION) {
		fputs("<p class=bad>", to);
		put_text(s->what, to);
		fputs("</p>\n", to);
	}
	put_words(s, to);
	put_waits(s, to);
	fputs("</header>\n<main>", to);
	put_table(s, f->root, to);
	fputs(panel, to);
	fputs("</main>\n<footer>To see it again: <code>qinval explore --replay ", to);
	put_text(f->token, to);
	fputs("</code></footer>\n<script>\n", to);
	put_events(s, f->root, to);
	put_rings(s, to);
	fprintf(to, "%s</script></body></html>\n", story_page_script);
}
