/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The beginning of a line: what mail, lists and loggers put before a record. */
#include "line.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- prefixes ---- */

static const char *blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

/* "- `", "* [  1.5]", "3. `": marks of a list, before text that can only be a log's. */
static const char *list_mark(const char *s)
{
	const char *t = s + strspn(s, "0123456789");

	if (t > s && t < s + 4 && (*t == '.' || *t == ')'))
		t++;
	else if (t == s && strchr("-*+", *s) && *s)
		t++;
	else
		return *s == '`' ? s + strspn(s, "`") : NULL;
	if (*t != ' ')
		return NULL;
	t = blanks(t);
	if (*t == '`')
		return t + strspn(t, "`");
	return (*t == '[' && strspn(t + 1, " 0123456789") && strchr(t, ']')) ||
			       !strncmp(t, "DMAR", 4)
		       ? t
		       : NULL;
}

const char *line_unquoted(const char *s)
{
	const char *mark;

	for (;; s++) {
		if (*s == '&' && !strncmp(s, "&gt;", 4))
			s += 3;
		else if (*s != '>' && *s != '|' && *s != ' ' && *s != '\t')
			break;
	}
	mark = list_mark(s);
	return mark ? mark : s;
}

/* "<4>" */
static const char *level(const char *s)
{
	const char *t = s + 1;

	if (*s != '<')
		return NULL;
	while (isdigit((unsigned char)*t) && t < s + 4)
		t++;
	return *t == '>' && t > s + 1 ? t + 1 : NULL;
}

/* "4211.433662": like strtod(), but ten times as fast. NULL: something else. */
static const char *seconds(const char *s, double *value)
{
	double whole = 0, part = 0, unit = 1;
	const char *t = s;

	for (; isdigit((unsigned char)*t); t++)
		whole = whole * 10 + (*t - '0');
	if (t == s || *t != '.')
		return NULL;
	for (s = ++t; isdigit((unsigned char)*t); t++) {
		part = part * 10 + (*t - '0');
		unit *= 10;
	}
	*value = whole + part / unit;
	return t > s ? t : NULL;
}

/* "T439", "C3": the caller that prints, in a kernel with CONFIG_PRINTK_CALLER. */
static const char *caller(const char *s, uint64_t *who)
{
	uint64_t number = 0;
	const char *t = s + 1;

	if (*s != 'T' && *s != 'C')
		return NULL;
	for (; isdigit((unsigned char)*t); t++)
		number = number * 10 + (uint64_t)(*t - '0');
	if (t == s + 1)
		return NULL;
	*who = (uint64_t)(unsigned char)*s << 56 | number;
	return t;
}

static unsigned two(const char *s)
{
	return (unsigned)(s[0] - '0') * 10 + (unsigned)(s[1] - '0');
}

static bool is_clock(const char *s, size_t n)
{
	return n >= 8 && isdigit((unsigned char)s[0]) && isdigit((unsigned char)s[1]) &&
	       s[2] == ':' && isdigit((unsigned char)s[3]) && isdigit((unsigned char)s[4]) &&
	       s[5] == ':' && isdigit((unsigned char)s[6]) && isdigit((unsigned char)s[7]);
}

/* Add a word of a date to its seconds. Months have 31 days, as only the order matters. */
static void date_add(struct line_stamp *stamp, const char *s, size_t n)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *t = memchr(s, 'T', n), *month;
	char name[4] = "";
	double part = 0;

	if (n == 3) {
		memcpy(name, s, 3);
		month = strstr(months, name);
		if (month)
			stamp->date += (double)(month - months) / 3 * 31 * 86400;
	} else if (n <= 2) {
		stamp->date += atoi(s) * 86400.0;
	} else if (is_clock(s, n)) {
		stamp->date += two(s) * 3600 + two(s + 3) * 60 + two(s + 6);
		if (n > 9 && s[8] == '.')
			seconds(s + 7, &part);
		stamp->date += part - (double)(int)part;
		stamp->dated = true;
	} else if (n >= 10 && s[4] == '-' && s[7] == '-') {
		stamp->date += ((atoi(s) - 2000) * 372.0 + two(s + 5) * 31.0 + two(s + 8)) * 86400;
		if (t)
			date_add(stamp, t + 1, n - (size_t)(t + 1 - s));
	}
}

