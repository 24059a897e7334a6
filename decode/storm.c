/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "storm.h"

#include <string.h>

/* Lines of each kind that are read before counting begins: as many as a finding keeps. */
#define LEARNT 16
#define MARK_WITHIN 90 /* the most bytes before the driver's mark */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int hex(char c)
{
	return is_digit(c)	      ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* Numbers with so many digits are addresses and the like, which do not define the kind. */
#define PLACE_DIGITS 5
#define TIME_WITHIN 64 /* the most bytes before the kernel's time: a date, a host name */

/* The driver's mark, with only prefixes of loggers before it; NULL: none. */
static const char *mark(const char *line, size_t size)
{
	const char *end = line + (size < MARK_WITHIN ? size : MARK_WITHIN);

	/* memmem() would build a table first, which costs more than searching the line. */
	for (const char *s = line; end - s >= 6 && (s = memchr(s, 'D', (size_t)(end - s - 5))); s++)
		if (!memcmp(s, "DMAR: ", 6))
			return s;
	return NULL;
}

/*
 * A complete fault: "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x7cd80000
 * [fault reason 0x06] ...", "... fault addr 7cd80000 [fault reason 06] ..." until Linux 5.12, or
 * the line about the fault status. *address: where its address is.
 */
static bool is_fault(const char *s, const char *end, const char **address)
{
	static const char status[] = "DRHD: handling fault status reg ";
	const char *at;

	*address = NULL;
	if ((size_t)(end - s) > strlen(status) && !memcmp(s, status, strlen(status)))
		return true;
	if (end - s < 60 || *s != '[' || (memcmp(s, "[DMA ", 5) && memcmp(s, "[INTR-REMAP", 11)))
		return false;
	at = memmem(s, (size_t)(end - s), "fault addr ", 11);
	if (!at)
		return false;
	at += 11;
	at += end - at > 2 && at[0] == '0' && at[1] == 'x' ? 2 : 0;
	*address = at;
	at = memchr(at, ' ', (size_t)(end - at));
	return at && end - at > 16 && !memcmp(at, " [fault reason ", 15) &&
	       memchr(at, ']', (size_t)(end - at));
}

static uint64_t add(uint64_t hash, const char *s, const char *end)
{
	uint64_t word;

	for (; end - s >= 8; s += 8) {
		memcpy(&word, s, 8);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 29;
	}
	for (; s < end; s++)
		hash = (hash ^ (unsigned char)*s) * 0x100000001b3;
	return hash;
}

/* Add what comes before the mark, without times and the like. */
static uint64_t add_prefix(uint64_t hash, const char *s, const char *end)
{
	for (; s < end; s++)
		if (!is_digit(*s) && *s != ' ')
			hash = (hash ^ (unsigned char)*s) * 0x100000001b3;
	return hash;
}

/* True if a debugging kernel prints the tables after the fault: then the fault is read. */
static bool dump_follows(const char *next, const char *end, size_t before)
{
	return (size_t)(end - next) > before + 8 && !memcmp(next + before, "Dump ", 5);
}

static struct storm_kind *known(struct storm *s, uint64_t hash)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->kind[i].hash == hash)
			return &s->kind[i];
	return NULL;
}

static struct storm_kind *kind_of(struct storm *s, uint64_t hash)
{
	struct storm_kind *old = known(s, hash);

	if (old)
		return old;
	if (s->n == STORM_KINDS)
		return NULL;
	memset(&s->kind[s->n], 0, sizeof(s->kind[s->n]));
	s->kind[s->n].hash = hash;
	return &s->kind[s->n++];
}

static void keep(struct storm_kind *k, enum storm_line which, const char *line, size_t size,
		 uint64_t number)
{
	memcpy(k->text[which], line, size);
	k->size[which] = size;
	k->number[which] = number;
}

static void count(struct storm_kind *k, const char *line, size_t size, uint64_t number,
		  uint64_t address)
{
	if (!k->count || address < k->least) {
		k->least = address;
		keep(k, STORM_LOW, line, size, number);
	}
	if (!k->count || address > k->most) {
		k->most = address;
		keep(k, STORM_HIGH, line, size, number);
	}
	keep(k, STORM_LAST, line, size, number);
	k->count++;
}

/* The end of syslog's "Jan 25 12:00:00 " or "2024-01-25T12:00:00.123+01:00 ". */
static const char *behind_date(const char *s, const char *end)
{
	const char *blank;

	if (end - s > 20 && s[9] == ':' && s[12] == ':' && s[3] == ' ')
		return s + 15;
	if (end - s < 30 || s[4] != '-' || s[7] != '-' || s[13] != ':')
		return s;
	blank = memchr(s + 16, ' ', 20);
	return blank && blank < end ? blank : s;
}

