/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* story_say.h - addresses, registers and values as text for a story. */
#ifndef LAB_STORY_SAY_H
#define LAB_STORY_SAY_H

#include "story.h"

/* Each fills a buffer of STORY_TEXT bytes. */
void say_register(uint64_t addr, char *text);
void say_register_value(uint64_t addr, uint64_t value, char *text);
void say_value(uint64_t addr, uint64_t value, char *text);
void say_faults(uint64_t fsts, char *text); /* "IQE ITE"; "" if no bit is set */

/* "mine.c:12 copy", or "" */
void say_place(const struct symbol_place *p, char *text);

#endif
