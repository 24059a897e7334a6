/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* answer.h - the JSON object that a run of the program has printed. */
#ifndef ANSWER_H
#define ANSWER_H

#include "run.h"

#include <jansson.h>

/*
 * Fails the test unless the run ended with this exit code and printed one object without duplicate
 * keys.
 */
json_t *answer(const struct run *r, int code);

/* The value of a key, which must exist and have this type. */
json_int_t answer_integer(const json_t *o, const char *key);
double answer_number(const json_t *o, const char *key);

/* Several integers at once: "submissions 8, failed 1". */
void answer_has(const json_t *o, const char *integers);

#endif
