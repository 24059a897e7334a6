/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "trace.h"
#include "trace_line.h"
#include "trace_probe.h"
#include "input/input.h"

#include <ctype.h>
#include <describe/describe.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT "qi_submit:"
#define SYSTEM "intel_iommu:"

#define LIMIT(n) LIMIT_TEXT(n)
#define LIMIT_TEXT(n) #n

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static char *skip_blanks(char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

/* ---- the rest of the line: TYPE UNIT: QW0 QW1 QW2 QW3 ---- */

/* "0x" and up to 16 digits as the kernel prints them: no capitals, no leading zeros. */
static char *quadword(char *s, uint64_t *value)
{
	int digits = 0;

	if (!starts(s, "0x"))
		return NULL;
	*value = 0;
	for (s += 2; isdigit((unsigned char)*s) || (*s >= 'a' && *s <= 'f'); s++, digits++)
		*value = *value << 4 | (*s <= '9' ? *s - '0' : *s - 'a' + 10);
	return digits && digits <= 16 && (digits == 1 || s[-digits] != '0') ? s : NULL;
}

static bool quadwords(char *s, struct qi_desc *d, char **end)
{
	uint64_t *qw[] = { &d->qw0, &d->qw1, &d->qw2, &d->qw3 };

	for (int i = 0; i < 4; i++) {
		if (i && *s++ != ' ')
			return false;
		s = quadword(s, qw[i]);
		if (!s)
			return false;
	}
	*end = s;
	return true;
}

/* The kernel prints types that it has no word for as numbers. */
static bool type_matches(const char *word, const struct qi_desc *d)
{
	const char *name = qi_type_trace_name(d->qw0 & 0xf);
	char number[8];

	snprintf(number, sizeof(number), "0x%x", (unsigned)(d->qw0 & 0xf));
	return !strcmp(word, name ? name : number);
}

/* Cut the words TYPE and UNIT out of @s. Returns what follows, or NULL. */
static char *words(char *s, char **type, char **unit)
{
	*type = s;
	s += strcspn(s, " ");
	if (!*s || s == *type)
		return NULL;
	*s++ = '\0';
	*unit = s;
	s += strcspn(s, ": ");
	if (s == *unit || s - *unit >= TRACE_NAME || s[0] != ':' || s[1] != ' ')
		return NULL;
	*s = '\0';
	return s + 2;
}

struct parsed {
	unsigned cpu;
	bool seconds; /* ns is the time */
	uint64_t ns;
	char *unit;
	struct qi_desc desc;
};

/*
 * @rest follows the event's name. @ended: the line had a newline. Returns NULL, or what is wrong.
 */
static const char *parse_rest(struct parsed *p, char *rest, bool ended)
{
	char *type, *end;

	rest = words(skip_blanks(rest), &type, &p->unit);
	if (!rest)
		return "expected a type and a unit, as in \"iotlb_inv dmar0:\"";
	if (!quadwords(skip_blanks(rest), &p->desc, &end))
		return "expected four words as in \"0x100000014\"";
	/*
	 * If the line was cut, digits of the last number may be missing; but no digit follows a 0.
	 */
	if (*skip_blanks(end) || (!ended && !*end && p->desc.qw3))
		return "expected the line's end after the fourth word";
	if (!type_matches(type, &p->desc))
		return "the type's name and the first word do not agree";
	return NULL;
}

/* ---- Gathering ---- */

static bool room(void **array, size_t count, size_t size)
{
	void *more;

	if (count & (count - 1)) /* grows at the powers of two */
		return true;
	more = realloc(*array, (count ? 2 * count : 1) * size);
	if (more)
		*array = more;
	return more;
}

static int find_unit(struct trace *t, const char *name)
{
	for (unsigned i = 0; i < t->units; i++)
		if (!strcmp(t->unit[i], name))
			return i;
	if (t->units == TRACE_UNITS)
		return -1;
	strcpy(t->unit[t->units], name);
	return t->units++;
}

static int find_cpu(struct trace *t, unsigned number)
{
	for (unsigned i = 0; i < t->cpus; i++)
		if (t->cpu[i] == number)
			return i;
	if (!room((void **)&t->cpu, t->cpus, sizeof(*t->cpu)))
		return -1;
	t->cpu[t->cpus] = number;
	return t->cpus++;
}

static void damage(struct trace *t, uint32_t line, const char *what)
{
	if (t->damaged < TRACE_NOTES)
		t->note[t->damaged] = (struct trace_note){ line, what };
	t->damaged++;
}

static const char *add_event(struct trace *t, const struct parsed *p, uint32_t line)
{
	int cpu = find_cpu(t, p->cpu), unit = find_unit(t, p->unit);

	if (unit < 0)
		return "more than " LIMIT(TRACE_UNITS) " units; replay the trace in parts";
	if (cpu < 0 || !room((void **)&t->event, t->count, sizeof(*t->event)))
		return "out of memory";
	t->event[t->count++] =
		(struct trace_event){ p->desc, p->ns, LIVE_UNKNOWN, line, cpu, unit };
	if (p->seconds) {
		t->first = t->timed && t->first < p->ns ? t->first : p->ns;
		t->last = t->last > p->ns ? t->last : p->ns;
		t->timed = true;
	}
	return NULL;
}

/* ---- Calls ---- */

/* A drain has no tracepoint event. It becomes an event of a wait. */
static void add_drain(struct trace *t, const struct live_call *c)
{
	struct parsed p = { .cpu = c->cpu, .seconds = true, .ns = c->at };
	char unit[LIVE_UNIT];

	if (!*c->unit || t->read >= UINT32_MAX)
		return;
	strcpy(unit, c->unit);
	p.unit = unit;
	p.desc = qi_desc_wait(QI_IWD_SW | (c->options & 1 ? QI_IWD_PD : 0), 0, 0);
	if (add_event(t, &p, t->read))
		return;
	t->event[t->count - 1].took = c->took;
	t->drains++;
}

static void take_call(void *ctx, const struct live_call *c, uint64_t tag)
{
	struct trace *t = ctx;

	t->calls += c->took != LIVE_UNKNOWN;
	if (c->took != LIVE_UNKNOWN && !c->count)
		add_drain(t, c);
	else if (c->count == 1 && tag < t->count && !c->ret)
		t->event[tag].took = c->took;
	if (t->want)
		t->want->call(t->want->ctx, c);
}

/* A qi_submit event, as a part of its call. */
static void insert(struct trace *t, char *line, const struct parsed *p)
{
	const struct live_desc d = { p->desc.qw0, p->desc.qw1 };
	struct pairing_at at = { .ns = p->ns, .cpu = p->cpu };

	trace_line_task(line, &at.pid);
	pairing_insert(&t->pairing, &at, p->unit, &d, t->count - 1);
}

/* True if @line is an entry or a return. *why is set if reading cannot continue. */
static bool read_probe(struct trace *t, char *line, const char **why)
{
	struct trace_probe p;
	uint64_t caller;

	if (!trace_probe_read(line, &p))
		return false;
	if (p.leave) {
		caller = t->want && *p.caller ? t->want->caller(t->want->ctx, p.caller) : 0;
		pairing_leave(&t->pairing, &p.at, p.ret, caller);
	} else if (!pairing_enter(&t->pairing, &p.at, p.iommu, p.count, p.options)) {
		*why = "out of memory";
	}
	return true;
}

/*
 * Another event's line. Its name, between the time stamp and a colon, is remembered for messages.
 */
static bool other_event(struct trace *t, const struct input *in, char *line)
{
	char *name = NULL, *colon;
	bool seconds;
	unsigned cpu;
	uint64_t ns;
	size_t n;

	while (!name && trace_line_next_cpu(line, &cpu, &line)) {
		colon = strstr(line, ": ");
		if (!colon)
			break;
		colon[1] = '\0';
		if (trace_line_time(line, &seconds, &ns))
			name = skip_blanks(colon + 2);
		colon[1] = ' ';
	}
	if (!name)
		return false;
	n = strcspn(name, " ");
	if (n < 2 || name[n - 1] != ':' || n > TRACE_NAME) {
		/* A line of a function tracer, or the rest of a torn event. */
		t->foreign += in->ended;
		return in->ended;
	}
	t->foreign++;
	name[n - 1] = '\0';
	for (unsigned i = 0; i < t->others; i++)
		if (!strcmp(t->other[i], name))
			return true;
	if (t->others < TRACE_FOREIGN)
		strcpy(t->other[t->others++], name);
	return true;
}

/* The last word of the line that is the event's name. Task names may contain anything. */
static char *find_event(char *line)
{
	char *found = NULL;

	for (char *s = line; (s = strstr(s, EVENT)); s++) {
		size_t before = s - line;
		bool system = before >= strlen(SYSTEM) && starts(s - strlen(SYSTEM), SYSTEM);
		char *word = system ? s - strlen(SYSTEM) : s;

		if (word == line || word[-1] == ' ' || word[-1] == '\t')
			found = word;
	}
	return found;
}

/*
 * True if a torn line has another event, with CPU and time stamp, before the last one. Changes the
 * line.
 */
static bool holds_an_event(char *line)
{
	struct parsed p;
	char *event, *after;

	while ((event = find_event(line))) {
		*event = '\0';
		if (trace_line_cpu(line, &p.cpu, &after) &&
		    trace_line_time(after, &p.seconds, &p.ns))
			return true;
	}
	return false;
}

static const char *read_event(struct trace *t, const struct input *in, char *line, char *event)
{
	char *rest = strstr(event, EVENT) + strlen(EVENT), *after;
	struct parsed p;
	const char *what;

	*event = '\0';
	if (!trace_line_cpu(line, &p.cpu, &after))
		what = "no CPU as in \"[003]\" before the event";
	else if (!trace_line_time(after, &p.seconds, &p.ns) && other_event(t, in, line))
		return NULL; /* another event, whose text mentions this one */
	else if (!trace_line_time(after, &p.seconds, &p.ns))
		what = "no time stamp as in \"13.434270:\" before the event";
	else if (holds_an_event(line))
		what = "two events in one line, of which at least one is torn";
	else
		what = parse_rest(&p, rest, in->ended);
	if (what) {
		damage(t, in->line, what);
		return NULL;
	}
	what = add_event(t, &p, in->line);
	if (!what)
		insert(t, line, &p);
	return what;
}

static void lost(struct trace *t, uint64_t n)
{
	t->lost += n;
	pairing_lost(&t->pairing);
}

/* Returns why reading cannot continue, or NULL. */
static const char *read_line(struct trace *t, const struct input *in, char *line)
{
	char *event = *line == '#' ? NULL : find_event(line);
	const char *why = NULL;
	unsigned cpu;
	uint64_t n;
	int end = 0;

	t->read = in->line;
	if (event)
		return read_event(t, in, line, event);
	if (*line != '#' && in->ended && read_probe(t, line, &why))
		return why;
	if (sscanf(line, "CPU:%u [LOST %" SCNu64 " EVENTS]", &cpu, &n) == 2)
		lost(t, n);
	else if (sscanf(line, "CPU:%u [EVENTS DROPPED%n", &cpu, &end) == 1 && end)
		lost(t, 1); /* at least one; the tracer does not know the number */
	else if (*line == '#' || !*skip_blanks(line) || other_event(t, in, line))
		return NULL;
	else if (!in->ended)
		damage(t, in->line, "the last line is cut off");
	else
		t->unknown++;
	return NULL;
}

/* ---- lines that are not events ---- */

static void explain(const struct trace *t, char *error, size_t size)
{
	int n;

	if (!t->lines) {
		snprintf(error, size,
			 "%s: the file is empty; expected a trace of " SYSTEM "qi_submit", t->name);
		return;
	}
	if (t->damaged) {
		snprintf(error, size, "%s:%u: %s; no undamaged qi_submit event in the file",
			 t->name, t->note[0].line, t->note[0].what);
		return;
	}
	n = snprintf(error, size, "%s: no qi_submit event in %u line%s", t->name, t->lines,
		     t->lines == 1 ? "" : "s");
	for (unsigned i = 0; i < t->others && n < (int)size; i++)
		n += snprintf(error + n, size - n, "%s%s", i ? ", " : ", but ", t->other[i]);
	if (n < (int)size)
		snprintf(error + n, size - n,
			 "; record with: qinval record, trace-cmd record -e " SYSTEM
			 "qi_submit, or echo 1 > "
			 "/sys/kernel/tracing/events/intel_iommu/qi_submit/enable");
}

bool trace_read(struct trace *t, const char *path, char *error, size_t size)
{
	return trace_read_calls(t, path, NULL, error, size);
}

bool trace_read_calls(struct trace *t, const char *path, const struct trace_calls *want,
		      char *error, size_t size)
{
	const char *why = NULL;
	struct input in;
	char *line;

	memset(t, 0, sizeof(*t));
	t->want = want;
	pairing_init(&t->pairing, take_call, t);
	if (!input_open(&in, path)) {
		snprintf(error, size, "%s", in.error);
		return false;
	}
	t->name = in.name;
	while (!why && (line = input_line(&in)))
		why = read_line(t, &in, line);
	t->lines = in.line;
	pairing_lost(&t->pairing); /* what was under way at the end */
	t->untimed = t->pairing.untimed;
	pairing_free(&t->pairing);
	input_close(&in);
	if (why)
		snprintf(error, size, "%s:%u: %s", t->name, in.line, why);
	else if (in.error[0])
		snprintf(error, size, "%s", in.error);
	else if (!t->count)
		explain(t, error, size);
	else
		return true;
	return false;
}

void trace_align(struct trace *t)
{
	for (size_t i = 0; i < t->count; i++)
		t->unaligned += qi_desc_align(&t->event[i].desc);
}

void trace_free(struct trace *t)
{
	free(t->event);
	free(t->cpu);
}
