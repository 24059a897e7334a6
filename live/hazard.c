/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "hazard.h"

#include "source.h"
#include "tracing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define FUNCTION "qi_submit_sync"

/* Tried: 6.12 does not have the defect. All earlier kernels are treated like 6.1. */
#define MENDED_MAJOR 6
#define MENDED_MINOR 12

static bool is_mended(const char *release)
{
	unsigned major = 0, minor = 0;

	return sscanf(release, "%u.%u", &major, &minor) == 2 &&
	       (major > MENDED_MAJOR || (major == MENDED_MAJOR && minor >= MENDED_MINOR));
}

/* "qi_submit_sync (1) R I   tramp: ...": a count, letters, and then words in small letters. */
static bool is_taken_over(const char *line)
{
	const char *s = strchr(line, ')');

	if (!s)
		return false;
	for (s++; *s == ' ' || *s == '\t' || (*s >= 'A' && *s <= 'Z'); s++)
		if (*s == 'I' && (s[1] == ' ' || s[1] == '\t' || s[1] == '\n' || !s[1]))
			return true;
	return false;
}

static const char *line_of(const char *text, const char *function)
{
	size_t n = strlen(function);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (!strncmp(text, function, n) && (text[n] == ' ' || text[n] == '\t'))
			return text;
	}
	return NULL;
}

bool hazard_allows(const char *enabled_functions, const char *release, char *error)
{
	char line[200];
	const char *at;

	if (is_mended(release))
		return true;
	if (!enabled_functions) {
		snprintf(
			error, SOURCE_ERROR,
			"cannot read enabled_functions of tracefs, so cannot see whether " FUNCTION
			"() is live-patched; a BPF program on a patched function stops the tracing "
			"of kernel %s for good",
			release);
		return false;
	}
	at = line_of(enabled_functions, FUNCTION);
	if (!at)
		return true;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	if (!is_taken_over(line))
		return true;
	snprintf(error, SOURCE_ERROR,
		 FUNCTION
		 "() is live-patched or hooked by another program (enabled_functions has I); a BPF "
		 "program beside that stops the tracing of kernel %s for good and may hang it",
		 release);
	return false;
}

bool hazard_allows_bpf(char *error)
{
	char *text = tracing_read("enabled_functions");
	struct utsname u;
	bool allowed;

	uname(&u);
	allowed = hazard_allows(text, u.release, error);
	free(text);
	return allowed;
}
