/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* token.h - a counterexample in a line of text: see SPEC.md. */
#ifndef EXPLORE_TOKEN_H
#define EXPLORE_TOKEN_H

#include <lab/engine.h>
#include <lab/script.h>

#include "arguments.h"

/* To be freed; NULL: no memory. */
char *token_of(const struct explore_arguments *a, const struct lab_params *p,
	       const struct script_run *run);

/* Take from --replay what other options say elsewhere. Its steps; NULL: it has said why. */
const char *token_take(struct explore_arguments *a);

#endif
