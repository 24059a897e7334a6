/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* One line: what mail, terminals and loggers put around it. */
#include "line.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- bytes ---- */

/* Behind an escape character: the length of a terminal's control sequence, as for colours. */
static size_t escape(const char *s, size_t left)
{
	size_t n = 2;

	if (left < 2 || s[1] != '[')
		return 1;
	while (n < left && (isdigit((unsigned char)s[n]) || s[n] == ';' || s[n] == '?'))
		n++;
	return n < left ? n + 1 : n;
}

/* U+00A0, the blank of web pages and of some mailers; the byte-order mark. */
static size_t utf8_blank(const char *s, size_t left)
{
	if (left >= 2 && !memcmp(s, "\xc2\xa0", 2))
		return 2;
	return left >= 3 && !memcmp(s, "\xef\xbb\xbf", 3) ? 3 : 0;
}

size_t line_clean(char *to, const char *from, size_t size)
{
	const char *end = from + size;
	char *out = to;

	while (from < end) {
		const unsigned char c = *from;
		size_t n;

		if (c >= ' ' && c < 0x7f) {
			*out++ = *from++;
		} else if (c == 0x1b) {
			from += escape(from, end - from);
		} else if ((n = utf8_blank(from, end - from))) {
			*out++ = ' ';
			from += n;
		} else {
			*out++ = c == '\t' ? '\t' : c < ' ' ? ' ' : '?';
			from++;
		}
	}
	while (out > to && out[-1] == ' ')
		out--;
	*out = '\0';
	return out - to;
}

static int upper_hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * In quoted-printable every '=' is followed by two digits, and a real one is "=3D". No kernel
 * prints such an escape by accident: its hexadecimal digits are small letters.
 */
static bool looks_quoted(const char *s, size_t size)
{
	bool equals = false;

	for (size_t i = 0; i < size; i++) {
		if (s[i] != '=')
			continue;
		if (i + 2 >= size || upper_hex(s[i + 1]) < 0 || upper_hex(s[i + 2]) < 0)
			return false;
		equals |= s[i + 1] == '3' && s[i + 2] == 'D';
	}
	return equals;
}

size_t line_unquote_printable(char *s, size_t size, bool sure)
{
	size_t n = 0;

	if (!sure && !looks_quoted(s, size))
		return size;
	for (size_t i = 0; i < size; i++) {
		if (s[i] == '=' && i + 2 < size && upper_hex(s[i + 1]) >= 0 &&
		    upper_hex(s[i + 2]) >= 0) {
			s[n++] = (char)(upper_hex(s[i + 1]) << 4 | upper_hex(s[i + 2]));
			i += 2;
		} else {
			s[n++] = s[i];
		}
	}
	return line_clean(s, s, n);
}

/* ---- the beginning ---- */

const char *line_unquoted(const char *s)
{
	for (;; s++) {
		if (!strncmp(s, "&gt;", 4))
			s += 3;
		else if (*s != '>' && *s != '|' && *s != ' ' && *s != '\t')
			return s;
	}
}

static const char *blanks(const char *s)
{
	return s + strspn(s, " \t");
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

/* "4211.433662": what strtod() would make of it, in a tenth of the time. NULL: something else. */
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

/* "T439", "C3": who prints, in a kernel with CONFIG_PRINTK_CALLER. */
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
	/* `dmesg -H`: "[Jan25 12:00]", and "[  +0.000004]" from there on. */
	if (*t == '+' && seconds(t + 1, &value) == close)
		return close + 1;
	if (isupper((unsigned char)t[0]) && islower((unsigned char)t[1]) &&
	    islower((unsigned char)t[2]) && (close[-3] == ':' && isdigit((unsigned char)close[-1])))
		return close + 1;
	/* A date has a time of day in it, and no PCI address has two colons and blanks around. */
	for (; t < close; t++)
		if (isdigit((unsigned char)t[0]) && t[1] == ':' && isdigit((unsigned char)t[2]) &&
		    isdigit((unsigned char)t[3]) && t[4] == ':' && isdigit((unsigned char)t[5]))
			return close + 1;
	return NULL;
}

/* `dmesg -x`: "kern  :err   : " */
static const char *facility(const char *s)
{
	static const char *const names[] = { "kern", "user", "daemon", "syslog", "auth" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *t = s + strlen(names[i]);

		if (strncmp(s, names[i], strlen(names[i])))
			continue;
		t = blanks(t);
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

/* A word of syslog's date: "Jan", "25", "12:00:00", "2024-01-25T12:00:00.123+01:00". */
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
 * "Oct 14 18:41:49.056589 VM hypervisor: ", "2024-01-25T12:00:00+01:00 host kernel: ": a date
 * with a time of day, and then words up to one that ends with a colon.
 */
static const char *dated(const char *s)
{
	bool day = false;
	unsigned words = 0;
	const char *t = s;

	for (; words < 6; words++) {
		const size_t n = strcspn(t, " \t");

		if (!n || !date_word(t, n))
			break;
		day |= n >= 8 && memchr(t, ':', n);
		t = blanks(t + n);
	}
	if (!day)
		return NULL;
	for (words = 0, s = t; words < 3; words++) {
		const size_t n = strcspn(s, " \t");

		if (!n || *s == '[' || *s == '(')
			break;
		s = blanks(s + n);
		if (s[-1] == ' ' && t < s && n && s - t >= 2) {
			const char *colon = s - 1;

			while (colon > t && (*colon == ' ' || *colon == '\t'))
				colon--;
			/* No program's name has a colon in it, but a device's has. */
			if (*colon == ':')
				return memchr(colon - n + 1, ':', n - 1) ? t : s;
		}
	}
	return t;
}

size_t line_prefix(const char *s, struct line_stamp *stamp)
{
	const char *start = s, *next;

	*stamp = (struct line_stamp){ false, 0, 0 };
	s = line_unquoted(s);
	if ((next = dated(s)))
		s = blanks(next);
	for (;;) {
		next = level(s);
		if (!next)
			next = bracket(s, stamp);
		if (!next)
			next = facility(s);
		if (!next)
			next = kmsg(s, stamp);
		if (!next && !strncmp(s, "(XEN)", 5))
			next = s + 5;
		if (!next && !strncmp(s, "kernel:", 7))
			next = s + 7;
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
		if (!strncmp(t, starts[i], strlen(starts[i])))
			return true;
	return false;
}
