/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "setup.h"

static const char letters[] = "  fiut"; /* indexed by enum move_kind; MOVE_RUN has no letter */

/*
 * a12      actor a, the first one declared, performs twelve operations
 * a12+3+7  of these, counted from 0, the third and the seventh go into the store buffer
 * a12=1    the first is a choice: 1
 * fa       the oldest store of a's CPU takes effect
 * ia5      handler a starts, and performs five operations
 * u, u1,0  the unit does a piece of work, with these choices
 * uB1,0    the second unit does
 * t        the clock jumps
 * :        from here on every schedule fails
 * @        the rest is repeated for ever
 * /26      the number of steps, to detect a truncated text
 *
 * Shells give none of these characters a special meaning.
 */
static void print_step(const struct script_step *s, FILE *to)
{
	unsigned i;

	if (s->move.kind != MOVE_RUN)
		putc(letters[s->move.kind], to);
	if (s->move.kind <= MOVE_INTERRUPT)
		putc('A' + s->move.actor, to);
	if (s->move.kind == MOVE_RUN || s->move.kind == MOVE_INTERRUPT)
		fprintf(to, "%u", s->script.ops);
	for (i = 0; i < s->script.nbuffered; i++)
		fprintf(to, "+%u", s->script.buffered[i]);
	if (s->move.kind == MOVE_RUN && s->move.nchoices)
		fprintf(to, "=%u", s->move.choice[0]);
	if (s->move.kind != MOVE_UNIT)
		return;
	if (s->move.unit)
		putc('A' + s->move.unit, to);
	for (i = 0; i < s->move.nchoices; i++)
		fprintf(to, "%s%u", i ? "," : "", s->move.choice[i]);
}

void script_print(const struct script_run *run, FILE *to)
{
	static const char marks[] = ".:@";
	unsigned i;

	for (i = 0; i < run->n; i++) {
		bool same = i && run->step[i - 1].chapter == run->step[i].chapter;

		if (i || run->step[i].chapter)
			putc(same ? '.' : marks[run->step[i].chapter], to);
		print_step(&run->step[i], to);
	}
	fprintf(to, "/%u", run->n);
}

/* ---- parsing ---- */

static bool parse_number(const char **text, unsigned most, unsigned *n)
{
	char *end;
	unsigned long value;

	if (**text < '0' || **text > '9')
		return false;
	value = strtoul(*text, &end, 10);
	*text = end;
	*n = (unsigned)value;
	return value <= most;
}

static bool parse_actor(const char **text, struct move *m)
{
	unsigned actor = (unsigned)(**text - 'A');

	if (actor >= machine.nactors)
		return false;
	++*text;
	m->actor = (uint8_t)actor;
	return true;
}

static bool parse_run(const char **text, struct script_step *s)
{
	unsigned n;

	if (!parse_actor(text, &s->move) || !parse_number(text, 2 * MANY_OPS, &s->script.ops))
		return false;
	while (**text == '+') {
		++*text;
		if (s->script.nbuffered == SCRIPT_BUFFERED || !parse_number(text, UINT16_MAX, &n))
			return false;
		s->script.buffered[s->script.nbuffered++] = (uint16_t)n;
	}
	if (**text != '=')
		return true;
	++*text;
	s->move.nchoices = 1;
	if (!parse_number(text, UINT8_MAX, &n))
		return false;
	s->move.choice[0] = (uint8_t)n;
	return true;
}

static bool parse_unit(const char **text, struct move *m)
{
	unsigned n;

	if (**text >= 'A' && **text <= 'Z')
		m->unit = (uint8_t)(*(*text)++ - 'A');
	if (m->unit >= machine.nunits)
		return false;
	while (**text >= '0' && **text <= '9') {
		if (m->nchoices == MOVE_CHOICES || !parse_number(text, UINT8_MAX, &n))
			return false;
		m->choice[m->nchoices++] = (uint8_t)n;
		if (**text == ',')
			++*text;
	}
	return true;
}

