/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* story_html.c - the same as one page that needs nothing else. */
#include <describe/markup.h>
#include "story.h"

static const char style[] =
	"body{font:14px/1.4 system-ui,sans-serif;margin:2em;color:#222;background:#fff}"
	"h1{font-size:1.3em}table{border-collapse:collapse;width:100%}"
	"th{position:sticky;top:0;background:#eee;text-align:left;padding:.3em .6em}"
	"td{padding:.1em .6em;vertical-align:top;border-left:1px solid #ddd}"
	"td.on{background:#eef4fb;font-family:ui-monospace,monospace;font-size:12px}"
	"td.hw{background:#f4f0e6}tr.first td{border-top:1px solid #ccc}"
	"td.where{color:#777;font-size:12px;white-space:nowrap}"
	"tr.rule td{background:#b00020;color:#fff;font-weight:bold;padding:.3em .6em}"
	"tr.spin td{background:#444}.bad{color:#b00020;font-weight:bold}"
	"code{background:#f4f4f4;padding:0 .2em;overflow-wrap:anywhere}";

static void put_event(const struct story_event *e, unsigned lanes, bool first, FILE *to)
{
	unsigned i;

	fprintf(to, "<tr%s>", first ? " class=first" : "");
	for (i = 0; i < lanes; i++) {
		if (i != e->lane) {
			fputs("<td></td>", to);
			continue;
		}
		fprintf(to, "<td class='on%s' title=\"", i + 1 == lanes ? " hw" : "");
		put_text(e->where, to);
		fputs("\">", to);
		put_text(e->what, to);
		fputs("</td>", to);
	}
	fputs("<td class=where>", to);
	put_text(e->where, to);
	fputs("</td></tr>\n", to);
}

static void put_rule(unsigned chapter, unsigned lanes, FILE *to)
{
	fprintf(to, "<tr class='rule%s'><td colspan=%u>%s</td></tr>\n",
		chapter == CHAPTER_SPIN ? " spin" : "", lanes + 1,
		chapter == CHAPTER_SPIN ? "for ever"
					: "point of no return: from here on every schedule fails");
}

static void put_words(const struct story *s, FILE *to)
{
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
			fputs("<br>last written by ", to);
			put_text(w->writer ? w->writer : "nobody", to);
		}
		fputs("</li>\n", to);
	}
	if (s->nwords)
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

void story_print_html(const struct story *s, const struct story_facts *f, FILE *to)
{
	unsigned lanes = story_lanes(), i, chapter = CHAPTER_STORY;

	fputs("<!doctype html><html lang=en><meta charset=utf-8><title>", to);
	put_text(f->title, to);
	fprintf(to, "</title><style>%s</style>\n<h1>", style);
	put_text(f->title, to);
	fputs("</h1>\n", to);
	if (s->outcome == MOVE_VIOLATION) {
		fputs("<p class=bad>", to);
		put_text(s->what, to);
		fputs("</p>\n", to);
	}
	put_words(s, to);
	put_waits(s, to);
	fputs("<table><tr>", to);
	for (i = 0; i < lanes; i++) {
		fputs("<th>", to);
		put_text(story_lane(i), to);
		fputs("</th>", to);
	}
	fputs("<th></th></tr>\n", to);
	for (i = 0; i < s->nevents; i++) {
		while (chapter < s->event[i].chapter)
			put_rule(++chapter, lanes, to);
		put_event(&s->event[i], lanes, !i || s->event[i].step != s->event[i - 1].step, to);
	}
	fputs("</table>\n<p>To see it again: <code>qinval explore --replay ", to);
	put_text(f->token, to);
	fputs("</code></p></html>\n", to);
}
