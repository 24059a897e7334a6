/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * story_text.c - a story as text: a column for each actor and one for the hardware; time goes down.
 */
#include <string.h>

#include "story.h"

#define MARGIN 30 /* columns for places in the code */
#define NARROW 22 /* minimum width of a lane */

struct page {
	FILE *to;
	unsigned lanes, width; /* width: of a lane */
};

static void pad(FILE *to, unsigned n)
{
	while (n--)
		putc(' ', to);
}

/* Cut at a blank so that the first part fits. Returns the rest. */
static const char *cut(const char *text, unsigned width, unsigned *length)
{
	size_t n = strlen(text), at;

	if (n <= width) {
		*length = (unsigned)n;
		return text + n;
	}
	for (at = width; at && text[at] != ' '; at--)
		;
	*length = (unsigned)(at ? at : width);
	text += *length;
	while (*text == ' ')
		text++;
	return text;
}

static void print_event(const struct page *p, const struct story_event *e)
{
	const char *rest = e->what, *line;
	unsigned length, n = 0;

	do {
		line = rest;
		rest = cut(rest, p->width - (n ? 4 : 2), &length);
		pad(p->to, e->lane * p->width + (n ? 2 : 0));
		fprintf(p->to, "%.*s", (int)length, line);
		if (!n && e->where[0]) {
			pad(p->to, (p->lanes - e->lane) * p->width - length);
			fprintf(p->to, "%s", e->where);
		}
		putc('\n', p->to);
		n++;
	} while (*rest);
}

static void print_rule(const struct page *p, const char *text)
{
	unsigned total = p->lanes * p->width, used = (unsigned)strlen(text) + 6, i;

	fprintf(p->to, "---- %s ", text);
	for (i = used; i < total; i++)
		putc('-', p->to);
	putc('\n', p->to);
}

static void print_heads(const struct page *p)
{
	unsigned i;

	for (i = 0; i + 1 < p->lanes; i++)
		fprintf(p->to, "%-*s", (int)p->width, story_lane(i));
	fprintf(p->to, "%s\n", story_lane(i));
	for (i = 0; i < p->lanes * p->width; i++)
		putc('=', p->to);
	putc('\n', p->to);
}

static void print_events(const struct page *p, const struct story *s)
{
	static const char *const rules[] = {
		[CHAPTER_DOOMED] = "point of no return: from here on every schedule fails",
		[CHAPTER_SPIN] = "for ever",
	};
	unsigned i, chapter = CHAPTER_STORY;

	for (i = 0; i < s->nevents; i++) {
		const struct story_event *e = &s->event[i];

		/* There may be no event after this point. */
		while (chapter < e->chapter)
			print_rule(p, rules[++chapter]);
		print_event(p, e);
	}
}

static void print_words(const struct story *s, FILE *to)
{
	char writer[4 * STORY_TEXT];
	unsigned i, actor = LAB_ACTORS;

	for (i = 0; i < s->nwords; i++) {
		const struct story_word *w = &s->word[i];

		if (!story_word_matters(s, w))
			continue;
		if (w->actor != actor)
			fprintf(to, "\n%s never returns. In each turn it reads\n",
				story_lane(w->actor));
		actor = w->actor;
		fprintf(to, "    %-28s %s\n", w->what, w->where);
		story_word_writer(w, writer, sizeof(writer));
		if (!w->reg)
			fprintf(to, "    %-28s %s\n", "", writer);
	}
}

static void print_waits(const struct story *s, FILE *to)
{
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		if (s->waits[i])
			fprintf(to, "\n%s never returns: it %s\n", story_lane(i), s->waits[i]);
	}
}

void story_print_text(const struct story *s, unsigned columns, FILE *to)
{
	struct page p = { .to = to, .lanes = story_lanes() };

	p.width = columns > MARGIN ? (columns - MARGIN) / p.lanes : 0;
	if (p.width < NARROW)
		p.width = NARROW;
	print_heads(&p);
	print_events(&p, s);
	print_words(s, to);
	print_waits(s, to);
	if (s->outcome == MOVE_VIOLATION)
		fprintf(to, "\n%s\n", s->what);
}
