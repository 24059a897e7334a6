/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* print.h - prints an interval without a terminal: as tables, or as a line of JSON. */
#ifndef LIVE_PRINT_H
#define LIVE_PRINT_H

#include "view.h"

#include <stdio.h>

void print_tables(FILE *to, const struct view *v);

/* One object and a newline; SPEC.md has its keys. False: out of memory. */
bool print_json(FILE *to, const struct view *v);

#endif
