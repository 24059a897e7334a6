/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *sure(void *p)
{
	if (p)
		return p;
	fputs("qinval decode: out of memory\n", stderr);
	exit(1);
}

char *text_format(const char *format, va_list ap)
{
	char *s;

	if (vasprintf(&s, format, ap) < 0)
		sure(NULL);
	return s;
}

char *text_print(const char *format, ...)
{
	va_list ap;
	char *s;

	va_start(ap, format);
	s = text_format(format, ap);
	va_end(ap);
	return s;
}

char *text_copy(const char *s, size_t length)
{
	return sure(strndup(s, length));
}

const char *sid_text(char to[SID_TEXT], unsigned sid)
{
	snprintf(to, SID_TEXT, "%02x:%02x.%x", sid >> 8 & 0xff, sid >> 3 & 0x1f, sid & 7);
	return to;
}

const char *field_sid_text(char to[SID_TEXT], const struct qi_field *f)
{
	if (!strcmp(f->name, "PFSID") && !f->value)
		return "none";
	if (strcmp(f->name, "SID") && strcmp(f->name, "PFSID") && strcmp(f->name, "RID"))
		return NULL;
	return sid_text(to, (unsigned)f->value);
}

const char *status_data_text(uint64_t data)
{
	return data == 2	 ? "as Linux has it (QI_DONE)"
	       : data == 1	 ? "as Xen has it"
	       : data >> 31 == 1 ? "as qinval's core has it, a tag"
				 : NULL;
}

struct block *block_new(const char *kind, uint64_t line, const char *title)
{
	struct block *b = sure(calloc(1, sizeof(*b)));

	b->kind = kind;
	b->title = text_copy(title, strlen(title));
	b->line = b->last = line;
	b->count = 1;
	b->head = b->tail = -1;
	return b;
}

void block_free(struct block *b)
{
	if (!b)
		return;
	for (unsigned i = 0; i < b->fields; i++) {
		free(b->field[i].name);
		free(b->field[i].text);
	}
	for (unsigned i = 0; i < b->rows; i++)
		free(b->row[i].note);
	free(b->field);
	free(b->row);
	free(b->title);
	free(b->unit);
	free(b->figure);
	free(b);
}

/* Make room for one more element; arrays grow at powers of two. */
static void *room(void *array, unsigned count, size_t size)
{
	if (count & (count - 1))
		return array;
	return sure(realloc(array, (count ? 2 * (size_t)count : 1) * size));
}

/* No record has more fields: then its end was missed, and memory must not grow with the input. */
#define MOST_FIELDS 512

static void add(struct block *b, const char *name, enum field_form form, uint64_t value, char *text)
{
	if (b->fields > MOST_FIELDS) {
		free(text);
		return;
	}
	if (b->fields == MOST_FIELDS) {
		free(text);
		name = "what follows";
		form = FIELD_CUT;
		value = 0;
		text = NULL;
	}
	b->field = room(b->field, b->fields, sizeof(*b->field));
	b->field[b->fields++] = (struct field){ text_copy(name, strlen(name)), form, value, text };
}

/* -Wformat-security asks for the format attribute here, but the callers have it. */
#define MEANING(text, meaning)                                    \
	do {                                                      \
		va_list ap;                                       \
		va_start(ap, meaning);                            \
		text = meaning ? text_format(meaning, ap) : NULL; \
		va_end(ap);                                       \
	} while (0)

void block_number(struct block *b, const char *name, uint64_t value, const char *meaning, ...)
{
	char *text;

	MEANING(text, meaning);
	add(b, name, FIELD_NUMBER, value, text);
}

void block_hex(struct block *b, const char *name, uint64_t value, const char *meaning, ...)
{
	char *text;

	MEANING(text, meaning);
	add(b, name, FIELD_HEX, value, text);
}

void block_text(struct block *b, const char *name, const char *text, ...)
{
	char *all;

	MEANING(all, text);
	add(b, name, FIELD_TEXT, 0, all);
}

void block_cut(struct block *b, const char *name)
{
	add(b, name, FIELD_CUT, 0, NULL);
}

void block_unit(struct block *b, const char *name, size_t length)
{
	free(b->unit);
	b->unit = text_copy(name, length);
}

bool block_value(const struct block *b, const char *name, uint64_t *value)
{
	for (unsigned i = 0; i < b->fields; i++) {
		const struct field *f = &b->field[i];

		if (strcmp(f->name, name) || (f->form != FIELD_NUMBER && f->form != FIELD_HEX))
			continue;
		*value = f->value;
		return true;
	}
	return false;
}

struct row *block_row(struct block *b, uint64_t line, const char *role)
{
	b->row = room(b->row, b->rows, sizeof(*b->row));
	b->row[b->rows] = (struct row){
		.line = line, .role = role, .words = 2, .slot = -1, .status = SLOT_UNKNOWN
	};
	return &b->row[b->rows++];
}

void row_word(struct row *r, unsigned index, uint64_t value)
{
	uint64_t *word[] = { &r->desc.qw0, &r->desc.qw1, &r->desc.qw2, &r->desc.qw3 };

	*word[index] = value;
	r->known |= 1U << index;
	if (index >= r->words)
		r->words = 4;
}

bool row_whole(const struct row *r)
{
	return (r->known & 3) == 3;
}

bool row_field_in_qw0(const struct qi_desc *qw0_alone, const char *name)
{
	static const char *const elsewhere[] = { "ADDR",	   "AM",   "IH",  "S",
						 "status address", "PRGI", "LPIG" };

	if (qi_desc_type(qw0_alone) == QI_DEIOTLB_TYPE && !strcmp(name, "G"))
		return false;
	for (unsigned i = 0; i < sizeof(elsewhere) / sizeof(*elsewhere); i++)
		if (!strcmp(name, elsewhere[i]))
			return false;
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_row(const struct row *a, const struct row *b)
{
	return !memcmp(&a->desc, &b->desc, sizeof(a->desc)) && a->words == b->words &&
	       a->known == b->known && same_text(a->unit, b->unit) && same_text(a->role, b->role) &&
	       a->slot == b->slot && a->status == b->status && same_text(a->note, b->note);
}

bool block_same(const struct block *a, const struct block *b)
{
	if (strcmp(a->kind, b->kind) || strcmp(a->title, b->title) || !same_text(a->unit, b->unit))
		return false;
	if (a->fields != b->fields || a->rows != b->rows || a->head != b->head ||
	    a->tail != b->tail)
		return false;
	for (unsigned i = 0; i < a->fields; i++)
		if (strcmp(a->field[i].name, b->field[i].name) ||
		    a->field[i].form != b->field[i].form ||
		    a->field[i].value != b->field[i].value ||
		    !same_text(a->field[i].text, b->field[i].text))
			return false;
	for (unsigned i = 0; i < a->rows; i++)
		if (!same_row(&a->row[i], &b->row[i]))
			return false;
	return true;
}
