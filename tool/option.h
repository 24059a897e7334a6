/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* option.h - what subcommands take from their command lines. */
#ifndef OPTION_H
#define OPTION_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

/* Decimal, 0x and 0 as in C; nothing before it, nothing behind it. */
bool option_to_number(const char *text, uint64_t *n);

/* The same for --@name. If it is none, or out of range, the program says so and ends. */
uint64_t option_number(struct argp_state *state, const char *name, const char *text, uint64_t least,
		       uint64_t most);

/*
 * QINVAL_TIMEOUT_MULTIPLIER: on a machine that is slow, or busy, what answers late is taken for
 * silent only after as many times as long. 1 to 1000.
 */
double option_patience(void);

#endif
