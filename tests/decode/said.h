/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* said.h - what the decoder says of some bytes, as the objects of its JSON. */
#ifndef SAID_H
#define SAID_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct said {
	json_t *all;
	bool problem;	  /* exit code 2 */
	int result;	  /* enum decode_result */
	char error[1000]; /* why the bytes cannot be read, or "" */
};

/* Each of them ends the one before; said_end() ends the last. */
const struct said *said_of(const void *bytes, size_t size);
const struct said *said_of_text(const char *text);
const struct said *said_of_file(const char *path);
/* The same as it is without --blocks: blocks are gathered, and lines of a storm counted. */
const struct said *said_gathered(const char *text);
void said_end(void);

/* The last one ends, and files of run_file() go: for cmocka, when all tests are over. */
int said_clean(void **state);

/* Findings of this id; how often each was seen counts. */
unsigned said_found(const char *id);
/* The text of the first one, or "". */
const char *said_finding(const char *id);
unsigned said_findings(void);

/* Blocks of this kind. */
unsigned said_blocks(const char *kind);
/* A field of the @nth of them: its value, as a word, and its meaning, or NULL. */
const char *said_value(const char *kind, unsigned nth, const char *field);
const char *said_meaning(const char *kind, unsigned nth, const char *field);
/* The field is there, and cut. */
bool said_cut(const char *kind, unsigned nth, const char *field);
/* qw0, qw1, ... of the @row'th descriptor of a block. */
const char *said_word(const char *kind, unsigned nth, unsigned row, unsigned index);
/* Something else of it: "note", "slot", "role". */
const char *said_of_row(const char *kind, unsigned nth, unsigned row, const char *key);
unsigned said_rows(const char *kind, unsigned nth);
/* The time of a block, as a number in words. */
const char *said_time(const char *kind, unsigned nth);
/* Something else of a block: "line", "unit". */
const char *said_of_block(const char *kind, unsigned nth, const char *key);

#endif
