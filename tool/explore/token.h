/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* token.h - a counterexample as one line of text: see SPEC.md. */
#ifndef EXPLORE_TOKEN_H
#define EXPLORE_TOKEN_H

#include <lab/engine.h>
#include <lab/script.h>

#include "arguments.h"

/* The caller frees it; NULL: no memory. */
char *token_of(const struct explore_arguments *a, const struct lab_params *p,
	       const struct script_run *run);

/* Parse --replay into the options. Returns its steps; NULL: a message says why not. */
const char *token_take(struct explore_arguments *a);

#endif
