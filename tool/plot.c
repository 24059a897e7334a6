/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "plot.h"

#include <math.h>
#include <string.h>

#include <describe/markup.h>

#define WIDTH 860
#define LEFT 78
#define RIGHT 190 /* for the legend */
#define TOP 44	  /* top margin of the page, for its title */
#define PLOT_WIDTH (WIDTH - LEFT - RIGHT)
#define PLOT_HEIGHT 260
#define ABOVE 34 /* above a panel, for its title */
#define BELOW 52 /* below a panel, for the x axis */
#define PANEL_HEIGHT (ABOVE + PLOT_HEIGHT + BELOW)
#define LEGEND_LINE 18

#define MARKS 24

/* Okabe and Ito's colours, which colour-blind readers can distinguish. */
static const char *const colours[] = { "#0072b2", "#d55e00", "#009e73", "#cc79a7",
				       "#56b4e9", "#e69f00", "#000000" };
#define COLOURS (sizeof(colours) / sizeof(*colours))
#define GREY "#777777"

/* ---- scales ---- */

/* Maps values to 0 .. 1. */
struct scale {
	enum plot_scale kind;
	double from, to; /* transformed by placed() */
	double mark[MARKS];
	unsigned nmarks;
};

/* Transform a value for this kind of axis. */
static double placed(enum plot_scale kind, double v)
{
	switch (kind) {
	case PLOT_LOG2:
		return log2(v);
	case PLOT_LOG10:
		return log10(v);
	default:
		return v;
	}
}

static bool drawable(enum plot_scale kind, double v)
{
	return isfinite(v) && (kind == PLOT_LINEAR || v > 0);
}

static double share(const struct scale *s, double v)
{
	return (placed(s->kind, v) - s->from) / (s->to - s->from);
}

static void stretch(struct scale *s, const double *values, unsigned n)
{
	unsigned i;

	for (i = 0; values && i < n; i++) {
		double at;

		if (!drawable(s->kind, values[i]))
			continue;
		at = placed(s->kind, values[i]);
		if (!(s->from <= at))
			s->from = at;
		if (!(s->to >= at))
			s->to = at;
	}
}

static void mark(struct scale *s, double v)
{
	double at = placed(s->kind, v), slack = (s->to - s->from) * 1e-9;

	if (s->nmarks < MARKS && at >= s->from - slack && at <= s->to + slack)
		s->mark[s->nmarks++] = v;
}

/* 1, 2 or 5 times a power of ten, for about five marks in the range. */
static double round_step(double range)
{
	double power = pow(10, floor(log10(range / 5))), n = range / 5 / power;

	return power * (n < 1.5 ? 1 : n < 3.5 ? 2 : n < 7.5 ? 5 : 10);
}

static void finish_linear(struct scale *s)
{
	double step, v;

	if (s->from > 0)
		s->from = 0;
	if (s->to <= s->from)
		s->to = s->from + 1;
	s->to += (s->to - s->from) * 0.04;
	step = round_step(s->to - s->from);
	for (v = ceil(s->from / step) * step; v <= s->to; v += step)
		mark(s, fabs(v) < step / 2 ? 0 : v);
}

static void finish_log10(struct scale *s)
{
	static const double between[] = { 1, 2, 5 };
	double decade;
	unsigned i;

	if (s->to - s->from < 0.5) {
		s->from -= 0.25;
		s->to += 0.25;
	}
	s->to += (s->to - s->from) * 0.02;
	for (decade = floor(s->from); decade <= s->to; decade++) {
		for (i = 0; i < (s->to - s->from <= 4 ? 3 : 1); i++)
			mark(s, pow(10, decade) * between[i]);
	}
}

static void finish_log2(struct scale *s)
{
	double at, step = ceil((s->to - s->from) / (MARKS / 2));

	if (s->to - s->from < 1) {
		s->from -= 0.5;
		s->to += 0.5;
	}
	if (step < 1)
		step = 1;
	for (at = ceil(s->from); at <= s->to; at += step)
		mark(s, exp2(at));
}

static void finish(struct scale *s)
{
	if (isnan(s->from))
		s->from = s->to = 0;
	if (s->kind == PLOT_LINEAR)
		finish_linear(s);
	else if (s->kind == PLOT_LOG10)
		finish_log10(s);
	else
		finish_log2(s);
}

static void fit(const struct plot_panel *p, struct scale *x, struct scale *y)
{
	unsigned i;

	*x = (struct scale){ .kind = p->x.scale, .from = NAN, .to = NAN };
	*y = (struct scale){ .kind = p->y.scale, .from = NAN, .to = NAN };
	for (i = 0; i < p->nseries; i++) {
		const struct plot_series *s = &p->series[i];

		stretch(x, s->x, s->n);
		stretch(y, s->y, s->n);
		stretch(y, s->low, s->n);
		stretch(y, s->high, s->n);
	}
	finish(x);
	finish(y);
}

