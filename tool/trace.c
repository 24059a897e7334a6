/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "trace.h"
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

/* ---- The beginning of a line: TASK-PID [CPU] FLAGS TIME: or COMM PID [CPU] TIME: ---- */

/* The next "[NNN]" in @s; *after is what follows it. */
static bool next_cpu(char *s, unsigned *cpu, char **after)
{
	for (; (s = strchr(s, '[')); s++) {
		unsigned long n;

		if (!isdigit((unsigned char)s[1]))
			continue;
		n = strtoul(s + 1, after, 10);
		if (**after != ']' || n > UINT16_MAX)
			continue;
		*cpu = n;
		++*after;
		return true;
	}
	return false;
}

static bool last_cpu(char *s, unsigned *cpu, char **after)
{
	bool found = false;
	unsigned n;

	while (next_cpu(s, &n, &s)) {
		*cpu = n;
		*after = s;
		found = true;
	}
	return found;
}

/* Digits, as a number of nanoseconds where one of them is @unit. Returns what follows, or NULL. */
static const char *digits(const char *s, uint64_t unit, uint64_t *ns)
{
	if (!isdigit((unsigned char)*s))
		return NULL;
	for (*ns = 0; isdigit((unsigned char)*s); s++)
		if (__builtin_mul_overflow(*ns, 10, ns) ||
		    __builtin_add_overflow(*ns, (uint64_t)(*s - '0'), ns))
			return NULL;
	return __builtin_mul_overflow(*ns, unit, ns) ? NULL : s;
}

/* What is behind the point of seconds. */
static const char *fraction(const char *s, uint64_t *ns)
{
	uint64_t unit = 1000000000;

	if (!isdigit((unsigned char)*s))
		return NULL;
	for (; isdigit((unsigned char)*s); s++)
		if (__builtin_add_overflow(*ns, (*s - '0') * (unit /= 10), ns))
			return NULL;
	return s;
}

/*
 * The word before the colon that ends @s is a time stamp: seconds, or with other clocks a count.
 * The kernel counts in 64 bits; what does not fit was not printed by it.
 */
static bool time_stamp(const char *s, bool *seconds, uint64_t *ns)
{
	const char *stop = s + strlen(s), *word;

	while (stop > s && (stop[-1] == ' ' || stop[-1] == '\t'))
		stop--;
	if (stop == s || *--stop != ':')
		return false;
	for (word = stop; word > s && (isdigit((unsigned char)word[-1]) || word[-1] == '.');)
		word--;
	if (word == s || word[-1] != ' ')
		return false;
	*seconds = memchr(word, '.', stop - word);
	word = digits(word, *seconds ? 1000000000 : 1, ns);
	if (word && *seconds)
		word = *word == '.' ? fraction(word + 1, ns) : NULL;
	return word == stop;
}

/* ---- The rest of it: TYPE UNIT: QW0 QW1 QW2 QW3 ---- */

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

/* @rest is behind the event's name. @ended: the line had a newline. NULL, or what is wrong. */
static const char *parse_rest(struct parsed *p, char *rest, bool ended)
{
	char *type, *end;

	rest = words(skip_blanks(rest), &type, &p->unit);
	if (!rest)
		return "expected a type and a unit, as in \"iotlb_inv dmar0:\"";
	if (!quadwords(skip_blanks(rest), &p->desc, &end))
		return "expected four words as in \"0x100000014\"";
	/* Where the line has no end, digits of the last number may be missing; none follow a 0. */
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
	t->event[t->count++] = (struct trace_event){ p->desc, line, cpu, unit };
	if (p->seconds) {
		t->first = t->timed && t->first < p->ns ? t->first : p->ns;
		t->last = t->last > p->ns ? t->last : p->ns;
		t->timed = true;
	}
	return NULL;
}

/* Another event's line: its name, between the time stamp and a colon, is worth remembering. */
static bool other_event(struct trace *t, const struct input *in, char *line)
{
	char *name = NULL, *colon;
	bool seconds;
	unsigned cpu;
	uint64_t ns;
	size_t n;

	while (!name && next_cpu(line, &cpu, &line)) {
		colon = strstr(line, ": ");
		if (!colon)
			break;
		colon[1] = '\0';
		if (time_stamp(line, &seconds, &ns))
			name = skip_blanks(colon + 2);
		colon[1] = ' ';
	}
	if (!name)
		return false;
	n = strcspn(name, " ");
	if (n < 2 || name[n - 1] != ':' || n > TRACE_NAME) {
		/* A function's name, as of a function tracer; or what is left of an event's. */
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

/* The event's name as a word by itself, the last one in the line: task names may hold anything. */
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

/* In a torn line: does another event with CPU and time stamp stand before the last one? Cuts it. */
static bool holds_an_event(char *line)
{
	struct parsed p;
	char *event, *after;

	while ((event = find_event(line))) {
		*event = '\0';
		if (last_cpu(line, &p.cpu, &after) && time_stamp(after, &p.seconds, &p.ns))
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
	if (!last_cpu(line, &p.cpu, &after))
		what = "no CPU as in \"[003]\" before the event";
	else if (!time_stamp(after, &p.seconds, &p.ns) && other_event(t, in, line))
		return NULL; /* another event, whose text mentions this one */
	else if (!time_stamp(after, &p.seconds, &p.ns))
		what = "no time stamp as in \"13.434270:\" before the event";
	else if (holds_an_event(line))
		what = "two events in one line, of which at least one is torn";
	else
		what = parse_rest(&p, rest, in->ended);
	if (!what)
		return add_event(t, &p, in->line);
	damage(t, in->line, what);
	return NULL;
}

/* Returns what makes it impossible to go on, or NULL. */
static const char *read_line(struct trace *t, const struct input *in, char *line)
{
	char *event = *line == '#' ? NULL : find_event(line);
	unsigned cpu;
	uint64_t n;
	int end = 0;

	if (event)
		return read_event(t, in, line, event);
	if (sscanf(line, "CPU:%u [LOST %" SCNu64 " EVENTS]", &cpu, &n) == 2)
		t->lost += n;
	else if (sscanf(line, "CPU:%u [EVENTS DROPPED%n", &cpu, &end) == 1 && end)
		t->lost++; /* at least: the tracer does not know */
	else if (*line == '#' || !*skip_blanks(line) || other_event(t, in, line))
		return NULL;
	else if (!in->ended)
		damage(t, in->line, "the last line is cut off");
	else
		t->unknown++;
	return NULL;
}

/* ---- No event at all: what is it then, and what should it have been? ---- */

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
			 "; record with: trace-cmd record -e " SYSTEM "qi_submit, or echo 1 > "
			 "/sys/kernel/tracing/events/intel_iommu/qi_submit/enable");
}

bool trace_read(struct trace *t, const char *path, char *error, size_t size)
{
	const char *why = NULL;
	struct input in;
	char *line;

	memset(t, 0, sizeof(*t));
	if (!input_open(&in, path)) {
		snprintf(error, size, "%s", in.error);
		return false;
	}
	t->name = in.name;
	while (!why && (line = input_line(&in)))
		why = read_line(t, &in, line);
	t->lines = in.line;
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
