/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * block.h - what a recogniser has read and hands over: one record, dump or table.
 *
 * A block has fields, and rows if it holds descriptors. Strings are copied; they may contain any
 * printable characters. Running out of memory ends the program.
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
	FIELD_NUMBER, /* in JSON a number, in text decimal */
	FIELD_HEX,    /* in JSON a string, as addresses and words do not fit into JSON's numbers */
	FIELD_CUT,    /* the input has the name, but not the whole value */
};

struct field {
	char *name;
	enum field_form form;
	uint64_t value;
	char *text; /* what it means, or NULL */
};

/* The status of a slot, if known: Linux's values, as debugfs prints them. */
enum { SLOT_UNKNOWN = -1, SLOT_FREE, SLOT_IN_USE, SLOT_DONE, SLOT_ABORT };

/* A descriptor. `words` of qw0..qw3 are given; the set bits of `known` say which. */
struct row {
	uint64_t line;
	struct qi_desc desc;
	uint8_t words;
	uint8_t known;
	const char *unit; /* in a block about several units; the string outlives the block */
	const char *role; /* "HEAD", "PRIOR" (constants), or NULL */
	long slot;	  /* its slot in the ring, or -1 */
	long status;	  /* SLOT_*, or another value from the dump */
	bool open;	  /* the input ends right after it, so digits may be missing */
	bool inferred;	  /* the slot was computed from the status address */
	char *note;	  /* remarks about it, or NULL */
};

struct block {
	const char *kind; /* a constant from the list in SPEC.md */
	char *title;	  /* for the text report */
	uint64_t line, last;
	bool timed;
	double time;
	char *unit; /* "dmar0", or NULL: unknown */
	bool wide;  /* the ring had qw2 and qw3 */
	/* The registers could not be read, so the rows are meaningless: do not judge them. */
	bool unread;
	bool as_ring;	 /* the rows are slots of a ring: draw it instead of listing them */
	long head, tail; /* slots; -1: unknown */
	struct field *field;
	unsigned fields;
	struct row *row;
	unsigned rows;
	uint64_t count; /* the number of equal blocks that were combined */
	/* For combined blocks: the time of the last one, and the range of their addresses. */
	double until;
	/* The name of the field that differs (a constant); NULL: all are equal. */
	const char *spread;
	uint64_t least, most;
	uint64_t left_out; /* rows that were dropped */
	char *figure;	   /* markup for the HTML report, or NULL */
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

/* The value of a field. False: there is no field of this name with a value. */
bool block_value(const struct block *b, const char *name, uint64_t *value);

/* Add a row without contents. It is valid until the next one is added. */
struct row *block_row(struct block *b, uint64_t line, const char *role);
void row_word(struct row *r, unsigned index, uint64_t value);
/* True if qw0 and qw1 are there, so that it can be decoded. */
bool row_whole(const struct row *r);
/* True if the field lies within qw0: it is known even if the rest of the descriptor is cut off. */
bool row_field_in_qw0(const struct qi_desc *qw0_alone, const char *name);

/* True if both are equal except for place and time. */
bool block_same(const struct block *a, const struct block *b);

/* "af:00.3" */
#define SID_TEXT 8
const char *sid_text(char to[SID_TEXT], unsigned sid);

/* If the field is a source id, the device as text; otherwise NULL. */
const char *field_sid_text(char to[SID_TEXT], const struct qi_field *f);

/* The system whose waits have this status data; NULL: no known system. */
const char *status_data_text(uint64_t data);

char *text_format(const char *format, va_list ap);
char *text_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_copy(const char *s, size_t length);

#endif
