/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* option.h - what subcommands take from their command lines. */
#ifndef OPTION_H
#define OPTION_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal, 0x and 0 as in C; nothing before it, nothing behind it. */
bool option_to_number(const char *text, uint64_t *n);

/* The same for --@name. If it is none, or out of range, the program says so and ends. */
uint64_t option_number(struct argp_state *state, const char *name, const char *text, uint64_t least,
		       uint64_t most);

/* One of those, which end with 0 and are what is expected, or it ends the program likewise. */
unsigned option_one_of(struct argp_state *state, const char *name, const char *text,
		       const unsigned *values, const char *expected);

/* --width: of descriptors, in bits. */
unsigned option_width(struct argp_state *state, const char *text);

/*
 * What most options do: store their value in the structure that is argp's input. A subcommand has a
 * table of these, ending with kind 0, and its parser begins with option_store(): 0 stored,
 * ARGP_ERR_UNKNOWN: not in the table.
 */
enum option_kind {
	OPTION_FLAG = 1, /* a bool becomes true */
	OPTION_TEXT,	 /* a const char * */
	OPTION_NUMBER,	 /* a uint64_t, of option_number() */
	OPTION_UNSIGNED, /* an unsigned, likewise; most <= UINT_MAX */
};

struct option_place {
	int key;
	enum option_kind kind;
	size_t at; /* offsetof() */
	uint64_t least, most;
};

error_t option_store(const struct option_place *places, const struct argp_option *options, int key,
		     char *text, struct argp_state *state);

/*
 * QINVAL_TIMEOUT_MULTIPLIER: on a machine that is slow, or busy, what answers late is taken for
 * silent only after as many times as long. 1 to 1000.
 */
double option_patience(void);

#endif
