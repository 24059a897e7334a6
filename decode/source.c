/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Recognises lines of source code and manuals: the messages that they contain have not happened. */
#include "line.h"

#include <ctype.h>
#include <string.h>

static bool begins(const char *s, const char *const *with)
{
	for (; *with; with++)
		if (*s == **with && !strncmp(s, *with, strlen(*with)))
			return true;
	return false;
}

/* "%llx", "%02x", "%pp", "%\"PRIx64": the format of a number, which is not printed yet. */
static bool has_format(const char *s, const char *end)
{
	while ((s = memchr(s, '%', (size_t)(end - s)))) {
		s++;
		s += strspn(s, "-+#0123456789.*");
		if (*s == '"' && !strncmp(s + 1 + strspn(s + 1, " "), "PRI", 3))
			return true;
		s += strspn(s, "hlzjtqL");
		if (s < end && strchr("diuoxXcspn", *s) &&
		    (*s == 'p' || !isalnum((unsigned char)s[1])))
			return true;
	}
	return false;
}

/* True if a statement or a declaration ends here. */
static bool ends_statement(const char *s, const char *end)
{
	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (end - s < 2)
		return false;
	if (end[-1] == ';' || end[-1] == '{')
		return memchr(s, '(', (size_t)(end - s)) || memchr(s, '=', (size_t)(end - s)) ||
		       end[-1] == '{';
	return false;
}

/*
 * True for a string literal in source code: quoted text that is an argument, or contains a newline
 * escape.
 */
static bool has_literal(const char *s, const char *end)
{
	const char *quote = memchr(s, '"', (size_t)(end - s)), *last;

	if (!quote || *s == '{') /* a logger's JSON */
		return false;
	/* Its beginning may be in the previous line, which was broken at a column. */
	if (memmem(s, (size_t)(end - s), "\\n\"", 3))
		return true;
	/* The line begins with a literal in a call: "arm-smmu global fault", smmu); */
	if (quote == s && (last = memchr(s + 1, '"', (size_t)(end - s - 1))) && last + 1 < end &&
	    (last[1] == ',' || last[1] == ')') && end[-1] == ';')
		return true;
	if (quote > s &&
	    (quote[-1] == '(' || (quote - s > 1 && quote[-1] == ' ' && quote[-2] == ',')))
		return true;
	last = end - 1;
	while (last > quote && (*last == ' ' || *last == '\t'))
		last--;
	return quote == s && (*last == ',' || *last == ')') && last[-1] == '"';
}

/* The same for a broken line: it ends, as a literal does, in a later line. */
static bool has_broken_literal(const struct line *l, const char *s)
{
	const char *own = l->text + l->own, *close;

	if (*s != '"' || memchr(s + 1, '"', (size_t)(own - s - 1)))
		return false;
	close = memchr(own, '"', l->len - l->own);
	return close && (!memcmp(close - 2, "\\n", 2) || (close[1] && strchr(",);", close[1])));
}

/* The name of a source file: "dmar.c", "setup.S". */
static bool program_name(const char *s, const char *end)
{
	static const char *const endings[] = {
		".c", ".h", ".S", ".cc", ".cpp", ".rs", ".py", ".rst"
	};

	for (unsigned i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		const long n = (long)strlen(endings[i]);

		if (end - s > n && !memcmp(end - n, endings[i], (size_t)n))
			return true;
	}
	return false;
}

/*
 * Skips what grep and editors put before a line: "drivers/iommu/dmar.c:1288:", "dmar.c-1289-", "
 * 1288\t". Returns the beginning of the line; *named: it is from a source file, whatever it
 * contains.
 */
static const char *listed(const char *s, const char *end, bool *named)
{
	const char *t = s, *number;

	*named = false;
	while (t < end && !*named && !strchr(" \t(\"", *t)) {
		*named = (*t == ':' || *t == '-') && program_name(s, t);
		t++;
	}
	if (*named)
		s = t;
	number = s + strspn(s, " ");
	t = number + strspn(number, "0123456789");
	return t > number && t < end && strchr(":-\t ", *t) ? t + 1 : s;
}

bool line_is_source(const struct line *l)
{
	static const char *const starts[] = {
		"#define ", "#include ", "#if ",    "#ifdef ",	"#ifndef ", "#endif",	 "#else",
		"//",	    "/*",	 "*/",	    "+\t",	"-\t",	    "+#define ", ".\\\"",
		"pr_err(",  "pr_info(",	 "printk(", "dev_err(", "panic(\"", "@@ -",	 "static ",
		"return ",  "if (",	 "} else",  NULL
	};
	const char *s = l->text + l->body, *end = l->text + l->own;
	bool named;

	/* A line with a log's prefix was printed. */
	if (l->record)
		return has_format(s, end);
	s = listed(s, end, &named);
	s += strspn(s, " \t");
	if (s >= end)
		return false;
	if (named)
		return true;
	if (s[0] == '*' && (s[1] == ' ' || s[1] == '\t') && !strstr(s, "DMAR:"))
		return true;
	return begins(s, starts) || has_format(s, end) || ends_statement(s, end) ||
	       has_literal(s, end) || has_broken_literal(l, s);
}
