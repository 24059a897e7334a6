/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* option.h - parsing of command line options. */
#ifndef OPTION_H
#define OPTION_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parse a number, decimal or with 0x or 0 as in C, without anything before or after it. */
bool option_to_number(const char *text, uint64_t *n);

/* The same for --@name. If it is no number or out of range, a message ends the program. */
uint64_t option_number(struct argp_state *state, const char *name, const char *text, uint64_t least,
		       uint64_t most);

/* The same, if it has to be one of these numbers, a list that ends with 0. */
unsigned option_one_of(struct argp_state *state, const char *name, const char *text,
		       const unsigned *values, const char *expected);

/* --width: the descriptor width in bits. */
unsigned option_width(struct argp_state *state, const char *text);

/*
 * For options whose value is stored in the structure that is argp's input. A subcommand has a table
 * of these, which ends with kind 0, and its parser calls option_store() first: 0: stored;
 * ARGP_ERR_UNKNOWN: not in the table.
 */
enum option_kind {
	OPTION_FLAG = 1, /* set a bool */
	OPTION_TEXT,	 /* a const char * */
	OPTION_NUMBER,	 /* a uint64_t, parsed by option_number() */
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
 * QINVAL_TIMEOUT_MULTIPLIER, 1 to 1000: time limits are multiplied by this on a slow or busy
 * machine.
 */
double option_patience(void);

#endif
