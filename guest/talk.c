/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than any kernel has. What a guest sends beyond that is ignored. */
#define MOST (64UL << 20)

static void append(struct blob *b, const char *data, size_t n)
{
	if (b->bytes + n >= MOST)
		return;
	if (b->bytes + n >= b->room) {
		size_t room = 2 * (b->bytes + n) + 4096;
		char *more = realloc(b->data, room);

		if (!more)
			return;
		b->data = more;
		b->room = room;
	}
	memcpy(b->data + b->bytes, data, n);
	b->bytes += n;
	b->data[b->bytes] = '\0';
}

static void take_command(struct talk *t, const char *line)
{
	char module[64];
	size_t bytes;

	t->in_symbols = false;
	t->whole = t->symbols.bytes;
	if (sscanf(line, "@kernel %99s", t->kernel) == 1)
		return;
	if (!strcmp(line, "@symbols")) {
		t->in_symbols = true;
	} else if (sscanf(line, "@btf %zu", &bytes) == 1) {
		t->into = &t->btf;
		t->left = bytes;
	} else if (sscanf(line, "@dmesg %zu", &bytes) == 1) {
		t->into = &t->dmesg;
		t->left = bytes;
	} else if (!strncmp(line, "@units ", 7)) {
		t->told_units = true;
		t->units = !strchr(line, '*');
	} else if (sscanf(line, "@loaded %63s", module) == 1) {
		if (!t->module[0])
			snprintf(t->module, sizeof(t->module), "%s", module);
	} else if (!strncmp(line, "@refused ", 9)) {
		snprintf(t->refused, sizeof(t->refused), "%s", line + 9);
	} else if (!strncmp(line, "@stays ", 7)) {
		snprintf(t->stays, sizeof(t->stays), "%s", line + 7);
	} else if (!strcmp(line, "@work")) {
		t->working = true;
	} else if (!strcmp(line, "@worked")) {
		t->worked = true;
	} else if (sscanf(line, "@done %d", &t->result) == 1) {
		t->done = true;
	}
}

static void take_line(struct talk *t)
{
	if (t->line.bytes && t->line.data[0] == '@') {
		take_command(t, t->line.data);
	} else if (t->in_symbols) {
		append(&t->symbols, t->line.data, t->line.bytes);
		append(&t->symbols, "\n", 1);
	}
	t->line.bytes = 0;
}

void talk_take(struct talk *t, const char *data, size_t n)
{
	while (n) {
		const char *end;
		size_t part;

		if (t->left) {
			part = n < t->left ? n : t->left;
			append(t->into, data, part);
			t->left -= part;
		} else {
			end = memchr(data, '\n', n);
			part = end ? (size_t)(end - data) : n;
			append(&t->line, data, part);
			if (end) {
				part++;
				append(&t->line, "", 0);
				take_line(t);
			}
		}
		data += part;
		n -= part;
	}
}

void talk_free(struct talk *t)
{
	free(t->line.data);
	free(t->symbols.data);
	free(t->btf.data);
	free(t->dmesg.data);
}
