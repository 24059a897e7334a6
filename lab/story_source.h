/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* story_source.h - source lines of the code under test, if its files still exist. */
#ifndef LAB_STORY_SOURCE_H
#define LAB_STORY_SOURCE_H

#include "symbol.h"

/*
 * A line of this place's file, without its newline; NULL: no such line or file. @root: the
 * directory for files whose paths were cut by the compiler; may be NULL.
 */
const char *story_source(const struct symbol_place *place, int line, const char *root);

#endif
