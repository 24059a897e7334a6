/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Finds messages about the queue's errors in a line, and decides whether the kernel printed them.
 */
#include "dmesg_qi.h"
#include "scan.h"

#include <string.h>

static const char *const message[QI_MESSAGES] = {
	[QI_IQE] = "VT-d detected Invalidation Queue Error",
	[QI_ITE] = "VT-d detected Invalidation Time-out Error",
	[QI_ICE] = "VT-d detected Invalidation Completion Error",
	[QI_CLEARED + QI_IQE] = "Invalidation Queue Error (IQE) cleared",
	[QI_CLEARED + QI_ITE] = "Invalidation Time-out Error (ITE) cleared",
	[QI_CLEARED + QI_ICE] = "Invalidation Completion Error (ICE) cleared",
	[QI_HEAD] = "QI HEAD",
	[QI_PRIOR] = "QI PRIOR",
	[QI_OLD] = "VT-d detected invalid descriptor",
};

/* True if @words are at @s, or the line ends within them. */
static bool goes_on(const struct line *l, const char *s, const char *words)
{
	const char *own = l->text + l->own;

	for (; *words && s < own; words++) {
		if (*words != ' ' && *s++ != *words)
			return false;
		while (*words == ' ' && s < own && (*s == ' ' || *s == '\t'))
			s++;
	}
	return true;
}

/*
 * True if it is a message and not text about one, or source code: it comes after "DMAR:" or at the
 * beginning of the record, and is followed by what the kernel prints.
 */
static bool is_message(const struct line *l, unsigned i, const char *at, const char *behind)
{
	const char *before = at, *own = l->text + l->own;

	while (before > l->text && (before[-1] == ' ' || before[-1] == '\t'))
		before--;
	if (at != l->text + l->body &&
	    (before - l->text < 5 || strncasecmp(before - 5, "DMAR:", 5)))
		return false;
	if (behind < own && memchr(behind, '%', (size_t)(own - behind)))
		return false;
	if (i < QI_ERRORS)
		return goes_on(l, behind, i == QI_IQE ? ": Reason " : ": SID ");
	return i < QI_HEAD || goes_on(l, behind, ": ");
}

unsigned qi_first_message(const struct line *l, const char *s, const char **at, const char **behind)
{
	unsigned best = QI_MESSAGES;

	*at = NULL;
	for (unsigned i = 0; i < QI_MESSAGES; i++) {
		const char *after, *found = scan_find(l, s, message[i], &after);

		while (found && !is_message(l, i, found, after))
			found = scan_find(l, after, message[i], &after);
		if (!found || (*at && found >= *at))
			continue;
		best = i;
		*at = found;
		*behind = after;
	}
	return best;
}

bool qi_message_begun(const struct line *l)
{
	const char *at = l->text, *rest = NULL, *own = l->text + l->own;
	size_t n;

	while (scan_find(l, at, "DMAR:", &at))
		rest = at;
	if (!rest)
		return false;
	rest += strspn(rest, " ");
	n = rest < own ? (size_t)(own - rest) : 0;
	for (unsigned i = 0; n >= 2 && i < QI_MESSAGES; i++)
		if (n < strlen(message[i]) && !strncmp(message[i], rest, n))
			return true;
	return false;
}
