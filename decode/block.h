/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * block.h - what a recogniser has read, ready to be reported: one record, dump or table.
 *
 * A block has fields, and rows if it holds descriptors. Strings are copied, and may hold anything
 * printable. Out of memory ends the program.
 */
#ifndef DECODE_BLOCK_H
#define DECODE_BLOCK_H

#include <describe/describe.h>
#include <qinval/desc.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_form {
	FIELD_TEXT,   /* text only */
	FIELD_NUMBER, /* JSON: a number; for people: decimal */
	FIELD_HEX,    /* JSON: a string, as addresses and words do not fit into its numbers */
	FIELD_CUT,    /* the input has the name, and not all of the value */
};

struct field {
	char *name;
	enum field_form form;
	uint64_t value;
	char *text; /* what it means, or NULL */
};

/* What is known of a slot's status: debugfs prints Linux's. */
enum { SLOT_UNKNOWN = -1, SLOT_FREE, SLOT_IN_USE, SLOT_DONE, SLOT_ABORT };

/* A descriptor. Of qw0..qw3 `words` have been given; those are the bits of `known` that are set. */
struct row {
	uint64_t line;
	struct qi_desc desc;
	uint8_t words;
	uint8_t known;
	const char *unit; /* in a block of several units: a name of the facts, which outlive it */
	const char *role; /* "HEAD", "PRIOR", a constant; or NULL */
	long slot;	  /* where it was in the ring, or -1 */
	long status;	  /* SLOT_*, or another value that was in the dump */
	bool open;	  /* the input ends right behind it: digits may be missing */
	bool inferred;	  /* the slot was worked out from the status address */
	char *note;	  /* what is to be said of it, or NULL */
};

struct block {
	const char *kind; /* a constant: SPEC.md lists them */
	char *title;	  /* for people */
	uint64_t line, last;
	bool timed;
	double time;
	char *unit;	 /* "dmar0", or NULL: not said */
	bool wide;	 /* qw2 and qw3 were in the ring */
	bool unread;	 /* rows are from nowhere, as the registers could not be read: no judging */
	bool as_ring;	 /* rows are a ring's slots: draw it, and do not list them one by one */
	long head, tail; /* of a ring, slots; -1: not said */
	struct field *field;
	unsigned fields;
	struct row *row;
	unsigned rows;
	uint64_t count; /* this one and those that were gathered with it */
	/* Of gathered ones: the last one's time; from where to where their addresses go. */
	double until;
	const char *spread; /* a field's name, a constant; NULL: they are equal */
	uint64_t least, most;
	uint64_t left_out; /* rows that are not kept */
	char *figure;	   /* markup for the page, or NULL */
};

struct block *block_new(const char *kind, uint64_t line, const char *title);
void block_free(struct block *b);

/* @meaning: a format, or NULL. */
void block_number(struct block *b, const char *name, uint64_t value, const char *meaning, ...)
	__attribute__((format(printf, 4, 5)));
void block_hex(struct block *b, const char *name, uint64_t value, const char *meaning, ...)
	__attribute__((format(printf, 4, 5)));
void block_text(struct block *b, const char *name, const char *text, ...)
	__attribute__((format(printf, 3, 4)));
void block_cut(struct block *b, const char *name);
void block_unit(struct block *b, const char *name, size_t length);

/* The field's value; false if there is none of that name with one. */
bool block_value(const struct block *b, const char *name, uint64_t *value);

/* Another row, with nothing known. Valid until the next is added. */
struct row *block_row(struct block *b, uint64_t line, const char *role);
void row_word(struct row *r, unsigned index, uint64_t value);
/* qw0 and qw1 are there: it can be decoded. */
bool row_whole(const struct row *r);
/* A field that lies in qw0 whole: it is known when the rest of the descriptor is cut off. */
bool row_field_in_qw0(const struct qi_desc *qw0_alone, const char *name);

/* Do the two say the same, but for where and when? */
bool block_same(const struct block *a, const struct block *b);

/* "af:00.3" */
#define SID_TEXT 8
const char *sid_text(char to[SID_TEXT], unsigned sid);

/* Of a field that is a source id: which device it is. NULL: it is no source id. */
const char *field_sid_text(char to[SID_TEXT], const struct qi_field *f);

/* Which system's waits have this status data; NULL: no known system's. */
const char *status_data_text(uint64_t data);

char *text_format(const char *format, va_list ap);
char *text_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_copy(const char *s, size_t length);

#endif
