/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "screen.h"

#ifdef LIVE_SCREEN

#include <inttypes.h>
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ESCAPE 27
#define BAR 40
#define CALLERS 8
#define STACK_COLUMN 17 /* where stacks begin */
#define STACK_FRAMES 8
#define HEAD_LINES 5 /* above the table */

struct screen {
	SCREEN *terminal;
	bool paused, helping, counting, typing; /* typing: a filter */
	bool opened; /* a row is shown alone: this copy, because rows move */
	struct tally_row row;
	unsigned chosen, top; /* lines of the table */
	char typed[VIEW_FILTER];
};

struct screen *screen_open(void)
{
	struct screen *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->terminal = newterm(NULL, stdout, stdin);
	if (!s->terminal) {
		free(s);
		return NULL;
	}
	cbreak();
	noecho();
	keypad(stdscr, true);
	set_escdelay(50);
	curs_set(0);
	return s;
}

void screen_close(struct screen *s)
{
	endwin();
	delscreen(s->terminal);
	free(s);
}

bool screen_is_paused(const struct screen *s)
{
	return s->paused;
}

/* ---- drawing ---- */

static void put(int y, int attributes, const char *text)
{
	if (y < 0 || y >= LINES)
		return;
	attron(attributes);
	mvaddnstr(y, 0, text, COLS);
	if (attributes & A_REVERSE)
		for (int x = getcurx(stdscr); getcury(stdscr) == y && x < COLS; x++)
			addch(' ');
	attroff(attributes);
}

static void draw_title(const struct screen *s, const struct view *v, double interval)
{
	char line[VIEW_LINE];
	int n;

	n = snprintf(line, sizeof(line), "qinval top, by %s, every %g s, sorted by %s%s",
		     v->source->name, interval, view_sort_name(v->sort),
		     v->reverse ? " (reversed)" : "");
	if (*v->filter)
		n += snprintf(line + n, sizeof(line) - n, ", only \"%s\"", v->filter);
	if (s->paused)
		snprintf(line + n, sizeof(line) - n, ", PAUSED");
	put(0, A_BOLD, line);
}

/*
 * A stack, where lines have room for @room bytes, broken between functions; returns the next line.
 */
static int put_stack(int y, int to, const char *before, const char *stack)
{
	int room = COLS - STACK_COLUMN > 20 ? COLS - STACK_COLUMN : 20, n;
	char line[VIEW_LINE];

	do {
		n = strlen(stack);
		if (n > room)
			for (n = room; n > 1 && stack[n - 1] != ';';)
				n--;
		n = n > 1 || (int)strlen(stack) < room ? n : room;
		snprintf(line, sizeof(line), "%-*s%.*s", STACK_COLUMN, before, n, stack);
		put(y++, A_NORMAL, line);
		before = "";
		stack += n;
	} while (*stack && y < to);
	return y;
}

static void draw_callers(const struct view *v, unsigned row, int from, int to)
{
	struct view_caller caller[VIEW_CALLERS];
	unsigned n = view_callers(v, row, STACK_FRAMES, caller);
	char line[STACK_COLUMN + 20], mean[12];
	uint64_t all = 0;

	for (unsigned i = 0; i < n; i++)
		all += caller[i].calls;
	put(from++, A_BOLD, n ? "CALLERS" : "CALLERS: none was looked at");
	for (unsigned i = 0; i < n && from < to; i++) {
		view_time(caller[i].took / caller[i].calls, mean);
		snprintf(line, sizeof(line), "%5.1f %% %7s", 100.0 * caller[i].calls / all, mean);
		from = put_stack(from, to, line, caller[i].stack);
	}
	view_callers_free(caller, n);
}

static int lines_for_rows(void)
{
	int lines = LINES - HEAD_LINES - 1 - CALLERS - 2;

	return lines > 3 ? lines : 3;
}

/* At least 1: if there is no row, a line says so. */
static int shown_rows(const struct view *v)
{
	int most = lines_for_rows();

	return v->rows >= (unsigned)most ? most : v->rows ? (int)v->rows : 1;
}