/* `dmesg -T`: "Thu Jan 25 12:00:00 2024" */
static void calendar(struct line_stamp *stamp, const char *s, const char *end)
{
	for (size_t n; s < end; s += n, s = blanks(s)) {
		n = strcspn(s, " \t]");
		if (!n)
			break;
		if (n == 4)
			stamp->date += (atoi(s) - 2000) * 372.0 * 86400;
		else
			date_add(stamp, s, n);
	}
}

/* "[  4211.433662]", "[Thu Jan 25 12:00:00 2024]", "[    T439]", "[   C3]" */
static const char *bracket(const char *s, struct line_stamp *stamp)
{
	const char *close, *t;
	uint64_t who;
	double value;

	if (*s != '[')
		return NULL;
	close = strchr(s, ']');
	t = blanks(s + 1);
	if (!close || close - s > 40 || close == t)
		return NULL;
	if (seconds(t, &value) == close) {
		stamp->timed = true;
		stamp->time = value;
		return close + 1;
	}
	if (caller(t, &who) == close) {
		stamp->caller = who;
		return close + 1;
	}
	/* `dmesg -H`: "[Jan25 12:00]", then "[  +0.000004]" for the following lines. */
	if (*t == '+' && seconds(t + 1, &value) == close)
		return close + 1;
	if (isupper((unsigned char)t[0]) && islower((unsigned char)t[1]) &&
	    islower((unsigned char)t[2]) && (close[-3] == ':' && isdigit((unsigned char)close[-1])))
		return close + 1;
	/* A date contains a time of day; no PCI address has two colons between blanks. */
	for (; t < close; t++)
		if (isdigit((unsigned char)t[0]) && t[1] == ':' && isdigit((unsigned char)t[2]) &&
		    isdigit((unsigned char)t[3]) && t[4] == ':' && isdigit((unsigned char)t[5])) {
			calendar(stamp, s + 1, close);
			return close + 1;
		}
	return NULL;
}

/* `dmesg -x`: "kern  :err   : " */
static const char *facility(const char *s)
{
	static const char *const names[] = { "kern", "user", "daemon", "syslog", "auth" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *t;

		if (*s != *names[i] || strncmp(s, names[i], strlen(names[i])))
			continue;
		t = blanks(s + strlen(names[i]));
		if (*t++ != ':')
			return NULL;
		while (islower((unsigned char)*t))
			t++;
		t = blanks(t);
		return *t == ':' ? t + 1 : NULL;
	}
	return NULL;
}

/* /dev/kmsg, netconsole: "3,1234,147069016,-,caller=T12;": level, number, microseconds, flags */
static const char *kmsg(const char *s, struct line_stamp *stamp)
{
	unsigned long long n[3];
	uint64_t who;
	char *end;

	for (unsigned i = 0; i < 3; i++) {
		if (!isdigit((unsigned char)*s))
			return NULL;
		n[i] = strtoull(s, &end, 10);
		s = end;
		if (*s++ != ',')
			return NULL;
	}
	end = (char *)s + strcspn(s, "; \t");
	if (*end != ';')
		return NULL;
	stamp->timed = true;
	stamp->time = (double)n[2] / 1e6;
	for (; s < end; s += strcspn(s, ",;") + 1)
		if (!strncmp(s, "caller=", 7) && caller(s + 7, &who))
			stamp->caller = who;
	return end + 1;
}

/* A word of a syslog date: "Jan", "25", "12:00:00", "2024-01-25T12:00:00.123+01:00". */
static bool date_word(const char *s, size_t n)
{
	unsigned digits = 0, colons = 0;

	if (n == 3 && isupper((unsigned char)s[0]) && islower((unsigned char)s[1]) &&
	    islower((unsigned char)s[2]))
		return true;
	for (size_t i = 0; i < n; i++) {
		digits += !!isdigit((unsigned char)s[i]);
		colons += s[i] == ':';
		if (!isdigit((unsigned char)s[i]) && !strchr(":.-+TZ,", s[i]))
			return false;
	}
	return digits && (colons >= 2 || n <= 2 || n == 4 || (n == 10 && s[4] == '-'));
}

/*
 * "Oct 14 18:41:49.056589 VM hypervisor: ", "2024-01-25T12:00:00+01:00 host kernel: ": a date with
 * a time of day, and then words up to one that ends with a colon.
 */