static bool parse_step(const char **text, struct script_step *s)
{
	char letter = **text;

	s->move.actor = LAB_THE_UNIT;
	if (letter >= 'A' && letter <= 'Z') {
		s->move.kind = MOVE_RUN;
		return parse_run(text, s);
	}
	++*text;
	switch (letter) {
	case 'f':
		s->move.kind = MOVE_FLUSH;
		return parse_actor(text, &s->move);
	case 'i':
		s->move.kind = MOVE_INTERRUPT;
		return parse_run(text, s);
	case 'u':
		s->move.kind = MOVE_UNIT;
		return parse_unit(text, &s->move);
	case 't':
		s->move.kind = MOVE_TICK;
		return true;
	default:
		return false;
	}
}

static const char *parse_end(const char *text, unsigned steps)
{
	unsigned n;

	if (*text++ != '/' || !parse_number(&text, UINT32_MAX, &n) || *text || n != steps)
		return "the token is cut, or damaged: it is to end with the number of its steps";
	return n ? NULL : "the token has no steps";
}

const char *script_parse(const char *text, struct script_run *out)
{
	enum chapter chapter = CHAPTER_STORY;

	*out = (struct script_run){ .room = (unsigned)strlen(text) + 1 };
	out->step = calloc(out->room, sizeof(*out->step));
	if (!out->step)
		return "out of memory";
	while (*text && *text != '/') {
		struct script_step *s = &out->step[out->n];

		if (*text == '.' || *text == ':' || *text == '@') {
			if (*text != '.')
				chapter = *text == ':' ? CHAPTER_DOOMED : CHAPTER_SPIN;
			text++;
			continue;
		}
		s->chapter = (uint8_t)chapter;
		if (!parse_step(&text, s))
			return "the token is damaged: a step of it makes no sense";
		out->n++;
	}
	return parse_end(text, out->n);
}

/* ---- building a run step by step ---- */

struct script_step *script_add(struct script_run *run, const struct move *m, enum chapter chapter)
{
	if (run->n == run->room) {
		unsigned room = run->room ? 2 * run->room : 64;
		struct script_step *more = realloc(run->step, room * sizeof(*more));

		if (!more)
			return NULL;
		run->step = more;
		run->room = room;
	}
	run->step[run->n] = (struct script_step){ .move = *m, .chapter = (uint8_t)chapter };
	return &run->step[run->n++];
}

bool script_add_start(struct script_run *run)
{
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		struct move m = { .kind = MOVE_RUN, .actor = (uint8_t)i };

		if (!machine.info[i].handler && !script_add(run, &m, CHAPTER_STORY))
			return false;
	}
	return true;
}

static struct script *noted;

static void note(const struct observation *o)
{
	if (o->kind != SEEN_OP || !o->buffered || noted->nbuffered == SCRIPT_BUFFERED)
		return;
	noted->buffered[noted->nbuffered++] = (uint16_t)machine.ops;
}

enum outcome script_note(struct script_step *s)
{
	enum outcome outcome;

	noted = &s->script;
	noted->nbuffered = 0;
	machine.observe = note;
	outcome = machine_make(&s->move);
	machine.observe = NULL;
	noted->ops = machine.ops;
	/* The move was made all the same. */
	return outcome == MOVE_PROMOTED ? MOVE_DONE : outcome;
}

/* ---- replaying a run ---- */

/* False if the move is impossible here, as in a token of another build. */
static bool is_possible(const struct move *m)
{
	switch (m->kind) {
	case MOVE_RUN:
		return machine_can_run(m->actor);
	case MOVE_FLUSH:
		return machine_control()->buffer[m->actor].n;
	case MOVE_INTERRUPT:
		return machine_can_interrupt(m->actor);
	case MOVE_TICK:
		return machine_can_tick();
	default:
		return true;
	}
}

enum outcome script_make(const struct script_run *run,
			 void (*announce)(const struct script_step *s), unsigned *at)
{
	enum outcome outcome = MOVE_DONE;
	unsigned i;

	setup_again();
	machine_prepare();
	lab_memory.learning = true;
	for (i = 0; i < run->n && outcome == MOVE_DONE; i++) {
		struct move m = run->step[i].move;

		if (!is_possible(&m)) {
			outcome = MOVE_NOTHING;
			break;
		}
		if (announce)
			announce(&run->step[i]);
		machine.script = &run->step[i].script;
		outcome = machine_make(&m);
		machine.script = NULL;
	}
	*at = i;
	return outcome;
}