/* The kernel's time, "[   12.345678]", near the beginning; *end is after it. NULL: none. */
static const char *kernel_time(const char *s, const char **end)
{
	const size_t near = *end - s < TIME_WITHIN ? (size_t)(*end - s) : TIME_WITHIN;
	const char *open = memchr(s, '[', near), *t = open;

	while (t && ++t < *end && (is_digit(*t) || *t == ' ' || *t == '.' || *t == '+'))
		;
	if (!t || t == *end || *t != ']' || !is_digit(t[-1]))
		return NULL;
	*end = t + 1;
	return open;
}

/*
 * A hash of the line without its times and without numbers that are long enough for addresses;
 * *place is the first of these numbers.
 */
static uint64_t shape(const char *s, const char *end, uint64_t *place)
{
	uint64_t hash = 0xcbf29ce484222325;
	const char *from = behind_date(s, end), *behind = end;
	const char *time = kernel_time(from, &behind);
	bool placed = false;

	*place = 0;
	if (time) {
		hash = add(hash, from, time);
		from = behind;
	}
	for (const char *x = from; (x = memchr(x, 'x', (size_t)(end - x))); x++) {
		const char *t = x + 1;
		uint64_t value = 0;

		if (x == from || x[-1] != '0')
			continue;
		for (; t < end && hex(*t) >= 0; t++)
			value = value << 4 | (unsigned)hex(*t);
		if (t - x <= PLACE_DIGITS)
			continue;
		*place = placed ? *place : value;
		placed = true;
		hash = add(hash, from, x);
		from = x = t;
		if (x == end)
			break;
	}
	return add(hash, from, end);
}

/* The kind of a complete fault of Linux; NULL: it is none, or has to be read. */
static struct storm_kind *fault_kind(struct storm *s, const char *line, size_t size,
				     const char *next, const char *end, uint64_t *value)
{
	const char *body = mark(line, size), *address, *behind;
	uint64_t hash;

	if (!body)
		return NULL;
	body += 6;
	if (!is_fault(body, line + size, &address) ||
	    dump_follows(next, end, (size_t)(body - line)) ||
	    memmem(line, (size_t)(body - line), "repeated", 8))
		return NULL;
	hash = add_prefix(0xcbf29ce484222325, line, body);
	behind = address;
	if (address) {
		while (hex(*behind) >= 0)
			*value = *value << 4 | (unsigned)hex(*behind++);
		if (behind == address || behind - address > 16 || *behind != ' ')
			return NULL;
		hash = add(hash, body, address);
		/* Addresses with a meaning of their own form kinds of their own. */
		hash ^= *value < 0x1000 ? 1 : *value >> 20 == 0xfee ? 2 : 0;
	}
	hash = add(hash, address ? behind : body, line + size);
	return kind_of(s, hash);
}

bool storm_take(struct storm *s, const char *line, size_t size, uint64_t number, const char *next,
		const char *end)
{
	struct storm_kind *k;
	uint64_t value = 0;

	if (size >= STORM_LINE)
		return false;
	k = fault_kind(s, line, size, next, end, &value);
	if (k ? k->seen++ < LEARNT : !s->learnt)
		return false;
	if (!k)
		k = known(s, shape(line, line + size, &value));
	if (!k || k->seen < LEARNT)
		return false;
	count(k, line, size, number, value);
	s->last = k;
	return true;
}

void storm_again(struct storm *s, uint64_t number, uint64_t times)
{
	if (s->last && s->last->number[STORM_LAST] + 1 == number)
		s->last->count += times;
}

void storm_learn(struct storm *s, const char *line, size_t size)
{
	uint64_t place;
	struct storm_kind *k;

	if (size >= STORM_LINE)
		return;
	k = kind_of(s, shape(line, line + size, &place));
	if (!k)
		return;
	k->seen++;
	s->learnt = true;
}

bool storm_next(struct storm *s, const char **line, size_t *size, uint64_t *number, uint64_t *times)
{
	for (; s->at < s->n; s->at++, s->line = 0) {
		struct storm_kind *k = &s->kind[s->at];
		unsigned left = 0;

		while (k->count && s->line < STORM_LINES) {
			const unsigned which = s->line++;
			bool again = false;

			for (unsigned i = 0; i < STORM_LINES; i++) {
				again |= i < which && k->number[i] == k->number[which];
				left += i > which && k->number[i] != k->number[which];
			}
			if (again) {
				left = 0;
				continue;
			}
			/* The first line represents all but the other two. */
			if (which == 0 && left == 2 && k->number[1] == k->number[2])
				left = 1;
			*times = which == 0 ? k->count - left : 1;
			*line = k->text[which];
			*size = k->size[which];
			*number = k->number[which];
			return true;
		}
	}
	for (unsigned i = 0; i < s->n; i++)
		s->kind[i].count = 0;
	s->at = s->line = 0;
	return false;
}