static const char *dated(const char *s, struct line_stamp *stamp)
{
	bool day = false;
	unsigned words = 0;
	const char *t = s;

	for (; words < 6; words++) {
		const size_t n = strcspn(t, " \t");

		if (!n || !date_word(t, n))
			break;
		day |= n >= 8 && memchr(t, ':', n);
		date_add(stamp, t, n);
		t = blanks(t + n);
	}
	if (!day) {
		stamp->dated = false;
		return NULL;
	}
	for (words = 0, s = t; words < 3; words++) {
		const size_t n = strcspn(s, " \t");

		if (!n || *s == '[' || *s == '(')
			break;
		s = blanks(s + n);
		if (s[-1] == ' ' && t < s && n && s - t >= 2) {
			const char *colon = s - 1;

			while (colon > t && (*colon == ' ' || *colon == '\t'))
				colon--;
			/* A program's name contains no colon; a device's does. */
			if (*colon == ':')
				return memchr(colon - n + 1, ':', n - 1) ? t : s;
		}
	}
	return t;
}

/* Journalctl -o export: "MESSAGE=", and -o json, where the rest of the object is ignored. */
static const char *exported(const char *s)
{
	const char *at;

	if (*s == 'M' && !strncmp(s, "MESSAGE=", 8))
		return s + 8;
	if (*s != '{' || !(at = strstr(s, "\"MESSAGE\"")))
		return NULL;
	at = blanks(at + 9);
	if (*at != ':')
		return NULL;
	at = blanks(at + 1);
	return *at == '"' ? at + 1 : NULL;
}

size_t line_prefix(const char *s, struct line_stamp *stamp)
{
	const char *start = s, *next;

	*stamp = (struct line_stamp){ .timed = false };
	s = line_unquoted(s);
	if ((next = dated(s, stamp)))
		s = blanks(next);
	for (;;) {
		next = level(s);
		if (!next)
			next = bracket(s, stamp);
		if (!next)
			next = facility(s);
		if (!next)
			next = kmsg(s, stamp);
		if (!next && *s == '(' && !strncmp(s, "(XEN)", 5))
			next = s + 5;
		if (!next && *s == 'k' && !strncmp(s, "kernel:", 7))
			next = s + 7;
		if (!next)
			next = exported(s);
		if (!next)
			return s - start;
		s = blanks(next);
	}
}

bool line_starts_record(const char *s)
{
	static const char *const starts[] = { "DMAR:",	      "DMAR-IR:", "dmar:",     "[VT-D]",
					      "qemu-system-", "IOMMU:",	  "Call Trace" };
	struct line_stamp stamp;
	const char *t = line_unquoted(s), *body = s + line_prefix(s, &stamp);

	if (!*t || body > t)
		return true;
	for (unsigned i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (*t == *starts[i] && !strncmp(t, starts[i], strlen(starts[i])))
			return true;
	return false;
}

/* ---- several records in one line ---- */

/* True if [@s, @end) has more than prefixes. "repeated 3 times: [" continues with a record. */
static bool has_text(const char *s, const char *end)
{
	struct line_stamp stamp;

	s += line_prefix(s, &stamp);
	if (end - s >= 8 && !memcmp(end - 8, "times: [", 8))
		return false;
	return s < end && strspn(s, " \t") < (size_t)(end - s);
}

/*
 * True if a time, a date or the driver's mark begins at @s, with a blank before it. The mark begins
 * a record only if another mark comes before it, as Xen prints words before its mark.
 */
static bool begins_record(const char *before, const char *s)
{
	struct line_stamp stamp = { .timed = false };

	if (*s == '[')
		return bracket(s, &stamp) && !stamp.caller &&
		       (stamp.timed || isupper((unsigned char)s[1]));
	if (isupper((unsigned char)*s) && islower((unsigned char)s[1]) &&
	    islower((unsigned char)s[2]) && s[3] == ' ')
		return dated(s, &stamp) != NULL;
	if (*s != 'D')
		return false;
	if (strncmp(s, "DMAR: ", 6) && strncmp(s, "DMAR-IR: ", 9) && strncmp(s, "DMAR:[", 6))
		return false;
	return memmem(before, (size_t)(s - before), "DMAR", 4) &&
	       !memmem(before, (size_t)(s - before), "[VT-D]", 6);
}

size_t line_split(const char *s, size_t from)
{
	for (const char *t = s + from; *t; t++) {
		/* The beginnings of records are rarer than blanks, so look for those first. */
		const bool mark = *t == '[' || (*t >= 'A' && *t <= 'Z');

		if (mark && t > s + from && (t[-1] == ' ' || t[-1] == '\t' || t[-1] == '`') &&
		    begins_record(s + from, t) && has_text(s + from, t - 1))
			return (size_t)(t - s);
	}
	return 0;
}
