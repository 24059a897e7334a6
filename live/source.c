/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef LIVE_BPF
const struct source_ops *const source_bpf;
#endif
#ifndef LIVE_TRACEFS
const struct source_ops *const source_kprobes, *const source_tracepoint;
#endif

static const struct {
	const char *name;
	const struct source_ops *const *ops;
	const char *needs; /* what it needs at build time */
} sources[] = {
	{ "bpf", &source_bpf, "libbpf and clang" },
	{ "kprobes", &source_kprobes, "libtracefs" },
	{ "tracepoint", &source_tracepoint, "libtracefs" },
};

#define SOURCES (sizeof(sources) / sizeof(*sources))

static bool open_one(struct source *s, unsigned i, char *error)
{
	s->ops = *sources[i].ops;
	if (s->ops)
		return s->ops->open(s, error);
	snprintf(error, SOURCE_ERROR, "this qinval was built without %s", sources[i].needs);
	return false;
}

static bool open_named(struct source *s, const char *by, char *error)
{
	for (unsigned i = 0; i < SOURCES; i++)
		if (!strcmp(by, sources[i].name))
			return open_one(s, i, error);
	snprintf(error, SOURCE_ERROR, "--by %s: there are bpf, kprobes and tracepoint", by);
	return false;
}

bool source_open(struct source *s, const char *by, char *note, char *error)
{
	char why[SOURCE_ERROR] = "";
	size_t used = 0;

	*note = *error = '\0';
	if (by)
		return open_named(s, by, error);
	for (unsigned i = 0; i < SOURCES; i++) {
		if (open_one(s, i, why)) {
			snprintf(note, SOURCE_ERROR, "%s", error);
			return true;
		}
		used += snprintf(error + used, SOURCE_ERROR - used, "%snot by %s: %s",
				 i ? "; " : "", sources[i].name, why);
		if (used >= SOURCE_ERROR)
			used = SOURCE_ERROR - 1;
	}
	if (geteuid())
		snprintf(error, SOURCE_ERROR,
			 "this takes root, as in sudo qinval top (--by says why for each source)");
	return false;
}