/* ---- text ---- */

/* 2.5e-6 with unit "s" becomes 2.5 µs. */
static void quantity(FILE *to, double v, const char *unit)
{
	static const char *const prefixes[] = { "n", "µ", "m", "", "k", "M", "G", "T" };
	int i = 3;

	for (; v != 0 && fabs(v) < 0.9999 && *unit && i > 0; i--)
		v *= 1000;
	for (; fabs(v) >= 9999.5 && i < 7; i++)
		v /= 1000;
	/* From 1000 on use the next prefix, if there is already one. */
	if (i != 3 && fabs(v) >= 999.95 && i < 7) {
		v /= 1000;
		i++;
	}
	fprintf(to, "%.4g%s%s%s", v, *prefixes[i] || *unit ? " " : "", prefixes[i], unit);
}

/* ---- drawing ---- */

struct frame {
	FILE *to;
	const struct plot_panel *panel;
	double top; /* top edge of the plot's rectangle */
	struct scale x, y;
};

static double at_x(const struct frame *f, double v)
{
	return LEFT + share(&f->x, v) * PLOT_WIDTH;
}

static double at_y(const struct frame *f, double v)
{
	return f->top + (1 - share(&f->y, v)) * PLOT_HEIGHT;
}

static void draw_x_axis(const struct frame *f)
{
	const struct plot_axis *a = &f->panel->x;
	double bottom = f->top + PLOT_HEIGHT;
	unsigned i;

	for (i = 0; i < f->x.nmarks; i++) {
		double x = at_x(f, f->x.mark[i]);

		fprintf(f->to, "<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/>\n", x, f->top, bottom);
		fprintf(f->to, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", x,
			bottom + 17);
		quantity(f->to, f->x.mark[i], a->unit);
		fputs("</text>\n", f->to);
	}
	fprintf(f->to, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"middle\">", LEFT + PLOT_WIDTH / 2,
		bottom + 36);
	put_text(a->label, f->to);
	fputs("</text>\n", f->to);
}

static void draw_y_axis(const struct frame *f)
{
	const struct plot_axis *a = &f->panel->y;
	double middle = f->top + PLOT_HEIGHT / 2.0;
	unsigned i;

	for (i = 0; i < f->y.nmarks; i++) {
		double y = at_y(f, f->y.mark[i]);

		fprintf(f->to, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>\n", LEFT, y,
			LEFT + PLOT_WIDTH);
		fprintf(f->to, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 6, y + 4);
		quantity(f->to, f->y.mark[i], a->unit);
		fputs("</text>\n", f->to);
	}
	fprintf(f->to,
		"<text x=\"14\" y=\"%.1f\" text-anchor=\"middle\" "
		"transform=\"rotate(-90 14 %.1f)\">",
		middle, middle);
	put_text(a->label, f->to);
	fputs("</text>\n", f->to);
}

static bool has_point(const struct frame *f, const struct plot_series *s, unsigned i)
{
	return drawable(f->x.kind, s->x[i]) && drawable(f->y.kind, s->y[i]);
}

/*
 * The look of a curve. Curves that coincide remain visible: later ones are narrower, and have marks
 * of another shape.
 */
struct look {
	const char *colour;
	double width; /* of its line */
	unsigned shape;
};

#define SHAPES 4

static void draw_mark(FILE *to, const char *class, double x, double y, const struct look *l)
{
	static const char *const shape[SHAPES] = {
		"m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
		"m-3.5 -3.5h7v7h-7z",
		"m0 -5l4.5 8h-9z",
		"m0 -5l5 5l-5 5l-5 -5z",
	};

	fprintf(to, "<path class=\"%s\" fill=\"%s\" d=\"M%.1f %.1f%s\"/>\n", class, l->colour, x, y,
		shape[l->shape % SHAPES]);
}

static void draw_line(const struct frame *f, const struct plot_series *s, const struct look *l)
{
	bool drawing = false;
	unsigned i;

	fprintf(f->to, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"%.1f\"%s d=\"", l->colour,
		s->style == PLOT_CURVE ? l->width : 1.5,
		s->style == PLOT_CURVE ? "" : " stroke-dasharray=\"6 4\"");
	for (i = 0; i < s->n; i++) {
		if (has_point(f, s, i))
			fprintf(f->to, "%c%.1f %.1f", drawing ? 'L' : 'M', at_x(f, s->x[i]),
				at_y(f, s->y[i]));
		drawing = has_point(f, s, i);
	}
	fputs("\"/>\n", f->to);
}

