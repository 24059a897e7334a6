/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * plot.h - curves, as one SVG file: panels below each other, each with axes and series. The legend
 * is beside the first one, and beside those that have others.
 *
 * Ranges follow from the data. Points that are not finite, and on a logarithmic axis those that are
 * not above 0, are left out and interrupt their curve.
 */
#ifndef PLOT_H
#define PLOT_H

#include <stdbool.h>
#include <stdio.h>

enum plot_scale {
	PLOT_LINEAR, /* from 0 on, or from the lowest value if that is negative */
	PLOT_LOG2,   /* marks at powers of two */
	PLOT_LOG10,  /* marks at powers of ten, and between them if they are few */
};

struct plot_axis {
	const char *label;
	const char *unit; /* with SI prefixes at the marks: "s" makes 5 µs of 5e-6; "": none */
	enum plot_scale scale;
};

enum plot_style {
	PLOT_CURVE,  /* a line, and a dot at each point */
	PLOT_DASHED, /* the same in the colour of the curve before it, dashed and without dots */
	PLOT_LIMIT,  /* grey and dashed, without dots: what cannot be passed */
};

struct plot_series {
	const char *name; /* in the legend; NULL: not there */
	enum plot_style style;
	unsigned n;
	const double *x, *y;
	const double *low, *high; /* NULL, or a bar from low to high at each point */
};

struct plot_panel {
	const char *title;
	struct plot_axis x, y;
	const struct plot_series *series;
	unsigned nseries;
};

/* Does not close @to. False: writing failed, see errno. */
bool plot_svg(FILE *to, const char *title, const struct plot_panel *panel, unsigned n);

#endif
