/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * plot.h - draws curves as one SVG file: panels below each other, each with axes and series. The
 * legend is beside the first panel, and beside each panel with other series.
 *
 * Ranges follow from the data. Points that are not finite, and on a logarithmic axis those that are
 * not positive, are left out and interrupt their curve.
 */
#ifndef PLOT_H
#define PLOT_H

#include <stdbool.h>
#include <stdio.h>

enum plot_scale {
	PLOT_LINEAR, /* from 0 on, or from the lowest value if it is negative */
	PLOT_LOG2,   /* marks at powers of two */
	PLOT_LOG10,  /* marks at powers of ten, and in between if these are few */
};

struct plot_axis {
	const char *label;
	const char *unit; /* gets SI prefixes at the marks: "s" makes 5 µs of 5e-6; "": none */
	enum plot_scale scale;
};

enum plot_style {
	PLOT_CURVE,  /* a line, and a dot at each point */
	PLOT_DASHED, /* the colour of the previous curve, dashed, without dots */
	PLOT_LIMIT,  /* a limit: grey and dashed, without dots */
};

struct plot_series {
	const char *name; /* in the legend; NULL: not listed */
	enum plot_style style;
	unsigned n;
	const double *x, *y;
	const double *low, *high; /* a bar from low to high at each point; or NULL */
};

struct plot_panel {
	const char *title;
	struct plot_axis x, y;
	const struct plot_series *series;
	unsigned nseries;
};

/* Does not close @to. False: a write failed, see errno. */
bool plot_svg(FILE *to, const char *title, const struct plot_panel *panel, unsigned n);

#endif
