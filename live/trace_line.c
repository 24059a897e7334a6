/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "trace_line.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool trace_line_next_cpu(char *s, unsigned *cpu, char **after)
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

bool trace_line_cpu(char *s, unsigned *cpu, char **after)
{
	bool found = false;
	unsigned n;

	while (trace_line_next_cpu(s, &n, &s)) {
		*cpu = n;
		*after = s;
		found = true;
	}
	return found;
}

/* Parse a number that counts @unit nanoseconds. Returns what follows, or NULL. */
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

/* Parse the digits after the decimal point of seconds, and add them to *@ns. */
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

bool trace_line_time(const char *s, bool *seconds, uint64_t *ns)
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

/*
 * Go back from @s, at most to @start, over blanks and the task's group, to the end of the number.
 */
static const char *before(const char *start, const char *s)
{
	while (s > start && (s[-1] == ' ' || s[-1] == '\t'))
		s--;
	if (s > start && s[-1] == ')') /* "(  123)", "(-------)" */
		while (s > start && *--s != '(')
			;
	while (s > start && s[-1] == ' ')
		s--;
	return s;
}

bool trace_line_task(char *s, uint32_t *pid)
{
	const char *stop, *digit;
	unsigned cpu;
	char *after;

	if (!trace_line_cpu(s, &cpu, &after))
		return false;
	while (*--after != '[')
		;
	stop = before(s, after);
	for (digit = stop; digit > s && isdigit((unsigned char)digit[-1]);)
		digit--;
	*pid = strtoul(digit, NULL, 10);
	return digit < stop;
}
