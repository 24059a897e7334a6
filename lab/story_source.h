/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* story_source.h - lines of the code under test, where its files are still there. */
#ifndef LAB_STORY_SOURCE_H
#define LAB_STORY_SOURCE_H

#include "symbol.h"

/*
 * A line of the file that this place is in, without its end; NULL: no such line, or no such file.
 * @root: where files are looked for whose names have been cut when they were compiled, may be NULL.
 */
const char *story_source(const struct symbol_place *place, int line, const char *root);

#endif