static void draw_points(const struct frame *f, const struct plot_series *s, const struct look *l)
{
	unsigned i;

	for (i = 0; i < s->n; i++) {
		if (!has_point(f, s, i))
			continue;
		if (s->low && s->high && drawable(f->y.kind, s->low[i]) &&
		    drawable(f->y.kind, s->high[i]))
			fprintf(f->to, "<path stroke=\"%s\" d=\"M%.1f %.1fV%.1f\"/>\n", l->colour,
				at_x(f, s->x[i]), at_y(f, s->low[i]), at_y(f, s->high[i]));
		if (s->style == PLOT_CURVE)
			draw_mark(f->to, "mark", at_x(f, s->x[i]), at_y(f, s->y[i]), l);
	}
}

static void draw_legend(const struct frame *f, const struct plot_series *s, const struct look *l,
			unsigned line)
{
	double x = LEFT + PLOT_WIDTH + 12, y = f->top + 8 + line * LEGEND_LINE;

	fprintf(f->to, "<path stroke=\"%s\" stroke-width=\"%.1f\"%s d=\"M%.1f %.1fh22\"/>\n",
		l->colour, l->width, s->style == PLOT_CURVE ? "" : " stroke-dasharray=\"6 4\"", x,
		y);
	if (s->style == PLOT_CURVE)
		draw_mark(f->to, "key", x + 11, y, l);
	fprintf(f->to, "<text x=\"%.1f\" y=\"%.1f\">", x + 28, y + 4);
	put_text(s->name, f->to);
	fputs("</text>\n", f->to);
}

static unsigned count_curves(const struct plot_panel *p)
{
	unsigned i, n = 0;

	for (i = 0; i < p->nseries; i++)
		n += p->series[i].style == PLOT_CURVE;
	return n;
}

/* @legend: draw the legend beside it. */
static void draw_panel(const struct frame *f, bool legend)
{
	unsigned i, curves = 0, lines = 0, all = count_curves(f->panel);

	fprintf(f->to, "<text x=\"%d\" y=\"%.1f\" class=\"panel\">", LEFT, f->top - 10);
	put_text(f->panel->title, f->to);
	fputs("</text>\n", f->to);
	draw_x_axis(f);
	draw_y_axis(f);
	fprintf(f->to, "<path class=\"frame\" d=\"M%d %.1fV%.1fH%d\"/>\n", LEFT, f->top,
		f->top + PLOT_HEIGHT, LEFT + PLOT_WIDTH);
	for (i = 0; i < f->panel->nseries; i++) {
		const struct plot_series *s = &f->panel->series[i];
		struct look l = { .colour = GREY, .width = 2 };
		unsigned number;

		if (s->style == PLOT_CURVE)
			curves++;
		number = curves ? curves - 1 : 0;
		if (s->style != PLOT_LIMIT)
			l = (struct look){ colours[number % COLOURS],
					   2 + 0.8 * (all > curves ? all - curves : 0), number };
		draw_line(f, s, &l);
		draw_points(f, s, &l);
		if (s->name && legend)
			draw_legend(f, s, &l, lines++);
	}
}

static bool same_names(const struct plot_panel *a, const struct plot_panel *b)
{
	unsigned i, j = 0;

	for (i = 0; i < b->nseries; i++) {
		const char *name = b->series[i].name;

		while (name && j < a->nseries &&
		       (!a->series[j].name || strcmp(a->series[j].name, name)))
			j++;
		if (name && j == a->nseries)
			return false;
	}
	return true;
}

bool plot_svg(FILE *to, const char *title, const struct plot_panel *panel, unsigned n)
{
	unsigned i, height = TOP + n * PANEL_HEIGHT + 8;

	fprintf(to,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" "
		"viewBox=\"0 0 %d %u\" font-family=\"sans-serif\" font-size=\"12\">\n",
		WIDTH, height, WIDTH, height);
	fputs("<style>.grid{stroke:#ddd}.frame{stroke:#000;fill:none}"
	      ".mark,.key{stroke:#fff;stroke-width:.7}.panel{font-size:14px;font-weight:bold}</"
	      "style>\n"
	      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
	      to);
	fprintf(to, "<text x=\"%d\" y=\"24\" font-size=\"13\">", LEFT);
	put_text(title, to);
	fputs("</text>\n", to);
	for (i = 0; i < n; i++) {
		struct frame f = { .to = to, .panel = &panel[i] };

		f.top = TOP + i * PANEL_HEIGHT + ABOVE;
		fit(&panel[i], &f.x, &f.y);
		draw_panel(&f, !i || !same_names(&panel[0], &panel[i]));
	}
	fputs("</svg>\n", to);
	return !fflush(to) && !ferror(to);
}