static void draw_rows(struct screen *s, const struct view *v)
{
	const struct tally_row *row = tally_rows(v->tally, &(unsigned){ 0 });
	unsigned lines = lines_for_rows();
	char line[VIEW_LINE];

	if (s->chosen >= v->rows)
		s->chosen = v->rows ? v->rows - 1 : 0;
	if (s->top > s->chosen)
		s->top = s->chosen;
	if (s->chosen >= s->top + lines)
		s->top = s->chosen - lines + 1;
	view_head(line);
	put(HEAD_LINES, A_REVERSE, line);
	for (unsigned i = 0; i < lines && s->top + i < v->rows; i++) {
		view_row(v, &row[v->order[s->top + i]], line);
		put(HEAD_LINES + 1 + i, s->top + i == s->chosen ? A_STANDOUT | A_BOLD : A_NORMAL,
		    line);
	}
	if (!v->rows)
		put(HEAD_LINES + 1, A_DIM,
		    *v->filter ? "  (no row has that text)" : "  (no submission in this interval)");
}

static unsigned row_of(const struct view *v, const struct tally_key *key)
{
	unsigned rows;
	const struct tally_row *row = tally_rows(v->tally, &rows);

	for (unsigned i = 0; i < rows; i++)
		if (row[i].key.device == key->device && row[i].key.domain == key->domain &&
		    row[i].key.type == key->type && row[i].key.granu == key->granu &&
		    !strcmp(row[i].key.unit, key->unit))
			return i;
	return TALLY_NONE;
}

/* One row alone: its times, its callers, and what is under way on its unit. */
static void draw_opened(const struct screen *s, const struct view *v)
{
	const struct tally_row *row = tally_rows(v->tally, &(unsigned){ 0 });
	unsigned at = row_of(v, &s->row.key);
	char line[VIEW_LINE];
	int y = HEAD_LINES + 3;

	view_head(line);
	put(HEAD_LINES, A_REVERSE, line);
	view_row(v, at == TALLY_NONE ? &s->row : &row[at], line);
	put(HEAD_LINES + 1, A_BOLD, line);
	if (at == TALLY_NONE) {
		put(y, A_DIM, "  (no submission in this interval)");
		return;
	}
	put(y++, A_BOLD, "TIME FROM     CALLS");
	for (unsigned i = 0; y < LINES - CALLERS && view_bar(&row[at].sums, i, BAR, line); i++)
		put(y++, A_NORMAL, line);
	y++;
	for (unsigned i = 0; i < v->pendings && i < 4 && y < LINES - 3; i++) {
		if (!i)
			put(y++, A_BOLD, "UNDER WAY");
		view_pending(v, &v->pending[i], line);
		put(y++, A_NORMAL, line);
	}
	draw_callers(v, at, y + 1, LINES - 1);
}

/* The units' own counters. */
static void draw_counters(const struct view *v)
{
	char line[VIEW_LINE];
	int y = HEAD_LINES;

	view_pmu_head(line);
	put(y++, A_REVERSE, line);
	for (unsigned i = 0; i < v->pmus && y < LINES - 1; i++) {
		view_pmu(v, i, line);
		if (strcasestr(line, v->filter))
			put(y++, A_NORMAL, line);
	}
	if (!v->pmus)
		put(y, A_DIM, "  (this machine's units have no counters that the kernel shows)");
}

/* The counters of the chosen row's unit, on one line. */
static void draw_unit(const struct screen *s, const struct view *v)
{
	const struct tally_row *row = tally_rows(v->tally, &(unsigned){ 0 });
	const char *unit = s->opened ? s->row.key.unit
			   : v->rows ? row[v->order[s->chosen]].key.unit
				     : "";
	char line[VIEW_LINE];

	if (!v->pmus || !*unit)
		return;
	view_pmu_of(v, unit, line);
	put(4, A_NORMAL, line);
}

