/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "names.h"

#include "tracing.h"

#include "input/symbols.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBMIT "qi_submit_sync"

struct names {
	char *text; /* the names point into it */
	struct symbols *symbols;
	char **stand_in;
	size_t stand_ins;
};

struct names *names_new(void)
{
	return calloc(1, sizeof(struct names));
}

void names_free(struct names *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->stand_ins; i++)
		free(n->stand_in[i]);
	free(n->stand_in);
	symbols_free(n->symbols);
	free(n->text);
	free(n);
}

struct names *names_load(const char *path)
{
	struct names *n = names_new();

	if (!n)
		return NULL;
	n->text = read_whole(path, NULL);
	n->symbols = n->text ? symbols_read(n->text) : NULL;
	if (n->symbols)
		return n;
	names_free(n);
	return NULL;
}

uint64_t names_stand_in(struct names *n, const char *name)
{
	char **more;

	for (size_t i = 0; i < n->stand_ins; i++)
		if (!strcmp(n->stand_in[i], name))
			return i + 1;
	more = realloc(n->stand_in, (n->stand_ins + 1) * sizeof(*more));
	if (!more)
		return 0;
	n->stand_in = more;
	n->stand_in[n->stand_ins] = strdup(name);
	return n->stand_in[n->stand_ins] ? ++n->stand_ins : 0;
}

void names_of(const struct names *n, uint64_t address, char name[NAMES_NAME])
{
	const char *found;
	uint64_t offset;

	if (n && address && address <= n->stand_ins)
		found = n->stand_in[address - 1];
	else
		found = n ? symbols_name(n->symbols, address, &offset) : NULL;
	if (found)
		snprintf(name, NAMES_NAME, "%s", found);
	else
		snprintf(name, NAMES_NAME, "0x%" PRIx64, address);
}

/* Functions that the tracer itself has put on the stack. */
static bool is_tracing(const char *name)
{
	return !strncmp(name, "bpf_", 4) || !strncmp(name, "kprobe_", 7) ||
	       !strncmp(name, "kretprobe_", 10) || !strncmp(name, "ftrace_", 7) ||
	       !strncmp(name, "0x", 2) || !strcmp(name, SUBMIT);
}

/*
 * The index of the function that called qi_submit_sync(). If the stack does not have that, the
 * tracer's functions are skipped.
 */
static unsigned first_caller(const struct names *n, const uint64_t *frame, unsigned frames)
{
	char name[NAMES_NAME];
	unsigned first = 0;

	for (unsigned i = 0; i < frames; i++) {
		names_of(n, frame[i], name);
		if (!strcmp(name, SUBMIT))
			first = i + 1;
	}
	for (unsigned i = 0; !first && i < frames; i++) {
		names_of(n, frame[i], name);
		if (!is_tracing(name))
			return i;
	}
	return first;
}

size_t names_fold(const struct names *n, const uint64_t *frame, unsigned frames, unsigned most,
		  char *buf, size_t size)
{
	unsigned first = first_caller(n, frame, frames);
	char name[NAMES_NAME];
	size_t used = 0, length;

	*buf = '\0';
	for (unsigned i = frames - first < most ? frames : first + most; i-- > first;) {
		names_of(n, frame[i], name);
		length = snprintf(buf + used, size - used, "%s%s", used ? ";" : "", name);
		if (length >= size - used)
			return size - 1;
		used += length;
	}
	return used;
}
