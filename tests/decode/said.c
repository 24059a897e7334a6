/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "said.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "tests/tool/run.h"

static struct said said;

void said_end(void)
{
	json_decref(said.all);
	memset(&said, 0, sizeof(said));
}

int said_clean(void **state)
{
	said_end();
	return run_end(state);
}

static const struct said *said_file(const char *path, bool all)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	struct decode *d = decode_new(&decode_json, to);

	said_end();
	if (all)
		decode_all_blocks(d);
	decode_file(d, path);
	said.result = decode_end(d);
	said.problem = said.result == DECODE_PROBLEM;
	snprintf(said.error, sizeof(said.error), "%s", decode_error(d));
	decode_free(d);
	fclose(to);
	said.all = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	assert(said.all);
	free(text);
	return &said;
}

const struct said *said_of_file(const char *path)
{
	return said_file(path, true);
}

const struct said *said_gathered(const char *text)
{
	return said_file(run_file("given", text, strlen(text)), false);
}

const struct said *said_of(const void *bytes, size_t size)
{
	return said_of_file(run_file("given", bytes, size));
}

const struct said *said_of_text(const char *text)
{
	return said_of(text, strlen(text));
}

/* ---- findings ---- */

static json_t *finding(size_t i)
{
	return json_array_get(json_object_get(said.all, "findings"), i);
}

static bool is(const json_t *o, const char *key, const char *value)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s && !strcmp(s, value);
}

unsigned said_findings(void)
{
	return json_array_size(json_object_get(said.all, "findings"));
}

unsigned said_found(const char *id)
{
	unsigned n = 0;

	for (size_t i = 0; i < said_findings(); i++)
		if (is(finding(i), "id", id))
			n += json_integer_value(json_object_get(finding(i), "count"));
	return n;
}

const char *said_finding(const char *id)
{
	for (size_t i = 0; i < said_findings(); i++)
		if (is(finding(i), "id", id))
			return json_string_value(json_object_get(finding(i), "text"));
	return "";
}

/* ---- blocks ---- */

static json_t *block(const char *kind, unsigned nth)
{
	json_t *all = json_object_get(said.all, "blocks");

	for (size_t i = 0; i < json_array_size(all); i++)
		if (is(json_array_get(all, i), "kind", kind) && !nth--)
			return json_array_get(all, i);
	return NULL;
}

unsigned said_blocks(const char *kind)
{
	unsigned n = 0;

	while (block(kind, n))
		n++;
	return n;
}

static const char *word(const json_t *value)
{
	static char number[32];

	if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
		return number;
	}
	return json_string_value(value);
}

static json_t *field_of(const char *kind, unsigned nth, const char *field)
{
	return json_object_get(json_object_get(block(kind, nth), "fields"), field);
}

const char *said_value(const char *kind, unsigned nth, const char *field)
{
	return word(json_object_get(field_of(kind, nth, field), "value"));
}

const char *said_meaning(const char *kind, unsigned nth, const char *field)
{
	return word(json_object_get(field_of(kind, nth, field), "text"));
}

bool said_cut(const char *kind, unsigned nth, const char *field)
{
	return json_is_true(json_object_get(field_of(kind, nth, field), "cut"));
}

const char *said_time(const char *kind, unsigned nth)
{
	static char text[40];

	snprintf(text, sizeof(text), "%.6f",
		 json_number_value(json_object_get(block(kind, nth), "time")));
	return text;
}

const char *said_of_block(const char *kind, unsigned nth, const char *key)
{
	return word(json_object_get(block(kind, nth), key));
}

const char *said_word(const char *kind, unsigned nth, unsigned row, unsigned index)
{
	json_t *rows = json_object_get(block(kind, nth), "descriptors");

	return word(json_array_get(json_object_get(json_array_get(rows, row), "qw"), index));
}

const char *said_of_row(const char *kind, unsigned nth, unsigned row, const char *key)
{
	json_t *rows = json_object_get(block(kind, nth), "descriptors");

	return word(json_object_get(json_array_get(rows, row), key));
}

unsigned said_rows(const char *kind, unsigned nth)
{
	return json_array_size(json_object_get(block(kind, nth), "descriptors"));
}
