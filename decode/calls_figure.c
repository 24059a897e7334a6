/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Calls over time: a strip for each lane. A bar stands where calls began; its height shows the
 * longest of them, and a line from its top shows how long that one took.
 */
#include "calls.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LEFT 190 /* columns for names */
#define RIGHT 90 /* columns for the longest duration */
#define STRIP 44 /* height of a lane, with the space above it */
#define BAR 34
#define LEAST_NS 100 /* duration with no height; each factor of ten adds one part */
#define DECADES 8
#define TICKS 7

static double height(uint64_t ns)
{
	const double part = (double)BAR / DECADES;
	double times = (double)ns / LEAST_NS, h = 2;

	for (; times >= 10; times /= 10)
		h += part;
	if (times > 1)
		h += part * (times - 1) / 9;
	return h < BAR ? h : BAR;
}

/* The column of a time. The figure ends where the trace ends. */
static double columns(const struct calls *c, uint64_t ns)
{
	double n = (double)ns / (double)c->bin_ns, most;

	most = (double)(c->last - c->origin) / (double)c->bin_ns;
	return n < most ? n : most;
}

static void put_name(FILE *to, const char *name)
{
	for (; *name; name++)
		fputc(isalnum((unsigned char)*name) || *name == ' ' || *name == ':' || *name == '.'
			      ? *name
			      : '?',
		      to);
}

static void put_bars(FILE *to, const struct calls *c, const struct calls_lane *lane, unsigned y,
		     bool bad)
{
	if (bad && !lane->failed)
		return;
	fprintf(to, "<path fill=\"none\" stroke=\"%s\" d=\"", bad ? "#d03030" : "#3b7dd8");
	for (unsigned i = 0; i < CALLS_BINS; i++) {
		const struct calls_bin *b = &lane->bin[i];
		double h = height(b->longest), length = columns(c, b->longest);

		if (!b->calls || bad != (b->failed > 0))
			continue;
		fprintf(to, "M%u.5 %uv-%.1f", LEFT + i, y, h);
		if (length > 1)
			fprintf(to, "h%.1f", i + length < CALLS_BINS ? length : CALLS_BINS - i);
	}
	fputs("\"/>\n", to);
}

static void put_lane(FILE *to, const struct calls *c, const struct calls_lane *lane, unsigned y)
{
	char name[CALLS_NAME], longest[CALLS_TIME];

	calls_lane_name(lane, name);
	calls_time(lane->longest, longest);
	fprintf(to, "<text x=\"0\" y=\"%u\">", y - 4);
	put_name(to, name);
	fprintf(to, "</text><text x=\"%u\" y=\"%u\">%s</text>", LEFT + CALLS_BINS + 8, y - 4,
		longest);
	fprintf(to, "<path fill=\"none\" stroke=\"currentColor\" opacity=\".3\" d=\"M%u %uh%u\"/>",
		LEFT, y, CALLS_BINS);
	put_bars(to, c, lane, y, false);
	put_bars(to, c, lane, y, true);
}

/* Calls that have not returned: a broken line from their beginning to the end of the trace. */
static void put_open(FILE *to, const struct calls *c, unsigned y)
{
	fprintf(to,
		"<text x=\"0\" y=\"%u\">not returned: %u</text>"
		"<path fill=\"none\" stroke=\"#d03030\" stroke-dasharray=\"4 2\" d=\"",
		y - 4, c->opens);
	for (unsigned i = 0; i < c->opens; i++) {
		uint64_t at = c->open[i].at > c->origin ? c->open[i].at - c->origin : 0;

		fprintf(to, "M%.1f %uH%.1f", LEFT + columns(c, at), y - 3 * (i % 10),
			LEFT + columns(c, UINT64_MAX));
	}
	fputs("\"/>\n", to);
}

/* Round times: 1, 2 or 5 and zeros, at most TICKS of them. */
static void put_axis(FILE *to, const struct calls *c, unsigned y)
{
	uint64_t whole = c->bin_ns * CALLS_BINS, step = 1;
	char text[CALLS_TIME];

	while (whole / step > TICKS)
		step *= whole / step > 5 * TICKS ? 10 : whole / step > 2 * TICKS ? 5 : 2;
	for (uint64_t at = 0; at <= whole; at += step) {
		unsigned x = LEFT + (unsigned)(at / c->bin_ns);

		calls_time(at, text);
		fprintf(to,
			"<path fill=\"none\" stroke=\"currentColor\" opacity=\".15\" d=\"M%u "
			"0V%u\"/>"
			"<text x=\"%u\" y=\"%u\" text-anchor=\"middle\">%s</text>\n",
			x, y, x, y + 16, text);
	}
}

char *calls_figure(const struct calls *c)
{
	unsigned strips = c->lanes + (c->opens > 0), all = STRIP * strips;
	char *svg = NULL;
	size_t size;
	FILE *to = strips ? open_memstream(&svg, &size) : NULL;

	if (!to)
		return NULL;
	fprintf(to,
		"<figure><figcaption>Calls over time: a bar where calls began, higher by a step "
		"for "
		"each factor of ten that they took, from 100 ns on; the line from its top goes on "
		"for "
		"as long as the longest of them. Red: some failed.</figcaption>"
		"<svg viewBox=\"0 0 %u %u\" width=\"100%%\" font-size=\"12\" fill=\"currentColor\" "
		"stroke-width=\"1.5\" role=\"img\">\n",
		LEFT + CALLS_BINS + RIGHT, all + 24);
	for (unsigned i = 0; i < c->lanes; i++)
		put_lane(to, c, &c->lane[i], STRIP * (i + 1));
	if (c->opens)
		put_open(to, c, all);
	put_axis(to, c, all);
	fputs("</svg></figure>\n", to);
	if (fclose(to)) {
		free(svg);
		return NULL;
	}
	return svg;
}
