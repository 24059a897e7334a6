/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* said.h - runs the decoder on some bytes, and reads its JSON. */
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

/* Each call ends the result before it; said_end() ends the last one. */
const struct said *said_of(const void *bytes, size_t size);
const struct said *said_of_text(const char *text);
const struct said *said_of_file(const char *path);
/* The same without --blocks: blocks are gathered, and lines of a storm are counted. */
const struct said *said_gathered(const char *text);
void said_end(void);

/* Ends the last result and removes files of run_file(). For cmocka, after all tests. */
int said_clean(void **state);

/* The number of findings with this id, including repetitions. */
unsigned said_found(const char *id);
/* The text of the first one, or "". */
const char *said_finding(const char *id);
unsigned said_findings(void);

/* The number of blocks of this kind. */
unsigned said_blocks(const char *kind);
/*
 * said_value(): the value of a field of the @nth such block, as a string. said_meaning(): its
 * meaning, or NULL.
 */
const char *said_value(const char *kind, unsigned nth, const char *field);
const char *said_meaning(const char *kind, unsigned nth, const char *field);
/* True if the field is there, and truncated. */
bool said_cut(const char *kind, unsigned nth, const char *field);
/* qw0, qw1, ... of the @row'th descriptor of a block. */
const char *said_word(const char *kind, unsigned nth, unsigned row, unsigned index);
/* Another member of the row: "note", "slot", "role". */
const char *said_of_row(const char *kind, unsigned nth, unsigned row, const char *key);
unsigned said_rows(const char *kind, unsigned nth);
/* The time of a block, as a string. */
const char *said_time(const char *kind, unsigned nth);
/* Another member of a block: "line", "unit". */
const char *said_of_block(const char *kind, unsigned nth, const char *key);

#endif
