/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* test_plot.c - points are where their values belong. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tool/plot.h>

static char *draw(const struct plot_panel *p)
{
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	assert_true(plot_svg(to, "a & b", p, 1));
	assert_int_equal(fclose(to), 0);
	return text;
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

/* The n-th dot. */
static void dot(const char *text, unsigned n, double *x, double *y)
{
	while (n--)
		text = strstr(text, "class=\"mark\"") + 1;
	text = strstr(text, "class=\"mark\"");
	assert_non_null(text);
	text = strstr(text, " d=\"");
	assert_non_null(text);
	assert_int_equal(sscanf(text, " d=\"M%lf %lf", x, y), 2);
}

static const double cpus[] = { 1, 4, 16 };

static void linear_and_log2(void **state)
{
	static const double y[] = { 0, 50, 100 };
	const struct plot_series s = { .name = "n", .n = 3, .x = cpus, .y = y };
	const struct plot_panel p = { "t", { "x", "", PLOT_LOG2 }, { "y", "", 0 }, &s, 1 };
	double x0, y0, x1, y1, x2, y2;
	char *text = draw(&p);

	(void)state;
	dot(text, 0, &x0, &y0);
	dot(text, 1, &x1, &y1);
	dot(text, 2, &x2, &y2);
	assert_float_equal(x1 - x0, x2 - x1, 0.11);
	assert_float_equal(y0 - y1, y1 - y2, 0.11);
	assert_true(x2 > x0 && y2 < y0);
	/* Powers of two from 1 to 16; 0, 20, ... 100; all are labelled. */
	assert_int_equal(count(text, "class=\"grid\""), 5 + 6);
	assert_non_null(strstr(text, ">16</text>"));
	assert_non_null(strstr(text, ">80</text>"));
	free(text);
}

static void log10_with_units(void **state)
{
	static const double y[] = { 1e-6, 1e-4, 1e-2 };
	const struct plot_series s = { .name = "n", .n = 3, .x = cpus, .y = y };
	const struct plot_panel p = {
		"t", { "x", "", PLOT_LOG2 }, { "y", "s", PLOT_LOG10 }, &s, 1
	};
	double x, y0, y1, y2;
	char *text = draw(&p);

	(void)state;
	dot(text, 0, &x, &y0);
	dot(text, 1, &x, &y1);
	dot(text, 2, &x, &y2);
	assert_float_equal(y0 - y1, y1 - y2, 0.11);
	assert_non_null(strstr(text, ">1 µs</text>"));
	assert_non_null(strstr(text, ">100 µs</text>"));
	assert_non_null(strstr(text, ">10 ms</text>"));
	free(text);
}

static void gaps_limits_and_bars(void **state)
{
	static const double y[] = { 1, NAN, 3 }, low[] = { 0.5, 0, 2 }, high[] = { 2, 0, 4 };
	static const double limit[] = { 5, 5, 5 };
	const struct plot_series s[] = {
		{ .name = "<1>", .n = 3, .x = cpus, .y = y, .low = low, .high = high },
		{ .name = "limit", .style = PLOT_LIMIT, .n = 3, .x = cpus, .y = limit },
	};
	const struct plot_panel p = { "t", { "x", "", PLOT_LOG2 }, { "y", "", 0 }, s, 2 };
	char *text = draw(&p);

	(void)state;
	assert_int_equal(count(text, "class=\"mark\""), 2);
	assert_int_equal(count(text, "stroke-dasharray"), 2); /* in the plot and in the legend */
	assert_int_equal(count(text, "nan"), 0);
	assert_non_null(strstr(text, ">&lt;1&gt;</text>"));
	assert_non_null(strstr(text, ">a &amp; b</text>"));
	free(text);
}

/* Each of several coinciding curves is visible, and the same series are named once. */
static void coinciding(void **state)
{
	static const double y[] = { 1, 2, 3 };
	const struct plot_series s[] = {
		{ .name = "first", .n = 3, .x = cpus, .y = y },
		{ .name = "second", .n = 3, .x = cpus, .y = y },
	};
	const struct plot_panel p[2] = { { "t", { "x", "", PLOT_LOG2 }, { "y", "", 0 }, s, 2 },
					 { "u", { "x", "", PLOT_LOG2 }, { "y", "", 0 }, s, 2 } };
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	(void)state;
	assert_true(plot_svg(to, "a", p, 2));
	assert_int_equal(fclose(to), 0);
	assert_int_equal(count(text, ">first</text>"), 1);
	assert_int_equal(count(text, ">second</text>"), 1);
	/* The lower line is wider, and the upper one's marks have corners. */
	assert_int_equal(count(text, "stroke-width=\"2.8\""), 2 + 1);
	assert_int_equal(count(text, "stroke-width=\"2.0\""), 2 + 1);
	assert_int_equal(count(text, "a4 4 0 1 0 -8 0"), 2 * 3 + 1);
	assert_int_equal(count(text, "h7v7h-7z"), 2 * 3 + 1);
	free(text);
}

/* One value, equal values, no value: there is an axis nevertheless. */
static void degenerate(void **state)
{
	static const double same[] = { 7, 7, 7 };
	static const enum plot_scale scales[] = { PLOT_LINEAR, PLOT_LOG2, PLOT_LOG10 };
	unsigned i, n;

	(void)state;
	for (i = 0; i < 3; i++) {
		for (n = 0; n < 3; n++) {
			const struct plot_series s = { .n = n, .x = same, .y = same };
			const struct plot_panel p = {
				"t", { "x", "", scales[i] }, { "y", "", scales[i] }, &s, 1
			};
			char *text = draw(&p);

			assert_int_equal(count(text, "class=\"mark\""), n);
			assert_int_equal(count(text, "nan"), 0);
			assert_int_equal(count(text, "inf"), 0);
			assert_true(count(text, "class=\"grid\"") >= 2);
			free(text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linear_and_log2),	cmocka_unit_test(log10_with_units),
		cmocka_unit_test(gaps_limits_and_bars), cmocka_unit_test(coinciding),
		cmocka_unit_test(degenerate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