static void draw_help(void)
{
	static const char *const lines[] = {
		"up, down, page up, page down   choose a row",
		"enter                          open it: histogram, callers, under way; or back",
		"s, S                           sort by the next, by the previous column",
		"r                              reverse the order",
		"/                              show only rows with a text (enter; empty: all)",
		"c                              what the units count by themselves; or back",
		"p, space                       pause, go on",
		"+, -                           longer, shorter intervals",
		"h, ?                           this",
		"q                              quit",
		"",
		"A submission counts in each row that it has a descriptor for. DESC and PAGES are",
		"per submission and per descriptor; times are from call to return of",
		"qi_submit_sync(). qinval-top(1) says more.",
	};

	for (unsigned i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		put(HEAD_LINES + i, A_NORMAL, lines[i]);
}

void screen_draw(struct screen *s, struct view *v, double interval)
{
	char line[VIEW_LINE];

	view_arrange(v);
	erase();
	draw_title(s, v, interval);
	view_summary(v, line);
	put(1, A_NORMAL, line);
	view_state(v, line);
	put(2, v->lost ? A_BOLD : A_NORMAL, line);
	if (*v->source->lacks) {
		snprintf(line, sizeof(line), "not known: %s", v->source->lacks);
		put(3, A_NORMAL, line);
	}
	if (s->helping) {
		draw_help();
	} else if (s->counting) {
		draw_counters(v);
	} else if (s->opened) {
		draw_opened(s, v);
	} else {
		draw_rows(s, v);
		draw_callers(v, TALLY_NONE, HEAD_LINES + 2 + shown_rows(v), LINES - 1);
	}
	if (!s->helping && !s->counting)
		draw_unit(s, v);
	if (s->typing)
		snprintf(line, sizeof(line), "only rows with: %s_", s->typed);
	else
		strcpy(line, "q quit  s sort  / filter  p pause  enter open  h help");
	put(LINES - 1, A_DIM, line);
	refresh();
}

/* ---- keys ---- */

static void type_key(struct screen *s, struct view *v, int key)
{
	size_t n = strlen(s->typed);

	if (key == '\n' || key == KEY_ENTER) {
		strcpy(v->filter, s->typed);
		s->typing = false;
	} else if (key == ESCAPE) {
		s->typing = false;
	} else if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && n) {
		s->typed[n - 1] = '\0';
	} else if (key >= ' ' && key <= '~' && n < VIEW_FILTER - 1) {
		s->typed[n] = key;
		s->typed[n + 1] = '\0';
	}
}

static void open_row(struct screen *s, const struct view *v)
{
	const struct tally_row *row = tally_rows(v->tally, &(unsigned){ 0 });

	if (!s->opened && v->rows) {
		memset(&s->row, 0, sizeof(s->row));
		s->row.key = row[v->order[s->chosen]].key;
		s->opened = true;
	} else {
		s->opened = false;
	}
}

static void move_by(struct screen *s, int lines)
{
	if (lines < 0 && s->chosen < (unsigned)-lines)
		s->chosen = 0;
	else
		s->chosen += lines; /* drawing limits it to the last row */
}

static enum screen_wish do_key(struct screen *s, struct view *v, int key)
{
	switch (key) {
	case 'q':
		return SCREEN_QUIT;
	case ESCAPE:
		if (!s->opened && !s->helping && !s->counting)
			*v->filter = '\0';
		s->opened = s->helping = s->counting = false;
		break;
	case 'p':
	case ' ':
		s->paused = !s->paused;
		break;
	case 's':
		v->sort = (v->sort + 1) % VIEW_SORTS;
		break;
	case 'S':
		v->sort = (v->sort + VIEW_SORTS - 1) % VIEW_SORTS;
		break;
	case 'r':
		v->reverse = !v->reverse;
		break;
	case '/':
		strcpy(s->typed, v->filter);
		s->typing = true;
		break;
	case 'c':
		s->counting = !s->counting;
		break;
	case 'h':
	case '?':
		s->helping = !s->helping;
		break;
	case '\n':
	case KEY_ENTER:
		open_row(s, v);
		break;
	case KEY_UP:
	case 'k':
		move_by(s, -1);
		break;
	case KEY_DOWN:
	case 'j':
		move_by(s, 1);
		break;
	case KEY_PPAGE:
		move_by(s, -lines_for_rows());
		break;
	case KEY_NPAGE:
		move_by(s, lines_for_rows());
		break;
	case '+':
		return SCREEN_SLOWER;
	case '-':
		return SCREEN_FASTER;
	}
	return SCREEN_NOTHING;
}

enum screen_wish screen_keys(struct screen *s, struct view *v, int ms)
{
	int key;

	timeout(ms);
	key = getch();
	/* If the terminal is gone, input has ended, and every further wait would return at once. */
	if (key == ERR && !isatty(STDIN_FILENO))
		return SCREEN_QUIT;
	if (key == ERR || key == KEY_RESIZE)
		return SCREEN_NOTHING;
	if (!s->typing)
		return do_key(s, v, key);
	type_key(s, v, key);
	return SCREEN_NOTHING;
}

#else

#include <stddef.h>

struct screen *screen_open(void)
{
	return NULL;
}

void screen_close(struct screen *s)
{
	(void)s;
}

void screen_draw(struct screen *s, struct view *v, double interval)
{
	(void)s;
	(void)v;
	(void)interval;
}

enum screen_wish screen_keys(struct screen *s, struct view *v, int ms)
{
	(void)s;
	(void)v;
	(void)ms;
	return SCREEN_QUIT;
}

bool screen_is_paused(const struct screen *s)
{
	(void)s;
	return false;
}

#endif
